#include "form/document.h"

#include "form/json.h"
#include "form/markdown.h"

/* ---- putting in ---- */

__attribute__((format(printf, 2, 0))) static ar_str vformat(ar_arena *arena, const char *fmt,
                                                            va_list ap)
{
    ar_auto(ar_buf) out = { 0 };

    ar_buf_vaddf(&out, fmt, ap);
    return ar_arena_copy(arena, ar_buf_str(&out));
}

static ar_block *add(ar_document *doc, ar_block block)
{
    ar_grow(doc->arena, doc->blocks, doc->n, doc->cap);
    doc->blocks[doc->n] = block;
    return &doc->blocks[doc->n++];
}

size_t ar_doc_source(ar_document *doc, ar_str snapshot, const char *fmt, ...)
{
    ar_str command;
    va_list ap;

    va_start(ap, fmt);
    command = vformat(doc->arena, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < doc->n_origins; i++)
        if (ar_str_eq(doc->origins[i].command, command) &&
            ar_str_eq(doc->origins[i].snapshot, snapshot))
            return i + 1;
    ar_grow(doc->arena, doc->origins, doc->n_origins, doc->cap_origins);
    doc->origins[doc->n_origins] = (ar_origin){ ar_arena_copy(doc->arena, snapshot), command };
    return ++doc->n_origins;
}

void ar_doc_section(ar_document *doc, int level, ar_str title)
{
    add(doc, (ar_block){ .sort = AR_BLOCK_SECTION,
                         .level = level,
                         .text = ar_arena_copy(doc->arena, title) });
}

void ar_doc_text(ar_document *doc, size_t source, const char *fmt, ...)
{
    ar_block *block = add(doc, (ar_block){ .sort = AR_BLOCK_TEXT, .source = source });
    va_list ap;

    va_start(ap, fmt);
    block->text = vformat(doc->arena, fmt, ap);
    va_end(ap);
}

void ar_doc_item(ar_document *doc, size_t source, const char *fmt, ...)
{
    ar_block *block = add(doc, (ar_block){ .sort = AR_BLOCK_ITEM, .source = source });
    va_list ap;

    va_start(ap, fmt);
    block->text = vformat(doc->arena, fmt, ap);
    va_end(ap);
}

static void add_cells(ar_document *doc, enum ar_block_sort sort, size_t source, const ar_str *cells,
                      size_t n)
{
    ar_str *copy = ar_make_n(doc->arena, ar_str, n);

    for (size_t i = 0; i < n; i++) copy[i] = ar_arena_copy(doc->arena, cells[i]);
    add(doc, (ar_block){ .sort = sort, .source = source, .cells = copy, .n_cells = n });
}

void ar_doc_table(ar_document *doc, const ar_str *heads, size_t n)
{
    add_cells(doc, AR_BLOCK_TABLE, 0, heads, n);
}

void ar_doc_row(ar_document *doc, size_t source, const ar_str *cells, size_t n)
{
    add_cells(doc, AR_BLOCK_ROW, source, cells, n);
}

void ar_doc_figure(ar_document *doc, const char *name, ar_value value)
{
    ar_block *block = &doc->blocks[doc->n - 1];

    ar_grow(doc->arena, block->figures, block->n_figures, block->cap_figures);
    block->figures[block->n_figures++] = (ar_figure){ name, ar_value_copy(doc->arena, value) };
}

/* ---- Markdown ---- */

static void md_source(size_t source, ar_buf *out)
{
    if (source > 0) ar_buf_addf(out, " [Q%zu]", source);
}

static void md_cells(const ar_block *b, bool sourced, ar_buf *out)
{
    for (size_t i = 0; i < b->n_cells; i++) {
        ar_buf_addz(out, "| ");
        ar_markdown_text(out, b->cells[i]);
        ar_buf_addc(out, ' ');
    }
    if (b->sort == AR_BLOCK_TABLE) ar_buf_addz(out, sourced ? "| source |\n" : "|\n");
    if (b->sort == AR_BLOCK_TABLE)
        for (size_t i = 0; i < b->n_cells + sourced; i++) ar_buf_addz(out, "|---");
    if (b->sort == AR_BLOCK_ROW && b->source > 0) ar_buf_addf(out, "| Q%zu ", b->source);
    ar_buf_addz(out, "|\n");
}

