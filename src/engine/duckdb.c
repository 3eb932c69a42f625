/* duckdb: a database opened, limited and locked; statements with bound values; transactions. */
#include "engine/duck.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SETTING_LEN = 64, QUOTE_LEN = 40 };

/* ---- open ---- */

typedef struct setting {
    const char *name;
    const char *value;
} setting;

/* No extension comes from outside, none is looked for in the user's home. */
static const setting always[] = {
    { "autoinstall_known_extensions", "false" }, { "autoload_known_extensions", "false" },
    { "allow_community_extensions", "false" },   { "allow_persistent_secrets", "false" },
    { "preserve_insertion_order", "false" },
};

static void set(duckdb_config config, const char *name, const char *value)
{
    duckdb_state state = ar_duck.set_config(config, name, value);

    assert(state == DuckDBSuccess); /* the names are ours, the version is checked */
    (void)state;
}

static unsigned long long kib(uint64_t bytes, uint64_t when_zero)
{
    return ((bytes == 0 ? when_zero : bytes) + 1023) / 1024;
}

static void configure(duckdb_config config, const ar_engine_options *options)
{
    char number[SETTING_LEN];

    for (size_t i = 0; i < AR_COUNT(always); i++) set(config, always[i].name, always[i].value);
    set(config, "access_mode", options->read_only ? "read_only" : "automatic");
    (void)snprintf(number, sizeof number, "%lluKiB", kib(options->memory_bytes, UINT64_C(1) << 30));
    set(config, "memory_limit", number);
    set(config, "temp_directory", options->temp_dir == NULL ? "" : options->temp_dir);
    if (options->threads > 0) {
        (void)snprintf(number, sizeof number, "%d", options->threads);
        set(config, "threads", number);
    }
}

static ar_err open_database(const ar_engine_options *options, duckdb_database *out_database)
{
    duckdb_config config = NULL;
    char *message = NULL;

    if (ar_duck.create_config(&config) != DuckDBSuccess)
        return ar_fail(AR_UNAVAILABLE, "the engine has no memory for its configuration");
    configure(config, options);
    duckdb_state state = ar_duck.open_ext(options->path, out_database, config, &message);
    ar_err err = state == DuckDBSuccess ? ar_ok() : ar_duck_fail(message);
    ar_duck.destroy_config(&config);
    ar_duck.free(message);
    if (err.code != AR_OK && options->path != NULL)
        return ar_context(err, "cannot open the database %s", options->path);
    return err;
}

/* After this nothing outside can be reached and nothing of it can be undone. The order matters:
 * files can only be allowed while access is open, and the lock comes last. The limit on disk has no
 * effect among the settings of an opening database, though it then shows there. */
static ar_err lock_down(ar_engine *engine, const ar_engine_options *options)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql, "SET max_temp_directory_size = '%lluKiB';",
                kib(options->temp_bytes, UINT64_C(10) << 30));
    ar_buf_addf(&sql, "SET checkpoint_threshold = '%lluKiB';",
                kib(options->log_bytes, UINT64_C(16) << 20));
    if (options->files != NULL) {
        ar_buf_addz(&sql, "SET allowed_paths = [");
        for (size_t i = 0; options->files[i] != NULL; i++) {
            if (i > 0) ar_buf_addc(&sql, ',');
            ar_sql_text(&sql, ar_str_of(options->files[i]));
        }
        ar_buf_addz(&sql, "];");
    }
    ar_buf_addz(&sql, "SET enable_external_access = false; SET lock_configuration = true");
    return ar_duck_exec(engine, sql.ptr);
}

/* Files that this process has open. The lock of a file tells processes apart and not engines: a
 * second one would write into the same file, and closing it would drop the lock of the first. */
static struct {
    pthread_mutex_t lock;
    ar_engine *first;
} open_here = { .lock = PTHREAD_MUTEX_INITIALIZER };

static ar_err check_not_open_here(const char *path)
{
    struct stat st;

    if (path == NULL || stat(path, &st) != 0) return ar_ok();
    for (const ar_engine *e = open_here.first; e != NULL; e = e->next_open)
        if (e->device == st.st_dev && e->inode == st.st_ino)
            return ar_fail(AR_CONFLICT, "this process has the database %s open already", path);
    return ar_ok();
}

static void enter_open_here(ar_engine *engine, const char *path)
{
    struct stat st = { 0 };

    if (path == NULL || stat(path, &st) != 0) return;
    engine->device = st.st_dev;
    engine->inode = st.st_ino;
    engine->next_open = open_here.first;
    open_here.first = engine;
}

