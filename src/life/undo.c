#include "act/door.h"
#include "life/batch.h"
#include "life/step.h"

const ar_param ar_life_undo_params[] = {
    { "receipt", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "RC-12", NULL },
    { "confirm", AR_PARAM_FLAG, 0, "do it; else only what would be done is shown", NULL },
    { 0 },
};

/* What is done later on the same asset must go first. */
static ar_err check_last(ar_ctx *ctx, const ar_receipt *r)
{
    ar_time now;
    ar_value later;

    AR_TRY(ar_receipt_now(ctx, &now));
    ar_value args[] = { ar_at(now), ar_text(r->kind), ar_text(r->asset), ar_int(r->number) };
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT max(r.number) FROM ar.receipt r WHERE r.area = "
                                  "'" AR_LIFE_AREA "' AND r.kind = $2 AND r.asset_id = $3"
                                  " AND r.number > $4 AND r.step IN ('quarantine', 'soft_delete',"
                                  " 'purge') AND " AR_RECEIPT_HOLDS),
                           args, AR_COUNT(args), ctx->arena, &later));
    if (later.type == AR_NULL) return ar_ok();
    return ar_fail(AR_CONFLICT, "RC-%lld came after it on %.*s:%.*s; undo that first",
                   (long long)later.i, AR_FMT(r->kind), AR_FMT(r->asset));
}

static ar_err check(ar_ctx *ctx, const ar_receipt *r)
{
    if (!ar_str_eq(r->area, AR_LIT(AR_LIFE_AREA)))
        return ar_fail(AR_CONFLICT,
                       "RC-%lld is no step of a life; `aright grant undo` takes it back",
                       (long long)r->number);
    if (r->undone > 0)
        return ar_fail(AR_CONFLICT, "RC-%lld was taken back by RC-%lld already",
                       (long long)r->number, (long long)r->undone);
    if (ar_str_eq(r->step, AR_LIT("purge")))
        return ar_fail(AR_CONFLICT, "RC-%lld is a purge, which nothing brings back",
                       (long long)r->number);
    if (!ar_str_eq(r->step, AR_LIT("quarantine")) && !ar_str_eq(r->step, AR_LIT("soft_delete")))
        return ar_fail(AR_CONFLICT,
                       "RC-%lld is '%.*s'; what is taken back is a quarantine or a soft_delete",
                       (long long)r->number, AR_FMT(r->step));
    if (ar_str_eq(r->state, AR_LIT("failed")))
        return ar_fail(AR_CONFLICT, "RC-%lld failed, and nothing of it is left",
                       (long long)r->number);
    return check_last(ctx, r);
}

/* An undo that was begun and not heard of again; 0: none. */
static ar_err find_begun(ar_ctx *ctx, const ar_receipt *r, int64_t *out_number)
{
    ar_value arg = ar_int(r->number), number;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT coalesce(max(number), 0) FROM ar.receipt"
                                  " WHERE undoes = $1 AND state = 'begun'"),
                           &arg, 1, ctx->arena, &number));
    *out_number = number.i;
    return ar_ok();
}

ar_err ar_life_run_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_receipt r, back = { .area = AR_LIT(AR_LIFE_AREA), .step = AR_LIT("undo") };
    int64_t number;

    AR_TRY(ar_receipt_number(ar_arg_text(args, "receipt"), &number));
    AR_TRY(ar_receipt_read(ctx, number, &r));
    AR_TRY(check(ctx, &r));
    AR_TRY(find_begun(ctx, &r, &back.number));
    back.kind = r.kind;
    back.asset = r.asset;
    back.evidence = r.evidence;
    back.deed = r.deed;
    back.undoes = number;
    if (ar_arg_flag(args, "confirm") && back.number == 0) AR_TRY(ar_receipt_begin(ctx, &back));
    if (!ar_arg_flag(args, "confirm")) {
        back.number = 0;
        ar_reply_note(reply, "Nothing was done; the same command with --confirm does it.");
    }
    ar_audit_add(ctx, "undoes", ar_int(number));
    ar_audit_add(ctx, "asset", ar_text(r.asset));
    return ar_door_reply(
        reply, ar_arena_printf(ctx->arena, "%.*s:%.*s", AR_FMT(r.kind), AR_FMT(r.asset)), back.step,
        back.number,
        ar_arena_printf(ctx->arena, "takes back %.*s, RC-%lld", AR_FMT(r.step), (long long)number),
        r.deed);
}

ar_err ar_life_run_undo(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    return ar_door_take_back(ctx, args, reply, "life.take_back", "life.record");
}
