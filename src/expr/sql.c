/* sql: a tree as SQL that agrees with the evaluator on every row, for each dialect.
 *
 * SQL raises errors, or answers infinity, where the language says NULL; guards stand around those
 * places. A guard names its operand twice, which would double the text at every level: an operand
 * that is long is bound to a name first (see `let`). */
#include "expr/tree.h"

struct printer {
    enum ar_dialect dialect; /* AR_SQL_SHOWN is AR_SQL_DUCKDB, and shown */
    bool shown;
    ar_str alias; /* of the table whose columns are meant; empty: none */
    ar_arena *arena;
    uint32_t names; /* made by let */
};

static void print(struct printer *p, const ar_expr *e, ar_buf *out);

/* ---- an operand that is named more than once ---- */

enum { LET_SHORT = 120 }; /* bytes that are cheaper to repeat than to bind */

struct let {
    ar_str name; /* what stands for the value in between _open and _close */
    ar_str value;
    bool bound;
};

/* DuckDB: list_transform([value], lambda x: …)[1]; a subquery would become a join there, which what
 * is shown can bear.
 * PostgreSQL: (SELECT … FROM (SELECT value AS x OFFSET 0) AS x_); OFFSET keeps the planner from
 * putting the value back in. */
static bool by_lambda(const struct printer *p)
{
    return p->dialect == AR_SQL_DUCKDB && !p->shown;
}

static struct let let_bind(struct printer *p, ar_str value, ar_buf *out)
{
    struct let let = { .value = value, .bound = true };

    let.name = ar_arena_printf(p->arena, "x%u", p->names++);
    if (by_lambda(p))
        ar_buf_addf(out, "list_transform([%.*s], lambda %.*s: ", AR_FMT(value), AR_FMT(let.name));
    else
        ar_buf_addz(out, "(SELECT ");
    return let;
}

static struct let let_open(struct printer *p, ar_str value, ar_buf *out)
{
    if (value.len > LET_SHORT) return let_bind(p, value, out);
    return (struct let){ .name = value, .value = value };
}

static void let_close(struct printer *p, const struct let *let, ar_buf *out)
{
    if (!let->bound) return;
    if (by_lambda(p))
        ar_buf_addz(out, ")[1]");
    else
        ar_buf_addf(out, " FROM (SELECT %.*s AS %.*s%s) AS %.*s_)", AR_FMT(let->value),
                    AR_FMT(let->name), p->shown ? "" : " OFFSET 0", AR_FMT(let->name));
}

/* Like every text made here it has a NUL behind it, for "%s": AR_FMT would make it twice. */
static ar_str printed(struct printer *p, const ar_expr *e)
{
    ar_auto(ar_buf) text = { 0 };

    print(p, e, &text);
    return ar_arena_copy(p->arena, ar_buf_str(&text));
}

/* ---- constants and columns ---- */

static ar_str time_text(struct printer *p, ar_time time)
{
    char text[AR_TIME_LEN];
    size_t len = strlen(ar_time_print(time, text));

    text[10] = ' ';
    return ar_arena_printf(p->arena, "TIMESTAMP '%.*s'", (int)len - 1, text);
}

static const char *type_name(enum ar_type type)
{
    switch (type) {
    case AR_BOOL: return "BOOLEAN";
    case AR_NULL:
    case AR_INT: return "BIGINT";
    case AR_DOUBLE: return "DOUBLE PRECISION";
    case AR_TEXT: return "VARCHAR";
    case AR_TIME: return "TIMESTAMP";
    }
    return "";
}

