/* check: names get their columns, nodes their types; int meets double as double. */
#include "expr/tree.h"

struct checker {
    const struct ar_origin *source;
    const ar_expr_scope *outer; /* the scope of the whole text */
    const ar_expr_scope *scope; /* the one that names are looked up in: also a linked kind's */
    const ar_expr_param *params;
    size_t n_params;
    ar_arena *arena;
};

bool ar_node_strict(enum ar_node node)
{
    switch ((int)node) {
    case NODE_NOT:
    case NODE_EQ ... NODE_GE:
    case NODE_LIKE:
    case NODE_ADD ... NODE_SHIFT:
    case NODE_LOWER ... NODE_ABS: return true;
    default: return false;
    }
}

/* ---- saying what is wrong ---- */

#define fail_at(c, e, ...) ar_origin_fail((c)->source, AR_INVALID, (e)->from, __VA_ARGS__)

/* The node as it was written: 'env' for a column, else the source. */
static const char *written(const struct checker *c, const ar_expr *e)
{
    ar_str text = ar_str_cut(c->source->text, e->from, e->to);

    if (e->node == NODE_COLUMN) return ar_arena_printf(c->arena, "'%.*s'", AR_FMT(text)).ptr;
    if (text.len <= 40) return ar_arena_cstr(c->arena, text);
    text.len = 0;
    while (text.len < 36) text.len += ar_utf8_step(c->source->text, e->from + text.len);
    return ar_arena_printf(c->arena, "%.*s…", AR_FMT(text)).ptr;
}

static ar_err want_type(const struct checker *c, const ar_expr *e, bool fits, const char *who,
                        const char *want)
{
    if (fits || e->type == AR_NULL) return ar_ok();
    return fail_at(c, e, "%s is %s, %s wants %s", written(c, e), ar_type_name(e->type), who, want);
}

static ar_str nearest_column(const struct checker *c, ar_str name, const ar_expr_scope *scope)
{
    ar_str *names = ar_make_n(c->arena, ar_str, scope->n_columns + 1);

    for (size_t i = 0; i < scope->n_columns; i++) names[i] = scope->columns[i].name;
    return ar_str_nearest(name, names, scope->n_columns);
}

const ar_expr_column *ar_expr_column_find(const ar_expr_scope *scope, ar_str name)
{
    for (size_t i = 0; i < scope->n_columns; i++)
        if (ar_str_eq(scope->columns[i].name, name)) return &scope->columns[i];
    return NULL;
}

const ar_expr_link *ar_expr_link_find(const ar_expr_scope *scope, ar_str name)
{
    for (size_t i = 0; i < scope->n_links; i++)
        if (ar_str_eq(scope->links[i].name, name)) return &scope->links[i];
    return NULL;
}

static ar_err unknown_column(const struct checker *c, const ar_expr *e)
{
    ar_str name = e->name, what = c->scope->what, near = nearest_column(c, name, c->scope);

    if (ar_expr_link_find(c->scope, name) != NULL)
        return fail_at(c, e, "'%.*s' is a link; write EXISTS %.*s WHERE … or COUNT(%.*s WHERE …)",
                       AR_FMT(name), AR_FMT(name), AR_FMT(name));
    if (c->scope != c->outer && ar_expr_column_find(c->outer, name) != NULL)
        return fail_at(c, e, "'%.*s' is a column of %.*s; here only those of %.*s are known",
                       AR_FMT(name), AR_FMT(c->outer->what), AR_FMT(what));
    if (near.len > 0)
        return fail_at(c, e, "unknown column '%.*s' of %.*s; did you mean '%.*s'?", AR_FMT(name),
                       AR_FMT(what), AR_FMT(near));
    return fail_at(c, e, "unknown column '%.*s' of %.*s; `%.*s` names them", AR_FMT(name),
                   AR_FMT(what), AR_FMT(c->scope->shown_by));
}

static ar_err unknown_param(const struct checker *c, const ar_expr *e)
{
    ar_str *names = ar_make_n(c->arena, ar_str, c->n_params + 1);

    for (size_t i = 0; i < c->n_params; i++) names[i] = c->params[i].name;

    ar_str near = ar_str_nearest(e->name, names, c->n_params);

    if (near.len > 0)
        return fail_at(c, e, "unknown parameter ':%.*s'; did you mean ':%.*s'?", AR_FMT(e->name),
                       AR_FMT(near));
    return fail_at(c, e, "unknown parameter ':%.*s'", AR_FMT(e->name));
}

