#include "govern/chapter.h"
#include "govern/obligation.h"

/* ---- practices ---- */

ar_err ar_chapter_practices(const ar_chapter *c)
{
    const ar_str heads[] = { AR_LIT("practice"), AR_LIT("what it says"), c->from_day,
                             c->to_day,          AR_LIT("right"),        AR_LIT("of") };
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0;

    ar_doc_section(c->doc, 1, AR_LIT("Practices"));
    AR_TRY(ar_chapter_lines(c,
                            "SELECT id, title, before, share, pass, scope FROM line WHERE class ="
                            " 'practice' AND id NOT LIKE 'CU-%' AND id NOT LIKE 'GV-%'"
                            " ORDER BY place",
                            &rows));
    for (; ar_rows_next(rows); n++) {
        ar_str id = ar_row_text(rows, 0, "");
        const ar_str cells[] = { id,
                                 ar_row_text(rows, 1, ""),
                                 ar_say_share(c, ar_rows_get(rows, 2)),
                                 ar_say_share(c, ar_rows_get(rows, 3)),
                                 ar_say_count(c, ar_row_count(rows, 4)),
                                 ar_say_count(c, ar_row_count(rows, 5)) };
        size_t source = ar_doc_source(
            c->doc, c->to_name, "aright snapshot bridge --standard %.*s --from '%.*s' --to '%.*s'",
            AR_FMT(id), AR_FMT(c->from_name), AR_FMT(c->to_name));

        if (n == 0) {
            ar_doc_text(
                c->doc, 0,
                "What is promised beside the standards, and can be checked. What is unknown "
                "or waived is not right.");
            ar_doc_table(c->doc, heads, AR_COUNT(heads));
        }
        ar_doc_row(c->doc, source, cells, AR_COUNT(cells));
        ar_doc_figure(c->doc, "pass", ar_rows_get(rows, 4));
        ar_doc_figure(c->doc, "scope", ar_rows_get(rows, 5));
    }
    if (n == 0) ar_doc_text(c->doc, 0, "Nothing is in scope of any practice yet.");
    return ar_ok();
}

/* ---- numbers ---- */

static ar_err note_uncounted(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_chapter_query(c,
                            "SELECT string_agg(m.title || ' (' || m.metric || ')', '; '"
                            " ORDER BY m.place) FROM ar.snapshot_metric m, span"
                            " WHERE m.snapshot = span.to_id AND m.rows = 0",
                            &rows));
    if (!ar_rows_next(rows) || ar_rows_get(rows, 0).type != AR_TEXT) return ar_ok();
    ar_str titles = ar_row_text(rows, 0, "");
    ar_doc_text(
        c->doc, 0,
        "There is nothing to count yet for: %.*s. “aright metric show ID” names the kind of "
        "thing that a source has to show.",
        AR_FMT(titles));
    return ar_ok();
}

static ar_str yes_or_no(ar_value met)
{
    return met.type != AR_BOOL ? AR_LIT("–") : met.b ? AR_LIT("yes") : AR_LIT("no");
}

ar_err ar_chapter_numbers(const ar_chapter *c)
{
    const ar_str heads[] = { AR_LIT("number"), AR_LIT("what it says"), c->from_day,
                             c->to_day,        AR_LIT("goal"),         AR_LIT("met") };
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0;

    ar_doc_section(c->doc, 1, AR_LIT("Numbers"));
    AR_TRY(ar_chapter_query(
        c,
        "SELECT m.metric, m.title, b.now, m.now, m.goal, m.met, m.value, m.numerator,"
        " m.denominator, m.unknown FROM span JOIN ar.snapshot_metric m ON m.snapshot = span.to_id"
        " LEFT JOIN ar.snapshot_metric b ON b.snapshot = span.from_id AND b.metric = m.metric"
        " WHERE m.rows > 0 ORDER BY m.place",
        &rows));
    for (; ar_rows_next(rows); n++) {
        ar_str id = ar_row_text(rows, 0, "");
        const ar_str cells[] = { id,
                                 ar_row_text(rows, 1, ""),
                                 ar_row_text(rows, 2, "–"),
                                 ar_row_text(rows, 3, "–"),
                                 ar_row_text(rows, 4, "–"),
                                 yes_or_no(ar_rows_get(rows, 5)) };
        size_t source = ar_doc_source(c->doc, c->to_name, "aright metric rows %.*s", AR_FMT(id));

        if (n == 0) ar_doc_table(c->doc, heads, AR_COUNT(heads));
        ar_doc_row(c->doc, source, cells, AR_COUNT(cells));
        ar_doc_figure(c->doc, "value", ar_rows_get(rows, 6));
        ar_doc_figure(c->doc, "numerator", ar_rows_get(rows, 7));
        ar_doc_figure(c->doc, "denominator", ar_rows_get(rows, 8));
        ar_doc_figure(c->doc, "unknown", ar_rows_get(rows, 9));
    }
    ar_doc_text(
        c->doc, 0,
        "Of the 24 numbers of the report of 2024, the load (N-20) and what was once (N-24) are not"
        " computed; that 100 %% is the goal of each standard"
        " (N-21) is how all of the above counts.");
    return note_uncounted(c);
}

