#include "life/entry.h"

#include "estate/enter.h"
#include "life/state.h"

/* ---- selecting ---- */

/* The facts of rows `t`, but for those that `but` names: their values are what it says in SQL. */
typedef struct instead {
    const char *name, *sql;
} instead;

static void add_facts(ar_ctx *ctx, const ar_cycle *cycle, const instead *but, size_t n_but,
                      ar_buf *sql)
{
    const ar_kind_column **facts;
    size_t n;

    ar_kind_facts(cycle->kind, ctx->arena, &facts, &n);
    for (size_t i = 0; i < n; i++) {
        const char *value = NULL;

        if (ar_str_eq(facts[i]->name, AR_LIT(AR_KIND_OWNERS))) continue;
        for (size_t k = 0; k < n_but; k++)
            if (ar_str_eq(facts[i]->name, ar_str_of(but[k].name))) value = but[k].sql;
        ar_buf_addz(sql, i > 0 ? ", " : "");
        if (value == NULL) {
            ar_buf_addz(sql, "t.");
            ar_sql_name(sql, facts[i]->name);
        } else {
            ar_buf_addz(sql, value);
        }
        ar_buf_addz(sql, " AS ");
        ar_sql_name(sql, facts[i]->name);
    }
}

/* `delta`: else all that the source says is in the rows. */
static ar_err enter(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle, bool delta,
                    ar_str sql, const ar_value *args, size_t n_args)
{
    ar_import_spec spec = { .kind = cycle->kind,
                            .connector = AR_LIT(AR_LIFE_SOURCE),
                            .source = AR_LIT(AR_LIFE_SOURCE),
                            .delta = delta,
                            .witnessed = true };
    ar_own(ar_rows) rows = NULL;
    ar_import_result result;
    ar_node **items;
    ar_str ignored;
    size_t n;

    AR_TRY(ar_engine_query(ctx->engine, sql, args, n_args, &rows));
    ar_enter_items(rows, ctx->arena, &items, &n);
    ar_rows_free(&rows);
    return ar_enter(ctx, &shelf->kinds, &spec, AR_LIT("lives"), items, n, &result, &ignored);
}

/* ---- entering ---- */

ar_err ar_life_enter_removed(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle,
                             const ar_str *ids, size_t n, ar_time at)
{
    static const instead but[] = { { "deleted_at", "$1::TIMESTAMP" } };
    ar_auto(ar_buf) sql = { 0 };
    ar_value when = ar_at(at);

    if (n == 0) return ar_ok();
    ar_buf_addz(&sql, "SELECT ");
    add_facts(ctx, cycle, but, AR_COUNT(but), &sql);
    ar_buf_addz(&sql, " FROM main.");
    ar_sql_name(&sql, cycle->name);
    ar_buf_addz(&sql, " t WHERE t.id IN (");
    for (size_t i = 0; i < n; i++) {
        ar_buf_addz(&sql, i > 0 ? ", " : "");
        ar_sql_text(&sql, ids[i]);
    }
    ar_buf_addc(&sql, ')');
    return enter(ctx, shelf, cycle, true, ar_buf_str(&sql), &when, 1);
}

/* A snapshot: what is not in it is not said any more. A longer life that it was given stays. */
ar_err ar_life_enter_back(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle, ar_str id)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value arg = ar_text(id);

    ar_buf_addz(&sql, "SELECT ");
    add_facts(ctx, cycle, NULL, 0, &sql);
    ar_buf_addz(&sql, " FROM ");
    ar_sql_said(&sql, cycle->kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source AND p.source = '" AR_LIFE_SOURCE
                      "' WHERE t._gone_at IS NULL AND t._id <> $1");
    AR_TRY(enter(ctx, shelf, cycle, false, ar_buf_str(&sql), &arg, 1));
    if (ar_kind_column_find(cycle->kind, AR_LIT("extended_at")) == NULL) return ar_ok();
    ar_buf_clear(&sql);
    ar_buf_addz(&sql, "SELECT t.id, t.expires_at, t.extended_at FROM ");
    ar_sql_said(&sql, cycle->kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source AND p.source = '" AR_LIFE_SOURCE
                      "' WHERE t._id = $1 AND t.extended_at IS NOT NULL");
    return enter(ctx, shelf, cycle, true, ar_buf_str(&sql), &arg, 1);
}

ar_err ar_life_enter_end(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle, ar_str id,
                         ar_time until, ar_time at)
{
    ar_value args[] = { ar_text(id), ar_at(until), ar_at(at) };

    return enter(ctx, shelf, cycle, true,
                 AR_LIT("SELECT $1::VARCHAR AS id, $2::TIMESTAMP AS expires_at,"
                        " $3::TIMESTAMP AS extended_at"),
                 args, AR_COUNT(args));
}
