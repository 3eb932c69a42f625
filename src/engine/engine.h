/* engine: the SQL seam. One database, values in, rows out; which product is behind it stays here.
 *
 * Every value is bound. SQL text given here comes from the program or from kind files, never from a
 * request; ar_engine_guard (engine/guard.h) is the way for a person's own SELECT. */
#pragma once

#include "base/base.h"

enum {
    AR_ENGINE_BATCH = 2048,    /* rows of one vector */
    AR_ENGINE_ARGS_MAX = 1024, /* columns of one function */
};

typedef struct ar_engine ar_engine; /* a database and its one connection; one thread at a time */
/* A finished result: independent of later statements, on disk where memory does not hold it; freed
 * before its engine. */
typedef struct ar_rows ar_rows;

typedef struct ar_engine_options {
    const char *path; /* NULL: in memory */
    bool read_only;
    uint64_t memory_bytes;    /* 0: 1 GiB */
    int threads;              /* 0: as many as the machine has */
    const char *temp_dir;     /* NULL: nothing is spilled */
    uint64_t temp_bytes;      /* 0: 10 GiB */
    uint64_t log_bytes;       /* beside the file, until they are written into it; 0: 16 MiB. A
                                 transaction counts with what it holds in memory */
    const char *const *files; /* NULL-ended: files outside that SQL may touch; NULL: none */
} ar_engine_options;

/* Loads the engine's library, which opening does too: for who enters a sandbox before. It starts no
 * threads.
 *   AR_UNAVAILABLE  it is not there, or is of another version than its header */
ar_err ar_engine_load(void);

/* Opens, limits and locks down: no files, no network, no extensions, configuration locked. Without
 * ORDER BY rows come in any order (it saves much memory).
 *
 * While it is open, this process must not open and close its file in any other way, not even to
 * copy it: POSIX drops the lock on a file when the process closes any descriptor of it.
 *   AR_UNAVAILABLE  the library is not there, or is of another version than its header
 *   AR_CONFLICT     another process holds the database (the sentence has its pid), or this one
 *   AR_NOT_FOUND    its folder is not there; read_only: it is not there
 *   AR_INVALID      the file is damaged, no database, or of a newer format */
ar_err ar_engine_open(const ar_engine_options *options, ar_engine **out_engine);
void ar_engine_free(ar_engine **engine);
const char *ar_engine_version(const ar_engine *engine); /* "DuckDB v1.4.4" */
/* Ends the statement that runs now with AR_LIMIT; from any thread, for deadlines. Does nothing when
 * none runs. */
void ar_engine_interrupt(ar_engine *engine);

/* One or more statements, no arguments. A failure quotes the statement's first words, unless it was
 * for want of memory, time or space. */
ar_err ar_engine_exec(ar_engine *engine, const char *sql);
/* One statement with $1, $2, … bound. out_changed may be NULL. */
ar_err ar_engine_run(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                     int64_t *out_changed);
ar_err ar_engine_query(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                       ar_rows **out_rows);
/* First column of the first row, copied into `arena`; NULL when there is no row. */
ar_err ar_engine_value(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                       ar_arena *arena, ar_value *out_value);

/* Before the first ar_rows_next there is no current row. Types beyond ours arrive as text,
 * integers that int does not hold too. Times beyond our years are NULL. */
size_t ar_rows_width(const ar_rows *rows);
ar_str ar_rows_name(const ar_rows *rows, size_t column);
enum ar_type ar_rows_type(const ar_rows *rows, size_t column);
bool ar_rows_next(ar_rows *rows);
/* Texts live until the next ar_rows_next or ar_rows_free. */
ar_value ar_rows_get(ar_rows *rows, size_t column);
void ar_rows_free(ar_rows **rows);

/* Transactions, always through these and never as SQL. A failed statement leaves the transaction to
 * be rolled back. ar_engine_rollback without a transaction does nothing, so cleanup may always call
 * it. */
ar_err ar_engine_begin(ar_engine *engine);
ar_err ar_engine_commit(ar_engine *engine);
void ar_engine_rollback(ar_engine *engine);
/* Everything committed is in the database file itself, no log beside it. */
ar_err ar_engine_checkpoint(ar_engine *engine);

