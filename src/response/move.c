#include "response/move.h"

#include "op/reply.h"
#include "response/clock.h"
#include "response/due.h"
#include "response/entry.h"
#include "response/read.h"

enum { BECAUSE_MIN = 10, BECAUSE_MAX = 400, CWE_DIGITS = 6 };

#define REASON_PARAM                                                                   \
    {                                                                                  \
        "reason", AR_PARAM_TEXT, 0, "why it missed its due date", AR_CASE_REASON_WORDS \
    }

/* ---- words ---- */

/* Empty when it is not given and need not be. */
static ar_err take_because(const ar_args *args, const char *needed_for, ar_str *out_text)
{
    ar_str text = ar_str_trim(ar_arg_text(args, "because"));

    if (text.len > BECAUSE_MAX)
        return ar_fail(AR_LIMIT, "--because has %zu bytes, %d is the most", text.len, BECAUSE_MAX);
    if (text.len < BECAUSE_MIN && needed_for != NULL)
        return ar_fail(AR_INVALID, "%s wants --because, in at least %d characters", needed_for,
                       BECAUSE_MIN);
    *out_text = text;
    return ar_ok();
}

/* Only of a miss: who counts reasons counts misses. */
static ar_err take_reason(const ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    if (!ar_arg_has(args, "reason")) return ar_ok();
    if (!ar_case_missed(c, ctx->now))
        return ar_fail(AR_CONFLICT, "%.*s has not missed its due date; there is no reason to give",
                       AR_FMT(c->at[AR_CASE_ID].s));
    c->at[AR_CASE_MISS_REASON] = ar_text(ar_arg_text(args, "reason"));
    return ar_ok();
}

static ar_err save(ar_ctx *ctx, const ar_case *c, const char *what, ar_str note)
{
    AR_TRY(ar_case_update(ctx, c));
    return ar_case_note(ctx, c, what, note);
}

/* ---- case stage ---- */

const ar_param ar_case_stage_params[] = {
    { "case", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, VC-12 or IN-3", NULL },
    { "stage", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "how far it is now",
      AR_CASE_STAGE_WORDS },
    { "because", AR_PARAM_TEXT, 0, "what happened; required when it goes back", NULL },
    REASON_PARAM,
    AR_CASE_DUE_PARAMS,
    { 0 },
};

/* Later than what the case knows already, also when the clock was set back. */
static ar_value now_of(const ar_ctx *ctx, const ar_case *c)
{
    ar_time since = c->at[AR_CASE_STAGE_SINCE].i;

    return ar_at(ctx->now > since ? ctx->now : since);
}

static void set_stage(ar_ctx *ctx, ar_case *c, enum ar_case_stage to)
{
    ar_value now = now_of(ctx, c);

    c->at[AR_CASE_STAGE] = ar_textz(ar_case_stage_name(to));
    c->at[AR_CASE_STAGE_SINCE] = now;
    if (to < AR_CASE_CLOSED) c->at[AR_CASE_CLOSED_AT] = ar_null();
    if (to < AR_CASE_MITIGATED) c->at[AR_CASE_MITIGATED_AT] = ar_null();
    if (to == AR_CASE_MITIGATED && c->at[AR_CASE_MITIGATED_AT].type == AR_NULL)
        c->at[AR_CASE_MITIGATED_AT] = now;
    if (to > AR_CASE_OPENED && c->at[AR_CASE_TRIAGED_AT].type == AR_NULL)
        c->at[AR_CASE_TRIAGED_AT] = now;
}

static enum ar_case_stage stage_named(ar_str name)
{
    ar_case c = { .at[AR_CASE_STAGE] = ar_text(name) };

    return ar_case_stage_of(&c);
}

/* What was decided anew is a line of its own in the timeline. */
static ar_err decide(ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    char due[AR_TIME_LEN];

    AR_TRY(ar_case_decide(ctx, args, c));
    (void)ar_time_print(ar_time_to_second(c->at[AR_CASE_DUE_AT].i), due);
    ar_str points = c->at[AR_CASE_POINTS].s, decision = c->at[AR_CASE_DECISION].s;
    ar_str note =
        ar_arena_printf(ctx->arena, "%.*s: %.*s, %s", AR_FMT(points), AR_FMT(decision), due);
    return ar_case_note(ctx, c, "due", note);
}

ar_err ar_case_run_stage(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool decides = ar_arg_has(args, "point") || ar_arg_has(args, "kev_due");
    ar_str id = ar_arg_text(args, "case"), because;
    enum ar_case_stage from, to = stage_named(ar_arg_text(args, "stage"));
    ar_case c;

    AR_TRY(ar_case_read(ctx, id, &c));
    from = ar_case_stage_of(&c);
    AR_TRY(take_because(args, to < from ? "going back" : NULL, &because));
    if (from == to && !decides && !ar_arg_has(args, "reason"))
        return ar_fail(AR_CONFLICT, "%.*s is %s already", AR_FMT(id), ar_case_stage_name(to));
    if (decides) AR_TRY(decide(ctx, args, &c));
    if (from != to) set_stage(ctx, &c, to);
    AR_TRY(take_reason(ctx, args, &c));
    AR_TRY(ar_case_update(ctx, &c));
    if (from != to) AR_TRY(ar_case_note(ctx, &c, "stage", because));
    AR_TRY(ar_case_enter(ctx, id));
    ar_audit_add(ctx, "case", ar_text(id));
    ar_audit_add(ctx, "from", ar_textz(ar_case_stage_name(from)));
    ar_audit_add(ctx, "to", ar_textz(ar_case_stage_name(to)));
    ar_audit_add(ctx, "due_at", c.at[AR_CASE_DUE_AT]);
    return ar_case_reply(ctx, id, reply);
}

/* ---- case signal ---- */

static ar_err find_at_risk(ar_ctx *ctx, ar_str **out_ids, size_t *out_n)
{
    ar_value now = ar_at(ctx->now);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    size_t n = 0, cap = 0;

    ar_buf_addf(&sql,
                "SELECT id FROM %s i WHERE state = 'at_risk' AND at_risk_signalled_at IS NULL"
                " ORDER BY due_at, kind, number",
                ar_case_items);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &now, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(ctx->arena, *out_ids, n, cap);
        (*out_ids)[n++] = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    }
    *out_n = n;
    return ar_ok();
}

