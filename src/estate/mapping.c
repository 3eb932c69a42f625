#include "estate/mapping.h"

#include "estate/function.h"

enum step_kind { STEP_CONST, STEP_PATH, STEP_LIST, STEP_ELSE, STEP_JOIN, STEP_CALL };

struct ar_mapping {
    enum step_kind kind;
    const ar_node *value; /* CONST */
    size_t outs;          /* PATH: how many items further out it begins */
    ar_str *names;        /* PATH */
    size_t n_names;
    ar_str path; /* PATH, as written, when it begins at the item and needs no quotes */
    const ar_mapping *left, *right;
    const ar_mapping **parts; /* LIST */
    size_t n_parts;
    const ar_mapping_function *fn; /* CALL, of left */
    ar_mapping_args args;
};

/* ---- parse ---- */

typedef struct parser {
    ar_str text;
    size_t at;
    int depth;
    ar_arena *arena;
} parser;

static ar_err wrong(const parser *p, const char *want)
{
    if (p->at >= p->text.len)
        return ar_fail(AR_INVALID, "character %zu: it ends too early (want %s)", p->at + 1, want);
    return ar_fail(AR_INVALID, "character %zu: '%c' is not expected here (want %s)", p->at + 1,
                   p->text.ptr[p->at], want);
}

static void skip_blanks(parser *p)
{
    while (p->at < p->text.len && (p->text.ptr[p->at] == ' ' || p->text.ptr[p->at] == '\n' ||
                                   p->text.ptr[p->at] == '\t' || p->text.ptr[p->at] == '\r'))
        p->at++;
}

static bool take(parser *p, const char *token)
{
    size_t len = strlen(token);

    skip_blanks(p);
    if (p->text.len - p->at < len || memcmp(p->text.ptr + p->at, token, len) != 0) return false;
    p->at += len;
    return true;
}

static char peek(parser *p)
{
    skip_blanks(p);
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '@' || c == '$' || (unsigned char)c >= 0x80;
}

/* Between two of the same quotes; the quote itself is written twice. */
static ar_err read_quoted(parser *p, ar_str *out_text)
{
    ar_auto(ar_buf) text = { 0 };
    char quote = p->text.ptr[p->at++];

    for (;; p->at++) {
        if (p->at >= p->text.len) return wrong(p, "the closing quote");
        char c = p->text.ptr[p->at];
        if (c == quote && (p->at + 1 >= p->text.len || p->text.ptr[p->at + 1] != quote)) break;
        if (c == quote) p->at++;
        ar_buf_addc(&text, c);
    }
    p->at++;
    *out_text = ar_arena_copy(p->arena, ar_buf_str(&text));
    return ar_ok();
}

static ar_str read_word(parser *p)
{
    size_t from = p->at;

    while (p->at < p->text.len && is_name_byte(p->text.ptr[p->at])) p->at++;
    return ar_str_cut(p->text, from, p->at);
}

/* A text, a number, true, false or null. False, with the place kept, when it is none of them. */
static ar_err read_constant(parser *p, const ar_node **out_node)
{
    char c = peek(p);
    size_t from = p->at;
    ar_str text;
    double d;
    int64_t i;

    *out_node = NULL;
    if (c == '\'' || c == '"') {
        AR_TRY(read_quoted(p, &text));
        *out_node = ar_make_text(p->arena, text);
        return ar_ok();
    }
    text = read_word(p);
    if ((c >= '0' && c <= '9') || c == '-') {
        if (peek(p) == '.' && p->at == from + text.len) {
            p->at++;
            (void)read_word(p);
            text = ar_str_cut(p->text, from, p->at);
        }
        if (ar_str_int(text, &i)) {
            *out_node = ar_make_int(p->arena, i);
            return ar_ok();
        }
        if (ar_str_double(text, &d)) {
            ar_node *node = ar_make_node(p->arena, AR_NODE_DOUBLE);
            node->d = d;
            node->text = text;
            *out_node = node;
            return ar_ok();
        }
    }
    if (ar_str_eq(text, AR_LIT("true")) || ar_str_eq(text, AR_LIT("false")))
        *out_node = ar_make_bool(p->arena, text.len == 4);
    else if (ar_str_eq(text, AR_LIT("null")))
        *out_node = ar_make_node(p->arena, AR_NODE_NULL);
    else
        p->at = from;
    return ar_ok();
}

