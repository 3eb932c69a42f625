#include "govern/chapter.h"

#include <math.h>

/* A standard that became another version has no share to compare with. Whose the rest is, is known
 * of the last evaluation only. */
const char ar_chapter_line[] =
    "WITH stood AS (SELECT c.snapshot, c.standard_id, max(c.version) AS version,"
    "  sum(c.pass)::BIGINT AS pass, sum(c.pass + c.fail + c.unknown + c.waived)::BIGINT AS scope,"
    "  sum(c.fail)::BIGINT AS fail, sum(c.unknown)::BIGINT AS unknown,"
    "  sum(c.waived)::BIGINT AS waived, count(c.denominator) > 0 AS weighed,"
    "  sum(coalesce(c.numerator, c.pass)) AS part,"
    "  sum(coalesce(c.denominator, c.pass + c.fail + c.unknown + c.waived)) AS whole,"
    "  part / nullif(whole, 0) AS share FROM ar.snapshot_count c WHERE c.snapshot IN ($1, $2)"
    "  GROUP BY 1, 2),"
    " moved AS (SELECT c.standard_id, count(*) FILTER (c.cause = 'fixed') AS fixed,"
    "  count(*) FILTER (c.cause = 'regressed') AS broke,"
    "  count(*) FILTER (c.cause = 'born right') AS born_right,"
    "  count(*) FILTER (c.cause IN ('born wrong', 'born unknown')) AS born_wrong,"
    "  count(*) FILTER (c.cause = 'unknown resolved' AND c.now = 1) AS resolved,"
    "  count(*) FILTER (c.cause = 'became unknown') AS lost,"
    "  count(*) FILTER (c.cause IN ('removed', 're-scoped') AND c.now = 0) AS removed FROM "
    "ar.snapshot_change c"
    "  WHERE c.snapshot > $1 AND c.snapshot <= $2 GROUP BY 1),"
    " whose AS (SELECT f.standard_id, count(DISTINCT v.owner_id) AS owners,"
    "  count(*) FILTER (v.owner_id IS NULL) AS nobodys FROM ar.open_finding f"
    "  JOIN ar.verdict v ON v.number = f.verdict GROUP BY 1),"
    " line AS (SELECT s.id, s.title, s.kind, s.pillar, s.class, s.place, n.pass, n.scope, n.fail,"
    "  n.unknown, n.waived, n.share, CASE WHEN b.version = n.version THEN b.share END AS before,"
    "  b.version <> n.version AS renewed, n.weighed, n.part::BIGINT AS part,"
    "  n.whole::BIGINT AS whole, coalesce(m.fixed, 0) AS fixed, coalesce(m.broke, 0) AS broke,"
    "  coalesce(m.born_right, 0) AS born_right, coalesce(m.born_wrong, 0) AS born_wrong,"
    "  coalesce(m.resolved, 0) AS resolved, coalesce(m.lost, 0) AS lost,"
    "  coalesce(m.removed, 0) AS removed, w.owners, w.nobodys FROM stood n"
    "  JOIN ar.standard s ON s.id = n.standard_id"
    "  LEFT JOIN stood b ON b.standard_id = n.standard_id AND b.snapshot = $1"
    "  LEFT JOIN moved m ON m.standard_id = n.standard_id"
    "  LEFT JOIN whose w ON w.standard_id = n.standard_id WHERE n.snapshot = $2) ";

ar_err ar_chapter_lines(const ar_chapter *c, const char *sql, ar_rows **out_rows)
{
    ar_value args[] = { c->from, c->to };
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, ar_chapter_line);
    ar_buf_addz(&text, sql);
    return ar_engine_query(c->ctx->engine, ar_buf_str(&text), args, AR_COUNT(args), out_rows);
}

ar_err ar_chapter_query(const ar_chapter *c, const char *sql, ar_rows **out_rows)
{
    ar_value args[] = { c->from, c->to, c->from_at, c->to_at };
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, "WITH span AS (SELECT $1::BIGINT AS from_id, $2::BIGINT AS to_id,"
                       " $3::TIMESTAMP AS begun, $4::TIMESTAMP AS ended) ");
    ar_buf_addz(&text, sql);
    return ar_engine_query(c->ctx->engine, ar_buf_str(&text), args, AR_COUNT(args), out_rows);
}

/* ---- words ---- */

