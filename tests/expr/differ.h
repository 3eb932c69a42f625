/* differ: random well-typed expressions over random rows, for the programs that hold the evaluator
 * against the SQL that is printed. Every run of one seed is the same. */
#pragma once

#include "engine/guard.h"
#include "expr/expr.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the same numbers everywhere ---- */

static uint64_t differ_state;

static size_t pick(size_t n)
{
    uint64_t z = (differ_state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((z ^ (z >> 31)) % n);
}

/* ---- rows ---- */

enum { DIFFER_COLUMNS = 15 };

static const ar_expr_column differ_columns[DIFFER_COLUMNS] = {
    { AR_LIT("id"), AR_INT },  { AR_LIT("b1"), AR_BOOL },   { AR_LIT("b2"), AR_BOOL },
    { AR_LIT("b3"), AR_BOOL }, { AR_LIT("i1"), AR_INT },    { AR_LIT("i2"), AR_INT },
    { AR_LIT("i3"), AR_INT },  { AR_LIT("d1"), AR_DOUBLE }, { AR_LIT("d2"), AR_DOUBLE },
    { AR_LIT("s1"), AR_TEXT }, { AR_LIT("s2"), AR_TEXT },   { AR_LIT("s3"), AR_TEXT },
    { AR_LIT("t1"), AR_TIME }, { AR_LIT("t2"), AR_TIME },   { AR_LIT("t3"), AR_TIME },
};

/* The table is linked to itself; "l" has no condition of its own columns alone. */
static const ar_str differ_theirs[] = { AR_LIT("i1"), AR_LIT("s1") };
static const ar_str differ_ours[] = { AR_LIT("i2"), AR_LIT("s2") };
static const ar_expr_scope differ_inner = { .what = AR_LIT("kind r"),
                                            .columns = differ_columns,
                                            .n_columns = DIFFER_COLUMNS };
static const ar_expr_link differ_links[] = {
    { AR_LIT("by_int"), &differ_inner, AR_LIT("r"), differ_theirs, differ_ours, 1 },
    { AR_LIT("by_both"), &differ_inner, AR_LIT("r"), differ_theirs, differ_ours, 2 },
};
static const ar_expr_scope differ_scope = { .what = AR_LIT("kind r"),
                                            .columns = differ_columns,
                                            .n_columns = DIFFER_COLUMNS,
                                            .links = differ_links,
                                            .n_links = 2 };

/* 2024-02-29T12:00:00Z: a moment on a leap day */
#define DIFFER_ASOF INT64_C(1709208000000000)

static const ar_expr_param differ_params[] = {
    { AR_LIT("asof"), { .type = AR_TIME, .i = DIFFER_ASOF } },
    { AR_LIT("n"), { .type = AR_INT, .i = 30 } },
    { AR_LIT("x"), { .type = AR_DOUBLE, .d = 0.1 } },
    { AR_LIT("s"), { .type = AR_TEXT, .s = AR_LIT("it's \\ 100%") } },
};
enum { DIFFER_PARAMS = sizeof differ_params / sizeof differ_params[0] };

static const int64_t differ_ints[] = { 0,
                                       1,
                                       -1,
                                       2,
                                       3,
                                       7,
                                       30,
                                       INT64_MIN,
                                       INT64_MAX,
                                       90,
                                       -365,
                                       1000000007,
                                       10,
                                       INT64_MIN + 1,
                                       INT64_MAX - 1,
                                       3037000500,
                                       -3037000500,
                                       INT64_C(1) << 53,
                                       (INT64_C(1) << 53) + 1 };
static const double differ_doubles[] = {
    0.0,     -0.0,     1.0,
    -1.0,    0.1,      2.5,
    1e308,   -1e308,   DBL_MAX,
    DBL_MIN, 5e-324,   1e-300,
    1e16,    1.0 / 3,  -5e-324,
    1e-160,  3.0e153,  9007199254740993.0,
    1e200,   -DBL_MAX, 9.2233720368547758e18,
};
static const char *const differ_texts[] = {
    "",
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "production",
    "PROD%",
    "50%",
    "a_c",
    "\\",
    "a\\",
    "!",
    "a!",
    "a!%",
    "!!",
    "it's",
    "''",
    "\"",
    "ä",
    "Ä",
    "ß",
    "€uro",
    "𝄞",
    "𝄞a",
    "a𝄞",
    "İ",
    "ſ",
    "e\xcc\x81",
    " ",
    "a b ",
    "\n",
    "%",
    "_",
    "a%b%",
    "aaaaaaaaaaaaaaaaaaaaaaaaab",
    "äöü€𝄞xyz0123456789",
};
static const int64_t differ_times[] = {
    0,
    DIFFER_ASOF,
    AR_TIME_MIN,
    AR_TIME_MAX,
    AR_TIME_MIN + 1,
    AR_TIME_MAX - 1,
    -1,
    DIFFER_ASOF - AR_DAY,
    DIFFER_ASOF + 30 * AR_DAY,
    INT64_C(951782400000000), /* 2000-02-29 */
    AR_TIME_MIN + 30 * AR_DAY,
    AR_TIME_MAX - 30 * AR_DAY,
    INT64_C(-2208988800000000),
};

#define PICK(array) ((array)[pick(sizeof(array) / sizeof(array)[0])])

static ar_value random_value(enum ar_type type)
{
    switch (type) {
    case AR_NULL: break;
    case AR_BOOL: return ar_bool(pick(2) != 0);
    case AR_INT: return ar_int(pick(4) == 0 ? (int64_t)pick(20) - 10 : PICK(differ_ints));
    case AR_DOUBLE: {
        double d = pick(3) == 0 ? (double)(int64_t)pick(4000) / 16 - 100 : PICK(differ_doubles);

        if (pick(4) == 0) d = ldexp((double)pick(SIZE_MAX), (int)pick(2100) - 1110);
        return ar_double(pick(16) == 0 ? (pick(2) ? INFINITY : -INFINITY) : d);
    }
    case AR_TEXT: return ar_textz(PICK(differ_texts));
    case AR_TIME: return ar_at(PICK(differ_times) + (pick(3) ? 0 : (int64_t)pick(200) - 100));
    }
    return ar_null();
}

struct differ_rows {
    size_t n;
    ar_value *cells; /* row by row */
};

static struct differ_rows random_rows(size_t n, ar_arena *arena)
{
    struct differ_rows rows = { n, ar_make_n(arena, ar_value, n * DIFFER_COLUMNS) };

    for (size_t i = 0; i < n * DIFFER_COLUMNS; i++) {
        enum ar_type type = differ_columns[i % DIFFER_COLUMNS].type;

        rows.cells[i] = pick(6) == 0 ? ar_null() : random_value(type);
        if (i % DIFFER_COLUMNS == 0) rows.cells[i] = ar_int((int64_t)(i / DIFFER_COLUMNS));
    }
    /* what differ_fill makes the engine's own ends of time */
    for (size_t i = 0; i < n; i++) {
        if (i % 61 == 3) rows.cells[i * DIFFER_COLUMNS + 12] = ar_at(INT64_MAX);
        if (i % 61 == 5) rows.cells[i * DIFFER_COLUMNS + 13] = ar_at(-INT64_MAX);
    }
    return rows;
}

/* ---- expressions ---- */

struct part {
    char type;        /* b i d s t */
    const char *form; /* with $0, $1, … for its arguments */
    struct part *args[4];
    size_t n;
};

/* What an expression of a type can be made of; x is any one type. */
static const struct {
    char type;
    const char *form, *args;
} differ_forms[] = {
    { 'b', "($0 AND $1)", "bb" },
    { 'b', "($0 OR $1)", "bb" },
    { 'b', "($0 AND $1 AND $2)", "bbb" },
    { 'b', "(NOT $0)", "b" },
    { 'b', "($0 IS NULL)", "x" },
    { 'b', "($0 IS NOT NULL)", "x" },
    { 'b', "($0 = $1)", "xx" },
    { 'b', "($0 <> $1)", "xx" },
    { 'b', "($0 < $1)", "xx" },
    { 'b', "($0 <= $1)", "xx" },
    { 'b', "($0 > $1)", "xx" },
    { 'b', "($0 >= $1)", "xx" },
    { 'b', "($0 = $1)", "id" },
    { 'b', "($0 < $1)", "di" },
    { 'b', "($0 IN ($1, $2, $3))", "xxxx" },
    { 'b', "($0 NOT IN ($1, NULL, $2))", "xxx" },
    { 'b', "($0 IN ($1))", "xx" },
    { 'b', "($0 BETWEEN $1 AND $2)", "xxx" },
    { 'b', "($0 NOT BETWEEN $1 AND $2)", "xxx" },
    { 'b', "($0 BETWEEN $1 AND $2)", "idi" },
    { 'b', "($0 LIKE $1)", "ss" },
    { 'b', "($0 NOT LIKE $1)", "ss" },
    { 'b', "($0 LIKE $1 ESCAPE '!')", "ss" },
    { 'b', "($0 LIKE $1 ESCAPE '\\')", "ss" },
    { 'b', "($0 LIKE '%a%')", "s" },
    { 'b', "($0 LIKE '_%')", "s" },
    { 'b', "($0 LIKE '%!%' ESCAPE '!')", "s" },
    { 'b', "($0 LIKE 'a%b_')", "s" },
    { 'i', "($0 + $1)", "ii" },
    { 'i', "($0 - $1)", "ii" },
    { 'i', "($0 * $1)", "ii" },
    { 'i', "($0 % $1)", "ii" },
    { 'i', "(- $0)", "i" },
    { 'i', "abs($0)", "i" },
    { 'i', "length($0)", "s" },
    { 'd', "($0 / $1)", "ii" },
    { 'd', "($0 / $1)", "dd" },
    { 'd', "($0 + $1)", "dd" },
    { 'd', "($0 - $1)", "dd" },
    { 'd', "($0 * $1)", "dd" },
    { 'd', "($0 + $1)", "id" },
    { 'd', "($0 * $1)", "di" },
    { 'd', "(- $0)", "d" },
    { 'd', "abs($0)", "d" },
    { 'd', "coalesce($0, $1)", "di" },
    { 's', "lower($0)", "s" },
    { 's', "upper($0)", "s" },
    { 't', "($0 + INTERVAL $1 DAY)", "ti" },
    { 't', "($0 - INTERVAL $1 HOUR)", "ti" },
    { 't', "($0 - INTERVAL $1 MINUTE)", "ti" },
    { 't', "($0 + INTERVAL $1 SECOND)", "ti" },
    { 't', "($0 - INTERVAL 30 DAY)", "t" },
    { 't', "($0 + INTERVAL 3652058 DAY)", "t" },
    { 'x', "coalesce($0, $1)", "xx" },
    { 'x', "coalesce($0, $1, $2)", "xxx" },
    { 'x', "nullif($0, $1)", "xx" },
    { 'x', "least($0, $1)", "xx" },
    { 'x', "least($0, $1, $2)", "xxx" },
    { 'x', "greatest($0, $1)", "xx" },
    { 'x', "greatest($0, NULL, $1)", "xx" },
    { 'x', "CASE WHEN $0 THEN $1 ELSE $2 END", "bxx" },
    { 'x', "CASE WHEN $0 THEN $1 END", "bx" },
    { 'x', "CASE WHEN $0 THEN NULL WHEN $1 THEN $2 ELSE $3 END", "bbxx" },
    { 'x', "CASE $0 WHEN $1 THEN $2 ELSE $3 END", "iixx" },
    { 'x', "CASE $0 WHEN $1 THEN $2 END", "ssx" },
};

/* Only over a scope with links. */
static const struct {
    char type;
    const char *form, *args;
} differ_link_forms[] = {
    { 'b', "(EXISTS by_int WHERE $0)", "b" }, { 'b', "(EXISTS by_both WHERE $0)", "b" },
    { 'b', "(NOT EXISTS by_both)", "" },      { 'i', "COUNT(by_int WHERE $0)", "b" },
    { 'i', "COUNT(by_both WHERE $0)", "b" },  { 'i', "COUNT(by_int)", "" },
};

static const char differ_types[] = "bidst";

static enum ar_type type_of(char c)
{
    return c == 'b'   ? AR_BOOL
           : c == 'i' ? AR_INT
           : c == 'd' ? AR_DOUBLE
           : c == 's' ? AR_TEXT
                      : AR_TIME;
}

static void literal(ar_buf *out, ar_value v)
{
    if (v.type == AR_NULL) ar_buf_addz(out, "NULL");
    if (v.type == AR_TIME) ar_buf_addz(out, "TIMESTAMP '");
    if (v.type == AR_TEXT)
        ar_sql_text(out, v.s);
    else
        ar_value_print(out, v);
    if (v.type == AR_TIME) ar_buf_addc(out, '\'');
}

static struct part *random_leaf(char type, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };
    struct part *p = ar_make(arena, struct part);
    ar_value value;
    size_t column;

    p->type = type;
    if (pick(3) > 0) {
        do column = pick(DIFFER_COLUMNS);
        while (differ_columns[column].type != type_of(type));
        ar_buf_add(&text, differ_columns[column].name);
    } else if (pick(6) == 0 && type != 'b') {
        for (size_t i = 0; i < DIFFER_PARAMS; i++)
            if (differ_params[i].value.type == type_of(type))
                ar_buf_addf(&text, ":%.*s", AR_FMT(differ_params[i].name));
    } else {
        do value = random_value(type_of(type));
        while ((value.type == AR_DOUBLE && !isfinite(value.d)) ||
               (value.type == AR_TIME && (value.i < AR_TIME_MIN || value.i > AR_TIME_MAX)));
        literal(&text, value);
    }
    p->form = ar_arena_copy(arena, ar_buf_str(&text)).ptr;
    return p;
}

