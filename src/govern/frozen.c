#include "govern/frozen.h"

#include "govern/measure.h"
#include "op/reply.h"

enum { SHOWN = 104, SHOWN_MAX = 10000 };

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

/* ---- metric trend ---- */

static const ar_param trend_params[] = {
    { "id", AR_PARAM_TEXT, AR_POSITIONAL, "the metric; all of them when not given", NULL },
    { "limit", AR_PARAM_INT, 0, "the last so many snapshots; 104 when not given", NULL },
    { 0 },
};

static const ar_column trend_columns[] = {
    { "id", AR_TEXT, 0, "the metric" },
    { "snapshot", AR_TEXT, 0, "its name" },
    { "as_of", AR_TIME, 0, "the time that it shows" },
    { "now", AR_TEXT, 0, "the number then, as people read it" },
    { "goal", AR_TEXT, 0, "what it had to be, as people read it" },
    { "value", AR_DOUBLE, AR_COLUMN_QUIET, "the number then; a share of 1 for ratio and cadence" },
    { "met", AR_BOOL, 0, "whether it was; nothing: not known, or there was no target" },
    { "numerator", AR_INT, 0, "what counted" },
    { "denominator", AR_INT, 0, "of what there was, with what was not known" },
    { 0 },
};

static ar_err run_trend(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", SHOWN);
    ar_value query[] = { ar_text(ar_arg_text(args, "id")), ar_int(limit) };
    ar_own(ar_rows) rows = NULL;

    if (limit < 1 || limit > SHOWN_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, SHOWN_MAX);
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT m.metric, n.name, n.as_of, m.now, m.goal, m.value, m.met, m.numerator,"
               " m.denominator FROM ar.snapshot_metric m JOIN ar.snapshot n ON n.id = m.snapshot"
               " WHERE ($1 = '' OR m.metric = $1)"
               " AND n.id > (SELECT max(id) FROM ar.snapshot) - $2 ORDER BY m.metric, n.id"),
        query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0)
        ar_reply_note(reply, "No snapshot has it; `aright snapshot take` keeps what metrics are.");
    return ar_ok();
}

const ar_op ar_frozen_ops[] = {
    { .name = "metric.trend",
      .help = "show what numbers were, snapshot by snapshot",
      .example = "aright metric trend N-5",
      .grant = "metric.read",
      .params = trend_params,
      .columns = trend_columns,
      .run = run_trend },
    { 0 },
};