/* ---- obligations ---- */

static ar_err query_obligations(const ar_chapter *c, const char *select, const char *rest,
                                ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql, "%s FROM %s o %s", select, ar_obligations_stand, rest);
    return ar_engine_query(c->ctx->engine, ar_buf_str(&sql), &c->to, 1, out_rows);
}

static ar_err add_catalog(const ar_chapter *c, ar_str catalog)
{
    const ar_str heads[] = {
        AR_LIT("no."),      AR_LIT("category"), AR_LIT("standards that answer it"),
        AR_LIT("declared"), AR_LIT("computed"), AR_LIT("contradiction")
    };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) rest = { 0 };

    ar_buf_addz(&rest, "WHERE catalog = ");
    ar_sql_text(&rest, catalog);
    ar_buf_addz(&rest, " ORDER BY place");
    AR_TRY(query_obligations(c,
                             "SELECT ref, coalesce(category, text), behind, coalesce(declared,"
                             " note), computed, contradiction, met, standards",
                             rest.ptr, &rows));
    ar_doc_table(c->doc, heads, AR_COUNT(heads));
    while (ar_rows_next(rows)) {
        ar_str cells[AR_COUNT(heads)];
        size_t source = ar_doc_source(c->doc, c->to_name, "aright obligation show %.*s/%.*s",
                                      AR_FMT(catalog), AR_FMT(ar_row_text(rows, 0, "")));

        for (size_t i = 0; i < AR_COUNT(cells); i++) cells[i] = ar_row_text(rows, i, "–");
        ar_doc_row(c->doc, source, cells, AR_COUNT(cells));
        ar_doc_figure(c->doc, "met", ar_rows_get(rows, 6));
        ar_doc_figure(c->doc, "standards", ar_rows_get(rows, 7));
    }
    return ar_ok();
}

/* What is only for reading is told in one sentence. */
static ar_err add_summary(const ar_chapter *c, ar_str catalog, ar_rows *rows)
{
    size_t source =
        ar_doc_source(c->doc, c->to_name, "aright obligation list --catalog %.*s", AR_FMT(catalog));
    ar_str all = ar_say_count(c, ar_row_count(rows, 3));

    const ar_say_part parts[] = {
        { ar_row_count(rows, 4), "is met", "are met" },
        { ar_row_count(rows, 5), "is in progress", "are in progress" },
        { ar_row_count(rows, 6), "has no evidence", "have no evidence" },
    };
    ar_str how = ar_say_parts(c, parts, AR_COUNT(parts));

    ar_doc_text(c->doc, source, "Of %.*s items %.*s.", AR_FMT(all), AR_FMT(how));
    ar_doc_figure(c->doc, "items", ar_rows_get(rows, 3));
    ar_doc_figure(c->doc, "met", ar_rows_get(rows, 4));
    return ar_ok();
}

ar_err ar_chapter_obligations(const ar_chapter *c)
{
    ar_own(ar_rows) rows = NULL;

    ar_doc_section(c->doc, 1, AR_LIT("Obligations"));
    ar_doc_text(
        c->doc, 0,
        "Declared is what somebody said; computed is what the standards that answer it came "
        "to: complete when each was right everywhere in four snapshots on end, met when it "
        "is so in this one. Where nobody here declared anything, it is what the catalog came "
        "with.");
    AR_TRY(query_obligations(
        c,
        "SELECT catalog, (SELECT g.title FROM ar.catalog g WHERE g.id = catalog), bool_or(declared"
        " IS NOT NULL), count(*), count(*) FILTER (computed IN ('met', 'complete')),"
        " count(*) FILTER (computed = 'in progress'), count(*) FILTER (computed IN ('no evidence',"
        " 'no standard'))",
        "GROUP BY catalog, catalog_place ORDER BY catalog_place", &rows));
    while (ar_rows_next(rows)) {
        ar_str catalog = ar_arena_copy(c->ctx->arena, ar_row_text(rows, 0, ""));

        ar_doc_section(c->doc, 2, ar_row_text(rows, 1, ""));
        AR_TRY(ar_rows_get(rows, 2).b ? add_catalog(c, catalog) : add_summary(c, catalog, rows));
    }
    return ar_ok();
}