static struct part *random_part(char type, size_t depth, bool links, ar_arena *arena)
{
    size_t i, n = sizeof differ_forms / sizeof differ_forms[0];
    struct part *p;
    char any = type;
    const char *args;

    if (depth == 0 || pick(8) == 0) return random_leaf(type, arena);
    p = ar_make(arena, struct part);
    p->type = type;
    if (links && (type == 'b' || type == 'i') && pick(3) == 0) {
        do i = pick(sizeof differ_link_forms / sizeof differ_link_forms[0]);
        while (differ_link_forms[i].type != type);
        p->form = differ_link_forms[i].form;
        args = differ_link_forms[i].args;
        links = false;
    } else {
        do i = pick(n);
        while (differ_forms[i].type != type && differ_forms[i].type != 'x');
        p->form = differ_forms[i].form;
        args = differ_forms[i].args;
        if (differ_forms[i].type != 'x') any = differ_types[pick(5)];
    }
    for (; *args != '\0'; args++)
        p->args[p->n++] = random_part(*args == 'x' ? any : *args, depth - 1, links, arena);
    return p;
}

static void part_print(const struct part *p, ar_buf *out)
{
    for (const char *c = p->form; *c != '\0'; c++) {
        if (*c == '$' && p->n > 0)
            part_print(p->args[*++c - '0'], out);
        else
            ar_buf_addc(out, *c);
    }
}

