#include "act/perform.h"

#include "form/hash.h"

const char *ar_act_end_name(enum ar_act_end end)
{
    static const char *const names[] = { "done", "failed", "half" };

    return names[end];
}

typedef struct performance {
    ar_hands *hands;
    const ar_deed *deed;
    ar_str receipt;
    ar_arena *arena;
} performance;

/* How one part went. */
typedef struct course {
    bool well;
    bool untouched; /* it did not go well, and nothing was done by it */
    ar_str why;     /* how it did not go well */
} course;

static course failed(const performance *p, enum ar_act_part part, ar_err err, bool untouched)
{
    ar_str text = ar_err_text(err);

    return (course){ .untouched = untouched,
                     .why = ar_arena_printf(p->arena, "%s: %.*s", ar_act_part_name(part),
                                            AR_FMT(text)) };
}

/* ---- a command ---- */

static course run(const performance *p, enum ar_act_part part)
{
    ar_str printed;
    int status = 0;
    ar_err err = ar_runner_run(&p->hands->runner, &p->deed->parts[part].command, (ar_str){ 0 },
                               p->deed->seconds, p->arena, &printed, &status);

    if (err.code != AR_OK) return failed(p, part, err, false);
    return (course){ .well = status == 0,
                     .why = ar_arena_printf(p->arena, "%s ended with status %d",
                                            ar_act_part_name(part), status) };
}

/* ---- a request ---- */

/* The same under the same receipt, and under no other. */
static ar_str key_of(const performance *p, enum ar_act_part part)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%.*s %s ", AR_FMT(p->receipt), ar_act_part_name(part));
    ar_deed_print(p->deed, &text);
    return ar_sha256(ar_buf_str(&text), p->arena);
}

static course ask(const performance *p, enum ar_act_part part)
{
    const ar_request_filled *r = &p->deed->parts[part].request;
    ar_call call = r->call;
    ar_call_answer answer = { 0 };
    ar_caller *caller = NULL;
    ar_err err = ar_hands_caller(p->hands, p->deed->system, &caller);

    if (err.code != AR_OK) return failed(p, part, err, true);
    /* what may have been done is not asked again by itself: check is to find that out */
    call.repeatable = r->key.len > 0 || strcmp(call.method, "GET") == 0;
    if (r->key.len > 0) {
        ar_str key = key_of(p, part);

        call.headers = ar_arena_printf(p->arena, "%.*s%.*s: %.*s\n", AR_FMT(call.headers),
                                       AR_FMT(r->key), AR_FMT(key));
    }
    err = ar_caller_ask(caller, &call, p->arena, &answer);
    if (err.code != AR_OK) return failed(p, part, err, false);
    err = ar_expected_check(&r->expected, &answer, p->arena);
    return err.code == AR_OK ? (course){ .well = true }
                             : failed(p, part, err, !answer.done && !call.repeatable);
}

/* ---- a deed ---- */

static course go(const performance *p, enum ar_act_part part)
{
    return p->deed->parts[part].request.call.method != NULL ? ask(p, part) : run(p, part);
}

static bool is_so(const performance *p)
{
    return ar_deed_has(p->deed, AR_ACT_CHECK) && go(p, AR_ACT_CHECK).well;
}

static ar_act_result ended(enum ar_act_end end, ar_str note)
{
    return (ar_act_result){ .end = end, .note = note };
}

static ar_act_result take_back(const performance *p, course c)
{
    course undo;

    if (c.untouched) return ended(AR_ACT_FAILED, c.why);
    if (!ar_deed_has(p->deed, AR_ACT_UNDO))
        return ended(AR_ACT_HALF, ar_arena_printf(p->arena, "%.*s; it has no undo", AR_FMT(c.why)));
    undo = go(p, AR_ACT_UNDO);
    if (!undo.well)
        return ended(AR_ACT_HALF,
                     ar_arena_printf(p->arena, "%.*s; and %.*s", AR_FMT(c.why), AR_FMT(undo.why)));
    return ended(AR_ACT_FAILED, ar_arena_printf(p->arena, "%.*s; undone", AR_FMT(c.why)));
}

/* A request whose answer was lost may have been done all the same. */
static bool was_lost(const performance *p, course c)
{
    return p->deed->system.len > 0 && !c.untouched;
}

ar_act_result ar_act_do(ar_hands *hands, const ar_deed *deed, ar_str receipt, ar_arena *arena)
{
    performance p = { hands, deed, receipt, arena };
    course c;

    if (!ar_deed_has(deed, AR_ACT_DO)) return ended(AR_ACT_DONE, (ar_str){ 0 });
    if (is_so(&p)) return ended(AR_ACT_DONE, AR_LIT("it was so already"));
    c = go(&p, AR_ACT_DO);
    if (!c.well && was_lost(&p, c) && is_so(&p)) return ended(AR_ACT_DONE, (ar_str){ 0 });
    if (!c.well) return take_back(&p, c);
    if (!ar_deed_has(deed, AR_ACT_CHECK)) return ended(AR_ACT_DONE, (ar_str){ 0 });
    c = go(&p, AR_ACT_CHECK);
    c.untouched = false; /* what was done before it was */
    return c.well ? ended(AR_ACT_DONE, (ar_str){ 0 }) : take_back(&p, c);
}

ar_act_result ar_act_undo(ar_hands *hands, const ar_deed *deed, ar_str receipt, ar_arena *arena)
{
    performance p = { hands, deed, receipt, arena };
    course c;

    if (!ar_deed_has(deed, AR_ACT_DO)) return ended(AR_ACT_DONE, (ar_str){ 0 });
    if (!ar_deed_has(deed, AR_ACT_UNDO))
        return ended(AR_ACT_FAILED, AR_LIT("the action has no undo"));
    c = go(&p, AR_ACT_UNDO);
    if (!c.well) return ended(c.untouched ? AR_ACT_FAILED : AR_ACT_HALF, c.why);
    if (is_so(&p))
        return ended(AR_ACT_HALF, AR_LIT("undo ended well, and check says it is still so"));
    return ended(AR_ACT_DONE, (ar_str){ 0 });
}
