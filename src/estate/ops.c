#include "estate/child.h"
#include "estate/estate.h"
#include "estate/import.h"
#include "estate/look.h"
#include "sys/file.h"

enum {
    LIST_ROWS_MAX = 10000000,
    HISTORY_SHOWN = 100,
    CONNECTOR_TEXT_MAX = 256 * 1024,
    TRY_ROWS_SHOWN = 20,
    SOURCE_NAME_MAX = 200,
};

/* ---- kinds ---- */

static const ar_column kind_list_columns[] = {
    { "kind", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, 0, "what people call it" },
    { "assets", AR_INT, 0, "how many its sources show; empty for views" },
    { "columns", AR_INT, 0, "how many columns it has" },
    { "infrastructure", AR_BOOL, AR_COLUMN_QUIET, "whether it must send telemetry" },
    { "view", AR_BOOL, AR_COLUMN_QUIET, "whether aright itself fills it" },
    { "meaning", AR_TEXT, AR_COLUMN_BRIEF, "what one is" },
    { 0 },
};

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
        const ar_map_value *size = ar_map_get(&sizes, kind->name);
        ar_value row[] = { ar_text(kind->name),
                           ar_text(kind->title),
                           kind->view ? ar_null() : ar_int(size == NULL ? 0 : size->n),
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

/* ---- assets ---- */

/* On a terminal only the columns that tell assets apart; the others are in json, ndjson, csv. */
static const char *const shown_first[] = { "id", "name", "owner_id", "domain_id", "env", "kind" };

static ar_err add_column(ar_ctx *ctx, const ar_kind_column *from, bool quiet, ar_column *out)
{
    *out = (ar_column){ .name = ar_arena_cstr(ctx->arena, from->name),
                        .type = from->type,
                        .flags = quiet ? AR_COLUMN_QUIET : AR_COLUMN_BRIEF,
                        .help = ar_arena_cstr(ctx->arena, from->meaning) };
    return ar_ok();
}

static ar_err chosen_columns(ar_ctx *ctx, const ar_kind *kind, ar_str names, ar_column *out,
                             size_t *out_n)
{
    ar_str name;

    while (ar_str_split(&names, ',', &name)) {
        name = ar_str_trim(name);
        const ar_kind_column *column = ar_kind_column_find(kind, name);
        if (column == NULL) {
            ar_str *all = ar_make_n(ctx->arena, ar_str, kind->n_columns);
            for (size_t i = 0; i < kind->n_columns; i++) all[i] = kind->columns[i].name;
            ar_str near = ar_str_nearest(name, all, kind->n_columns);
            if (near.len > 0)
                return ar_fail(AR_INVALID, "kind %.*s has no column '%.*s'; it has '%.*s'",
                               AR_FMT(kind->name), AR_FMT(name), AR_FMT(near));
            return ar_fail(AR_INVALID,
                           "kind %.*s has no column '%.*s'; `kind show %.*s` lists them",
                           AR_FMT(kind->name), AR_FMT(name), AR_FMT(kind->name));
        }
        for (size_t i = 0; i < *out_n; i++)
            if (ar_str_eq(name, ar_str_of(out[i].name)))
                return ar_fail(AR_INVALID, "column '%.*s' is chosen twice", AR_FMT(name));
        AR_TRY(add_column(ctx, column, false, &out[(*out_n)++]));
    }
    return ar_ok();
}

static ar_err all_columns(ar_ctx *ctx, const ar_kind *kind, ar_column *out, size_t *out_n)
{
    static const ar_kind_column gone = { .name = AR_LIT("gone"),
                                         .type = AR_BOOL,
                                         .meaning = AR_LIT("whether no source shows it any more") };

    for (size_t i = 0; i < kind->n_columns; i++) {
        bool quiet = true;
        for (size_t k = 0; k < AR_COUNT(shown_first); k++)
            if (ar_str_eq(kind->columns[i].name, ar_str_of(shown_first[k]))) quiet = false;
        AR_TRY(add_column(ctx, &kind->columns[i], quiet, &out[(*out_n)++]));
    }
    return add_column(ctx, &gone, false, &out[(*out_n)++]);
}

/* A condition of a person, as SQL: by way of the language, so that it can name columns only. */
static ar_err add_where(ar_ctx *ctx, const ar_kind *kind, ar_str where, ar_buf *sql)
{
    ar_expr_param params[] = { { .name = AR_LIT("asof"), .value = ar_at(ctx->asof) } };
    ar_expr_place place = { .file = AR_LIT("--where"), .line = 1, .column = 1 };
    const ar_expr *expr;

    if (where.len == 0) return ar_ok();
    AR_TRY(ar_expr_parse_as(AR_BOOL, &kind->scope, params, AR_COUNT(params), place, where,
                            ctx->arena, &expr));
    ar_buf_addz(sql, " WHERE ");
    ar_expr_sql(expr, AR_SQL_DUCKDB, params, AR_COUNT(params), AR_LIT("t"), sql);
    return ar_ok();
}

static const ar_param asset_list_params[] = {
    { "kind", AR_PARAM_TEXT, AR_REQUIRED, "the kind; 'asset' is all of them", NULL },
    { "where", AR_PARAM_TEXT, 0, "a condition in the expression language", NULL },
    { "columns", AR_PARAM_TEXT, 0, "names of columns, with commas between", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many", NULL },
    { 0 },
};

static ar_err run_asset_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", LIST_ROWS_MAX);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    size_t n = 0;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_kinds_find(&kinds, ar_arg_text(args, "kind"), &kind));
    if (limit < 0 || limit > LIST_ROWS_MAX)
        return ar_fail(AR_LIMIT, "a list has 0 to %d rows, not %lld", LIST_ROWS_MAX,
                       (long long)limit);
    ar_str names = ar_arg_text(args, "columns");
    ar_column *columns = ar_make_n(ctx->arena, ar_column, kind->n_columns + 1);
    AR_TRY(names.len > 0 ? chosen_columns(ctx, kind, names, columns, &n)
                         : all_columns(ctx, kind, columns, &n));

    ar_buf_addz(&sql, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        ar_buf_addz(&sql, i > 0 ? ", t." : "t.");
        ar_sql_name(&sql, ar_str_of(columns[i].name));
    }
    ar_buf_addz(&sql, " FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " t");
    AR_TRY(add_where(ctx, kind, ar_arg_text(args, "where"), &sql));
    ar_buf_addf(&sql, " ORDER BY t.id LIMIT %lld", (long long)limit);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), NULL, 0, &rows));
    AR_TRY(ar_reply_columns(reply, columns, n));
    return ar_reply_rows(reply, rows);
}

