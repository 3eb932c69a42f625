#include "standard/score.h"

#include "op/reply.h"
#include "standard/asked.h"
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

/* `asked` is said of ar.tally or of findings, as f; its first value is the time. */
typedef struct question {
    ar_str by, owner, standard;
    size_t class; /* the value that it is; 0: any */
    ar_asked asked;
} question;

static bool is_one(const question *q)
{
    return q->standard.len > 0;
}

static void question_done(question *q)
{
    ar_asked_done(&q->asked);
}

static ar_err question_of(ar_ctx *ctx, const ar_args *args, question *out)
{
    ar_str by = ar_arg_text(args, "by"), class = ar_arg_text(args, "class");

    out->by = by.len > 0 ? by : AR_LIT("standard");
    out->owner = ar_arg_text(args, "owner");
    out->standard = ar_arg_text(args, "standard");
    (void)ar_asked_value(&out->asked, ar_at(ctx->asof));
    if (out->standard.len == 0 && !ar_str_eq(class, AR_LIT("all")))
        out->class =
            ar_asked_value(&out->asked, class.len == 0 ? ar_textz("standard") : ar_text(class));
    ar_asked_add(&out->asked, "f.standard_id", out->standard);
    return ar_asked_add_owner(&out->asked, ctx->engine, "f.owner_id", out->owner, ctx->arena);
}

/* Counts of what is asked for, by standard and `key`: $1 asof. Waived is counted from the time at
 * which it is asked. A share of something else than assets has its own numerator and denominator.
 */
static void add_cells(const question *q, const char *key, ar_buf *out)
{
    ar_str asked = ar_buf_str(&q->asked.sql);

    ar_buf_addf(
        out,
        "(SELECT f.standard_id, %s, sum(f.pass) AS pass, sum(f.fail) AS fail,"
        " sum(f.unknown) AS unknown, sum(f.waived) AS waived, sum(f.numerator) AS numerator,"
        " sum(f.denominator) AS denominator FROM"
        " (SELECT f.*, 0 AS waived FROM ar.tally f WHERE TRUE%.*s"
        "  UNION ALL SELECT f.standard_id, f.owner_id, f.domain_id, 0,"
        "  -(f.state = 'fail')::BIGINT, -(f.state = 'unknown')::BIGINT, NULL, NULL, 1"
        "  FROM ar.open_finding f WHERE (f.verdict, f.standard_id) IN"
        "  (SELECT (v.verdict, v.standard_id) FROM ar.waiver v"
        "   WHERE " AR_WAIVER_IN_FORCE ")%.*s) f GROUP BY f.standard_id, key)",
        key, AR_FMT(asked), AR_FMT(asked));
}

/* By standard, in scope or not, unless an owner is asked for, and key. */
static void add_rows(const question *q, const char *key, ar_buf *out)
{
    ar_buf_addz(out, "(SELECT s.id AS standard, s.title, s.pillar, s.class, s.risk, s.place, c.key,"
                     " coalesce(c.pass, 0) AS pass, coalesce(c.fail, 0) AS fail,"
                     " coalesce(c.unknown, 0) AS unknown, coalesce(c.waived, 0) AS waived,"
                     " c.numerator, c.denominator FROM ar.standard s LEFT JOIN ");
    add_cells(q, key, out);
    ar_buf_addz(out, " c ON c.standard_id = s.id WHERE s.retired_at IS NULL");
    if (q->class > 0) ar_buf_addf(out, " AND s.class = $%zu", q->class);
    if (q->standard.len > 0) {
        ar_buf_addz(out, " AND s.id = ");
        ar_sql_text(out, q->standard);
    }
    if (q->owner.len > 0) ar_buf_addz(out, " AND c.standard_id IS NOT NULL");
    ar_buf_addz(out, ") r");
}

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

static void add_by_standard(const question *q, ar_buf *sql)
{
    ar_buf_addf(sql,
                "SELECT g.standard, g.title, g.pillar, g.class,%s%s FROM (SELECT r.standard,"
                " r.title, r.pillar, r.class,%s%s r.risk, r.place FROM ",
                counts_sql, is_one(q) ? ", g.numerator::BIGINT, g.denominator::BIGINT" : "",
                sums_sql, counted_sql);
    add_rows(q, "NULL AS key", sql);
    ar_buf_addf(sql, " GROUP BY ALL) g%s", order_sql);
}

static const char *key_of(ar_str by)
{
    if (ar_str_eq(by, AR_LIT("pillar"))) return "NULL AS key";
    return ar_str_eq(by, AR_LIT("domain")) ? "f.domain_id AS key" : "f.owner_id AS key";
}

