#include "standard/score.h"

#include "op/reply.h"
#include "standard/finding.h"
#include "standard/waiver.h"

const ar_param ar_score_params[] = {
    { "by", AR_PARAM_TEXT, 0, "what a row is about; a standard when not given",
      "standard pillar owner team division domain" },
    { "standard", AR_PARAM_TEXT, 0, "of this standard only, with what its share is of", NULL },
    { "owner", AR_PARAM_TEXT, 0,
      "of this owner's assets only, and of those below in the tree; -: of nobody's", NULL },
    { "class", AR_PARAM_TEXT, 0,
      "the report's named standards, its other checkable promises, or both; standards when not "
      "given",
      "standard practice all" },
    { 0 },
};

static const ar_column by_standard[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it says, in short" },
    { "pillar", AR_TEXT, AR_COLUMN_QUIET, "the pillar it belongs to" },
    { "class", AR_TEXT, AR_COLUMN_QUIET, "standard or practice" },
};

static const ar_column by_other[] = {
    { "pillar", AR_TEXT, 0, "the pillar" },
    { "owner", AR_TEXT, 0, "who answers for the assets; empty: nobody" },
    { "team", AR_TEXT, 0, "the team; an owner in none stands alone; empty: nobody's" },
    { "division", AR_TEXT, 0, "the division; an owner in none stands alone; empty: nobody's" },
    { "domain", AR_TEXT, 0, "the domain that is accountable; empty: none" },
};

static const ar_column counts[] = {
    { "scope", AR_INT, AR_COLUMN_NEEDED,
      "assets that must meet it: pass, fail, unknown and waived" },
    { "pass", AR_INT, 0, "of them right" },
    { "fail", AR_INT, 0, "of them wrong" },
    { "unknown", AR_INT, 0, "of them not known well enough to say" },
    { "waived", AR_INT, 0, "of them wrong or unknown, and allowed to be for a while" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE,
      "the part that is right; none when nothing is in scope" },
    { "risk", AR_INT, 0, "the highest of its standards, 1 to 5" },
};

/* Of one standard. */
static const ar_column parts[] = {
    { "numerator", AR_INT, 0, "what of that which the standard counts is right" },
    { "denominator", AR_INT, 0, "all of it: assets, where it counts nothing else" },
};

/* $1 asof, $2 class or NULL, $3 owner or NULL, $4 standard or NULL. Waived is counted from the time
 * at which it is asked. A share of something else than assets has its own numerator and
 * denominator. */
static const char rows_sql[] =
    "SELECT s.id AS standard, s.title, s.pillar, s.class, s.risk, s.place, t.owner_id AS owner,"
    " t.domain_id AS domain, coalesce(t.pass, 0) AS pass,"
    " coalesce(t.fail, 0) - coalesce(w.fail, 0) AS fail,"
    " coalesce(t.unknown, 0) - coalesce(w.unknown, 0) AS unknown,"
    " coalesce(w.fail, 0) + coalesce(w.unknown, 0) AS waived, t.numerator, t.denominator"
    " FROM ar.standard s LEFT JOIN ar.tally t ON t.standard_id = s.id"
    " LEFT JOIN (SELECT f.standard_id, f.owner_id, f.domain_id,"
    "  count(*) FILTER (f.state = 'fail') AS fail,"
    "  count(*) FILTER (f.state = 'unknown') AS unknown"
    "  FROM ar.open_finding f WHERE (f.verdict, f.standard_id) IN"
    "  (SELECT (v.verdict, v.standard_id) FROM ar.waiver v WHERE " AR_WAIVER_IN_FORCE ")"
    "  GROUP BY ALL) w"
    " ON w.standard_id = s.id AND w.owner_id IS NOT DISTINCT FROM t.owner_id"
    " AND w.domain_id IS NOT DISTINCT FROM t.domain_id"
    " WHERE s.retired_at IS NULL AND ($2 IS NULL OR s.class = $2)"
    " AND ($4 IS NULL OR s.id = $4) AND " AR_OWNER_ASKED("t.owner_id", "$3");

static const char sums_sql[] =
    " sum(r.pass + r.fail + r.unknown + r.waived)::BIGINT AS scope, sum(r.pass)::BIGINT AS pass,"
    " sum(r.fail)::BIGINT AS fail, sum(r.unknown)::BIGINT AS unknown,"
    " sum(r.waived)::BIGINT AS waived,";