static ar_err unknown_link(const struct checker *c, const ar_expr *e)
{
    ar_str *names = ar_make_n(c->arena, ar_str, c->scope->n_links + 1);
    ar_str what = c->scope->what;

    for (size_t i = 0; i < c->scope->n_links; i++) names[i] = c->scope->links[i].name;

    ar_str near = ar_str_nearest(e->name, names, c->scope->n_links);

    if (near.len > 0)
        return fail_at(c, e, "unknown link '%.*s' of %.*s; did you mean '%.*s'?", AR_FMT(e->name),
                       AR_FMT(what), AR_FMT(near));
    return fail_at(c, e, "unknown link '%.*s' of %.*s", AR_FMT(e->name), AR_FMT(what));
}

/* ---- making types meet ---- */

static void become_null(ar_expr *e, enum ar_type type)
{
    e->node = NODE_CONST;
    e->type = type;
    e->value = ar_null();
    e->args = NULL;
    e->n = 0;
    e->cap = 0;
    e->depth = 1;
}

/* `e` as `type`, which it meets: a NULL takes any type, an int becomes a double. */
static ar_expr *coerce(const struct checker *c, ar_expr *e, enum ar_type type)
{
    if (e->type == type) return e;
    if (e->type == AR_NULL) return become_null(e, type), e;
    assert(e->type == AR_INT && type == AR_DOUBLE);
    if (ar_is_null(e)) return become_null(e, type), e;
    if (ar_is_const(e)) {
        e->value = ar_double((double)e->value.i);
        e->type = AR_DOUBLE;
        return e;
    }

    ar_expr *cast = ar_make(c->arena, ar_expr);

    *cast = (ar_expr){
        .node = NODE_TO_DOUBLE, .type = AR_DOUBLE, .from = e->from, .to = e->to, .depth = 1
    };
    ar_node_add(cast, c->arena, e);
    return cast;
}

/* The type in which the arguments from, from + step, … meet. AR_NULL when none has one. */
static ar_err common_type(const struct checker *c, const ar_expr *e, uint32_t from, uint32_t step,
                          enum ar_type *type)
{
    const ar_expr *first = NULL;

    for (uint32_t i = from; i < e->n; i += step) {
        const ar_expr *arg = e->args[i];

        if (arg->type == AR_NULL || arg->type == *type) continue;
        if (*type == AR_NULL)
            *type = arg->type, first = arg;
        else if (*type == AR_INT && arg->type == AR_DOUBLE)
            *type = AR_DOUBLE, first = arg;
        else if (*type == AR_DOUBLE && arg->type == AR_INT)
            continue;
        else if (first == NULL)
            return fail_at(c, arg, "%s is %s, the others are %s", written(c, arg),
                           ar_type_name(arg->type), ar_type_name(*type));
        else
            return fail_at(c, arg, "%s is %s, %s is %s", written(c, first),
                           ar_type_name(first->type), written(c, arg), ar_type_name(arg->type));
    }
    return ar_ok();
}

static void coerce_all(const struct checker *c, ar_expr *e, uint32_t from, uint32_t step,
                       enum ar_type type)
{
    for (uint32_t i = from; i < e->n; i += step) e->args[i] = coerce(c, e->args[i], type);
}

static ar_err meet(const struct checker *c, ar_expr *e, enum ar_type *type)
{
    *type = AR_NULL;
    AR_TRY(common_type(c, e, 0, 1, type));
    coerce_all(c, e, 0, 1, *type);
    return ar_ok();
}

/* ---- nodes ---- */

static ar_err check(const struct checker *c, ar_expr *e);

static ar_err check_param(const struct checker *c, ar_expr *e)
{
    for (size_t i = 0; i < c->n_params; i++)
        if (ar_str_eq(c->params[i].name, e->name)) {
            e->type = c->params[i].value.type;
            return ar_ok();
        }
    return unknown_param(c, e);
}

static ar_err check_column(const struct checker *c, ar_expr *e)
{
    const ar_expr_column *column = ar_expr_column_find(c->scope, e->name);

    if (column == NULL) return unknown_column(c, e);
    e->type = column->type;
    return ar_ok();
}

