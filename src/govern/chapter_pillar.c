#include "govern/chapter.h"
#include "response/clock.h"

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

const char *ar_chapter_pillar_title(ar_str pillar)
{
    for (size_t i = 0; i < AR_COUNT(pillars); i++)
        if (ar_str_eq(pillar, ar_str_of(pillars[i].pillar))) return pillars[i].title;
    return "Culture and governance";
}

/* ---- what was learnt ---- */

/* What was decided again and again is one learning; the latest review shows it. */
static ar_err add_decisions(const ar_chapter *c, const char *pillar, int64_t *n)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT e.text, e.standard_id, max(e.review), count(DISTINCT e.review)"
                " FROM ar.review_entry e, span, ar.standard s WHERE e.sort = 'decision'"
                " AND e.entered_at > span.begun AND e.entered_at <= span.ended"
                " AND s.id = e.standard_id AND s.pillar = '%s' GROUP BY e.text, e.standard_id"
                " ORDER BY min(e.number)",
                pillar);
    AR_TRY(ar_chapter_query(c, sql.ptr, &rows));
    for (; ar_rows_next(rows); ++*n) {
        ar_str text = ar_row_text(rows, 0, ""), id = ar_row_text(rows, 1, "");
        int64_t reviews = ar_row_count(rows, 3);
        size_t source = ar_doc_source(c->doc, c->to_name, "aright review show R-%lld",
                                      (long long)ar_row_count(rows, 2));

        if (reviews > 1)
            ar_doc_item(c->doc, source, "%.*s (on %.*s, decided in %lld reviews)", AR_FMT(text),
                        AR_FMT(id), (long long)reviews);
        else
            ar_doc_item(c->doc, source, "%.*s (on %.*s)", AR_FMT(text), AR_FMT(id));
    }
    return ar_ok();
}

/* " and 2 like it (VC-4, VC-6)" of "VC-3 VC-4 VC-6"; empty for one. */
static ar_str with_others(const ar_chapter *c, ar_str ids, int64_t n)
{
    ar_auto(ar_buf) text = { 0 };
    ar_str id;

    if (n < 2) return (ar_str){ 0 };
    ar_buf_addf(&text, " and %lld like it (", (long long)n - 1);
    (void)ar_str_split(&ids, ' ', &id);
    for (int64_t i = 0; ar_str_split(&ids, ' ', &id); i++)
        ar_buf_addf(&text, "%s%.*s", i > 0 ? ", " : "", AR_FMT(id));
    ar_buf_addc(&text, ')');
    return ar_arena_copy(c->ctx->arena, ar_buf_str(&text));
}

/* Cases from which the same was learnt stand together, by the first of them. */
static ar_err add_lessons(const ar_chapter *c, int64_t *n)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_query(
        c,
        "SELECT arg_min(k.id, k.number), arg_min(k.title, k.number), k.learning,"
        " k.learning_because, string_agg(k.id, ' ' ORDER BY k.number), count(*) FROM ar.case k,"
        " span WHERE k.closed_at > span.begun AND k.closed_at <= span.ended AND k.learning IS NOT"
        " NULL GROUP BY k.kind, k.learning, k.learning_because ORDER BY k.learning = 'no', k.kind,"
        " min(k.number)",
        &rows));
    for (; ar_rows_next(rows); ++*n) {
        ar_str id = ar_row_text(rows, 0, ""), title = ar_row_text(rows, 1, "");
        ar_str learning = ar_row_text(rows, 2, ""), why = ar_row_text(rows, 3, "");
        ar_str alike = with_others(c, ar_row_text(rows, 4, ""), ar_row_count(rows, 5));
        size_t source = ar_doc_source(c->doc, c->to_name, "aright case show %.*s", AR_FMT(id));

        if (ar_str_eq(learning, AR_LIT("no")))
            ar_doc_item(c->doc, source, "“%.*s”%.*s led to no new standard: %.*s.", AR_FMT(title),
                        AR_FMT(alike), AR_FMT(why));
        else
            ar_doc_item(c->doc, source, "“%.*s”%.*s led to the standard %.*s.", AR_FMT(title),
                        AR_FMT(alike), AR_FMT(learning));
        ar_doc_figure(c->doc, "case", ar_rows_get(rows, 4));
    }
    return ar_ok();
}