/* Over several standards only assets can be counted. */
static const char assets_sql[] =
    " sum(r.pass) AS numerator, sum(r.pass + r.fail + r.unknown + r.waived) AS denominator,";
static const char counted_sql[] =
    " sum(coalesce(r.numerator, r.pass)) AS numerator,"
    " sum(coalesce(r.denominator, r.pass + r.fail + r.unknown + r.waived)) AS denominator,";

static const char counts_sql[] = " g.scope, g.pass, g.fail, g.unknown, g.waived,"
                                 " g.numerator / nullif(g.denominator, 0) AS share, g.risk";

/* What is in scope comes first, then what fails at the highest risk, then what is unknown. */
static const char order_sql[] = " ORDER BY g.scope = 0, g.risk * g.fail DESC,"
                                " g.risk * g.unknown DESC, g.place";

/* What is asked for: parameters of rows_sql. */
typedef struct question {
    ar_str by;
    bool one; /* standard */
    ar_value args[4];
} question;

static question question_of(const ar_ctx *ctx, const ar_args *args)
{
    ar_str by = ar_arg_text(args, "by"), class = ar_arg_text(args, "class");
    ar_str standard = ar_arg_text(args, "standard");

    return (question){
        .by = by.len > 0 ? by : AR_LIT("standard"),
        .one = standard.len > 0,
        .args = { ar_at(ctx->asof),
                  standard.len > 0 || ar_str_eq(class, AR_LIT("all")) ? ar_null()
                  : class.len == 0                                    ? ar_textz("standard")
                                                                      : ar_text(class),
                  ar_text_or_null(ar_arg_text(args, "owner")), ar_text_or_null(standard) },
    };
}

static void add_by_standard(const question *q, ar_buf *sql)
{
    ar_buf_addf(sql,
                "SELECT g.standard, g.title, g.pillar, g.class,%s%s FROM (SELECT r.standard,"
                " r.title, r.pillar, r.class,%s%s r.risk, r.place FROM (%s) r GROUP BY ALL) g%s",
                counts_sql, q->one ? ", g.numerator::BIGINT, g.denominator::BIGINT" : "", sums_sql,
                counted_sql, rows_sql, order_sql);
}

/* Pillars with nothing in scope are shown: there are only a few. */
static void add_by_other(const question *q, ar_buf *sql)
{
    bool pillar = ar_str_eq(q->by, AR_LIT("pillar"));
    bool up = ar_str_eq(q->by, AR_LIT("team")) || ar_str_eq(q->by, AR_LIT("division"));

    ar_buf_addf(sql, "SELECT g.key,%s%s FROM (SELECT ", counts_sql,
                q->one ? ", g.numerator::BIGINT, g.denominator::BIGINT" : "");
    if (up)
        ar_buf_addz(sql, "coalesce(u.up, r.owner)");
    else
        ar_buf_addf(sql, "r.%.*s", AR_FMT(q->by));
    ar_buf_addf(sql, " AS key,%s%s max(r.risk) AS risk, min(r.place) AS place FROM (%s) r",
                sums_sql, q->one ? counted_sql : assets_sql, rows_sql);
    if (up) ar_buf_addf(sql, " LEFT JOIN " AR_OWNERS_UP " u ON u.id = r.owner", AR_FMT(q->by));
    ar_buf_addf(sql, " GROUP BY key) g%s%s, g.key", pillar ? "" : " WHERE g.scope > 0", order_sql);
}

static ar_err query_scores(ar_ctx *ctx, const question *q, ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };

    if (ar_str_eq(q->by, AR_LIT("standard")))
        add_by_standard(q, &sql);
    else
        add_by_other(q, &sql);
    return ar_engine_query(ctx->engine, ar_buf_str(&sql), q->args, AR_COUNT(q->args), out_rows);
}

static ar_err say_columns(ar_reply *reply, const question *q)
{
    ar_column columns[AR_COUNT(by_standard) + AR_COUNT(counts) + AR_COUNT(parts)];
    size_t n = 0;

    if (ar_str_eq(q->by, AR_LIT("standard")))
        for (; n < AR_COUNT(by_standard); n++) columns[n] = by_standard[n];
    for (size_t i = 0; i < AR_COUNT(by_other); i++)
        if (ar_str_eq(q->by, ar_str_of(by_other[i].name))) columns[n++] = by_other[i];
    for (size_t i = 0; i < AR_COUNT(counts); i++) columns[n++] = counts[i];
    for (size_t i = 0; q->one && i < AR_COUNT(parts); i++) columns[n++] = parts[i];
    return ar_reply_columns(reply, columns, n);
}

