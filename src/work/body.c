#include "work/body.h"

#include "form/markdown.h"

void ar_work_add_plain(ar_buf *out, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_TIME) value.i = ar_time_to_second(value.i);
    if (value.type != AR_NULL) ar_value_print(&text, value);
    ar_markdown_text(out, ar_buf_str(&text));
}

static ar_err query(ar_engine *engine, const char *before, const char *sql, const char *after,
                    ar_time asof, ar_str what, ar_rows **out_rows)
{
    ar_value args[] = { ar_at(asof), ar_text(what) };
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%s%s%s", before, sql, after);
    return ar_engine_query(engine, ar_buf_str(&text), args, AR_COUNT(args), out_rows);
}

void ar_work_add_day(ar_buf *out, ar_value time)
{
    char text[AR_TIME_LEN];

    if (time.type == AR_NULL) return ar_buf_addz(out, "no date");
    ar_buf_addf(out, "%.10s", ar_time_print(time.i, text));
}

/* ---- one item ---- */

/* How far it is, where the standard counts something else than assets. */
static ar_err add_share(ar_engine *engine, const ar_standard *standard, ar_str item, ar_time asof,
                        ar_arena *arena, ar_buf *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_str of = ar_standard_expr_text(standard->denominator, arena);

    AR_TRY(query(engine, "",
                 "SELECT sum(numerator)::BIGINT, sum(denominator)::BIGINT FROM ar.tally"
                 " WHERE $1 IS NOT NULL AND standard_id || '/' || coalesce(owner_id, '-') = $2",
                 "", asof, item, &rows));
    if (!ar_rows_next(rows) || ar_rows_get(rows, 1).type == AR_NULL) return ar_ok();
    ar_buf_addf(out, "\nOf %lld (%.*s) %lld are right.\n", (long long)ar_rows_get(rows, 1).i,
                AR_FMT(of), (long long)ar_rows_get(rows, 0).i);
    return ar_ok();
}

static ar_err add_right(ar_engine *engine, const ar_standards *standards, ar_str id, ar_str item,
                        ar_time asof, ar_arena *arena, ar_buf *out)
{
    const ar_standard *standard = NULL;

    if (ar_standards_find(standards, id, &standard).code != AR_OK) return ar_ok();
    if (standard->denominator != NULL) AR_TRY(add_share(engine, standard, item, asof, arena, out));
    ar_buf_addf(out, "\nWhat would be right: %.*s\n", AR_FMT(standard->right));
    return ar_ok();
}

ar_err ar_work_add_head(ar_engine *engine, const ar_standards *standards, const ar_value *head,
                        ar_str item, ar_time asof, ar_arena *arena, ar_buf *out)
{
    ar_buf_addz(out, "## "), ar_work_add_plain(out, head[AR_WORK_STANDARD]);
    ar_buf_addz(out, ": "), ar_work_add_plain(out, head[AR_WORK_TITLE]);
    ar_buf_addz(out, "\n\n"), ar_work_add_plain(out, head[AR_WORK_STATEMENT]);
    ar_buf_addf(out, "\n\n%lld open, the first due ", (long long)head[AR_WORK_OPEN].i);
    ar_work_add_day(out, head[AR_WORK_DUE]);
    ar_buf_addz(out, ". It closes by itself once nothing of it is open.\n");
    AR_TRY(add_right(engine, standards, head[AR_WORK_STANDARD].s, item, asof, arena, out));
    ar_buf_addz(out, "\n| asset | name | state | since | due |\n|---|---|---|---|---|\n");
    return ar_ok();
}

void ar_work_add_member(ar_buf *out, const ar_value *member)
{
    for (size_t i = 0; i < 3; i++) {
        ar_buf_addz(out, "| ");
        ar_work_add_plain(out, member[i]);
        ar_buf_addc(out, ' ');
    }
    ar_buf_addz(out, "| "), ar_work_add_day(out, member[3]);
    ar_buf_addz(out, " | "), ar_work_add_day(out, member[4]);
    ar_buf_addz(out, " |\n");
}

void ar_work_add_rest(ar_buf *out, ar_str item, int64_t n)
{
    if (n > 0)
        ar_buf_addf(out, "\nand %lld more: `aright work members '%.*s'`\n", (long long)n,
                    AR_FMT(item));
}

static ar_err add_member(void *self, const ar_value *member)
{
    ar_work_add_member(self, member);
    return ar_ok();
}

static ar_err add_members(ar_engine *engine, ar_str item, ar_time asof, ar_buf *out)
{
    int64_t total;

    AR_TRY(ar_work_members(engine, item, asof, AR_WORK_SHOWN, 0, add_member, out, &total));
    ar_work_add_rest(out, item, total - AR_WORK_SHOWN);
    return ar_ok();
}

static ar_err find_item(ar_engine *engine, ar_str item, ar_time asof, ar_arena *arena,
                        ar_rows **out_rows)
{
    ar_auto(ar_asked) asked = { 0 };
    ar_work_id id;

    AR_TRY(ar_work_id_parse(item, &id));
    AR_TRY(ar_work_found(engine, &(ar_work_query){ .standard = id.standard, .exactly = id.owner },
                         asof, arena, &asked));
    ar_buf_addz(&asked.sql, " SELECT " AR_WORK_HEAD " FROM " AR_WORK_WORDS("found"));
    return ar_engine_query(engine, ar_buf_str(&asked.sql), asked.values, asked.n, out_rows);
}

ar_err ar_work_body(ar_engine *engine, const ar_standards *standards, ar_str item, ar_time asof,
                    ar_arena *arena, ar_str *out_text)
{
    ar_value head[AR_WORK_HEAD_N];
    ar_auto(ar_buf) out = { 0 };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(find_item(engine, item, asof, arena, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "nothing of '%.*s' is open; `aright work list` shows what is",
                       AR_FMT(item));
    for (size_t i = 0; i < AR_WORK_HEAD_N; i++) head[i] = ar_rows_get(rows, i);
    AR_TRY(ar_work_add_head(engine, standards, head, item, asof, arena, &out));
    AR_TRY(add_members(engine, item, asof, &out));
    *out_text = ar_arena_copy(arena, ar_buf_str(&out));
    return ar_ok();
}