static const ar_column asset_show_columns[] = {
    { "what", AR_TEXT, 0, "fact, owner (evidence about it) or history" },
    { "name", AR_TEXT, 0, "column, or kind of evidence" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF, "what it is, or became" },
    { "before", AR_TEXT, AR_COLUMN_BRIEF, "what it was" },
    { "source", AR_TEXT, 0, "who says so" },
    { "at", AR_TIME, 0, "when that source last showed it, or when it changed" },
    { "confidence", AR_DOUBLE, AR_COLUMN_QUIET, "of evidence: 0 to 1" },
    { 0 },
};

static const ar_param asset_param[] = {
    { "asset", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "KIND:ID", NULL },
    { 0 },
};

/* "repo:git/a:b" is id "git/a:b" of kind repo. */
static ar_err find_asset(const ar_kinds *kinds, ar_str text, const ar_kind **out_kind,
                         ar_str *out_id)
{
    size_t colon = ar_str_find(text, ':');

    if (colon + 1 >= text.len)
        return ar_fail(AR_INVALID, "'%.*s' is not an asset (want KIND:ID)", AR_FMT(text));
    *out_id = ar_str_cut(text, colon + 1, text.len);
    return ar_kinds_find(kinds, ar_str_cut(text, 0, colon), out_kind);
}

