/* duck: what the files of this folder share: DuckDB's functions as found at run time, and what an
 * open engine holds. No other folder includes this header. */
#pragma once

#include "engine/engine.h"

#include <duckdb.h>
#include <sys/types.h>

/* Every function of DuckDB that we call; its type is the header's. */
#define AR_DUCK(X)                             \
    X(aggregate_function_add_parameter)        \
    X(aggregate_function_get_extra_info)       \
    X(aggregate_function_set_error)            \
    X(aggregate_function_set_extra_info)       \
    X(aggregate_function_set_functions)        \
    X(aggregate_function_set_name)             \
    X(aggregate_function_set_return_type)      \
    X(aggregate_function_set_special_handling) \
    X(append_data_chunk)                       \
    X(appender_close)                          \
    X(appender_column_count)                   \
    X(appender_column_type)                    \
    X(appender_create)                         \
    X(appender_destroy)                        \
    X(appender_error_data)                     \
    X(array_type_array_size)                   \
    X(array_type_child_type)                   \
    X(array_vector_get_child)                  \
    X(bind_add_result_column)                  \
    X(bind_boolean)                            \
    X(bind_double)                             \
    X(bind_get_extra_info)                     \
    X(bind_int64)                              \
    X(bind_null)                               \
    X(bind_set_error)                          \
    X(bind_timestamp)                          \
    X(bind_varchar_length)                     \
    X(close)                                   \
    X(column_count)                            \
    X(column_logical_type)                     \
    X(column_name)                             \
    X(connect)                                 \
    X(create_aggregate_function)               \
    X(create_array_value)                      \
    X(create_bit)                              \
    X(create_blob)                             \
    X(create_bool)                             \
    X(create_config)                           \
    X(create_data_chunk)                       \
    X(create_date)                             \
    X(create_decimal)                          \
    X(create_double)                           \
    X(create_enum_value)                       \
    X(create_float)                            \
    X(create_hugeint)                          \
    X(create_int16)                            \
    X(create_int32)                            \
    X(create_int64)                            \
    X(create_int8)                             \
    X(create_interval)                         \
    X(create_list_value)                       \
    X(create_logical_type)                     \
    X(create_map_value)                        \
    X(create_null_value)                       \
    X(create_scalar_function)                  \
    X(create_struct_value)                     \
    X(create_table_function)                   \
    X(create_time)                             \
    X(create_time_ns)                          \
    X(create_time_tz_value)                    \
    X(create_timestamp)                        \
    X(create_timestamp_ms)                     \
    X(create_timestamp_ns)                     \
    X(create_timestamp_s)                      \
    X(create_timestamp_tz)                     \
    X(create_uhugeint)                         \
    X(create_uint16)                           \
    X(create_uint32)                           \
    X(create_uint64)                           \
    X(create_uint8)                            \
    X(create_union_value)                      \
    X(create_uuid)                             \
    X(create_varchar_length)                   \
    X(data_chunk_get_size)                     \
    X(data_chunk_get_vector)                   \
    X(data_chunk_reset)                        \
    X(data_chunk_set_size)                     \
    X(decimal_internal_type)                   \
    X(decimal_scale)                           \
    X(decimal_to_double)                       \
    X(decimal_width)                           \
    X(destroy_aggregate_function)              \
    X(destroy_config)                          \
    X(destroy_data_chunk)                      \
    X(destroy_error_data)                      \
    X(destroy_extracted)                       \
    X(destroy_logical_type)                    \
    X(destroy_prepare)                         \
    X(destroy_result)                          \
    X(destroy_scalar_function)                 \
    X(destroy_table_function)                  \
    X(destroy_value)                           \
    X(disconnect)                              \
    X(enum_internal_type)                      \
    X(error_data_error_type)                   \
    X(error_data_message)                      \
    X(execute_prepared)                        \
    X(extract_statements)                      \
    X(extract_statements_error)                \
    X(fetch_chunk)                             \
    X(free)                                    \
    X(function_get_extra_info)                 \
    X(function_get_local_init_data)            \
    X(function_set_error)                      \
    X(get_type_id)                             \
    X(get_varchar)                             \
    X(init_get_extra_info)                     \
    X(init_set_init_data)                      \
    X(init_set_max_threads)                    \
    X(interrupt)                               \
    X(library_version)                         \
    X(list_type_child_type)                    \
    X(list_vector_get_child)                   \
    X(map_type_key_type)                       \
    X(map_type_value_type)                     \
    X(nparams)                                 \
    X(open_ext)                                \
    X(prepare)                                 \
    X(prepare_error)                           \
    X(prepare_extracted_statement)             \
    X(register_aggregate_function)             \
    X(register_scalar_function)                \
    X(register_table_function)                 \
    X(result_error)                            \
    X(row_count)                               \
    X(rows_changed)                            \
    X(scalar_function_add_parameter)           \
    X(scalar_function_get_extra_info)          \
    X(scalar_function_set_error)               \
    X(scalar_function_set_extra_info)          \
    X(scalar_function_set_function)            \
    X(scalar_function_set_name)                \
    X(scalar_function_set_return_type)         \
    X(scalar_function_set_special_handling)    \
    X(set_config)                              \
    X(struct_type_child_count)                 \
    X(struct_type_child_type)                  \
    X(struct_vector_get_child)                 \
    X(table_function_set_bind)                 \
    X(table_function_set_extra_info)           \
    X(table_function_set_function)             \
    X(table_function_set_init)                 \
    X(table_function_set_local_init)           \
    X(table_function_set_name)                 \
    X(union_type_member_type)                  \
    X(vector_assign_string_element_len)        \
    X(vector_ensure_validity_writable)         \
    X(vector_get_data)                         \
    X(vector_get_validity)

