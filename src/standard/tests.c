#include "standard/tests.h"

#include "standard/row.h"

/* Rows are judged so long after their standard was issued: "-10d" lies after the issue, and a row
 * about older things names its day. */
enum { TEST_DAYS_AFTER_ISSUE = 1000 };

/* A thing has an id, and what links need of it, also where the row does not say. */
static void fill_keys(const ar_row *row, ar_str id)
{
    ar_value *own = ar_row_cell(row, AR_LIT("id"));

    if (own->type == AR_NULL) *own = ar_text(id);
    for (size_t i = 0; i < row->scope->n_links; i++)
        for (size_t k = 0; k < row->scope->links[i].n; k++) {
            ar_value *key = ar_row_cell(row, row->scope->links[i].ours[k]);

            if (key->type == AR_NULL) *key = ar_text(AR_LIT("test"));
        }
}

/* ---- the engine ---- */

/* The kind's table, with `gone` as the estate's view has it and the number of the test row. */
static ar_err make_table(ar_engine *engine, ar_str table, const ar_expr_scope *scope)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TABLE ");
    ar_sql_name(&sql, table);
    ar_buf_addz(&sql, " (");
    for (size_t i = 0; i < scope->n_columns; i++) {
        ar_sql_name(&sql, scope->columns[i].name);
        ar_buf_addf(&sql, " %s, ", ar_sql_type(scope->columns[i].type));
    }
    ar_buf_addz(&sql, "\"gone\" BOOLEAN DEFAULT FALSE, \"test_row\" BIGINT)");
    return ar_engine_exec(engine, sql.ptr);
}

/* `row` is -1 for a linked row, which is not judged itself. */
static ar_err insert(ar_engine *engine, ar_str table, const ar_expr_scope *scope,
                     const ar_value *values, int64_t row, ar_arena *arena)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value *args = ar_make_n(arena, ar_value, scope->n_columns + 1);

    ar_buf_addz(&sql, "INSERT INTO ");
    ar_sql_name(&sql, table);
    ar_buf_addz(&sql, " VALUES (");
    for (size_t i = 0; i < scope->n_columns; i++) {
        args[i] = values[i];
        ar_buf_addf(&sql, "$%zu, ", i + 1);
    }
    args[scope->n_columns] = row < 0 ? ar_null() : ar_int(row);
    ar_buf_addf(&sql, "FALSE, $%zu)", scope->n_columns + 1);
    return ar_engine_run(engine, ar_buf_str(&sql), args, scope->n_columns + 1, NULL);
}

static ar_err insert_linked(const ar_row *row, ar_engine *engine, ar_arena *arena)
{
    for (size_t i = 0; i < row->scope->n_links; i++) {
        const ar_expr_link *link = &row->scope->links[i];
        const ar_node *list = ar_node_get(row->node, link->name);

        for (size_t k = 0; list != NULL && k < list->n; k++) {
            ar_row linked;

            AR_TRY(ar_row_read(row->file, link->target, list->items[k], row->asof, arena, &linked));
            for (size_t j = 0; j < link->n; j++)
                *ar_row_cell(&linked, link->theirs[j]) = *ar_row_cell(row, link->ours[j]);
            AR_TRY(insert(engine, link->table, link->target, linked.values, -1, arena));
        }
    }
    return ar_ok();
}

static ar_err make_tables(const ar_standard *standard, ar_engine *engine)
{
    const ar_expr_scope *scope = &standard->kind->scope;

    AR_TRY(make_table(engine, standard->kind->name, scope));
    for (size_t i = 0; i < scope->n_links; i++)
        if (!ar_str_eq(scope->links[i].table, standard->kind->name))
            AR_TRY(make_table(engine, scope->links[i].table, scope->links[i].target));
    return ar_ok();
}

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

    AR_TRY(ar_scan_make(scans, standard->kind, &standard, 1, asof, true, &scan));
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

    AR_TRY(make_tables(standard, engine));
    for (size_t i = 0; i < standard->n_tests; i++) {
        ar_row row;

        results[i].test = &standard->tests[i];
        AR_TRY(ar_row_read(standard->file, scope, standard->tests[i].row, asof, arena, &row));
        fill_keys(&row, ar_arena_printf(arena, "test-%zu", i));
        AR_TRY(ar_row_judge(standard, &row, arena, &results[i].row));
        AR_TRY(insert(engine, standard->kind->name, scope, row.values, (int64_t)i, arena));
        AR_TRY(insert_linked(&row, engine, arena));
    }
    AR_TRY(judge_by_sql(standard, asof, engine, arena, results));
    AR_TRY(judge_by_scan(standard, asof, scans, results));
    *out_results = results;
    return ar_ok();
}
