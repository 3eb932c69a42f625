#include "act/door.h"
#include "life/batch.h"
#include "life/entry.h"
#include "life/step.h"

const ar_param ar_life_record_params[] = {
    { "result", AR_PARAM_TEXT, AR_REQUIRED | AR_REPEATED,
      "RC-12 and done, failed or half, and what there is to say", NULL },
    { 0 },
};

typedef struct ended {
    ar_receipt receipt;
    bool done;
} ended;

static ar_err end_one(ar_ctx *ctx, ar_str text, ended *out)
{
    int64_t number;
    ar_str state, note;

    AR_TRY(ar_door_result(text, &number, &state, &note));
    AR_TRY(ar_receipt_read(ctx, number, &out->receipt));
    if (!ar_str_eq(out->receipt.area, AR_LIT(AR_LIFE_AREA)))
        return ar_fail(AR_CONFLICT, "RC-%lld is no step of a life", (long long)number);
    out->done = ar_str_eq(state, AR_LIT("done"));
    return ar_receipt_end(ctx, number, state, note);
}

/* Soft-deleted together means removed at one time: that of the last receipt. */
static ar_err enter_removed(ar_ctx *ctx, const ar_life_shelf *shelf, const ended *list, size_t n)
{
    ar_str *ids = ar_make_n(ctx->arena, ar_str, n);
    const ar_cycle *cycle = NULL;
    size_t removed = 0;
    ar_time at = 0;

    for (size_t i = 0; i < n; i++) {
        if (!list[i].done || !ar_str_eq(list[i].receipt.step, AR_LIT("soft_delete"))) continue;
        AR_TRY(ar_cycles_find(&shelf->cycles, list[i].receipt.kind, &cycle));
        ids[removed++] = list[i].receipt.asset;
        at = list[i].receipt.at;
    }
    return removed == 0 ? ar_ok() : ar_life_enter_removed(ctx, shelf, cycle, ids, removed, at);
}

static ar_err enter_back(ar_ctx *ctx, const ar_life_shelf *shelf, const ended *one)
{
    const ar_cycle *cycle;
    ar_receipt undone;

    if (!one->done || one->receipt.undoes == 0) return ar_ok();
    AR_TRY(ar_receipt_read(ctx, one->receipt.undoes, &undone));
    if (!ar_str_eq(undone.step, AR_LIT("soft_delete"))) return ar_ok();
    AR_TRY(ar_cycles_find(&shelf->cycles, undone.kind, &cycle));
    return ar_life_enter_back(ctx, shelf, cycle, undone.asset);
}

ar_err ar_life_run_record(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_str *results;
    size_t n = ar_arg_texts(args, "result", &results);
    ended *list = ar_make_n(ctx->arena, ended, n);
    ar_life_shelf shelf;

    (void)reply;
    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    for (size_t i = 0; i < n; i++) AR_TRY(end_one(ctx, results[i], &list[i]));
    AR_TRY(enter_removed(ctx, &shelf, list, n));
    for (size_t i = 0; i < n; i++) AR_TRY(enter_back(ctx, &shelf, &list[i]));
    ar_audit_add(ctx, "results", ar_int((int64_t)n));
    return ar_ok();
}