ar_str ar_say_count(const ar_chapter *c, int64_t n)
{
    ar_str plain = ar_arena_printf(c->ctx->arena, "%lld", (long long)n);
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < plain.len; i++) {
        if (i > 0 && (plain.len - i) % 3 == 0 && plain.ptr[i - 1] != '-') ar_buf_addc(&out, ',');
        ar_buf_addc(&out, plain.ptr[i]);
    }
    return ar_arena_copy(c->ctx->arena, ar_buf_str(&out));
}

ar_str ar_say_share(const ar_chapter *c, ar_value share)
{
    if (share.type != AR_DOUBLE) return AR_LIT("–");
    if (share.d >= 1) return AR_LIT("100 %");
    return ar_arena_printf(c->ctx->arena, "%.1f %%", floor(share.d * 1000 + 1e-9) / 10);
}

ar_str ar_say_many(const ar_chapter *c, int64_t n, const char *one, const char *many)
{
    ar_str count = ar_say_count(c, n);

    return ar_arena_printf(c->ctx->arena, "%.*s %s", AR_FMT(count), n == 1 ? one : many);
}

ar_str ar_say_parts(const ar_chapter *c, const ar_say_part *parts, size_t n)
{
    ar_auto(ar_buf) out = { 0 };
    size_t left = 0;

    for (size_t i = 0; i < n; i++) left += parts[i].n > 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n == 0) continue;
        if (out.len > 0) ar_buf_addz(&out, left == 1 ? " and " : ", ");
        ar_buf_add(&out, ar_say_many(c, parts[i].n, parts[i].one, parts[i].many));
        left--;
    }
    return ar_arena_copy(c->ctx->arena, ar_buf_str(&out));
}

int64_t ar_row_count(ar_rows *rows, size_t column)
{
    ar_value value = ar_rows_get(rows, column);

    return value.type == AR_INT ? value.i : value.type == AR_DOUBLE ? (int64_t)value.d : 0;
}

ar_str ar_row_text(ar_rows *rows, size_t column, const char *none)
{
    ar_value value = ar_rows_get(rows, column);

    return value.type == AR_TEXT ? value.s : ar_str_of(none);
}

/* "Network device": "network devices", or "network device" of one; "CI job": "CI jobs". */
static ar_str things(const ar_chapter *c, ar_str kind_name, int64_t n)
{
    const ar_kind *kind;
    ar_auto(ar_buf) out = { 0 };
    ar_str title;

    if (n != 1 && ar_str_eq(kind_name, AR_LIT("person"))) return AR_LIT("people");
    if (ar_kinds_find(&c->kinds, kind_name, &kind).code != AR_OK) return AR_LIT("things");
    title = kind->title;
    ar_buf_add(&out, title);
    if (title.len > 1 && title.ptr[1] >= 'a' && title.ptr[1] <= 'z')
        out.ptr[0] = ar_lower(out.ptr[0]);
    if (n == 1) return ar_arena_copy(c->ctx->arena, ar_buf_str(&out));
    if (ar_str_ends(title, AR_LIT("y")) && !ar_str_ends(title, AR_LIT("ey"))) {
        out.len--;
        ar_buf_addz(&out, "ies");
    } else {
        bool hisses = ar_str_ends(title, AR_LIT("s")) || ar_str_ends(title, AR_LIT("x")) ||
                      ar_str_ends(title, AR_LIT("ch"));
        ar_buf_addz(&out, hisses ? "es" : "s");
    }
    return ar_arena_copy(c->ctx->arena, ar_buf_str(&out));
}

/* ---- a standard in prose ---- */

enum {
    ID,
    TITLE,
    KIND,
    PASS,
    SCOPE,
    FAIL,
    UNKNOWN,
    WAIVED,
    SHARE,
    BEFORE,
    RENEWED,
    WEIGHED,
    PART,
    WHOLE,
    FIXED,
    BROKE,
    BORN_RIGHT,
    BORN_WRONG,
    RESOLVED,
    LOST,
    REMOVED,
    OWNERS,
    NOBODYS,
};

#define COLUMNS                                                                             \
    "SELECT id, title, kind, pass, scope, fail, unknown, waived, share, before, renewed,"   \
    " weighed, part, whole, fixed, broke, born_right, born_wrong, resolved, lost, removed," \
    " owners, nobodys"

