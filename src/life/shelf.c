#include "life/shelf.h"

#include "estate/estate.h"

ar_err ar_life_shelf_open(ar_ctx *ctx, ar_life_shelf *out_shelf)
{
    AR_TRY(ar_estate_open(ctx, &out_shelf->kinds));
    AR_TRY(ar_actions_load(ctx->place, &out_shelf->kinds, ctx->arena, &out_shelf->actions));
    return ar_cycles_load(ctx->place, &out_shelf->kinds, &out_shelf->actions, ctx->arena,
                          &out_shelf->cycles);
}

ar_err ar_life_shelf_asset(const ar_life_shelf *shelf, ar_str asset, const ar_cycle **out_cycle,
                           ar_str *out_id)
{
    size_t colon = ar_str_find(asset, ':');

    if (colon == 0 || colon + 1 >= asset.len)
        return ar_fail(AR_INVALID, "'%.*s' is no asset; they look like tenant:lab", AR_FMT(asset));
    *out_id = ar_str_cut(asset, colon + 1, asset.len);
    return ar_cycles_find(&shelf->cycles, ar_str_cut(asset, 0, colon), out_cycle);
}
