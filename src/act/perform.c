#include "act/perform.h"

const char *ar_act_end_name(enum ar_act_end end)
{
    static const char *const names[] = { "done", "failed", "half" };

    return names[end];
}

/* Whether the part ended well; else *out_why says how it did not. */
static bool ran(ar_runner *runner, const ar_deed *deed, enum ar_act_part part, ar_arena *arena,
                ar_str *out_why)
{
    ar_str printed;
    int status = 0;
    ar_err err = ar_runner_run(runner, &deed->parts[part], (ar_str){ 0 }, deed->seconds, arena,
                               &printed, &status);

    if (err.code != AR_OK) {
        ar_str text = ar_err_text(err);

        *out_why = ar_arena_printf(arena, "%s: %.*s", ar_act_part_name(part), AR_FMT(text));
        return false;
    }
    *out_why = ar_arena_printf(arena, "%s ended with status %d", ar_act_part_name(part), status);
    return status == 0;
}

static bool is_so(ar_runner *runner, const ar_deed *deed, ar_arena *arena)
{
    ar_str why;

    return deed->parts[AR_ACT_CHECK].n > 0 && ran(runner, deed, AR_ACT_CHECK, arena, &why);
}

static ar_act_result ended(enum ar_act_end end, ar_str note)
{
    return (ar_act_result){ .end = end, .note = note };
}

static ar_act_result take_back(ar_runner *runner, const ar_deed *deed, ar_str why, ar_arena *arena)
{
    ar_str undo;

    if (deed->parts[AR_ACT_UNDO].n == 0)
        return ended(AR_ACT_HALF, ar_arena_printf(arena, "%.*s; it has no undo", AR_FMT(why)));
    if (!ran(runner, deed, AR_ACT_UNDO, arena, &undo))
        return ended(AR_ACT_HALF,
                     ar_arena_printf(arena, "%.*s; and %.*s", AR_FMT(why), AR_FMT(undo)));
    return ended(AR_ACT_FAILED, ar_arena_printf(arena, "%.*s; undone", AR_FMT(why)));
}

ar_act_result ar_act_do(ar_runner *runner, const ar_deed *deed, ar_arena *arena)
{
    ar_str why;

    if (deed->parts[AR_ACT_DO].n == 0) return ended(AR_ACT_DONE, (ar_str){ 0 });
    if (is_so(runner, deed, arena)) return ended(AR_ACT_DONE, AR_LIT("it was so already"));
    if (!ran(runner, deed, AR_ACT_DO, arena, &why)) return take_back(runner, deed, why, arena);
    if (deed->parts[AR_ACT_CHECK].n == 0 || ran(runner, deed, AR_ACT_CHECK, arena, &why))
        return ended(AR_ACT_DONE, (ar_str){ 0 });
    return take_back(runner, deed, why, arena);
}

ar_act_result ar_act_undo(ar_runner *runner, const ar_deed *deed, ar_arena *arena)
{
    ar_str why;

    if (deed->parts[AR_ACT_DO].n == 0) return ended(AR_ACT_DONE, (ar_str){ 0 });
    if (deed->parts[AR_ACT_UNDO].n == 0)
        return ended(AR_ACT_FAILED, AR_LIT("the action has no undo"));
    if (!ran(runner, deed, AR_ACT_UNDO, arena, &why)) return ended(AR_ACT_HALF, why);
    if (is_so(runner, deed, arena))
        return ended(AR_ACT_HALF, AR_LIT("undo ended well, and check says it is still so"));
    return ended(AR_ACT_DONE, (ar_str){ 0 });
}