static bool is_met(ar_rows *rows)
{
    ar_value share = ar_rows_get(rows, SHARE);

    return share.type == AR_DOUBLE && share.d >= 1 &&
           ar_row_count(rows, PASS) == ar_row_count(rows, SCOPE);
}

static bool is_above_zero(ar_value share)
{
    return share.type == AR_DOUBLE && share.d > 0;
}

/* What was right once was started, and is far from done. */
static const char *status(ar_rows *rows)
{
    if (is_met(rows)) return "Complete";
    if (is_above_zero(ar_rows_get(rows, SHARE)) || is_above_zero(ar_rows_get(rows, BEFORE)))
        return "In progress";
    return "Not started";
}

/* "Of 1,204 repositories, 1,187 (98.5 %) are right". */
static void say_share(const ar_chapter *c, ar_rows *rows, ar_buf *out)
{
    bool weighed = ar_rows_get(rows, WEIGHED).b;
    ar_str scope = ar_say_count(c, ar_row_count(rows, SCOPE));
    ar_str part = ar_say_count(c, ar_row_count(rows, weighed ? PART : PASS));
    ar_str whole = ar_say_count(c, ar_row_count(rows, WHOLE));
    ar_str share = ar_say_share(c, ar_rows_get(rows, SHARE));
    ar_str what = things(c, ar_row_text(rows, KIND, ""), ar_row_count(rows, SCOPE));

    if (weighed)
        ar_buf_addf(out, "Of the %.*s that are counted over %.*s %.*s, %.*s (%.*s) are right",
                    AR_FMT(whole), AR_FMT(scope), AR_FMT(what), AR_FMT(part), AR_FMT(share));
    else if (is_met(rows) && ar_row_count(rows, SCOPE) == 1)
        ar_buf_addf(out, "The one %.*s is right", AR_FMT(what));
    else if (is_met(rows))
        ar_buf_addf(out, "All %.*s %.*s are right", AR_FMT(scope), AR_FMT(what));
    else if (ar_row_count(rows, SCOPE) == 1)
        ar_buf_addf(out, "The one %.*s is not right", AR_FMT(what));
    else if (ar_row_count(rows, PASS) == 0)
        ar_buf_addf(out, "Of %.*s %.*s, none is right", AR_FMT(scope), AR_FMT(what));
    else
        ar_buf_addf(out, "Of %.*s %.*s, %.*s (%.*s) %s right", AR_FMT(scope), AR_FMT(what),
                    AR_FMT(part), AR_FMT(share), ar_row_count(rows, PASS) == 1 ? "is" : "are");
}

static void say_before(const ar_chapter *c, ar_rows *rows, ar_buf *out)
{
    ar_value share = ar_rows_get(rows, SHARE), before = ar_rows_get(rows, BEFORE);
    ar_value renewed = ar_rows_get(rows, RENEWED);
    ar_str then = ar_say_share(c, before), now = ar_say_share(c, share);
    const char *way = share.type == AR_DOUBLE && share.d > before.d ? "up" : "down";

    if (renewed.type == AR_BOOL && renewed.b)
        ar_buf_addf(out,
                    "; what it asks for has changed since %.*s, so that there is nothing to "
                    "compare with",
                    AR_FMT(c->from_day));
    else if (before.type != AR_DOUBLE)
        ar_buf_addf(out, "; on %.*s there was nothing to measure", AR_FMT(c->from_day));
    else if (share.type == AR_DOUBLE && share.d == before.d)
        ar_buf_addf(out, ", as on %.*s", AR_FMT(c->from_day));
    else if (ar_str_eq(then, now))
        ar_buf_addf(out, ", slightly %s since %.*s", way, AR_FMT(c->from_day));
    else
        ar_buf_addf(out, ", %s from %.*s on %.*s", way, AR_FMT(then), AR_FMT(c->from_day));
    ar_buf_addz(out, ". ");
}

static void say_owners(const ar_chapter *c, ar_rows *rows, ar_buf *out)
{
    ar_str owners = ar_say_many(c, ar_row_count(rows, OWNERS), "owner", "owners");
    ar_str nobodys = ar_say_many(c, ar_row_count(rows, NOBODYS), "has", "have");

    if (!c->latest) return;
    if (ar_row_count(rows, OWNERS) > 0) ar_buf_addf(out, ", with %.*s", AR_FMT(owners));
    if (ar_row_count(rows, NOBODYS) > 0) ar_buf_addf(out, "; %.*s no known owner", AR_FMT(nobodys));
}

