/* print: a tree as text in the language itself. */
#include "expr/tree.h"

/* The binding of what stands around, as in parse.c; at `tight` everything but a single word or a
 * call takes parentheses. */
enum tight { LOOSE, IN_OR, IN_AND, IN_NOT, IN_COMPARE, IN_ADD, IN_MUL, IN_SIGN };

/* How a node is written, and how tightly it binds. */
typedef struct shape {
    void (*print)(const ar_expr *e, ar_buf *out);
    enum tight own;
    const char *sign; /* of what stands between its operands */
} shape;

static const shape shapes[NODE_ABS + 1]; /* by node */

static enum tight binding(const ar_expr *e)
{
    if (e->node == NODE_TO_DOUBLE) return binding(e->args[0]);
    if (e->node == NODE_LINK && e->exists) return LOOSE;
    return shapes[e->node].own;
}

static void print(const ar_expr *e, enum tight around, ar_buf *out)
{
    bool parens = binding(e) < around;

    if (parens) ar_buf_addc(out, '(');
    shapes[e->node].print(e, out);
    if (parens) ar_buf_addc(out, ')');
}

static void print_const(const ar_expr *e, ar_buf *out)
{
    ar_value v = e->value;

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

static void print_column(const ar_expr *e, ar_buf *out)
{
    ar_buf_add(out, e->name);
}

static void print_param(const ar_expr *e, ar_buf *out)
{
    ar_buf_addf(out, ":%.*s", AR_FMT(e->name));
}

/* The language has no word for it: an int is a double where one is wanted. */
static void print_to_double(const ar_expr *e, ar_buf *out)
{
    print(e->args[0], LOOSE, out);
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
static void print_test(const ar_expr *e, bool negated, ar_buf *out)
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

static void print_predicate(const ar_expr *e, ar_buf *out)
{
    print_test(e, false, out);
}

static void print_not(const ar_expr *e, ar_buf *out)
{
    if (shapes[e->args[0]->node].print == print_predicate) return print_test(e->args[0], true, out);
    ar_buf_addz(out, "NOT ");
    print(e->args[0], IN_NOT, out);
}

static void print_infix(const ar_expr *e, ar_buf *out)
{
    enum tight own = shapes[e->node].own;

    /* + and * lean to the left, comparisons to neither side; AND and OR hold none of their own */
    print(e->args[0], own == IN_ADD || own == IN_MUL ? own : own + 1, out);
    for (uint32_t i = 1; i < e->n; i++) {
        ar_buf_addz(out, shapes[e->node].sign);
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

static const shape shapes[NODE_ABS + 1] = {
    [NODE_CONST] = { print_const, IN_SIGN, NULL },
    [NODE_COLUMN] = { print_column, IN_SIGN, NULL },
    [NODE_PARAM] = { print_param, IN_SIGN, NULL },
    [NODE_LINK] = { print_link, IN_SIGN, NULL },
    [NODE_NOT] = { print_not, IN_NOT, NULL },
    [NODE_AND] = { print_infix, IN_AND, " AND " },
    [NODE_OR] = { print_infix, IN_OR, " OR " },
    [NODE_EQ] = { print_infix, IN_COMPARE, " = " },
    [NODE_NE] = { print_infix, IN_COMPARE, " <> " },
    [NODE_LT] = { print_infix, IN_COMPARE, " < " },
    [NODE_LE] = { print_infix, IN_COMPARE, " <= " },
    [NODE_GT] = { print_infix, IN_COMPARE, " > " },
    [NODE_GE] = { print_infix, IN_COMPARE, " >= " },
    [NODE_IS_NULL] = { print_predicate, IN_COMPARE, NULL },
    [NODE_IN] = { print_predicate, IN_COMPARE, NULL },
    [NODE_BETWEEN] = { print_predicate, IN_COMPARE, NULL },
    [NODE_LIKE] = { print_predicate, IN_COMPARE, NULL },
    [NODE_ADD] = { print_infix, IN_ADD, " + " },
    [NODE_SUB] = { print_infix, IN_ADD, " - " },
    [NODE_SHIFT] = { print_shift, IN_ADD, NULL },
    [NODE_MUL] = { print_infix, IN_MUL, " * " },
    [NODE_DIV] = { print_infix, IN_MUL, " / " },
    [NODE_MOD] = { print_infix, IN_MUL, " % " },
    [NODE_NEG] = { print_negative, IN_SIGN, NULL },
    [NODE_TO_DOUBLE] = { print_to_double, IN_SIGN, NULL },
    [NODE_CASE] = { print_case, IN_SIGN, NULL },
    [NODE_COALESCE] = { print_function, IN_SIGN, NULL },
    [NODE_NULLIF] = { print_function, IN_SIGN, NULL },
    [NODE_LEAST] = { print_function, IN_SIGN, NULL },
    [NODE_GREATEST] = { print_function, IN_SIGN, NULL },
    [NODE_LOWER] = { print_function, IN_SIGN, NULL },
    [NODE_UPPER] = { print_function, IN_SIGN, NULL },
    [NODE_LENGTH] = { print_function, IN_SIGN, NULL },
    [NODE_ABS] = { print_function, IN_SIGN, NULL },
};

void ar_expr_print(const ar_expr *expr, ar_buf *out)
{
    print(expr, LOOSE, out);
}
