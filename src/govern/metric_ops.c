#include "govern/metric_ops.h"

#include "govern/metric_tests.h"
#include "op/home.h"
#include "sys/file.h"

static ar_err load(ar_ctx *ctx, ar_kinds *out_kinds, ar_metrics *out_metrics)
{
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, out_kinds));
    return ar_metrics_load(ctx->place, out_kinds, ctx->arena, out_metrics);
}

static ar_err find(ar_ctx *ctx, ar_str id, const ar_metric **out_metric)
{
    ar_kinds *kinds = ar_make(ctx->arena, ar_kinds);
    ar_metrics metrics;

    AR_TRY(load(ctx, kinds, &metrics));
    return ar_metrics_find(&metrics, id, out_metric);
}

/* ---- metric list ---- */

static const ar_param list_params[] = {
    { "pillar", AR_PARAM_TEXT, 0, "only those of this pillar",
      "identities tenants networks engineering monitoring response governance" },
    { 0 },
};

static const ar_column list_columns[] = {
    { "id", AR_TEXT, 0, "the metric" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what the number says, in short" },
    { "form", AR_TEXT, 0,
      "ratio, count, cap (at most), floor (at least), cadence (on time) or sum" },
    { "now", AR_TEXT, 0, "the number now, as people read it" },
    { "goal", AR_TEXT, 0, "what it must be, as people read it" },
    { "value", AR_DOUBLE, AR_COLUMN_QUIET, "the number now; a share of 1 for ratio and cadence" },
    { "target", AR_DOUBLE, AR_COLUMN_QUIET, "what it must be: at most for a cap, else at least" },
    { "met", AR_BOOL, 0, "whether it is; nothing: not known, or there is no target" },
    { "numerator", AR_INT, 0, "what counts" },
    { "denominator", AR_INT, 0, "of what there is, with what is not known" },
    { "unknown", AR_INT, 0, "rows of which it is not known whether they count" },
    { "rows", AR_INT, 0, "behind the number; `metric rows` lists them" },
    { "unit", AR_TEXT, AR_COLUMN_QUIET, "what is counted" },
    { "pillar", AR_TEXT, AR_COLUMN_QUIET, "the pillar it belongs to" },
    { "kind", AR_TEXT, AR_COLUMN_QUIET, "the kind of its rows" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { "error", AR_TEXT, AR_COLUMN_QUIET, "why its file cannot be read; none: it can" },
    { 0 },
};

static ar_value target_of(const ar_metric *metric)
{
    return metric->target.type == AR_INT ? ar_double((double)metric->target.i) : metric->target;
}

static ar_err list_one(const ar_metric *m, const ar_measure *measure, ar_arena *arena,
                       ar_reply *reply)
{
    ar_value row[] = {
        ar_text(m->id),
        ar_text(m->title),
        ar_textz(ar_metric_form_name(m->form)),
        ar_text_or_null(ar_measure_text(m, measure->value, arena)),
        ar_text_or_null(ar_measure_target_text(m, arena)),
        measure->value,
        target_of(m),
        measure->met,
        ar_int(measure->numerator),
        ar_int(measure->denominator),
        ar_int(measure->unknown),
        ar_int(measure->rows),
        ar_text(m->unit),
        ar_text(m->pillar),
        ar_text(m->rule.kind->name),
        ar_bool(m->shipped),
        ar_null(),
    };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* Nothing else is known of them, their pillar neither. */
static ar_err list_bad(const ar_metrics *metrics, ar_reply *reply)
{
    for (size_t i = 0; i < metrics->n_bad; i++) {
        const ar_definition_bad *bad = &metrics->bad[i];
        ar_value row[AR_COUNT(list_columns) - 1] = { ar_text(bad->name) };

        row[AR_COUNT(row) - 2] = ar_bool(bad->shipped);
        row[AR_COUNT(row) - 1] = ar_text(bad->error);
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
        ar_reply_note(reply, "%.*s cannot be read: %.*s", AR_FMT(bad->name), AR_FMT(bad->error));
    }
    return ar_ok();
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str pillar = ar_arg_text(args, "pillar");
    ar_kinds kinds;
    ar_metrics metrics;
    ar_map views = { 0 };

    AR_TRY(load(ctx, &kinds, &metrics));
    AR_TRY(ar_measure_views(ctx->engine, ctx->arena, &views));
    for (size_t i = 0; i < metrics.n; i++) {
        const ar_metric *m = &metrics.list[i];
        ar_measure measure;

        if (pillar.len > 0 && !ar_str_eq(pillar, m->pillar)) continue;
        ar_reply_progress(reply, "measuring", (int64_t)i, (int64_t)metrics.n);
        AR_TRY_WITH(ar_measure_run(m, ctx->engine, &views, ctx->asof, ctx->arena, &measure), "%.*s",
                    AR_FMT(m->id));
        AR_TRY(list_one(m, &measure, ctx->arena, reply));
    }
    return list_bad(&metrics, reply);
}

/* ---- metric show ---- */

static const ar_param show_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the metric", NULL },
    { "sql", AR_PARAM_FLAG, 0, "also the SQL that computes the same, for `aright query`", NULL },
    { 0 },
};

static const ar_column show_columns[] = {
    { "id", AR_TEXT, 0, "the metric" },
    { "title", AR_TEXT, 0, "what the number says, in short" },
    { "report", AR_TEXT, 0, "what the report says of it" },
    { "pillar", AR_TEXT, 0, "the pillar it belongs to" },
    { "form", AR_TEXT, 0,
      "ratio, count, cap (at most), floor (at least), cadence (on time) or sum" },
    { "now", AR_TEXT, 0, "the number now, as people read it" },
    { "goal", AR_TEXT, 0, "what it must be, as people read it" },
    { "value", AR_DOUBLE, 0, "the number now; a share of 1 for ratio and cadence" },
    { "unit", AR_TEXT, 0, "what is counted" },
    { "target", AR_DOUBLE, 0, "what it must be: at most for a cap, else at least" },
    { "met", AR_BOOL, 0, "whether it is; nothing: not known, or there is no target" },
    { "numerator", AR_INT, 0, "what counts" },
    { "denominator", AR_INT, 0, "of what there is, with what is not known" },
    { "unknown", AR_INT, 0, "rows of which it is not known whether they count" },
    { "rows", AR_INT, 0, "behind the number; `metric rows` lists them" },
    { "kind", AR_TEXT, 0, "the kind of its rows" },
    { "where", AR_TEXT, 0, "which of them; empty: all" },
    { "counts", AR_TEXT, 0, "what a row must meet to count" },
    { "params", AR_TEXT, 0, "its numbers" },
    { "stale_after", AR_TEXT, 0, "facts older than this are unknown" },
    { "tests", AR_INT, 0, "of its own" },
    { "file", AR_TEXT, 0, "where it stands" },
    { "sql", AR_TEXT, 0, "the same for `aright query`" },
    { 0 },
};

static ar_value stale_text(ar_ctx *ctx, const ar_metric *m)
{
    return m->rule.stale_after == 0 ? ar_null()
                                    : ar_text(ar_span_print(m->rule.stale_after, ctx->arena));
}

static ar_value sql_text(ar_ctx *ctx, const ar_metric *m, const ar_map *views)
{
    const ar_map_value *view = ar_map_get(views, m->rule.kind->name);
    ar_auto(ar_buf) out = { 0 };

    ar_measure_sql(m, AR_SQL_SHOWN, ctx->asof, view != NULL && view->n != 0, ctx->arena, &out);
    return ar_text(ar_arena_copy(ctx->arena, ar_buf_str(&out)));
}

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_arena *arena = ctx->arena;
    const ar_metric *m;
    ar_map views = { 0 };
    ar_measure measure;

    AR_TRY(find(ctx, ar_arg_text(args, "id"), &m));
    AR_TRY(ar_measure_views(ctx->engine, arena, &views));
    AR_TRY(ar_measure_run(m, ctx->engine, &views, ctx->asof, arena, &measure));
    ar_value row[] = {
        ar_text(m->id),
        ar_text(m->title),
        ar_text(m->report),
        ar_text(m->pillar),
        ar_textz(ar_metric_form_name(m->form)),
        ar_text_or_null(ar_measure_text(m, measure.value, arena)),
        ar_text_or_null(ar_measure_target_text(m, arena)),
        measure.value,
        ar_text(m->unit),
        target_of(m),
        measure.met,
        ar_int(measure.numerator),
        ar_int(measure.denominator),
        ar_int(measure.unknown),
        ar_int(measure.rows),
        ar_text(m->rule.kind->name),
        ar_text_or_null(ar_standard_expr_text(m->rule.where, arena)),
        ar_text(ar_standard_expr_text(m->rule.pass, arena)),
        ar_text_or_null(ar_standard_params_text(&m->rule, arena)),
        stale_text(ctx, m),
        ar_int((int64_t)m->n_tests),
        ar_text(m->file),
        ar_arg_flag(args, "sql") ? sql_text(ctx, m, &views) : ar_null(),
    };
    AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    if (measure.rows > 0)
        ar_reply_note(reply, "`aright metric rows %.*s` lists the rows behind it.", AR_FMT(m->id));
    return ar_ok();
}

/* ---- metric rows ---- */

static const ar_param rows_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the metric", NULL },
    { "limit", AR_PARAM_INT, 0, "how many rows at most; all when not given", NULL },
    { 0 },
};

