#include "standard/made.h"

void ar_made_keys(const ar_row *row, ar_str id)
{
    ar_value *own = ar_row_cell(row, AR_LIT("id"));

    if (own->type == AR_NULL) *own = ar_text(id);
    for (size_t i = 0; i < row->scope->n_links; i++)
        for (size_t k = 0; k < row->scope->links[i].n; k++) {
            ar_value *key = ar_row_cell(row, row->scope->links[i].ours[k]);

            if (key->type == AR_NULL) *key = ar_text(AR_LIT("test"));
        }
}

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

ar_err ar_made_tables(const ar_kind *kind, ar_engine *engine)
{
    const ar_expr_scope *scope = &kind->scope;

    AR_TRY(make_table(engine, kind->name, scope));
    for (size_t i = 0; i < scope->n_links; i++)
        if (!ar_str_eq(scope->links[i].table, kind->name))
            AR_TRY(make_table(engine, scope->links[i].table, scope->links[i].target));
    return ar_ok();
}

ar_err ar_made_insert(const ar_kind *kind, const ar_row *row, int64_t test_row, ar_engine *engine,
                      ar_arena *arena)
{
    AR_TRY(insert(engine, kind->name, &kind->scope, row->values, test_row, arena));
    return insert_linked(row, engine, arena);
}
