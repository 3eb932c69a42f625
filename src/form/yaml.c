#include "form/yaml.h"
#include "form/tree.h"
#include "form/utf.h"

#include <stdlib.h>
#include <yaml.h>

/* What one parse works with. */
typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    bool has_event;
    ar_str file, text;
    ar_form_limits limits;
    size_t nodes;
    ar_arena *arena;
    /* where libyaml's count of characters stands in bytes and lines */
    size_t chars, byte, line_start;
    uint32_t line;
} reader;

static void reader_done(reader *r)
{
    if (r->has_event) yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
}

#define auto_reader __attribute__((cleanup(reader_done))) reader

/* libyaml counts characters and we count bytes. Events come in the order of the text, so each walk
 * goes on where the last one ended. */
static ar_node place_of(reader *r, yaml_mark_t mark)
{
    if (mark.index < r->chars) r->chars = r->byte = r->line_start = 0, r->line = 1;
    for (; r->chars < mark.index && r->byte < r->text.len; r->chars++) {
        if (r->text.ptr[r->byte++] == '\n') {
            r->line++;
            r->line_start = r->byte;
        }
        while (r->byte < r->text.len && (r->text.ptr[r->byte] & 0xc0) == 0x80) r->byte++;
    }
    return (ar_node){ .line = r->line, .column = (uint32_t)(r->byte - r->line_start + 1) };
}

/* What people do most; libyaml says what it met, not what would be right. */
static const char *want_of(const char *problem, char at)
{
    if (ar_str_starts(ar_str_of(problem), AR_LIT("mapping values are not allowed")))
        return "a ':' with a blank behind it cannot stand here (want quotes around a text that has "
               "one, and the keys of one map in one column)";
    if (!ar_str_starts(ar_str_of(problem), AR_LIT("found character that cannot start")))
        return NULL;
    if (at == '\t') return "a tab cannot indent (want blanks)";
    return at == '`' || at == '@' ? "a text cannot begin so (want quotes around it)" : NULL;
}

static ar_err fail_parse(reader *r)
{
    const yaml_parser_t *p = &r->parser;

    if (p->error == YAML_MEMORY_ERROR) abort();
    if (p->error == YAML_READER_ERROR) {
        ar_node at = ar_tree_place(r->text, p->problem_offset);

        return ar_node_fail(r->file, &at, "%s (U+%04X)", p->problem, (unsigned)p->problem_value);
    }
    ar_node at = place_of(r, p->problem_mark);
    const char *want = want_of(p->problem, r->byte < r->text.len ? r->text.ptr[r->byte] : '\0');

    if (want != NULL) return ar_node_fail(r->file, &at, "%s", want);
    return ar_node_fail(r->file, &at, "%s%s%s", p->problem, p->context == NULL ? "" : " ",
                        p->context == NULL ? "" : p->context);
}

static ar_err next_event(reader *r)
{
    if (r->has_event) yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->parser, &r->event) != 0;
    return r->has_event ? ar_ok() : fail_parse(r);
}

/* ---- plain scalars: YAML 1.2.2, section 10.3.2 ---- */

static bool is_one_of(ar_str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(text, ar_str_of(words[i]))) return true;
    return false;
}

static size_t count_digits(ar_str text, size_t from)
{
    size_t to = from;

    while (to < text.len && text.ptr[to] >= '0' && text.ptr[to] <= '9') to++;
    return to - from;
}

static size_t sign_len(ar_str text, size_t from)
{
    return from < text.len && (text.ptr[from] == '-' || text.ptr[from] == '+');
}

static bool is_decimal(ar_str text)
{
    size_t sign = sign_len(text, 0);

    return text.len > sign && sign + count_digits(text, sign) == text.len;
}