/* Names with dots between them, behind any number of ^; or a dot alone, the item itself. */
static ar_err read_path(parser *p, ar_mapping *m)
{
    bool quoted = false;
    size_t cap = 0;

    m->kind = STEP_PATH;
    while (take(p, "^")) m->outs++;
    if (m->outs > 0 ? p->at >= p->text.len || p->text.ptr[p->at] != '.' : take(p, "."))
        return ar_ok();
    p->at += m->outs > 0;

    size_t from = p->at;
    do {
        ar_str name;
        if (p->at < p->text.len && p->text.ptr[p->at] == '`') {
            quoted = true;
            AR_TRY(read_quoted(p, &name));
        } else {
            name = read_word(p);
        }
        if (name.len == 0) return wrong(p, "a field, a text in quotes or a number");
        ar_grow(p->arena, m->names, m->n_names, cap);
        m->names[m->n_names++] = name;
        if (p->at >= p->text.len || p->text.ptr[p->at] != '.') break;
        p->at++;
    } while (true);
    if (!quoted && m->outs == 0) m->path = ar_str_cut(p->text, from, p->at);
    return ar_ok();
}

static ar_err read_else(parser *p, const ar_mapping **out);

static ar_err read_list(parser *p, ar_mapping *m)
{
    size_t cap = 0;

    m->kind = STEP_LIST;
    if (take(p, "]")) return ar_ok();
    do {
        const ar_mapping *part;
        AR_TRY(read_else(p, &part));
        ar_grow(p->arena, m->parts, m->n_parts, cap);
        m->parts[m->n_parts++] = part;
    } while (take(p, ","));
    return take(p, "]") ? ar_ok() : wrong(p, "',' or ']'");
}

static ar_err read_term(parser *p, const ar_mapping **out)
{
    ar_mapping *m = ar_make(p->arena, ar_mapping);

    *out = m;
    if (take(p, "(")) {
        AR_TRY(read_else(p, out));
        return take(p, ")") ? ar_ok() : wrong(p, "')'");
    }
    if (take(p, "[")) return read_list(p, m);
    m->kind = STEP_CONST;
    AR_TRY(read_constant(p, &m->value));
    return m->value != NULL ? ar_ok() : read_path(p, m);
}

/* Constants; a bare word is a text: map(eligible: true). */
static ar_err read_constants(parser *p, const ar_mapping_function *fn, ar_mapping_args *args)
{
    size_t cap = 0;

    do {
        const ar_node *value;
        AR_TRY(read_constant(p, &value));
        if (value == NULL) {
            ar_str word = read_word(p);
            if (word.len == 0) return wrong(p, "a text, a number, true, false or null");
            value = ar_make_text(p->arena, word);
        }
        ar_grow(p->arena, args->values, args->n, cap);
        args->values[args->n++] = value;
    } while (take(p, fn->pairs && args->n % 2 == 1 ? ":" : ","));
    return ar_ok();
}

/* A number alone is the place in a list: get(0). */
static const ar_mapping *place_in_list(const parser *p, const ar_mapping *number)
{
    ar_mapping *m = ar_make(p->arena, ar_mapping);

    m->kind = STEP_PATH;
    m->names = ar_make(p->arena, ar_str);
    m->names[m->n_names++] = number->value->text;
    return m;
}

static ar_err read_mapping_arg(parser *p, const ar_mapping_function *fn, ar_mapping_args *args)
{
    size_t from = p->at;

    AR_TRY(read_else(p, &args->mapping));
    args->n = 1;
    if (args->mapping->kind != STEP_CONST) return ar_ok();
    if (args->mapping->value->kind == AR_NODE_INT) {
        args->mapping = place_in_list(p, args->mapping);
        return ar_ok();
    }
    return ar_fail(AR_INVALID, "character %zu: %s takes what it looks for without quotes: %s(a.b)",
                   from + 1, fn->name, fn->name);
}

static ar_err read_args(parser *p, const ar_mapping_function *fn, ar_mapping_args *args)
{
    if (!take(p, "(")) return ar_ok();
    AR_TRY(fn->maps ? read_mapping_arg(p, fn, args) : read_constants(p, fn, args));
    return take(p, ")") ? ar_ok() : wrong(p, fn->maps ? "')'" : "',' or ')'");
}

