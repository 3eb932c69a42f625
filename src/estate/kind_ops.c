#include "estate/estate.h"
#include "estate/ops.h"

static const ar_column kind_list_columns[] = {
    { "kind", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, 0, "what people call it" },
    { "assets", AR_INT, 0, "how many its sources show; empty for views" },
    { "recorded", AR_INT, 0,
      "how many of them a register has; empty while no register is a source" },
    { "conflicts", AR_INT, 0, "what sources disagree on; `asset conflicts` lists it" },
    { "columns", AR_INT, 0, "how many columns it has" },
    { "infrastructure", AR_BOOL, AR_COLUMN_QUIET, "whether it must send telemetry" },
    { "view", AR_BOOL, AR_COLUMN_QUIET, "whether aright itself fills it" },
    { "meaning", AR_TEXT, AR_COLUMN_BRIEF, "what one is" },
    { 0 },
};

typedef struct tally {
    int64_t assets, conflicts;
    ar_value recorded;
} tally;

/* Only a source with a role tells what is recorded of the kind. */
static ar_err read_recorded(ar_ctx *ctx, const ar_kind *kind, ar_value *out_recorded)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT CASE WHEN count(inventoried) > 0 THEN count(*) FILTER (inventoried)"
                      " END FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE NOT gone");
    return ar_engine_value(ctx->engine, ar_buf_str(&sql), NULL, 0, ctx->arena, out_recorded);
}

/* An asset that several rows show is one all the same. */
static ar_err read_tally(ar_ctx *ctx, const ar_kind *kind, tally *out)
{
    ar_value name = ar_text(kind->name), value;
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_table table;

    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT count(*) FROM ar.conflict WHERE kind = $1"),
                           &name, 1, ctx->arena, &value));
    out->conflicts = value.i;
    AR_TRY(read_recorded(ctx, kind, &out->recorded));
    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    if (!table.shares) return ar_ok();
    ar_buf_addz(&sql, "SELECT CAST(sum(greatest(_count - 1, 0)) AS BIGINT),"
                      " CAST(sum(_differ) AS BIGINT) FROM ");
    ar_sql_merged(&sql, kind);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), NULL, 0, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    out->assets -= ar_rows_get(rows, 0).i;
    out->conflicts += ar_rows_get(rows, 1).i;
    return ar_ok();
}

static ar_err run_kind_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_map sizes = { 0 };
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT kind, CAST(sum(size) AS BIGINT) FROM ar.source"
                                  " GROUP BY kind"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows))
        ar_map_put(&sizes, ctx->arena, ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s), NULL)->n =
            ar_rows_get(rows, 1).i;
    for (size_t i = 0; i < kinds.n; i++) {
        const ar_kind *kind = &kinds.list[i];
        const ar_map_value *rows_live = ar_map_get(&sizes, kind->name);
        tally size = { .assets = rows_live == NULL ? 0 : rows_live->n };
        if (rows_live != NULL) AR_TRY(read_tally(ctx, kind, &size));
        ar_value row[] = { ar_text(kind->name),
                           ar_text(kind->title),
                           kind->view ? ar_null() : ar_int(size.assets),
                           size.recorded,
                           kind->view ? ar_null() : ar_int(size.conflicts),
                           ar_int((int64_t)kind->n_columns),
                           ar_bool(kind->infrastructure),
                           ar_bool(kind->view),
                           ar_text(kind->meaning) };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

static const ar_column kind_show_columns[] = {
    { "column", AR_TEXT, 0, "its name" },
    { "type", AR_TEXT, 0, "bool, int, double, text or time" },
    { "common", AR_BOOL, AR_COLUMN_QUIET, "whether every kind has it" },
    { "personal", AR_BOOL, 0, "whether it is personal data" },
    { "meaning", AR_TEXT, AR_COLUMN_BRIEF, "what it says" },
    { 0 },
};

static const ar_param kind_show_params[] = {
    { "kind", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the kind", NULL },
    { 0 },
};

static ar_err run_kind_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_kind *kind;
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_kinds_find(&kinds, ar_arg_text(args, "kind"), &kind));
    for (size_t i = 0; i < kind->n_columns; i++) {
        const ar_kind_column *column = &kind->columns[i];
        ar_value row[] = { ar_text(column->name), ar_textz(ar_type_name(column->type)),
                           ar_bool(column->common), ar_bool(column->personal),
                           ar_text(column->meaning) };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    for (size_t i = 0; i < kind->scope.n_links; i++)
        ar_reply_note(reply, "EXISTS %.*s WHERE … looks at kind %.*s.",
                      AR_FMT(kind->scope.links[i].name), AR_FMT(kind->scope.links[i].table));
    return ar_ok();
}

const ar_op ar_kind_ops[] = {
    { .name = "kind.list",
      .help = "list the kinds of assets",
      .example = "aright kind list",
      .effect = AR_READS,
      .surveyed = true,
      .grant = "estate.read",
      .columns = kind_list_columns,
      .run = run_kind_list },
    { .name = "kind.show",
      .help = "show the columns of a kind",
      .example = "aright kind show app",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = kind_show_params,
      .columns = kind_show_columns,
      .run = run_kind_show },
    { 0 },
};
