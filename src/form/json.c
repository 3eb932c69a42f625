#include "form/json.h"
#include "form/tree.h"
#include "form/utf.h"

#include <math.h>

/* The tree is read by hand and not by simdjson, which knows no line and column of a value, takes
 * duplicate keys and refuses integers beyond 64 bits. Documents are small; records are not, and
 * ndjson.c gives those to simdjson. */
typedef struct reader {
    ar_str file, text;
    size_t at;
    uint32_t line;
    int64_t line_start; /* offset of column 1; below 0 when the text is a piece of a line */
    ar_form_limits limits;
    size_t nodes;
    ar_arena *arena;
} reader;

static ar_node here(const reader *r)
{
    return (ar_node){ .line = r->line, .column = (uint32_t)((int64_t)r->at - r->line_start + 1) };
}

static ar_err fail_want(const reader *r, const char *want)
{
    ar_node at = here(r);
    unsigned char c = r->at < r->text.len ? (unsigned char)r->text.ptr[r->at] : 0;

    if (r->at == r->text.len) return ar_node_fail(r->file, &at, "the text ends, want %s", want);
    if (c <= ' ' || c >= 0x7f) return ar_node_fail(r->file, &at, "want %s", want);
    return ar_node_fail(r->file, &at, "found '%c', want %s", c, want);
}

static void skip_blank(reader *r)
{
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];

        if (c == '\n') {
            r->line++;
            r->line_start = (int64_t)r->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
    }
}

/* The next byte, or NUL at the end, where no byte that is looked for is one. */
static char peek(const reader *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static bool take(reader *r, char c)
{
    if (peek(r) != c) return false;
    r->at++;
    return true;
}

/* ---- texts ---- */

static ar_err read_hex4(reader *r, uint32_t *out)
{
    uint32_t n = 0;

    for (int i = 0; i < 4; i++, r->at++) {
        char c = peek(r);

        if (c >= '0' && c <= '9')
            n = n << 4 | (uint32_t)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            n = n << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return fail_want(r, "four hexadecimal digits");
    }
    *out = n;
    return ar_ok();
}

/* Behind "\u": one character, which may take a second escape. */
static ar_err read_unicode(reader *r, ar_buf *out)
{
    ar_node at = here(r);
    uint32_t c, low = 0;

    AR_TRY(read_hex4(r, &c));
    if (c >= 0xd800 && c <= 0xdbff && take(r, '\\') && take(r, 'u')) AR_TRY(read_hex4(r, &low));
    if (low >= 0xdc00 && low <= 0xdfff)
        c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
    else if (c >= 0xd800 && c <= 0xdfff)
        return ar_node_fail(r->file, &at, "half of a surrogate pair (\\u%04x)", c);
    ar_utf8_add(out, c);
    return ar_ok();
}

static ar_err read_escape(reader *r, ar_buf *out)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    const char *found = c == '\0' ? NULL : strchr(letters, c);

    if (take(r, 'u')) return read_unicode(r, out);
    if (found == NULL) return fail_want(r, "one of \" \\ / b f n r t u behind a backslash");
    r->at++;
    ar_buf_addc(out, meant[found - letters]);
    return ar_ok();
}

/* Moves past the bytes of a text that stand for themselves. */
static ar_str take_plain(reader *r)
{
    size_t from = r->at;

    while (r->at < r->text.len) {
        unsigned char c = (unsigned char)r->text.ptr[r->at];

        if (c == '"' || c == '\\' || c < 0x20) break;
        r->at++;
    }
    return ar_str_cut(r->text, from, r->at);
}

/* From the opening quote to behind the closing one. */
static ar_err read_text(reader *r, ar_str *out_text)
{
    ar_auto(ar_buf) buf = { 0 };

    r->at++;

    ar_str plain = take_plain(r);

    if (take(r, '"')) return *out_text = ar_arena_copy(r->arena, plain), ar_ok();
    ar_buf_add(&buf, plain);
    while (!take(r, '"')) {
        if (!take(r, '\\')) return fail_want(r, "a closing quote (control characters as \\u00XX)");
        AR_TRY(read_escape(r, &buf));
        ar_buf_add(&buf, take_plain(r));
    }
    *out_text = ar_arena_copy(r->arena, ar_buf_str(&buf));
    return ar_ok();
}

/* ---- numbers and words ---- */

static size_t take_digits(reader *r)
{
    size_t from = r->at;

    while (peek(r) >= '0' && peek(r) <= '9') r->at++;
    return r->at - from;
}

