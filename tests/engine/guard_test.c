#include "engine/guard.h"
#include "open.h"

static ar_engine *estate(void)
{
    ar_engine *engine = memory_engine();

    T_OK(ar_engine_exec(engine,
                        "CREATE SCHEMA hidden; CREATE TABLE hidden.secret (s VARCHAR);"
                        "CREATE TABLE app (id VARCHAR, name VARCHAR, env VARCHAR, n BIGINT, "
                        "last_seen TIMESTAMP, tags VARCHAR[]);"
                        "INSERT INTO app VALUES ('a1', 'pay', 'production', 1, NULL, ['x', 'y']);"
                        "CREATE VIEW account AS SELECT id, name FROM app;"
                        "CREATE SEQUENCE numbers; CREATE MACRO twice(x) AS x * 2"));
    return engine;
}

TEST(queries_people_write_are_let_through_and_run)
{
    static const char *const good[] = {
        "SELECT * FROM app",
        "select ID, Name from APP where env = 'production' order by 2 desc nulls last limit 5",
        "SELECT 1;",
        "-- how many\nSELECT count(*), count(DISTINCT env) FROM main.app -- all",
        "SELECT env, sum(n) AS s FROM app GROUP BY env HAVING sum(n) > 0 ORDER BY s",
        "SELECT a.id FROM app a JOIN account b USING (id) LEFT JOIN app c ON c.id = b.id",
        "SELECT n FROM app WHERE id IN (SELECT id FROM account) AND EXISTS (FROM account)",
        "SELECT id FROM app WHERE name LIKE 'p%' AND name NOT ILIKE '%Z' AND n BETWEEN 0 AND 9",
        "WITH x AS (SELECT id FROM app), y AS (SELECT id FROM x) SELECT * FROM y",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) FROM r",
        "SELECT id FROM app UNION ALL SELECT id FROM account EXCEPT SELECT 'z'",
        "SELECT CASE WHEN n > 1 THEN 'many' ELSE 'one' END, coalesce(name, '?') FROM app",
        "SELECT last_seen > now() - INTERVAL 30 DAY, date_trunc('day', last_seen) FROM app",
        "SELECT row_number() OVER (PARTITION BY env ORDER BY n), sum(n) OVER () FROM app",
        "SELECT rank() OVER w, lag(n, 1) OVER w FROM app WINDOW w AS (ORDER BY n) QUALIFY true",
        "SELECT unnest(tags) FROM app",
        "SELECT t FROM app, unnest(tags) AS u(t)",
        "SELECT n::VARCHAR, CAST('2026-01-01' AS DATE), TRY_CAST(name AS INTEGER) FROM app",
        "SELECT DISTINCT ON (env) * EXCLUDE (tags) FROM app",
        "SELECT tags[1], list_contains(tags, 'x'), len(tags), [1, 2], {'a': 1} FROM app",
        "SELECT string_agg(name, ', ' ORDER BY name) FILTER (WHERE n > 0) FROM app",
        "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(i, s)",
        "SELECT upper(name) || lower(env) || substring(id, 1, 2) FROM app",
        "SELECT id FROM app USING SAMPLE 10",
        "SELECT env, count(*) FROM app GROUP BY ROLLUP (env)",
        "SELECT (SELECT max(n) FROM app), n % 2, n // 2, -n, n / 2, abs(n) FROM app",
        "SELECT extract(year FROM last_seen), epoch(last_seen) FROM app",
        "FROM app SELECT id",
        "SELECT last_seen::TIMESTAMPTZ, n::DECIMAL(9, 2), TIMESTAMP '2026-01-01 00:00:00' FROM app",
        "TABLE app",
        "SELECT \"id\" FROM \"app\"",
    };
    ar_own(ar_engine) engine = estate();

    for (size_t i = 0; i < AR_COUNT(good); i++) {
        ar_err err = ar_engine_guard(engine, ar_str_of(good[i]));

        if (err.code == AR_OK) err = ar_engine_run(engine, ar_str_of(good[i]), NULL, 0, NULL);
        if (err.code != AR_OK) printf("# %s\n", good[i]);
        T_OK(err);
    }
}

