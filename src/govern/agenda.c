#include "govern/agenda.h"

#include "form/markdown.h"
#include "work/item.h"

typedef struct section {
    const char *title, *none;
    const char *sql; /* one text a line */
} section;

#define ASKED "WITH asked AS (SELECT $1::BIGINT AS review, $2::TIMESTAMP AS asof)"

/* What changed since the snapshot of the review before it in its series; if there is none, since
 * the snapshot before. */
#define MOVED                                                                                 \
    ASKED                                                                                     \
    ", this AS (SELECT r.* FROM ar.review r, asked WHERE r.id = asked.review),"               \
    " span AS (SELECT t.snapshot AS until, coalesce((SELECT max(b.snapshot) FROM ar.review b" \
    "  WHERE b.series = t.series AND b.id < t.id AND b.snapshot < t.snapshot),"               \
    "  t.snapshot - 1) AS since FROM this t),"                                                \
    " moved AS (SELECT c.standard_id, count(*) FILTER (c.cause = 'fixed') AS fixed,"          \
    "  count(*) FILTER (c.cause = 'regressed') AS regressed,"                                 \
    "  count(*) FILTER (c.cause = 'born wrong') AS born_wrong,"                               \
    "  count(*) FILTER (c.now = 3) AS unknown FROM ar.snapshot_change c, span"                \
    "  WHERE c.snapshot > span.since AND c.snapshot <= span.until GROUP BY c.standard_id)"

/* "A-12 text (owner, due day" of an action e. */
#define ACTION                                                               \
    "'A-' || e.number || ' ' || e.text || ' (' || e.owner_id || ', due ' ||" \
    " strftime(e.due_at, '%Y-%m-%d')"

static const section sections[] = {
    { "Got worse", "Nothing did.",
      MOVED " SELECT s.id || ' ' || s.title || ': ' || m.regressed || ' regressed, ' ||"
            " m.born_wrong || ' born wrong, ' || m.fixed || ' fixed' FROM moved m"
            " JOIN ar.standard s ON s.id = m.standard_id WHERE m.regressed + m.born_wrong > m.fixed"
            " ORDER BY s.risk * (m.regressed + m.born_wrong - m.fixed) DESC, s.place" },
    { "Got better", "Nothing did.",
      MOVED " SELECT s.id || ' ' || s.title || ': ' || m.fixed || ' fixed, ' || m.regressed"
            " || ' regressed' FROM moved m JOIN ar.standard s ON s.id = m.standard_id"
            " WHERE m.fixed > m.regressed + m.born_wrong"
            " ORDER BY s.risk * (m.fixed - m.regressed - m.born_wrong) DESC, s.place" },
    { "Became unknown", "Nothing did.",
      MOVED " SELECT s.id || ' ' || s.title || ': ' || m.unknown FROM moved m"
            " JOIN ar.standard s ON s.id = m.standard_id WHERE m.unknown > 0"
            " ORDER BY s.risk * m.unknown DESC, s.place" },
    { "Waivers that end within two weeks", "None does.",
      ASKED " SELECT 'W-' || v.id || ' ' || v.finding_id || ' until ' ||"
            " strftime(v.until, '%Y-%m-%d') || ', approved by ' || coalesce(v.approver, '?')"
            " FROM ar.waiver v, asked WHERE v.until >= asked.asof"
            " AND v.until <= asked.asof + INTERVAL 14 DAY AND v.granted_at <= asked.asof"
            " AND (v.ended_at IS NULL OR v.ended_at > asked.asof) ORDER BY v.until, v.id" },
    { "Actions of earlier reviews that are open", "None is.",
      ASKED " SELECT " ACTION " || CASE WHEN e.due_at < asked.asof THEN ', overdue' ELSE '' END"
            " || ')' FROM asked JOIN ar.review t ON t.id = asked.review"
            " JOIN ar.review b ON b.series = t.series AND b.id < t.id"
            " JOIN ar.review_entry e ON e.review = b.id WHERE e.sort = 'action'"
            " AND e.done_at IS NULL ORDER BY e.due_at, e.number" },
    { "Decisions", "None yet.",
      ASKED " SELECT e.text || coalesce(' (' || e.standard_id || ')', '') || ', by ' || e.who"
            " FROM ar.review_entry e, asked WHERE e.review = asked.review"
            " AND e.sort = 'decision' ORDER BY e.number" },
    { "Actions", "None yet.",
      ASKED " SELECT " ACTION " || CASE WHEN e.done_at IS NOT NULL THEN ', done' ELSE '' END || ')'"
            " FROM ar.review_entry e, asked WHERE e.review = asked.review AND e.sort = 'action'"
            " ORDER BY e.number" },
};