static void print_const(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_value v = e->value;

    switch (v.type) {
    case AR_NULL: ar_buf_addf(out, "CAST(NULL AS %s)", type_name(e->type)); break;
    case AR_BOOL: ar_buf_addz(out, v.b ? "TRUE" : "FALSE"); break;
    case AR_INT: ar_buf_addf(out, "CAST(%lld AS BIGINT)", (long long)v.i); break;
    case AR_DOUBLE:
        ar_buf_addz(out, "CAST('");
        ar_value_print(out, v);
        ar_buf_addz(out, "' AS DOUBLE PRECISION)");
        break;
    case AR_TEXT:
        /* a bare literal has no type of its own in PostgreSQL */
        if (p->dialect == AR_SQL_POSTGRES) ar_buf_addz(out, "CAST(");
        ar_sql_text(out, v.s);
        if (p->dialect == AR_SQL_POSTGRES) ar_buf_addz(out, " AS VARCHAR)");
        break;
    case AR_TIME: ar_buf_add(out, time_text(p, v.i)); break;
    }
}

/* Where the other side of a comparison has a type, a literal needs none. */
static void print_compared(struct printer *p, const ar_expr *e, ar_buf *out)
{
    if (ar_is_const(e) && e->value.type == AR_INT)
        ar_buf_addf(out, "%lld", (long long)e->value.i);
    else if (ar_is_const(e) && e->value.type == AR_TEXT)
        ar_sql_text(out, e->value.s);
    else
        print(p, e, out);
}

static ar_str column_text(struct printer *p, ar_str alias, ar_str name)
{
    ar_auto(ar_buf) text = { 0 };

    if (alias.len > 0) {
        ar_sql_name(&text, alias);
        ar_buf_addc(&text, '.');
    }
    ar_sql_name(&text, name);
    return ar_arena_copy(p->arena, ar_buf_str(&text));
}

static void print_within(struct printer *p, ar_str value, ar_time least, ar_time most,
                         const char *then, ar_str shifted, ar_buf *out)
{
    ar_buf_addf(out, "CASE WHEN %.*s BETWEEN %s AND %s THEN %.*s%s END", AR_FMT(value),
                time_text(p, least).ptr, time_text(p, most).ptr, AR_FMT(shifted), then);
}

static void print_column(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_str name = column_text(p, p->alias, e->name);

    if (e->type == AR_TIME)
        print_within(p, name, AR_TIME_MIN, AR_TIME_MAX, "", name, out);
    else if (e->type != AR_DOUBLE)
        ar_buf_add(out, name);
    else if (p->dialect == AR_SQL_DUCKDB)
        ar_buf_addf(out, "CASE WHEN isfinite(%.*s) THEN %.*s END", AR_FMT(name), AR_FMT(name));
    else /* NaN is above all there */
        ar_buf_addf(out,
                    "CASE WHEN %.*s > CAST('-Infinity' AS DOUBLE PRECISION) AND "
                    "%.*s < CAST('Infinity' AS DOUBLE PRECISION) THEN %.*s END",
                    AR_FMT(name), AR_FMT(name), AR_FMT(name));
}

/* ---- links ---- */

static void print_link(struct printer *p, const ar_expr *e, ar_buf *out)
{
    const ar_expr_link *link = e->link;
    ar_str outer = p->alias, inner = ar_arena_printf(p->arena, "%.*s_link", AR_FMT(outer));

    assert(outer.len > 0);
    ar_buf_addz(out, e->exists ? "EXISTS (SELECT 1 FROM " : "(SELECT count(*) FROM ");
    ar_sql_name(out, link->table);
    ar_buf_addz(out, " AS ");
    ar_sql_name(out, inner);
    ar_buf_addz(out, " WHERE ");
    for (size_t i = 0; i < link->n; i++)
        ar_buf_addf(out, "%s%s = %s", i > 0 ? " AND " : "",
                    column_text(p, inner, link->theirs[i]).ptr,
                    column_text(p, outer, link->ours[i]).ptr);
    if (e->n > 0) {
        ar_buf_addz(out, " AND ");
        p->alias = inner;
        print(p, e->args[0], out);
        p->alias = outer;
    }
    ar_buf_addc(out, ')');
}

/* ---- truth ---- */