/* The standards with nothing in scope, in one sentence. */
static void note_empty(const ar_str *ids, size_t n, ar_reply *reply)
{
    ar_auto(ar_buf) all = { 0 };

    if (n == 0) return;
    for (size_t i = 0; i < n; i++) ar_buf_addf(&all, "%s%.*s", i > 0 ? ", " : "", AR_FMT(ids[i]));
    ar_reply_note(reply, "%zu standard%s nothing in scope yet: %s.", n, n == 1 ? " has" : "s have",
                  all.ptr);
}

static ar_err reply_standards(ar_ctx *ctx, ar_rows *rows, ar_reply *reply)
{
    size_t width = ar_rows_width(rows), n = 0, cap = 0;
    ar_value *row = ar_make_n(ctx->arena, ar_value, width);
    ar_str *empty = NULL;

    while (ar_rows_next(rows)) {
        for (size_t i = 0; i < width; i++) row[i] = ar_rows_get(rows, i);
        AR_TRY(ar_reply_row(reply, row, width));
        if (row[AR_COUNT(by_standard)].i > 0) continue;
        ar_grow(ctx->arena, empty, n, cap);
        empty[n++] = ar_arena_copy(ctx->arena, row[0].s);
    }
    note_empty(empty, n, reply);
    return ar_ok();
}

/* How the practices stand, in one sentence. */
static ar_err note_practices(ar_ctx *ctx, const question *q, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { q->args[0], ar_textz("practice"), q->args[2], ar_null() };
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT count(*) FILTER (g.scope > 0), coalesce(sum(g.pass), 0)::BIGINT,"
                " coalesce(sum(g.scope), 0)::BIGINT FROM (SELECT%s max(r.risk)"
                " FROM (%s) r GROUP BY r.standard) g",
                sums_sql, rows_sql);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &rows));
    if (ar_rows_next(rows) && ar_rows_get(rows, 0).i > 0)
        ar_reply_note(
            reply,
            "Of %lld practices in scope %lld of %lld checks pass: `aright score --class practice`.",
            (long long)ar_rows_get(rows, 0).i, (long long)ar_rows_get(rows, 1).i,
            (long long)ar_rows_get(rows, 2).i);
    return ar_ok();
}

/* What whoever reads the rows has to know beside them. */
static ar_err say_notes(ar_ctx *ctx, const question *q, ar_value last, ar_reply *reply)
{
    char at[AR_TIME_LEN];

    if (last.type == AR_NULL) {
        ar_reply_note(reply, "Nothing was judged yet: run `aright evaluate`.");
        return ar_ok();
    }
    if (ctx->asof - last.i > AR_DAY)
        ar_reply_note(reply,
                      "This is as of %s, the last evaluation; `aright evaluate` judges anew.",
                      ar_time_print(ar_time_to_second(last.i), at));
    if (reply->rows == 0 && q->args[2].type == AR_TEXT)
        ar_reply_note(reply, "Nothing in scope is owned by '%.*s', or by anyone below.",
                      AR_FMT(q->args[2].s));
    AR_TRY(ar_finding_note_held(ctx, (ar_str){ 0 }, reply));
    AR_TRY(ar_finding_note_changed(ctx, reply));
    return ar_str_eq(q->args[1].s, AR_LIT("standard")) ? note_practices(ctx, q, reply) : ar_ok();
}

ar_err ar_score_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    question q = question_of(ctx, args);
    ar_own(ar_rows) rows = NULL;
    ar_value last;

    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT max(as_of) FROM ar.evaluation"), NULL, 0,
                           ctx->arena, &last));
    if (q.one) AR_TRY(ar_standard_judged(ctx, q.args[3].s));
    AR_TRY(say_columns(reply, &q));
    AR_TRY(query_scores(ctx, &q, &rows));
    if (ar_str_eq(q.by, AR_LIT("standard")))
        AR_TRY(reply_standards(ctx, rows, reply));
    else
        AR_TRY(ar_reply_rows(reply, rows));
    return say_notes(ctx, &q, last, reply);
}