TEST(what_is_not_a_plain_query_is_refused_and_says_why)
{
    static const struct {
        const char *sql;
        enum ar_code code;
        const char *says;
    } bad[] = {
        /* no query, or more than one */
        { "", AR_INVALID, "want one SELECT" },
        { "   -- nothing", AR_INVALID, "want one SELECT" },
        { "SELEC 1", AR_INVALID, "syntax error" },
        { "SELECT 1; SELECT 2", AR_INVALID, "want one SELECT, not 2" },
        { "SELECT 1; DROP TABLE app", AR_DENIED, "a query is a SELECT" },
        { "SELECT '\xff'", AR_INVALID, "UTF-8" },
        { "SELECT $1", AR_DENIED, "parameter" },
        { "SELECT ?", AR_DENIED, "parameter" },
        /* changes */
        { "INSERT INTO app VALUES (1)", AR_DENIED, "a query is a SELECT" },
        { "WITH x AS (SELECT 1) DELETE FROM app", AR_DENIED, "a query is a SELECT" },
        { "CREATE TABLE x AS SELECT 1", AR_DENIED, "a query is a SELECT" },
        { "COPY app TO 'x.csv'", AR_DENIED, "a query is a SELECT" },
        { "ATTACH 'x.db'", AR_DENIED, "a query is a SELECT" },
        { "SET threads = 1", AR_DENIED, "a query is a SELECT" },
        { "PRAGMA database_list", AR_DENIED, "" },
        { "CALL pragma_version()", AR_DENIED, "a query is a SELECT" },
        { "EXPLAIN SELECT 1", AR_DENIED, "a query is a SELECT" },
        { "LOAD json", AR_DENIED, "a query is a SELECT" },
        { "INSTALL httpfs", AR_DENIED, "a query is a SELECT" },
        { "EXPORT DATABASE 'x'", AR_DENIED, "a query is a SELECT" },
        { "CHECKPOINT", AR_DENIED, "" },
        { "BEGIN", AR_DENIED, "a query is a SELECT" },
        { "PREPARE p AS SELECT 1", AR_DENIED, "a query is a SELECT" },
        { "EXECUTE p", AR_DENIED, "a query is a SELECT" },
        { "VACUUM", AR_DENIED, "a query is a SELECT" },
        { "SHOW TABLES", AR_DENIED, "show_ref" },
        { "SHOW ALL TABLES", AR_DENIED, "show_ref" },
        { "DESCRIBE app", AR_DENIED, "show_ref" },
        { "SUMMARIZE app", AR_DENIED, "show_ref" },
        { "FROM (DESCRIBE app)", AR_DENIED, "show_ref" },
        { "PIVOT app ON env", AR_DENIED, "" },
        { "FROM (PIVOT app ON env IN ('a') USING count(*))", AR_DENIED, "pivot" },
        { "FROM app UNPIVOT (v FOR k IN (id, name))", AR_DENIED, "pivot" },
        /* outside */
        { "SELECT * FROM read_csv('/etc/passwd')", AR_DENIED, "read_csv" },
        { "SELECT * FROM read_text('/etc/passwd')", AR_DENIED, "read_text" },
        { "SELECT * FROM read_blob('/etc/passwd')", AR_DENIED, "read_blob" },
        { "SELECT * FROM read_json('/etc/passwd')", AR_DENIED, "read_json" },
        { "SELECT * FROM parquet_scan('x')", AR_DENIED, "parquet_scan" },
        { "SELECT * FROM sniff_csv('/etc/passwd')", AR_DENIED, "sniff_csv" },
        { "SELECT * FROM glob('/*')", AR_DENIED, "glob" },
        { "SELECT * FROM \"GLOB\"('/*')", AR_DENIED, "glob" },
        { "SELECT getenv('HOME')", AR_DENIED, "getenv" },
        { "SELECT * FROM '/etc/passwd'", AR_NOT_FOUND, "/etc/passwd" },
        { "SELECT * FROM 'x.parquet'", AR_NOT_FOUND, "x.parquet" },
        /* about the engine */
        { "FROM enable_logging(storage='file', storage_path='/tmp/x')", AR_DENIED,
          "enable_logging" },
        { "SELECT * FROM duckdb_logs", AR_NOT_FOUND, "duckdb_logs" },
        { "SELECT * FROM duckdb_logs()", AR_DENIED, "duckdb_logs" },
        { "SELECT * FROM duckdb_databases()", AR_DENIED, "duckdb_databases" },
        { "SELECT * FROM duckdb_settings()", AR_DENIED, "duckdb_settings" },
        { "SELECT * FROM pragma_database_list", AR_NOT_FOUND, "pragma_database_list" },
        { "SELECT * FROM sqlite_master", AR_NOT_FOUND, "sqlite_master" },
        { "SELECT * FROM pg_class", AR_NOT_FOUND, "pg_class" },
        { "SELECT * FROM pg_catalog.pg_class", AR_DENIED, "outside" },
        { "SELECT * FROM information_schema.tables", AR_DENIED, "outside" },
        { "SELECT * FROM system.main.duckdb_tables", AR_DENIED, "outside" },
        { "SELECT current_setting('memory_limit')", AR_DENIED, "current_setting" },
        { "SELECT current_query()", AR_DENIED, "current_query" },
        { "SELECT version()", AR_DENIED, "version" },
        { "SELECT write_log('x')", AR_DENIED, "write_log" },
        { "SELECT txid_current()", AR_DENIED, "txid_current" },
        /* other schemas */
        { "SELECT * FROM hidden.secret", AR_DENIED, "outside" },
        { "SELECT * FROM memory.hidden.secret", AR_DENIED, "outside" },
        { "SELECT * FROM secret", AR_NOT_FOUND, "secret" },
        { "SELECT * FROM app WHERE id IN (SELECT s FROM hidden.secret)", AR_DENIED, "outside" },
        { "SELECT (SELECT max(s) FROM hidden.secret)", AR_DENIED, "outside" },
        { "WITH x AS (FROM hidden.secret) SELECT 1", AR_DENIED, "outside" },
        { "SELECT 1 ORDER BY (SELECT s FROM hidden.secret)", AR_DENIED, "outside" },
        { "SELECT 1 LIMIT (SELECT count(*) FROM hidden.secret)", AR_DENIED, "outside" },
        { "SELECT count(*) FILTER (WHERE EXISTS (FROM hidden.secret)) FROM app", AR_DENIED,
          "outside" },
        { "SELECT sum(n) OVER (ORDER BY (SELECT 1 FROM hidden.secret)) FROM app", AR_DENIED,
          "outside" },
        { "SELECT * REPLACE ((SELECT max(s) FROM hidden.secret) AS id) FROM app", AR_DENIED,
          "outside" },
        { "SELECT 1 FROM app JOIN app b ON EXISTS (FROM hidden.secret)", AR_DENIED, "outside" },
        { "FROM (VALUES ((SELECT max(s) FROM hidden.secret))) v", AR_DENIED, "outside" },
        { "SELECT DISTINCT ON ((SELECT max(s) FROM hidden.secret)) 1", AR_DENIED, "outside" },
        { "SELECT 1 GROUP BY ALL HAVING EXISTS (FROM hidden.secret)", AR_DENIED, "outside" },
        { "SELECT 1 FROM app QUALIFY EXISTS (FROM hidden.secret)", AR_DENIED, "outside" },
        { "SELECT 1 UNION SELECT s FROM hidden.secret", AR_DENIED, "outside" },
        { "SELECT unnest((SELECT list(s) FROM hidden.secret))", AR_DENIED, "outside" },
        { "FROM app, unnest((SELECT list(s) FROM hidden.secret))", AR_DENIED, "outside" },
        { "SELECT CAST((SELECT max(s) FROM hidden.secret) AS VARCHAR)", AR_DENIED, "outside" },
        { "SELECT (SELECT max(s) FROM hidden.secret) COLLATE nocase", AR_DENIED, "outside" },
        /* a WITH hides a system view only where it is in reach */
        { "WITH duckdb_logs AS (SELECT * FROM duckdb_logs) SELECT 1", AR_NOT_FOUND, "duckdb_logs" },
        { "WITH RECURSIVE duckdb_logs AS (SELECT 1 FROM duckdb_logs UNION ALL SELECT 2) SELECT 1",
          AR_NOT_FOUND, "duckdb_logs" },
        { "SELECT * FROM (WITH duckdb_logs AS (SELECT 1) SELECT 1), duckdb_logs", AR_NOT_FOUND,
          "duckdb_logs" },
        { "WITH a AS (FROM duckdb_logs), duckdb_logs AS (SELECT 1) FROM a", AR_NOT_FOUND,
          "duckdb_logs" },
        { "WITH duckdb_logs AS (SELECT 1) FROM main.duckdb_logs", AR_NOT_FOUND, "duckdb_logs" },
        /* calls by name, calls of what others defined */
        { "SELECT * FROM query('SELECT 1')", AR_DENIED, "query" },
        { "SELECT * FROM query_table('app')", AR_DENIED, "query_table" },
        { "SELECT list_aggregate([1], 'sum')", AR_DENIED, "list_aggregate" },
        { "SELECT list_transform([1], x -> x)", AR_DENIED, "list_transform" },
        { "SELECT [x FOR x IN [1]]", AR_DENIED, "list_apply" },
        { "FROM json_execute_serialized_sql('{}')", AR_DENIED, "json_execute_serialized_sql" },
        { "SELECT json_serialize_plan('SELECT 1')", AR_DENIED, "json_serialize_plan" },
        { "SELECT nextval('numbers')", AR_DENIED, "nextval" },
        { "SELECT currval('numbers')", AR_DENIED, "currval" },
        { "SELECT twice(1)", AR_DENIED, "twice" },
        { "SELECT setseed(0.5)", AR_DENIED, "setseed" },
        /* much out of little */
        { "SELECT repeat('x', 2000000000)", AR_DENIED, "repeat" },
        { "SELECT lpad('x', 2000000000, 'y')", AR_DENIED, "lpad" },
        { "SELECT rpad('x', 2000000000, 'y')", AR_DENIED, "rpad" },
        { "SELECT printf('%2000000000d', 1)", AR_DENIED, "printf" },
        { "SELECT format('{:2000000000d}', 1)", AR_DENIED, "format" },
        { "SELECT * FROM range(1000000000000)", AR_DENIED, "range" },
        { "SELECT range(1000000000)", AR_DENIED, "range" },
        { "SELECT * FROM generate_series(1, 1000000000000)", AR_DENIED, "generate_series" },
        { "SELECT list_resize([1], 1000000000)", AR_DENIED, "list_resize" },
        { "SELECT [1]::INTEGER[1000000000]", AR_INVALID, "at most" },
        { "SELECT [1]::INTEGER[100000]", AR_DENIED, "cast" },
        { "SELECT 'x'::nosuchtype", AR_DENIED, "cast" },
        { "SELECT system.main.upper('a')", AR_DENIED, "schema" },
        { "SELECT pg_catalog.upper('a')", AR_DENIED, "schema" },
        { "SELECT uppr('a')", AR_DENIED, "it may call upper" },
    };
    ar_own(ar_engine) engine = estate();

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err = ar_engine_guard(engine, ar_str_of(bad[i].sql));

        if (err.code != bad[i].code) printf("# %s\n", bad[i].sql);
        T_FAILS(err, bad[i].code, bad[i].says);
    }
    T_FAILS(ar_engine_guard(engine, AR_LIT("SELECT 1\0; DROP TABLE app")), AR_INVALID, "NUL");
}