static void print_joined(struct printer *p, const ar_expr *e, const char *sign, ar_buf *out)
{
    for (uint32_t i = 0; i < e->n; i++) {
        if (i > 0) ar_buf_addz(out, sign);
        print(p, e->args[i], out);
    }
}

/* Order by bytes; equality is by bytes in every collation that is not told otherwise. */
static void print_bytewise(struct printer *p, const ar_expr *e, ar_buf *out)
{
    print(p, e, out);
    if (e->type == AR_TEXT && p->dialect == AR_SQL_POSTGRES) ar_buf_addz(out, " COLLATE \"C\"");
}

static void print_compare(struct printer *p, const ar_expr *e, ar_buf *out)
{
    static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };

    if (e->node == NODE_EQ || e->node == NODE_NE)
        print_compared(p, e->args[0], out);
    else
        print_bytewise(p, e->args[0], out);
    ar_buf_addz(out, signs[e->node - NODE_EQ]);
    print_compared(p, e->args[1], out);
}

static void print_in(struct printer *p, const ar_expr *e, ar_buf *out)
{
    print(p, e->args[0], out);
    for (uint32_t i = 1; i < e->n; i++) {
        ar_buf_addz(out, i == 1 ? " IN (" : ", ");
        print_compared(p, e->args[i], out);
    }
    ar_buf_addc(out, ')');
}

static void print_between(struct printer *p, const ar_expr *e, ar_buf *out)
{
    print_bytewise(p, e->args[0], out);
    ar_buf_addz(out, " BETWEEN ");
    print_compared(p, e->args[1], out);
    ar_buf_addz(out, " AND ");
    print_compared(p, e->args[2], out);
}

/* A pattern that ends in the middle of an escape is an error in SQL, though only once a match gets
 * there; here it is NULL. It is one when an odd number of escapes ends it. */
static void print_pattern(struct printer *p, const ar_expr *e, ar_str escape, ar_buf *out)
{
    const ar_expr *pattern = e->args[1];

    if (ar_is_const(pattern) || e->escape == 0) {
        print(p, pattern, out);
        return;
    }

    struct let let = let_open(p, printed(p, pattern), out);

    ar_buf_addf(out,
                "(CASE WHEN (length(%.*s) - length(rtrim(%.*s, %.*s))) %% 2 = 0 THEN %.*s END)",
                AR_FMT(let.name), AR_FMT(let.name), AR_FMT(escape), AR_FMT(let.name));
    let_close(p, &let, out);
}

/* DuckDB goes back to every % where a pattern has _ or ESCAPE or is no constant: twelve of them
 * take it hours. It only gets what it searches for piece by piece. */
static bool is_searched(const ar_expr *e)
{
    const ar_expr *pattern = e->args[1];

    return ar_is_const(pattern) && !ar_is_null(pattern) && e->escape == 0 &&
           !ar_str_contains(pattern->value.s, AR_LIT("_"));
}

static void print_matched(struct printer *p, const ar_expr *e, ar_str escape, ar_buf *out)
{
    ar_buf_addz(out, "ar_like(");
    print(p, e->args[0], out);
    ar_buf_addz(out, ", ");
    print(p, e->args[1], out);
    ar_buf_addf(out, ", %.*s)", AR_FMT(escape));
}

static void print_like(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_auto(ar_buf) escape = { 0 };

    ar_sql_text(&escape, (ar_str){ &e->escape, e->escape != 0 });
    if (p->dialect == AR_SQL_DUCKDB && !p->shown && !is_searched(e)) {
        print_matched(p, e, ar_buf_str(&escape), out);
        return;
    }
    print(p, e->args[0], out);
    ar_buf_addz(out, " LIKE ");
    print_pattern(p, e, ar_buf_str(&escape), out);
    if (p->dialect == AR_SQL_POSTGRES || e->escape != 0) ar_buf_addf(out, " ESCAPE %s", escape.ptr);
}

/* ---- whole numbers: computed wider, then NULL unless it fits ---- */

