#include "work/rich.h"

#include "form/json.h"

enum { HEADINGS = 6 };

/* ---- blocks ---- */

enum kind { NOTHING, HEADING, ROW, PARAGRAPH };

typedef struct block {
    enum kind kind;
    int level;
    bool first; /* of a table: its head */
    ar_str text;
} block;

typedef struct reader {
    ar_str rest;
    enum kind before;
} reader;

static bool is_rule(ar_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != '|' && line.ptr[i] != '-') return false;
    return line.len > 0;
}

/* The next line as a block; false at the end. A blank line, and the rule below a table's head, are
 * of kind NOTHING. */
static bool next_block(reader *r, block *out)
{
    ar_str line;
    int level = 0;

    if (r->rest.ptr == NULL || !ar_str_split(&r->rest, '\n', &line)) return false;
    *out = (block){ 0 };
    if (is_rule(line)) return true; /* the table goes on */
    while ((size_t)level < line.len && level < HEADINGS && line.ptr[level] == '#') level++;
    if (level > 0 && (size_t)level < line.len && line.ptr[level] == ' ')
        *out = (block){ HEADING, level, false, ar_str_cut(line, (size_t)level + 1, line.len) };
    else if (ar_str_starts(line, AR_LIT("| ")))
        *out = (block){ ROW, 0, r->before != ROW, ar_str_cut(line, 2, line.len) };
    else if (line.len > 0)
        *out = (block){ PARAGRAPH, 0, false, line };
    r->before = out->kind;
    return true;
}

/* The text that is meant: what is escaped is itself, what marks up is left out. */
static void add_meant(ar_buf *out, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\\' && i + 1 < text.len)
            ar_buf_addc(out, text.ptr[++i]);
        else if (c != '`' && c != '*')
            ar_buf_addc(out, c);
    }
}

/* The next cell of a row; false behind the last. */
static bool next_cell(ar_str *rest, ar_str *out_cell)
{
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->ptr[i] == '\\') {
            i++;
        } else if (rest->ptr[i] == '|') {
            *out_cell = ar_str_trim(ar_str_cut(*rest, 0, i));
            *rest = ar_str_cut(*rest, i + 1, rest->len);
            return true;
        }
    }
    return false;
}

/* ---- HTML ---- */

static void add_html(ar_buf *out, ar_str text)
{
    ar_auto(ar_buf) meant = { 0 };

    add_meant(&meant, text);
    for (size_t i = 0; i < meant.len; i++) {
        switch (meant.ptr[i]) {
        case '<': ar_buf_addz(out, "&lt;"); break;
        case '>': ar_buf_addz(out, "&gt;"); break;
        case '&': ar_buf_addz(out, "&amp;"); break;
        case '"': ar_buf_addz(out, "&quot;"); break;
        default: ar_buf_addc(out, meant.ptr[i]);
        }
    }
}

static void add_html_row(ar_buf *out, const block *b)
{
    ar_str rest = b->text, cell;

    ar_buf_addz(out, "<tr>");
    while (next_cell(&rest, &cell)) {
        ar_buf_addz(out, b->first ? "<th>" : "<td>");
        add_html(out, cell);
        ar_buf_addz(out, b->first ? "</th>" : "</td>");
    }
    ar_buf_addz(out, "</tr>");
}

ar_str ar_rich_html(ar_str markdown, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    reader r = { .rest = markdown };
    bool in_table = false;
    block b;

    while (next_block(&r, &b)) {
        bool table = r.before == ROW;

        if (table != in_table) ar_buf_addz(&out, table ? "<table>" : "</table>");
        in_table = table;
        if (b.kind == HEADING) ar_buf_addf(&out, "<h%d>", b.level);
        if (b.kind == PARAGRAPH) ar_buf_addz(&out, "<p>");
        if (b.kind == ROW)
            add_html_row(&out, &b);
        else
            add_html(&out, b.text);
        if (b.kind == HEADING) ar_buf_addf(&out, "</h%d>", b.level);
        if (b.kind == PARAGRAPH) ar_buf_addz(&out, "</p>");
    }
    if (in_table) ar_buf_addz(&out, "</table>");
    return ar_arena_copy(arena, ar_buf_str(&out));
}

/* ---- ADF ---- */

/* A text node must not be empty: an empty one is none. */
static void add_adf_text(ar_buf *out, ar_str text)
{
    ar_auto(ar_buf) meant = { 0 };

    add_meant(&meant, text);
    ar_buf_addz(out, "\"content\":[");
    if (meant.len > 0) {
        ar_buf_addz(out, "{\"type\":\"text\",\"text\":");
        ar_json_text(out, ar_buf_str(&meant));
        ar_buf_addc(out, '}');
    }
    ar_buf_addc(out, ']');
}

static void add_adf_row(ar_buf *out, const block *b)
{
    ar_str rest = b->text, cell;

    if (!b->first) ar_buf_addc(out, ',');
    ar_buf_addz(out, "{\"type\":\"tableRow\",\"content\":[");
    for (bool first = true; next_cell(&rest, &cell); first = false) {
        ar_buf_addf(out, "%s{\"type\":\"%s\",\"content\":[{\"type\":\"paragraph\",",
                    first ? "" : ",", b->first ? "tableHeader" : "tableCell");
        add_adf_text(out, cell);
        ar_buf_addz(out, "}]}");
    }
    ar_buf_addz(out, "]}");
}

ar_str ar_rich_adf(ar_str markdown, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    reader r = { .rest = markdown };
    bool in_table = false, any = false;
    block b;

    ar_buf_addz(&out, "{\"type\":\"doc\",\"version\":1,\"content\":[");
    while (next_block(&r, &b)) {
        bool table = r.before == ROW;

        if (in_table && !table) ar_buf_addz(&out, "]}");
        if (b.kind != NOTHING && any && !(in_table && table)) ar_buf_addc(&out, ',');
        if (table && !in_table) ar_buf_addz(&out, "{\"type\":\"table\",\"content\":[");
        in_table = table;
        any = any || b.kind != NOTHING;
        if (b.kind == ROW) add_adf_row(&out, &b);
        if (b.kind == HEADING)
            ar_buf_addf(&out, "{\"type\":\"heading\",\"attrs\":{\"level\":%d},", b.level);
        if (b.kind == PARAGRAPH) ar_buf_addz(&out, "{\"type\":\"paragraph\",");
        if (b.kind == HEADING || b.kind == PARAGRAPH) {
            add_adf_text(&out, b.text);
            ar_buf_addc(&out, '}');
        }
    }
    if (in_table) ar_buf_addz(&out, "]}");
    ar_buf_addz(&out, "]}");
    return ar_arena_copy(arena, ar_buf_str(&out));
}