static const ar_mapping_function *find_function(ar_str name)
{
    for (const ar_mapping_function *fn = ar_mapping_functions; fn->name != NULL; fn++)
        if (ar_str_eq(name, ar_str_of(fn->name))) return fn;
    return NULL;
}

static ar_err no_function(size_t at, ar_str name)
{
    ar_str names[AR_MAPPING_FUNCTIONS_MAX];
    size_t n = 0;

    for (const ar_mapping_function *fn = ar_mapping_functions; fn->name != NULL; fn++)
        names[n++] = ar_str_of(fn->name);
    ar_str near = ar_str_nearest(name, names, n);
    return ar_fail(AR_INVALID, "character %zu: no function is named '%.*s'%s%.*s%s", at + 1,
                   AR_FMT(name), near.len > 0 ? "; '" : "", AR_FMT(near),
                   near.len > 0 ? "' is" : "");
}

static ar_err read_call(parser *p, const ar_mapping *of, const ar_mapping **out)
{
    ar_mapping *m = ar_make(p->arena, ar_mapping);

    skip_blanks(p);
    size_t from = p->at;
    ar_str name = read_word(p);
    m->kind = STEP_CALL;
    m->left = of;
    if (name.len == 0) return wrong(p, "the name of a function");
    m->fn = find_function(name);
    if (m->fn == NULL) return no_function(from, name);
    AR_TRY(read_args(p, m->fn, &m->args));
    if (m->args.n < m->fn->args_min || m->args.n > m->fn->args_max ||
        (m->fn->pairs && m->args.n % 2 != 0))
        return ar_fail(AR_INVALID, "character %zu: %s has %zu arguments (want %zu%s)", from + 1,
                       m->fn->name, m->args.n, m->fn->args_min,
                       m->fn->args_max > m->fn->args_min ? " or more" : "");
    *out = m;
    return ar_ok();
}

static ar_err read_pipe(parser *p, const ar_mapping **out)
{
    AR_TRY(read_term(p, out));
    while (take(p, "|")) AR_TRY(read_call(p, *out, out));
    return ar_ok();
}

static ar_err read_two(parser *p, enum step_kind kind, const char *sign,
                       ar_err (*side)(parser *, const ar_mapping **), const ar_mapping **out)
{
    AR_TRY(side(p, out));
    while (take(p, sign)) {
        ar_mapping *m = ar_make(p->arena, ar_mapping);
        m->kind = kind;
        m->left = *out;
        AR_TRY(side(p, &m->right));
        *out = m;
    }
    return ar_ok();
}

static ar_err read_join(parser *p, const ar_mapping **out)
{
    return read_two(p, STEP_JOIN, "+", read_pipe, out);
}

static ar_err read_else(parser *p, const ar_mapping **out)
{
    if (++p->depth > AR_MAPPING_DEPTH_MAX)
        return ar_fail(AR_LIMIT, "character %zu: more than %d parentheses deep", p->at + 1,
                       AR_MAPPING_DEPTH_MAX);
    AR_TRY(read_two(p, STEP_ELSE, "??", read_join, out));
    p->depth--;
    return ar_ok();
}

ar_err ar_mapping_parse(ar_str text, ar_arena *arena, const ar_mapping **out_mapping)
{
    parser p = { .text = text, .arena = arena };
    const ar_mapping *m;

    if (text.len > AR_MAPPING_TEXT_MAX)
        return ar_fail(AR_LIMIT, "a column's text may have %d bytes, this one has %zu",
                       AR_MAPPING_TEXT_MAX, text.len);
    AR_TRY(read_else(&p, &m));
    if (peek(&p) != '\0' || p.at < p.text.len)
        return wrong(&p, is_name_byte(p.text.ptr[p.at])
                             ? "'|', '+', '?"
                               "?' or the end; a name with blanks or signs in backquotes: `a b`"
                             : "'|', '+', '?"
                               "?' or the end");
    *out_mapping = m;
    return ar_ok();
}

/* ---- evaluate ---- */