/* ---- shrinking: the smallest tree that still shows the difference ---- */

typedef bool differ_fails(void *self, const char *text);

static bool part_fails(const struct part *root, differ_fails *fails, void *self)
{
    ar_auto(ar_buf) text = { 0 };

    part_print(root, &text);
    return fails(self, text.ptr);
}

/* Tries to put one of its arguments, or a plain column, in the place of *at. */
static bool shrink_at(struct part *root, struct part *at, differ_fails *fails, void *self)
{
    static const char *const plain[] = {
        ['b'] = "b1", ['i'] = "i1", ['d'] = "d1", ['s'] = "s1", ['t'] = "t1"
    };
    struct part before = *at;

    if (at->n == 0) return false;
    for (size_t i = 0; i < before.n; i++) {
        if (before.args[i]->type != before.type) continue;
        *at = *before.args[i];
        if (part_fails(root, fails, self)) return true;
    }
    *at = (struct part){ .type = before.type, .form = plain[(unsigned char)before.type] };
    if (part_fails(root, fails, self)) return true;
    *at = before;
    for (size_t i = 0; i < at->n; i++)
        if (shrink_at(root, at->args[i], fails, self)) return true;
    return false;
}

static void shrink(struct part *root, differ_fails *fails, void *self)
{
    while (shrink_at(root, root, fails, self)) continue;
}

