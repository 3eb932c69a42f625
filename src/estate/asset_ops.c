#include "estate/estate.h"
#include "estate/evidence.h"
#include "estate/ops.h"
#include "estate/table.h"
#include "op/reply.h"

enum {
    LIST_ROWS_MAX = 10000000,
    HISTORY_SHOWN = 100,
};

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

ar_err ar_ops_where(ar_ctx *ctx, const ar_kind *kind, ar_str where, ar_buf *sql)
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
    { "after", AR_PARAM_TEXT, 0, "those whose id is behind this one", NULL },
    { 0 },
};

/* How many there are, and behind which id those follow that did not come. */
static ar_err say_rest(ar_ctx *ctx, const ar_kind *kind, ar_str where, ar_str last, ar_reply *reply)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value total;

    ar_buf_addz(&sql, "SELECT count(*) FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " t");
    AR_TRY(ar_ops_where(ctx, kind, where, &sql));
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), NULL, 0, ctx->arena, &total));
    ar_reply_about(reply, "total", total);
    if (last.len > 0) ar_reply_about(reply, "after", ar_text(last));
    return ar_ok();
}

/* No more than `limit` of the rows, but for their last value, the id; *out_last is that of the last
 * one, if there are more. */
static ar_err reply_assets(ar_ctx *ctx, ar_rows *rows, size_t n, int64_t limit, ar_reply *reply,
                           ar_str *out_last)
{
    ar_value *row = ar_make_n(ctx->arena, ar_value, n);
    ar_auto(ar_buf) last = { 0 };

    while (ar_rows_next(rows)) {
        if (reply->rows == limit) {
            *out_last = ar_arena_copy(ctx->arena, ar_buf_str(&last));
            break;
        }
        for (size_t i = 0; i < n; i++) row[i] = ar_rows_get(rows, i);
        AR_TRY(ar_reply_row(reply, row, n));
        ar_buf_clear(&last);
        ar_buf_add(&last, ar_rows_get(rows, n).s);
    }
    return ar_ok();
}

static ar_err run_asset_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", LIST_ROWS_MAX);
    ar_str where = ar_arg_text(args, "where"), last = { 0 };
    ar_value after = ar_text(ar_arg_text(args, "after"));
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
    ar_buf_addz(&sql, ", t.id FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " t");
    AR_TRY(ar_ops_where(ctx, kind, where, &sql));
    if (after.s.len > 0) ar_buf_addf(&sql, " %s t.id > $1", where.len > 0 ? "AND" : "WHERE");
    ar_buf_addf(&sql, " ORDER BY t.id LIMIT %lld", (long long)limit + 1);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &after, after.s.len > 0, &rows));
    AR_TRY(ar_reply_columns(reply, columns, n));
    AR_TRY(reply_assets(ctx, rows, n, limit, reply, &last));
    return ar_arg_has(args, "limit") ? say_rest(ctx, kind, where, last, reply) : ar_ok();
}

static const ar_column asset_show_columns[] = {
    { "what", AR_TEXT, 0,
      "fact; other (what another source says instead); row (of a source); conflict; owner"
      " (evidence about it) or history" },
    { "name", AR_TEXT, 0, "column, kind of evidence, or of conflict" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF, "what it is, or became; the id of a row" },
    { "before", AR_TEXT, AR_COLUMN_BRIEF, "what it was" },
    { "source", AR_TEXT, 0, "who says so" },
    { "at", AR_TIME, 0, "when that source last showed it, or when it changed" },
    { "since", AR_TIME, 0, "since when that source says so" },
    { "confidence", AR_DOUBLE, AR_COLUMN_QUIET, "of evidence: 0 to 1" },
    { 0 },
};

const ar_param ar_asset_param[] = {
    { "asset", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "KIND:ID", NULL },
    { 0 },
};

static ar_err parse_asset(const ar_kinds *kinds, ar_str text, const ar_kind **out_kind,
                          ar_str *out_id)
{
    size_t colon = ar_str_find(text, ':');

    if (colon + 1 >= text.len)
        return ar_fail(AR_INVALID, "'%.*s' is not an asset (want KIND:ID)", AR_FMT(text));
    *out_id = ar_str_cut(text, colon + 1, text.len);
    return ar_kinds_find(kinds, ar_str_cut(text, 0, colon), out_kind);
}

