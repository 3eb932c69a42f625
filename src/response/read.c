#include "response/read.h"

#include "op/reply.h"
#include "response/case.h"
#include "response/clock.h"
#include "standard/finding.h"

enum { ROWS = 100, ROWS_MAX = 1000000 };

/* ---- rows ---- */

const ar_column ar_case_columns[] = {
    { "case", AR_TEXT, 0, "its id" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what is wrong" },
    { "asset", AR_TEXT, 0, "what it is in, KIND:ID" },
    { "severity", AR_TEXT, 0, "as the table of decision points says" },
    { "owner", AR_TEXT, 0, "who answers for it" },
    { "stage", AR_TEXT, 0, "how far it is" },
    { "due_at", AR_TIME, 0, "by when it must be mitigated" },
    { "state", AR_TEXT, 0, "overdue, at_risk, open, mitigated or closed" },
    { "ready_at", AR_TIME, AR_COLUMN_QUIET, "when it will be mitigated, as its owner is used to" },
    { "missed", AR_BOOL, AR_COLUMN_QUIET, "whether it was not mitigated by its due date" },
    { "at_risk_signalled_at", AR_TIME, AR_COLUMN_QUIET, "when its owner was warned" },
    { "miss_reason", AR_TEXT, AR_COLUMN_QUIET, "why it missed its due date" },
    { "decision", AR_TEXT, AR_COLUMN_QUIET, "the outcome of its table" },
    { "opened_at", AR_TIME, AR_COLUMN_QUIET, "when it was reported" },
    { "mitigated_at", AR_TIME, AR_COLUMN_QUIET, "when it was mitigated" },
    { "closed_at", AR_TIME, AR_COLUMN_QUIET, "when it was closed" },
    { "domain", AR_TEXT, AR_COLUMN_QUIET, "whose Deputy CISO is accountable" },
    { "kind", AR_TEXT, AR_COLUMN_QUIET, "vcase or incident" },
    { 0 },
};

#define ASSET "asset_kind || ':' || asset_id"

static const char row_sql[] = "SELECT id, title, " ASSET ", severity, owner, stage, due_at, state,"
                              " ready_at, missed, at_risk_signalled_at, miss_reason, decision,"
                              " opened_at, mitigated_at, closed_at, domain, kind FROM ";

/* $1 is the time; what is most pressing comes first. */
static ar_err reply_rows(ar_ctx *ctx, const char *where, const char *limit, const ar_value *args,
                         size_t n, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "%s%s i WHERE %s ORDER BY state <> 'overdue', state <> 'at_risk',"
                " state <> 'open', state <> 'mitigated', due_at, kind, number%s",
                row_sql, ar_case_items, where, limit);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, n, &rows));
    return ar_reply_rows(reply, rows);
}

ar_err ar_case_reply(ar_ctx *ctx, ar_str id, ar_reply *reply)
{
    ar_value args[] = { ar_at(ctx->now), ar_text(id) };

    return reply_rows(ctx, "id = $2", "", args, AR_COUNT(args), reply);
}

/* ---- case list ---- */

const ar_param ar_case_list_params[] = {
    { "owner", AR_PARAM_TEXT, 0, "of this owner, and of those below in the tree; -: of nobody",
      NULL },
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "state", AR_PARAM_TEXT, 0,
      "only those; open: all that are not closed; missed: mitigated or not, past its due date",
      "open closed overdue at_risk missed" },
    { "kind", AR_PARAM_TEXT, 0, "only vulnerabilities, or only incidents", "vcase incident" },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { 0 },
};

ar_err ar_case_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS);
    ar_value query[] = { ar_at(ctx->asof),
                         ar_text_or_null(ar_arg_text(args, "owner")),
                         ar_text_or_null(ar_arg_text(args, "state")),
                         ar_text_or_null(ar_arg_text(args, "kind")),
                         ar_int(limit),
                         ar_text_or_null(ar_arg_text(args, "domain")) };

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    AR_TRY(reply_rows(
        ctx,
        AR_OWNER_ASKED("owner",
                       "$2") " AND ($3 IS NULL OR state = $3 OR ($3 = 'open' AND state <> 'closed')"
                             " OR ($3 = 'missed' AND missed))"
                             " AND ($4 IS NULL OR kind = $4)"
                             " AND ($6 IS NULL OR coalesce(domain, '-') = $6)",
        " LIMIT $5", query, AR_COUNT(query), reply));
    if (reply->rows == 0) ar_reply_note(reply, "There is no such case.");
    if (reply->rows == limit)
        ar_reply_note(reply, "There may be more; --limit takes up to %d.", ROWS_MAX);
    return ar_ok();
}

/* ---- case show ---- */