/* ---- our side ---- */

/* NULL when the text is refused for a reason that randomness has: a constant pattern that ends in
 * its escape, NULL compared, too long a text. */
static const ar_expr *differ_parse(const ar_expr_scope *scope, const char *text, ar_arena *arena)
{
    const ar_expr *expr = NULL;
    ar_err err = ar_expr_parse(scope, differ_params, DIFFER_PARAMS, (ar_expr_place){ 0 },
                               ar_str_of(text), arena, &expr);

    if (err.code == AR_OK) return expr;
    if (err.code == AR_LIMIT || ar_str_contains(ar_err_text(err), AR_LIT("escape character")))
        return NULL;
    (void)fprintf(stderr, "# refused: %.*s\n#   %s\n", AR_FMT(ar_err_text(err)), text);
    abort();
}

/* A tree and its text, in a scope of its own arena. Always an expression that parses. */
static struct part *random_expression(const ar_expr_scope *scope, size_t depth, ar_arena *arena,
                                      const ar_expr **out_expr)
{
    for (;;) {
        ar_auto(ar_buf) text = { 0 };
        struct part *p = random_part(differ_types[pick(5)], depth, scope->n_links > 0, arena);

        part_print(p, &text);
        *out_expr = differ_parse(scope, text.ptr, arena);
        if (*out_expr != NULL && ar_expr_type(*out_expr) != AR_NULL) return p;
    }
}