/* People know a thing by the id that their system has for it; what several show has one of them. */
static ar_err no_asset(ar_ctx *ctx, const ar_kind *kind, ar_str id)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text(id);
    ar_auto(ar_buf) sql = { 0 };
    ar_table table;

    if (!kind->view) {
        AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
        ar_buf_addz(&sql, "SELECT p.source, t.id FROM ");
        ar_sql_said(&sql, kind);
        ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source WHERE t._id = $1"
                          " ORDER BY p.precedence LIMIT 1");
        AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
        if (ar_rows_next(rows)) {
            ar_str source = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
            ar_str asset = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s);

            return ar_fail(
                AR_NOT_FOUND, "no %.*s has the id '%.*s'; want %.*s:%.*s, which %.*s calls so",
                AR_FMT(kind->name), AR_FMT(id), AR_FMT(kind->name), AR_FMT(asset), AR_FMT(source));
        }
    }
    return ar_fail(AR_NOT_FOUND, "no %.*s has the id '%.*s'", AR_FMT(kind->name), AR_FMT(id));
}

ar_err ar_ops_asset(ar_ctx *ctx, const ar_kinds *kinds, ar_str text, const ar_kind **out_kind,
                    ar_str *out_id)
{
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    ar_value arg, any;
    ar_str id;

    AR_TRY(parse_asset(kinds, text, &kind, &id));
    arg = ar_text(id);
    ar_buf_addz(&sql, "SELECT 1 FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $1 LIMIT 1");
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), &arg, 1, ctx->arena, &any));
    if (any.type == AR_NULL) return no_asset(ctx, kind, id);
    *out_kind = kind;
    *out_id = id;
    return ar_ok();
}

/* As the text of a row, which outlives what it was read from. */
static ar_value as_text(ar_ctx *ctx, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_NULL || value.type == AR_TIME) return value; /* a table cuts its times */
    ar_value_print(&text, value);
    return ar_text(ar_arena_copy(ctx->arena, ar_buf_str(&text)));
}

ar_str ar_ops_fact_name(ar_str column)
{
    return ar_str_eq(column, AR_LIT(AR_KIND_OWNERS)) ? AR_LIT("owners") : column;
}

ar_value ar_ops_fact_text(ar_ctx *ctx, ar_str column, ar_value value)
{
    if (value.type == AR_TEXT && ar_str_eq(column, AR_LIT(AR_KIND_OWNERS)))
        return ar_text(ar_evidence_print(value.s, ctx->arena));
    return as_text(ctx, value);
}

/* What one source says of an asset. */
typedef struct word {
    ar_str source, id; /* the id is its own */
    ar_value seen, first;
    bool gone;
    ar_value *values; /* of the kind's columns; NULL for those that are no facts */
} word;

typedef struct words {
    const ar_kind *kind;
    word *list; /* who is believed first, first; the gone behind the living */
    size_t n;
    ar_map changed; /* by "source id column": when it last did */
} words;

static ar_value kept(ar_ctx *ctx, ar_value value)
{
    if (value.type == AR_TEXT) value.s = ar_arena_copy(ctx->arena, value.s);
    return value;
}

/* An owner that was found elsewhere, or who left, is not what the source's word gives. */
static ar_err read_words(ar_ctx *ctx, ar_value id, words *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    size_t cap = 0;

    ar_buf_addz(&sql, "SELECT p.source, t._id, coalesce(t._seen_at, p.snapshot_at),"
                      " coalesce(t._first_seen, p.first_at), t._gone_at IS NOT NULL, t.* REPLACE"
                      " (CASE WHEN coalesce(t._owner_source, p.source) = p.source"
                      " THEN t.owner_id END AS owner_id) FROM ");
    ar_sql_said(&sql, out->kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source"
                      " WHERE t.id = $1 ORDER BY t._gone_at IS NOT NULL, p.precedence, t._id");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &id, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(ctx->arena, out->list, out->n, cap);
        word *w = &out->list[out->n++];
        *w = (word){ .source = kept(ctx, ar_rows_get(rows, 0)).s,
                     .id = kept(ctx, ar_rows_get(rows, 1)).s,
                     .seen = ar_rows_get(rows, 2),
                     .first = ar_rows_get(rows, 3),
                     .gone = ar_rows_get(rows, 4).b,
                     .values = ar_make_n(ctx->arena, ar_value, out->kind->n_columns) };
        for (size_t i = 5; i < ar_rows_width(rows); i++) {
            const ar_kind_column *column = ar_kind_column_find(out->kind, ar_rows_name(rows, i));
            if (column == NULL) continue;
            w->values[column - out->kind->columns] = kept(ctx, ar_rows_get(rows, i));
        }
    }
    return ar_ok();
}

