#include "standard/finding.h"

#include "op/reply.h"
#include "standard/asked.h"
#include "standard/waiver.h"
#include "standard/words.h"

#include <stdlib.h>

ar_err ar_finding_id_parse(ar_str text, ar_finding_id *out_id)
{
    size_t slash = ar_str_find(text, '/');
    ar_str asset = ar_str_cut(text, slash < text.len ? slash + 1 : text.len, text.len);
    size_t colon = ar_str_find(asset, ':');

    if (slash == 0 || slash == text.len || colon == 0 || colon + 1 >= asset.len)
        return ar_fail(AR_INVALID, "'%.*s' is no id of a finding; want STANDARD/KIND:ID",
                       AR_FMT(text));
    *out_id = (ar_finding_id){ ar_str_cut(text, 0, slash), ar_str_cut(asset, 0, colon),
                               ar_str_cut(asset, colon + 1, asset.len) };
    return ar_ok();
}

/* What is open as of $1, under a waiver in force `waived`; the rank is that of a middling asset
 * where nobody said how critical it is. What is asked for follows. */
static const char open_sql[] =
    " (SELECT f.verdict, f.standard_id, f.episode, f.owner_id, f.domain_id, f.criticality,"
    " o.as_of AS opened_at, f.since, NULL::BIGINT AS closed, NULL::VARCHAR AS reason,"
    " s.risk * coalesce(f.criticality, 3) AS rank,"
    " CASE WHEN w.waived THEN 'waived' ELSE f.state END AS state"
    " FROM ar.open_finding f JOIN ar.standard s ON s.id = f.standard_id"
    " JOIN ar.evaluation o ON o.id = f.opened"
    " LEFT JOIN (SELECT DISTINCT v.verdict, v.standard_id, TRUE AS waived FROM ar.waiver v"
    " WHERE " AR_WAIVER_IN_FORCE ") w ON w.verdict = f.verdict AND w.standard_id = f.standard_id"
    " WHERE TRUE";

/* What was. */
static const char closed_sql[] =
    " (SELECT f.verdict, f.standard_id, f.episode, f.owner_id, f.domain_id, f.criticality,"
    " o.as_of AS opened_at, f.closed AS since, f.closed, f.reason,"
    " s.risk * coalesce(f.criticality, 3) AS rank, 'closed' AS state"
    " FROM (SELECT c.*, v.owner_id, v.domain_id, v.criticality FROM ar.closed_finding c"
    "  JOIN ar.verdict v ON v.number = c.verdict) f"
    " JOIN ar.standard s ON s.id = f.standard_id JOIN ar.evaluation o ON o.id = f.opened"
    " WHERE $1 IS NOT NULL";

const ar_param ar_finding_list_params[] = {
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    { "class", AR_PARAM_TEXT, 0,
      "of the report's named standards or of its other checkable promises only; both when not "
      "given",
      "standard practice all" },
    { "pillar", AR_PARAM_TEXT, 0, "of this pillar's standards only", NULL },
    { "owner", AR_PARAM_TEXT, 0,
      "of this owner's assets only, and of those below in the tree; -: of nobody's", NULL },
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "asset", AR_PARAM_TEXT, 0, "of this asset only, KIND:ID", NULL },
    { "state", AR_PARAM_TEXT, 0, "in this state only; without it, all that are open",
      "fail unknown waived closed" },
    { "limit", AR_PARAM_INT, 0, "at most so many", NULL },
    { "after", AR_PARAM_TEXT, 0, "those behind this place; a list that was cut says which", NULL },
    { 0 },
};

const ar_column ar_finding_list_columns[] = {
    { "id", AR_TEXT, 0, "the finding, STANDARD/KIND:ID" },
    { "state", AR_TEXT, 0, "fail, unknown, waived or closed" },
    { "due", AR_TIME, 0, "when it must be right" },
    { "risk", AR_INT, 0, "of the standard, 1 to 5" },
    { "owner", AR_TEXT, 0, "who answers for the asset" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "the standard's title" },
    { "name", AR_TEXT, AR_COLUMN_BRIEF, "what people call the asset" },
    { "standard", AR_TEXT, AR_COLUMN_QUIET, "the standard that is not met" },
    { "kind", AR_TEXT, AR_COLUMN_QUIET, "the kind of the asset" },
    { "asset", AR_TEXT, AR_COLUMN_QUIET, "the asset's id within its kind" },
    { "domain", AR_TEXT, AR_COLUMN_QUIET, "the domain that is accountable" },
    { "since", AR_TIME, AR_COLUMN_QUIET, "since when it is in that state" },
    { "opened_at", AR_TIME, AR_COLUMN_QUIET, "since when the standard is not met" },
    { "criticality", AR_INT, AR_COLUMN_QUIET, "of the asset, 1 to 5" },
    { "rank", AR_INT, AR_COLUMN_QUIET, "risk times criticality; it orders every queue" },
    { "episode", AR_INT, AR_COLUMN_QUIET, "1, or more when it opened again" },
    { "closed_at", AR_TIME, AR_COLUMN_QUIET, "when it closed" },
    { "close_reason", AR_TEXT, AR_COLUMN_QUIET,
      "fixed, merged, deleted, out_of_scope, standard_changed or standard_removed" },
    { 0 },
};