static ar_err read_number(reader *r, ar_node *node)
{
    size_t from = r->at;
    bool whole = true;

    (void)take(r, '-');
    if (!take(r, '0') && take_digits(r) == 0) return fail_want(r, "a digit");
    if (take(r, '.')) {
        whole = false;
        if (take_digits(r) == 0) return fail_want(r, "a digit");
    }
    if (take(r, 'e') || take(r, 'E')) {
        whole = false;
        if (!take(r, '+')) (void)take(r, '-');
        if (take_digits(r) == 0) return fail_want(r, "a digit");
    }
    node->text = ar_arena_copy(r->arena, ar_str_cut(r->text, from, r->at));
    node->kind = AR_NODE_INT;
    if (whole && ar_str_int(node->text, &node->i)) return ar_ok();
    node->kind = AR_NODE_DOUBLE;
    if (ar_str_double(node->text, &node->d)) return ar_ok();
    return ar_node_fail(r->file, node, "the number is too large");
}

static bool take_word(reader *r, ar_str word, ar_node *node)
{
    if (!ar_str_starts(ar_str_cut(r->text, r->at, r->text.len), word)) return false;
    node->text = ar_arena_copy(r->arena, word);
    r->at += word.len;
    return true;
}

/* ---- the tree ---- */

static ar_err read_node(reader *r, size_t depth, ar_node **out_node);

static ar_err read_list(reader *r, size_t depth, ar_node *node)
{
    size_t cap = 0;

    node->kind = AR_NODE_LIST;
    r->at++;
    skip_blank(r);
    if (take(r, ']')) return ar_ok();
    for (;;) {
        ar_grow(r->arena, node->items, node->n, cap);
        AR_TRY(read_node(r, depth + 1, &node->items[node->n]));
        node->n++;
        skip_blank(r);
        if (take(r, ']')) return ar_ok();
        if (!take(r, ',')) return fail_want(r, "',' or ']'");
    }
}

static ar_err read_pair(reader *r, size_t depth, ar_tree_keys *keys, ar_node *map)
{
    ar_pair *pair = &map->pairs[map->n];
    ar_node place;

    skip_blank(r);
    place = here(r);
    if (peek(r) != '"') return fail_want(r, "a key in quotes");
    *pair = (ar_pair){ .line = place.line, .column = place.column };
    AR_TRY(read_text(r, &pair->key));
    AR_TRY(ar_tree_keys_add(keys, r->file, map));
    skip_blank(r);
    if (!take(r, ':')) return fail_want(r, "':'");
    AR_TRY(read_node(r, depth + 1, &pair->value));
    map->n++;
    return ar_ok();
}

static ar_err read_map(reader *r, size_t depth, ar_node *node)
{
    ar_auto(ar_tree_keys) keys = { 0 };
    size_t cap = 0;

    node->kind = AR_NODE_MAP;
    r->at++;
    skip_blank(r);
    if (take(r, '}')) return ar_ok();
    for (;;) {
        ar_grow(r->arena, node->pairs, node->n, cap);
        AR_TRY(read_pair(r, depth, &keys, node));
        skip_blank(r);
        if (take(r, '}')) return ar_ok();
        if (!take(r, ',')) return fail_want(r, "',' or '}'");
    }
}

static ar_err read_node(reader *r, size_t depth, ar_node **out_node)
{
    ar_node *node = ar_make(r->arena, ar_node);

    skip_blank(r);
    *node = here(r);
    AR_TRY(ar_tree_check(r->file, node, &r->limits, ++r->nodes, depth));
    *out_node = node;
    switch (peek(r)) {
    case '{': return read_map(r, depth, node);
    case '[': return read_list(r, depth, node);
    case '"': node->kind = AR_NODE_TEXT; return read_text(r, &node->text);
    case 't':
        node->kind = AR_NODE_BOOL;
        node->b = true;
        if (take_word(r, AR_LIT("true"), node)) return ar_ok();
        break;
    case 'f':
        node->kind = AR_NODE_BOOL;
        if (take_word(r, AR_LIT("false"), node)) return ar_ok();
        break;
    case 'n':
        if (take_word(r, AR_LIT("null"), node)) return ar_ok();
        break;
    default:
        if (peek(r) == '-' || (peek(r) >= '0' && peek(r) <= '9')) return read_number(r, node);
    }
    return fail_want(r, "a value");
}

