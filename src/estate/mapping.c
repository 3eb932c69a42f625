#include "estate/mapping.h"

#include "form/json.h"

#include <strings.h>

enum step_kind { STEP_CONST, STEP_PATH, STEP_ELSE, STEP_JOIN, STEP_CALL };

typedef struct function function;

struct ar_mapping {
    enum step_kind kind;
    const ar_node *value; /* CONST */
    ar_str *names;        /* PATH */
    size_t n_names;
    ar_str path; /* PATH, as written, when it needs no quotes */
    const ar_mapping *left, *right;
    const function *fn; /* CALL, of left */
    const ar_node **args;
    size_t n_args;
};

typedef struct call {
    const ar_mapping *self;
    const ar_node *in; /* never NULL or a null */
    ar_arena *arena;
    const ar_node **out;
} call;

struct function {
    const char *name;
    size_t args_min, args_max;
    ar_err (*run)(const call *c);
};

/* ---- nodes ---- */

static ar_node *make_node(ar_arena *arena, enum ar_node_kind kind)
{
    ar_node *node = ar_make(arena, ar_node);

    node->kind = kind;
    return node;
}

static const ar_node *make_text(ar_arena *arena, ar_str text)
{
    ar_node *node = make_node(arena, AR_NODE_TEXT);

    node->text = text;
    return node;
}

static const ar_node *make_int(ar_arena *arena, int64_t i)
{
    ar_node *node = make_node(arena, AR_NODE_INT);

    node->i = i;
    node->text = ar_arena_printf(arena, "%lld", (long long)i);
    return node;
}

static const ar_node *make_bool(ar_arena *arena, bool b)
{
    ar_node *node = make_node(arena, AR_NODE_BOOL);

    node->b = b;
    node->text = b ? AR_LIT("true") : AR_LIT("false");
    return node;
}

static const ar_node *make_time(ar_arena *arena, ar_time time)
{
    char text[AR_TIME_LEN];

    return make_text(arena, ar_arena_copy(arena, ar_str_of(ar_time_print(time, text))));
}

static bool is_scalar(const ar_node *node)
{
    return node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP;
}

/* ---- functions ---- */

static ar_err cannot(const call *c, const char *want)
{
    if (is_scalar(c->in))
        return ar_fail(
            AR_INVALID, "'%.*s' cannot be given to %s (want %s)",
            AR_FMT(ar_str_cut(c->in->text, 0, c->in->text.len < 80 ? c->in->text.len : 80)),
            c->self->fn->name, want);
    return ar_fail(AR_INVALID, "%s cannot be given to %s (want %s)", ar_node_kind_name(c->in->kind),
                   c->self->fn->name, want);
}

static ar_err run_count(const call *c)
{
    if (is_scalar(c->in)) return cannot(c, "a list or a map");
    *c->out = make_int(c->arena, (int64_t)c->in->n);
    return ar_ok();
}

static ar_err change_case(const call *c, char from, char to)
{
    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text");
    ar_str text = ar_arena_copy(c->arena, c->in->text);
    char *bytes = (char *)(uintptr_t)text.ptr; /* our own copy */
    for (size_t i = 0; i < text.len; i++)
        if (bytes[i] >= from && bytes[i] < from + 26) bytes[i] = (char)(bytes[i] - from + to);
    *c->out = make_text(c->arena, text);
    return ar_ok();
}

static ar_err run_lower(const call *c)
{
    return change_case(c, 'A', 'a');
}

static ar_err run_upper(const call *c)
{
    return change_case(c, 'a', 'A');
}

static ar_err run_trim(const call *c)
{
    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text");
    *c->out = make_text(c->arena, ar_str_trim(c->in->text));
    return ar_ok();
}

static ar_err run_text(const call *c)
{
    ar_auto(ar_buf) json = { 0 };

    if (is_scalar(c->in)) {
        *c->out = make_text(c->arena, c->in->text);
        return ar_ok();
    }
    ar_json_node(&json, c->in);
    *c->out = make_text(c->arena, ar_arena_copy(c->arena, ar_buf_str(&json)));
    return ar_ok();
}

static ar_err run_int(const call *c)
{
    int64_t i;

    if (c->in->kind == AR_NODE_TEXT && ar_str_trim(c->in->text).len == 0) return ar_ok();
    if (!is_scalar(c->in) || !ar_str_int(ar_str_trim(c->in->text), &i))
        return cannot(c, "a whole number");
    *c->out = make_int(c->arena, i);
    return ar_ok();
}