static bool is_float(ar_str text)
{
    size_t at = sign_len(text, 0);
    size_t whole = count_digits(text, at), part = 0;

    at += whole;
    if (at < text.len && text.ptr[at] == '.') {
        part = count_digits(text, at + 1);
        at += 1 + part;
    }
    if (whole + part == 0) return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at += 1 + sign_len(text, at + 1);

        size_t digits = count_digits(text, at);

        if (digits == 0) return false;
        at += digits;
    }
    return at == text.len;
}

/* 0x and 0o; *out_fits says whether the number fits. */
static bool is_based(ar_str text, int64_t *out_n, bool *out_fits)
{
    if (text.len < 3 || text.ptr[0] != '0') return false;

    int bits = text.ptr[1] == 'x' ? 4 : text.ptr[1] == 'o' ? 3 : 0;
    uint64_t n = 0;

    if (bits == 0) return false;
    *out_fits = true;
    for (size_t i = 2; i < text.len; i++) {
        char c = text.ptr[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 16;

        if (digit >= 1 << bits) return false;
        if (n > (uint64_t)INT64_MAX >> bits) *out_fits = false;
        n = n << bits | (uint64_t)digit;
    }
    *out_n = (int64_t)n;
    return true;
}

static ar_err type_plain(reader *r, ar_node *node)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const trues[] = { "true", "True", "TRUE" };
    static const char *const falses[] = { "false", "False", "FALSE" };
    bool fits = true;

    node->kind = AR_NODE_TEXT;
    if (is_one_of(node->text, nulls, AR_COUNT(nulls))) {
        node->kind = AR_NODE_NULL;
    } else if (is_one_of(node->text, trues, AR_COUNT(trues))) {
        node->kind = AR_NODE_BOOL;
        node->b = true;
    } else if (is_one_of(node->text, falses, AR_COUNT(falses))) {
        node->kind = AR_NODE_BOOL;
    } else if (is_decimal(node->text)) {
        node->kind = AR_NODE_INT;
        fits = ar_str_int(node->text, &node->i);
    } else if (is_based(node->text, &node->i, &fits)) {
        node->kind = AR_NODE_INT;
    } else if (is_float(node->text)) {
        node->kind = AR_NODE_DOUBLE;
        fits = ar_str_double(node->text, &node->d);
    }
    if (!fits)
        return ar_node_fail(r->file, node, "the number is too large (in quotes it would be text)");
    return ar_ok();
}

/* ---- the tree ---- */

static ar_err fail_extra(reader *r, const ar_node *node, const char *what)
{
    return ar_node_fail(r->file, node, "%s are not allowed here: write the value out", what);
}

static ar_err check_plainness(reader *r, const ar_node *node)
{
    const yaml_event_t *e = &r->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;

    if (e->type == YAML_ALIAS_EVENT) return fail_extra(r, node, "aliases (*name)");
    if (e->type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
    } else {
        assert(e->type == YAML_MAPPING_START_EVENT);
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
    }
    if (anchor != NULL) return fail_extra(r, node, "anchors (&name)");
    if (tag != NULL) return fail_extra(r, node, "tags (!name)");
    return ar_ok();
}

static ar_err read_scalar(reader *r, ar_node *node)
{
    ar_str value = { (const char *)r->event.data.scalar.value, r->event.data.scalar.length };

    if (ar_str_find(value, '\0') < value.len)
        return ar_node_fail(r->file, node, "a NUL character is not allowed");
    node->text = ar_arena_copy(r->arena, value);
    node->kind = AR_NODE_TEXT;
    if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) return type_plain(r, node);
    return ar_ok();
}

static ar_err read_node(reader *r, size_t depth, ar_node **out_node);

