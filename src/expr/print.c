/* print: a tree as text in the language itself. */
#include "expr/tree.h"

/* The binding of what stands around, as in parse.c; at `tight` everything but a single word or a
 * call takes parentheses. */
enum tight { LOOSE, IN_OR, IN_AND, IN_NOT, IN_COMPARE, IN_ADD, IN_MUL, IN_SIGN };

static void print(const ar_expr *e, enum tight around, ar_buf *out);

static const struct {
    const char *sign;
    enum tight own;
} infix[] = {
    [NODE_AND] = { " AND ", IN_AND },  [NODE_OR] = { " OR ", IN_OR },
    [NODE_EQ] = { " = ", IN_COMPARE }, [NODE_NE] = { " <> ", IN_COMPARE },
    [NODE_LT] = { " < ", IN_COMPARE }, [NODE_LE] = { " <= ", IN_COMPARE },
    [NODE_GT] = { " > ", IN_COMPARE }, [NODE_GE] = { " >= ", IN_COMPARE },
    [NODE_ADD] = { " + ", IN_ADD },    [NODE_SUB] = { " - ", IN_ADD },
    [NODE_MUL] = { " * ", IN_MUL },    [NODE_DIV] = { " / ", IN_MUL },
    [NODE_MOD] = { " % ", IN_MUL },
};

static enum tight binding(const ar_expr *e)
{
    switch (e->node) {
    case NODE_AND:
    case NODE_OR:
    case NODE_EQ:
    case NODE_NE:
    case NODE_LT:
    case NODE_LE:
    case NODE_GT:
    case NODE_GE:
    case NODE_ADD:
    case NODE_SUB:
    case NODE_MUL:
    case NODE_DIV:
    case NODE_MOD: return infix[e->node].own;
    case NODE_NOT: return IN_NOT;
    case NODE_IS_NULL:
    case NODE_IN:
    case NODE_BETWEEN:
    case NODE_LIKE: return IN_COMPARE;
    case NODE_SHIFT: return IN_ADD;
    case NODE_LINK: return e->exists ? LOOSE : IN_SIGN;
    case NODE_TO_DOUBLE: return binding(e->args[0]);
    case NODE_CONST:
    case NODE_COLUMN:
    case NODE_PARAM:
    case NODE_NEG:
    case NODE_CASE:
    case NODE_COALESCE:
    case NODE_NULLIF:
    case NODE_LEAST:
    case NODE_GREATEST:
    case NODE_LOWER:
    case NODE_UPPER:
    case NODE_LENGTH:
    case NODE_ABS: return IN_SIGN;
    }
    return LOOSE;
}

static void print_const(ar_value v, ar_buf *out)
{
    switch (v.type) {
    case AR_NULL: ar_buf_addz(out, "NULL"); break;
    case AR_BOOL: ar_buf_addz(out, v.b ? "TRUE" : "FALSE"); break;
    case AR_TEXT: ar_sql_text(out, v.s); break;
    case AR_TIME:
        ar_buf_addz(out, "TIMESTAMP '");
        ar_value_print(out, v);
        ar_buf_addc(out, '\'');
        break;
    case AR_INT:
    case AR_DOUBLE: ar_value_print(out, v); break;
    }
}

static void print_list(const ar_expr *e, uint32_t from, ar_buf *out)
{
    ar_buf_addc(out, '(');
    for (uint32_t i = from; i < e->n; i++) {
        if (i > from) ar_buf_addz(out, ", ");
        print(e->args[i], LOOSE, out);
    }
    ar_buf_addc(out, ')');
}

static void print_link(const ar_expr *e, ar_buf *out)
{
    ar_buf_addz(out, e->exists ? "EXISTS " : "COUNT(");
    ar_buf_add(out, e->name);
    if (e->n > 0) {
        ar_buf_addz(out, " WHERE ");
        print(e->args[0], LOOSE, out);
    }
    if (!e->exists) ar_buf_addc(out, ')');
}

/* x IN (…), x NOT IN (…): `negated` is the NOT that stands around. */
static void print_predicate(const ar_expr *e, bool negated, ar_buf *out)
{
    const char *not = negated ? " NOT" : "";

    print(e->args[0], IN_ADD, out);
    if (e->node == NODE_IS_NULL) {
        ar_buf_addf(out, " IS%s NULL", not );
    } else if (e->node == NODE_IN) {
        ar_buf_addf(out, "%s IN ", not );
        print_list(e, 1, out);
    } else if (e->node == NODE_BETWEEN) {
        ar_buf_addf(out, "%s BETWEEN ", not );
        print(e->args[1], IN_ADD, out);
        ar_buf_addz(out, " AND ");
        print(e->args[2], IN_ADD, out);
    } else {
        ar_buf_addf(out, "%s LIKE ", not );
        print(e->args[1], IN_ADD, out);
        if (e->escape != 0) {
            ar_buf_addz(out, " ESCAPE ");
            ar_sql_text(out, (ar_str){ &e->escape, 1 });
        }
    }
}