static ar_err check_link(const struct checker *c, ar_expr *e)
{
    e->type = e->exists ? AR_BOOL : AR_INT;
    e->link = ar_expr_link_find(c->scope, e->name);
    if (e->link == NULL) return unknown_link(c, e);
    if (e->n == 0) return ar_ok();

    struct checker inner = *c;

    inner.scope = e->link->target;
    AR_TRY(check(&inner, e->args[0]));
    AR_TRY(want_type(&inner, e->args[0], e->args[0]->type == AR_BOOL, "WHERE", "a bool"));
    e->args[0] = coerce(c, e->args[0], AR_BOOL);
    return ar_ok();
}

static ar_err check_bools(const struct checker *c, ar_expr *e)
{
    const char *who = e->node == NODE_NOT ? "NOT" : e->node == NODE_AND ? "AND" : "OR";

    for (uint32_t i = 0; i < e->n; i++) {
        AR_TRY(want_type(c, e->args[i], e->args[i]->type == AR_BOOL, who, "a bool"));
        e->args[i] = coerce(c, e->args[i], AR_BOOL);
    }
    e->type = AR_BOOL;
    return ar_ok();
}

static ar_err check_compare(const struct checker *c, ar_expr *e)
{
    enum ar_type type;

    e->type = AR_BOOL;
    return meet(c, e, &type);
}

static ar_err check_like(const struct checker *c, ar_expr *e)
{
    for (uint32_t i = 0; i < 2; i++)
        AR_TRY(want_type(c, e->args[i], e->args[i]->type == AR_TEXT, "LIKE", "a text"));
    if (ar_is_const(e->args[1]) && !ar_is_null(e->args[1]) &&
        ar_like_broken(e->args[1]->value.s, e->escape))
        return fail_at(c, e->args[1], "the pattern ends with its escape character");
    e->type = AR_BOOL;
    return ar_ok();
}

static ar_err check_arithmetic(const struct checker *c, ar_expr *e)
{
    static const char signs[] = { '+', '-', '*', '/', '%', '-' };
    char who[] = { signs[e->node - NODE_ADD], '\0' };

    if (e->node == NODE_SUB && e->args[0]->type == AR_TIME && e->args[1]->type == AR_TIME)
        return fail_at(c, e,
                       "times are not subtracted; compare them, as in a < b - INTERVAL 7 DAY");
    for (uint32_t i = 0; i < e->n; i++) {
        enum ar_type type = e->args[i]->type;

        if (e->node == NODE_MOD)
            AR_TRY(want_type(c, e->args[i], type == AR_INT, who, "ints"));
        else if (type == AR_TIME)
            AR_TRY(want_type(c, e->args[i], false, who, "numbers, or an INTERVAL behind it"));
        else
            AR_TRY(want_type(c, e->args[i], type == AR_INT || type == AR_DOUBLE, who, "numbers"));
    }
    if (e->node != NODE_DIV) return meet(c, e, &e->type);
    e->type = AR_DOUBLE;
    coerce_all(c, e, 0, 1, AR_DOUBLE);
    return ar_ok();
}

static ar_err check_shift(const struct checker *c, ar_expr *e)
{
    AR_TRY(want_type(c, e->args[0], e->args[0]->type == AR_TIME,
                     e->minus ? "- INTERVAL" : "+ INTERVAL", "a time"));
    AR_TRY(want_type(c, e->args[1], e->args[1]->type == AR_INT, "INTERVAL", "an int"));
    e->type = AR_TIME;
    return ar_ok();
}

