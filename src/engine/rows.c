/* rows: a finished result, read row by row, its values in our types. */
#include "engine/duck.h"

#include <stdlib.h>

typedef struct column {
    ar_str name;
    duckdb_type id;
    duckdb_logical_type logical;
    enum ar_type type;
    duckdb_vector vector; /* these three belong to the current chunk */
    const void *data;
    const uint64_t *valid;
} column;

struct ar_rows {
    duckdb_result result;
    duckdb_data_chunk chunk;
    idx_t row, n_rows; /* in the chunk; row counts from 1, 0 is before the first */
    idx_t n_left;      /* in the chunks behind it */
    column *columns;
    size_t n_columns;
    ar_arena arena; /* columns and names */
    ar_arena texts; /* of this row, where the chunk holds none */
};

/* `n` units, where the engine's infinities and times beyond our years are unknown. */
static ar_value time_of(int64_t n, int64_t unit)
{
    int64_t micros;

    if (__builtin_mul_overflow(n, unit, &micros) || micros < AR_TIME_MIN || micros > AR_TIME_MAX)
        return ar_null();
    return ar_at(micros);
}

static ar_value nanoseconds(int64_t n)
{
    if (n == INT64_MAX || n == -INT64_MAX) return ar_null(); /* the engine's infinities */
    return ar_at(n / 1000 - (n % 1000 < 0));
}

static ar_value other(ar_rows *rows, const column *c, idx_t row)
{
    return ar_text(ar_duck_cell_text(c->vector, c->logical, row, &rows->texts));
}

/* Integers wider than ours: as a number where they fit. */
static ar_value wide(ar_rows *rows, const column *c, idx_t row, uint64_t lower, int64_t upper)
{
    bool negative = upper == -1 && lower > INT64_MAX;

    if ((upper == 0 && lower <= INT64_MAX) || negative) return ar_int((int64_t)lower);
    return other(rows, c, row);
}

static ar_value value_of(ar_rows *rows, const column *c, idx_t row)
{
#define AT(type) (((const type *)c->data)[row])
    switch ((int)c->id) {
    case DUCKDB_TYPE_BOOLEAN: return ar_bool(AT(uint8_t) != 0);
    case DUCKDB_TYPE_TINYINT: return ar_int(AT(int8_t));
    case DUCKDB_TYPE_SMALLINT: return ar_int(AT(int16_t));
    case DUCKDB_TYPE_INTEGER: return ar_int(AT(int32_t));
    case DUCKDB_TYPE_BIGINT: return ar_int(AT(int64_t));
    case DUCKDB_TYPE_UTINYINT: return ar_int(AT(uint8_t));
    case DUCKDB_TYPE_USMALLINT: return ar_int(AT(uint16_t));
    case DUCKDB_TYPE_UINTEGER: return ar_int(AT(uint32_t));
    case DUCKDB_TYPE_UBIGINT: return wide(rows, c, row, AT(uint64_t), 0);
    case DUCKDB_TYPE_HUGEINT:
        return wide(rows, c, row, AT(duckdb_hugeint).lower, AT(duckdb_hugeint).upper);
    case DUCKDB_TYPE_UHUGEINT:
        return wide(rows, c, row, AT(duckdb_uhugeint).lower,
                    AT(duckdb_uhugeint).upper == 0 ? 0 : 1);
    case DUCKDB_TYPE_FLOAT: return ar_double((double)AT(float));
    case DUCKDB_TYPE_DOUBLE: return ar_double(AT(double));
    case DUCKDB_TYPE_DECIMAL:
        return ar_double(ar_duck.decimal_to_double(ar_duck_decimal(c->vector, c->logical, row)));
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return time_of(AT(int64_t), 1);
    case DUCKDB_TYPE_TIMESTAMP_S: return time_of(AT(int64_t), AR_SECOND);
    case DUCKDB_TYPE_TIMESTAMP_MS: return time_of(AT(int64_t), AR_SECOND / 1000);
    case DUCKDB_TYPE_TIMESTAMP_NS: return nanoseconds(AT(int64_t));
    case DUCKDB_TYPE_DATE: return time_of(AT(int32_t), AR_DAY);
    case DUCKDB_TYPE_VARCHAR: return ar_text(ar_duck_text(&AT(duckdb_string_t)));
    default: return other(rows, c, row);
    }
#undef AT
}

static bool next_chunk(ar_rows *rows)
{
    ar_duck.destroy_data_chunk(&rows->chunk);
    rows->row = 0;
    rows->n_rows = 0;
    rows->chunk = ar_duck.fetch_chunk(rows->result);
    /* DuckDB tells a block that cannot be read back from disk as the end: half a result must not
     * pass for a whole one */
    if (rows->chunk == NULL) {
        assert(rows->n_left == 0);
        return false;
    }

    rows->n_rows = ar_duck.data_chunk_get_size(rows->chunk);
    rows->n_left -= rows->n_rows;
    for (size_t i = 0; i < rows->n_columns; i++) {
        column *c = &rows->columns[i];

        c->vector = ar_duck.data_chunk_get_vector(rows->chunk, i);
        c->data = ar_duck.vector_get_data(c->vector);
        c->valid = ar_duck.vector_get_validity(c->vector);
    }
    return true;
}

ar_err ar_engine_query(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                       ar_rows **out_rows)
{
    duckdb_result result;

    AR_TRY(ar_duck_query(engine, sql, args, n_args, &result));

    ar_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) abort();
    rows->result = result;
    rows->n_left = ar_duck.row_count(&rows->result);
    rows->n_columns = ar_duck.column_count(&rows->result);
    rows->columns = ar_make_n(&rows->arena, column, rows->n_columns);
    for (size_t i = 0; i < rows->n_columns; i++) {
        column *c = &rows->columns[i];

        c->name = ar_str_of(ar_duck.column_name(&rows->result, i));
        c->logical = ar_duck.column_logical_type(&rows->result, i);
        c->id = ar_duck.get_type_id(c->logical);
        c->type = ar_duck_type(c->id);
    }
    *out_rows = rows;
    return ar_ok();
}

size_t ar_rows_width(const ar_rows *rows)
{
    return rows->n_columns;
}

ar_str ar_rows_name(const ar_rows *rows, size_t i)
{
    assert(i < rows->n_columns);
    return rows->columns[i].name;
}

enum ar_type ar_rows_type(const ar_rows *rows, size_t i)
{
    assert(i < rows->n_columns);
    return rows->columns[i].type;
}

bool ar_rows_next(ar_rows *rows)
{
    ar_arena_done(&rows->texts);
    while (rows->row == rows->n_rows)
        if (!next_chunk(rows)) return false;
    rows->row++;
    return true;
}

ar_value ar_rows_get(ar_rows *rows, size_t i)
{
    assert(i < rows->n_columns && rows->row > 0);

    const column *c = &rows->columns[i];
    idx_t row = rows->row - 1;
    if (c->valid != NULL && (c->valid[row / 64] >> (row % 64) & 1) == 0) return ar_null();
    return value_of(rows, c, row);
}

void ar_rows_free(ar_rows **rows)
{
    ar_rows *r = *rows;

    if (r == NULL) return;
    for (size_t i = 0; i < r->n_columns; i++) ar_duck.destroy_logical_type(&r->columns[i].logical);
    ar_duck.destroy_data_chunk(&r->chunk);
    ar_duck.destroy_result(&r->result);
    ar_arena_done(&r->texts);
    ar_arena_done(&r->arena);
    free(r);
    *rows = NULL;
}