static void print_wide(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_buf_addz(out, "CAST(");
    print(p, e, out);
    ar_buf_addz(out, p->dialect == AR_SQL_DUCKDB ? " AS HUGEINT)" : " AS NUMERIC)");
}

static void print_wide_result(struct printer *p, const ar_expr *e, ar_buf *out)
{
    static const char *const signs[] = { " + ", " - ", " * ", "", " % " };

    if (e->node == NODE_ABS || e->node == NODE_NEG) {
        ar_buf_addz(out, e->node == NODE_ABS ? "abs(" : "-(");
        print_wide(p, e->args[0], out);
        ar_buf_addc(out, ')');
        return;
    }
    print_wide(p, e->args[0], out);
    ar_buf_addz(out, signs[e->node - NODE_ADD]);

    bool by_zero = e->node == NODE_MOD && p->dialect == AR_SQL_POSTGRES; /* NULL in DuckDB */

    if (by_zero) ar_buf_addz(out, "nullif(");
    print_wide(p, e->args[1], out);
    if (by_zero) ar_buf_addz(out, ", 0)");
}

/* Not TRY_CAST: DuckDB 1.4 takes it off one side of a comparison and compares the wide value. Not
 * TRY: that refuses subqueries. */
static void print_ints(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_auto(ar_buf) wide = { 0 };

    ar_buf_addc(&wide, '(');
    print_wide_result(p, e, &wide);
    ar_buf_addc(&wide, ')');

    struct let let = let_open(p, ar_arena_copy(p->arena, ar_buf_str(&wide)), out);

    ar_buf_addf(out,
                "CASE WHEN %.*s BETWEEN -9223372036854775808 AND 9223372036854775807 "
                "THEN CAST(%.*s AS BIGINT) END",
                AR_FMT(let.name), AR_FMT(let.name));
    let_close(p, &let, out);
}

/* ---- doubles ---- */

static void print_doubles_duckdb(struct printer *p, const ar_expr *e, ar_buf *out)
{
    static const char *const signs[] = { "+", "-", "*", "/" };
    ar_str x = printed(p, e->args[0]), y = printed(p, e->args[1]);
    ar_str value = ar_arena_printf(p->arena, "((%.*s) %s (%.*s))", AR_FMT(x),
                                   signs[e->node - NODE_ADD], AR_FMT(y));
    struct let let = let_open(p, value, out);

    ar_buf_addf(out, "CASE WHEN isfinite(%.*s) THEN %.*s END", AR_FMT(let.name), AR_FMT(let.name));
    let_close(p, &let, out);
}

/* `form` with $a and $b for the operands. */
static void fill_in(const char *form, ar_str a, ar_str b, ar_buf *out)
{
    for (const char *c = form; *c != '\0'; c++) {
        if (c[0] == '$')
            ar_buf_add(out, *++c == 'a' ? a : b);
        else
            ar_buf_addc(out, *c);
    }
}

/* Powers of two, in digits that read back as exactly that. */
#define UP_512        1.3407807929942597e154
#define UP_538        8.997827589086393e161
#define UP_1023       8.98846567431158e307
#define DOWN_60       8.673617379884035e-19
#define DOWN_114      4.81482486096809e-35
#define DOWN_512      7.458340731200207e-155
#define DOWN_537      2.2227587494850775e-162
#define DOWN_538      1.1113793747425387e-162
#define DOWN_600      2.409919865102884e-181
#define QUOTE(number) #number
#define F8(number)    "CAST('" QUOTE(number) "' AS DOUBLE PRECISION)"

/* PostgreSQL raises an error on overflow, and also where a product or quotient of numbers that are
 * not zero rounds to zero. Both are seen beforehand, on operands scaled by powers of two: that is
 * exact, and rounds where the plain operation would. (Only half the smallest double and a little
 * more, by a part in 2^53, is taken for zero.) */