static void leave_open_here(ar_engine *engine)
{
    ar_engine **at = &open_here.first;

    (void)pthread_mutex_lock(&open_here.lock);
    while (*at != NULL && *at != engine) at = &(*at)->next_open;
    if (*at != NULL) *at = engine->next_open;
    (void)pthread_mutex_unlock(&open_here.lock);
}

static ar_err open_once(const ar_engine_options *options, ar_engine *engine)
{
    (void)pthread_mutex_lock(&open_here.lock);
    ar_err err = check_not_open_here(options->path);
    if (err.code == AR_OK) err = open_database(options, &engine->database);
    if (err.code == AR_OK) enter_open_here(engine, options->path);
    (void)pthread_mutex_unlock(&open_here.lock);
    return err;
}

ar_err ar_engine_load(void)
{
    return ar_duck_load();
}

ar_err ar_engine_open(const ar_engine_options *options, ar_engine **out_engine)
{
    AR_TRY(ar_duck_load());

    ar_own(ar_engine) engine = calloc(1, sizeof *engine);
    if (engine == NULL) abort();
    AR_TRY(open_once(options, engine));
    if (ar_duck.connect(engine->database, &engine->connection) != DuckDBSuccess)
        return ar_fail(AR_UNAVAILABLE, "the engine gives no connection");
    AR_TRY_WITH(lock_down(engine, options), "cannot lock the engine down");
    (void)snprintf(engine->version, sizeof engine->version, "DuckDB %s", ar_duck.library_version());
    *out_engine = ar_move(engine);
    return ar_ok();
}

void ar_engine_free(ar_engine **engine)
{
    ar_engine *e = *engine;

    if (e == NULL) return;
    ar_engine_rollback(e);
    ar_duck.disconnect(&e->connection);
    ar_duck.close(&e->database);
    leave_open_here(e);
    ar_arena_done(&e->arena);
    free(e);
    *engine = NULL;
}

const char *ar_engine_version(const ar_engine *engine)
{
    return engine->version;
}

void ar_engine_interrupt(ar_engine *engine)
{
    ar_duck.interrupt(engine->connection);
}

/* ---- statements ---- */

/* Its first words, for a failure. One for want of memory, time or space is not its fault. */
static ar_err quoting(ar_err err, ar_str sql)
{
    ar_str text = ar_str_trim(sql);
    ar_str line = ar_str_cut(text, 0, ar_str_find(text, '\n'));
    int len = line.len > QUOTE_LEN ? QUOTE_LEN : (int)line.len;

    if (err.code == AR_OK || err.code == AR_LIMIT || err.code == AR_IO) return err;
    return ar_context(err, "%.*s%s", len, line.ptr, (size_t)len < text.len ? "…" : "");
}

static ar_err execute(duckdb_prepared_statement statement, duckdb_result *out_result)
{
    duckdb_result result = { 0 };

    if (ar_duck.execute_prepared(statement, &result) != DuckDBSuccess) {
        ar_err err = ar_duck_fail(ar_duck.result_error(&result));

        ar_duck.destroy_result(&result);
        return err;
    }
    *out_result = result;
    return ar_ok();
}

static ar_err exec_one(ar_engine *engine, duckdb_extracted_statements all, idx_t i)
{
    duckdb_prepared_statement statement = NULL;
    duckdb_result result = { 0 };
    ar_err err;

    if (ar_duck.prepare_extracted_statement(engine->connection, all, i, &statement) ==
        DuckDBSuccess)
        err = execute(statement, &result);
    else
        err = ar_duck_fail(ar_duck.prepare_error(statement));
    ar_duck.destroy_result(&result);
    ar_duck.destroy_prepare(&statement);
    return err;
}

ar_err ar_duck_exec(ar_engine *engine, const char *sql)
{
    duckdb_extracted_statements all = NULL;
    idx_t n = ar_duck.extract_statements(engine->connection, sql, &all);
    const char *message = ar_duck.extract_statements_error(all);
    ar_err err = message == NULL ? ar_ok() : ar_duck_fail(message);

    for (idx_t i = 0; i < n && err.code == AR_OK; i++) {
        err = exec_one(engine, all, i);
        if (err.code != AR_OK && n > 1)
            err = ar_context(err, "statement %d of %d", (int)i + 1, (int)n);
    }
    ar_duck.destroy_extracted(&all);
    return err;
}