/* Pillars with nothing in scope are shown: there are only a few. */
static void add_by_other(const question *q, ar_buf *sql)
{
    bool pillar = ar_str_eq(q->by, AR_LIT("pillar"));
    bool up = ar_str_eq(q->by, AR_LIT("team")) || ar_str_eq(q->by, AR_LIT("division"));

    ar_buf_addf(sql,
                "SELECT g.key,%s%s FROM (SELECT %s AS key,%s%s max(r.risk) AS risk,"
                " min(r.place) AS place FROM ",
                counts_sql, is_one(q) ? ", g.numerator::BIGINT, g.denominator::BIGINT" : "",
                up       ? "coalesce(u.up, r.key)"
                : pillar ? "r.pillar"
                         : "r.key",
                sums_sql, is_one(q) ? counted_sql : assets_sql);
    add_rows(q, key_of(q->by), sql);
    if (up) ar_buf_addf(sql, " LEFT JOIN " AR_OWNERS_UP " u ON u.id = r.key", AR_FMT(q->by));
    ar_buf_addf(sql, " GROUP BY 1) g%s%s, g.key", pillar ? "" : " WHERE g.scope > 0", order_sql);
}

static ar_err query_scores(ar_ctx *ctx, const question *q, ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };

    if (ar_str_eq(q->by, AR_LIT("standard")))
        add_by_standard(q, &sql);
    else
        add_by_other(q, &sql);
    return ar_engine_query(ctx->engine, ar_buf_str(&sql), q->asked.values, q->asked.n, out_rows);
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
    for (size_t i = 0; is_one(q) && i < AR_COUNT(parts); i++) columns[n++] = parts[i];
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
static ar_err note_practices(ar_ctx *ctx, question *q, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    q->asked.values[q->class - 1] = ar_textz("practice");
    ar_buf_addf(&sql,
                "SELECT count(*) FILTER (g.scope > 0), coalesce(sum(g.pass), 0)::BIGINT,"
                " coalesce(sum(g.scope), 0)::BIGINT FROM (SELECT%s max(r.risk) FROM ",
                sums_sql);
    add_rows(q, "NULL AS key", &sql);
    ar_buf_addz(&sql, " GROUP BY r.standard) g");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), q->asked.values, q->asked.n, &rows));
    if (ar_rows_next(rows) && ar_rows_get(rows, 0).i > 0)
        ar_reply_note(
            reply,
            "Of %lld practices in scope %lld of %lld checks pass: `aright score --class practice`.",
            (long long)ar_rows_get(rows, 0).i, (long long)ar_rows_get(rows, 1).i,
            (long long)ar_rows_get(rows, 2).i);
    return ar_ok();
}

/* What whoever reads the rows has to know beside them. */
static ar_err say_notes(ar_ctx *ctx, question *q, ar_value last, ar_reply *reply)
{
    bool standards = q->class > 0 && ar_str_eq(q->asked.values[q->class - 1].s, AR_LIT("standard"));
    char at[AR_TIME_LEN];

    if (last.type == AR_NULL) {
        ar_reply_note(reply, "Nothing was judged yet: run `aright evaluate`.");
        return ar_ok();
    }
    if (ctx->asof - last.i > AR_DAY)
        ar_reply_note(reply,
                      "This is as of %s, the last evaluation; `aright evaluate` judges anew.",
                      ar_time_print(ar_time_to_second(last.i), at));
    if (reply->rows == 0 && q->owner.len > 0)
        ar_reply_note(reply, "Nothing in scope is owned by '%.*s', or by anyone below.",
                      AR_FMT(q->owner));
    AR_TRY(ar_finding_note_held(ctx, (ar_str){ 0 }, reply));
    AR_TRY(ar_finding_note_changed(ctx, reply));
    return standards ? note_practices(ctx, q, reply) : ar_ok();
}

ar_err ar_score_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(question) q = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_value last;

    AR_TRY(question_of(ctx, args, &q));
    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT max(as_of) FROM ar.evaluation"), NULL, 0,
                           ctx->arena, &last));
    if (is_one(&q)) AR_TRY(ar_standard_judged(ctx, q.standard));
    AR_TRY(say_columns(reply, &q));
    AR_TRY(query_scores(ctx, &q, &rows));
    if (ar_str_eq(q.by, AR_LIT("standard")))
        AR_TRY(reply_standards(ctx, rows, reply));
    else
        AR_TRY(ar_reply_rows(reply, rows));
    return say_notes(ctx, &q, last, reply);
}