static void say_rest(const ar_chapter *c, ar_rows *rows, ar_buf *out)
{
    int64_t left = ar_row_count(rows, SCOPE) - ar_row_count(rows, PASS);
    const ar_say_part parts[] = {
        { ar_row_count(rows, FAIL), "is wrong", "are wrong" },
        { ar_row_count(rows, UNKNOWN), "is not known well enough to say",
          "are not known well enough to say" },
        { ar_row_count(rows, WAIVED), "is waived for a time", "are waived for a time" },
    };
    ar_str rest = ar_say_many(c, left, "remains", "remain");

    if (left == 0) return;
    ar_buf_addf(out, "%.*s", AR_FMT(rest));
    for (size_t i = 0; i < AR_COUNT(parts); i++)
        if (parts[i].n == left)
            ar_buf_addf(out, ", which %s", left == 1 ? parts[i].one : parts[i].many);
    if (ar_str_ends(ar_buf_str(out), rest)) {
        ar_buf_addz(out, ": ");
        ar_buf_add(out, ar_say_parts(c, parts, AR_COUNT(parts)));
    }
    say_owners(c, rows, out);
    ar_buf_addz(out, ". ");
}

static void say_moves(const ar_chapter *c, ar_rows *rows, ar_buf *out)
{
    const ar_say_part parts[] = {
        { ar_row_count(rows, FIXED), "was fixed", "were fixed" },
        { ar_row_count(rows, RESOLVED), "was found to be right", "were found to be right" },
        { ar_row_count(rows, BROKE), "broke", "broke" },
        { ar_row_count(rows, LOST), "became unknown", "became unknown" },
        { ar_row_count(rows, BORN_RIGHT), "came new and right", "came new and right" },
        { ar_row_count(rows, BORN_WRONG), "came new and not right", "came new and not right" },
        { ar_row_count(rows, REMOVED), "is gone or no longer in scope",
          "are gone or no longer in scope" },
    };
    ar_str list = ar_say_parts(c, parts, AR_COUNT(parts));

    if (list.len > 0) ar_buf_addf(out, "In this time %.*s.", AR_FMT(list));
}

static void add_figures(const ar_chapter *c, ar_rows *rows)
{
    ar_document *doc = c->doc;
    static const struct {
        const char *name;
        int column;
    } figures[] = {
        { "standard", ID }, { "pass", PASS },       { "scope", SCOPE },   { "fail", FAIL },
        { "share", SHARE }, { "unknown", UNKNOWN }, { "waived", WAIVED }, { "before", BEFORE },
        { "fixed", FIXED }, { "broke", BROKE },
    };

    ar_doc_figure(doc, "status", ar_textz(status(rows)));
    for (size_t i = 0; i < AR_COUNT(figures); i++)
        ar_doc_figure(doc, figures[i].name, ar_rows_get(rows, (size_t)figures[i].column));
}

static void add_standard(const ar_chapter *c, ar_rows *rows)
{
    ar_str id = ar_row_text(rows, ID, ""), title = ar_row_text(rows, TITLE, "");
    ar_auto(ar_buf) text = { 0 };
    size_t source = ar_doc_source(
        c->doc, c->to_name, "aright snapshot bridge --standard %.*s --from '%.*s' --to '%.*s'",
        AR_FMT(id), AR_FMT(c->from_name), AR_FMT(c->to_name));

    ar_doc_section(c->doc, 3,
                   ar_arena_printf(c->ctx->arena, "%.*s (%.*s)", AR_FMT(title), AR_FMT(id)));
    say_share(c, rows, &text);
    say_before(c, rows, &text);
    say_rest(c, rows, &text);
    say_moves(c, rows, &text);
    ar_str said = ar_str_trim(ar_buf_str(&text));
    ar_doc_text(c->doc, source, "%s. %.*s", status(rows), AR_FMT(said));
    add_figures(c, rows);
}

ar_err ar_chapter_standards(const ar_chapter *c, const char *where, int64_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql, COLUMNS " FROM line WHERE %s ORDER BY place", where);
    AR_TRY(ar_chapter_lines(c, sql.ptr, &rows));
    for (*out_n = 0; ar_rows_next(rows); ++*out_n) add_standard(c, rows);
    return ar_ok();
}
