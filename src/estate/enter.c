#include "estate/enter.h"

#include "estate/intake.h"

ar_err ar_enter(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec, ar_str what,
                ar_node **items, size_t n, ar_import_result *out_result, ar_str *out_ignored)
{
    ar_connector by_name = { .name = spec->connector };
    ar_own(ar_intake) intake = NULL;
    ar_plan plan;

    ar_plan_make(&by_name, spec->kind, what, ctx->arena, &plan);
    AR_TRY(ar_intake_over(&plan, items, n, &intake));
    AR_TRY(ar_import(ctx, kinds, spec, ar_intake_feed(intake), out_result));
    *out_ignored = ar_arena_copy(ctx->arena, ar_intake_feed(intake)->ignored);
    return ar_ok();
}

ar_err ar_enter_own(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_str what,
                    ar_node **items, size_t n)
{
    ar_import_spec spec = { .kind = kind,
                            .connector = AR_LIT("aright"),
                            .source = AR_LIT("aright"),
                            .role = AR_ROLE_REGISTER,
                            .delta = true };
    ar_import_result result;
    ar_str ignored;

    return ar_enter(ctx, kinds, &spec, what, items, n, &result, &ignored);
}