/* Writes an identifier with quotes, a text literal with quotes: for SQL made from kind files. */
void ar_sql_name(ar_buf *sql, ar_str name);
void ar_sql_text(ar_buf *sql, ar_str text);
/* The engine's name of a type: BOOLEAN, BIGINT, DOUBLE, VARCHAR, TIMESTAMP. */
const char *ar_sql_type(enum ar_type type);

/* ---- many rows in ---- */

typedef struct ar_append ar_append;

/* Appends to all columns of `table` ("run", "ar.run") in their order. Without an open transaction
 * the append is one of its own, all or nothing; inside one a failure leaves that to be rolled back.
 */
ar_err ar_append_open(ar_engine *engine, const char *table, ar_append **out_append);
/* A row that is refused (AR_INVALID: its width, a type, text that is not UTF-8) leaves no trace and
 * the append goes on. Times beyond our years are stored as NULL. A key or NOT NULL that is violated
 * may be told only by a later row or by _close. */
ar_err ar_append_row(ar_append *append, const ar_value *values, size_t n);
/* Whole columns, any number of rows. After a failure the append can only be freed. */
ar_err ar_append_batch(ar_append *append, const ar_vector *columns, size_t n_columns,
                       size_t n_rows);
/* Writes what is held back; frees the append whether it fails or not. */
ar_err ar_append_close(ar_append **append);
void ar_append_free(ar_append **append); /* gives up; nothing after _close */

/* ---- our functions inside the engine ---- */

/* A failure of any of these ends the statement that called it, which then fails with the same code
 * and sentence. Names must be new; what is registered in a transaction goes when it is rolled back,
 * but for sources, which come again by themselves when named again. */

/* Fills `out` (all valid on entry) for n_rows ≤ AR_ENGINE_BATCH rows. Called from the engine's own
 * threads, several at once: `self` is shared, read-only. Times beyond our years arrive as NULL.
 * Rows of constants may be computed once. */
typedef ar_err ar_scalar_fn(const void *self, const ar_vector *args, size_t n_rows,
                            ar_vector_out *out);

/* SELECT name(…). `self` must outlive the engine. AR_CONFLICT when the name is taken. */
ar_err ar_engine_scalar(ar_engine *engine, const char *name, const enum ar_type *args,
                        size_t n_args, enum ar_type result, ar_scalar_fn *fn, const void *self);

/* Whether a scalar or an aggregate of that name is registered. */
bool ar_engine_has(const ar_engine *engine, const char *name);

/* An aggregate whose state is `state_size` plain bytes, zero at first, aligned to 8; the engine may
 * move it. add: row i goes to states[i]; the same state may come many times. merge: adds `from` to
 * `into`. The result of a group is text made by `print` into `out`. */
typedef struct ar_aggregate {
    size_t state_size;
    ar_err (*add)(const void *self, const ar_vector *args, size_t n_rows, void *const *states);
    void (*merge)(const void *self, const void *from, void *into);
    void (*print)(const void *self, const void *state, ar_buf *out);
} ar_aggregate;

ar_err ar_engine_aggregate(ar_engine *engine, const char *name, const enum ar_type *args,
                           size_t n_args, const ar_aggregate *aggregate, const void *self);

/* A table function without arguments: SELECT * FROM name(). `next` fills up to AR_ENGINE_BATCH rows
 * of all columns (all valid on entry) and says how many; 0 ends. Up to `lanes` of the engine's
 * threads call it at once, each with a lane of its own below that number; texts, which the engine
 * reads where they lie, must live until the next call of the same lane. */
typedef struct ar_source {
    const ar_str *names;
    const enum ar_type *types;
    size_t n_columns;
    size_t lanes; /* 0: 1 */
    ar_err (*next)(void *self, size_t lane, ar_vector_out *columns, size_t *out_rows);
    void *self;
} ar_source;

/* Puts the source behind the name, in the place of what was there: the engine cannot forget a
 * function, so use few names. What it points to must live until the last statement that reads it;
 * NULL leaves a name that reads nothing. */
ar_err ar_engine_source(ar_engine *engine, const char *name, const ar_source *source);