/* clang-format off */
static const char *const postgres_doubles[] = {
    "CASE WHEN NOT (abs($a) > 1e290 AND abs($b) > 1e290"
        " AND abs($a * 0.5 + $b * 0.5) >= " F8(UP_1023) ") THEN $a + $b END",
    "CASE WHEN NOT (abs($a) > 1e290 AND abs($b) > 1e290"
        " AND abs($a * 0.5 - $b * 0.5) >= " F8(UP_1023) ") THEN $a - $b END",
    "CASE WHEN abs($a) > 1 AND abs($b) > 1"
        " AND abs(($a * " F8(DOWN_512) ") * ($b * " F8(DOWN_512) ")) >= 1 THEN NULL"
        " WHEN $a <> 0 AND $b <> 0 AND abs($a) < 1 AND abs($b) < 1"
        " AND least(abs($a), abs($b)) < " F8(DOWN_537)
        " AND abs(($a * " F8(UP_538) ") * ($b * " F8(UP_538) ")) <= 2 THEN 0"
        " ELSE $a * $b END",
    "CASE WHEN $b = 0 THEN NULL"
        " WHEN abs($b) < 1 AND abs($a) > 1e-20 AND abs($a) > abs($b) * " F8(UP_512)
        " AND abs(($a * " F8(DOWN_600) ") / ($b * " F8(UP_538) ")) >= " F8(DOWN_114) " THEN NULL"
        " WHEN $a <> 0 AND abs($b) > 1 AND abs($a) < 1 AND abs($a) < abs($b) * " F8(DOWN_60)
        " AND abs(($a * " F8(UP_538) ") / ($b * " F8(DOWN_538) ")) <= 2 THEN 0"
        " ELSE $a / $b END",
};
/* clang-format on */

/* PostgreSQL computes what is constant beforehand, also where a CASE would never get to it, so a
 * constant is bound as well. */
static struct let let_operand(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_str value = printed(p, e);

    return ar_is_const(e) ? let_bind(p, value, out) : let_open(p, value, out);
}

static void print_doubles_postgres(struct printer *p, const ar_expr *e, ar_buf *out)
{
    assert(UP_512 == 0x1p512 && UP_538 == 0x1p538 && UP_1023 == 0x1p1023);
    assert(DOWN_60 == 0x1p-60 && DOWN_114 == 0x1p-114 && DOWN_512 == 0x1p-512);
    assert(DOWN_537 == 0x1p-537 && DOWN_538 == 0x1p-538 && DOWN_600 == 0x1p-600);

    struct let a = let_operand(p, e->args[0], out), b = let_operand(p, e->args[1], out);

    fill_in(postgres_doubles[e->node - NODE_ADD], a.name, b.name, out);
    let_close(p, &b, out);
    let_close(p, &a, out);
}

static void print_arithmetic(struct printer *p, const ar_expr *e, ar_buf *out)
{
    bool duckdb = p->dialect == AR_SQL_DUCKDB;

    if (e->type == AR_INT)
        print_ints(p, e, out);
    else if (e->node == NODE_NEG || e->node == NODE_ABS) {
        ar_buf_addz(out, e->node == NODE_NEG ? "-" : "abs");
        ar_buf_addc(out, '(');
        print(p, e->args[0], out);
        ar_buf_addc(out, ')');
    } else
        duckdb ? print_doubles_duckdb(p, e, out) : print_doubles_postgres(p, e, out);
}

/* ---- times ---- */

/* A fixed step: only times whose sum is in range are moved. */
static void print_step(struct printer *p, const ar_expr *e, int64_t by, ar_buf *out)
{
    const ar_expr *time = e->args[0];
    bool column = time->node == NODE_COLUMN;
    ar_str value = column ? column_text(p, p->alias, time->name) : printed(p, time);
    struct let let = let_open(p, value, out);
    ar_time least = by < 0 ? AR_TIME_MIN - by : AR_TIME_MIN;
    ar_time most = by > 0 ? AR_TIME_MAX - by : AR_TIME_MAX;
    ar_str plain =
        let.bound || column ? let.name : ar_arena_printf(p->arena, "(%.*s)", AR_FMT(let.name));
    ar_str moved = ar_arena_printf(p->arena, " %c INTERVAL '%lld %s'", e->minus ? '-' : '+',
                                   (long long)e->args[1]->value.i, ar_units[e->unit].name);

    print_within(p, plain, least, most, moved.ptr, plain, out);
    let_close(p, &let, out);
}

