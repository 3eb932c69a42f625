#include "standard/conjuncts.h"

#include <ctype.h>

/* The next piece of an expression, as far as splitting needs to know it. */
typedef struct piece {
    size_t from, to;
    int opens; /* 1 for "(" and CASE, -1 for ")" and END */
    bool word;
} piece;

static bool next_piece(ar_str text, size_t from, piece *out)
{
    size_t to;

    while (from < text.len && isspace((unsigned char)text.ptr[from])) from++;
    if (from == text.len) return false;
    to = from + 1;
    *out = (piece){ .from = from };
    if (text.ptr[from] == '\'') {
        while (to < text.len && text.ptr[to] != '\'') to++;
        to += to < text.len;
    } else if (isalpha((unsigned char)text.ptr[from]) || text.ptr[from] == '_') {
        while (to < text.len && (isalnum((unsigned char)text.ptr[to]) || text.ptr[to] == '_')) to++;
        out->word = true;
    }
    out->to = to;
    out->opens = (text.ptr[from] == '(') - (text.ptr[from] == ')');
    return true;
}

static bool is_word(ar_str text, const piece *p, const char *word)
{
    size_t n = strlen(word);

    return p->word && p->to - p->from == n && strncasecmp(text.ptr + p->from, word, n) == 0;
}

/* Where the first outermost AND stands; false when there is none, or when an OR binds less. */
static bool find_and(ar_str text, piece *out)
{
    int depth = 0, between = 0;
    bool found = false;
    piece p;

    for (size_t at = 0; next_piece(text, at, &p); at = p.to) {
        depth += p.opens + is_word(text, &p, "CASE") - is_word(text, &p, "END");
        if (depth > 0 || !p.word) continue;
        if (is_word(text, &p, "OR")) return false;
        if (is_word(text, &p, "WHERE")) return found; /* what follows belongs to EXISTS */
        if (is_word(text, &p, "BETWEEN")) between++;
        if (!is_word(text, &p, "AND")) continue;
        if (between > 0) {
            between--;
            continue;
        }
        if (!found) *out = p;
        found = true;
    }
    return found;
}

/* Without the parentheses, when one pair is around all of it. */
static bool unwrap(ar_str *text)
{
    int depth = 0;
    piece p;
    ar_str all = ar_str_trim(*text);

    if (all.len < 2 || all.ptr[0] != '(' || all.ptr[all.len - 1] != ')') return false;
    for (size_t at = 0; next_piece(all, at, &p); at = p.to) {
        depth += p.opens;
        if (depth == 0 && p.to < all.len) return false;
    }
    *text = ar_str_trim(ar_str_cut(all, 1, all.len - 1));
    return true;
}

ar_str *ar_conjuncts(ar_str text, ar_arena *arena, size_t *out_n)
{
    ar_str *parts = NULL, rest = ar_str_trim(text), left = { 0 };
    size_t n = 0, cap = 0, waiting = 0, waiting_cap = 0;
    ar_str *stack = NULL;
    piece and;

    for (;;) {
        while (!find_and(rest, &and) && unwrap(&rest)) continue;
        if (find_and(rest, &and)) {
            left = ar_str_trim(ar_str_cut(rest, 0, and.from));
            ar_grow(arena, stack, waiting, waiting_cap);
            stack[waiting++] = ar_str_trim(ar_str_cut(rest, and.to, rest.len));
            rest = left;
            continue;
        }
        ar_grow(arena, parts, n, cap);
        parts[n++] = rest;
        if (waiting == 0) break;
        rest = stack[--waiting];
    }
    *out_n = n;
    return parts;
}