static ar_err run_bool(const call *c)
{
    static const char *const yes[] = { "true", "yes", "1", "on", "y", "t", "enabled" };
    static const char *const no[] = { "false", "no", "0", "off", "n", "f", "disabled" };

    if (!is_scalar(c->in)) return cannot(c, "true or false");
    ar_str text = ar_str_trim(c->in->text);
    if (text.len == 0) return ar_ok();
    for (size_t i = 0; i < AR_COUNT(yes); i++) {
        bool is_yes = strlen(yes[i]) == text.len && strncasecmp(yes[i], text.ptr, text.len) == 0;
        bool is_no = strlen(no[i]) == text.len && strncasecmp(no[i], text.ptr, text.len) == 0;
        if (is_yes || is_no) {
            *c->out = make_bool(c->arena, is_yes);
            return ar_ok();
        }
    }
    return cannot(c, "true, yes, on, 1, enabled or their opposites");
}

static ar_err run_not(const call *c)
{
    if (c->in->kind != AR_NODE_BOOL) return cannot(c, "true or false");
    *c->out = make_bool(c->arena, !c->in->b);
    return ar_ok();
}

static ar_err run_time(const call *c)
{
    ar_time time;

    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a time as RFC 3339");
    if (ar_str_trim(c->in->text).len == 0) return ar_ok();
    if (ar_time_parse(ar_str_trim(c->in->text), &time).code != AR_OK)
        return cannot(c, "a time as RFC 3339");
    *c->out = make_time(c->arena, time);
    return ar_ok();
}

/* A number of `unit` microseconds since 1970; out of what we print it is nothing. */
static ar_err since_epoch(const call *c, ar_str number, int64_t unit)
{
    int64_t n;

    if (!ar_str_int(number, &n)) return cannot(c, "a whole number");
    if (n < AR_TIME_MIN / unit || n > AR_TIME_MAX / unit) return ar_ok();
    *c->out = make_time(c->arena, n * unit);
    return ar_ok();
}

static ar_err run_epoch_s(const call *c)
{
    if (!is_scalar(c->in)) return cannot(c, "a whole number");
    return since_epoch(c, c->in->text, AR_SECOND);
}

static ar_err run_epoch_ms(const call *c)
{
    if (!is_scalar(c->in)) return cannot(c, "a whole number");
    return since_epoch(c, c->in->text, AR_SECOND / 1000);
}

/* "/Date(1700000000000)/", as .NET's older serializers write it; an offset behind the number only
 * says where the clock hung. */
static ar_err run_date_ms(const call *c)
{
    ar_str text = c->in->text;
    ar_str head = AR_LIT("/Date("), tail = AR_LIT(")/");

    if (c->in->kind != AR_NODE_TEXT || !ar_str_starts(text, head) || !ar_str_ends(text, tail) ||
        text.len <= head.len + tail.len)
        return cannot(c, "/Date(milliseconds)/");
    ar_str number = ar_str_cut(text, head.len, text.len - tail.len);
    for (size_t i = 1; i < number.len; i++)
        if (number.ptr[i] == '+' || number.ptr[i] == '-') number.len = i;
    return since_epoch(c, number, AR_SECOND / 1000);
}

static ar_err run_json(const call *c)
{
    ar_node *root;

    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text that holds JSON");
    if (ar_str_trim(c->in->text).len == 0) return ar_ok();
    AR_TRY(ar_json_parse(AR_LIT("the text given to json"), c->in->text, NULL, c->arena, &root));
    *c->out = root;
    return ar_ok();
}

static bool same_scalar(const ar_node *a, const ar_node *b)
{
    return is_scalar(a) && is_scalar(b) && ar_str_eq(a->text, b->text);
}

static ar_err run_null_if(const call *c)
{
    *c->out = c->in;
    for (size_t i = 0; i < c->self->n_args; i++)
        if (same_scalar(c->in, c->self->args[i])) *c->out = NULL;
    return ar_ok();
}

/* Pairs of arguments: from, to. What is not named is nothing. */
static ar_err run_map(const call *c)
{
    for (size_t i = 0; i + 1 < c->self->n_args; i += 2) {
        if (!same_scalar(c->in, c->self->args[i])) continue;
        *c->out = c->self->args[i + 1];
        return ar_ok();
    }
    return ar_ok();
}

