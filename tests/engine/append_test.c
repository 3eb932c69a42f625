#include "engine/duck.h"
#include "open.h"

#include <float.h>
#include <math.h>

static const enum ar_type types[] = { AR_BOOL, AR_INT, AR_DOUBLE, AR_TEXT, AR_TIME };

enum { WIDTH = AR_COUNT(types) };

static const char create[] =
    "CREATE TABLE t (b BOOLEAN, i BIGINT, d DOUBLE, s VARCHAR, \"at\" TIMESTAMP, n BIGINT)";

static ar_str random_text(t_random *r, ar_arena *arena)
{
    static const ar_str pieces[] = { AR_LIT("a"),  AR_LIT("é"), AR_LIT("\0"),   AR_LIT("'"),
                                     AR_LIT("\n"), AR_LIT("🔑"), AR_LIT("%_\\"), AR_LIT("\"") };
    ar_auto(ar_buf) text = { 0 };

    for (size_t n = t_below(r, 9); n > 0; n--) ar_buf_add(&text, pieces[t_below(r, 8)]);
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* Any value of the type, its extremes often, NULL at times. */
static ar_value random_value(t_random *r, enum ar_type type, ar_arena *arena)
{
    static const int64_t ints[] = { 0, -1, INT64_MIN, INT64_MAX };
    static const double doubles[] = { 0.0,      -0.0,      DBL_MAX,           DBL_MIN, DBL_TRUE_MIN,
                                      INFINITY, -INFINITY, __builtin_nan(""), 0.1 };
    static const int64_t times[] = { 0, -1, AR_TIME_MIN, AR_TIME_MAX };
    bool extreme = t_below(r, 2) == 0;

    if (t_below(r, 8) == 0) return ar_null();
    switch (type) {
    case AR_BOOL: return ar_bool(t_below(r, 2) == 0);
    case AR_INT: return ar_int(extreme ? ints[t_below(r, 4)] : (int64_t)t_next(r));
    case AR_DOUBLE: return ar_double(extreme ? doubles[t_below(r, 9)] : (double)t_next(r) / 3);
    case AR_TEXT: return ar_text(random_text(r, arena));
    case AR_TIME:
        return ar_at(extreme ? times[t_below(r, 4)] : (int64_t)(t_next(r) % (uint64_t)AR_TIME_MAX));
    case AR_NULL: break;
    }
    return ar_null();
}

static ar_value *random_rows(t_random *r, size_t n, ar_arena *arena)
{
    ar_value *values = ar_make_n(arena, ar_value, n * (WIDTH + 1));

    for (size_t row = 0; row < n; row++) {
        for (size_t i = 0; i < WIDTH; i++)
            values[row * (WIDTH + 1) + i] = random_value(r, types[i], arena);
        values[row * (WIDTH + 1) + WIDTH] = ar_int((int64_t)row);
    }
    return values;
}

static void expect_rows(ar_engine *engine, const ar_value *values, size_t n)
{
    ar_own(ar_rows) rows = NULL;
    size_t seen = 0, differ = 0;

    T_OK(ar_engine_query(engine, AR_LIT("SELECT * FROM t ORDER BY n"), NULL, 0, &rows));
    for (; rows != NULL && ar_rows_next(rows); seen++)
        for (size_t i = 0; i <= WIDTH && seen < n; i++)
            differ += !ar_value_eq(ar_rows_get(rows, i), values[seen * (WIDTH + 1) + i]);
    T_INT(seen, n);
    T_INT(differ, 0);
}

TEST(random_rows_come_back_as_they_were_appended)
{
    static const size_t sizes[] = { 0, 1, 2047, 2048, 2049, 5000 };
    t_random r = { 7 };

    for (size_t k = 0; k < AR_COUNT(sizes); k++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_own(ar_engine) engine = memory_engine();
        ar_own(ar_append) append = NULL;
        ar_value *values = random_rows(&r, sizes[k], &arena);

        T_OK(ar_engine_exec(engine, create));
        T_OK(ar_append_open(engine, "t", &append));
        for (size_t row = 0; row < sizes[k]; row++)
            T_OK(ar_append_row(append, &values[row * (WIDTH + 1)], WIDTH + 1));
        T_OK(ar_append_close(&append));
        T_TRUE(append == NULL);
        expect_rows(engine, values, sizes[k]);
    }
}

TEST(random_rows_come_back_as_they_were_bound)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    t_random r = { 11 };
    ar_value *values = random_rows(&r, 200, &arena);

    T_OK(ar_engine_exec(engine, create));
    for (size_t row = 0; row < 200; row++)
        T_OK(ar_engine_run(engine, AR_LIT("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)"),
                           &values[row * (WIDTH + 1)], WIDTH + 1, NULL));
    expect_rows(engine, values, 200);
}