static void *differ_room(enum ar_type type, size_t n, ar_arena *arena)
{
    size_t width = type == AR_TEXT ? sizeof(ar_str) : type == AR_BOOL ? sizeof(bool) : 8;

    return ar_arena_take_n(arena, n + 1, width);
}

static void differ_put(ar_vector_out *v, size_t row, ar_value value)
{
    if (value.type == AR_NULL) {
        ar_vector_clear(v, row);
        return;
    }
    if (v->type == AR_BOOL) v->b[row] = value.b;
    if (v->type == AR_INT || v->type == AR_TIME) v->i[row] = value.i;
    if (v->type == AR_DOUBLE) v->d[row] = value.d;
    if (v->type == AR_TEXT) v->s[row] = value.s;
}

static ar_vector_out differ_column(enum ar_type type, size_t n, ar_arena *arena)
{
    ar_vector_out v = { .type = type, .valid = ar_make_n(arena, uint64_t, n / 64 + 1) };

    memset(v.valid, 0xff, (n / 64 + 1) * sizeof *v.valid);
    v.data = differ_room(type, n, arena);
    return v;
}

static ar_value differ_get(const ar_vector_out *v, size_t row)
{
    if ((v->valid[row / 64] >> (row % 64) & 1) == 0) return ar_null();
    switch (v->type) {
    case AR_NULL: break;
    case AR_BOOL: return ar_bool(v->b[row]);
    case AR_INT: return ar_int(v->i[row]);
    case AR_DOUBLE: return ar_double(v->d[row]);
    case AR_TEXT: return ar_text(v->s[row]);
    case AR_TIME: return ar_at(v->i[row]);
    }
    return ar_null();
}

/* One column of the rows as a batch. */
static ar_vector differ_input(const struct differ_rows *rows, size_t column, ar_arena *arena)
{
    ar_vector_out v = differ_column(differ_columns[column].type, rows->n, arena);

    for (size_t i = 0; i < rows->n; i++)
        differ_put(&v, i, rows->cells[i * DIFFER_COLUMNS + column]);
    return (ar_vector){ .type = v.type, .valid = v.valid, .data = v.data };
}

/* ---- DuckDB's side ---- */

struct differ {
    ar_engine *engine;
    struct differ_rows rows;
    ar_vector columns[DIFFER_COLUMNS];
    enum ar_dialect dialect;
    ar_arena arena; /* of the rows */
};