static ar_err add_learnings(const ar_chapter *c, const char *pillar)
{
    int64_t n = 0;

    ar_doc_section(c->doc, 2, AR_LIT("Key learning"));
    AR_TRY(add_decisions(c, pillar, &n));
    if (strcmp(pillar, "response") == 0) AR_TRY(add_lessons(c, &n));
    if (n == 0)
        ar_doc_text(c->doc, 0,
                    "No decision about these standards was recorded in this time; “aright review "
                    "decide” records one, with --standard.");
    return ar_ok();
}

/* ---- cases ---- */

/* Up to the division of the owner, else the owner. $1 the time; the cases that were open or were
 * mitigated in the span, which is in the statement. */
static ar_err query_cases(const ar_chapter *c, const char *select, const char *rest,
                          ar_rows **out_rows)
{
    ar_value args[] = { c->to_at, c->from_at };
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "%s FROM (SELECT i.*, coalesce((SELECT min(u.up) FROM ar.owner_up u WHERE"
                "  u.id = i.owner AND starts_with(u.up, 'division:')), i.owner, 'nobody') AS org"
                " FROM %s i WHERE coalesce(i.mitigated_at, $1) > $2) k %s",
                select, ar_case_items, rest);
    return ar_engine_query(c->ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), out_rows);
}

#define COUNTS                                                                               \
    "count(*) FILTER (opened_at > $2), count(*) FILTER (mitigated_at IS NOT NULL),"          \
    " count(*) FILTER (missed), count(*) FILTER (state = 'at_risk'), count(*) FILTER (state" \
    " IN ('open', 'at_risk', 'overdue'))"

