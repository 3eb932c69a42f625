/* tests: a standard's own rows: what must pass, fail, be unknown or be out of scope. */
#pragma once

#include "standard/scan.h"

/* What one row came to, three ways: the C evaluator alone, the printed SQL, and the scan that
 * `evaluate` runs. */
typedef struct ar_standard_result {
    const ar_standard_test *test;
    enum ar_state row, sql, scan;
} ar_standard_result;

static inline bool ar_standard_result_ok(const ar_standard_result *result)
{
    return result->row == result->test->want && result->sql == result->test->want &&
           result->scan == result->test->want;
}

/* Runs them all, at a fixed time after the standard was issued. The engine is in memory and the
 * test's own: tables named like kinds are made in it. */
ar_err ar_standard_run_tests(const ar_standard *standard, ar_scans *scans, ar_arena *arena,
                             ar_standard_result **out_results);