static ar_str change_name(ar_ctx *ctx, ar_str source, ar_str id, ar_str column)
{
    return ar_arena_printf(ctx->arena, "%.*s %.*s %.*s", AR_FMT(source), AR_FMT(column),
                           AR_FMT(id));
}

static ar_err read_changes(ar_ctx *ctx, words *all)
{
    for (size_t i = 0; i < all->n; i++) {
        ar_value args[] = { ar_text(all->kind->name), ar_text(all->list[i].source),
                            ar_text(all->list[i].id) };
        ar_own(ar_rows) rows = NULL;

        AR_TRY(ar_engine_query(ctx->engine,
                               AR_LIT("SELECT col, max(changed_at) FROM ar.history WHERE kind = $1"
                                      " AND source = $2 AND id = $3 GROUP BY col"),
                               args, AR_COUNT(args), &rows));
        while (ar_rows_next(rows))
            ar_map_put(&all->changed, ctx->arena,
                       change_name(ctx, args[1].s, args[2].s, ar_rows_get(rows, 0).s), NULL)
                ->n = ar_rows_get(rows, 1).i;
    }
    return ar_ok();
}

static ar_value since(ar_ctx *ctx, const words *all, const word *w, ar_str column)
{
    const ar_map_value *at = ar_map_get(&all->changed, change_name(ctx, w->source, w->id, column));

    return at == NULL ? w->first : ar_at(at->n);
}

/* A fact, with who gives it, and what the other living sources say instead. */
static ar_err show_fact(ar_ctx *ctx, const words *all, const ar_kind_column *column, ar_value value,
                        ar_reply *reply)
{
    size_t at = (size_t)(column - all->kind->columns);
    const word *giver = NULL;

    for (size_t i = 0; i < all->n && giver == NULL; i++)
        if (all->list[i].values[at].type != AR_NULL) giver = &all->list[i];
    ar_value row[] = { ar_textz("fact"),
                       ar_text(column->name),
                       as_text(ctx, value),
                       ar_null(),
                       giver == NULL ? ar_null() : ar_text(giver->source),
                       giver == NULL ? ar_null() : giver->seen,
                       giver == NULL ? ar_null() : since(ctx, all, giver, column->name),
                       ar_null() };
    AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    for (size_t i = 0; i < all->n; i++) {
        const word *w = &all->list[i];
        if (w->gone || w->values[at].type == AR_NULL || ar_value_eq(w->values[at], value)) continue;
        ar_value other[] = { ar_textz("other"),
                             ar_text(column->name),
                             as_text(ctx, w->values[at]),
                             ar_null(),
                             ar_text(w->source),
                             w->seen,
                             since(ctx, all, w, column->name),
                             ar_null() };
        AR_TRY(ar_reply_row(reply, other, AR_COUNT(other)));
    }
    return ar_ok();
}

static ar_err show_facts(ar_ctx *ctx, const words *all, ar_value id, ar_reply *reply,
                         bool *out_found)
{
    ar_own(ar_rows) merged = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT * FROM main.");
    ar_sql_name(&sql, all->kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &id, 1, &merged));
    *out_found = ar_rows_next(merged);
    if (!*out_found) return ar_ok();

    for (size_t i = 0; i < ar_rows_width(merged); i++) {
        const ar_kind_column *column = ar_kind_column_find(all->kind, ar_rows_name(merged, i));
        ar_value value = ar_rows_get(merged, i);
        if (value.type == AR_NULL) continue;
        if (column != NULL && !ar_str_eq(column->name, AR_LIT("id"))) {
            AR_TRY(show_fact(ctx, all, column, value, reply));
            continue;
        }
        ar_value row[] = { ar_textz("fact"),    ar_text(ar_rows_name(merged, i)),
                           as_text(ctx, value), ar_null(),
                           ar_null(),           ar_null(),
                           ar_null(),           ar_null() };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

/* The rows of the sources that are this asset, and what could not be told of them. */
static ar_err show_rows(ar_ctx *ctx, const words *all, ar_value id, ar_reply *reply)
{
    ar_value args[] = { ar_text(all->kind->name), id };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    for (size_t i = 0; i < all->n; i++) {
        const word *w = &all->list[i];
        ar_value row[] = { ar_textz("row"),    ar_textz(w->gone ? "gone" : "id"),
                           ar_text(w->id),     ar_null(),
                           ar_text(w->source), w->seen,
                           w->first,           ar_null() };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    if (all->kind->view) return ar_ok();
    ar_buf_addz(&sql, "SELECT 'conflict', c.sort, c.key || ': ' || c.assets, NULL, p.source, NULL,"
                      " c.since, NULL FROM ar.conflict c JOIN ar.source p ON p.number = c.source"
                      " JOIN ");
    ar_sql_said(&sql, all->kind);
    ar_buf_addz(&sql, " t ON t._source = c.source AND t._id = c.id WHERE c.kind = $1 AND (t.id = $2"
                      " OR list_contains(string_split(c.assets, ','), $2))"
                      " ORDER BY c.since, p.source, c.id");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &rows));
    return ar_reply_rows(reply, rows);
}