static ar_err check_case(const struct checker *c, ar_expr *e)
{
    uint32_t first = e->has_operand, pairs = e->n - first - e->has_else;
    enum ar_type tested = e->has_operand ? e->args[0]->type : AR_BOOL;

    /* operand and WHENs meet; each is seen once, in the order written */
    for (uint32_t i = first; i < first + pairs; i += 2)
        if (e->has_operand && tested == AR_NULL) tested = e->args[i]->type;
    for (uint32_t i = first; i < first + pairs; i += 2) {
        enum ar_type type = e->args[i]->type;

        if (e->has_operand && tested == AR_INT && type == AR_DOUBLE)
            tested = AR_DOUBLE;
        else if (!(tested == AR_DOUBLE && type == AR_INT && e->has_operand))
            AR_TRY(want_type(c, e->args[i], type == tested, "WHEN", ar_type_name(tested)));
    }
    for (uint32_t i = first; i < first + pairs; i += 2) e->args[i] = coerce(c, e->args[i], tested);
    if (e->has_operand) e->args[0] = coerce(c, e->args[0], tested);

    ar_expr results = { .from = e->from, .to = e->to };

    for (uint32_t i = first + 1; i < first + pairs; i += 2)
        ar_node_add(&results, c->arena, e->args[i]);
    if (e->has_else) ar_node_add(&results, c->arena, e->args[e->n - 1]);
    AR_TRY(meet(c, &results, &e->type));
    for (uint32_t i = 0; i < pairs / 2; i++) e->args[first + 2 * i + 1] = results.args[i];
    if (e->has_else) e->args[e->n - 1] = results.args[results.n - 1];
    return ar_ok();
}

static ar_err check_text_function(const struct checker *c, ar_expr *e)
{
    const char *who = e->node == NODE_LENGTH ? "length" : e->node == NODE_LOWER ? "lower" : "upper";

    e->type = e->node == NODE_LENGTH ? AR_INT : AR_TEXT;
    return want_type(c, e->args[0], e->args[0]->type == AR_TEXT, who, "a text");
}

static ar_err check_abs(const struct checker *c, ar_expr *e)
{
    enum ar_type type = e->args[0]->type;

    e->type = type;
    return want_type(c, e->args[0], type == AR_INT || type == AR_DOUBLE, "abs", "a number");
}

static ar_err check_node(const struct checker *c, ar_expr *e)
{
    switch (e->node) {
    case NODE_CONST: e->type = e->value.type; return ar_ok();
    case NODE_COLUMN: return check_column(c, e);
    case NODE_PARAM: return check_param(c, e);
    case NODE_LINK: return check_link(c, e);
    case NODE_NOT:
    case NODE_AND:
    case NODE_OR: return check_bools(c, e);
    case NODE_IS_NULL: e->type = AR_BOOL; return ar_ok();
    case NODE_EQ:
    case NODE_NE:
    case NODE_LT:
    case NODE_LE:
    case NODE_GT:
    case NODE_GE:
    case NODE_IN:
    case NODE_BETWEEN: return check_compare(c, e);
    case NODE_LIKE: return check_like(c, e);
    case NODE_ADD:
    case NODE_SUB:
    case NODE_MUL:
    case NODE_DIV:
    case NODE_MOD:
    case NODE_NEG: return check_arithmetic(c, e);
    case NODE_TO_DOUBLE: return ar_ok();
    case NODE_SHIFT: return check_shift(c, e);
    case NODE_CASE: return check_case(c, e);
    case NODE_COALESCE:
    case NODE_NULLIF:
    case NODE_LEAST:
    case NODE_GREATEST: return meet(c, e, &e->type);
    case NODE_LOWER:
    case NODE_UPPER:
    case NODE_LENGTH: return check_text_function(c, e);
    case NODE_ABS: return check_abs(c, e);
    }
    return ar_ok();
}

static ar_err check(const struct checker *c, ar_expr *e)
{
    bool null = false;

    for (uint32_t i = 0; i < e->n && e->node != NODE_LINK; i++) {
        AR_TRY(check(c, e->args[i]));
        null = null || ar_is_null(e->args[i]) || e->args[i]->type == AR_NULL;
    }
    AR_TRY(check_node(c, e));

    /* What is NULL whatever the row is NULL here, so that no untyped value goes further. */
    bool untyped = e->type == AR_NULL || (e->node == NODE_IN && ar_is_null(e->args[0]));

    if ((null && ar_node_strict(e->node)) || untyped) become_null(e, e->type);
    return ar_ok();
}

ar_err ar_expr_check(const struct ar_origin *source, const ar_expr_scope *scope,
                     const ar_expr_param *params, size_t n_params, ar_arena *arena, ar_expr *tree)
{
    struct checker c = { .source = source,
                         .outer = scope,
                         .scope = scope,
                         .params = params,
                         .n_params = n_params,
                         .arena = arena };

    return check(&c, tree);
}