static ar_err run_has(const call *c)
{
    bool found = false;

    if (c->in->kind == AR_NODE_MAP) {
        found = ar_node_get(c->in, c->self->args[0]->text) != NULL;
    } else if (c->in->kind == AR_NODE_LIST) {
        for (size_t i = 0; i < c->in->n; i++)
            found = found || same_scalar(c->in->items[i], c->self->args[0]);
    } else {
        found = ar_str_contains(c->in->text, c->self->args[0]->text);
    }
    *c->out = make_bool(c->arena, found);
    return ar_ok();
}

static ar_err run_is(const call *c)
{
    *c->out = make_bool(c->arena, same_scalar(c->in, c->self->args[0]));
    return ar_ok();
}

static ar_err run_get(const call *c)
{
    *c->out = ar_node_at(c->in, c->self->args[0]->text);
    return ar_ok();
}

/* The same path of every item of a list, without those that lack it. */
static ar_err run_each(const call *c)
{
    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    ar_node *list = make_node(c->arena, AR_NODE_LIST);
    list->items = ar_make_n(c->arena, ar_node *, c->in->n);
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_node *part = ar_node_at(c->in->items[i], c->self->args[0]->text);
        if (part == NULL || part->kind == AR_NODE_NULL) continue;
        list->items[list->n++] = (ar_node *)(uintptr_t)part; /* read only from here on */
    }
    *c->out = list;
    return ar_ok();
}

static ar_err run_join(const call *c)
{
    ar_auto(ar_buf) text = { 0 };

    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    for (size_t i = 0; i < c->in->n; i++) {
        if (!is_scalar(c->in->items[i])) return cannot(c, "a list of texts");
        if (i > 0) ar_buf_add(&text, c->self->args[0]->text);
        ar_buf_add(&text, c->in->items[i]->text);
    }
    *c->out = make_text(c->arena, ar_arena_copy(c->arena, ar_buf_str(&text)));
    return ar_ok();
}

static const function functions[] = {
    { "count", 0, 0, run_count },
    { "lower", 0, 0, run_lower },
    { "upper", 0, 0, run_upper },
    { "trim", 0, 0, run_trim },
    { "text", 0, 0, run_text },
    { "int", 0, 0, run_int },
    { "bool", 0, 0, run_bool },
    { "not", 0, 0, run_not },
    { "time", 0, 0, run_time },
    { "epoch_s", 0, 0, run_epoch_s },
    { "epoch_ms", 0, 0, run_epoch_ms },
    { "date_ms", 0, 0, run_date_ms },
    { "json", 0, 0, run_json },
    { "null_if", 1, 32, run_null_if },
    { "map", 2, 128, run_map },
    { "has", 1, 1, run_has },
    { "is", 1, 1, run_is },
    { "get", 1, 1, run_get },
    { "each", 1, 1, run_each },
    { "join", 1, 1, run_join },
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
        return ar_fail(AR_INVALID, "column %zu: it ends too early (want %s)", p->at + 1, want);
    return ar_fail(AR_INVALID, "column %zu: '%c' is not expected here (want %s)", p->at + 1,
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
        *out_node = make_text(p->arena, text);
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
            *out_node = make_int(p->arena, i);
            return ar_ok();
        }
        if (ar_str_double(text, &d)) {
            ar_node *node = make_node(p->arena, AR_NODE_DOUBLE);
            node->d = d;
            node->text = text;
            *out_node = node;
            return ar_ok();
        }
    }
    if (ar_str_eq(text, AR_LIT("true")) || ar_str_eq(text, AR_LIT("false")))
        *out_node = make_bool(p->arena, text.len == 4);
    else if (ar_str_eq(text, AR_LIT("null")))
        *out_node = make_node(p->arena, AR_NODE_NULL);
    else
        p->at = from;
    return ar_ok();
}

static ar_err read_path(parser *p, ar_mapping *m)
{
    size_t from = p->at, cap = 0;
    bool quoted = false;

    m->kind = STEP_PATH;
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
    if (!quoted) m->path = ar_str_cut(p->text, from, p->at);
    return ar_ok();
}

static ar_err read_else(parser *p, const ar_mapping **out);