static ar_err signal_one(ar_ctx *ctx, ar_str id)
{
    char due[AR_TIME_LEN];
    ar_case c;

    AR_TRY(ar_case_read(ctx, id, &c));
    c.at[AR_CASE_SIGNALLED_AT] = ar_at(ctx->now);
    (void)ar_time_print(ar_time_to_second(c.at[AR_CASE_DUE_AT].i), due);
    return save(ctx, &c, "signal", ar_arena_printf(ctx->arena, "due %s", due));
}

ar_err ar_case_run_signal(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str *ids = NULL;
    size_t n;

    (void)args;
    AR_TRY(find_at_risk(ctx, &ids, &n));
    for (size_t i = 0; i < n; i++) AR_TRY(signal_one(ctx, ids[i]));
    AR_TRY(ar_case_enter(ctx, (ar_str){ 0 }));
    for (size_t i = 0; i < n; i++) AR_TRY(ar_case_reply(ctx, ids[i], reply));
    if (n == 0) ar_reply_note(reply, "No case is at risk that was not signalled.");
    ar_audit_add(ctx, "cases", ar_int((int64_t)n));
    return ar_ok();
}

/* ---- case close ---- */

const ar_param ar_case_close_params[] = {
    { "case", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, VC-12 or IN-3", NULL },
    { "cwe", AR_PARAM_TEXT, 0, "the root cause of a vulnerability, CWE-79", NULL },
    { "learning", AR_PARAM_TEXT, AR_REQUIRED,
      "the draft standard in HOME/standards that came of it, or no", NULL },
    { "because", AR_PARAM_TEXT, 0, "why no standard came of it", NULL },
    REASON_PARAM,
    { 0 },
};

static ar_err check_stage(const ar_case *c)
{
    enum ar_case_stage stage = ar_case_stage_of(c);
    ar_str id = c->at[AR_CASE_ID].s;

    if (stage == AR_CASE_MITIGATED) return ar_ok();
    if (stage == AR_CASE_CLOSED) return ar_fail(AR_CONFLICT, "%.*s is closed already", AR_FMT(id));
    return ar_fail(
        AR_CONFLICT,
        "%.*s is %s; it closes when it is mitigated (`aright case stage %.*s mitigated`)",
        AR_FMT(id), ar_case_stage_name(stage), AR_FMT(id));
}

/* The words of the closed list, with commas between. */
static ar_str reason_words(ar_arena *arena)
{
    ar_str rest = AR_LIT(AR_CASE_REASON_WORDS), word;
    ar_auto(ar_buf) out = { 0 };

    while (ar_str_split(&rest, ' ', &word))
        ar_buf_addf(&out, "%s%.*s", out.len > 0 ? ", " : "", AR_FMT(word));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

static ar_err check_reason(const ar_ctx *ctx, const ar_case *c)
{
    char due[AR_TIME_LEN];
    ar_str words;

    if (!ar_case_missed(c, ctx->now) || c->at[AR_CASE_MISS_REASON].type == AR_TEXT) return ar_ok();
    words = reason_words(ctx->arena);
    return ar_fail(AR_INVALID,
                   "%.*s was due at %s and was not mitigated by then; it closes with --reason, one "
                   "of %.*s",
                   AR_FMT(c->at[AR_CASE_ID].s),
                   ar_time_print(ar_time_to_second(c->at[AR_CASE_DUE_AT].i), due), AR_FMT(words));
}

static bool is_cwe(ar_str text)
{
    int64_t n;

    return ar_str_starts(text, AR_LIT("CWE-")) && text.len <= 4 + CWE_DIGITS && text.len > 4 &&
           text.ptr[4] >= '1' && text.ptr[4] <= '9' &&
           ar_str_int(ar_str_cut(text, 4, text.len), &n);
}

static ar_err take_cwe(const ar_args *args, ar_case *c)
{
    bool wanted = ar_str_eq(c->at[AR_CASE_KIND].s, AR_LIT("vcase"));
    ar_str cwe = ar_arg_text(args, "cwe");

    if (cwe.len == 0 && !wanted) return ar_ok();
    if (cwe.len == 0)
        return ar_fail(AR_INVALID, "a vulnerability closes with its root cause; want --cwe CWE-79");
    if (!is_cwe(cwe))
        return ar_fail(AR_INVALID, "'%.*s' is no root cause (want CWE-79)", AR_FMT(cwe));
    c->at[AR_CASE_CWE] = ar_text(cwe);
    return ar_ok();
}

static ar_err check_standard(ar_ctx *ctx, ar_str id)
{
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(ctx->place, "standards", ctx->arena, &files, &n));
    for (size_t i = 0; i < n; i++)
        if (!files[i].shipped && ar_str_eq(files[i].name, id)) return ar_ok();
    return ar_fail(AR_NOT_FOUND,
                   "there is no draft %.*s.yaml in %s/standards; write it, or say --learning no and"
                   " --because",
                   AR_FMT(id), ctx->place->home);
}

static ar_err take_learning(ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    ar_str learning = ar_arg_text(args, "learning"), because;
    bool none = ar_str_eq(learning, AR_LIT("no"));

    AR_TRY(take_because(args, none ? "--learning no" : NULL, &because));
    if (!none) AR_TRY(check_standard(ctx, learning));
    c->at[AR_CASE_LEARNING] = ar_text(learning);
    c->at[AR_CASE_LEARNING_BECAUSE] = ar_text_or_null(because);
    return ar_ok();
}

ar_err ar_case_run_close(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str id = ar_arg_text(args, "case"), note;
    ar_case c;

    AR_TRY(ar_case_read(ctx, id, &c));
    AR_TRY(check_stage(&c));
    AR_TRY(take_reason(ctx, args, &c));
    AR_TRY(check_reason(ctx, &c));
    AR_TRY(take_cwe(args, &c));
    AR_TRY(take_learning(ctx, args, &c));
    set_stage(ctx, &c, AR_CASE_CLOSED);
    c.at[AR_CASE_CLOSED_AT] = c.at[AR_CASE_STAGE_SINCE];
    note = ar_arena_printf(ctx->arena, "learning %.*s", AR_FMT(c.at[AR_CASE_LEARNING].s));
    AR_TRY(save(ctx, &c, "stage", note));
    AR_TRY(ar_case_enter(ctx, id));
    ar_audit_add(ctx, "case", ar_text(id));
    ar_audit_add(ctx, "missed", ar_bool(ar_case_missed(&c, ctx->now)));
    ar_audit_add(ctx, "reason", c.at[AR_CASE_MISS_REASON]);
    ar_audit_add(ctx, "learning", c.at[AR_CASE_LEARNING]);
    return ar_case_reply(ctx, id, reply);
}