static ar_err read_list(reader *r, size_t depth, ar_node *node)
{
    size_t cap = 0;

    node->kind = AR_NODE_LIST;
    for (;;) {
        AR_TRY(next_event(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT) return ar_ok();
        ar_grow(r->arena, node->items, node->n, cap);
        AR_TRY(read_node(r, depth + 1, &node->items[node->n]));
        node->n++;
    }
}

static ar_err read_map(reader *r, size_t depth, ar_node *node)
{
    ar_auto(ar_tree_keys) keys = { 0 };
    size_t cap = 0;

    node->kind = AR_NODE_MAP;
    for (;;) {
        AR_TRY(next_event(r));
        if (r->event.type == YAML_MAPPING_END_EVENT) return ar_ok();

        ar_node key = place_of(r, r->event.start_mark);

        AR_TRY(check_plainness(r, &key));
        if (r->event.type != YAML_SCALAR_EVENT)
            return ar_node_fail(r->file, &key, "a key must be a text, not a list or a map");
        AR_TRY(read_scalar(r, &key));
        ar_grow(r->arena, node->pairs, node->n, cap);

        ar_pair *pair = &node->pairs[node->n];

        *pair = (ar_pair){ .key = key.text, .line = key.line, .column = key.column };
        AR_TRY(ar_tree_keys_add(&keys, r->file, node));
        AR_TRY(next_event(r));
        AR_TRY(read_node(r, depth + 1, &pair->value));
        node->n++;
    }
}

/* The node that the current event begins. */
static ar_err read_node(reader *r, size_t depth, ar_node **out_node)
{
    ar_node *node = ar_make(r->arena, ar_node);

    *node = place_of(r, r->event.start_mark);
    AR_TRY(check_plainness(r, node));
    AR_TRY(ar_tree_check(r->file, node, &r->limits, ++r->nodes, depth));
    *out_node = node;
    if (r->event.type == YAML_SCALAR_EVENT) return read_scalar(r, node);
    if (r->event.type == YAML_SEQUENCE_START_EVENT) return read_list(r, depth, node);
    return read_map(r, depth, node);
}

static ar_err check_text(const reader *r)
{
    size_t valid = ar_utf8_valid(r->text), nul = ar_str_find(r->text, '\0');
    size_t bad = nul < valid ? nul : valid;

    if (r->text.len > r->limits.bytes_max)
        return ar_fail(AR_LIMIT, "%.*s: %zu bytes, %zu are the most", AR_FMT(r->file), r->text.len,
                       r->limits.bytes_max);
    if (bad < r->text.len) {
        ar_node at = ar_tree_place(r->text, bad);

        return ar_node_fail(r->file, &at,
                            nul < valid ? "a NUL character is not allowed"
                                        : "the text is not valid UTF-8");
    }
    return ar_ok();
}

static ar_err read_document(reader *r, ar_node **out_root)
{
    AR_TRY(next_event(r));
    assert(r->event.type == YAML_STREAM_START_EVENT);
    AR_TRY(next_event(r));
    if (r->event.type == YAML_STREAM_END_EVENT) {
        *out_root = ar_make(r->arena, ar_node);
        **out_root = (ar_node){ .line = 1, .column = 1 };
        return ar_ok();
    }
    assert(r->event.type == YAML_DOCUMENT_START_EVENT);
    AR_TRY(next_event(r));

    ar_node *root;

    AR_TRY(read_node(r, 1, &root));
    AR_TRY(next_event(r));
    assert(r->event.type == YAML_DOCUMENT_END_EVENT);
    AR_TRY(next_event(r));
    if (r->event.type != YAML_STREAM_END_EVENT) {
        ar_node at = place_of(r, r->event.start_mark);

        return ar_node_fail(r->file, &at, "a second document begins; one file holds one document");
    }
    *out_root = root;
    return ar_ok();
}

ar_err ar_yaml_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root)
{
    bool marked = ar_str_starts(text, AR_LIT("\xef\xbb\xbf"));
    auto_reader r = {
        .file = file,
        .text = ar_str_cut(text, marked ? 3 : 0, text.len),
        .limits = ar_tree_limits(limits),
        .arena = arena,
        .line = 1,
    };

    if (r.text.ptr == NULL) r.text = AR_LIT("");
    AR_TRY(check_text(&r));
    if (!yaml_parser_initialize(&r.parser)) abort();
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text.ptr, r.text.len);
    return read_document(&r, out_root);
}