static ar_value copied_text(ar_ctx *ctx, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_NULL || value.type == AR_TIME) return value; /* a table cuts its times */
    ar_value_print(&text, value);
    return ar_text(ar_arena_copy(ctx->arena, ar_buf_str(&text)));
}

/* Who gives each column of an asset, and when that source last showed it. */
typedef struct givers {
    ar_map names, seen;
} givers;

static void add_giver(ar_ctx *ctx, ar_rows *sources, givers *out)
{
    size_t width = ar_rows_width(sources);
    const char *name = NULL;

    for (size_t i = 0; i < width; i++)
        if (ar_str_eq(ar_rows_name(sources, i), AR_LIT("_source")))
            name = ar_arena_cstr(ctx->arena, ar_rows_get(sources, i).s);
    for (size_t i = 0; i < width && name != NULL; i++) {
        bool is_new = ar_map_get(&out->names, ar_rows_name(sources, i)) == NULL;
        if (!is_new || ar_rows_get(sources, i).type == AR_NULL) continue;
        ar_str column = ar_arena_copy(ctx->arena, ar_rows_name(sources, i));
        ar_map_put(&out->names, ctx->arena, column, NULL)->cptr = name;
        ar_map_put(&out->seen, ctx->arena, column, NULL)->n = ar_rows_get(sources, width - 1).i;
    }
}

/* The first source with a value gives a column, as the view decides it. */
static ar_err find_givers(ar_ctx *ctx, const ar_kind *kind, ar_value id, givers *out)
{
    ar_value args[] = { id, ar_text(kind->name) };
    ar_own(ar_rows) sources = NULL;
    ar_auto(ar_buf) sql = { 0 };

    if (kind->view) return ar_ok();
    ar_buf_addz(&sql, "SELECT t.*, coalesce(t._seen_at, p.snapshot_at) FROM ");
    ar_sql_src(&sql, kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.source = t._source AND p.kind = $2"
                      " WHERE t.id = $1 ORDER BY t._gone_at IS NOT NULL, p.precedence");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &sources));
    while (ar_rows_next(sources)) add_giver(ctx, sources, out);
    return ar_ok();
}

/* Each fact with the source that gives it and when that source last showed the asset. */
static ar_err show_facts(ar_ctx *ctx, const ar_kind *kind, ar_value id, ar_reply *reply,
                         bool *out_found)
{
    ar_own(ar_rows) merged = NULL;
    ar_auto(ar_buf) sql = { 0 };
    givers by = { 0 };

    ar_buf_addz(&sql, "SELECT * FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &id, 1, &merged));
    *out_found = ar_rows_next(merged);
    if (!*out_found) return ar_ok();

    AR_TRY(find_givers(ctx, kind, id, &by));
    for (size_t i = 0; i < ar_rows_width(merged); i++) {
        ar_str name = ar_rows_name(merged, i);
        const ar_map_value *source = ar_map_get(&by.names, name), *at = ar_map_get(&by.seen, name);
        if (ar_rows_get(merged, i).type == AR_NULL) continue;
        ar_value row[] = { ar_textz("fact"),
                           ar_text(name),
                           copied_text(ctx, ar_rows_get(merged, i)),
                           ar_null(),
                           source == NULL ? ar_null() : ar_textz(source->cptr),
                           at == NULL ? ar_null() : ar_at(at->n),
                           ar_null() };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

static ar_err show_evidence(ar_ctx *ctx, const ar_kind *kind, ar_value id, ar_reply *reply)
{
    ar_value args[] = { ar_text(kind->name), id };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT 'owner', evidence, owner, NULL, source, observed_at,"
                                  " confidence FROM ar.evidence WHERE kind = $1 AND id = $2"
                                  " ORDER BY confidence DESC, observed_at DESC, owner"),
                           args, AR_COUNT(args), &rows));
    return ar_reply_rows(reply, rows);
}