/* The rows as columns, as a batch wants them. */
static ar_vector column_of(const ar_value *values, size_t n, size_t i, enum ar_type type,
                           ar_arena *arena)
{
    ar_vector_out out = { .type = type,
                          .valid = ar_make_n(arena, uint64_t, n / 64 + 1),
                          .data = ar_make_n(arena, ar_str, n + 1) };

    memset(out.valid, 0xff, (n / 64 + 1) * sizeof *out.valid);
    for (size_t row = 0; row < n; row++) {
        ar_value v = values[row * (WIDTH + 1) + i];

        if (v.type == AR_NULL) ar_vector_clear(&out, row);
        if (v.type == AR_BOOL) out.b[row] = v.b;
        if (v.type == AR_INT || v.type == AR_TIME) out.i[row] = v.i;
        if (v.type == AR_DOUBLE) out.d[row] = v.d;
        if (v.type == AR_TEXT) out.s[row] = v.s;
    }
    return (ar_vector){ .type = type, .valid = out.valid, .data = out.data };
}

TEST(batches_and_single_rows_mix)
{
    enum { N = 5000, SINGLE = 3 };
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_append) append = NULL;
    t_random r = { 13 };
    ar_value *values = random_rows(&r, N + SINGLE, &arena);
    const ar_value *rest = &values[SINGLE * (WIDTH + 1)];
    ar_vector columns[WIDTH + 1];

    for (size_t i = 0; i <= WIDTH; i++)
        columns[i] = column_of(rest, N, i, i == WIDTH ? AR_INT : types[i], &arena);
    T_OK(ar_engine_exec(engine, create));
    T_OK(ar_append_open(engine, "t", &append));
    for (size_t row = 0; row < SINGLE; row++)
        T_OK(ar_append_row(append, &values[row * (WIDTH + 1)], WIDTH + 1));
    T_OK(ar_append_batch(append, columns, WIDTH + 1, N));
    T_OK(ar_append_close(&append));
    expect_rows(engine, values, N + SINGLE);
}

TEST(what_does_not_fit_the_table_is_refused_and_leaves_no_trace)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_append) append = NULL;

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (s VARCHAR, i INTEGER NOT NULL)"));
    T_FAILS(ar_append_open(engine, "nowhere", &append), AR_NOT_FOUND, "nowhere");
    T_OK(ar_append_open(engine, "t", &append));
    ar_value good[] = { ar_textz("good"), ar_int(1) };
    ar_value wrong_type[] = { ar_int(1), ar_int(1) };
    ar_value not_utf8[] = { ar_text(AR_LIT("a\xff")), ar_int(1) };
    T_FAILS(ar_append_row(append, good, 1), AR_INVALID, "1 values for a table of 2 columns");
    T_FAILS(ar_append_row(append, wrong_type, 2), AR_INVALID, "column 1 takes text, not int");
    T_FAILS(ar_append_row(append, not_utf8, 2), AR_INVALID,
            "column 1: text is not UTF-8 at byte 1");
    T_OK(ar_append_row(append, good, 2));
    T_OK(ar_append_close(&append));
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 1);

    T_OK(ar_append_open(engine, "t", &append));
    ar_value too_wide[] = { ar_textz("x"), ar_int(INT64_MAX) };
    T_OK(ar_append_row(append, good, 2));
    T_OK(ar_append_row(append, too_wide, 2));
    T_FAILS(ar_append_close(&append), AR_INVALID, "type mismatch");
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 1);

    T_OK(ar_append_open(engine, "t", &append));
    ar_value no_value[] = { ar_textz("x"), ar_null() };
    T_OK(ar_append_row(append, good, 2));
    T_OK(ar_append_row(append, no_value, 2));
    T_FAILS(ar_append_close(&append), AR_CONFLICT, "NOT NULL");
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 1);
}