ar_err ar_finding_note_held(ar_ctx *ctx, ar_str only, ar_reply *reply)
{
    ar_value arg = ar_text_or_null(only);
    ar_own(ar_rows) rows = NULL;
    char at[AR_TIME_LEN];

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT id, last_judged, error FROM ar.standard"
                                  " WHERE error IS NOT NULL AND retired_at IS NULL"
                                  " AND ($1 IS NULL OR id = $1) ORDER BY place"),
                           &arg, 1, &rows));
    while (ar_rows_next(rows))
        ar_reply_note(reply, "What is said of %.*s is as of %s, when it could last be judged: %.*s",
                      AR_FMT(ar_rows_get(rows, 0).s),
                      ar_time_print(ar_time_to_second(ar_rows_get(rows, 1).i), at),
                      AR_FMT(ar_rows_get(rows, 2).s));
    return ar_ok();
}

ar_err ar_standard_judged(ar_ctx *ctx, ar_str id)
{
    ar_value arg = ar_text(id), known;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(*) > 0 FROM ar.standard WHERE id = $1"), &arg, 1,
                           ctx->arena, &known));
    if (known.b) return ar_ok();
    return ar_fail(AR_NOT_FOUND, "no standard '%.*s' was judged; `aright standard list` names them",
                   AR_FMT(id));
}

ar_err ar_finding_note_changed(ar_ctx *ctx, ar_reply *reply)
{
    ar_value changed;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT coalesce(max(started) > (SELECT max(judged_at)"
                                  " FROM ar.evaluation WHERE part IS NULL), FALSE) FROM ar.run"
                                  " WHERE state = 'ok' AND new + changed + gone > 0"),
                           NULL, 0, ctx->arena, &changed));
    if (changed.b)
        ar_reply_note(reply, "Imports have changed the estate since the last evaluation; "
                             "`aright evaluate` judges anew.");
    return ar_ok();
}

/* An empty list is good news only where something was judged. */
static ar_err note_none(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value standard = ar_text(ar_arg_text(args, "standard")), judged, known;

    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT count(*) > 0 FROM ar.evaluation"), NULL, 0,
                           ctx->arena, &judged));
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(*) > 0 FROM ar.standard WHERE id = $1"), &standard,
                           1, ctx->arena, &known));
    if (!judged.b)
        ar_reply_note(reply, "Nothing was judged yet: run `aright evaluate`.");
    else if (standard.s.len > 0 && !known.b)
        ar_reply_note(reply,
                      "No standard '%.*s' was judged yet: `aright standard list` names them.",
                      AR_FMT(standard.s));
    else
        ar_reply_note(reply, "There is no such finding.");
    return ar_ok();
}

/* The verdicts of that asset; few, and found once. */
static ar_err add_asset(ar_ctx *ctx, ar_str asset, ar_asked *out)
{
    size_t colon = ar_str_find(asset, ':');
    ar_value args[] = { ar_text(ar_str_cut(asset, 0, colon)),
                        ar_text(colon < asset.len ? ar_str_cut(asset, colon + 1, asset.len)
                                                  : asset) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine, AR_LIT("SELECT number FROM ar.verdict WHERE kind = $1 AND asset_id = $2"),
        args, AR_COUNT(args), &rows));
    ar_buf_addz(&out->sql, " AND f.verdict IN (NULL");
    while (ar_rows_next(rows)) ar_buf_addf(&out->sql, ", %lld", (long long)ar_rows_get(rows, 0).i);
    ar_buf_addc(&out->sql, ')');
    return ar_ok();
}

/* Findings as of $1: what is asked for of them. */
static ar_err read_asked(ar_ctx *ctx, const ar_args *args, ar_asked *out)
{
    ar_str class = ar_arg_text(args, "class"), asset = ar_arg_text(args, "asset");

    (void)ar_asked_value(out, ar_at(ctx->asof));
    ar_asked_add(out, "f.standard_id", ar_arg_text(args, "standard"));
    ar_asked_add(out, "s.pillar", ar_arg_text(args, "pillar"));
    ar_asked_add(out, "s.class", ar_str_eq(class, AR_LIT("all")) ? (ar_str){ 0 } : class);
    ar_asked_add_or_none(out, "f.domain_id", ar_arg_text(args, "domain"));
    if (asset.len > 0) AR_TRY(add_asset(ctx, asset, out));
    return ar_asked_add_owner(out, ctx->engine, "f.owner_id", ar_arg_text(args, "owner"),
                              ctx->arena);
}

