#include "gate/past.h"

#include "op/reply.h"

enum { ROWS_MAX = 1000000 };

/* ---- gate decisions ---- */

static const ar_param decisions_params[] = {
    { "effect", AR_PARAM_TEXT, 0, "with this effect only; with --standard, its own",
      "deny warn audit none" },
    { "gate", AR_PARAM_TEXT, 0, "of this gate only", NULL },
    { "standard", AR_PARAM_TEXT, 0, "in which this standard had a say", NULL },
    { "asset", AR_PARAM_TEXT, 0, "on this asset only, KIND:ID", NULL },
    { "answer", AR_PARAM_TEXT, 0, "that people called right or not, or let through",
      "yes no overridden" },
    { "unanswered", AR_PARAM_FLAG, 0, "denials and warnings of which nobody said they were right",
      NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column decisions_columns[] = {
    { "decision", AR_TEXT, 0, "its id" },
    { "at", AR_TIME, 0, "when" },
    { "who", AR_TEXT, 0, "who asked" },
    { "gate", AR_TEXT, 0, "which gate" },
    { "asset", AR_TEXT, 0, "what it was about, KIND:ID" },
    { "effect", AR_TEXT, 0, "deny, warn, audit (recorded only) or none" },
    { "standards", AR_TEXT, AR_COLUMN_BRIEF, "those that say so" },
    { "was_right", AR_BOOL, 0, "what people said of it; empty: nothing yet" },
    { "overridden_by", AR_TEXT, 0, "who let it through all the same" },
    { "override_reason", AR_TEXT, AR_COLUMN_QUIET, "and why" },
    { "answered_by", AR_TEXT, AR_COLUMN_QUIET, "who said whether it was right" },
    { "owner", AR_TEXT, AR_COLUMN_QUIET, "who answers for it" },
    { "took_us", AR_INT, AR_COLUMN_QUIET, "microseconds until it was decided" },
    { 0 },
};

static const char decisions_sql[] =
    "SELECT 'G-' || id, decided_at, who, gate, kind || ':' || asset_id, effect,"
    "  array_to_string([split_part(v, ':', 1) FOR v IN string_split(verdicts, ' ')"
    "   IF split_part(v, ':', 3) = effect AND effect <> 'none'], ' '),"
    "  was_right, overridden_by, override_reason, answered_by, owner_id, took_us, count(*) OVER ()"
    " FROM ar.gate_decision WHERE decided_at <= $1"
    "  AND ($4 IS NOT NULL OR $2 IS NULL OR effect = $2)"
    "  AND ($3 IS NULL OR gate = $3)"
    "  AND ($4 IS NULL OR regexp_matches(verdicts, '(^| )' || regexp_escape($4) || ':[^:]*:'"
    "   || coalesce($2, '[a-z]*') || '( |$)'))"
    "  AND ($5 IS NULL OR kind || ':' || asset_id = $5)"
    "  AND (NOT $6 OR (effect IN ('deny', 'warn') AND was_right IS NULL"
    "   AND overridden_by IS NULL))"
    "  AND CASE $7 WHEN 'yes' THEN was_right WHEN 'no' THEN NOT was_right"
    "   WHEN 'overridden' THEN overridden_at IS NOT NULL ELSE true END"
    " ORDER BY id DESC LIMIT $8 OFFSET $9";

static ar_err run_decisions(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", 100), skip = ar_arg_int(args, "skip", 0);
    ar_own(ar_rows) rows = NULL;
    ar_value query[] = { ar_at(ctx->asof),
                         ar_text_or_null(ar_arg_text(args, "effect")),
                         ar_text_or_null(ar_arg_text(args, "gate")),
                         ar_text_or_null(ar_arg_text(args, "standard")),
                         ar_text_or_null(ar_arg_text(args, "asset")),
                         ar_bool(ar_arg_flag(args, "unanswered")),
                         ar_text_or_null(ar_arg_text(args, "answer")),
                         ar_int(limit),
                         ar_int(skip) };

    if (limit < 1 || limit > ROWS_MAX || skip < 0)
        return ar_fail(AR_LIMIT, "want 1 to %d rows, behind none or more", ROWS_MAX);
    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(decisions_sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_counted(reply, rows, skip));
    if (reply->rows == 0 && skip == 0) ar_reply_note(reply, "No gate decided anything like that.");
    return ar_ok();
}

/* ---- gate cost ---- */

static const ar_column cost_columns[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "decisions", AR_INT, 0, "in which it had a say" },
    { "denied", AR_INT, 0, "of them" },
    { "warned", AR_INT, 0, "of them" },
    { "overridden", AR_INT, 0, "denials that somebody accountable let through" },
    { "right", AR_INT, 0, "denials that people called right" },
    { "wrong", AR_INT, 0, "denials that people called wrong" },
    { "blocked_hours", AR_DOUBLE, 0,
      "from each first denial of a thing until it was let through, together" },
    { "p50_us", AR_INT, 0, "microseconds that half of the decisions took at most" },
    { "p99_us", AR_INT, 0, "and 99 of 100" },
    { 0 },
};

/* A thing is blocked from its first denial until the next decision at that gate that is none, or
 * that was overridden; or until now. $1 now. */
static const char cost_sql[] =
    "WITH said AS (SELECT split_part(v, ':', 1) AS standard_id, split_part(v, ':', 3) AS effect,"
    "  d.* EXCLUDE (effect) FROM ar.gate_decision d, unnest(string_split(d.verdicts, ' ')) u(v)),"
    " turns AS (SELECT standard_id, kind, asset_id, gate, effect, decided_at, overridden_at,"
    "  coalesce(least(overridden_at, lead(decided_at) OVER w), $1) AS until"
    "  FROM said WHERE asset_id IS NOT NULL"
    "  WINDOW w AS (PARTITION BY standard_id, gate, kind, asset_id ORDER BY id)),"
    " blocked AS (SELECT standard_id,"
    "  round(sum(epoch_us(until) - epoch_us(decided_at)) / 3600e6, 1) AS hours"
    "  FROM turns WHERE effect = 'deny' GROUP BY standard_id)"
    " SELECT s.standard_id, count(*), count(*) FILTER (s.effect = 'deny'),"
    "  count(*) FILTER (s.effect = 'warn'),"
    "  count(*) FILTER (s.effect = 'deny' AND s.overridden_at IS NOT NULL),"
    "  count(*) FILTER (s.effect = 'deny' AND s.was_right),"
    "  count(*) FILTER (s.effect = 'deny' AND NOT s.was_right), coalesce(any_value(b.hours), 0),"
    "  quantile_disc(s.took_us, 0.5)::BIGINT, quantile_disc(s.took_us, 0.99)::BIGINT"
    " FROM said s LEFT JOIN blocked b ON b.standard_id = s.standard_id"
    " GROUP BY s.standard_id ORDER BY 3 DESC, s.standard_id";

static ar_err run_cost(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_value now = ar_at(ctx->asof);

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(cost_sql), &now, 1, &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0) ar_reply_note(reply, "No gate was asked yet.");
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_gate_past_ops[] = {
    { .name = "gate.decisions",
      .help = "list what gates decided, the latest first",
      .example = "aright gate decisions",
      .grant = "gate.read",
      .params = decisions_params,
      .columns = decisions_columns,
      .run = run_decisions },
    { .name = "gate.cost",
      .help = "show what each standard costs the people at the gates",
      .example = "aright gate cost",
      .grant = "gate.read",
      .columns = cost_columns,
      .run = run_cost },
    { 0 },
};
