#include "standard/tests.h"

/* Rows are judged so long after their standard was issued: "-10d" lies after the issue, and a row
 * about older things names its day. */
enum { TEST_DAYS_AFTER_ISSUE = 1000 };

/* ---- values of a row ---- */

static ar_err read_value(ar_str file, ar_str name, const ar_node *node, enum ar_type type,
                         ar_time asof, ar_value *out)
{
    ar_err err = ar_ok();

    if (node->kind == AR_NODE_NULL) return *out = ar_null(), ar_ok();
    if (type == AR_BOOL && node->kind == AR_NODE_BOOL) return *out = ar_bool(node->b), ar_ok();
    if (type == AR_INT && node->kind == AR_NODE_INT) return *out = ar_int(node->i), ar_ok();
    if (type == AR_DOUBLE && node->kind == AR_NODE_INT)
        return *out = ar_double((double)node->i), ar_ok();
    if (type == AR_DOUBLE && node->kind == AR_NODE_DOUBLE)
        return *out = ar_double(node->d), ar_ok();
    if (type == AR_TEXT && node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP)
        return *out = ar_text(node->text), ar_ok();
    if (type == AR_TIME && node->kind == AR_NODE_TEXT) {
        ar_time at;

        err = ar_time_parse_from(node->text, asof, &at);
        if (err.code == AR_OK) return *out = ar_at(at), ar_ok();
        return ar_node_fail(file, node, "%.*s: %.*s", AR_FMT(name), AR_FMT(ar_err_text(err)));
    }
    return ar_node_fail(file, node, "'%.*s' is %s, found %s", AR_FMT(name), ar_type_name(type),
                        ar_node_kind_name(node->kind));
}

static ar_err check_columns(ar_str file, const ar_expr_scope *scope, const ar_node *row)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_str *known = ar_make_n(&scratch, ar_str, scope->n_columns + scope->n_links);
    size_t n = 0;
    ar_value value;

    for (size_t i = 0; i < scope->n_columns; i++) known[n++] = scope->columns[i].name;
    for (size_t i = 0; i < scope->n_links; i++) known[n++] = scope->links[i].name;
    AR_TRY_WITH(ar_node_only(file, row, known, n), "a test row of %.*s", AR_FMT(scope->what));
    for (size_t i = 0; i < row->n; i++) {
        const ar_pair *pair = &row->pairs[i];
        const ar_expr_column *column = ar_expr_column_find(scope, pair->key);

        if (column != NULL)
            AR_TRY(read_value(file, pair->key, pair->value, column->type, 0, &value));
    }
    return ar_ok();
}

ar_err ar_standard_test_check(ar_str file, const ar_kind *kind, const ar_node *row)
{
    AR_TRY(check_columns(file, &kind->scope, row));
    for (size_t i = 0; i < row->n; i++) {
        const ar_expr_link *link = ar_expr_link_find(&kind->scope, row->pairs[i].key);
        const ar_node *list = row->pairs[i].value;

        if (link == NULL) continue;
        if (list->kind != AR_NODE_LIST)
            return ar_node_fail(file, list, "'%.*s' is a link; want a list of its rows",
                                AR_FMT(link->name));
        for (size_t k = 0; k < list->n; k++)
            AR_TRY(check_columns(file, link->target, list->items[k]));
    }
    return ar_ok();
}

/* ---- one row as values in the order of the scope's columns ---- */

static ar_err fill(ar_str file, const ar_expr_scope *scope, const ar_node *row, ar_time asof,
                   ar_value *values)
{
    for (size_t i = 0; i < scope->n_columns; i++) {
        const ar_expr_column *column = &scope->columns[i];
        const ar_node *node = ar_node_get(row, column->name);

        values[i] = ar_str_eq(column->name, AR_LIT("last_seen")) ? ar_at(asof) : ar_null();
        if (node != NULL)
            AR_TRY(read_value(file, column->name, node, column->type, asof, &values[i]));
    }
    return ar_ok();
}

static ar_value *cell(const ar_expr_scope *scope, ar_value *values, ar_str name)
{
    const ar_expr_column *column = ar_expr_column_find(scope, name);

    assert(column != NULL); /* links name columns that exist: the kind was checked */
    return &values[column - scope->columns];
}

/* A thing has an id, and what links need of it, also where the row does not say. */
static void fill_keys(const ar_expr_scope *scope, ar_str id, ar_value *values)
{
    ar_value *own = cell(scope, values, AR_LIT("id"));

    if (own->type == AR_NULL) *own = ar_text(id);
    for (size_t i = 0; i < scope->n_links; i++)
        for (size_t k = 0; k < scope->links[i].n; k++) {
            ar_value *key = cell(scope, values, scope->links[i].ours[k]);

            if (key->type == AR_NULL) *key = ar_text(AR_LIT("test"));
        }
}

/* ---- the C evaluator ---- */