enum { PLACE = 5 };
#define ALL (INT64_MAX / 4) /* the engine takes no larger LIMIT */
/* columns; behind them come the number of the verdict, and which row it is of those asked for */
enum {
    ID,
    NAME = 6,
    STANDARD,
    KIND,
    ASSET,
    OPENED_AT = 12,
    RANK = 14,
    EPISODE = 15,
    VERDICT = 18,
    NTH,
    ROW_N
};

/* "RANK OPENED EPISODE VERDICT STANDARD": where a row stands in the order of the list. */
static ar_err read_place(ar_str text, ar_value out_place[static PLACE])
{
    ar_str rest = text, word[PLACE - 1];

    for (size_t i = 0; i < AR_COUNT(word); i++)
        if (!ar_str_split(&rest, ' ', &word[i]) || !ar_str_int(word[i], &out_place[i].i))
            return ar_fail(AR_INVALID, "'%.*s' is no place in a list of findings", AR_FMT(text));
    for (size_t i = 0; i < AR_COUNT(word); i++) out_place[i] = ar_int(out_place[i].i);
    out_place[1] = ar_at(out_place[1].i);
    out_place[PLACE - 1] = ar_text(rest);
    return ar_ok();
}

/* How many there are where not all of them came, and where those that follow begin. */
static ar_err say_rest(ar_ctx *ctx, ar_str of, const ar_value *values, size_t n, ar_str last,
                       ar_reply *reply)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value total;

    ar_buf_addz(&sql, "SELECT count(*) FROM");
    ar_buf_add(&sql, of);
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), values, n, ctx->arena, &total));
    ar_reply_about(reply, "total", total);
    if (last.len > 0) ar_reply_about(reply, "after", ar_text(last));
    return ar_ok();
}

/* Rows going out. What is asked for begins with `limit` of them; those that are alike go by id. */
typedef struct page {
    ar_ctx *ctx;
    int64_t limit;
    ar_reply *reply;
    ar_str last; /* the place of the last one */
    bool more;
} page;

static ar_err add_row(page *p, const ar_value *row)
{
    if (row[NTH].i > p->limit) {
        p->more = true;
        return ar_ok();
    }
    if (row[NTH].i == p->limit)
        p->last = ar_arena_printf(p->ctx->arena, "%lld %lld %lld %lld %.*s", (long long)row[RANK].i,
                                  (long long)row[OPENED_AT].i, (long long)row[EPISODE].i,
                                  (long long)row[VERDICT].i, AR_FMT(row[STANDARD].s));
    return ar_reply_row(p->reply, row, VERDICT);
}

static ar_err add_words(ar_ctx *ctx, ar_value *row)
{
    ar_words words;

    AR_TRY(ar_words_of(ctx->engine, row[VERDICT].i, ctx->arena, &words));
    row[NAME] = words.name;
    row[KIND] = words.kind;
    row[ASSET] = words.asset;
    row[ID] = ar_text(ar_arena_printf(ctx->arena, "%.*s/%.*s:%.*s", AR_FMT(row[STANDARD].s),
                                      AR_FMT(words.kind.s), AR_FMT(words.asset.s)));
    return ar_ok();
}

static int by_id(const void *a, const void *b)
{
    const ar_value *left = *(const ar_value *const *)a, *right = *(const ar_value *const *)b;

    if (left[RANK].i != right[RANK].i) return left[RANK].i > right[RANK].i ? -1 : 1;
    if (left[OPENED_AT].i != right[OPENED_AT].i)
        return left[OPENED_AT].i < right[OPENED_AT].i ? -1 : 1;
    int order = ar_str_cmp(left[ID].s, right[ID].s);

    return order != 0 ? order : (int)(left[EPISODE].i - right[EPISODE].i);
}

/* A row that stays when the next one comes. */
static ar_value *kept_row(ar_ctx *ctx, ar_rows *rows)
{
    ar_value *row = ar_make_n(ctx->arena, ar_value, ROW_N);

    for (size_t i = 0; i < ROW_N; i++) {
        row[i] = ar_rows_get(rows, i);
        if (row[i].type == AR_TEXT) row[i].s = ar_arena_copy(ctx->arena, row[i].s);
    }
    return row;
}

/* Few come without words, and in the order in which they were judged. */
static ar_err add_few(page *p, ar_rows *rows)
{
    ar_value *row[AR_WORDS_FEW + 1];
    size_t n = 0;

    for (; ar_rows_next(rows); n++) {
        row[n] = kept_row(p->ctx, rows);
        AR_TRY(add_words(p->ctx, row[n]));
    }
    qsort(row, n, sizeof row[0], by_id);
    for (size_t i = 0; i < n; i++) AR_TRY(add_row(p, row[i]));
    return ar_ok();
}

