#include "start/render.h"

#include "form/json.h"

/* The text up to the next parameter, or that parameter's name. */
typedef struct piece {
    ar_str literal, name;
    size_t at; /* of the parameter's brace */
} piece;

static ar_err fail_at(ar_str text, size_t at, const char *what)
{
    size_t line = 1, column = 1;

    for (size_t i = 0; i < at; i++) {
        column = text.ptr[i] == '\n' ? 1 : column + 1;
        line += text.ptr[i] == '\n';
    }
    return ar_fail(AR_INVALID, "line %zu, column %zu: %s", line, column, what);
}

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static ar_err read_name(ar_str text, size_t *at, piece *out)
{
    size_t from = *at + 1, to = from;

    while (to < text.len && is_of_name(text.ptr[to])) to++;
    if (to == from || to == text.len || text.ptr[to] != '}')
        return fail_at(text, *at,
                       "this brace begins no parameter (want {name}, or {{ for a brace)");
    *out = (piece){ .name = ar_str_cut(text, from, to), .at = *at };
    *at = to + 1;
    return ar_ok();
}

static ar_err next_piece(ar_str text, size_t *at, piece *out)
{
    size_t from = *at, to = from;

    while (to < text.len && text.ptr[to] != '{') to++;
    if (to > from) {
        *out = (piece){ .literal = ar_str_cut(text, from, to) };
        *at = to;
        return ar_ok();
    }
    if (to + 1 == text.len || text.ptr[to + 1] != '{') return read_name(text, at, out);
    *out = (piece){ .literal = ar_str_cut(text, to, to + 1) };
    *at = to + 2;
    return ar_ok();
}

static ar_err fail_unknown(ar_str text, const piece *p, const ar_given *given, size_t n)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names = ar_make_n(&arena, ar_str, n), near, hint = { 0 };

    for (size_t i = 0; i < n; i++) names[i] = given[i].name;
    near = ar_str_nearest(p->name, names, n);
    if (near.len > 0) hint = ar_arena_printf(&arena, "; did you mean {%.*s}?", AR_FMT(near));
    hint =
        ar_arena_printf(&arena, "there is no parameter {%.*s}%.*s", AR_FMT(p->name), AR_FMT(hint));
    return fail_at(text, p->at, hint.ptr);
}

static const ar_given *find(const ar_given *given, size_t n, ar_str name)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(given[i].name, name)) return &given[i];
    return NULL;
}

ar_err ar_render_check(ar_str text, const ar_given *given, size_t n)
{
    for (size_t at = 0; at < text.len;) {
        piece p;

        AR_TRY(next_piece(text, &at, &p));
        if (p.name.len > 0 && find(given, n, p.name) == NULL)
            return fail_unknown(text, &p, given, n);
    }
    return ar_ok();
}

static void add_value(ar_buf *out, enum ar_render_as as, ar_str value)
{
    ar_auto(ar_buf) quoted = { 0 };

    if (as == AR_RENDER_PLAIN) {
        ar_buf_add(out, value);
        return;
    }
    ar_json_text(&quoted, value); /* YAML's double quotes know all of JSON's escapes */
    ar_buf_add(out, ar_str_cut(ar_buf_str(&quoted), 1, quoted.len - 1));
}

ar_err ar_render(ar_str text, enum ar_render_as as, const ar_given *given, size_t n, ar_buf *out)
{
    size_t before = out->len;

    for (size_t at = 0; at < text.len;) {
        const ar_given *g;
        piece p;

        AR_TRY(next_piece(text, &at, &p));
        ar_buf_add(out, p.literal);
        if (p.name.len > 0) {
            g = find(given, n, p.name);
            if (g == NULL) return fail_unknown(text, &p, given, n);
            add_value(out, as, g->value);
        }
        if (out->len - before > AR_RENDER_MAX)
            return ar_fail(AR_LIMIT, "the text becomes larger than %d bytes", (int)AR_RENDER_MAX);
    }
    return ar_ok();
}

ar_str ar_render_only(ar_str text)
{
    size_t at = 0;
    piece p = { 0 };

    if (text.len == 0 || text.ptr[0] != '{') return (ar_str){ 0 };
    if (next_piece(text, &at, &p).code != AR_OK || at < text.len) return (ar_str){ 0 };
    return p.name;
}