/* What every metric has; behind them come the columns that it explains itself by. */
static const ar_column rows_columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "counts", AR_TEXT, 0, "yes, no or unknown" },
    { "owner", AR_TEXT, 0, "who answers for it" },
    { "numerator", AR_INT, AR_COLUMN_QUIET, "what it adds to the numerator" },
    { "denominator", AR_INT, AR_COLUMN_QUIET, "what it adds to the denominator" },
    { "measured", AR_DOUBLE, AR_COLUMN_QUIET, "its own value, where the metric is a cap or floor" },
};

static ar_err say_columns(const ar_metric *m, ar_arena *arena, ar_reply *reply)
{
    size_t n = AR_COUNT(rows_columns) + m->n_explain;
    ar_column *columns = ar_make_n(arena, ar_column, n);

    memcpy(columns, rows_columns, sizeof rows_columns);
    for (size_t i = 0; i < m->n_explain; i++) {
        const ar_kind_column *column = ar_kind_column_find(m->rule.kind, m->explain[i]);

        columns[AR_COUNT(rows_columns) + i] =
            (ar_column){ ar_arena_cstr(arena, column->name), column->type, 0,
                         ar_arena_cstr(arena, column->meaning) };
    }
    return ar_reply_columns(reply, columns, n);
}

#define ROWS_ALL (INT64_MAX / 4) /* the engine takes no larger LIMIT */

