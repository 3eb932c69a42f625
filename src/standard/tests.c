#include "standard/tests.h"

#include "standard/made.h"

/* Rows are judged so long after their standard was issued: "-10d" lies after the issue, and a row
 * about older things names its day. */
enum { TEST_DAYS_AFTER_ISSUE = 1000 };

static ar_err judge_by_sql(const ar_standard *standard, ar_time asof, ar_engine *engine,
                           ar_arena *arena, ar_standard_result *results)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    ar_buf_addz(&sql, "SELECT a.\"test_row\", ");
    ar_standard_sql(standard, AR_SQL_DUCKDB, asof, true, arena, &sql);
    ar_buf_addz(&sql, " FROM ");
    ar_sql_name(&sql, standard->kind->name);
    ar_buf_addz(&sql, " a WHERE a.\"test_row\" IS NOT NULL");
    AR_TRY(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows))
        results[ar_rows_get(rows, 0).i].sql = (enum ar_state)ar_rows_get(rows, 1).i;
    return ar_ok();
}

static ar_err judge_by_scan(const ar_standard *standard, ar_time asof, ar_scans *scans,
                            ar_standard_result *results)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_scan scan;

    AR_TRY(ar_scan_make(scans, standard->kind, standard->kind->name, &standard, 1, asof, true,
                        &scan));
    ar_buf_addf(&sql, "SELECT a.\"test_row\", %.*s FROM %.*s WHERE a.\"test_row\" IS NOT NULL",
                AR_FMT(scan.verdict), AR_FMT(scan.from));
    AR_TRY(ar_engine_query(scans->engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows))
        results[ar_rows_get(rows, 0).i].scan = (enum ar_state)(ar_rows_get(rows, 1).i & 3);
    return ar_ok();
}

ar_err ar_standard_run_tests(const ar_standard *standard, ar_scans *scans, ar_arena *arena,
                             ar_standard_result **out_results)
{
    const ar_expr_scope *scope = &standard->kind->scope;
    ar_engine *engine = scans->engine;
    ar_standard_result *results = ar_make_n(arena, ar_standard_result, standard->n_tests);
    ar_time asof = standard->issued + TEST_DAYS_AFTER_ISSUE * AR_DAY;

    AR_TRY(ar_made_tables(standard->kind, engine));
    for (size_t i = 0; i < standard->n_tests; i++) {
        ar_row row;

        results[i].test = &standard->tests[i];
        AR_TRY(ar_row_read(standard->file, scope, standard->tests[i].row, asof, arena, &row));
        ar_made_keys(&row, ar_arena_printf(arena, "test-%zu", i));
        AR_TRY(ar_row_judge(standard, &row, arena, &results[i].row));
        AR_TRY(ar_made_insert(standard->kind, &row, (int64_t)i, engine, arena));
    }
    AR_TRY(judge_by_sql(standard, asof, engine, arena, results));
    AR_TRY(judge_by_scan(standard, asof, scans, results));
    *out_results = results;
    return ar_ok();
}
