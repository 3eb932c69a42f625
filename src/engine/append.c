/* append: many rows into one table, a chunk at a time. */
#include "engine/duck.h"

#include <stdlib.h>

struct ar_append {
    ar_engine *engine;
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    size_t n_rows; /* in the chunk, not yet handed over */
    enum ar_type *types;
    size_t n_columns;
    bool own_transaction; /* none was open: all or nothing is up to us */
    ar_arena arena;
};

static ar_err appender_failure(duckdb_appender appender)
{
    duckdb_error_data data = ar_duck.appender_error_data(appender);
    ar_err err = ar_duck_fail_data(data);

    ar_duck.destroy_error_data(&data);
    return err;
}

/* A chunk of our types; what the table has instead (INTEGER, UUID, …) the engine converts to. */
static void make_chunk(ar_append *append)
{
    duckdb_logical_type *logical =
        ar_make_n(&append->arena, duckdb_logical_type, append->n_columns);

    append->types = ar_make_n(&append->arena, enum ar_type, append->n_columns);
    for (size_t i = 0; i < append->n_columns; i++) {
        duckdb_logical_type of_table = ar_duck.appender_column_type(append->appender, i);

        append->types[i] = ar_duck_type(ar_duck.get_type_id(of_table));
        logical[i] = ar_duck_logical(append->types[i]);
        ar_duck.destroy_logical_type(&of_table);
    }
    append->chunk = ar_duck.create_data_chunk(logical, append->n_columns);
    for (size_t i = 0; i < append->n_columns; i++) ar_duck.destroy_logical_type(&logical[i]);
}

/* "ar.run" is table run of schema ar. */
static duckdb_state create(ar_append *append, const char *table)
{
    const char *dot = strchr(table, '.');
    ar_str schema = { .ptr = table, .len = dot == NULL ? 0 : (size_t)(dot - table) };

    return ar_duck.appender_create(append->engine->connection,
                                   dot == NULL ? NULL : ar_arena_cstr(&append->arena, schema),
                                   dot == NULL ? table : dot + 1, &append->appender);
}

ar_err ar_append_open(ar_engine *engine, const char *table, ar_append **out_append)
{
    ar_own(ar_append) append = calloc(1, sizeof *append);
    if (append == NULL) abort();
    append->engine = engine;
    if (create(append, table) != DuckDBSuccess)
        return ar_context(appender_failure(append->appender), "cannot append to %s", table);
    append->n_columns = ar_duck.appender_column_count(append->appender);
    make_chunk(append);
    if (!engine->in_transaction) {
        AR_TRY(ar_engine_begin(engine));
        append->own_transaction = true;
    }
    *out_append = ar_move(append);
    return ar_ok();
}

static ar_err hand_over(ar_append *append)
{
    if (append->n_rows == 0) return ar_ok();
    ar_duck.data_chunk_set_size(append->chunk, append->n_rows);
    duckdb_state state = ar_duck.append_data_chunk(append->appender, append->chunk);
    ar_duck.data_chunk_reset(append->chunk);
    append->n_rows = 0;
    return state == DuckDBSuccess ? ar_ok() : appender_failure(append->appender);
}

static ar_err check_width(const ar_append *append, size_t n)
{
    if (n != append->n_columns)
        return ar_fail(AR_INVALID, "a row of %zu values for a table of %zu columns", n,
                       append->n_columns);
    return ar_ok();
}

static ar_err check_type(const ar_append *append, size_t column, enum ar_type type)
{
    if (type != append->types[column])
        return ar_fail(AR_INVALID, "column %zu takes %s, not %s", column + 1,
                       ar_type_name(append->types[column]), ar_type_name(type));
    return ar_ok();
}

/* All is checked before the first column is written: a refused row leaves no trace. */
ar_err ar_append_row(ar_append *append, const ar_value *values, size_t n)
{
    AR_TRY(check_width(append, n));
    for (size_t i = 0; i < n; i++) {
        if (values[i].type == AR_NULL) continue;
        AR_TRY(check_type(append, i, values[i].type));
        if (values[i].type == AR_TEXT)
            AR_TRY_WITH(ar_duck_check_text(values[i].s), "column %zu", i + 1);
    }
    for (size_t i = 0; i < n; i++)
        ar_duck_put(ar_duck.data_chunk_get_vector(append->chunk, i), append->n_rows, values[i]);
    if (++append->n_rows < AR_ENGINE_BATCH) return ar_ok();
    return hand_over(append);
}

static ar_err fill(ar_append *append, const ar_vector *columns, size_t from, size_t n)
{
    for (size_t i = 0; i < append->n_columns; i++)
        AR_TRY_WITH(ar_duck_put_column(ar_duck.data_chunk_get_vector(append->chunk, i), &columns[i],
                                       from, n),
                    "column %zu", i + 1);
    append->n_rows = n;
    return ar_ok();
}

ar_err ar_append_batch(ar_append *append, const ar_vector *columns, size_t n_columns, size_t n_rows)
{
    AR_TRY(check_width(append, n_columns));
    for (size_t i = 0; i < n_columns; i++) AR_TRY(check_type(append, i, columns[i].type));
    AR_TRY(hand_over(append));
    for (size_t from = 0; from < n_rows; from += AR_ENGINE_BATCH) {
        size_t n = n_rows - from < AR_ENGINE_BATCH ? n_rows - from : AR_ENGINE_BATCH;
        ar_err err = fill(append, columns, from, n);

        if (err.code != AR_OK) {
            ar_duck.data_chunk_reset(append->chunk); /* half a chunk is none */
            return err;
        }
        AR_TRY(hand_over(append));
    }
    return ar_ok();
}

static ar_err finish(ar_append *append)
{
    AR_TRY(hand_over(append));
    if (ar_duck.appender_close(append->appender) != DuckDBSuccess)
        return appender_failure(append->appender);
    return append->own_transaction ? ar_engine_commit(append->engine) : ar_ok();
}

ar_err ar_append_close(ar_append **append)
{
    ar_err err = finish(*append);

    ar_append_free(append);
    return err;
}

void ar_append_free(ar_append **append)
{
    ar_append *a = *append;

    if (a == NULL) return;
    ar_duck.destroy_data_chunk(&a->chunk);
    ar_duck.appender_destroy(&a->appender); /* writes what it still holds: so roll back after it */
    if (a->own_transaction) ar_engine_rollback(a->engine);
    ar_arena_done(&a->arena);
    free(a);
    *append = NULL;
}
