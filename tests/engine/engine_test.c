#include "open.h"

TEST(values_of_every_type_go_in_and_come_out)
{
    ar_own(ar_engine) engine = memory_engine();
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { ar_bool(true),           ar_int(INT64_MIN),  ar_double(0.5),
                        ar_text(AR_LIT("a\0b")), ar_at(AR_TIME_MAX), ar_null() };

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (b BOOLEAN, i BIGINT, d DOUBLE, s VARCHAR, "
                                "\"at\" TIMESTAMP, n BIGINT)"));
    int64_t changed = 0;
    T_OK(ar_engine_run(engine, AR_LIT("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)"), args,
                       AR_COUNT(args), &changed));
    T_INT(changed, 1);
    T_OK(ar_engine_query(engine, AR_LIT("SELECT * FROM t"), NULL, 0, &rows));
    T_INT(ar_rows_width(rows), 6);
    T_STR(ar_rows_name(rows, 4), "at");
    T_INT(ar_rows_type(rows, 4), AR_TIME);
    T_TRUE(ar_rows_next(rows));
    for (size_t i = 0; i < AR_COUNT(args); i++) T_TRUE(ar_value_eq(ar_rows_get(rows, i), args[i]));
    T_TRUE(!ar_rows_next(rows));
    T_TRUE(!ar_rows_next(rows));
}

TEST(types_of_the_engine_arrive_as_ours)
{
    static const struct {
        const char *sql;
        enum ar_type type;
        const char *text;
    } rows[] = {
        { "true", AR_BOOL, "true" },
        { "(-128)::TINYINT", AR_INT, "-128" },
        { "255::UTINYINT", AR_INT, "255" },
        { "(-32768)::SMALLINT", AR_INT, "-32768" },
        { "65535::USMALLINT", AR_INT, "65535" },
        { "(-2147483648)::INTEGER", AR_INT, "-2147483648" },
        { "4294967295::UINTEGER", AR_INT, "4294967295" },
        { "9223372036854775807::UBIGINT", AR_INT, "9223372036854775807" },
        { "18446744073709551615::UBIGINT", AR_TEXT, "18446744073709551615" },
        { "sum(7)", AR_INT, "7" },
        { "(-9223372036854775808)::HUGEINT", AR_INT, "-9223372036854775808" },
        { "(-9223372036854775809)::HUGEINT", AR_TEXT, "-9223372036854775809" },
        { "(-1)::HUGEINT", AR_INT, "-1" },
        { "340282366920938463463374607431768211455::UHUGEINT", AR_TEXT,
          "340282366920938463463374607431768211455" },
        { "0.25::FLOAT", AR_DOUBLE, "0.25" },
        { "1.5", AR_DOUBLE, "1.5" },
        { "(-1.005)::DECIMAL(38, 3)", AR_DOUBLE, "-1.005" },
        { "12.5::DECIMAL(9, 1)", AR_DOUBLE, "12.5" },
        { "TIMESTAMP '2026-11-21 01:02:03.000004'", AR_TIME, "2026-11-21T01:02:03.000004Z" },
        { "TIMESTAMP_S '2026-11-21 01:02:03'", AR_TIME, "2026-11-21T01:02:03Z" },
        { "TIMESTAMP_MS '2026-11-21 01:02:03.004'", AR_TIME, "2026-11-21T01:02:03.004000Z" },
        { "TIMESTAMP_NS '1969-12-31 23:59:59.999999999'", AR_TIME, "1969-12-31T23:59:59.999999Z" },
        { "TIMESTAMPTZ '2026-11-21 01:02:03+00'", AR_TIME, "2026-11-21T01:02:03Z" },
        { "DATE '2026-11-21'", AR_TIME, "2026-11-21T00:00:00Z" },
        { "TIMESTAMP 'infinity'", AR_NULL, "" },
        { "TIMESTAMP '-infinity'", AR_NULL, "" },
        { "TIMESTAMP_S 'infinity'", AR_NULL, "" },
        { "TIMESTAMP_MS '-infinity'", AR_NULL, "" },
        { "TIMESTAMP_NS 'infinity'", AR_NULL, "" },
        { "DATE 'infinity'", AR_NULL, "" },
        { "TIMESTAMP '10000-01-01 00:00:00'", AR_NULL, "" },
        { "DATE '0001-01-01' - 1", AR_NULL, "" },
        { "TIME '01:02:03'", AR_TEXT, "01:02:03" },
        { "INTERVAL 3 DAY", AR_TEXT, "3 days" },
        { "'a\\x00b'::BLOB", AR_TEXT, "a\\x00b" },
        { "'0101'::BIT", AR_TEXT, "0101" },
        { "'00112233-4455-6677-8899-aabbccddeeff'::UUID", AR_TEXT,
          "00112233-4455-6677-8899-aabbccddeeff" },
        { "'b'::ENUM('a', 'b')", AR_TEXT, "b" },
        { "[1, NULL, 3]", AR_TEXT, "[1, NULL, 3]" },
        { "[]::INTEGER[]", AR_TEXT, "[]" },
        { "[1.5, 2.5]::DECIMAL(3, 1)[]", AR_TEXT, "[1.5, 2.5]" },
        { "{'a': 1, 'b': ['x', 'y']}", AR_TEXT, "{'a': 1, 'b': [x, y]}" },
        { "MAP {'k': 1, 'l': NULL}", AR_TEXT, "{k=1, l=NULL}" },
        { "[1, 2]::INTEGER[2]", AR_TEXT, "[1, 2]" },
        { "union_value(n := 7)", AR_TEXT, "7" },
        { "TIMETZ '01:02:03+02'", AR_TEXT, "01:02:03+02" },
        { "[[1], [], NULL, [NULL]]", AR_TEXT, "[[1], [], NULL, [NULL]]" },
        { "[MAP {'k': {'a': [DATE '2026-11-21']}}]", AR_TEXT, "[{k={'a': [2026-11-21]}}]" },
        { "[TIMESTAMPTZ '2026-11-21 01:02:03+00']", AR_TEXT, "['2026-11-21 01:02:03+00']" },
        { "{'t': TRUE, 'h': 1::HUGEINT, 'f': 0.5::FLOAT, 'i': INTERVAL 1 MONTH}", AR_TEXT,
          "{'t': true, 'h': 1, 'f': 0.5, 'i': 1 month}" },
        { "NULL", AR_NULL, "" },
    };
    ar_own(ar_engine) engine = memory_engine();

    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) text = { 0 };
        ar_value got = value(engine, ar_arena_printf(&arena, "SELECT %s", rows[i].sql).ptr, &arena);

        ar_value_print(&text, got);
        if (got.type != rows[i].type || !ar_str_eq(ar_buf_str(&text), ar_str_of(rows[i].text)))
            printf("# SELECT %s\n", rows[i].sql);
        T_INT(got.type, rows[i].type);
        T_STR(ar_buf_str(&text), rows[i].text);
        if (rows[i].type != AR_TEXT) continue;
        ar_str cast = ar_arena_printf(&arena, "SELECT CAST(%s AS VARCHAR)", rows[i].sql);
        T_STR(value(engine, cast.ptr, &arena).s, rows[i].text); /* as the engine prints it */
    }
    ar_auto(ar_arena) arena = { 0 };
    T_STR(value(engine, "SELECT 2::BIGNUM", &arena).s, "?");
}