TEST(an_append_that_is_freed_leaves_nothing)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_append) append = NULL;
    ar_value row[] = { ar_int(1) };

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (i BIGINT)"));
    T_OK(ar_append_open(engine, "t", &append));
    for (size_t i = 0; i < 3000; i++) T_OK(ar_append_row(append, row, 1));
    ar_append_free(&append);
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 0);
}

TEST(times_beyond_our_years_are_stored_as_unknown)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_append) append = NULL;
    ar_value late = ar_at(AR_TIME_MAX + 1);
    int64_t both[] = { AR_TIME_MIN - 1, AR_TIME_MIN };
    ar_vector column = { .type = AR_TIME, .i = both };

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (\"at\" TIMESTAMP)"));
    T_OK(ar_append_open(engine, "t", &append));
    T_OK(ar_append_row(append, &late, 1));
    T_OK(ar_append_batch(append, &column, 1, 2));
    T_OK(ar_append_close(&append));
    T_OK(ar_engine_run(engine, AR_LIT("INSERT INTO t VALUES ($1)"), &late, 1, NULL));
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 4);
    T_INT(value(engine, "SELECT count(\"at\") FROM t", &arena).i, 1);
}

static ar_err move_rows(ar_engine *engine)
{
    ar_own(ar_append) append = NULL;
    ar_value row[] = { ar_int(2) };

    AR_TRY(ar_engine_begin(engine));
    AR_TRY(ar_engine_run(engine, AR_LIT("DELETE FROM t"), NULL, 0, NULL));
    AR_TRY(ar_append_open(engine, "t", &append));
    AR_TRY(ar_append_row(append, row, 1));
    AR_TRY(ar_append_close(&append));
    return ar_engine_commit(engine);
}

/* The engine's own calls, and those that fail in their place once `calls_left` has run down to
 * zero: without having done anything, as on a full disk. */
static struct ar_duck real;
static long calls_left;

static bool is_due(void)
{
    return --calls_left == 0;
}

static duckdb_state fail_execute(duckdb_prepared_statement statement, duckdb_result *out_result)
{
    return is_due() ? DuckDBError : real.execute_prepared(statement, out_result);
}

static duckdb_state fail_prepare(duckdb_connection connection, const char *sql,
                                 duckdb_prepared_statement *out_statement)
{
    return real.prepare(connection, is_due() ? "SELECT nothing" : sql, out_statement);
}

static duckdb_state fail_create(duckdb_connection connection, const char *schema, const char *table,
                                duckdb_appender *out_appender)
{
    return real.appender_create(connection, schema, is_due() ? "nowhere" : table, out_appender);
}

static duckdb_state fail_append(duckdb_appender appender, duckdb_data_chunk chunk)
{
    return is_due() ? DuckDBError : real.append_data_chunk(appender, chunk);
}

static duckdb_state fail_close(duckdb_appender appender)
{
    return is_due() ? DuckDBError : real.appender_close(appender);
}

static ar_err move_rows_failing(ar_engine *engine, long n)
{
    real = ar_duck;
    calls_left = n;
    ar_duck.execute_prepared = fail_execute;
    ar_duck.prepare = fail_prepare;
    ar_duck.appender_create = fail_create;
    ar_duck.append_data_chunk = fail_append;
    ar_duck.appender_close = fail_close;
    ar_err err = move_rows(engine);
    ar_duck = real;
    return err;
}

TEST(work_that_fails_anywhere_leaves_the_state_before_it)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_err err;
    long n = 0;

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (i BIGINT); INSERT INTO t VALUES (1)"));
    do {
        err = move_rows_failing(engine, ++n);
        ar_engine_rollback(engine);
        T_INT(value(engine, "SELECT sum(i) FROM t", &arena).i, err.code == AR_OK ? 2 : 1);
    } while (err.code != AR_OK && n < 100);
    T_INT(n, 8); /* begin, prepare, execute, create, append, close and commit could fail */
}

TEST(rows_reach_a_table_of_another_schema)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_append) append = NULL;
    ar_value row = ar_int(7);

    T_OK(ar_engine_exec(engine, "CREATE SCHEMA ar; CREATE TABLE ar.run (n BIGINT)"));
    T_OK(ar_append_open(engine, "ar.run", &append));
    T_OK(ar_append_row(append, &row, 1));
    T_OK(ar_append_close(&append));
    T_INT(value(engine, "SELECT sum(n)::BIGINT FROM ar.run", &arena).i, 7);
}