static ar_err run_rows(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value limit = ar_int(ar_arg_int(args, "limit", ROWS_ALL));
    const ar_map_value *view;
    const ar_metric *m;
    ar_map views = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    if (limit.i < 1)
        return ar_fail(AR_INVALID, "--limit is %lld; want 1 or more", (long long)limit.i);
    if (limit.i > ROWS_ALL) limit.i = ROWS_ALL;
    AR_TRY(find(ctx, ar_arg_text(args, "id"), &m));
    AR_TRY(say_columns(m, ctx->arena, reply));
    AR_TRY(ar_measure_views(ctx->engine, ctx->arena, &views));
    view = ar_map_get(&views, m->rule.kind->name);
    if (view == NULL) return ar_ok();
    ar_measure_rows_sql(m, ctx->asof, view->n != 0, ctx->arena, &sql);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &limit, 1, &rows));
    return ar_reply_rows(reply, rows);
}

/* ---- metric check ---- */

static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "the file of the metric", NULL },
    { 0 },
};

static const ar_column check_columns[] = {
    { "id", AR_TEXT, 0, "the metric" },
    { "tests", AR_INT, 0, "of its own" },
    { "right", AR_INT, 0, "of them come to what they say, by the evaluator and as SQL" },
    { 0 },
};

static ar_str number_text(ar_value value, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    if (value.type == AR_NULL) return AR_LIT("no value");
    ar_value_print(&out, value);
    return ar_arena_copy(arena, ar_buf_str(&out));
}

