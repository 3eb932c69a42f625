#include "govern/progress.h"

#include "form/markdown.h"
#include "op/reply.h"
#include "standard/snapshot.h"

typedef struct report {
    ar_ctx *ctx;
    ar_value from, to; /* ids of snapshots */
    ar_str from_name, to_name;
    ar_buf *out;
} report;

/* The report's own order and names. */
static const struct {
    const char *pillar, *title;
} pillars[] = {
    { "identities", "Protect identities and secrets" },
    { "tenants", "Protect tenants and isolate production systems" },
    { "networks", "Protect networks" },
    { "engineering", "Protect engineering systems" },
    { "monitoring", "Monitor and detect threats" },
    { "response", "Accelerate response and remediation" },
};

/* $1 from, $2 to: how each standard stood then and now, and what happened in between. A standard
 * that became another version has no share to compare with. */
#define STOOD                                                                                     \
    "WITH stood AS (SELECT c.snapshot, c.standard_id, max(c.version) AS version,"                 \
    "  sum(c.pass) AS pass, sum(c.pass + c.fail + c.unknown + c.waived) AS scope,"                \
    "  sum(c.fail) AS fail, sum(c.unknown) AS unknown, sum(c.waived) AS waived,"                  \
    "  sum(coalesce(c.denominator, c.pass + c.fail + c.unknown + c.waived)) AS whole,"            \
    "  sum(coalesce(c.numerator, c.pass)) / nullif(whole, 0) AS share"                            \
    "  FROM ar.snapshot_count c WHERE c.snapshot IN ($1, $2) GROUP BY 1, 2),"                     \
    " moved AS (SELECT c.standard_id, count(*) FILTER (c.cause = 'fixed') AS fixed,"              \
    "  count(*) FILTER (c.cause = 'regressed') AS regressed,"                                     \
    "  count(*) FILTER (c.cause = 'born right') AS born_right,"                                   \
    "  count(*) FILTER (c.cause = 'born wrong') AS born_wrong,"                                   \
    "  count(*) FILTER (c.cause = 'removed') AS removed FROM ar.snapshot_change c"                \
    "  WHERE c.snapshot > $1 AND c.snapshot <= $2 GROUP BY 1),"                                   \
    " line AS (SELECT s.id, s.title, s.statement, s.pillar, s.class, s.place, n.share, n.pass,"   \
    "  n.scope, n.whole, n.fail, n.unknown, n.waived, CASE WHEN b.version = n.version THEN "      \
    "b.share END"                                                                                 \
    "  AS before, coalesce(m.fixed, 0) AS fixed, coalesce(m.regressed, 0) AS regressed,"          \
    "  coalesce(m.born_right, 0) AS born_right, coalesce(m.born_wrong, 0) AS born_wrong,"         \
    "  coalesce(m.removed, 0) AS removed FROM stood n JOIN ar.standard s ON s.id = n.standard_id" \
    "  LEFT JOIN stood b ON b.standard_id = n.standard_id AND b.snapshot = $1"                    \
    "  LEFT JOIN moved m ON m.standard_id = n.standard_id WHERE n.snapshot = $2) "

static ar_err query(const report *r, const char *sql, ar_rows **out_rows)
{
    ar_value args[] = { r->from, r->to };

    return ar_engine_query(r->ctx->engine, ar_str_of(sql), args, AR_COUNT(args), out_rows);
}

static int64_t number(ar_rows *rows, size_t column)
{
    ar_value value = ar_rows_get(rows, column);

    return value.type == AR_INT ? value.i : value.type == AR_DOUBLE ? (int64_t)value.d : 0;
}

static ar_str text(ar_rows *rows, size_t column)
{
    ar_value value = ar_rows_get(rows, column);

    return value.type == AR_TEXT ? value.s : AR_LIT("nobody");
}

/* Each text behind what stands before it. */
static void add_text(ar_buf *out, const char *before, ar_str text)
{
    ar_buf_addz(out, before);
    ar_markdown_text(out, text);
}

