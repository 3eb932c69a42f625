#include "govern/chapter.h"

/* ---- highlights ---- */

static ar_err add_overall(const ar_chapter *c)
{
    size_t source =
        ar_doc_source(c->doc, c->to_name, "aright snapshot bridge --from '%.*s' --to '%.*s'",
                      AR_FMT(c->from_name), AR_FMT(c->to_name));
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_lines(
        c,
        "SELECT count(*), count(*) FILTER (share >= 1 AND pass = scope),"
        " count(*) FILTER (share > before), count(*) FILTER (share < before),"
        " coalesce(sum(fixed), 0)::BIGINT, coalesce(sum(broke), 0)::BIGINT,"
        " coalesce(sum(born_right), 0)::BIGINT, coalesce(sum(born_wrong), 0)::BIGINT,"
        " (SELECT count(*) FROM ar.standard WHERE class = 'standard' AND retired_at IS NULL)"
        " FROM line WHERE class = 'standard'",
        &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    ar_str all = ar_say_many(c, ar_row_count(rows, 8), "standard", "standards");
    const ar_say_part moves[] = { { ar_row_count(rows, 4), "thing was fixed", "things were fixed" },
                                  { ar_row_count(rows, 5), "broke", "broke" } };
    const ar_say_part born[] = {
        { ar_row_count(rows, 6), "was right from the start", "were right from the start" },
        { ar_row_count(rows, 7), "was wrong from the start", "were wrong from the start" }
    };
    ar_str moved = ar_say_parts(c, moves, AR_COUNT(moves));
    ar_str came = ar_say_parts(c, born, AR_COUNT(born));

    ar_doc_item(c->doc, source,
                "Of %.*s, %lld %s something in scope; of those %lld %s complete. Since %.*s,"
                " %lld moved up and %lld moved down.",
                AR_FMT(all), (long long)ar_row_count(rows, 0),
                ar_row_count(rows, 0) == 1 ? "has" : "have", (long long)ar_row_count(rows, 1),
                ar_row_count(rows, 1) == 1 ? "is" : "are", AR_FMT(c->from_day),
                (long long)ar_row_count(rows, 2), (long long)ar_row_count(rows, 3));
    ar_doc_figure(c->doc, "in_scope", ar_rows_get(rows, 0));
    ar_doc_figure(c->doc, "complete", ar_rows_get(rows, 1));
    ar_doc_figure(c->doc, "up", ar_rows_get(rows, 2));
    ar_doc_figure(c->doc, "down", ar_rows_get(rows, 3));
    ar_doc_item(c->doc, source, "%.*s.%s%.*s%s",
                AR_FMT(moved.len > 0 ? moved : AR_LIT("Nothing was fixed or broke")),
                came.len > 0 ? " Of the checks of new things " : "", AR_FMT(came),
                came.len > 0 ? "." : "");
    ar_doc_figure(c->doc, "fixed", ar_rows_get(rows, 4));
    ar_doc_figure(c->doc, "broke", ar_rows_get(rows, 5));
    return ar_ok();
}

/* The furthest up, and the furthest from where it should be at the highest risk. */
static ar_err add_extremes(const ar_chapter *c)
{
    static const struct {
        const char *sql, *said;
    } asked[] = {
        { "SELECT title, id, share, before FROM line WHERE class = 'standard' AND share > before"
          " ORDER BY share - before DESC, place LIMIT 1",
          "The largest step forward" },
        { "SELECT title, id, share, before FROM line WHERE class = 'standard' AND share < before"
          " ORDER BY before - share DESC, place LIMIT 1",
          "The largest step back" },
    };

    for (size_t i = 0; i < AR_COUNT(asked); i++) {
        ar_own(ar_rows) rows = NULL;

        AR_TRY(ar_chapter_lines(c, asked[i].sql, &rows));
        if (!ar_rows_next(rows)) continue;
        ar_str id = ar_row_text(rows, 1, ""), title = ar_row_text(rows, 0, "");
        ar_str now = ar_say_share(c, ar_rows_get(rows, 2));
        ar_str then = ar_say_share(c, ar_rows_get(rows, 3));
        size_t source = ar_doc_source(
            c->doc, c->to_name, "aright snapshot bridge --standard %.*s --from '%.*s' --to '%.*s'",
            AR_FMT(id), AR_FMT(c->from_name), AR_FMT(c->to_name));
        ar_doc_item(c->doc, source, "%s: %.*s (%.*s), from %.*s to %.*s.", asked[i].said,
                    AR_FMT(title), AR_FMT(id), AR_FMT(then), AR_FMT(now));
        ar_doc_figure(c->doc, "standard", ar_rows_get(rows, 1));
        ar_doc_figure(c->doc, "share", ar_rows_get(rows, 2));
        ar_doc_figure(c->doc, "before", ar_rows_get(rows, 3));
    }
    return ar_ok();
}

/* What each pillar has come to, in a line. */
static ar_err add_pillars(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(
        ar_chapter_lines(c,
                         "SELECT pillar, count(*), count(*) FILTER (share >= 1 AND pass = scope),"
                         " arg_min(title, share), arg_min(id, share), min(share) FROM line"
                         " WHERE class = 'standard' GROUP BY pillar ORDER BY min(place)",
                         &rows));
    while (ar_rows_next(rows)) {
        ar_str pillar = ar_row_text(rows, 0, ""), title = ar_row_text(rows, 3, "");
        ar_str id = ar_row_text(rows, 4, ""), share = ar_say_share(c, ar_rows_get(rows, 5));
        ar_str name = ar_str_of(ar_chapter_pillar_title(pillar));
        int64_t n = ar_row_count(rows, 1), met = ar_row_count(rows, 2);
        ar_str part = met > 0 ? ar_say_count(c, met) : AR_LIT("none");
        size_t source =
            ar_doc_source(c->doc, c->to_name, "aright snapshot show '%.*s'", AR_FMT(c->to_name));

        if (n == 1)
            ar_doc_item(c->doc, source, "%.*s: the one standard in scope, %.*s (%.*s), is at %.*s.",
                        AR_FMT(name), AR_FMT(title), AR_FMT(id), AR_FMT(share));
        else if (met == n)
            ar_doc_item(c->doc, source, "%.*s: all %lld standards in scope are complete.",
                        AR_FMT(name), (long long)n);
        else
            ar_doc_item(
                c->doc, source,
                "%.*s: %.*s of %lld standards in scope %s complete. Furthest from its goal, "
                "at %.*s: %.*s (%.*s).",
                AR_FMT(name), AR_FMT(part), (long long)n, met > 1 ? "are" : "is", AR_FMT(share),
                AR_FMT(title), AR_FMT(id));
        ar_doc_figure(c->doc, "pillar", ar_text(pillar));
        ar_doc_figure(c->doc, "in_scope", ar_int(n));
        ar_doc_figure(c->doc, "complete", ar_int(met));
    }
    return ar_ok();
}

ar_err ar_chapter_highlights(const ar_chapter *c)
{
    ar_doc_section(c->doc, 1, AR_LIT("Highlights"));
    AR_TRY(add_overall(c));
    AR_TRY(add_extremes(c));
    return add_pillars(c);
}

/* ---- culture ---- */

ar_err ar_chapter_culture(const ar_chapter *c)
{
    int64_t n;

    ar_doc_section(c->doc, 1, AR_LIT("Culture and governance"));
    ar_doc_section(c->doc, 2, AR_LIT("Culture"));
    AR_TRY(ar_chapter_standards(c, "id LIKE 'CU-%'", &n));
    if (n == 0)
        ar_doc_text(
            c->doc, 0,
            "Nothing is known of people's training, of their performance reviews and of "
            "leaders' pay. “aright import generic --kind person” brings in what the people "
            "system knows, “aright import training-records” what the learning system does.");
    return ar_ok();
}

/* ---- governance ---- */

static ar_err add_domains(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_query(
        c,
        "SELECT count(d.id), count(d.deputy_ciso) FILTER (d.deputy_active IS DISTINCT FROM false),"
        " count(d.id) FILTER (d.council_member), string_agg(coalesce(d.name, d.id), ', ' ORDER BY"
        "  d.id) FILTER (d.deputy_ciso IS NULL OR NOT d.deputy_active), count(d.deputy_ciso)"
        "  FILTER (d.council_member AND d.deputy_active IS DISTINCT FROM false) FROM span"
        " LEFT JOIN main.domain d ON true",
        &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    if (ar_row_count(rows, 0) == 0) {
        ar_doc_text(c->doc, 0,
                    "No domain is named, and so no Deputy CISO. Both stand in owners.yaml in the "
                    "home; “aright domain list” shows them.");
        return ar_ok();
    }
    ar_str domains = ar_say_many(c, ar_row_count(rows, 0), "domain", "domains");
    ar_str vacant = ar_row_text(rows, 3, "");
    size_t source = ar_doc_source(c->doc, c->to_name, "aright domain list");

    ar_doc_text(c->doc, source,
                "Of %.*s, %lld %s a Deputy CISO who works here today, %lld %s a seat in the "
                "governance council, and %lld %s both.%s%.*s%s",
                AR_FMT(domains), (long long)ar_row_count(rows, 1),
                ar_row_count(rows, 1) == 1 ? "has" : "have", (long long)ar_row_count(rows, 2),
                ar_row_count(rows, 2) == 1 ? "has" : "have", (long long)ar_row_count(rows, 4),
                ar_row_count(rows, 4) == 1 ? "has" : "have", vacant.len > 0 ? " Vacant: " : "",
                AR_FMT(vacant), vacant.len > 0 ? "." : "");
    ar_doc_figure(c->doc, "domains", ar_rows_get(rows, 0));
    ar_doc_figure(c->doc, "deputies", ar_rows_get(rows, 1));
    ar_doc_figure(c->doc, "council", ar_rows_get(rows, 2));
    return ar_ok();
}

static size_t reviews(const ar_chapter *c)
{
    return ar_doc_source(c->doc, c->to_name, "aright review list");
}

static ar_err add_reviews(const ar_chapter *c)
{
    static const struct {
        const char *series, *one, *many;
    } names[] = {
        { "weekly", "weekly review of the leadership was",
          "weekly reviews of the leadership were" },
        { "quarterly", "quarterly report to the board was", "quarterly reports to the board were" },
        { "council", "meeting of the governance council was",
          "meetings of the governance council were" },
        { "team_discussion", "discussion in a team was", "discussions in teams were" },
    };
    ar_own(ar_rows) rows = NULL;
    bool any = false;

    AR_TRY(ar_chapter_query(
        c,
        "SELECT r.series, count(*), count(*) FILTER (r.held_at <= r.due_at),"
        " count(*) FILTER (r.held_at > r.due_at AND r.held_at <= span.ended) FROM ar.review r, span"
        " WHERE r.due_at > span.begun AND r.due_at <= span.ended GROUP BY 1 ORDER BY r.series <> "
        "'weekly',"
        " r.series <> 'quarterly', r.series",
        &rows));
    while (ar_rows_next(rows)) {
        int64_t due = ar_row_count(rows, 1), held = ar_row_count(rows, 2),
                late = ar_row_count(rows, 3);
        const ar_say_part parts[] = { { held, "was held in time", "were held in time" },
                                      { late, "was held late", "were held late" },
                                      { due - held - late, "was not held", "were not held" } };
        const char *one = "review was", *many = "reviews were";

        for (size_t i = 0; i < AR_COUNT(names); i++)
            if (ar_str_eq(ar_row_text(rows, 0, ""), ar_str_of(names[i].series)))
                one = names[i].one, many = names[i].many;
        ar_str all = ar_say_many(c, due, one, many);
        ar_str what = ar_say_parts(c, parts, AR_COUNT(parts));

        if (held == due)
            ar_doc_item(c->doc, reviews(c), "%.*s due and held in time.", AR_FMT(all));
        else
            ar_doc_item(c->doc, reviews(c), "%.*s due: %.*s.", AR_FMT(all), AR_FMT(what));
        ar_doc_figure(c->doc, "due", ar_int(due));
        ar_doc_figure(c->doc, "in_time", ar_int(held));
        ar_doc_figure(c->doc, "late", ar_int(late));
        any = true;
    }
    if (!any)
        ar_doc_text(c->doc, 0,
                    "No review was due in this time. “aright review open --kind weekly” opens one "
                    "over the last snapshot.");
    return ar_ok();
}

/* Who sits in the council and was not at its meetings. */
static ar_err add_attendance(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_query(
        c,
        ", met AS (SELECT r.id FROM ar.review r, span WHERE r.series = 'council'"
        "  AND r.held_at > span.begun AND r.held_at <= span.ended),"
        " seat AS (SELECT DISTINCT deputy_ciso AS who FROM ar.domain WHERE council_member"
        "  AND deputy_ciso IS NOT NULL),"
        " gone AS (SELECT s.who, count(*) FILTER (a.who IS NULL) AS missed FROM seat s CROSS JOIN"
        "  met m LEFT JOIN ar.review_attendee a ON a.review = m.id AND a.who = s.who GROUP BY "
        "s.who)"
        " SELECT (SELECT count(*) FROM met), (SELECT count(*) FROM seat),"
        " count(*) FILTER (missed = 0), string_agg(who || ' (' || missed || ')', ', ' ORDER BY"
        "  missed DESC, who) FILTER (missed > 0) FROM gone",
        &rows));
    if (!ar_rows_next(rows) || ar_row_count(rows, 0) == 0) return ar_ok();
    ar_str missed = ar_row_text(rows, 3, "");
    ar_str times = ar_say_many(c, ar_row_count(rows, 0), "time", "times");
    ar_str members = ar_say_many(c, ar_row_count(rows, 1), "member", "members");

    ar_doc_text(
        c->doc, reviews(c), "The council met %.*s; of its %.*s %lld came each time.%s%.*s%s",
        AR_FMT(times), AR_FMT(members), (long long)ar_row_count(rows, 2),
        missed.len > 0 ? " Who missed how many: " : "", AR_FMT(missed), missed.len > 0 ? "." : "");
    return ar_ok();
}

static ar_err add_decided(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_query(
        c,
        "SELECT count(*) FILTER (e.sort = 'decision'), count(*) FILTER (e.sort = 'action'),"
        " count(*) FILTER (e.sort = 'action' AND e.done_at <= span.ended),"
        " count(*) FILTER (e.sort = 'action' AND e.due_at < span.ended AND (e.done_at IS NULL"
        "  OR e.done_at > span.ended)) FROM ar.review_entry e, span WHERE e.entered_at > span.begun"
        " AND e.entered_at <= span.ended",
        &rows));
    if (!ar_rows_next(rows) || ar_row_count(rows, 0) + ar_row_count(rows, 1) == 0) return ar_ok();
    const ar_say_part given[] = { { ar_row_count(rows, 0), "decision", "decisions" },
                                  { ar_row_count(rows, 1), "action", "actions" } };
    const ar_say_part stand[] = { { ar_row_count(rows, 2), "is done", "are done" },
                                  { ar_row_count(rows, 3), "is overdue", "are overdue" } };
    ar_str came = ar_say_parts(c, given, AR_COUNT(given));
    ar_str how = ar_say_parts(c, stand, AR_COUNT(stand));

    ar_doc_text(c->doc, reviews(c), "The reviews of this time came to %.*s.%s%.*s%s", AR_FMT(came),
                how.len > 0 ? " Of the actions " : "", AR_FMT(how), how.len > 0 ? "." : "");
    ar_doc_figure(c->doc, "decisions", ar_rows_get(rows, 0));
    ar_doc_figure(c->doc, "actions", ar_rows_get(rows, 1));
    ar_doc_figure(c->doc, "done", ar_rows_get(rows, 2));
    ar_doc_figure(c->doc, "overdue", ar_rows_get(rows, 3));
    return ar_ok();
}

ar_err ar_chapter_governance(const ar_chapter *c)
{
    int64_t n;

    ar_doc_section(c->doc, 2, AR_LIT("Governance"));
    AR_TRY(add_domains(c));
    AR_TRY(add_reviews(c));
    AR_TRY(add_attendance(c));
    AR_TRY(add_decided(c));
    return ar_chapter_standards(c, "id LIKE 'GV-%'", &n);
}