const ar_param ar_case_show_params[] = {
    { "case", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, VC-12 or IN-3", NULL },
    { 0 },
};

const ar_column ar_case_show_columns[] = {
    { "case", AR_TEXT, 0, "its id" },
    { "title", AR_TEXT, 0, "what is wrong" },
    { "kind", AR_TEXT, 0, "vcase or incident" },
    { "state", AR_TEXT, 0, "overdue, at_risk, open, mitigated or closed" },
    { "stage", AR_TEXT, 0, "how far it is" },
    { "asset", AR_TEXT, 0, "what it is in, KIND:ID" },
    { "owner", AR_TEXT, 0, "who answers for it" },
    { "domain", AR_TEXT, 0, "whose Deputy CISO is accountable" },
    { "criticality", AR_INT, 0, "of the asset, 1 to 5" },
    { "severity", AR_TEXT, 0, "as the table of decision points says" },
    { "decision", AR_TEXT, 0, "the outcome of its table" },
    { "points", AR_TEXT, 0, "the decision points that led to it" },
    { "opened_at", AR_TIME, 0, "when it was reported" },
    { "due_at", AR_TIME, 0, "by when it must be mitigated" },
    { "kev_due_at", AR_TIME, 0, "the date of the catalogue of exploited vulnerabilities" },
    { "stage_days", AR_DOUBLE, 0, "how long a stage is thought to take, as its owner is used to" },
    { "ready_at", AR_TIME, 0, "when it will be mitigated at that rate" },
    { "at_risk_signalled_at", AR_TIME, 0, "when its owner was warned" },
    { "mitigated_at", AR_TIME, 0, "when it was mitigated" },
    { "missed", AR_BOOL, 0, "whether it was not mitigated by its due date" },
    { "miss_reason", AR_TEXT, 0, "why" },
    { "closed_at", AR_TIME, 0, "when it was closed" },
    { "cwe_id", AR_TEXT, 0, "its root cause" },
    { "learning", AR_TEXT, 0, "the draft standard that it became, or no" },
    { "learning_because", AR_TEXT, 0, "why it became none" },
    { "reporter", AR_TEXT, 0, "who reported it" },
    { "contact", AR_TEXT, 0, "how they are reached" },
    { "description", AR_TEXT, 0, "what was found" },
    { "timeline", AR_TEXT, 0, "what happened to it: when, who, what, and why; a line each" },
    { 0 },
};

ar_err ar_case_run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value query[] = { ar_at(ctx->asof), ar_text(ar_arg_text(args, "case")) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_case known;

    AR_TRY(ar_case_read(ctx, query[1].s, &known));
    ar_buf_addf(
        &sql,
        "SELECT id, title, kind, state, stage, " ASSET ", owner, domain, criticality,"
        " severity, decision, points, opened_at, due_at, kev_due_at,"
        " round(stage_days, 1), ready_at, at_risk_signalled_at, mitigated_at, missed,"
        " miss_reason, closed_at, cwe_id, learning, learning_because, reporter, contact,"
        " description, (SELECT string_agg(strftime(e.happened_at, '%%Y-%%m-%%dT%%H:%%M:%%SZ')"
        " || ' ' || e.who || ' ' || CASE e.what WHEN 'stage' THEN e.stage"
        "  WHEN 'signal' THEN 'at risk' ELSE 'due date' END || coalesce(': ' || e.note, ''),"
        " chr(10) ORDER BY e.number) FROM ar.case_event e WHERE e.case_id = $2)"
        " FROM %s i WHERE id = $2",
        ar_case_items);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    return ar_reply_rows(reply, rows);
}

/* ---- case reasons ---- */

const ar_param ar_case_reasons_params[] = {
    { "owner", AR_PARAM_TEXT, 0, "of this owner, and of those below in the tree; -: of nobody",
      NULL },
    { "since", AR_PARAM_TIME, 0, "only cases that were due since then", NULL },
    { 0 },
};

const ar_column ar_case_reasons_columns[] = {
    { "reason", AR_TEXT, 0, "why a due date was missed" },
    { "cases", AR_INT, 0, "how many" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "of all with a reason" },
    { "cumulative", AR_DOUBLE, AR_COLUMN_SHARE, "this reason and those above it" },
    { 0 },
};

#define MISSED \
    " i WHERE missed AND " AR_OWNER_ASKED("owner", "$2") " AND ($3 IS NULL OR due_at >= $3)"

static ar_err note_unexplained(ar_ctx *ctx, const ar_value *args, size_t n, ar_reply *reply)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value count;

    ar_buf_addf(&sql, "SELECT count(*) FROM %s" MISSED " AND miss_reason IS NULL", ar_case_items);
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), args, n, ctx->arena, &count));
    if (count.i > 0)
        ar_reply_note(reply, "%lld missed %s due date and %s no reason yet.", (long long)count.i,
                      count.i == 1 ? "its" : "their", count.i == 1 ? "has" : "have");
    return ar_ok();
}

ar_err ar_case_run_reasons(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool since = ar_arg_has(args, "since");
    ar_value query[] = { ar_at(ctx->asof), ar_text_or_null(ar_arg_text(args, "owner")),
                         since ? ar_at(ar_arg_time(args, "since", 0)) : ar_null() };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT miss_reason, n, n / sum(n) OVER () AS share,"
                " sum(n) OVER (ORDER BY n DESC, miss_reason ROWS UNBOUNDED PRECEDING)"
                "  / sum(n) OVER () FROM (SELECT miss_reason, count(*) AS n FROM %s" MISSED
                " AND miss_reason IS NOT NULL GROUP BY miss_reason) r ORDER BY n DESC, miss_reason",
                ar_case_items);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    return note_unexplained(ctx, query, AR_COUNT(query), reply);
}
