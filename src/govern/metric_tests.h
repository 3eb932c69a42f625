/* metric_tests: a metric's own rows, and what they must come to. */
#pragma once

#include "govern/measure.h"

/* :asof of all tests: 2027-01-01T00:00:00Z */
#define AR_METRIC_TEST_ASOF INT64_C(1798761600000000)

/* What the rows of one test came to, by the C evaluator alone and as SQL. */
typedef struct ar_metric_result {
    const ar_metric_test *test;
    ar_measure row, sql;
} ar_metric_result;

/* Both say what the test does, and the same of everything else. */
bool ar_metric_result_ok(const ar_metric_result *result);

/* Runs them all, at that time. The engine is in memory and the test's own: tables named like
 * kinds are made in it. */
ar_err ar_metric_run_tests(const ar_metric *metric, ar_engine *engine, ar_arena *arena,
                           ar_metric_result **out_results);