static const ar_node *follow(const ar_mapping *m, const ar_scope *scope)
{
    for (size_t i = 0; i < m->outs && scope != NULL; i++) scope = scope->outer;
    const ar_node *item = scope == NULL ? NULL : scope->item;
    for (size_t i = 0; i < m->n_names && item != NULL; i++) {
        int64_t index;
        if (item->kind == AR_NODE_MAP)
            item = ar_node_get(item, m->names[i]);
        else if (item->kind == AR_NODE_LIST && ar_str_int(m->names[i], &index) && index >= 0 &&
                 (size_t)index < item->n)
            item = item->items[index];
        else
            item = NULL;
    }
    return item;
}

static bool is_nothing(const ar_node *node)
{
    return node == NULL || node->kind == AR_NODE_NULL;
}

static ar_err eval_list(const ar_mapping *m, const ar_scope *scope, ar_arena *arena,
                        const ar_node **out)
{
    ar_node *list = ar_make_list(arena, m->n_parts);

    for (size_t i = 0; i < m->n_parts; i++) {
        const ar_node *part;
        AR_TRY(ar_mapping_eval(m->parts[i], scope, arena, &part));
        if (part != NULL) ar_list_add(list, part);
    }
    *out = list;
    return ar_ok();
}

static ar_err eval_join(const ar_node *left, const ar_node *right, ar_arena *arena,
                        const ar_node **out)
{
    if (is_nothing(left) || is_nothing(right)) return ar_ok();
    if (!ar_node_is_scalar(left) || !ar_node_is_scalar(right))
        return ar_fail(AR_INVALID, "%s cannot be joined with + (want texts)",
                       ar_node_kind_name(ar_node_is_scalar(left) ? right->kind : left->kind));
    *out = ar_make_text(
        arena, ar_arena_printf(arena, "%.*s%.*s", AR_FMT(left->text), AR_FMT(right->text)));
    return ar_ok();
}

ar_err ar_mapping_eval(const ar_mapping *m, const ar_scope *scope, ar_arena *arena,
                       const ar_node **out_node)
{
    const ar_node *left = NULL, *right = NULL, *out = NULL;

    switch (m->kind) {
    case STEP_CONST: out = m->value; break;
    case STEP_PATH: out = follow(m, scope); break;
    case STEP_LIST: AR_TRY(eval_list(m, scope, arena, &out)); break;
    case STEP_ELSE:
        AR_TRY(ar_mapping_eval(m->left, scope, arena, &out));
        if (is_nothing(out)) AR_TRY(ar_mapping_eval(m->right, scope, arena, &out));
        break;
    case STEP_JOIN:
        AR_TRY(ar_mapping_eval(m->left, scope, arena, &left));
        AR_TRY(ar_mapping_eval(m->right, scope, arena, &right));
        AR_TRY(eval_join(left, right, arena, &out));
        break;
    case STEP_CALL:
        AR_TRY(ar_mapping_eval(m->left, scope, arena, &left));
        if (!is_nothing(left)) {
            ar_call c = { .fn = m->fn,
                          .args = m->args,
                          .in = left,
                          .scope = scope,
                          .arena = arena,
                          .out = &out };
            AR_TRY(m->fn->run(&c));
        }
        break;
    }
    *out_node = is_nothing(out) ? NULL : out;
    return ar_ok();
}

ar_str ar_mapping_path(const ar_mapping *mapping)
{
    return mapping->kind == STEP_PATH ? mapping->path : (ar_str){ 0 };
}

/* ---- what a mapping speaks of ---- */

/* `depth`: how many items further in than the item itself a mapping inside a function begins. */
static void walk(const ar_mapping *m, size_t depth, const ar_mapping_visit *visit, void *self)
{
    if (m == NULL) return;
    if (m->kind == STEP_PATH && m->outs == depth)
        visit->field(self, m->n_names > 0 ? m->names[0] : (ar_str){ 0 });
    if (m->kind == STEP_CALL && m->fn->looks_up) visit->lookup(self, m->args.values[0]->text);
    walk(m->left, depth, visit, self);
    walk(m->right, depth, visit, self);
    walk(m->args.mapping, depth + 1, visit, self);
    for (size_t i = 0; i < m->n_parts; i++) walk(m->parts[i], depth, visit, self);
}

void ar_mapping_walk(const ar_mapping *mapping, const ar_mapping_visit *visit, void *self)
{
    walk(mapping, 0, visit, self);
}