enum { MOVEMENTS = 3 /* of the sections; what is late comes behind them */ };

static void add_line(ar_buf *out, ar_str text)
{
    ar_buf_addz(out, "- ");
    ar_markdown_text(out, text);
    ar_buf_addc(out, '\n');
}

static ar_err add_section(ar_engine *engine, const section *s, const ar_value *args, size_t n_args,
                          ar_buf *out)
{
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0;

    ar_buf_addf(out, "\n## %s\n\n", s->title);
    AR_TRY(ar_engine_query(engine, ar_str_of(s->sql), args, n_args, &rows));
    for (; ar_rows_next(rows); n++)
        if (n < AR_AGENDA_SHOWN) add_line(out, ar_rows_get(rows, 0).s);
    if (n == 0) ar_buf_addf(out, "%s\n", s->none);
    if (n > AR_AGENDA_SHOWN)
        ar_buf_addf(out, "\nand %lld more\n", (long long)(n - AR_AGENDA_SHOWN));
    return ar_ok();
}

/* By whoever has to see to it now. */
static ar_err add_late(ar_engine *engine, const ar_value *args, ar_buf *out)
{
    ar_auto(ar_buf) sql = { 0 };
    section late = { "Late, and about to be", "Nothing is.", NULL };

    ar_buf_addf(&sql,
                "SELECT coalesce(whose, 'nobody') || ': ' || count(*) FILTER (overdue_days IS NOT"
                " NULL) || ' overdue, ' || count(*) FILTER (at_risk) || ' at risk' FROM %s i"
                " WHERE overdue_days IS NOT NULL OR at_risk GROUP BY whose"
                " ORDER BY count(*) FILTER (overdue_days IS NOT NULL) DESC, count(*) DESC, whose",
                ar_work_items);
    late.sql = sql.ptr;
    return add_section(engine, &late, args, 1, out);
}

static ar_err add_head(ar_engine *engine, const ar_value *args, ar_buf *out)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        engine,
        AR_LIT("SELECT 'R-' || r.id || ', ' || r.series || ', due ' ||"
               " strftime(r.due_at, '%Y-%m-%d') || coalesce(', chair ' || r.chair, ''),"
               " 'Snapshot ' || s.name || ' (' || s.hash || '): ' || (SELECT sum(c.pass) || ' of '"
               " || sum(c.pass + c.fail + c.unknown + c.waived) || ' checks right'"
               " FROM ar.snapshot_count c JOIN ar.standard d ON d.id = c.standard_id"
               " AND d.class = 'standard' WHERE c.snapshot = s.id),"
               " CASE WHEN r.held_at IS NOT NULL THEN 'Held ' || strftime(r.held_at, '%Y-%m-%d')"
               " || ' with ' || (SELECT string_agg(a.who, ', ' ORDER BY a.who)"
               " FROM ar.review_attendee a WHERE a.review = r.id) END"
               " FROM ar.review r JOIN ar.snapshot s ON s.id = r.snapshot"
               " WHERE r.id = $1"),
        args, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no review R-%lld; `aright review list` names them",
                       (long long)args[0].i);
    ar_buf_addf(out, "# %.*s\n\n", AR_FMT(ar_rows_get(rows, 0).s));
    for (size_t i = 1; i <= 2; i++)
        if (ar_rows_get(rows, i).type == AR_TEXT) add_line(out, ar_rows_get(rows, i).s);
    return ar_ok();
}

ar_err ar_agenda_print(ar_engine *engine, int64_t review, ar_time asof, ar_buf *out)
{
    ar_value args[] = { ar_int(review), ar_at(asof) };

    AR_TRY(add_head(engine, args, out));
    for (size_t i = 0; i < AR_COUNT(sections); i++) {
        if (i == MOVEMENTS) AR_TRY(add_late(engine, &args[1], out));
        AR_TRY(add_section(engine, &sections[i], args, AR_COUNT(args), out));
    }
    return ar_ok();
}