/* "97.31 %", never 100 before all of it is right. */
static void add_share(ar_buf *out, ar_value share)
{
    double percent = share.type == AR_DOUBLE ? share.d * 100 : 0;

    if (share.type != AR_DOUBLE) return ar_buf_addz(out, "–");
    if (percent > 99.99 && percent < 100) percent = 99.99;
    ar_buf_addf(out, "%.2f %%", percent);
}

/* ---- highlights ---- */

static ar_err add_highlights(const report *r)
{
    ar_own(ar_rows) rows = NULL;

    ar_buf_addz(r->out, "## Highlights\n\n");
    AR_TRY(query(r,
                 STOOD "SELECT count(*)::BIGINT, count(*) FILTER (share = 1)::BIGINT,"
                       " count(*) FILTER (share > before)::BIGINT,"
                       " count(*) FILTER (share < before)::BIGINT, sum(fixed)::BIGINT,"
                       " sum(regressed)::BIGINT, sum(born_right)::BIGINT, sum(born_wrong)::BIGINT,"
                       " sum(removed)::BIGINT, sum(waived)::BIGINT FROM line"
                       " WHERE class = 'standard'",
                 &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    ar_buf_addf(r->out,
                "- **%lld of %lld standards** that have something in scope are met everywhere; %lld"
                " moved up, %lld moved down.\n"
                "- **%lld findings were fixed**; %lld things that were right broke.\n"
                "- Of what is new, %lld checks were right from the start and %lld were not.\n"
                "- %lld checks ended because the thing is gone. %lld findings are waived; they"
                " count as not met.\n\n"
                "Behind it: `aright snapshot bridge --from '%.*s' --to '%.*s'`.\n\n",
                (long long)number(rows, 1), (long long)number(rows, 0), (long long)number(rows, 2),
                (long long)number(rows, 3), (long long)number(rows, 4), (long long)number(rows, 5),
                (long long)number(rows, 6), (long long)number(rows, 7), (long long)number(rows, 8),
                (long long)number(rows, 9), AR_FMT(r->from_name), AR_FMT(r->to_name));
    return ar_ok();
}

/* ---- governance ---- */

static ar_err add_governance(const report *r)
{
    ar_own(ar_rows) reviews = NULL;
    ar_own(ar_rows) domains = NULL;

    ar_buf_addz(r->out, "## Governance\n\n");
    AR_TRY(query(r,
                 "SELECT (SELECT count(*) FROM ar.review v WHERE v.due_at > f.as_of"
                 "  AND v.due_at <= t.as_of), (SELECT count(*) FROM ar.review v"
                 "  WHERE v.due_at > f.as_of AND v.due_at <= t.as_of AND v.held_at <= v.due_at),"
                 " (SELECT count(*) FROM ar.review_entry e WHERE e.sort = 'decision'"
                 "  AND e.entered_at > f.as_of AND e.entered_at <= t.as_of),"
                 " (SELECT count(*) FROM ar.review_entry e WHERE e.sort = 'action'"
                 "  AND e.entered_at > f.as_of AND e.entered_at <= t.as_of),"
                 " (SELECT count(*) FROM ar.review_entry e WHERE e.sort = 'action'"
                 "  AND e.due_at < t.as_of AND (e.done_at IS NULL OR e.done_at > t.as_of))"
                 " FROM ar.snapshot f, ar.snapshot t WHERE f.id = $1 AND t.id = $2",
                 &reviews));
    if (ar_rows_next(reviews) && number(reviews, 0) > 0)
        ar_buf_addf(r->out,
                    "- %lld of %lld reviews were held in time. They took %lld decisions and gave"
                    " out %lld actions; %lld actions are overdue.\n",
                    (long long)number(reviews, 1), (long long)number(reviews, 0),
                    (long long)number(reviews, 2), (long long)number(reviews, 3),
                    (long long)number(reviews, 4));
    else
        ar_buf_addz(r->out, "- No review was due in this time.\n");
    AR_TRY(query(r,
                 "SELECT d.id, coalesce(d.name, d.id), d.deputy_ciso FROM ar.domain d"
                 " WHERE $1 IS NOT NULL AND $2 IS NOT NULL ORDER BY d.id",
                 &domains));
    while (ar_rows_next(domains)) {
        add_text(r->out, "- ", text(domains, 1));
        add_text(r->out, ": Deputy CISO ", text(domains, 2));
        ar_buf_addc(r->out, '\n');
    }
    ar_buf_addc(r->out, '\n');
    return ar_ok();
}

/* ---- pillars ---- */

static const char *status(ar_value share, ar_value before)
{
    if (share.type != AR_DOUBLE) return "nothing in scope";
    if (share.d >= 1) return "met";
    if (before.type != AR_DOUBLE) return "new";
    return share.d > before.d ? "improving" : share.d < before.d ? "falling" : "unchanged";
}

static ar_err add_pillar(const report *r, const char *pillar, const char *title)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    int64_t n = 0;

    ar_buf_addf(r->out, "## %s\n\n", title);
    ar_buf_addf(&sql,
                STOOD "SELECT id, title, share, before, pass, whole, unknown, waived, fixed,"
                      " regressed FROM line WHERE class = 'standard' AND pillar = '%s'"
                      " ORDER BY place",
                pillar);
    AR_TRY(query(r, sql.ptr, &rows));
    for (; ar_rows_next(rows); n++) {
        ar_value share = ar_rows_get(rows, 2), before = ar_rows_get(rows, 3);

        if (n == 0)
            ar_buf_addz(r->out, "| standard | what must hold | before | now | of | unknown | waived"
                                " | fixed | broke | status |\n"
                                "|---|---|---|---|---|---|---|---|---|---|\n");
        add_text(r->out, "| ", text(rows, 0));
        add_text(r->out, " | ", text(rows, 1));
        ar_buf_addz(r->out, " | ");
        add_share(r->out, before);
        ar_buf_addz(r->out, " | "), add_share(r->out, share);
        for (size_t i = 5; i <= 9; i++) ar_buf_addf(r->out, " | %lld", (long long)number(rows, i));
        ar_buf_addf(r->out, " | %s |\n", status(share, before));
    }
    if (n == 0) ar_buf_addz(r->out, "Nothing is in scope of its standards yet.\n");
    ar_buf_addf(r->out,
                "\nBehind each row: `aright snapshot changes --standard ID --from '%.*s' "
                "--to '%.*s'`.\n\n",
                AR_FMT(r->from_name), AR_FMT(r->to_name));
    return ar_ok();
}

/* ---- practices, key learnings ---- */

static ar_err add_practices(const report *r)
{
    ar_own(ar_rows) rows = NULL;

    ar_buf_addz(r->out, "## Practices\n\n");
    AR_TRY(query(r,
                 STOOD "SELECT count(*)::BIGINT, count(*) FILTER (share = 1)::BIGINT,"
                       " sum(pass)::BIGINT, sum(scope)::BIGINT FROM line WHERE class = 'practice'",
                 &rows));
    if (ar_rows_next(rows))
        ar_buf_addf(r->out,
                    "Of the report's other promises %lld have something in scope, and %lld are met"
                    " everywhere; %lld of %lld checks pass.\n\n",
                    (long long)number(rows, 0), (long long)number(rows, 1),
                    (long long)number(rows, 2), (long long)number(rows, 3));
    return ar_ok();
}

static ar_err add_learnings(const report *r)
{
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0;

    ar_buf_addz(r->out, "## Key learnings\n\n");
    AR_TRY(query(r,
                 "SELECT e.text, e.standard_id, 'R-' || e.review FROM ar.review_entry e,"
                 " ar.snapshot f, ar.snapshot t WHERE f.id = $1 AND t.id = $2"
                 " AND e.sort = 'decision' AND e.entered_at > f.as_of AND e.entered_at <= t.as_of"
                 " ORDER BY e.number",
                 &rows));
    for (; ar_rows_next(rows); n++) {
        add_text(r->out, "- ", text(rows, 0));
        add_text(r->out, " (", text(rows, 2));
        ar_buf_addz(r->out, ")\n");
    }
    if (n == 0) ar_buf_addz(r->out, "No decision was recorded in this time.\n");
    ar_buf_addc(r->out, '\n');
    return ar_ok();
}

/* ---- the document ---- */

static ar_err add_head(const report *r)
{
    ar_own(ar_rows) rows = NULL;
    char from[AR_TIME_LEN], to[AR_TIME_LEN];

    AR_TRY(query(r,
                 "SELECT f.as_of, t.as_of, f.hash, t.hash FROM ar.snapshot f, ar.snapshot t"
                 " WHERE f.id = $1 AND t.id = $2",
                 &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    ar_buf_addf(r->out,
                "# Security progress report\n\nFrom %.10s to %.10s.\n\n"
                "Every figure is of snapshot %.*s (%.*s) or %.*s (%.*s); `aright snapshot check`"
                " says whether they are what was taken. 100 %% is the goal of each standard; what"
                " is unknown or waived counts as not met.\n\n",
                ar_time_print(ar_rows_get(rows, 0).i, from),
                ar_time_print(ar_rows_get(rows, 1).i, to), AR_FMT(r->from_name),
                AR_FMT(text(rows, 2)), AR_FMT(r->to_name), AR_FMT(text(rows, 3)));
    return ar_ok();
}

static ar_err write_report(const report *r)
{
    AR_TRY(add_head(r));
    AR_TRY(add_highlights(r));
    AR_TRY(add_governance(r));
    for (size_t i = 0; i < AR_COUNT(pillars); i++)
        AR_TRY(add_pillar(r, pillars[i].pillar, pillars[i].title));
    AR_TRY(add_practices(r));
    return add_learnings(r);
}

static const ar_param progress_params[] = {
    { "from", AR_PARAM_TEXT, 0, "the snapshot that it begins with; the first when not given",
      NULL },
    { "to", AR_PARAM_TEXT, 0, "the snapshot that it ends with; the last when not given", NULL },
    { 0 },
};

static const ar_column progress_columns[] = {
    { "report", AR_TEXT, 0, "the report, as Markdown" },
    { 0 },
};

static ar_err name_of(ar_ctx *ctx, ar_value id, ar_str *out_name)
{
    ar_value name;

    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT name FROM ar.snapshot WHERE id = $1"), &id,
                           1, ctx->arena, &name));
    *out_name = name.s;
    return ar_ok();
}

static ar_err run_progress(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) out = { 0 };
    report r = { .ctx = ctx, .from = ar_int(1), .to = ar_int(0), .out = &out };

    AR_TRY(ar_snapshot_find(ctx->engine, ar_arg_text(args, "to"), ctx->arena, &r.to.i));
    if (ar_arg_has(args, "from"))
        AR_TRY(ar_snapshot_find(ctx->engine, ar_arg_text(args, "from"), ctx->arena, &r.from.i));
    if (r.from.i >= r.to.i)
        return ar_fail(AR_NOT_FOUND, "a report needs two snapshots, the first before the last");
    AR_TRY(name_of(ctx, r.from, &r.from_name));
    AR_TRY(name_of(ctx, r.to, &r.to_name));
    AR_TRY(write_report(&r));
    return ar_reply_row(reply, (ar_value[]){ ar_text(ar_buf_str(&out)) }, 1);
}

const ar_op ar_progress_ops[] = {
    { .name = "report.progress",
      .help = "write the progress report between two snapshots",
      .more = "Highlights, governance, the six pillars with every standard's progress, practices, "
              "and what was decided. It is made from snapshots, so it is the same whenever it is "
              "written.",
      .shape = AR_SHAPE_TEXT,
      .grant = "snapshot.read",
      .params = progress_params,
      .columns = progress_columns,
      .run = run_progress },
    { 0 },
};