/* The place of a byte that no reading has come to. */
static ar_node place_of(const reader *r, size_t offset)
{
    ar_node place = ar_tree_place(r->text, offset);

    if (place.line == 1) place.column = (uint32_t)(place.column - r->line_start);
    place.line += r->line - 1;
    return place;
}

static ar_err check_text(const reader *r)
{
    size_t valid = ar_utf8_valid(r->text);

    if (r->text.len > r->limits.bytes_max)
        return ar_fail(AR_LIMIT, "%.*s:%u: %zu bytes, %zu are the most", AR_FMT(r->file), r->line,
                       r->text.len, r->limits.bytes_max);
    if (valid < r->text.len) {
        ar_node at = place_of(r, valid);

        return ar_node_fail(r->file, &at, "the text is not valid UTF-8");
    }
    return ar_ok();
}

ar_err ar_json_parse_at(ar_str file, uint32_t line, uint32_t column, ar_str text,
                        const ar_form_limits *limits, ar_arena *arena, ar_node **out_root)
{
    reader r = {
        .file = file,
        .text = text,
        .line = line,
        .line_start = 1 - (int64_t)column,
        .limits = ar_tree_limits(limits),
        .arena = arena,
    };
    ar_node *root;

    AR_TRY(check_text(&r));
    AR_TRY(read_node(&r, 1, &root));
    skip_blank(&r);
    if (r.at < text.len) return fail_want(&r, "nothing behind the value");
    *out_root = root;
    return ar_ok();
}

ar_err ar_json_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root)
{
    size_t mark = ar_str_starts(text, AR_LIT("\xef\xbb\xbf")) ? 3 : 0;

    return ar_json_parse_at(file, 1, 1, ar_str_cut(text, mark, text.len), limits, arena, out_root);
}

/* ---- printing ---- */

static void add_escaped(ar_buf *out, unsigned char c)
{
    static const char short_forms[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                        ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\' };

    if (c < sizeof short_forms && short_forms[c] != '\0')
        ar_buf_addf(out, "\\%c", short_forms[c]);
    else
        ar_buf_addf(out, "\\u%04x", c);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void ar_json_text(ar_buf *out, ar_str text)
{
    ar_buf_addc(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c;

        while (at < text.len && is_plain((unsigned char)text.ptr[at])) at++;
        ar_buf_add(out, ar_str_cut(text, from, at));
        if (at == text.len) break;

        size_t len = ar_utf8_next(ar_str_cut(text, at, text.len), &c);

        if (len == 0)
            ar_buf_addz(out, "\xef\xbf\xbd");
        else if (len == 1)
            add_escaped(out, (unsigned char)text.ptr[at]);
        else if (c < 0xa0 || ar_utf8_turns(c)) /* a reader of the text must see what is there */
            ar_buf_addf(out, "\\u%04x", (unsigned)c);
        else
            ar_buf_add(out, ar_str_cut(text, at, at + len));
        at += len == 0 ? 1 : len;
    }
    ar_buf_addc(out, '"');
}

void ar_json_value(ar_buf *out, ar_value value)
{
    bool infinite = value.type == AR_DOUBLE && !isfinite(value.d);

    if (value.type == AR_NULL || infinite) return ar_buf_addz(out, "null");
    if (value.type == AR_TEXT) return ar_json_text(out, value.s);
    if (value.type == AR_TIME) ar_buf_addc(out, '"');
    ar_value_print(out, value);
    if (value.type == AR_TIME) ar_buf_addc(out, '"');
}

static void add_list(ar_buf *out, const ar_node *list)
{
    ar_buf_addc(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_node(out, list->items[i]);
    }
    ar_buf_addc(out, ']');
}

static void add_map(ar_buf *out, const ar_node *map)
{
    ar_buf_addc(out, '{');
    for (size_t i = 0; i < map->n; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_text(out, map->pairs[i].key);
        ar_buf_addc(out, ':');
        ar_json_node(out, map->pairs[i].value);
    }
    ar_buf_addc(out, '}');
}

void ar_json_node(ar_buf *out, const ar_node *node)
{
    switch (node->kind) {
    case AR_NODE_NULL: return ar_buf_addz(out, "null");
    case AR_NODE_BOOL: return ar_json_value(out, ar_bool(node->b));
    case AR_NODE_INT: return ar_json_value(out, ar_int(node->i));
    case AR_NODE_DOUBLE: return ar_json_value(out, ar_double(node->d));
    case AR_NODE_TEXT: return ar_json_text(out, node->text);
    case AR_NODE_LIST: return add_list(out, node);
    case AR_NODE_MAP: return add_map(out, node);
    }
}
