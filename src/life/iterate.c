#include "life/iterate.h"

#include "life/shelf.h"
#include "life/state.h"

enum { NAMED_MAX = 10 };

const ar_param ar_life_iterate_params[] = {
    { "kind", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "over which kind", NULL },
    { "end", AR_PARAM_FLAG, 0, "end the one that is under way, when all is decided", NULL },
    { 0 },
};

const ar_column ar_life_iterate_columns[] = {
    { "iteration", AR_TEXT, 0, "its id" },
    { "kind", AR_TEXT, 0, "over which kind" },
    { "started_at", AR_TIME, 0, "when who is in it was frozen" },
    { "ended_at", AR_TIME, 0, "when it ended" },
    { "assets", AR_INT, 0, "how many are in it" },
    { "removed", AR_INT, 0, "of them removed" },
    { "kept", AR_INT, 0, "of them kept by their owner's word" },
    { "in_use", AR_INT, 0, "of them governed and in use: nothing speaks against them" },
    { "open", AR_INT, 0, "of them not decided" },
    { 0 },
};

/* A subquery: the assets of iteration $2 as they stand at $1. */
static void add_members(const ar_cycle *cycle, ar_buf *sql)
{
    ar_buf_addz(sql, "(SELECT m.asset_id, CASE WHEN i.id IS NULL"
                     " OR i.state IN ('soft-deleted', 'purged', 'deleted') THEN 'removed'"
                     " WHEN i.kept_at >= t.started_at THEN 'kept'"
                     " WHEN i.reason IS NULL AND i.owner IS NOT NULL"
                     "  AND i.state IN ('active', 'approved', 'provisioned') THEN 'in_use'"
                     " ELSE 'open' END AS decision FROM ar.life_iteration_asset m"
                     " JOIN ar.life_iteration t ON t.number = m.iteration LEFT JOIN ");
    ar_life_items(cycle, sql);
    ar_buf_addz(sql, " i ON i.id = m.asset_id WHERE m.iteration = $2)");
}

static ar_err find(ar_ctx *ctx, const ar_cycle *cycle, int64_t *out_number)
{
    ar_value arg = ar_text(cycle->name), number;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT coalesce(max(number), 0) FROM ar.life_iteration"
                                  " WHERE kind = $1 AND ended_at IS NULL"),
                           &arg, 1, ctx->arena, &number));
    *out_number = number.i;
    return ar_ok();
}

static ar_err start(ar_ctx *ctx, const ar_cycle *cycle, ar_time at, int64_t *out_number)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value next;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT 1 + coalesce(max(number), 0) FROM ar.life_iteration"),
                           NULL, 0, ctx->arena, &next));
    ar_value row[] = { next, ar_text(cycle->name), ar_text(ctx->who->name), ar_at(at) };
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.life_iteration VALUES ($1, $2, $3, $4, NULL)"), row,
                         AR_COUNT(row), NULL));
    ar_buf_addz(&sql, "INSERT INTO ar.life_iteration_asset SELECT $2, id FROM ");
    ar_life_items(cycle, &sql);
    ar_buf_addz(&sql, " i WHERE state NOT IN ('soft-deleted', 'purged', 'deleted')");
    ar_value args[] = { ar_at(at), next };
    *out_number = next.i;
    return ar_engine_run(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), NULL);
}

static ar_err read_open(ar_ctx *ctx, const ar_cycle *cycle, const ar_value *args, ar_str *out_names)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value names;

    ar_buf_addf(&sql,
                "SELECT string_agg(asset_id, ', ' ORDER BY asset_id) FROM (SELECT asset_id FROM ");
    add_members(cycle, &sql);
    ar_buf_addf(&sql, " m WHERE decision = 'open' ORDER BY asset_id LIMIT %d) o", (int)NAMED_MAX);
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), args, 2, ctx->arena, &names));
    *out_names = names.type == AR_TEXT ? names.s : (ar_str){ 0 };
    return ar_ok();
}

static ar_err end(ar_ctx *ctx, ar_value number, ar_time at, ar_str open)
{
    ar_value args[] = { number, ar_at(at) };

    if (open.len > 0)
        return ar_fail(AR_CONFLICT, "not all is decided: %.*s (the first %d at most)", AR_FMT(open),
                       (int)NAMED_MAX);
    return ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.life_iteration SET ended_at = $2 WHERE number = $1"),
                         args, AR_COUNT(args), NULL);
}

static ar_err reply_one(ar_ctx *ctx, const ar_cycle *cycle, const ar_value *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT 'IT-' || t.number, t.kind, t.started_at, t.ended_at, c.* FROM"
                      " ar.life_iteration t, (SELECT count(*),"
                      " count(*) FILTER (decision = 'removed'),"
                      " count(*) FILTER (decision = 'kept'),"
                      " count(*) FILTER (decision = 'in_use'),"
                      " count(*) FILTER (decision = 'open') FROM ");
    add_members(cycle, &sql);
    ar_buf_addz(&sql, " m) c WHERE t.number = $2");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, 2, &rows));
    return ar_reply_rows(reply, rows);
}

ar_err ar_life_run_iterate(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool ends = ar_arg_flag(args, "end");
    ar_life_shelf shelf;
    const ar_cycle *cycle;
    ar_str open;
    int64_t number;
    ar_time at;

    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    AR_TRY(ar_cycles_find(&shelf.cycles, ar_arg_text(args, "kind"), &cycle));
    AR_TRY(ar_life_time(ctx, &at));
    AR_TRY(find(ctx, cycle, &number));
    if (ends && number == 0)
        return ar_fail(AR_CONFLICT, "no iteration over kind %.*s is under way",
                       AR_FMT(cycle->name));
    if (number == 0) AR_TRY(start(ctx, cycle, at, &number));

    ar_value query[] = { ar_at(at), ar_int(number) };
    AR_TRY(read_open(ctx, cycle, query, &open));
    if (ends) AR_TRY(end(ctx, query[1], at, open));
    ar_audit_add(ctx, "iteration", query[1]);
    AR_TRY(reply_one(ctx, cycle, query, reply));
    if (open.len > 0) ar_reply_note(reply, "Open: %.*s", AR_FMT(open));
    return ar_ok();
}