/* Whether the rows of the table at `i` name sources. */
static bool is_sourced(const ar_document *doc, size_t i)
{
    return i + 1 < doc->n && doc->blocks[i + 1].sort == AR_BLOCK_ROW &&
           doc->blocks[i + 1].source > 0;
}

static bool ends_run(const ar_document *doc, size_t i)
{
    enum ar_block_sort sort = doc->blocks[i].sort;
    bool more = i + 1 < doc->n;

    if (sort == AR_BLOCK_ITEM) return !more || doc->blocks[i + 1].sort != AR_BLOCK_ITEM;
    return !more || doc->blocks[i + 1].sort != AR_BLOCK_ROW;
}

static void md_block(const ar_document *doc, size_t i, ar_buf *out)
{
    const ar_block *b = &doc->blocks[i];

    switch (b->sort) {
    case AR_BLOCK_SECTION:
        for (int n = 0; n <= b->level; n++) ar_buf_addc(out, '#');
        ar_buf_addc(out, ' ');
        break;
    case AR_BLOCK_ITEM: ar_buf_addz(out, "- "); break;
    case AR_BLOCK_TABLE:
    case AR_BLOCK_ROW: md_cells(b, is_sourced(doc, i), out); break;
    case AR_BLOCK_TEXT: break;
    }
    if (b->cells == NULL) {
        ar_markdown_text(out, b->text);
        md_source(b->source, out);
        ar_buf_addc(out, '\n');
    }
    if (b->sort == AR_BLOCK_SECTION || b->sort == AR_BLOCK_TEXT || ends_run(doc, i))
        ar_buf_addc(out, '\n');
}

void ar_doc_markdown(const ar_document *doc, ar_buf *out)
{
    ar_buf_addz(out, "# ");
    ar_markdown_text(out, doc->title);
    ar_buf_addz(out, "\n\n");
    ar_markdown_text(out, doc->subtitle);
    ar_buf_addz(out, "\n\n");
    for (size_t i = 0; i < doc->n; i++) md_block(doc, i, out);
    ar_buf_addz(out,
                "## Sources of the figures\n\n| source | snapshot | command |\n|---|---|---|\n");
    for (size_t i = 0; i < doc->n_origins; i++) {
        ar_buf_addf(out, "| Q%zu | ", i + 1);
        ar_markdown_text(out, doc->origins[i].snapshot);
        ar_buf_addf(out, " | `%.*s` |\n", AR_FMT(doc->origins[i].command));
    }
}

/* ---- HTML ---- */

static void html_text(ar_buf *out, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) switch (text.ptr[i]) {
        case '&': ar_buf_addz(out, "&amp;"); break;
        case '<': ar_buf_addz(out, "&lt;"); break;
        case '>': ar_buf_addz(out, "&gt;"); break;
        case '"': ar_buf_addz(out, "&quot;"); break;
        default: ar_buf_addc(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
        }
}

static const char html_head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\""
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:1rem/1.55 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\n"
    "h1,h2,h3,h4,th,nav{font-family:system-ui,sans-serif;line-height:1.25}\n"
    "h2{margin-top:3rem;border-bottom:2px solid}h3{margin-top:2rem}h4{margin:1.5rem 0 .3rem}\n"
    "h4+p{margin-top:.3rem}\n"
    "table{border-collapse:collapse;width:100%;font-size:.85rem;margin:1rem 0}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #8886}\n"
    "a{color:inherit}sup{font:.7rem system-ui,sans-serif}code{font-size:.85em;"
    "overflow-wrap:anywhere}\n"
    "nav ol{columns:2;padding-left:1.2rem}\n"
    "@media print{body{max-width:none;margin:0;font-size:10.5pt}h2{break-before:page}"
    "h3,h4{break-after:avoid}tr,li{break-inside:avoid}nav{break-after:page}}\n"
    "</style>\n";