static ar_err differ_fill(struct differ *d)
{
    ar_own(ar_append) append = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE TABLE r (");
    for (size_t i = 0; i < DIFFER_COLUMNS; i++)
        ar_buf_addf(&sql, "%s%.*s %s", i > 0 ? ", " : "", AR_FMT(differ_columns[i].name),
                    ar_sql_type(differ_columns[i].type));
    ar_buf_addz(&sql, ")");
    AR_TRY(ar_engine_exec(d->engine, sql.ptr));
    AR_TRY(ar_append_open(d->engine, "r", &append));
    for (size_t i = 0; i < d->rows.n; i++)
        AR_TRY(ar_append_row(append, d->rows.cells + i * DIFFER_COLUMNS, DIFFER_COLUMNS));
    AR_TRY(ar_append_close(&append));
    /* the engine's own ends of time, which an append takes for unknown */
    AR_TRY(ar_engine_exec(d->engine, "UPDATE r SET t1 = 'infinity' WHERE id % 61 = 3"));
    return ar_engine_exec(d->engine, "UPDATE r SET t2 = '-infinity' WHERE id % 61 = 5");
}

[[maybe_unused]] static ar_err differ_open(struct differ *d, uint64_t seed, size_t n_rows)
{
    ar_engine_options options = { .threads = 1 };

    differ_state = seed;
    d->rows = random_rows(n_rows, &d->arena);
    for (size_t i = 0; i < DIFFER_COLUMNS; i++)
        d->columns[i] = differ_input(&d->rows, i, &d->arena);
    AR_TRY(ar_engine_open(&options, &d->engine));
    AR_TRY(ar_expr_opened(d->engine));
    return differ_fill(d);
}

[[maybe_unused]] static void differ_close(struct differ *d)
{
    ar_engine_free(&d->engine);
    ar_arena_done(&d->arena);
}

/* The inputs of a program, as the engine gives them: counts of linked rows among them. */
static ar_err differ_query(const struct differ *d, const ar_program *program, ar_arena *arena,
                           ar_vector *inputs)
{
    ar_auto(ar_buf) from = { 0 };
    ar_auto(ar_buf) columns = { 0 };
    ar_own(ar_rows) rows = NULL;
    size_t n;
    const ar_program_input *in = ar_program_inputs(program, &n);
    ar_vector_out *read = ar_make_n(arena, ar_vector_out, n + 1);

    ar_program_from(program, AR_LIT("r"), AR_LIT("a"), &from, &columns);

    ar_str sql = ar_arena_printf(arena, "SELECT %s FROM %s ORDER BY a.id", columns.ptr, from.ptr);

    AR_TRY(ar_engine_query(d->engine, sql, NULL, 0, &rows));
    for (size_t i = 0; i < n; i++) read[i] = differ_column(in[i].type, d->rows.n, arena);
    for (size_t row = 0; ar_rows_next(rows); row++)
        for (size_t i = 0; i < n; i++)
            differ_put(&read[i], row, ar_value_copy(arena, ar_rows_get(rows, i)));
    for (size_t i = 0; i < n; i++)
        inputs[i] =
            (ar_vector){ .type = read[i].type, .valid = read[i].valid, .data = read[i].data };
    return ar_ok();
}

/* Columns are taken from where the rows were made; only counts need the engine. */
static ar_err differ_inputs(const struct differ *d, const ar_program *program, ar_arena *arena,
                            ar_vector **out_inputs)
{
    size_t n;
    const ar_program_input *in = ar_program_inputs(program, &n);
    bool links = false;

    *out_inputs = ar_make_n(arena, ar_vector, n + 1);
    for (size_t i = 0; i < n; i++) {
        links = links || in[i].link != NULL;
        for (size_t c = 0; c < DIFFER_COLUMNS; c++)
            if (ar_str_eq(in[i].column, differ_columns[c].name)) (*out_inputs)[i] = d->columns[c];
    }
    return links ? differ_query(d, program, arena, *out_inputs) : ar_ok();
}

static void differ_say(const struct differ *d, struct part *part, ar_value ours, ar_value theirs,
                       size_t row)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, "# differs: ");
    part_print(part, &text);
    ar_buf_addf(&text, "\n#   row %zu: here ", row);
    literal(&text, ours);
    ar_buf_addz(&text, ", there ");
    literal(&text, theirs);
    for (size_t i = 0; i < DIFFER_COLUMNS; i++) {
        ar_buf_addf(&text, "%s%.*s=", i == 0 ? "\n#   " : " ", AR_FMT(differ_columns[i].name));
        literal(&text, d->rows.cells[row * DIFFER_COLUMNS + i]);
    }
    (void)puts(text.ptr);
}