ar_err ar_engine_exec(ar_engine *engine, const char *sql)
{
    return quoting(ar_duck_exec(engine, sql), ar_str_of(sql));
}

static ar_err bind(duckdb_prepared_statement statement, idx_t i, ar_value value)
{
    duckdb_state state = DuckDBError;

    switch (value.type) {
    case AR_NULL: state = ar_duck.bind_null(statement, i); break;
    case AR_BOOL: state = ar_duck.bind_boolean(statement, i, value.b); break;
    case AR_INT: state = ar_duck.bind_int64(statement, i, value.i); break;
    case AR_DOUBLE: state = ar_duck.bind_double(statement, i, value.d); break;
    case AR_TEXT:
        /* the engine throws across our frames at text that is not UTF-8 */
        AR_TRY_WITH(ar_duck_check_text(value.s), "argument $%d", (int)i);
        state = ar_duck.bind_varchar_length(statement, i, value.s.len == 0 ? "" : value.s.ptr,
                                            value.s.len);
        break;
    case AR_TIME:
        if (value.i < AR_TIME_MIN || value.i > AR_TIME_MAX)
            state = ar_duck.bind_null(statement, i);
        else
            state = ar_duck.bind_timestamp(statement, i, (duckdb_timestamp){ .micros = value.i });
        break;
    }
    if (state != DuckDBSuccess) return ar_fail(AR_INVALID, "argument $%d does not bind", (int)i);
    return ar_ok();
}

static ar_err bind_all(duckdb_prepared_statement statement, const ar_value *args, size_t n_args)
{
    idx_t wanted = ar_duck.nparams(statement);

    if (wanted != n_args)
        return ar_fail(AR_INVALID, "the statement takes %d arguments, not %zu", (int)wanted,
                       n_args);
    for (size_t i = 0; i < n_args; i++) AR_TRY(bind(statement, i + 1, args[i]));
    return ar_ok();
}

static ar_err prepare(ar_engine *engine, ar_str sql, duckdb_prepared_statement *out_statement)
{
    ar_auto(ar_buf) text = { 0 };

    if (ar_str_find(sql, '\0') != sql.len) return ar_fail(AR_INVALID, "a NUL byte in a statement");
    ar_buf_add(&text, sql);
    ar_buf_addc(&text, '\n');
    if (ar_duck.prepare(engine->connection, text.ptr, out_statement) != DuckDBSuccess)
        return ar_duck_fail(ar_duck.prepare_error(*out_statement));
    return ar_ok();
}

ar_err ar_duck_query(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                     duckdb_result *out_result)
{
    duckdb_prepared_statement statement = NULL;
    ar_err err = prepare(engine, sql, &statement);

    if (err.code == AR_OK) err = bind_all(statement, args, n_args);
    if (err.code == AR_OK) err = execute(statement, out_result);
    ar_duck.destroy_prepare(&statement);
    return quoting(err, sql);
}

ar_err ar_engine_run(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                     int64_t *out_changed)
{
    duckdb_result result;

    AR_TRY(ar_duck_query(engine, sql, args, n_args, &result));
    if (out_changed != NULL) *out_changed = (int64_t)ar_duck.rows_changed(&result);
    ar_duck.destroy_result(&result);
    return ar_ok();
}

ar_err ar_engine_value(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                       ar_arena *arena, ar_value *out_value)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(engine, sql, args, n_args, &rows));
    *out_value = ar_rows_next(rows) ? ar_value_copy(arena, ar_rows_get(rows, 0)) : ar_null();
    return ar_ok();
}

/* ---- transactions ---- */

ar_err ar_engine_begin(ar_engine *engine)
{
    AR_TRY(ar_duck_exec(engine, "BEGIN TRANSACTION"));
    engine->in_transaction = true;
    return ar_ok();
}

ar_err ar_engine_commit(ar_engine *engine)
{
    AR_TRY(ar_duck_exec(engine, "COMMIT"));
    engine->in_transaction = false;
    ar_duck_functions_settle(engine, true);
    return ar_ok();
}

void ar_engine_rollback(ar_engine *engine)
{
    if (!engine->in_transaction) return;
    engine->in_transaction = false;
    /* A commit that failed has already ended the transaction; then there is nothing to roll back
     * and the engine's complaint says only that. */
    ar_err err = ar_duck_exec(engine, "ROLLBACK");
    (void)err;
    ar_duck_functions_settle(engine, false);
}

ar_err ar_engine_checkpoint(ar_engine *engine)
{
    return ar_duck_exec(engine, "CHECKPOINT");
}