static ar_err show_evidence(ar_ctx *ctx, const ar_kind *kind, ar_value id, ar_reply *reply)
{
    ar_value args[] = { ar_text(kind->name), id };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT 'owner', evidence, owner, NULL, source, observed_at,"
                                  " NULL, confidence FROM ar.evidence WHERE kind = $1 AND id = $2"
                                  " ORDER BY confidence DESC, observed_at DESC, owner"),
                           args, AR_COUNT(args), &rows));
    return ar_reply_rows(reply, rows);
}

/* Of its rows, wherever they belonged then. */
static ar_err show_history(ar_ctx *ctx, const words *all, ar_value id, ar_reply *reply)
{
    ar_value args[] = { ar_text(all->kind->name), id, ar_int(HISTORY_SHOWN) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    if (all->kind->view) return ar_ok();
    ar_buf_addz(&sql, "SELECT h.col, h.new, h.old, h.source, h.changed_at"
                      " FROM ar.history h WHERE h.kind = $1 AND ((h.source, h.id) IN"
                      " (SELECT (p.source, t._id) FROM ");
    ar_sql_said(&sql, all->kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source WHERE t.id = $2)"
                      " OR h.col = 'asset' AND h.old = $2)"
                      " ORDER BY h.changed_at DESC, h.run DESC, h.source, h.col LIMIT $3");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows)) {
        ar_str column = ar_rows_get(rows, 0).s;
        ar_value row[] = { ar_textz("history"),
                           ar_text(ar_ops_fact_name(column)),
                           ar_ops_fact_text(ctx, column, ar_rows_get(rows, 1)),
                           ar_ops_fact_text(ctx, column, ar_rows_get(rows, 2)),
                           ar_rows_get(rows, 3),
                           ar_rows_get(rows, 4),
                           ar_null(),
                           ar_null() };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

static ar_err run_asset_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str text = ar_arg_text(args, "asset"), id;
    words all = { 0 };
    ar_kinds kinds;
    bool found;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(parse_asset(&kinds, text, &all.kind, &id));
    if (!all.kind->view) AR_TRY(read_words(ctx, ar_text(id), &all));
    AR_TRY(read_changes(ctx, &all));
    AR_TRY(show_facts(ctx, &all, ar_text(id), reply, &found));
    if (!found) return no_asset(ctx, all.kind, id);
    AR_TRY(show_rows(ctx, &all, ar_text(id), reply));
    AR_TRY(show_evidence(ctx, all.kind, ar_text(id), reply));
    return show_history(ctx, &all, ar_text(id), reply);
}

/* ---- conflicts ---- */

static const ar_column conflict_columns[] = {
    { "kind", AR_TEXT, 0, "of the asset" },
    { "id", AR_TEXT, 0, "of the asset" },
    { "conflict", AR_TEXT, 0,
      "fact: another source says otherwise; several: its row fits several assets; twice: two rows "
      "of its source fit one asset; same id: its id is another thing elsewhere" },
    { "name", AR_TEXT, 0, "the column, or the match key" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF, "what is believed; the assets that were fitting" },
    { "other", AR_TEXT, AR_COLUMN_BRIEF, "what the other source says" },
    { "source", AR_TEXT, 0, "who says otherwise; whose row it is" },
    { "since", AR_TIME, 0, "since when a row cannot be told" },
    { 0 },
};