static ar_err add_reasons(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(query_cases(c, "SELECT replace(miss_reason, '_', ' '), count(*)",
                       "WHERE missed AND miss_reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
                       &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    ar_str reason = ar_row_text(rows, 0, "");
    int64_t first = ar_row_count(rows, 1), all = first;

    while (ar_rows_next(rows)) all += ar_row_count(rows, 1);
    ar_doc_text(c->doc, ar_doc_source(c->doc, c->to_name, "aright case reasons"),
                "The first reason for a missed date was %.*s, in %lld of the %lld cases whose "
                "reason is known.",
                AR_FMT(reason), (long long)first, (long long)all);
    return ar_ok();
}

static ar_err add_organisations(const ar_chapter *c)
{
    const ar_str heads[] = { AR_LIT("organisation"), AR_LIT("opened"),  AR_LIT("mitigated"),
                             AR_LIT("missed"),       AR_LIT("at risk"), AR_LIT("still open") };
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0;

    AR_TRY(query_cases(c,
                       "SELECT org, " COUNTS
                       ", (SELECT any_value(o.name) FROM ar.owner o WHERE o.id = org)",
                       "GROUP BY 1 ORDER BY 4 DESC, 5 DESC, 1", &rows));
    for (; ar_rows_next(rows); n++) {
        ar_str org = ar_row_text(rows, 0, "nobody"), name = ar_row_text(rows, AR_COUNT(heads), "");
        ar_str cells[AR_COUNT(heads)] = { name.len > 0 ? name : org };
        size_t source =
            ar_str_eq(org, AR_LIT("nobody"))
                ? ar_doc_source(c->doc, c->to_name, "aright case list --owner -")
                : ar_doc_source(c->doc, c->to_name, "aright case list --owner %.*s", AR_FMT(org));

        for (size_t i = 1; i < AR_COUNT(cells); i++)
            cells[i] = ar_say_count(c, ar_row_count(rows, i));
        if (n == 0) ar_doc_table(c->doc, heads, AR_COUNT(heads));
        ar_doc_row(c->doc, source, cells, AR_COUNT(cells));
    }
    return ar_ok();
}

static ar_err add_cases(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    ar_doc_section(c->doc, 2, AR_LIT("Cases"));
    AR_TRY(query_cases(c, "SELECT " COUNTS ", count(*)", "", &rows));
    if (!ar_rows_next(rows) || ar_row_count(rows, 5) == 0) {
        ar_doc_text(c->doc, 0,
                    "No case was open in this time; “aright case open” is the form of who reports "
                    "one.");
        return ar_ok();
    }
    const ar_say_part moves[] = {
        { ar_row_count(rows, 0), "case was opened", "cases were opened" },
        { ar_row_count(rows, 1), "was mitigated", "were mitigated" },
        { ar_row_count(rows, 2), "missed its date", "missed their dates" },
    };
    const ar_say_part open[] = {
        { ar_row_count(rows, 4), "is still open", "are still open" },
        { ar_row_count(rows, 3), "of these is at risk of missing its date",
          "of these are at risk of missing their dates" },
    };
    ar_str moved = ar_say_parts(c, moves, AR_COUNT(moves));
    ar_str left = ar_say_parts(c, open, AR_COUNT(open));

    ar_doc_text(c->doc, ar_doc_source(c->doc, c->to_name, "aright case list"),
                "%.*s in this time. %.*s.", AR_FMT(moved.len > 0 ? moved : AR_LIT("No case moved")),
                AR_FMT(left.len > 0 ? left : AR_LIT("None is still open")));
    ar_doc_figure(c->doc, "opened", ar_rows_get(rows, 0));
    ar_doc_figure(c->doc, "mitigated", ar_rows_get(rows, 1));
    ar_doc_figure(c->doc, "missed", ar_rows_get(rows, 2));
    ar_doc_figure(c->doc, "at_risk", ar_rows_get(rows, 3));
    ar_doc_figure(c->doc, "open", ar_rows_get(rows, 4));
    AR_TRY(add_reasons(c));
    return add_organisations(c);
}

/* ---- the pillars ---- */

static ar_err add_absent(const ar_chapter *c, const char *pillar)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT count(*), string_agg(s.title || ' (' || s.id || ')', '; ' ORDER BY"
                " s.place) FROM span, ar.standard s WHERE s.class = 'standard'"
                " AND s.pillar = '%s' AND s.retired_at IS NULL AND s.id NOT IN (SELECT"
                " c.standard_id FROM ar.snapshot_count c WHERE c.snapshot = span.to_id)",
                pillar);
    AR_TRY(ar_chapter_query(c, sql.ptr, &rows));
    if (!ar_rows_next(rows) || ar_row_count(rows, 0) == 0) return ar_ok();
    ar_str absent = ar_row_text(rows, 1, "");

    ar_doc_text(c->doc, 0,
                "Nothing is in scope yet of: %.*s. “aright standard show ID” names the kind of "
                "thing that a source has to show, “aright import” brings it in.",
                AR_FMT(absent));
    return ar_ok();
}

static ar_err add_pillar(const ar_chapter *c, const char *pillar, const char *title)
{
    ar_str where = ar_arena_printf(c->ctx->arena, "class = 'standard' AND pillar = '%s'", pillar);
    int64_t n;

    ar_doc_section(c->doc, 1, ar_str_of(title));
    AR_TRY(add_learnings(c, pillar));
    ar_doc_section(c->doc, 2, AR_LIT("Key standards and progress"));
    AR_TRY(ar_chapter_standards(c, where.ptr, &n));
    AR_TRY(add_absent(c, pillar));
    return strcmp(pillar, "response") == 0 ? add_cases(c) : ar_ok();
}

ar_err ar_chapter_pillars(const ar_chapter *c)
{
    for (size_t i = 0; i < AR_COUNT(pillars); i++)
        AR_TRY(add_pillar(c, pillars[i].pillar, pillars[i].title));
    return ar_ok();
}
