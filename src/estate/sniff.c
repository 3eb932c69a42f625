#include "estate/sniff.h"

#include "estate/documents.h"
#include "form/ndjson.h"
#include "form/utf.h"

enum {
    LINE_MAX_BYTES = AR_RECORD_MAX, /* of CSV and NDJSON */
    LOOKED_AT = 4096,               /* bytes, to see what a payload is */
    TITLE_SHOWN = 80,
};

/* ---- its format ---- */

static ar_str past_blanks(ar_str text)
{
    size_t at = 0;

    while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4) != NULL) at++;
    return ar_str_cut(text, at, text.len);
}

static bool starts_map(ar_str text)
{
    text = past_blanks(text);
    return text.len > 0 && text.ptr[0] == '{';
}

/* A first line "---", "name:" or "name: value", as no header of CSV looks. */
static bool starts_yaml(ar_str text)
{
    ar_str head = ar_str_cut(text, 0, text.len < LOOKED_AT ? text.len : LOOKED_AT);
    ar_str line = ar_str_trim(ar_str_cut(head, 0, ar_str_find(head, '\n')));
    size_t colon = ar_str_find(line, ':');

    if (ar_str_eq(line, AR_LIT("---"))) return true;
    if (colon == line.len || (colon + 1 < line.len && line.ptr[colon + 1] != ' ')) return false;
    for (size_t i = 0; i < colon; i++)
        if (strchr(" ,;\t|\"'", line.ptr[i]) != NULL) return false;
    return colon > 0;
}

enum ar_payload ar_sniff_format(ar_str text)
{
    text = past_blanks(text);
    if (text.len == 0) return AR_PAYLOAD_NDJSON; /* no rows at all */
    if (text.ptr[0] == '[') return AR_PAYLOAD_JSON;
    if (text.ptr[0] != '{') return starts_yaml(text) ? AR_PAYLOAD_YAML : AR_PAYLOAD_CSV;

    size_t end = ar_str_find(text, '\n');
    ar_str first = ar_str_trim(ar_str_cut(text, 0, end));
    ar_str next = ar_str_cut(text, end < text.len ? end + 1 : end, text.len);
    if (!ar_str_ends(first, AR_LIT("}"))) return AR_PAYLOAD_JSON;
    return starts_map(next) ? AR_PAYLOAD_NDJSON : AR_PAYLOAD_JSON;
}

/* ---- what is refused ---- */

static size_t line_of(ar_str text, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++) line += text.ptr[i] == '\n';
    return line;
}

/* Looks at the last bytes only of as much as a line may have. */
static ar_err check_lines(ar_str payload, ar_str text)
{
    size_t at = 0;

    while (text.len - at > LINE_MAX_BYTES) {
        const char *end = memrchr(text.ptr + at, '\n', LINE_MAX_BYTES + 1);
        if (end == NULL)
            return ar_fail(AR_LIMIT, "%.*s:%zu: a line has more than %d bytes", AR_FMT(payload),
                           line_of(text, at), (int)LINE_MAX_BYTES);
        at = (size_t)(end - text.ptr) + 1;
    }
    return ar_ok();
}

ar_err ar_sniff_check(ar_str payload, enum ar_payload format, ar_str raw)
{
    size_t nul = ar_str_find(raw, '\0');
    bool is_utf16 = ar_str_starts(raw, AR_LIT("\xff\xfe")) ||
                    ar_str_starts(raw, AR_LIT("\xfe\xff")) || nul == 1;
    if (format == AR_PAYLOAD_AUTO) format = ar_sniff_format(raw);
    bool is_tree = format == AR_PAYLOAD_JSON || format == AR_PAYLOAD_YAML;

    if (!is_utf16 && nul < raw.len)
        return ar_fail(AR_INVALID, "%.*s:%zu: a NUL (byte %zu of the file): it is no text",
                       AR_FMT(payload), line_of(raw, nul), nul);
    if ((is_utf16 || is_tree) && raw.len > AR_DOCUMENT_MAX)
        return ar_fail(AR_LIMIT,
                       "%.*s: %zu bytes, %d are the most of %s (NDJSON has no such limit)",
                       AR_FMT(payload), raw.len, (int)AR_DOCUMENT_MAX,
                       is_utf16                    ? "UTF-16"
                       : format == AR_PAYLOAD_YAML ? "YAML"
                                                   : "JSON");
    return is_utf16 || is_tree ? ar_ok() : check_lines(payload, raw);
}

static bool starts_with_tag(ar_str text, const char *tag)
{
    size_t len = strlen(tag);

    return text.len > len && ar_str_same(ar_str_cut(text, 0, len), ar_str_of(tag));
}

/* The text between <title> and </title>, if there is one near the beginning. */
static ar_str title_of(ar_str page)
{
    ar_str tag = AR_LIT("<title>");

    for (size_t i = 0; i + tag.len < page.len && i < LOOKED_AT; i++) {
        ar_str rest = ar_str_cut(page, i, page.len);
        if (!starts_with_tag(rest, tag.ptr)) continue;
        rest = ar_str_cut(rest, tag.len, rest.len);
        return ar_utf8_cut(ar_str_trim(ar_str_cut(rest, 0, ar_str_find(rest, '<'))), TITLE_SHOWN);
    }
    return (ar_str){ 0 };
}

ar_err ar_sniff_refuse_page(ar_str payload, ar_str text)
{
    text = past_blanks(text);
    ar_str title = title_of(text);

    if (starts_with_tag(text, "<!doctype html") || starts_with_tag(text, "<html"))
        return ar_fail(AR_INVALID,
                       "%.*s: it is an HTML page%s%.*s%s, perhaps one to sign in on (want the "
                       "data: ask for it with the right to read it)",
                       AR_FMT(payload), title.len > 0 ? " '" : "", AR_FMT(title),
                       title.len > 0 ? "'" : "");
    if (starts_with_tag(text, "<?xml"))
        return ar_fail(AR_INVALID, "%.*s: it is XML (want JSON, NDJSON, YAML, CSV or Parquet)",
                       AR_FMT(payload));
    return ar_ok();
}