static ar_err run_asset_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str text = ar_arg_text(args, "asset"), id;
    ar_own(ar_rows) rows = NULL;
    const ar_kind *kind;
    ar_kinds kinds;
    bool found;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(find_asset(&kinds, text, &kind, &id));
    AR_TRY(show_facts(ctx, kind, ar_text(id), reply, &found));
    if (!found)
        return ar_fail(AR_NOT_FOUND, "no %.*s has the id '%.*s'", AR_FMT(kind->name), AR_FMT(id));
    AR_TRY(show_evidence(ctx, kind, ar_text(id), reply));
    ar_value history[] = { ar_text(kind->name), ar_text(id), ar_int(HISTORY_SHOWN) };
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT 'history', col, new, old, source, changed_at, NULL"
                                  " FROM ar.history WHERE kind = $1 AND id = $2"
                                  " ORDER BY changed_at DESC, run DESC, col LIMIT $3"),
                           history, AR_COUNT(history), &rows));
    return ar_reply_rows(reply, rows);
}

/* ---- connectors ---- */

static const ar_column connector_columns[] = {
    { "connector", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it reads" },
    { "format", AR_TEXT, 0, "json, ndjson, csv, parquet, or auto" },
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

/* ---- importing ---- */

/* The payload's rows, read by a child; by this process itself where there is no program to start,
 * as in the tests of this folder. */
static ar_err open_feed(ar_ctx *ctx, const ar_plan *plan, int fd, ar_intake **intake,
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

static ar_err choose_kind(const ar_connector *connector, const ar_kinds *kinds, ar_str asked,
                          const ar_kind **out_kind)
{
    if (connector->kind.len == 0 && asked.len == 0)
        return ar_fail(AR_INVALID, "connector %.*s does not know the kind (want --kind)",
                       AR_FMT(connector->name));
    if (connector->kind.len > 0 && asked.len > 0 && !ar_str_eq(connector->kind, asked))
        return ar_fail(AR_INVALID, "connector %.*s gives kind %.*s, not %.*s",
                       AR_FMT(connector->name), AR_FMT(connector->kind), AR_FMT(asked));
    AR_TRY(ar_kinds_find(kinds, asked.len > 0 ? asked : connector->kind, out_kind));
    if ((*out_kind)->view)
        return ar_fail(AR_INVALID,
                       "kind %.*s is a view of aright's own tables; nothing can be "
                       "imported into it",
                       AR_FMT((*out_kind)->name));
    return ar_connector_check(connector, kinds);
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
                                   copied_text(ctx, value) };
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
    AR_TRY(choose_kind(&connector, &kinds, ar_arg_text(args, "kind"), &kind));
    ar_plan_make(&connector, kind, ar_arg_text(args, "payload"), ctx->arena, &plan);
    AR_TRY(open_feed(ctx, &plan, ar_arg_fd(args, "payload"), &intake, &child, &feed));
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

static const ar_column import_columns[] = {
    { "run", AR_INT, 0, "number of the import; 0 after a dry run" },
    { "state", AR_TEXT, 0, "ok, held or dry" },
    { "source", AR_TEXT, 0, "whose rows they are" },
    { "kind", AR_TEXT, 0, "what they are" },
    { "rows", AR_INT, 0, "how many came" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differ from before" },
    { "gone", AR_INT, 0, "how many are not among them any more" },
    { 0 },
};

static const ar_param import_params[] = {
    { "connector", AR_PARAM_TEXT, AR_POSITIONAL, "how to read the file", NULL },
    { "file", AR_PARAM_FILE, AR_POSITIONAL, "the payload; - is standard input", NULL },
    { "kind", AR_PARAM_TEXT, 0, "what the rows are, for a connector that does not say", NULL },
    { "source", AR_PARAM_TEXT, 0, "whose rows they are; the connector's name unless said", NULL },
    { "delta", AR_PARAM_FLAG, 0, "rows only add and replace; nothing is gone", NULL },
    { "dry_run", AR_PARAM_FLAG, 0, "say what would change and store nothing", NULL },
    { "confirm", AR_PARAM_INT, 0, "release the held import of this number", NULL },
    { 0 },
};

static ar_err reply_import(ar_ctx *ctx, ar_reply *reply, const ar_import_spec *spec,
                           const ar_import_result *r)
{
    ar_value row[] = { ar_int(r->run),        ar_textz(ar_import_state_name(r->state)),
                       ar_text(spec->source), ar_text(spec->kind->name),
                       ar_int(r->rows),       ar_int(r->added),
                       ar_int(r->changed),    ar_int(r->gone) };

    ar_audit_add(ctx, "run", ar_int(r->run));
    ar_audit_add(ctx, "source", ar_text(spec->source));
    ar_audit_add(ctx, "kind", ar_text(spec->kind->name));
    ar_audit_add(ctx, "state", ar_textz(ar_import_state_name(r->state)));
    ar_audit_add(ctx, "rows", ar_int(r->rows));
    if (r->state == AR_IMPORT_HELD)
        ar_reply_note(reply,
                      "Held: %lld rows are under half of what %.*s showed before. Nothing has "
                      "changed. `aright import --confirm %lld` releases it.",
                      (long long)r->rows, AR_FMT(spec->source), (long long)r->run);
    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err check_source_name(ar_str name)
{
    if (name.len > SOURCE_NAME_MAX)
        return ar_fail(AR_LIMIT, "the source's name has %zu bytes, %d is the most", name.len,
                       (int)SOURCE_NAME_MAX);
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == ',' || name.ptr[i] == 0x7f)
            return ar_fail(AR_INVALID, "'%.*s' is not a source's name (want no blanks and commas)",
                           AR_FMT(name));
    return ar_ok();
}

static ar_err confirm(ar_ctx *ctx, const ar_kinds *kinds, const ar_args *args, ar_reply *reply)
{
    ar_import_result result;
    ar_import_spec spec;

    if (ar_arg_has(args, "connector"))
        return ar_fail(AR_INVALID, "--confirm releases a held import; it takes no connector");
    AR_TRY(ar_import_confirm(ctx, kinds, ar_arg_int(args, "confirm", 0), &spec, &result));
    return reply_import(ctx, reply, &spec, &result);
}

static ar_err run_import(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_import_spec spec = { .delta = ar_arg_flag(args, "delta"),
                            .dry_run = ar_arg_flag(args, "dry_run"),
                            .source = ar_arg_text(args, "source") };
    ar_own(ar_intake_child) child = NULL;
    ar_own(ar_intake) intake = NULL;
    const ar_connector *connector;
    ar_connectors connectors;
    ar_import_result result;
    const ar_feed *feed;
    ar_kinds kinds;
    ar_plan plan;

    AR_TRY(ar_estate_open(ctx, &kinds));
    if (ar_arg_has(args, "confirm")) return confirm(ctx, &kinds, args, reply);
    if (!ar_arg_has(args, "connector") || !ar_arg_has(args, "file"))
        return ar_fail(AR_INVALID,
                       "want a connector and a file (`aright import generic apps.csv --kind "
                       "app`), or --confirm with a number");
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    AR_TRY(ar_connectors_find(&connectors, ar_arg_text(args, "connector"), &connector));
    AR_TRY(choose_kind(connector, &kinds, ar_arg_text(args, "kind"), &spec.kind));
    AR_TRY(check_source_name(spec.source));
    spec.connector = connector->name;
    spec.delta = spec.delta || !connector->snapshot;
    if (spec.source.len == 0) spec.source = connector->name;

    ar_plan_make(connector, spec.kind, ar_arg_text(args, "file"), ctx->arena, &plan);
    AR_TRY(open_feed(ctx, &plan, ar_arg_fd(args, "file"), &intake, &child, &feed));
    AR_TRY(ar_import(ctx, &kinds, &spec, feed, &result));
    if (feed->ignored.len > 0)
        ar_reply_note(reply, "Fields that are no columns of kind %.*s were left out: %.*s",
                      AR_FMT(spec.kind->name), AR_FMT(feed->ignored));
    return reply_import(ctx, reply, &spec, &result);
}

static const ar_column import_list_columns[] = {
    { "run", AR_INT, 0, "number of the import" },
    { "state", AR_TEXT, 0, "ok, held, or dropped when a later import took a held one's place" },
    { "connector", AR_TEXT, 0, "how it was read" },
    { "source", AR_TEXT, 0, "whose rows they are" },
    { "kind", AR_TEXT, 0, "what they are" },
    { "started", AR_TIME, 0, "when" },
    { "who", AR_TEXT, AR_COLUMN_QUIET, "who asked for it" },
    { "delta", AR_BOOL, AR_COLUMN_QUIET, "whether it was a delta" },
    { "rows", AR_INT, 0, "how many came" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differed from before" },
    { "gone", AR_INT, 0, "how many were not among them any more" },
    { 0 },
};

static ar_err run_import_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT run, state, connector, source, kind, started, who, delta,"
                                  " rows, new, changed, gone FROM ar.run ORDER BY run DESC"),
                           NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

static const ar_column source_list_columns[] = {
    { "source", AR_TEXT, 0, "its name" },
    { "kind", AR_TEXT, 0, "what it shows" },
    { "connector", AR_TEXT, 0, "how it is read" },
    { "assets", AR_INT, 0, "how many it shows now" },
    { "precedence", AR_INT, 0, "1 is believed first where sources differ" },
    { "seen_at", AR_TIME, 0, "when it last showed anything" },
    { "snapshot_at", AR_TIME, AR_COLUMN_QUIET, "when it last showed everything" },
    { 0 },
};

static ar_err run_source_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT source, kind, connector, size, precedence, seen_at,"
                                  " snapshot_at FROM ar.source ORDER BY kind, precedence"),
                           NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

/* ---- owners ---- */

static const ar_column owner_list_columns[] = {
    { "owner", AR_TEXT, 0, "person:…, team:… or division:…" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "in", AR_TEXT, 0, "what it is part of" },
    { "domain_id", AR_TEXT, 0, "the domain it is in" },
    { "assets", AR_INT, 0, "how many assets it owns" },
    { "left_at", AR_TIME, 0, "when a person left; empty: here" },
    { 0 },
};

static ar_err run_owner_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH owned AS (SELECT owner_id, count(*) AS n FROM main.asset"
               " WHERE owner_id IS NOT NULL AND deleted_at IS NULL GROUP BY owner_id)"
               " SELECT coalesce(w.id, o.owner_id), w.name, w.parent, w.domain_id,"
               " coalesce(o.n, 0), w.left_at FROM ar.owner w FULL JOIN owned o"
               " ON o.owner_id = w.id ORDER BY 1"),
        NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

static const ar_column owner_explain_columns[] = {
    { "wins", AR_BOOL, 0, "whether it decides" },
    { "owner", AR_TEXT, 0, "whom it names" },
    { "evidence", AR_TEXT, 0, "what speaks for it" },
    { "confidence", AR_DOUBLE, 0, "0 to 1; facts of a source need none" },
    { "source", AR_TEXT, 0, "who says so" },
    { "observed_at", AR_TIME, 0, "when it was seen" },
    { 0 },
};

static ar_err run_owner_explain(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    ar_kinds kinds;
    ar_str id;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(find_asset(&kinds, ar_arg_text(args, "asset"), &kind, &id));
    if (kind->view)
        return ar_fail(AR_INVALID, "kind %.*s is a view; its owners are not found by evidence",
                       AR_FMT(kind->name));
    ar_value query[] = { ar_text(kind->name), ar_text(id) };
    ar_buf_addz(&sql, "WITH it AS (SELECT owner_id, owner_source FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $2), said AS (SELECT t.owner_id AS owner, 'fact' AS evidence,"
                      " CAST(NULL AS DOUBLE) AS confidence, t._source AS source,"
                      " coalesce(t._seen_at, p.snapshot_at) AS observed_at FROM ");
    ar_sql_src(&sql, kind);
    ar_buf_addz(&sql,
                " t JOIN ar.source p ON p.source = t._source AND p.kind = $1"
                " WHERE t.id = $2 AND t.owner_id IS NOT NULL"
                " UNION ALL SELECT owner, evidence, confidence, source, observed_at"
                " FROM ar.evidence WHERE kind = $1 AND id = $2"
                " UNION ALL SELECT owner_id, 'default', NULL, 'owners.yaml', NULL FROM it"
                " WHERE owner_source = 'default')"
                " SELECT s.owner = it.owner_id AND it.owner_source IN (s.evidence, s.source),"
                " s.owner, s.evidence, s.confidence, s.source, s.observed_at"
                " FROM said s CROSS JOIN it"
                " ORDER BY 1 DESC, s.confidence DESC NULLS FIRST, s.observed_at DESC, s.owner");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    ar_reply_note(reply, "What the sources say comes first; then the best evidence of someone who "
                         "is still here; then the domain's own owner.");
    return ar_ok();
}

static const ar_column domain_list_columns[] = {
    { "domain", AR_TEXT, 0, "its id" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "deputy_ciso", AR_TEXT, 0, "who is accountable" },
    { "assets", AR_INT, 0, "how many assets it has" },
    { "unowned", AR_INT, 0, "how many of them wait for an owner" },
    { 0 },
};

static ar_err run_domain_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH held AS (SELECT domain_id, count(*) AS n,"
               " count(*) FILTER (WHERE owner_id IS NULL OR owner_source = 'default') AS unowned"
               " FROM main.asset WHERE deleted_at IS NULL GROUP BY domain_id)"
               " SELECT coalesce(d.id, h.domain_id, '(none)'), d.name, d.deputy_ciso,"
               " coalesce(h.n, 0), coalesce(h.unowned, 0) FROM ar.domain d FULL JOIN held h"
               " ON h.domain_id = d.id ORDER BY 1"),
        NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

/* ---- the rows ---- */

const ar_op ar_estate_ops[] = {
    { .name = "kind.list",
      .help = "list the kinds of assets",
      .example = "aright kind list",
      .effect = AR_READS,
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
    { .name = "asset.list",
      .help = "list the assets of a kind",
      .more = "The condition is written as in standards: --where \"NOT pr_enforced AND "
              "last_sign_in_at > :asof - INTERVAL 90 DAY\". On a terminal a few columns are shown; "
              "the other formats have all.",
      .example = "aright asset list --kind account --limit 10",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = asset_list_params,
      .run = run_asset_list },
    { .name = "asset.show",
      .help = "show one asset: facts, sources, owner, history",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = asset_param,
      .columns = asset_show_columns,
      .run = run_asset_show },
    { .name = "source.list",
      .help = "list who shows assets, and when they last did",
      .example = "aright source list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = source_list_columns,
      .run = run_source_list },
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
    { .name = "import",
      .help = "bring in what a source says of its assets",
      .more = "A file is all that its source shows: what is not in it is gone, and so unknown. "
              "With --delta it only adds and replaces. A file of under half the last size is held "
              "and changes nothing until it is confirmed. One bad value refuses the whole file.",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "estate.imported",
      .params = import_params,
      .columns = import_columns,
      .run = run_import },
    { .name = "import.list",
      .help = "list imports, latest first",
      .example = "aright import list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = import_list_columns,
      .run = run_import_list },
    { .name = "owner.list",
      .help = "list who owns assets",
      .example = "aright owner list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = owner_list_columns,
      .run = run_owner_list },
    { .name = "owner.explain",
      .help = "show how the owner of an asset was found",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = asset_param,
      .columns = owner_explain_columns,
      .run = run_owner_explain },
    { .name = "domain.list",
      .help = "list the domains and what waits in them for an owner",
      .example = "aright domain list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = domain_list_columns,
      .run = run_domain_list },
    { 0 },
};