static const ar_param conflict_params[] = {
    { "kind", AR_PARAM_TEXT, 0, "of this kind only", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many of a kind", NULL },
    { 0 },
};

/* The facts on which living rows of one asset differ from what is believed of it. */
static void add_differing(ar_buf *sql, const ar_table *table)
{
    ar_buf_addz(sql, "SELECT id, 'fact' AS conflict, u.name, u.value, u.other, source,"
                     " CAST(NULL AS TIMESTAMP) AS since FROM (SELECT m.id, p.source, unnest([");
    for (size_t i = 1, n = 0; i < table->n_facts; i++) {
        ar_auto(ar_buf) name = { 0 };

        if (!table->stored[i]) continue;
        ar_sql_name(&name, table->facts[i]->name);
        ar_buf_addf(sql, "%sCASE WHEN t.%s <> m.%s THEN {'name': ", n++ > 0 ? ", " : "", name.ptr,
                    name.ptr);
        ar_sql_text(sql, table->facts[i]->name);
        ar_buf_addf(sql,
                    table->facts[i]->type == AR_TIME
                        ? ", 'value': replace(CAST(m.%s AS VARCHAR), ' ', 'T') || 'Z',"
                          " 'other': replace(CAST(t.%s AS VARCHAR), ' ', 'T') || 'Z'} END"
                        : ", 'value': CAST(m.%s AS VARCHAR), 'other': CAST(t.%s AS VARCHAR)} END",
                    name.ptr, name.ptr);
    }
    ar_buf_addz(sql, "]) AS u FROM ");
    ar_sql_whole(sql, table->kind);
    ar_buf_addz(sql, " m JOIN ");
    ar_sql_said(sql, table->kind);
    ar_buf_addz(sql, " t ON t.id = m.id JOIN ar.source p ON p.number = t._source"
                     " WHERE m._differ > 0 AND t._gone_at IS NULL) WHERE u IS NOT NULL");
}

static ar_err show_conflicts(ar_ctx *ctx, const ar_kind *kind, int64_t limit, ar_reply *reply)
{
    ar_value args[] = { ar_text(kind->name) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_table table;

    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    ar_buf_addz(&sql, "SELECT $1, id, conflict, name, value, other, source, since FROM (SELECT"
                      " t.id, c.sort AS conflict, c.key AS name, c.assets AS value,"
                      " CAST(NULL AS VARCHAR) AS other, p.source, c.since FROM ar.conflict c"
                      " JOIN ar.source p ON p.number = c.source JOIN ");
    ar_sql_said(&sql, kind);
    ar_buf_addz(&sql, " t ON t._source = c.source AND t._id = c.id WHERE c.kind = $1");
    if (table.shares) ar_buf_addz(&sql, " UNION ALL "), add_differing(&sql, &table);
    ar_buf_addf(&sql, ") ORDER BY id, conflict, name, source LIMIT %lld", (long long)limit);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &rows));
    return ar_reply_rows(reply, rows);
}

static ar_err run_asset_conflicts(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", LIST_ROWS_MAX);
    const ar_kind *only = NULL;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    if (ar_arg_has(args, "kind")) AR_TRY(ar_kinds_find(&kinds, ar_arg_text(args, "kind"), &only));
    if (limit < 0 || limit > LIST_ROWS_MAX)
        return ar_fail(AR_LIMIT, "a list has 0 to %d rows, not %lld", LIST_ROWS_MAX,
                       (long long)limit);
    for (size_t i = 0; i < kinds.n; i++) {
        if (kinds.list[i].view || (only != NULL && only != &kinds.list[i])) continue;
        AR_TRY(show_conflicts(ctx, &kinds.list[i], limit, reply));
    }
    return ar_ok();
}

/* ---- sources ---- */

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

const ar_op ar_asset_ops[] = {
    { .name = "asset.list",
      .help = "list the assets of a kind",
      .none = "There is no such asset.",
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
      .example = "aright asset show app:payroll",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = ar_asset_param,
      .columns = asset_show_columns,
      .run = run_asset_show },
    { .name = "asset.links",
      .help = "list what an asset is linked to, by the links of the kinds",
      .none = "Nothing leads to it or from it.",
      .example = "aright asset links app:payroll",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = ar_asset_param,
      .columns = ar_asset_link_columns,
      .run = ar_asset_run_links },
    { .name = "asset.conflicts",
      .help = "list what sources disagree on",
      .none = "Sources do not disagree about anything of that.",
      .more = "Facts on which living sources differ, and rows of which cannot be told what asset "
              "they are. Which source is believed, and which columns tell assets apart, the file "
              "of the kind says.",
      .example = "aright asset conflicts --kind device",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = conflict_params,
      .columns = conflict_columns,
      .run = run_asset_conflicts },
    { .name = "source.list",
      .help = "list who shows assets, and when they last did",
      .none = "Nothing was brought in yet: `aright look host` or `aright import` does.",
      .example = "aright source list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = source_list_columns,
      .run = run_source_list },
    { 0 },
};
