#include "start/register.h"

#include "estate/enter.h"

const ar_migration ar_start_migrations[] = {
    { 430, "what was made from templates",
      "CREATE TABLE ar.started (kind VARCHAR, asset_id VARCHAR, template VARCHAR, owner_id VARCHAR,"
      " class VARCHAR, made_at TIMESTAMP, expires_at TIMESTAMP, who VARCHAR, proposal VARCHAR)" },
    { 0 },
};

ar_err ar_started_find(ar_ctx *ctx, const ar_kind *kind, ar_str id, ar_started *out_started)
{
    ar_value args[] = { ar_text(kind->name), ar_text(id) };
    ar_own(ar_rows) rows = NULL;

    *out_started = (ar_started){ 0 };
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT made_at, proposal, who FROM ar.started WHERE kind = $1 AND asset_id = $2"),
        args, AR_COUNT(args), &rows));
    if (ar_rows_next(rows))
        *out_started = (ar_started){ .is_there = true,
                                     .made_at = ar_rows_get(rows, 0).i,
                                     .hash = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s),
                                     .who = ar_arena_copy(ctx->arena, ar_rows_get(rows, 2).s) };
    return ar_ok();
}

/* Who shows an asset of that id; empty: nobody. */
static ar_err shown_by(ar_ctx *ctx, const ar_proposal *p, ar_str *out_source)
{
    ar_value id = ar_text(p->id);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT source FROM ");
    ar_sql_name(&sql, p->template->kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &id, 1, &rows));
    *out_source = (ar_str){ 0 };
    if (ar_rows_next(rows)) *out_source = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    return ar_ok();
}

ar_err ar_register_check(ar_ctx *ctx, const ar_proposal *p, const ar_started *started)
{
    ar_str kind = p->template->kind->name, source;
    char at[AR_TIME_LEN];

    if (started->is_there && ar_str_eq(started->hash, p->hash)) return ar_ok();
    if (started->is_there)
        return ar_fail(
            AR_CONFLICT,
            "%.*s:%.*s was made on %s of other words, or the template has changed since; "
            "want another name, or the same words",
            AR_FMT(kind), AR_FMT(p->id), ar_time_print(ar_time_to_second(started->made_at), at));
    AR_TRY(shown_by(ctx, p, &source));
    if (source.len == 0) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "%.*s:%.*s is there already, shown by %.*s; a template makes what is new, want "
                   "another name",
                   AR_FMT(kind), AR_FMT(p->id), AR_FMT(source));
}

static ar_err remember(ar_ctx *ctx, const ar_proposal *p)
{
    ar_value row[] = { ar_text(p->template->kind->name),
                       ar_text(p->id),
                       ar_text(p->template->name),
                       ar_text(p->owner),
                       ar_text(p->class),
                       ar_at(p->made_at),
                       p->expires_at,
                       ar_text(ctx->who->name),
                       ar_text(p->hash) };

    return ar_engine_run(
        ctx->engine, AR_LIT("INSERT INTO ar.started VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"),
        row, AR_COUNT(row), NULL);
}

ar_err ar_register(ar_ctx *ctx, const ar_kinds *kinds, const ar_proposal *p)
{
    ar_node *items[] = { p->registered };

    AR_TRY(ar_enter_own(ctx, kinds, p->template->kind, AR_LIT("proposal"), items, AR_COUNT(items)));
    return remember(ctx, p);
}