/* "0.5 (1 of 2, 1 unknown)" */
static ar_str measure_text(const ar_measure *measure, ar_arena *arena)
{
    ar_str value = number_text(measure->value, arena);

    return ar_arena_printf(arena, "%.*s (%lld of %lld, %lld unknown)", AR_FMT(value),
                           (long long)measure->numerator, (long long)measure->denominator,
                           (long long)measure->unknown);
}

static void note_wrong(const ar_metric *m, const ar_metric_result *r, ar_arena *arena,
                       ar_reply *reply)
{
    ar_str want = number_text(r->test->value, arena);
    ar_str row = measure_text(&r->row, arena), sql = measure_text(&r->sql, arena);

    ar_reply_note(reply, "%.*s:%u: want %.*s; it is %.*s by the evaluator, %.*s as SQL.",
                  AR_FMT(m->file), r->test->node->line, AR_FMT(want), AR_FMT(row), AR_FMT(sql));
}

static ar_err open_engine(ar_ctx *ctx, ar_engine **out_engine)
{
    ar_engine_options options = { .threads = 1,
                                  .memory_bytes = ar_config_memory(&ctx->place->config, 10) };

    AR_TRY(ar_engine_open(&options, out_engine));
    return ar_expr_opened(*out_engine);
}

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str name = ar_arg_text(args, "file"), text;
    ar_own(ar_engine) engine = NULL;
    ar_metric_result *results;
    ar_kinds kinds;
    ar_metric m;
    size_t right = 0;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, AR_STANDARD_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_metric_parse(name, (ar_str){ 0 }, text, &kinds, ctx->arena, &m));
    AR_TRY(open_engine(ctx, &engine));
    AR_TRY(ar_metric_run_tests(&m, engine, ctx->arena, &results));
    for (size_t i = 0; i < m.n_tests; i++)
        if (ar_metric_result_ok(&results[i]))
            right++;
        else
            note_wrong(&m, &results[i], ctx->arena, reply);
    AR_TRY(ar_reply_row(
        reply, (ar_value[]){ ar_text(m.id), ar_int((int64_t)m.n_tests), ar_int((int64_t)right) },
        3));
    if (right == m.n_tests) return ar_ok();
    return ar_fail(AR_INVALID, "%zu test%s to something else than said", m.n_tests - right,
                   m.n_tests - right == 1 ? " comes" : "s come");
}

/* ---- status ---- */

ar_err ar_metric_status(ar_ctx *ctx, ar_reply *reply)
{
    ar_kinds kinds;
    ar_metrics metrics;
    ar_err err = load(ctx, &kinds, &metrics);

    /* what is wrong with the kinds is said with the standards */
    for (size_t i = 0; err.code == AR_OK && i < metrics.n_bad; i++) {
        ar_str name = ar_arena_printf(ctx->arena, "metric %.*s", AR_FMT(metrics.bad[i].name));

        AR_TRY(ar_status_fact(reply, "estate", name.ptr, metrics.bad[i].error, false));
    }
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_metric_ops[] = {
    { .name = "metric.list",
      .help = "show the numbers of the report as they are here and now",
      .more = "Each is computed from the estate as it stands. What is not known counts in the "
              "denominator and never in the numerator; nothing of nothing has no value.",
      .example = "aright metric list --pillar tenants",
      .surveyed = true,
      .grant = "metric.read",
      .params = list_params,
      .columns = list_columns,
      .run = run_list },
    { .name = "metric.show",
      .help = "show one number, what the report says of it and how it is computed",
      .example = "aright metric show N-5 --sql",
      .shape = AR_SHAPE_RECORD,
      .grant = "metric.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "metric.rows",
      .help = "list the rows behind a number, those first that do not count",
      .none = "There is no row behind it.",
      .example = "aright metric rows N-11",
      .grant = "metric.read",
      .params = rows_params,
      .run = run_rows },
    { .name = "metric.check",
      .help = "check a file of a metric, and run its tests",
      .example = "aright metric check OWN-1.yaml",
      .runs_in = AR_IN_DOOR,
      .grant = "metric.read",
      .params = check_params,
      .columns = check_columns,
      .run = run_check },
    { 0 },
};