static ar_err read_term(parser *p, const ar_mapping **out)
{
    ar_mapping *m = ar_make(p->arena, ar_mapping);

    *out = m;
    if (take(p, "(")) {
        AR_TRY(read_else(p, out));
        return take(p, ")") ? ar_ok() : wrong(p, "')'");
    }
    m->kind = STEP_CONST;
    AR_TRY(read_constant(p, &m->value));
    return m->value != NULL ? ar_ok() : read_path(p, m);
}

static ar_err read_args(parser *p, ar_mapping *m)
{
    size_t cap = 0;

    if (!take(p, "(")) return ar_ok();
    do {
        const ar_node *value;
        AR_TRY(read_constant(p, &value));
        if (value == NULL) { /* a bare word is a text: map(eligible: true) */
            ar_str word = read_word(p);
            if (word.len == 0) return wrong(p, "a text, a number, true, false or null");
            value = make_text(p->arena, word);
        }
        ar_grow(p->arena, m->args, m->n_args, cap);
        m->args[m->n_args++] = value;
    } while (take(p, m->fn->run == run_map && m->n_args % 2 == 1 ? ":" : ","));
    return take(p, ")") ? ar_ok() : wrong(p, "',' or ')'");
}

static ar_err read_call(parser *p, const ar_mapping *of, const ar_mapping **out)
{
    ar_mapping *m = ar_make(p->arena, ar_mapping);
    ar_str names[AR_COUNT(functions)];

    skip_blanks(p);
    size_t from = p->at;
    ar_str name = read_word(p);
    m->kind = STEP_CALL;
    m->left = of;
    for (size_t i = 0; i < AR_COUNT(functions); i++) {
        names[i] = ar_str_of(functions[i].name);
        if (ar_str_eq(name, names[i])) m->fn = &functions[i];
    }
    if (m->fn == NULL) {
        ar_str near = ar_str_nearest(name, names, AR_COUNT(names));
        return ar_fail(AR_INVALID, "column %zu: no function is named '%.*s'%s%.*s%s", from + 1,
                       AR_FMT(name), near.len > 0 ? "; '" : "", AR_FMT(near),
                       near.len > 0 ? "' is" : "");
    }
    AR_TRY(read_args(p, m));
    if (m->n_args < m->fn->args_min || m->n_args > m->fn->args_max ||
        (m->fn->run == run_map && m->n_args % 2 != 0))
        return ar_fail(AR_INVALID, "column %zu: %s has %zu arguments (want %zu%s)", from + 1,
                       m->fn->name, m->n_args, m->fn->args_min,
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
        return ar_fail(AR_LIMIT, "column %zu: more than %d parentheses deep", p->at + 1,
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
        return wrong(&p, "'|', '+', '?"
                         "?' or the end");
    *out_mapping = m;
    return ar_ok();
}

/* ---- evaluate ---- */

static const ar_node *follow(const ar_mapping *m, const ar_node *item)
{
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

static ar_err eval_join(const ar_node *left, const ar_node *right, ar_arena *arena,
                        const ar_node **out)
{
    if (is_nothing(left) || is_nothing(right)) return ar_ok();
    if (!is_scalar(left) || !is_scalar(right))
        return ar_fail(AR_INVALID, "%s cannot be joined with + (want texts)",
                       ar_node_kind_name(is_scalar(left) ? right->kind : left->kind));
    *out = make_text(arena,
                     ar_arena_printf(arena, "%.*s%.*s", AR_FMT(left->text), AR_FMT(right->text)));
    return ar_ok();
}

ar_err ar_mapping_eval(const ar_mapping *m, const ar_node *item, ar_arena *arena,
                       const ar_node **out_node)
{
    const ar_node *left = NULL, *right = NULL, *out = NULL;

    switch (m->kind) {
    case STEP_CONST: out = m->value; break;
    case STEP_PATH: out = follow(m, item); break;
    case STEP_ELSE:
        AR_TRY(ar_mapping_eval(m->left, item, arena, &out));
        if (is_nothing(out)) AR_TRY(ar_mapping_eval(m->right, item, arena, &out));
        break;
    case STEP_JOIN:
        AR_TRY(ar_mapping_eval(m->left, item, arena, &left));
        AR_TRY(ar_mapping_eval(m->right, item, arena, &right));
        AR_TRY(eval_join(left, right, arena, &out));
        break;
    case STEP_CALL:
        AR_TRY(ar_mapping_eval(m->left, item, arena, &left));
        if (!is_nothing(left)) {
            call c = { .self = m, .in = left, .arena = arena, .out = &out };
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