static ar_err add_many(page *p, ar_rows *rows)
{
    ar_value row[ROW_N];

    while (ar_rows_next(rows)) {
        for (size_t i = 0; i < ROW_N; i++) row[i] = ar_rows_get(rows, i);
        AR_TRY(add_row(p, row));
    }
    return ar_ok();
}

/* Those that are asked for, in that state, as a table g. */
static void add_findings(ar_asked *asked, ar_str state, ar_buf *out)
{
    bool closed = ar_str_eq(state, AR_LIT("closed"));

    ar_buf_addf(out, "%s%.*s) g WHERE TRUE", closed ? closed_sql : open_sql,
                AR_FMT(ar_buf_str(&asked->sql)));
    if (state.len > 0 && !closed)
        ar_buf_addf(out, " AND g.state = $%zu", ar_asked_value(asked, ar_text(state)));
}

/* Those behind a place in the order of the list. */
static ar_err add_after(ar_asked *asked, ar_str after, ar_buf *sql)
{
    ar_value place[PLACE];
    size_t n[PLACE];

    AR_TRY(read_place(after, place));
    for (size_t i = 0; i < PLACE; i++) n[i] = ar_asked_value(asked, place[i]);
    ar_buf_addf(sql,
                " AND (-g.rank, g.opened_at, g.standard_id, g.verdict, g.episode) >"
                " (-$%zu, $%zu, $%zu, $%zu, $%zu)",
                n[0], n[1], n[4], n[3], n[2]);
    return ar_ok();
}

#define ORDER "ORDER BY g.rank DESC, g.opened_at, g.standard_id, g.verdict, g.episode"

/* The columns of the first rows and of one more; few are given their words later. */
static void add_rows(ar_str first, int64_t limit, ar_buf *sql)
{
    bool few = limit <= AR_WORDS_FEW;

    ar_buf_addf(sql,
                "SELECT %s, g.state, g.opened_at + to_microseconds(s.due), s.risk, g.owner_id,"
                " s.title, %s, g.standard_id, %s, g.domain_id, e.as_of, g.opened_at,"
                " g.criticality, g.rank, g.episode, c.as_of, g.reason, g.verdict, %s FROM (SELECT *"
                " FROM%.*s",
                few ? "NULL" : "g.standard_id || '/' || v.kind || ':' || v.asset_id",
                few ? "NULL" : "v.name", few ? "NULL, NULL" : "v.kind, v.asset_id",
                limit < ALL ? "row_number() OVER (" ORDER ")" : "0", AR_FMT(first));
    if (limit < ALL) ar_buf_addf(sql, " " ORDER " LIMIT %lld", (long long)limit + 1);
    ar_buf_addz(sql, ") g JOIN ar.standard s ON s.id = g.standard_id"
                     " JOIN ar.evaluation e ON e.id = g.since"
                     " LEFT JOIN ar.evaluation c ON c.id = g.closed");
    if (!few)
        ar_buf_addz(sql, " JOIN ar.verdict v ON v.number = g.verdict ORDER BY g.rank DESC,"
                         " g.opened_at, 1, g.episode");
}

ar_err ar_finding_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) sql = { 0 }, of = { 0 }, first = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_asked) asked = { 0 };
    int64_t limit = ar_arg_int(args, "limit", ALL);
    page p = { .ctx = ctx, .limit = limit, .reply = reply };
    ar_str after = ar_arg_text(args, "after");

    if (limit < 1) return ar_fail(AR_INVALID, "--limit is %lld; want 1 or more", (long long)limit);
    AR_TRY(read_asked(ctx, args, &asked));
    add_findings(&asked, ar_arg_text(args, "state"), &of);

    size_t n = asked.n;

    ar_buf_add(&first, ar_buf_str(&of));
    if (after.len > 0) AR_TRY(add_after(&asked, after, &first));
    add_rows(ar_buf_str(&first), limit, &sql);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), asked.values, asked.n, &rows));
    AR_TRY((limit <= AR_WORDS_FEW ? add_few : add_many)(&p, rows));
    if (ar_arg_has(args, "limit"))
        AR_TRY(say_rest(ctx, ar_buf_str(&of), asked.values, n, p.more ? p.last : (ar_str){ 0 },
                        reply));
    AR_TRY(ar_finding_note_held(ctx, ar_arg_text(args, "standard"), reply));
    AR_TRY(ar_finding_note_changed(ctx, reply));
    return reply->rows > 0 ? ar_ok() : note_none(ctx, args, reply);
}