static void html_source(size_t source, ar_buf *out)
{
    if (source > 0)
        ar_buf_addf(out, " <sup><a href=\"#q%zu\" aria-label=\"source %zu\">Q%zu</a></sup>", source,
                    source, source);
}

static void html_cells(const ar_block *b, bool sourced, ar_buf *out)
{
    const char *tag = b->sort == AR_BLOCK_TABLE ? "th scope=\"col\"" : "td";

    ar_buf_addz(out, b->sort == AR_BLOCK_TABLE ? "<table>\n<thead><tr>" : "<tr>");
    for (size_t i = 0; i < b->n_cells; i++) {
        ar_buf_addf(out, "<%s>", tag);
        html_text(out, b->cells[i]);
        ar_buf_addz(out, b->sort == AR_BLOCK_TABLE ? "</th>" : "</td>");
    }
    if (b->sort == AR_BLOCK_TABLE && sourced) ar_buf_addz(out, "<th scope=\"col\">source</th>");
    if (b->sort == AR_BLOCK_ROW && b->source > 0)
        ar_buf_addf(out, "<td><a href=\"#q%zu\">Q%zu</a></td>", b->source, b->source);
    ar_buf_addz(out, b->sort == AR_BLOCK_TABLE ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
}

static void html_element(const char *tag, size_t id, const ar_block *b, ar_buf *out)
{
    if (id > 0)
        ar_buf_addf(out, "<%s id=\"s%zu\">", tag, id);
    else
        ar_buf_addf(out, "<%s>", tag);
    html_text(out, b->text);
    html_source(b->source, out);
    ar_buf_addf(out, "</%s>\n", tag);
}

static void html_block(const ar_document *doc, size_t i, ar_buf *out)
{
    static const char *const heads[] = { "h2", "h3", "h4" };
    const ar_block *b = &doc->blocks[i];
    bool first = i == 0 || doc->blocks[i - 1].sort != AR_BLOCK_ITEM;

    switch (b->sort) {
    case AR_BLOCK_SECTION: return html_element(heads[b->level - 1], i + 1, b, out);
    case AR_BLOCK_TEXT: return html_element("p", 0, b, out);
    case AR_BLOCK_ITEM:
        if (first) ar_buf_addz(out, "<ul>\n");
        html_element("li", 0, b, out);
        if (ends_run(doc, i)) ar_buf_addz(out, "</ul>\n");
        return;
    case AR_BLOCK_TABLE:
    case AR_BLOCK_ROW:
        html_cells(b, is_sourced(doc, i), out);
        if (ends_run(doc, i)) ar_buf_addz(out, "</tbody></table>\n");
    }
}

static void html_contents(const ar_document *doc, ar_buf *out)
{
    ar_buf_addz(out, "<nav aria-label=\"Contents\"><ol>\n");
    for (size_t i = 0; i < doc->n; i++) {
        if (doc->blocks[i].sort != AR_BLOCK_SECTION || doc->blocks[i].level > 1) continue;
        ar_buf_addf(out, "<li><a href=\"#s%zu\">", i + 1);
        html_text(out, doc->blocks[i].text);
        ar_buf_addz(out, "</a></li>\n");
    }
    ar_buf_addz(out, "<li><a href=\"#sources\">Sources of the figures</a></li>\n</ol></nav>\n");
}

static void html_sources(const ar_document *doc, ar_buf *out)
{
    ar_buf_addz(out, "<h2 id=\"sources\">Sources of the figures</h2>\n<table>\n<thead><tr>"
                     "<th scope=\"col\">source</th><th scope=\"col\">snapshot</th>"
                     "<th scope=\"col\">command</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < doc->n_origins; i++) {
        ar_buf_addf(out, "<tr id=\"q%zu\"><td>Q%zu</td><td>", i + 1, i + 1);
        html_text(out, doc->origins[i].snapshot);
        ar_buf_addz(out, "</td><td><code>");
        html_text(out, doc->origins[i].command);
        ar_buf_addz(out, "</code></td></tr>\n");
    }
    ar_buf_addz(out, "</tbody></table>\n");
}

void ar_doc_html(const ar_document *doc, ar_buf *out)
{
    ar_buf_addz(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n");
    ar_buf_addz(out, html_head);
    ar_buf_addz(out, "<title>");
    html_text(out, doc->title);
    ar_buf_addz(out, "</title>\n</head>\n<body>\n<header><h1>");
    html_text(out, doc->title);
    ar_buf_addz(out, "</h1>\n<p>");
    html_text(out, doc->subtitle);
    ar_buf_addz(out, "</p></header>\n");
    html_contents(doc, out);
    ar_buf_addz(out, "<main>\n");
    for (size_t i = 0; i < doc->n; i++) html_block(doc, i, out);
    html_sources(doc, out);
    ar_buf_addz(out, "</main>\n</body>\n</html>\n");
}

/* ---- JSON ---- */

static void json_field(ar_buf *out, const char *before, const char *name, ar_value value)
{
    ar_buf_addf(out, "%s\"%s\":", before, name);
    ar_json_value(out, value);
}

static void json_figures(const ar_block *b, ar_buf *out)
{
    ar_buf_addz(out, ",\"figures\":{");
    for (size_t i = 0; i < b->n_figures; i++)
        json_field(out, i > 0 ? "," : "", b->figures[i].name, b->figures[i].value);
    ar_buf_addc(out, '}');
}

static void json_block(const ar_block *b, ar_buf *out)
{
    static const char *const sorts[] = { "section", "text", "item", "table", "row" };

    json_field(out, "{", "sort", ar_textz(sorts[b->sort]));
    if (b->cells == NULL)
        json_field(out, ",", "text", ar_text(b->text));
    else
        ar_buf_addf(out, ",\"%s\":[", b->sort == AR_BLOCK_TABLE ? "heads" : "cells");
    for (size_t i = 0; i < b->n_cells; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_text(out, b->cells[i]);
    }
    if (b->cells != NULL) ar_buf_addc(out, ']');
    if (b->source > 0) ar_buf_addf(out, ",\"source\":\"Q%zu\"", b->source);
    if (b->n_figures > 0) json_figures(b, out);
    ar_buf_addc(out, '}');
}

static void json_sections(const ar_document *doc, ar_buf *out)
{
    const char *before = "";

    for (size_t i = 0; i < doc->n; i++) {
        const ar_block *b = &doc->blocks[i];

        if (b->sort != AR_BLOCK_SECTION) {
            ar_buf_addf(out, "%s\n  ", before);
            json_block(b, out);
            before = ",";
            continue;
        }
        ar_buf_addz(out, i > 0 ? "]},\n{" : "\n{");
        ar_buf_addf(out, "\"level\":%d,\"title\":", b->level);
        ar_json_text(out, b->text);
        ar_buf_addz(out, ",\"blocks\":[");
        before = "";
    }
    ar_buf_addz(out, doc->n > 0 ? "]}" : "");
}

void ar_doc_json(const ar_document *doc, ar_buf *out)
{
    json_field(out, "{", "schema", ar_textz(doc->schema));
    json_field(out, ",\n", "title", ar_text(doc->title));
    json_field(out, ",\n", "subtitle", ar_text(doc->subtitle));
    ar_buf_addz(out, ",\n\"sections\":[");
    json_sections(doc, out);
    ar_buf_addz(out, "],\n\"sources\":[");
    for (size_t i = 0; i < doc->n_origins; i++) {
        ar_buf_addf(out, "%s\n{\"source\":\"Q%zu\"", i > 0 ? "," : "", i + 1);
        json_field(out, ",", "snapshot", ar_text(doc->origins[i].snapshot));
        json_field(out, ",", "command", ar_text(doc->origins[i].command));
        ar_buf_addc(out, '}');
    }
    ar_buf_addz(out, "]}\n");
}