typedef struct subject {
    const ar_standard *standard;
    const ar_expr_param *params;
    ar_time asof;
    ar_arena *arena;
    ar_value *values;
    const ar_node *row;
} subject;

static ar_err count_linked(const subject *s, const ar_program_input *input, int64_t *out_n)
{
    const ar_expr_scope *target = input->link->target;
    const ar_node *list = ar_node_get(s->row, input->link->name);
    const ar_program *program = NULL;
    const ar_program_input *inputs = NULL;
    size_t n_inputs = 0;
    ar_value *row = ar_make_n(s->arena, ar_value, target->n_columns), *args, truth;

    *out_n = 0;
    if (list == NULL) return ar_ok();
    if (input->where == NULL) return *out_n = (int64_t)list->n, ar_ok();
    AR_TRY(
        ar_program_compile(&input->where, 1, s->params, s->standard->n_params, s->arena, &program));
    inputs = ar_program_inputs(program, &n_inputs);
    args = ar_make_n(s->arena, ar_value, n_inputs);
    for (size_t i = 0; i < list->n; i++) {
        AR_TRY(fill(s->standard->file, target, list->items[i], s->asof, row));
        for (size_t k = 0; k < n_inputs; k++) args[k] = *cell(target, row, inputs[k].column);
        ar_program_row(program, args, s->arena, &truth);
        *out_n += truth.type == AR_BOOL && truth.b;
    }
    return ar_ok();
}

static int tri(ar_value value)
{
    return value.type == AR_NULL ? -1 : value.b;
}

static ar_err judge_row(const subject *s, enum ar_state *out)
{
    const ar_standard *standard = s->standard;
    const ar_expr_scope *scope = &standard->kind->scope;
    const ar_expr *exprs[2] = { standard->pass, standard->where };
    size_t n_exprs = standard->where == NULL ? 1 : 2, n_inputs;
    const ar_program *program;
    const ar_program_input *inputs;
    ar_value *args, results[2] = { ar_null(), ar_bool(true) };
    ar_value seen = *cell(scope, s->values, AR_LIT("last_seen"));
    bool old;

    AR_TRY(ar_program_compile(exprs, n_exprs, s->params, standard->n_params, s->arena, &program));
    inputs = ar_program_inputs(program, &n_inputs);
    args = ar_make_n(s->arena, ar_value, n_inputs);
    for (size_t i = 0; i < n_inputs; i++) {
        int64_t n = 0;

        if (inputs[i].link == NULL) {
            args[i] = *cell(scope, s->values, inputs[i].column);
        } else {
            AR_TRY(count_linked(s, &inputs[i], &n));
            args[i] = ar_int(n);
        }
    }
    ar_program_row(program, args, s->arena, results);
    old = standard->stale_after > 0 &&
          (seen.type == AR_NULL || seen.i < s->asof - standard->stale_after);
    *out = ar_state_of(tri(results[1]), tri(results[0]),
                       cell(scope, s->values, AR_LIT("deleted_at"))->type != AR_NULL,
                       ar_standard_names_deleted(standard), old);
    return ar_ok();
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

static ar_err insert_linked(const subject *s, ar_engine *engine)
{
    const ar_expr_scope *scope = &s->standard->kind->scope;

    for (size_t i = 0; i < scope->n_links; i++) {
        const ar_expr_link *link = &scope->links[i];
        const ar_node *list = ar_node_get(s->row, link->name);

        for (size_t k = 0; list != NULL && k < list->n; k++) {
            ar_value *row = ar_make_n(s->arena, ar_value, link->target->n_columns);

            AR_TRY(fill(s->standard->file, link->target, list->items[k], s->asof, row));
            for (size_t j = 0; j < link->n; j++)
                *cell(link->target, row, link->theirs[j]) = *cell(scope, s->values, link->ours[j]);
            AR_TRY(insert(engine, link->table, link->target, row, -1, s->arena));
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
    subject s = { .standard = standard,
                  .asof = asof,
                  .arena = arena,
                  .params = ar_standard_params(standard, asof, arena) };

    AR_TRY(make_tables(standard, engine));
    for (size_t i = 0; i < standard->n_tests; i++) {
        results[i].test = &standard->tests[i];
        s.row = standard->tests[i].row;
        s.values = ar_make_n(arena, ar_value, scope->n_columns);
        AR_TRY(fill(standard->file, scope, s.row, asof, s.values));
        fill_keys(scope, ar_arena_printf(arena, "test-%zu", i), s.values);
        AR_TRY(judge_row(&s, &results[i].row));
        AR_TRY(insert(engine, standard->kind->name, scope, s.values, (int64_t)i, arena));
        AR_TRY(insert_linked(&s, engine));
    }
    AR_TRY(judge_by_sql(standard, asof, engine, arena, results));
    AR_TRY(judge_by_scan(standard, asof, scans, results));
    *out_results = results;
    return ar_ok();
}
