#include "act/hands.h"

static ar_err open_hand(ar_ctx *ctx, ar_str name, ar_hands *hands)
{
    ar_hand *hand = &hands->systems[hands->n];
    ar_system system;
    ar_err err = ar_system_load(ctx->place, name, ctx->arena, &system);

    if (err.code == AR_OK && !system.on) return ar_ok();
    if (hands->n == AR_HANDS_SYSTEMS_MAX)
        return ar_fail(AR_LIMIT, "more than %d systems are set up", AR_HANDS_SYSTEMS_MAX);
    *hand = (ar_hand){ .system = name };
    hands->n++;
    if (err.code == AR_OK)
        err = ar_system_open(&system, ctx->place, ctx->now, ctx->arena, &hand->caller);
    if (err.code != AR_OK) hand->broken = ar_arena_copy(ctx->arena, ar_err_text(err));
    return ar_ok();
}

static bool is_open(const ar_hands *hands, ar_str name)
{
    for (size_t i = 0; i < hands->n; i++)
        if (ar_str_eq(hands->systems[i].system, name)) return true;
    return false;
}

ar_err ar_hands_open(ar_ctx *ctx, ar_hands *out_hands)
{
    ar_definitions actions;
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_actions_load(ctx->place, &kinds, ctx->arena, &actions));
    AR_TRY(ar_runner_start(ctx->place, &out_hands->runner));
    for (size_t i = 0; i < actions.n; i++) {
        ar_str system = ((const ar_action *)actions.list)[i].system;

        if (system.len > 0 && !is_open(out_hands, system))
            AR_TRY(open_hand(ctx, system, out_hands));
    }
    return ar_ok();
}

void ar_hands_done(ar_hands *hands)
{
    for (size_t i = 0; i < hands->n; i++) ar_caller_free(&hands->systems[i].caller);
    ar_runner_done(&hands->runner);
}

ar_err ar_hands_caller(const ar_hands *hands, ar_str system, ar_caller **out_caller)
{
    for (size_t i = 0; i < hands->n; i++) {
        const ar_hand *hand = &hands->systems[i];

        if (!ar_str_eq(hand->system, system)) continue;
        if (hand->broken.len > 0) return ar_fail(AR_INVALID, "%.*s", AR_FMT(hand->broken));
        return *out_caller = hand->caller, ar_ok();
    }
    return ar_fail(AR_NOT_FOUND, "system %.*s is not set up (want HOME/systems/%.*s.yaml)",
                   AR_FMT(system), AR_FMT(system));
}