struct ar_duck {
#define X(name) typeof(&duckdb_##name) name;
    AR_DUCK(X)
#undef X
};

/* Filled by the first ar_duck_load that succeeds, never changed afterwards. */
extern struct ar_duck ar_duck;

ar_err ar_duck_load(void);

struct ar_engine {
    duckdb_database database;
    duckdb_connection connection;
    bool in_transaction;
    char version[32];
    dev_t device; /* of its file, while it is among those open here */
    ino_t inode;
    struct ar_engine *next_open;
    ar_arena arena;                 /* what functions registered here look at */
    struct ar_duck_source *sources; /* every name ever registered */
    struct ar_duck_function *functions;
};

/* The failure that DuckDB's message tells: its kind from the words in front, its first line as the
 * sentence. */
ar_err ar_duck_fail(const char *message);
ar_err ar_duck_fail_data(duckdb_error_data data);
/* A failure of a function of ours as text for the engine, from which ar_duck_fail restores it. */
const char *ar_duck_say(ar_err err, ar_arena *arena);

ar_err ar_duck_exec(ar_engine *engine, const char *sql);
ar_err ar_duck_query(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                     duckdb_result *out_result);

/* Any value of a vector as text: lists, structures, blobs and what else we have no type for. The
 * row is not NULL. What DuckDB gives no way to read (BIGNUM) prints as "?". */
ar_str ar_duck_cell_text(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                         ar_arena *arena);
duckdb_decimal ar_duck_decimal(duckdb_vector vector, duckdb_logical_type type, idx_t row);

/* ---- vectors: columns of a chunk, ours and DuckDB's ---- */

enum ar_type ar_duck_type(duckdb_type type);            /* the one it arrives as */
duckdb_logical_type ar_duck_logical(enum ar_type type); /* the caller destroys it */

/* A view of an element; a short text lies in the element itself. */
ar_str ar_duck_text(const duckdb_string_t *stored);
/* AR_INVALID when it is not UTF-8: the engine would take it and fail much later. */
ar_err ar_duck_check_text(ar_str text);
/* Writes one value (a text has been checked), or rows `from` to `from + n` of a column to the front
 * of a vector, which holds no nulls yet; `from` is a multiple of 64, n at most AR_ENGINE_BATCH.
 * Times beyond our years become NULL. */
void ar_duck_put(duckdb_vector vector, size_t row, ar_value value);
ar_err ar_duck_put_column(duckdb_vector vector, const ar_vector *column, size_t from, size_t n);

/* Memory of the calling thread for views of n_columns in one call of ours by the engine. */
typedef struct ar_duck_scratch ar_duck_scratch;

ar_duck_scratch *ar_duck_scratch_start(size_t n_columns);
/* The columns of a chunk as our functions read them. */
const ar_vector *ar_duck_columns(ar_duck_scratch *scratch, duckdb_data_chunk chunk,
                                 const enum ar_type *types, size_t n_columns);
/* Columns to fill, all valid, and their way to the engine. */
ar_vector_out ar_duck_out(ar_duck_scratch *scratch, enum ar_type type);
ar_vector_out *ar_duck_outs(ar_duck_scratch *scratch, const enum ar_type *types, size_t n);
ar_err ar_duck_put_out(duckdb_vector vector, const ar_vector_out *out, size_t n);
/* The same, but the vector points to the texts, which must live as long as the engine reads it. */
ar_err ar_duck_lend_out(duckdb_vector vector, const ar_vector_out *out, size_t n);

/* ---- functions ---- */

/* A function registered in a transaction goes with it when it is rolled back. */
void ar_duck_functions_settle(ar_engine *engine, bool committed);