/* before, then unit n times, then after */
static ar_str built(ar_arena *arena, const char *before, const char *unit, size_t n,
                    const char *after)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, before);
    for (size_t i = 0; i < n; i++) ar_buf_addz(&sql, unit);
    ar_buf_addz(&sql, after);
    return ar_arena_copy(arena, ar_buf_str(&sql));
}

TEST(huge_and_deep_queries_are_refused_and_not_fatal)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = estate();
    const ar_str deep[] = {
        built(&arena, "SELECT ", "(", 20000, "1"),
        built(&arena, "SELECT ", "NOT ", 15000, "true"),
        built(&arena, "SELECT 1", "+1", 30000, ""),
        built(&arena, "SELECT ", "[", 20000, ""),
        built(&arena, "SELECT ", "CASE WHEN ", 6000, "1"),
        built(&arena, "", "SELECT (", 8000, "1"),
        built(&arena, "", "FROM (", 10000, "app"),
    };

    for (size_t i = 0; i < AR_COUNT(deep); i++)
        T_TRUE(ar_engine_guard(engine, deep[i]).code != AR_OK);
    T_FAILS(ar_engine_guard(engine, built(&arena, "SELECT 1", " OR true", 20000, "")), AR_LIMIT,
            "65536 is the most");
    T_OK(ar_engine_guard(engine, built(&arena, "SELECT 1=1", " OR n=2", 8000, " FROM app")));
}
