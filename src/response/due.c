#include "response/due.h"

#include "response/decision.h"

enum { CRITICALITY = 3 }; /* as everywhere, of what nobody has weighed */

static ar_str text_of(ar_value value)
{
    return value.type == AR_TEXT ? value.s : (ar_str){ 0 };
}

static int64_t criticality_of(const ar_case *c)
{
    ar_value value = c->at[AR_CASE_CRITICALITY];

    if (value.type != AR_INT) return CRITICALITY;
    return value.i < 1                           ? 1
           : value.i > AR_DECISION_CRITICALITIES ? AR_DECISION_CRITICALITIES
                                                 : value.i;
}

static ar_value earlier(ar_value a, ar_value b)
{
    if (a.type == AR_NULL) return b;
    return b.type == AR_NULL || a.i < b.i ? a : b;
}

/* A date that was set becomes later only while the case is triaged for the first time, in time. */
static ar_err check_later(const ar_ctx *ctx, const ar_case *c, ar_value due)
{
    ar_value was = c->at[AR_CASE_DUE_AT];
    char was_text[AR_TIME_LEN], due_text[AR_TIME_LEN];
    bool fixed = c->at[AR_CASE_TRIAGED_AT].type == AR_TIME || ar_case_missed(c, ctx->now);

    if (was.type == AR_NULL || due.i <= was.i || !fixed) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "%.*s is due at %s and would be at %s; once a case is triaged, or has missed "
                   "its due date, that only becomes earlier",
                   AR_FMT(c->at[AR_CASE_ID].s), ar_time_print(ar_time_to_second(was.i), was_text),
                   ar_time_print(ar_time_to_second(due.i), due_text));
}

/* Says the decision and *out_due, by the table as it is now. */
static ar_err decide_points(ar_ctx *ctx, const ar_str *points, size_t n, ar_case *c,
                            ar_value *out_due)
{
    bool triaged = c->at[AR_CASE_TRIAGED_AT].type == AR_TIME;
    ar_time from = triaged ? ctx->now : c->at[AR_CASE_OPENED_AT].i;
    ar_decision_table table;
    ar_decision decision;

    AR_TRY(ar_decision_load(ctx->place, c->at[AR_CASE_KIND].s, ctx->arena, &table));
    AR_TRY(ar_decision_take(&table, points, n, text_of(c->at[AR_CASE_POINTS]), criticality_of(c),
                            ctx->arena, &decision));
    c->at[AR_CASE_POINTS] = ar_text(decision.points);
    c->at[AR_CASE_DECISION] = ar_text(decision.outcome->name);
    c->at[AR_CASE_SEVERITY] = ar_text(decision.outcome->severity);
    *out_due = ar_at(from + decision.outcome->due);
    return ar_ok();
}

ar_err ar_case_decide(ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    ar_value kev = c->at[AR_CASE_KEV_DUE_AT], due = c->at[AR_CASE_DUE_AT];
    const ar_str *points;
    size_t n = ar_arg_texts(args, "point", &points);

    if (ar_arg_has(args, "kev_due")) kev = earlier(kev, ar_at(ar_arg_time(args, "kev_due", 0)));
    if (n > 0 || due.type == AR_NULL) AR_TRY(decide_points(ctx, points, n, c, &due));
    due = earlier(due, kev);
    AR_TRY(check_later(ctx, c, due));
    c->at[AR_CASE_KEV_DUE_AT] = kev;
    c->at[AR_CASE_DUE_AT] = due;
    return ar_ok();
}