/* Microseconds since 1970, in a type that holds any product. */
static ar_str moment(struct printer *p, const ar_expr *time)
{
    bool duckdb = p->dialect == AR_SQL_DUCKDB;

    if (ar_is_const(time))
        return ar_arena_printf(p->arena, "CAST(%lld AS %s)", (long long)time->value.i,
                               duckdb ? "HUGEINT" : "NUMERIC");
    return ar_arena_printf(
        p->arena, duckdb ? "CAST(epoch_us(%s) AS HUGEINT)" : "extract(epoch FROM %s) * 1000000",
        printed(p, time).ptr);
}

/* A step that depends on the row. */
static void print_moved(struct printer *p, const ar_expr *e, ar_buf *out)
{
    bool duckdb = p->dialect == AR_SQL_DUCKDB;
    ar_str micros =
        ar_arena_printf(p->arena, "(%s %c CAST(%s AS %s) * %lld)", moment(p, e->args[0]).ptr,
                        e->minus ? '-' : '+', printed(p, e->args[1]).ptr,
                        duckdb ? "HUGEINT" : "NUMERIC", (long long)ar_units[e->unit].length);
    struct let let = let_open(p, micros, out);

    ar_buf_addf(out, "CASE WHEN %.*s BETWEEN %lld AND %lld THEN ", AR_FMT(let.name),
                (long long)AR_TIME_MIN, (long long)AR_TIME_MAX);
    if (duckdb)
        ar_buf_addf(out, "make_timestamp(CAST(%.*s AS BIGINT)) END", AR_FMT(let.name));
    else
        ar_buf_addf(out,
                    "TIMESTAMP '1970-01-01 00:00:00' + make_interval(days => "
                    "CAST(div(%.*s, 86400000000) AS INTEGER), secs => "
                    "CAST(mod(%.*s, 86400000000) / 1000000 AS DOUBLE PRECISION)) END",
                    AR_FMT(let.name), AR_FMT(let.name));
    let_close(p, &let, out);
}

static void print_shift(struct printer *p, const ar_expr *e, ar_buf *out)
{
    int64_t unit = e->minus ? -ar_units[e->unit].length : ar_units[e->unit].length, by;

    if (!ar_is_const(e->args[1]))
        print_moved(p, e, out);
    else if (__builtin_mul_overflow(e->args[1]->value.i, unit, &by) ||
             by > AR_TIME_MAX - AR_TIME_MIN || by < AR_TIME_MIN - AR_TIME_MAX)
        ar_buf_addz(out, "CAST(NULL AS TIMESTAMP)");
    else
        print_step(p, e, by, out);
}

/* ---- choice and functions ---- */

static void print_case(struct printer *p, const ar_expr *e, ar_buf *out)
{
    uint32_t first = e->has_operand, end = e->n - e->has_else;

    ar_buf_addz(out, "CASE ");
    if (e->has_operand) print(p, e->args[0], out);
    for (uint32_t i = first; i < end; i += 2) {
        ar_buf_addz(out, " WHEN ");
        print(p, e->args[i], out);
        ar_buf_addz(out, " THEN ");
        print(p, e->args[i + 1], out);
    }
    if (e->has_else) {
        ar_buf_addz(out, " ELSE ");
        print(p, e->args[e->n - 1], out);
    }
    ar_buf_addz(out, " END");
}

static void print_call(struct printer *p, const char *name, const ar_expr *e, ar_buf *out)
{
    bool ordered = e->node == NODE_LEAST || e->node == NODE_GREATEST;

    ar_buf_addf(out, "%s(", name);
    for (uint32_t i = 0; i < e->n; i++) {
        if (i > 0) ar_buf_addz(out, ", ");
        if (ordered && i == 0)
            print_bytewise(p, e->args[i], out);
        else
            print(p, e->args[i], out);
    }
    ar_buf_addc(out, ')');
}