static bool is_predicate(const ar_expr *e)
{
    return e->node == NODE_IS_NULL || e->node == NODE_IN || e->node == NODE_BETWEEN ||
           e->node == NODE_LIKE;
}

static void print_infix(const ar_expr *e, ar_buf *out)
{
    enum tight own = infix[e->node].own;

    /* + and * lean to the left, comparisons to neither side; AND and OR hold none of their own */
    print(e->args[0], own == IN_ADD || own == IN_MUL ? own : own + 1, out);
    for (uint32_t i = 1; i < e->n; i++) {
        ar_buf_addz(out, infix[e->node].sign);
        print(e->args[i], own + 1, out);
    }
}

static void print_shift(const ar_expr *e, ar_buf *out)
{
    print(e->args[0], IN_ADD, out);
    ar_buf_addz(out, e->minus ? " - INTERVAL " : " + INTERVAL ");
    print(e->args[1], IN_SIGN, out);
    ar_buf_addf(out, " %s", ar_units[e->unit].name);
}

static void print_case(const ar_expr *e, ar_buf *out)
{
    uint32_t first = e->has_operand, end = e->n - e->has_else;

    ar_buf_addz(out, "CASE");
    if (e->has_operand) {
        ar_buf_addc(out, ' ');
        print(e->args[0], LOOSE, out);
    }
    for (uint32_t i = first; i < end; i += 2) {
        ar_buf_addz(out, " WHEN ");
        print(e->args[i], LOOSE, out);
        ar_buf_addz(out, " THEN ");
        print(e->args[i + 1], LOOSE, out);
    }
    if (e->has_else) {
        ar_buf_addz(out, " ELSE ");
        print(e->args[e->n - 1], LOOSE, out);
    }
    ar_buf_addz(out, " END");
}

/* -(5) is a sign before a number, -5 is a number. */
static void print_negative(const ar_expr *e, ar_buf *out)
{
    const ar_expr *arg = e->args[0];
    bool parens = ar_is_const(arg) || arg->node == NODE_NEG || arg->node == NODE_TO_DOUBLE;

    ar_buf_addz(out, parens ? "-(" : "-");
    print(arg, parens ? LOOSE : IN_SIGN, out);
    if (parens) ar_buf_addc(out, ')');
}

static void print_function(const ar_expr *e, ar_buf *out)
{
    for (size_t i = 0; i < AR_FUNCTIONS; i++)
        if (ar_functions[i].node == e->node) ar_buf_addz(out, ar_functions[i].name);
    print_list(e, 0, out);
}

static void print_bare(const ar_expr *e, ar_buf *out)
{
    switch (e->node) {
    case NODE_CONST: print_const(e->value, out); break;
    case NODE_PARAM: ar_buf_addc(out, ':'); [[fallthrough]];
    case NODE_COLUMN: ar_buf_add(out, e->name); break;
    case NODE_LINK: print_link(e, out); break;
    case NODE_NOT:
        if (is_predicate(e->args[0])) {
            print_predicate(e->args[0], true, out);
        } else {
            ar_buf_addz(out, "NOT ");
            print(e->args[0], IN_NOT, out);
        }
        break;
    case NODE_IS_NULL:
    case NODE_IN:
    case NODE_BETWEEN:
    case NODE_LIKE: print_predicate(e, false, out); break;
    case NODE_AND:
    case NODE_OR:
    case NODE_EQ:
    case NODE_NE:
    case NODE_LT:
    case NODE_LE:
    case NODE_GT:
    case NODE_GE:
    case NODE_ADD:
    case NODE_SUB:
    case NODE_MUL:
    case NODE_DIV:
    case NODE_MOD: print_infix(e, out); break;
    case NODE_NEG: print_negative(e, out); break;
    case NODE_TO_DOUBLE: print(e->args[0], LOOSE, out); break;
    case NODE_SHIFT: print_shift(e, out); break;
    case NODE_CASE: print_case(e, out); break;
    case NODE_COALESCE:
    case NODE_NULLIF:
    case NODE_LEAST:
    case NODE_GREATEST:
    case NODE_LOWER:
    case NODE_UPPER:
    case NODE_LENGTH:
    case NODE_ABS: print_function(e, out); break;
    }
}

static void print(const ar_expr *e, enum tight around, ar_buf *out)
{
    bool parens = binding(e) < around;

    if (parens) ar_buf_addc(out, '(');
    print_bare(e, out);
    if (parens) ar_buf_addc(out, ')');
}

void ar_expr_print(const ar_expr *expr, ar_buf *out)
{
    print(expr, LOOSE, out);
}
