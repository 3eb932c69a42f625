/* bind: a tree with its parameters put in and everything constant computed. The evaluator itself
 * computes it, so a folded constant is what the row would have given. */
#include "expr/tree.h"
#include "form/utf.h"

#include <math.h>

struct binder {
    const ar_expr_param *params;
    size_t n_params;
    ar_arena *arena;
};

/* What no expression may see is NULL: the languages we print to could not write it down. */
static ar_value admit(ar_value v)
{
    bool bad =
        (v.type == AR_DOUBLE && !isfinite(v.d)) ||
        (v.type == AR_TIME && (v.i < AR_TIME_MIN || v.i > AR_TIME_MAX)) ||
        (v.type == AR_TEXT && (ar_str_find(v.s, '\0') < v.s.len || ar_utf8_valid(v.s) < v.s.len));

    return bad ? ar_null() : v;
}

static ar_err bind_param(const struct binder *b, ar_expr *e)
{
    for (size_t i = 0; i < b->n_params; i++) {
        ar_value value = b->params[i].value;

        if (!ar_str_eq(b->params[i].name, e->name)) continue;
        if (value.type == AR_INT && e->type == AR_DOUBLE) value = ar_double((double)value.i);
        if (value.type != e->type && value.type != AR_NULL)
            return ar_fail(AR_INVALID, "parameter ':%.*s' is %s, was checked as %s",
                           AR_FMT(e->name), ar_type_name(value.type), ar_type_name(e->type));
        e->node = NODE_CONST;
        e->value = ar_value_copy(b->arena, admit(value));
        return ar_ok();
    }
    return ar_fail(AR_INVALID, "parameter ':%.*s' is missing", AR_FMT(e->name));
}

/* A pattern that ends in the middle of an escape matches nothing and differs from nothing. */
static bool broken_pattern(const ar_expr *e)
{
    return e->node == NODE_LIKE && ar_is_const(e->args[1]) && !ar_is_null(e->args[1]) &&
           ar_like_broken(e->args[1]->value.s, e->escape);
}

static bool always_null(const ar_expr *e)
{
    for (uint32_t i = 0; i < e->n && ar_node_strict(e->node); i++)
        if (ar_is_null(e->args[i])) return true;
    return broken_pattern(e);
}

static bool all_constant(const ar_expr *e)
{
    for (uint32_t i = 0; i < e->n; i++)
        if (!ar_is_const(e->args[i])) return false;
    return e->n > 0 && e->node != NODE_LINK;
}

static void become(ar_expr *e, ar_value value)
{
    *e = (ar_expr){ .node = NODE_CONST,
                    .type = e->type,
                    .value = value,
                    .from = e->from,
                    .to = e->to,
                    .depth = 1 };
}

static ar_value compute(const ar_expr *e, ar_arena *arena)
{
    ar_value value;

    ar_program_row(ar_program_build(&e, 1, arena), NULL, arena, &value);
    return value;
}

static ar_err bind(const struct binder *b, const ar_expr *from, ar_expr **out)
{
    ar_expr *e = ar_make(b->arena, ar_expr);

    *e = *from;
    if (e->n > 0) e->args = ar_make_n(b->arena, ar_expr *, e->n);
    for (uint32_t i = 0; i < e->n; i++) AR_TRY(bind(b, from->args[i], &e->args[i]));
    if (e->node == NODE_PARAM) AR_TRY(bind_param(b, e));
    if (always_null(e))
        become(e, ar_null());
    else if (all_constant(e))
        become(e, compute(e, b->arena));
    *out = e;
    return ar_ok();
}

ar_err ar_expr_bind(const ar_expr *tree, const ar_expr_param *params, size_t n_params,
                    ar_arena *arena, ar_expr **out_tree)
{
    struct binder b = { .params = params, .n_params = n_params, .arena = arena };

    return bind(&b, tree, out_tree);
}
