#include "govern/metric_tests.h"

#include "standard/made.h"

#include <math.h>

/* ---- what was wanted ---- */

/* Sums of doubles come in any order. */
static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

static bool is_value(ar_value got, ar_value want)
{
    if (got.type == AR_NULL || want.type == AR_NULL) return got.type == want.type;
    return is_near(got.d, want.d);
}

static bool is_wanted(int64_t got, ar_value want)
{
    return want.type == AR_NULL || got == want.i;
}

static bool same(const ar_measure *a, const ar_measure *b)
{
    return is_value(a->value, b->value) && ar_value_eq(a->met, b->met) &&
           a->numerator == b->numerator && a->denominator == b->denominator &&
           a->unknown == b->unknown && a->rows == b->rows;
}

bool ar_metric_result_ok(const ar_metric_result *result)
{
    const ar_metric_test *test = result->test;
    const ar_measure *row = &result->row;

    return is_value(row->value, test->value) && is_wanted(row->numerator, test->numerator) &&
           is_wanted(row->denominator, test->denominator) &&
           is_wanted(row->unknown, test->unknown) && same(row, &result->sql);
}

/* ---- the C evaluator ---- */

typedef struct sums {
    ar_measure measure;
    ar_value extreme;
} sums;

static double number(ar_value value)
{
    return value.type == AR_DOUBLE ? value.d : value.type == AR_INT ? (double)value.i : 0;
}

static void add(int64_t *sum, ar_value more)
{
    assert(more.type == AR_INT); /* weights are ints, and not NULL where they are asked for */
    if (__builtin_add_overflow(*sum, more.i, sum)) *sum = INT64_MAX;
}

static ar_err add_weight(const ar_metric *metric, const ar_row *row, bool known, ar_arena *arena,
                         sums *to)
{
    const ar_expr *exprs[] = { metric->part, metric->whole };
    ar_value weights[2];

    AR_TRY(ar_row_eval(&metric->rule, row, exprs, AR_COUNT(exprs), arena, weights));
    if (known) add(&to->measure.numerator, weights[0]);
    add(&to->measure.denominator, weights[1]);
    return ar_ok();
}

static ar_err add_value(const ar_metric *metric, const ar_row *row, ar_arena *arena, sums *to)
{
    const ar_expr *exprs[] = { metric->value, metric->since };
    ar_value values[2];
    double value;

    AR_TRY(ar_row_eval(&metric->rule, row, exprs, metric->since == NULL ? 1 : 2, arena, values));
    value = metric->since == NULL ? number(values[0])
                                  : (double)(values[0].i - values[1].i) / (double)AR_DAY;
    if (to->extreme.type == AR_NULL)
        to->extreme = ar_double(value);
    else if (metric->form == AR_METRIC_CAP)
        to->extreme.d = fmax(to->extreme.d, value);
    else
        to->extreme.d = fmin(to->extreme.d, value);
    return ar_ok();
}

static ar_err add_row(const ar_metric *metric, const ar_row *row, ar_arena *arena, sums *to)
{
    enum ar_state state;

    AR_TRY(ar_row_judge(&metric->rule, row, arena, &state));
    if (state == AR_OUT) return ar_ok();
    to->measure.rows++;
    to->measure.unknown += state == AR_UNKNOWN;
    if (metric->part != NULL) return add_weight(metric, row, state != AR_UNKNOWN, arena, to);
    to->measure.numerator += state == AR_PASS;
    to->measure.denominator += 1;
    if (metric->value == NULL || state == AR_UNKNOWN) return ar_ok();
    return add_value(metric, row, arena, to);
}

/* ---- both ---- */

static ar_err run_test(const ar_metric *metric, const ar_metric_test *test, ar_engine *engine,
                       const ar_map *views, ar_arena *arena, ar_metric_result *out)
{
    const ar_kind *kind = metric->rule.kind;
    sums sum = { 0 };

    out->test = test;
    AR_TRY(ar_made_tables(kind, engine));
    for (size_t i = 0; i < test->rows->n; i++) {
        ar_row row;

        AR_TRY(ar_row_read(metric->file, &kind->scope, test->rows->items[i], AR_METRIC_TEST_ASOF,
                           arena, &row));
        ar_made_keys(&row, ar_arena_printf(arena, "test-%zu", i));
        AR_TRY(add_row(metric, &row, arena, &sum));
        AR_TRY(ar_made_insert(kind, &row, (int64_t)i, engine, arena));
    }
    ar_measure_judge(metric, sum.extreme, &sum.measure);
    out->row = sum.measure;
    return ar_measure_run(metric, engine, views, AR_METRIC_TEST_ASOF, arena, &out->sql);
}

ar_err ar_metric_run_tests(const ar_metric *metric, ar_engine *engine, ar_arena *arena,
                           ar_metric_result **out_results)
{
    ar_metric_result *results = ar_make_n(arena, ar_metric_result, metric->n_tests);
    ar_map views = { 0 };

    AR_TRY(ar_made_tables(metric->rule.kind, engine));
    AR_TRY(ar_measure_views(engine, arena, &views));
    for (size_t i = 0; i < metric->n_tests; i++)
        AR_TRY(run_test(metric, &metric->tests[i], engine, &views, arena, &results[i]));
    *out_results = results;
    return ar_ok();
}