TEST(a_transaction_that_is_rolled_back_leaves_nothing)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();

    ar_engine_rollback(engine);
    T_OK(ar_engine_exec(engine, "CREATE TABLE t (i BIGINT)"));
    T_OK(ar_engine_begin(engine));
    T_OK(ar_engine_exec(engine, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"));
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 2);
    ar_engine_rollback(engine);
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 0);
    T_OK(ar_engine_begin(engine));
    T_OK(ar_engine_exec(engine, "INSERT INTO t VALUES (1)"));
    T_OK(ar_engine_commit(engine));
    ar_engine_rollback(engine);
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 1);
}

TEST(failures_say_in_one_sentence_what_is_wrong)
{
    static const struct {
        const char *sql;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "SELEC 1", AR_INVALID, "syntax error" },
        { "SELECT * FROM nowhere", AR_NOT_FOUND, "nowhere" },
        { "SELECT nothing FROM t", AR_INVALID, "nothing" },
        { "SELECT no_such_function(1)", AR_NOT_FOUND, "no_such_function" },
        { "INSERT INTO t VALUES (1)", AR_CONFLICT, "uplicate key" },
        { "INSERT INTO t VALUES (NULL)", AR_CONFLICT, "NOT NULL" },
        { "CREATE TABLE t (i BIGINT)", AR_CONFLICT, "already exists" },
        { "SELECT 'x'::BIGINT", AR_INVALID, "Could not convert" },
        { "SELECT $1", AR_INVALID, "takes 1 arguments, not 0" },
        { "SELECT 1; SELECT 2", AR_INVALID, "multiple statements" },
        { "COMMIT", AR_CONFLICT, "no transaction is active" },
    };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (i BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)"));
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err = ar_engine_run(engine, ar_str_of(bad[i].sql), NULL, 0, NULL);

        T_FAILS(err, bad[i].code, bad[i].says);
        T_TRUE(ar_str_find(ar_err_text(err), '\n') == ar_err_text(err).len);
    }
}