struct differ_batch {
    const struct differ *differ;
    const ar_expr *const *exprs;
    struct part *const *parts; /* NULL: say nothing */
    size_t n;
};

/* How many (expression, row) pairs differ. A query that fails counts as one. */
static size_t differ_count(const struct differ_batch *b, ar_arena *arena)
{
    const struct differ *d = b->differ;
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_vector_out *results = ar_make_n(arena, ar_vector_out, b->n);
    const ar_program *program;
    size_t differences = 0;
    ar_err err = ar_program_compile(b->exprs, b->n, differ_params, DIFFER_PARAMS, arena, &program);

    if (err.code != AR_OK) abort();
    ar_buf_addz(&sql, "SELECT ");
    for (size_t i = 0; i < b->n; i++) {
        results[i] = differ_column(ar_expr_type(b->exprs[i]), d->rows.n, arena);
        ar_buf_addz(&sql, i > 0 ? ", " : "");
        ar_expr_sql(b->exprs[i], d->dialect, differ_params, DIFFER_PARAMS, AR_LIT("a"), &sql);
    }
    ar_buf_addz(&sql, " FROM r AS a ORDER BY id");

    ar_vector *inputs;

    err = differ_inputs(d, program, arena, &inputs);
    if (err.code == AR_OK && d->dialect == AR_SQL_SHOWN)
        err = ar_engine_guard(d->engine, ar_buf_str(&sql));
    if (err.code == AR_OK) {
        ar_program_run(program, inputs, d->rows.n, arena, results);
        err = ar_engine_query(d->engine, ar_buf_str(&sql), NULL, 0, &rows);
    }
    if (err.code != AR_OK) {
        if (b->parts != NULL && b->n == 1)
            printf("# %.*s\n#   %s\n", AR_FMT(ar_err_text(err)), sql.ptr);
        return 1;
    }
    for (size_t row = 0; ar_rows_next(rows); row++)
        for (size_t i = 0; i < b->n; i++) {
            ar_value ours = differ_get(&results[i], row), theirs = ar_rows_get(rows, i);

            if (ar_value_eq(ours, theirs)) continue;
            differences++;
            if (b->parts != NULL) differ_say(d, b->parts[i], ours, theirs, row);
            if (b->parts != NULL) return differences;
        }
    return differences;
}

static bool differ_one(void *self, const char *text)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_expr *expr = differ_parse(&differ_scope, text, &arena);
    struct differ_batch one = { self, &expr, NULL, 1 };

    return expr != NULL && ar_expr_type(expr) != AR_NULL && differ_count(&one, &arena) > 0;
}

/* Finds which of the batch differ, shrinks and prints them. */
static void differ_explain(struct differ *d, const struct differ_batch *batch, ar_arena *arena)
{
    for (size_t i = 0; i < batch->n; i++) {
        ar_auto(ar_buf) text = { 0 };
        struct part *part = batch->parts[i];

        part_print(part, &text);
        if (!differ_one(d, text.ptr)) continue;
        shrink(part, differ_one, d);
        ar_buf_clear(&text);
        part_print(part, &text);

        const ar_expr *expr = differ_parse(&differ_scope, text.ptr, arena);

        (void)differ_count(&(struct differ_batch){ d, &expr, &part, 1 }, arena);
    }
}

/* `n` random expressions over all rows; how many pairs differ. */
[[maybe_unused]] static size_t differ_run(struct differ *d, size_t n, bool links)
{
    enum { BATCH = 16 };
    ar_expr_scope scope = differ_scope;
    size_t differences = 0;

    if (!links) scope.n_links = 0;
    for (size_t done = 0; done < n; done += BATCH) {
        ar_auto(ar_arena) arena = { 0 };
        const ar_expr *exprs[BATCH];
        struct part *parts[BATCH];
        struct differ_batch batch = { d, exprs, NULL, BATCH };

        for (size_t i = 0; i < BATCH; i++)
            parts[i] = random_expression(&scope, 1 + pick(6), &arena, &exprs[i]);

        size_t here = differ_count(&batch, &arena);

        batch.parts = parts;
        if (here > 0) differ_explain(d, &batch, &arena);
        differences += here;
    }
    return differences;
}