/* DuckDB's nullif repeats its first operand, and so would double the work at every level; the body
 * of a lambda may hold no subquery, so both operands are bound. */
static void print_nullif(struct printer *p, const ar_expr *e, ar_buf *out)
{
    if (!by_lambda(p)) {
        print_call(p, "nullif", e, out);
        return;
    }

    ar_str x = printed(p, e->args[0]), y = printed(p, e->args[1]);
    uint32_t n = p->names++;

    if (x.len <= LET_SHORT)
        ar_buf_addf(out, "CASE WHEN %.*s = %.*s THEN NULL ELSE %.*s END", AR_FMT(x), AR_FMT(y),
                    AR_FMT(x));
    else
        ar_buf_addf(out,
                    "list_transform([{'x': %.*s, 'y': %.*s}], lambda x%u: "
                    "CASE WHEN x%u.x = x%u.y THEN NULL ELSE x%u.x END)[1]",
                    AR_FMT(x), AR_FMT(y), n, n, n, n);
}

#define ASCII_UPPER "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
#define ASCII_LOWER "'abcdefghijklmnopqrstuvwxyz'"

static void print_translate(struct printer *p, const ar_expr *e, ar_buf *out)
{
    ar_buf_addz(out, "translate(");
    print(p, e->args[0], out);
    ar_buf_addz(out, e->node == NODE_LOWER ? ", " ASCII_UPPER ", " ASCII_LOWER ")"
                                           : ", " ASCII_LOWER ", " ASCII_UPPER ")");
}

static void print_bare(struct printer *p, const ar_expr *e, ar_buf *out)
{
    switch (e->node) {
    case NODE_CONST: print_const(p, e, out); break;
    case NODE_COLUMN: print_column(p, e, out); break;
    case NODE_LINK: print_link(p, e, out); break;
    case NODE_NOT:
        ar_buf_addz(out, "NOT ");
        print(p, e->args[0], out);
        break;
    case NODE_AND: print_joined(p, e, " AND ", out); break;
    case NODE_OR: print_joined(p, e, " OR ", out); break;
    case NODE_IS_NULL:
        print(p, e->args[0], out);
        ar_buf_addz(out, " IS NULL");
        break;
    case NODE_EQ:
    case NODE_NE:
    case NODE_LT:
    case NODE_LE:
    case NODE_GT:
    case NODE_GE: print_compare(p, e, out); break;
    case NODE_IN: print_in(p, e, out); break;
    case NODE_BETWEEN: print_between(p, e, out); break;
    case NODE_LIKE: print_like(p, e, out); break;
    case NODE_ADD:
    case NODE_SUB:
    case NODE_MUL:
    case NODE_DIV:
    case NODE_MOD:
    case NODE_NEG:
    case NODE_ABS: print_arithmetic(p, e, out); break;
    case NODE_TO_DOUBLE:
        ar_buf_addz(out, "CAST(");
        print(p, e->args[0], out);
        ar_buf_addz(out, " AS DOUBLE PRECISION)");
        break;
    case NODE_SHIFT: print_shift(p, e, out); break;
    case NODE_CASE: print_case(p, e, out); break;
    case NODE_COALESCE: print_call(p, "coalesce", e, out); break;
    case NODE_NULLIF: print_nullif(p, e, out); break;
    case NODE_LEAST: print_call(p, "least", e, out); break;
    case NODE_GREATEST: print_call(p, "greatest", e, out); break;
    case NODE_LOWER:
    case NODE_UPPER: print_translate(p, e, out); break;
    case NODE_LENGTH: print_call(p, "length", e, out); break;
    case NODE_PARAM: break;
    }
}

