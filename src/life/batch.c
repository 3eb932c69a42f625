#include "life/batch.h"

#include "estate/owner.h"

const ar_migration ar_life_migrations[] = {
    { 470, "batches of lives that wait for a second person, iterations over whole kinds",
      "CREATE TABLE ar.life_batch (number BIGINT, kind VARCHAR, step VARCHAR, who VARCHAR,"
      " proposed_at TIMESTAMP, approved_by VARCHAR, approved_at TIMESTAMP);"
      "CREATE TABLE ar.life_batch_asset (batch BIGINT, asset_id VARCHAR);"
      "CREATE TABLE ar.life_iteration (number BIGINT, kind VARCHAR, who VARCHAR,"
      " started_at TIMESTAMP, ended_at TIMESTAMP);"
      "CREATE TABLE ar.life_iteration_asset (iteration BIGINT, asset_id VARCHAR)" },
    { 0 },
};

bool ar_life_batch_is_grave(ar_str step)
{
    return !ar_str_eq(step, AR_LIT("warn"));
}

ar_err ar_life_batch_check_stop(ar_ctx *ctx, const ar_cycle *cycle)
{
    ar_value args[] = { ar_at(ctx->now), ar_text(cycle->name), ar_int(cycle->within) };
    ar_own(ar_rows) rows = NULL;
    int64_t taken, back;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT(
            "SELECT count(*) FILTER (r.step IN ('quarantine', 'soft_delete')),"
            " count(*) FILTER (r.step = 'undo') FROM ar.receipt r WHERE r.area = '" AR_LIFE_AREA
            "' AND r.kind = $2 AND r.state = 'done' AND r.happened_at > $1 - to_microseconds($3)"),
        args, AR_COUNT(args), &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    taken = ar_rows_get(rows, 0).i;
    back = ar_rows_get(rows, 1).i;
    if (back < cycle->least || (double)back <= cycle->restores * (double)taken) return ar_ok();

    ar_str within = ar_span_print(cycle->within, ctx->arena);
    return ar_fail(AR_CONFLICT,
                   "%lld of %lld steps within %.*s were taken back, more than %.0f%%: steps of "
                   "kind %.*s stand still until that is long ago; see why they were",
                   (long long)back, (long long)taken, AR_FMT(within), cycle->restores * 100,
                   AR_FMT(cycle->name));
}

ar_err ar_life_batch_propose(ar_ctx *ctx, const ar_cycle *cycle, ar_str step, const ar_str *ids,
                             size_t n, int64_t *out_number)
{
    ar_own(ar_append) append = NULL;
    ar_value next;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT 1 + coalesce(max(number), 0) FROM ar.life_batch"), NULL,
                           0, ctx->arena, &next));
    ar_value row[] = { next, ar_text(cycle->name), ar_text(step), ar_text(ctx->who->name),
                       ar_at(ctx->now) };
    AR_TRY(ar_engine_run(
        ctx->engine, AR_LIT("INSERT INTO ar.life_batch VALUES ($1, $2, $3, $4, $5, NULL, NULL)"),
        row, AR_COUNT(row), NULL));
    AR_TRY(ar_append_open(ctx->engine, "ar.life_batch_asset", &append));
    for (size_t i = 0; i < n; i++)
        AR_TRY(ar_append_row(append, (ar_value[]){ next, ar_text(ids[i]) }, 2));
    *out_number = next.i;
    return ar_append_close(&append);
}

ar_err ar_life_batch_read(ar_ctx *ctx, ar_str text, ar_life_batch *out_batch)
{
    ar_own(ar_rows) rows = NULL;
    ar_value number;

    if (!ar_str_starts(text, AR_LIT("B-")) ||
        !ar_str_int(ar_str_cut(text, 2, text.len), &out_batch->number))
        return ar_fail(AR_INVALID, "'%.*s' is no batch; they look like B-3", AR_FMT(text));
    number = ar_int(out_batch->number);
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT kind, step, who, coalesce(approved_by, '')"
                                  " FROM ar.life_batch WHERE number = $1"),
                           &number, 1, &rows));
    if (!ar_rows_next(rows)) return ar_fail(AR_NOT_FOUND, "there is no batch %.*s", AR_FMT(text));
    out_batch->kind = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    out_batch->step = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s);
    out_batch->who = ar_arena_copy(ctx->arena, ar_rows_get(rows, 2).s);
    out_batch->approved_by = ar_arena_copy(ctx->arena, ar_rows_get(rows, 3).s);
    return ar_ok();
}

ar_err ar_life_batch_approve(ar_ctx *ctx, const ar_life_batch *batch)
{
    ar_value row[] = { ar_int(batch->number), ar_text(ctx->who->name), ar_at(ctx->now) };
    bool same;

    if (batch->approved_by.len > 0)
        return ar_fail(AR_CONFLICT, "B-%lld was approved by %.*s", (long long)batch->number,
                       AR_FMT(batch->approved_by));
    AR_TRY(ar_owner_same(ctx->engine, batch->who, ctx->who->name, &same));
    if (same)
        return ar_fail(AR_DENIED,
                       "B-%lld was proposed by %.*s, and two persons stand for it; want the "
                       "approval of somebody else",
                       (long long)batch->number, AR_FMT(batch->who));
    return ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.life_batch SET approved_by = $2, approved_at = $3"
                                " WHERE number = $1"),
                         row, AR_COUNT(row), NULL);
}

ar_err ar_life_batch_members(ar_ctx *ctx, const ar_life_batch *batch, ar_str **out_ids,
                             size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    ar_value number = ar_int(batch->number);
    size_t cap = 0;

    *out_ids = NULL;
    *out_n = 0;
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT asset_id FROM ar.life_batch_asset b WHERE batch = $1 AND NOT EXISTS"
               " (SELECT 1 FROM ar.receipt r WHERE r.batch = $1 AND r.asset_id = b.asset_id"
               "  AND r.state = 'done') ORDER BY asset_id"),
        &number, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(ctx->arena, *out_ids, *out_n, cap);
        (*out_ids)[(*out_n)++] = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    }
    return ar_ok();
}
