#include "govern/frozen.h"

#include "govern/measure.h"

const ar_migration ar_frozen_migrations[] = {
    { 462, "what the metrics came to at each snapshot",
      "CREATE TABLE ar.snapshot_metric (snapshot BIGINT, metric VARCHAR, place BIGINT,"
      " title VARCHAR, report VARCHAR, pillar VARCHAR, now VARCHAR, goal VARCHAR, value DOUBLE,"
      " met BOOLEAN, numerator BIGINT, denominator BIGINT, unknown BIGINT, rows BIGINT);" },
    { 0 },
};

static ar_err keep(ar_append *to, int64_t snapshot, size_t place, const ar_metric *m,
                   const ar_measure *measure, ar_arena *arena)
{
    ar_value row[] = { ar_int(snapshot),
                       ar_text(m->id),
                       ar_int((int64_t)place),
                       ar_text(m->title),
                       ar_text(m->report),
                       ar_text(m->pillar),
                       ar_text_or_null(ar_measure_text(m, measure->value, arena)),
                       ar_text_or_null(ar_measure_target_text(m, arena)),
                       measure->value,
                       measure->met,
                       ar_int(measure->numerator),
                       ar_int(measure->denominator),
                       ar_int(measure->unknown),
                       ar_int(measure->rows) };

    return ar_append_row(to, row, AR_COUNT(row));
}

ar_err ar_metrics_freeze(ar_ctx *ctx, int64_t snapshot)
{
    ar_own(ar_append) append = NULL;
    ar_measure *measures;
    ar_metrics metrics;
    ar_map views = { 0 };
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_metrics_load(ctx->place, &kinds, ctx->arena, &metrics));
    AR_TRY(ar_measure_views(ctx->engine, ctx->arena, &views));
    measures = ar_make_n(ctx->arena, ar_measure, metrics.n);
    for (size_t i = 0; i < metrics.n; i++)
        AR_TRY_WITH(ar_measure_run(&metrics.list[i], ctx->engine, &views, ctx->asof, ctx->arena,
                                   &measures[i]),
                    "%.*s", AR_FMT(metrics.list[i].id));
    AR_TRY(ar_append_open(ctx->engine, "ar.snapshot_metric", &append));
    for (size_t i = 0; i < metrics.n; i++)
        AR_TRY(keep(append, snapshot, i, &metrics.list[i], &measures[i], ctx->arena));
    return ar_append_close(&append);
}