/* What is one word or one call to SQL needs no parentheses. */
static bool stands_alone(const ar_expr *e)
{
    switch ((int)e->node) {
    case NODE_CONST:
    case NODE_TO_DOUBLE:
    case NODE_COALESCE:
    case NODE_LEAST ... NODE_LENGTH: return true;
    case NODE_COLUMN: return e->type != AR_DOUBLE && e->type != AR_TIME;
    default: return false;
    }
}

static void print(struct printer *p, const ar_expr *e, ar_buf *out)
{
    bool parens = !stands_alone(e);

    if (parens) ar_buf_addc(out, '(');
    print_bare(p, e, out);
    if (parens) ar_buf_addc(out, ')');
}

void ar_expr_sql(const ar_expr *expr, enum ar_dialect dialect, const ar_expr_param *params,
                 size_t n_params, ar_str alias, ar_buf *out)
{
    ar_auto(ar_arena) arena = { 0 };
    bool shown = dialect == AR_SQL_SHOWN;
    struct printer p = {
        .dialect = shown ? AR_SQL_DUCKDB : dialect, .shown = shown, .alias = alias, .arena = &arena
    };
    ar_expr *bound;
    ar_err err = ar_expr_bind(expr, params, n_params, &arena, &bound);

    assert(err.code == AR_OK);
    print_bare(&p, bound, out);
}

/* ---- what a program reads ---- */

static ar_str count_alias(struct printer *p, size_t input)
{
    return ar_arena_printf(p->arena, "%.*s_%zu", AR_FMT(p->alias), input);
}

static void print_keys(struct printer *p, const ar_expr_link *link, ar_str alias, ar_buf *out)
{
    for (size_t i = 0; i < link->n; i++) {
        if (i > 0) ar_buf_addz(out, ", ");
        ar_buf_add(out, column_text(p, alias, link->theirs[i]));
    }
}

/* One row for each key that any linked row has, with how many rows meet the condition. */
static void print_counts(struct printer *p, const ar_program_input *in, ar_str counts, ar_buf *out)
{
    const ar_expr_link *link = in->link;
    struct printer inner = *p;

    inner.alias = (ar_str){ 0 };
    ar_buf_addz(out, " LEFT JOIN (SELECT ");
    print_keys(p, link, inner.alias, out);
    ar_buf_addz(out, ", count(*) AS \"#\" FROM ");
    ar_sql_name(out, link->table);
    if (in->where != NULL) {
        ar_buf_addz(out, " WHERE ");
        print(&inner, in->where, out);
    }
    ar_buf_addz(out, " GROUP BY ");
    print_keys(p, link, inner.alias, out);
    ar_buf_addz(out, ") AS ");
    ar_sql_name(out, counts);
    for (size_t i = 0; i < link->n; i++)
        ar_buf_addf(out, "%s%s = %s", i == 0 ? " ON " : " AND ",
                    column_text(p, counts, link->theirs[i]).ptr,
                    column_text(p, p->alias, link->ours[i]).ptr);
}

void ar_program_from(const ar_program *program, ar_str table, ar_str alias, ar_buf *from,
                     ar_buf *columns)
{
    ar_auto(ar_arena) arena = { 0 };
    struct printer p = { .dialect = AR_SQL_DUCKDB, .alias = alias, .arena = &arena };
    size_t n;
    const ar_program_input *inputs = ar_program_inputs(program, &n);

    ar_sql_name(from, table);
    ar_buf_addz(from, " AS ");
    ar_sql_name(from, alias);
    for (size_t i = 0; i < n; i++) {
        ar_str counts = count_alias(&p, i);

        if (i > 0) ar_buf_addz(columns, ", ");
        if (inputs[i].link == NULL) {
            ar_buf_add(columns, column_text(&p, alias, inputs[i].column));
            continue;
        }
        print_counts(&p, &inputs[i], counts, from);
        ar_buf_addf(columns, "coalesce(%s, 0)", column_text(&p, counts, AR_LIT("#")).ptr);
    }
}
