#include "estate/ops.h"

#include "sys/file.h"

enum {
    CONNECTOR_TEXT_MAX = 256 * 1024,
    TRY_ROWS_SHOWN = 20,
};

static const ar_column connector_columns[] = {
    { "connector", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it reads" },
    { "format", AR_TEXT, 0, "json, ndjson, pages, csv, parquet, or auto" },
    { "kind", AR_TEXT, 0, "what it gives; empty: said with --kind" },
    { "columns", AR_INT, 0, "how many columns it fills" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { 0 },
};

static ar_err reply_connector(ar_reply *reply, const ar_connector *c)
{
    ar_value row[] = { ar_text(c->name),
                       ar_text(c->title),
                       ar_textz(ar_payload_name(c->format)),
                       ar_text_or_null(c->kind),
                       c->n_columns == 0 ? ar_null() : ar_int((int64_t)c->n_columns),
                       ar_bool(c->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_connector_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connectors connectors;

    (void)args;
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    for (size_t i = 0; i < connectors.n; i++) AR_TRY(reply_connector(reply, &connectors.list[i]));
    return ar_ok();
}

static const ar_param connector_check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a connector file", NULL },
    { 0 },
};

static ar_err read_connector(ar_ctx *ctx, const ar_args *args, ar_kinds *out_kinds,
                             ar_connector *out_connector)
{
    ar_str name = ar_arg_text(args, "file"), text;

    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, CONNECTOR_TEXT_MAX, ctx->arena, &text));
    AR_TRY(ar_connector_parse(name, text, ctx->arena, out_connector));
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, out_kinds));
    return ar_connector_check(out_connector, out_kinds);
}

static ar_err run_connector_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connector connector;
    ar_kinds kinds;

    AR_TRY(read_connector(ctx, args, &kinds, &connector));
    return reply_connector(reply, &connector);
}

ar_err ar_ops_feed(ar_ctx *ctx, const ar_plan *plan, int fd, ar_intake **intake,
                   ar_intake_child **child, const ar_feed **out_feed)
{
    if (ctx->place->program == NULL) {
        AR_TRY(ar_intake_open(plan, fd, intake));
        *out_feed = ar_intake_feed(*intake);
        return ar_ok();
    }
    AR_TRY(ar_intake_child_open(ctx->place, plan, fd, child));
    *out_feed = ar_intake_child_feed(*child);
    return ar_ok();
}

static const ar_param connector_try_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a connector file", NULL },
    { "payload", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a payload to read with it", NULL },
    { "kind", AR_PARAM_TEXT, 0, "the kind, for a connector that does not say", NULL },
    { 0 },
};

static ar_value value_at(const ar_vector *column, size_t row)
{
    if (!ar_vector_has(column, row)) return ar_null();
    switch (column->type) {
    case AR_BOOL: return ar_bool(column->b[row]);
    case AR_INT: return ar_int(column->i[row]);
    case AR_DOUBLE: return ar_double(column->d[row]);
    case AR_TEXT: return ar_text(column->s[row]);
    case AR_TIME: return ar_at(column->i[row]);
    case AR_NULL: break;
    }
    return ar_null();
}

/* One line per value of the first rows: what the connector would give. */
static ar_err reply_values(const ar_feed *feed, ar_ctx *ctx, ar_reply *reply, int64_t *out_rows)
{
    for (;;) {
        const ar_vector *columns;
        size_t n;
        AR_TRY(feed->next(feed->self, &columns, &n));
        if (n == 0) return ar_ok();
        for (size_t row = 0; row < n; row++, ++*out_rows) {
            for (size_t i = 0; i < feed->n_columns && *out_rows < TRY_ROWS_SHOWN; i++) {
                ar_value value = value_at(&columns[i], row);
                if (value.type == AR_NULL) continue;
                ar_value out[] = { ar_text(columns[0].s[row]), ar_text(feed->columns[i].name),
                                   ar_ops_text(ctx, value) };
                AR_TRY(ar_reply_row(reply, out, AR_COUNT(out)));
            }
        }
    }
}

static ar_err run_connector_try(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_intake_child) child = NULL;
    ar_own(ar_intake) intake = NULL;
    ar_connector connector;
    const ar_kind *kind;
    const ar_feed *feed;
    int64_t n_rows = 0;
    ar_kinds kinds;
    ar_plan plan;

    AR_TRY(read_connector(ctx, args, &kinds, &connector));
    AR_TRY(ar_connector_kind(&connector, &kinds, ar_arg_text(args, "kind"), &kind));
    ar_plan_make(&connector, kind, ar_arg_text(args, "payload"), ctx->arena, &plan);
    AR_TRY(ar_ops_feed(ctx, &plan, ar_arg_fd(args, "payload"), &intake, &child, &feed));
    AR_TRY(reply_values(feed, ctx, reply, &n_rows));
    ar_reply_note(reply, "%lld rows can be read; the first %d are shown.", (long long)n_rows,
                  TRY_ROWS_SHOWN);
    return ar_ok();
}

static const ar_column connector_try_columns[] = {
    { "id", AR_TEXT, 0, "of the row" },
    { "column", AR_TEXT, 0, "of the kind" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF, "as it would be stored" },
    { 0 },
};

const ar_op ar_connector_ops[] = {
    { .name = "connector.list",
      .help = "list the connectors",
      .example = "aright connector list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = connector_columns,
      .run = run_connector_list },
    { .name = "connector.check",
      .help = "check a connector file",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = connector_check_params,
      .columns = connector_columns,
      .run = run_connector_check },
    { .name = "connector.try",
      .help = "read a payload with a connector file and store nothing",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = connector_try_params,
      .columns = connector_try_columns,
      .run = run_connector_try },
    { 0 },
};
