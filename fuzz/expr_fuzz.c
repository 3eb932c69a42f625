/* Any text parses or is refused with a place; what parses prints back to the same tree, evaluates
 * over a row alone as in a batch, and prints as SQL that does not grow beyond measure. */
#include "expr/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ar_expr_column columns[] = {
    { AR_LIT("a"), AR_BOOL }, { AR_LIT("b"), AR_BOOL },   { AR_LIT("i"), AR_INT },
    { AR_LIT("j"), AR_INT },  { AR_LIT("d"), AR_DOUBLE }, { AR_LIT("s"), AR_TEXT },
    { AR_LIT("r"), AR_TEXT }, { AR_LIT("t"), AR_TIME },   { AR_LIT("u"), AR_TIME },
};
static const ar_value row[] = {
    { .type = AR_BOOL, .b = true },
    { .type = AR_NULL },
    { .type = AR_INT, .i = INT64_MIN },
    { .type = AR_INT, .i = -1 },
    { .type = AR_DOUBLE, .d = -1.5e300 },
    { .type = AR_TEXT, .s = AR_LIT("a_%\\ \xc3\xa4\xf0\x9d\x84\x9e") },
    { .type = AR_TEXT, .s = AR_LIT("") },
    { .type = AR_TIME, .i = AR_TIME_MAX },
    { .type = AR_TIME, .i = 951782400000000 },
};
static const ar_str key[] = { AR_LIT("i") };
static const ar_expr_scope linked = { .what = AR_LIT("kind l"),
                                      .columns = columns,
                                      .n_columns = AR_COUNT(columns) };
static const ar_expr_link links[] = { { AR_LIT("l"), &linked, AR_LIT("l"), key, key, 1 } };
static const ar_expr_scope scope = { .what = AR_LIT("kind k"),
                                     .columns = columns,
                                     .n_columns = AR_COUNT(columns),
                                     .links = links,
                                     .n_links = 1 };
static const ar_expr_param params[] = {
    { AR_LIT("asof"), { .type = AR_TIME, .i = 951782400000000 } },
    { AR_LIT("n"), { .type = AR_INT, .i = 30 } },
    { AR_LIT("x"), { .type = AR_DOUBLE, .d = 0.1 } },
};
enum { PARAMS = AR_COUNT(params) };

static ar_err parse(ar_str text, ar_arena *arena, const ar_expr **out)
{
    ar_expr_place place = { AR_LIT("f"), 1, 1 };

    return ar_expr_parse(&scope, params, PARAMS, place, text, arena, out);
}

static ar_value input(const ar_program_input *in)
{
    for (size_t i = 0; i < AR_COUNT(columns); i++)
        if (ar_str_eq(in->column, columns[i].name)) return row[i];
    return ar_int(2);
}

/* The same row, as a batch of one. */
static ar_value as_batch(const ar_program *program, const ar_value *inputs, enum ar_type type,
                         ar_arena *arena)
{
    static const uint64_t none[1];
    size_t n;
    const ar_program_input *in = ar_program_inputs(program, &n);
    ar_vector *vectors = ar_make_n(arena, ar_vector, n + 1);
    ar_value value = { .type = type };
    uint64_t valid = ~UINT64_C(0);
    ar_vector_out out = { .type = type, .valid = &valid, .data = &value.s };

    for (size_t i = 0; i < n; i++)
        vectors[i] = (ar_vector){ .type = in[i].type,
                                  .valid = inputs[i].type == AR_NULL ? none : NULL,
                                  .data = &inputs[i].s };
    ar_program_run(program, vectors, 1, arena, &out);
    return (valid & 1) != 0 ? value : ar_null();
}

static void evaluate(const ar_expr *expr, ar_arena *arena)
{
    const ar_program *program = NULL;
    size_t n;
    ar_value result;
    ar_err err = ar_program_compile(&expr, 1, params, PARAMS, arena, &program);

    assert(err.code == AR_OK);

    const ar_program_input *in = ar_program_inputs(program, &n);
    ar_value *inputs = ar_make_n(arena, ar_value, n + 1);

    for (size_t i = 0; i < n; i++) inputs[i] = input(&in[i]);
    ar_program_row(program, inputs, arena, &result);
    assert(result.type == AR_NULL || result.type == ar_expr_type(expr));
    assert(result.type != AR_DOUBLE || result.d - result.d == 0);
    assert(result.type != AR_TIME || (result.i >= AR_TIME_MIN && result.i <= AR_TIME_MAX));
    assert(ar_value_eq(result, as_batch(program, inputs, ar_expr_type(expr), arena)));
}

static void print_back(const ar_expr *expr, ar_arena *arena)
{
    ar_auto(ar_buf) first = { 0 };
    ar_auto(ar_buf) second = { 0 };
    const ar_expr *again = NULL;

    ar_expr_print(expr, &first);

    /* what is printed takes blanks and parentheses, so only its length may be too much */
    ar_err err = parse(ar_buf_str(&first), arena, &again);

    assert(err.code == AR_OK || (err.code == AR_LIMIT && first.len > AR_EXPR_TEXT_MAX));
    if (err.code != AR_OK) return;
    ar_expr_print(again, &second);
    assert(ar_str_eq(ar_buf_str(&first), ar_buf_str(&second)));
    /* what was found to be NULL whatever it is fed has lost its type in print */
    assert(ar_expr_type(again) == ar_expr_type(expr) || ar_expr_type(again) == AR_NULL);
}

static void print_sql(const ar_expr *expr, enum ar_dialect dialect, size_t size)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_expr_sql(expr, dialect, params, PARAMS, AR_LIT("a"), &sql);
    assert(sql.len > 0 && sql.len < 4096 + 2048 * size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_expr *expr = NULL;
    ar_err err = parse((ar_str){ (const char *)data, size }, &arena, &expr);

    if (err.code != AR_OK) {
        assert(ar_str_starts(ar_err_text(err), AR_LIT("f:")) && expr == NULL);
        return 0;
    }
    print_back(expr, &arena);
    evaluate(expr, &arena);
    print_sql(expr, AR_SQL_DUCKDB, size);
    print_sql(expr, AR_SQL_POSTGRES, size);
    return 0;
}
