#include "standard/trend.h"

#include "op/reply.h"
#include "standard/finding.h"

enum { SHOWN = 104, SHOWN_MAX = 10000 };

/* ---- snapshot trend ---- */

static const ar_param trend_params[] = {
    { "by", AR_PARAM_TEXT, 0, "a line for each of these; one over all when not given",
      "standard pillar domain" },
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    { "pillar", AR_PARAM_TEXT, 0, "of this pillar's standards only", NULL },
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "class", AR_PARAM_TEXT, 0,
      "the report's named standards, its other checkable promises, or both; standards when not "
      "given",
      "standard practice all" },
    { "limit", AR_PARAM_INT, 0, "the last so many snapshots; 104 when not given", NULL },
    { 0 },
};

static const ar_column trend_columns[] = {
    { "of", AR_TEXT, 0, "what it is about; empty: all of it" },
    { "snapshot", AR_TEXT, 0, "its name" },
    { "as_of", AR_TIME, 0, "the time that it shows" },
    { "scope", AR_INT, 0, "checks: assets that had to meet a standard" },
    { "pass", AR_INT, 0, "of them right" },
    { "fail", AR_INT, 0, "of them wrong" },
    { "unknown", AR_INT, 0, "of them not known well enough to say" },
    { "waived", AR_INT, 0, "of them wrong or unknown, and allowed to be" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "the part that was right" },
    { 0 },
};

/* What a line is about; of one standard the share is of what that counts. */
static const char *key_of(ar_str by)
{
    if (ar_str_eq(by, AR_LIT("standard"))) return "c.standard_id";
    if (ar_str_eq(by, AR_LIT("pillar"))) return "s.pillar";
    if (ar_str_eq(by, AR_LIT("domain"))) return "coalesce(c.domain_id, '-')";
    return "NULL::VARCHAR";
}

static ar_err run_trend(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str standard = ar_arg_text(args, "standard"), by = ar_arg_text(args, "by");
    ar_str class = ar_arg_text(args, "class");
    int64_t limit = ar_arg_int(args, "limit", SHOWN);
    bool counted = standard.len > 0 || ar_str_eq(by, AR_LIT("standard"));
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_value query[] = { ar_int(limit), ar_text(ar_arg_text(args, "domain")),
                         standard.len > 0 ? ar_textz("all")
                         : class.len == 0 ? ar_textz("standard")
                                          : ar_text(class),
                         ar_text(standard), ar_text(ar_arg_text(args, "pillar")) };

    if (limit < 1 || limit > SHOWN_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, SHOWN_MAX);
    if (standard.len > 0) AR_TRY(ar_standard_judged(ctx, standard));
    ar_buf_addf(&sql,
                "SELECT g.key, g.name, g.as_of, g.scope, g.pass, g.fail, g.unknown, g.waived,"
                " g.n / nullif(g.d, 0) FROM (SELECT %s AS key, n.id, n.name, n.as_of,"
                " min(s.place) AS place, sum(c.pass + c.fail + c.unknown + c.waived)::BIGINT AS"
                " scope, sum(c.pass)::BIGINT AS pass, sum(c.fail)::BIGINT AS fail,"
                " sum(c.unknown)::BIGINT AS unknown, sum(c.waived)::BIGINT AS waived,"
                " sum(%s) AS n, sum(%s) AS d"
                " FROM ar.snapshot_count c JOIN ar.standard s ON s.id = c.standard_id"
                " JOIN ar.snapshot n ON n.id = c.snapshot"
                " WHERE n.id > (SELECT max(id) FROM ar.snapshot) - $1"
                " AND ($2 = '' OR c.domain_id = $2 OR ($2 = '-' AND c.domain_id IS NULL))"
                " AND ($3 = 'all' OR s.class = $3) AND ($4 = '' OR c.standard_id = $4)"
                " AND ($5 = '' OR s.pillar = $5) GROUP BY ALL) g",
                key_of(by), counted ? "coalesce(c.numerator, c.pass)" : "c.pass",
                counted ? "coalesce(c.denominator, c.pass + c.fail + c.unknown + c.waived)"
                        : "c.pass + c.fail + c.unknown + c.waived");
    ar_buf_addz(&sql, " ORDER BY min(g.place) OVER (PARTITION BY g.key), g.key, g.id");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0)
        ar_reply_note(reply, "No snapshot has anything of that; `aright snapshot take` takes one.");
    return ar_ok();
}

/* ---- finding ages ---- */

static const ar_param age_params[] = {
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    { 0 },
};

static const ar_column age_columns[] = {
    { "age", AR_TEXT, 0, "how long they are open" },
    { "open", AR_INT, 0, "findings that are open, waived ones too" },
    { "fail", AR_INT, 0, "of them wrong" },
    { "unknown", AR_INT, 0, "of them not known" },
    { "overdue", AR_INT, 0, "of them open for longer than their standard gives" },
    { 0 },
};

/* By evaluation, not by asset: of those there are few. */
static const char ages_sql[] =
    "WITH opened AS (SELECT f.opened, f.standard_id, count(*) AS n,"
    "  count(*) FILTER (f.state = 'fail') AS fail FROM ar.open_finding f"
    "  WHERE ($2 = '' OR f.standard_id = $2) GROUP BY ALL),"
    " aged AS (SELECT date_diff('day', e.as_of, $1::TIMESTAMP) AS days, o.n, o.fail,"
    "  coalesce(e.as_of + to_microseconds(s.due) < $1, FALSE) AS late FROM opened o"
    "  JOIN ar.evaluation e ON e.id = o.opened JOIN ar.standard s ON s.id = o.standard_id),"
    " span(place, name, least_days, most_days) AS (VALUES (1, 'up to a week', 0, 7),"
    "  (2, 'up to a month', 7, 30), (3, 'up to a quarter', 30, 91), (4, 'up to a year', 91, 365),"
    "  (5, 'longer', 365, 1000000))"
    " SELECT p.name, coalesce(sum(a.n), 0)::BIGINT, coalesce(sum(a.fail), 0)::BIGINT,"
    "  coalesce(sum(a.n - a.fail), 0)::BIGINT, coalesce(sum(a.n) FILTER (a.late), 0)::BIGINT"
    " FROM span p LEFT JOIN aged a ON a.days >= p.least_days AND a.days < p.most_days"
    " GROUP BY p.place, p.name ORDER BY p.place";

static ar_err run_ages(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str standard = ar_arg_text(args, "standard");
    ar_value query[] = { ar_at(ctx->asof), ar_text(standard) };
    ar_own(ar_rows) rows = NULL;

    if (standard.len > 0) AR_TRY(ar_standard_judged(ctx, standard));
    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(ages_sql), query, AR_COUNT(query), &rows));
    return ar_reply_rows(reply, rows);
}

const ar_op ar_trend_ops[] = {
    { .name = "snapshot.trend",
      .help = "show how it stood, snapshot by snapshot",
      .more = "The oldest first. What `snapshot bridge` explains between two of them is here as a "
              "line of many; a standard that is judged by another text now is counted as it was "
              "counted then.",
      .example = "aright snapshot trend",
      .grant = "snapshot.read",
      .params = trend_params,
      .columns = trend_columns,
      .run = run_trend },
    { .name = "finding.ages",
      .help = "show how long findings are open",
      .example = "aright finding ages",
      .grant = "finding.read",
      .params = age_params,
      .columns = age_columns,
      .run = run_ages },
    { 0 },
};
