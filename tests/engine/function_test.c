#include "open.h"

#include <stdatomic.h>

/* add_all(b, i, d, s, at): the text "b i d s at" of a row, where "-" stands for no value. */
static ar_err describe(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    static _Thread_local char texts[AR_ENGINE_BATCH][96];

    for (size_t row = 0; row < n_rows; row++) {
        char b = ar_vector_has(&args[0], row) ? (args[0].b[row] ? 't' : 'f') : '-';
        long long i = ar_vector_has(&args[1], row) ? args[1].i[row] : -1;
        double d = ar_vector_has(&args[2], row) ? args[2].d[row] : -1;
        ar_str s = ar_vector_has(&args[3], row) ? args[3].s[row] : AR_LIT("-");
        long long at = ar_vector_has(&args[4], row) ? args[4].i[row] : -1;
        int len = snprintf(texts[row], sizeof texts[row], "%s%c %lld %g %.*s %lld",
                           (const char *)self, b, i, d, AR_FMT(s), at);

        out->s[row] = (ar_str){ texts[row], (size_t)len };
    }
    return ar_ok();
}

static const enum ar_type all[] = { AR_BOOL, AR_INT, AR_DOUBLE, AR_TEXT, AR_TIME };

TEST(a_function_sees_every_type_and_every_null)
{
    static const struct {
        const char *args;
        const char *want;
    } rows[] = {
        { "true, 7, 0.5, 'short', TIMESTAMP '1970-01-01 00:00:01'", "> t 7 0.5 short 1000000" },
        { "false, -7, -0.5, 'a text of more than twelve bytes', NULL",
          "> f -7 -0.5 a text of more than twelve bytes -1" },
        { "NULL, NULL, NULL, NULL, NULL", "> - -1 -1 - -1" },
        { "NULL, 1, 1, '', TIMESTAMP 'infinity'", "> - 1 1  -1" },
    };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_scalar(engine, "describe_row", all, AR_COUNT(all), AR_TEXT, describe, "> "));
    T_FAILS(ar_engine_scalar(engine, "describe_row", all, AR_COUNT(all), AR_TEXT, describe, ""),
            AR_CONFLICT, "describe_row");
    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_str sql = ar_arena_printf(&arena, "SELECT describe_row(%s)", rows[i].args);

        T_STR(value(engine, sql.ptr, &arena).s, rows[i].want);
    }
}

/* half(i): i / 2, no value for odd ones; refuses 13. */
static ar_err half(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    (void)self;
    for (size_t row = 0; row < n_rows; row++) {
        int64_t i = args[0].i[row];

        if (!ar_vector_has(&args[0], row) || i % 2 != 0) ar_vector_clear(out, row);
        if (ar_vector_has(&args[0], row) && i == -13) return ar_fail(AR_LIMIT, "%d: no", -13);
        out->i[row] = i / 2;
    }
    return ar_ok();
}

TEST(a_function_agrees_with_the_engine_over_many_rows_and_threads)
{
    static const enum ar_type args[] = { AR_INT };
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_scalar(engine, "half", args, 1, AR_INT, half, NULL));
    T_OK(ar_engine_exec(engine, "CREATE TABLE t AS SELECT CASE WHEN i % 5 = 0 THEN NULL ELSE i END "
                                "AS i FROM range(300001) AS r(i)"));
    T_INT(value(engine,
                "SELECT count(*) FROM t WHERE half(i) IS DISTINCT FROM "
                "CASE WHEN i % 2 = 0 THEN i // 2 END",
                &arena)
              .i,
          0);
    T_INT(value(engine, "SELECT half(12)", &arena).i, 6);
    T_INT(value(engine, "SELECT half(11)", &arena).type, AR_NULL);
}

TEST(a_failure_inside_a_function_keeps_its_code_and_its_sentence)
{
    static const enum ar_type args[] = { AR_INT };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_scalar(engine, "half", args, 1, AR_INT, half, NULL));
    T_FAILS(ar_engine_run(engine, AR_LIT("SELECT half(-13)"), NULL, 0, NULL), AR_LIMIT, "-13: no");
}

static ar_err bad_text(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    (void)self, (void)args;
    for (size_t row = 0; row < n_rows; row++) out->s[row] = AR_LIT("\xc3");
    return ar_ok();
}

TEST(text_that_is_not_utf8_does_not_get_in_through_a_function)
{
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_scalar(engine, "bad_text", NULL, 0, AR_TEXT, bad_text, NULL));
    T_FAILS(ar_engine_run(engine, AR_LIT("SELECT bad_text()"), NULL, 0, NULL), AR_INVALID,
            "not UTF-8 at byte 0");
}

/* tally(i, s): how many rows, their sum, the sum of text lengths. */
typedef struct tally {
    int64_t n, sum, bytes;
} tally;

static ar_err tally_add(const void *self, const ar_vector *args, size_t n_rows, void *const *states)
{
    for (size_t row = 0; row < n_rows; row++) {
        tally *t = states[row];

        t->n++;
        if (ar_vector_has(&args[0], row)) t->sum += args[0].i[row];
        if (ar_vector_has(&args[1], row)) t->bytes += (int64_t)args[1].s[row].len;
        if (self != NULL && t->n > 1000) return ar_fail(AR_LIMIT, "more than 1000 rows");
    }
    return ar_ok();
}

static void tally_merge(const void *self, const void *from, void *into)
{
    const tally *f = from;
    tally *t = into;

    (void)self;
    t->n += f->n, t->sum += f->sum, t->bytes += f->bytes;
}

static void tally_print(const void *self, const void *state, ar_buf *out)
{
    const tally *t = state;

    (void)self;
    ar_buf_addf(out, "%lld %lld %lld", (long long)t->n, (long long)t->sum, (long long)t->bytes);
}

static const ar_aggregate tally_aggregate = { sizeof(tally), tally_add, tally_merge, tally_print };

TEST(an_aggregate_agrees_with_the_engine_in_groups_and_alone)
{
    static const enum ar_type args[] = { AR_INT, AR_TEXT };
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_aggregate(engine, "tally", args, 2, &tally_aggregate, NULL));
    T_OK(ar_engine_exec(engine,
                        "CREATE TABLE t AS SELECT i % 1000 AS g, CASE WHEN i % 7 = 0 THEN NULL "
                        "ELSE i END AS i, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', "
                        "(i % 40)::INT) END AS s FROM range(300000) AS r(i)"));
    static const char plain[] = "count(*) || ' ' || sum(i) || ' ' || sum(length(s))";
    ar_str grouped = ar_arena_printf(&arena,
                                     "SELECT count(*) FROM (SELECT g, tally(i, s) AS a, %s AS b "
                                     "FROM t GROUP BY g) WHERE a IS DISTINCT FROM b",
                                     plain);
    ar_str alone = ar_arena_printf(&arena, "SELECT tally(i, s) = %s FROM t", plain);
    T_INT(value(engine, grouped.ptr, &arena).i, 0);
    T_TRUE(value(engine, alone.ptr, &arena).b);
    T_STR(value(engine, "SELECT tally(i, s) FROM t WHERE false", &arena).s, "0 0 0");
    T_STR(value(engine,
                "SELECT max(w) FROM (SELECT tally(i, s) OVER (ORDER BY i) AS w FROM t "
                "WHERE i IN (1, 2))",
                &arena)
              .s,
          "2 3 3");
}

TEST(a_failure_inside_an_aggregate_ends_the_statement)
{
    static const enum ar_type args[] = { AR_INT, AR_TEXT };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_aggregate(engine, "tally", args, 2, &tally_aggregate, &tally_aggregate));
    T_FAILS(ar_engine_run(engine, AR_LIT("SELECT tally(i, 'x') FROM range(2000) AS r(i)"), NULL, 0,
                          NULL),
            AR_LIMIT, "more than 1000 rows");
}

/* Rows 0 … n-1: number, its text or nothing, its time. */
typedef struct counter {
    int64_t at, n;
    bool fails;
    char texts[AR_ENGINE_BATCH][24];
} counter;

static ar_err count_on(void *self, size_t lane, ar_vector_out *columns, size_t *out_rows)
{
    counter *c = self;
    size_t row = 0;

    assert(lane == 0); /* it asked for no more */
    for (; row < AR_ENGINE_BATCH && c->at < c->n; row++, c->at++) {
        int len = snprintf(c->texts[row], sizeof c->texts[row], "number %lld", (long long)c->at);

        columns[0].i[row] = c->at;
        columns[1].s[row] = (ar_str){ c->texts[row], (size_t)len };
        if (c->at % 3 == 0) ar_vector_clear(&columns[1], row);
        columns[2].i[row] = c->at;
        columns[3].b[row] = c->at % 2 == 0;
    }
    if (c->fails && c->at == c->n) return ar_fail(AR_NOT_FOUND, "data.csv:%d: gone", (int)c->at);
    *out_rows = row;
    return ar_ok();
}

static const ar_str count_names[] = { AR_LIT("n"), AR_LIT("s"), AR_LIT("at"), AR_LIT("even") };
static const enum ar_type count_types[] = { AR_INT, AR_TEXT, AR_TIME, AR_BOOL };

static ar_source source_of(counter *c)
{
    return (ar_source){ .names = count_names,
                        .types = count_types,
                        .n_columns = AR_COUNT(count_names),
                        .next = count_on,
                        .self = c };
}

TEST(a_source_fills_a_table)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    static counter c;
    ar_source source = source_of(&c);

    c = (counter){ .n = 10000 };
    T_OK(ar_engine_source(engine, "rows_in", &source));
    T_OK(ar_engine_exec(engine, "CREATE TABLE t AS SELECT * FROM rows_in()"));
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 10000);
    T_INT(value(engine,
                "SELECT count(*) FROM t WHERE s IS NOT DISTINCT FROM "
                "CASE WHEN n % 3 <> 0 THEN 'number ' || n END "
                "AND \"at\" = make_timestamp(n) AND even = (n % 2 = 0)",
                &arena)
              .i,
          10000);
}

/* Numbers from 0 on, handed out to whichever lane asks; each lane writes its texts apart. */
typedef struct lanes {
    atomic_long next;
    long n;
    char texts[4][AR_ENGINE_BATCH][24];
    atomic_bool busy[4];
} lanes;

static ar_err lane_on(void *self, size_t lane, ar_vector_out *columns, size_t *out_rows)
{
    lanes *l = self;
    long from = atomic_fetch_add(&l->next, AR_ENGINE_BATCH);
    size_t row = 0;

    if (lane >= 4 || atomic_exchange(&l->busy[lane], true))
        return ar_fail(AR_CONFLICT, "two threads in lane %zu", lane);
    for (; row < AR_ENGINE_BATCH && from + (long)row < l->n; row++) {
        char *text = l->texts[lane][row];
        int len = snprintf(text, sizeof l->texts[0][0], "%ld of many more", from + (long)row);

        columns[0].i[row] = from + (long)row;
        columns[1].s[row] = (ar_str){ text, (size_t)len };
    }
    atomic_store(&l->busy[lane], false);
    *out_rows = row;
    return ar_ok();
}

TEST(a_source_with_lanes_gives_every_row_once_whatever_thread_asks)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    static lanes l;
    ar_source source = { .names = count_names,
                         .types = count_types,
                         .n_columns = 2,
                         .lanes = 4,
                         .next = lane_on,
                         .self = &l };

    l.n = 300000;
    T_OK(ar_engine_source(engine, "rows_in", &source));
    T_OK(ar_engine_exec(engine, "CREATE TABLE t AS SELECT * FROM rows_in()"));
    T_INT(value(engine,
                "SELECT count(DISTINCT n) FROM t WHERE s = n || ' of many more' AND n < 300000",
                &arena)
              .i,
          300000);
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 300000);
}

/* The engine reads the texts where they lie, and the next call writes over them: whatever it keeps
 * of them it must have copied. */
TEST(whatever_a_statement_keeps_of_a_source_outlives_its_next_call)
{
    static const struct {
        const char *sql;
        int64_t want;
    } cases[] = {
        { "SELECT count(*) FROM (SELECT s, n FROM rows_in() ORDER BY s DESC)"
          " WHERE s = n || ' of many more'",
          50000 },
        { "SELECT count(*) FROM (SELECT s FROM rows_in() GROUP BY s) g JOIN range(50000) r(n)"
          " ON g.s = r.n || ' of many more'",
          50000 },
        { "SELECT count(*) FROM (SELECT s, n, lag(s) OVER (ORDER BY n) AS before FROM rows_in())"
          " WHERE n = 0 OR before = (n - 1) || ' of many more'",
          50000 },
        { "SELECT count(*) FROM range(50000) r(n) JOIN rows_in() l ON l.n = r.n"
          " WHERE l.s = r.n || ' of many more'",
          50000 },
        { "SELECT count(*) FROM (SELECT unnest(list(s)) AS s FROM rows_in())"
          " WHERE s LIKE '% of many more'",
          50000 },
        { "SELECT length(string_agg(s, '')) FROM rows_in() WHERE n < 10000", 10000 * 13 + 38890 },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_own(ar_engine) engine = memory_engine();
        static lanes l;
        ar_source source = { .names = count_names,
                             .types = count_types,
                             .n_columns = 2,
                             .lanes = 4,
                             .next = lane_on,
                             .self = &l };

        l = (lanes){ .n = 50000 };
        T_OK(ar_engine_source(engine, "rows_in", &source));
        T_INT(value(engine, cases[i].sql, &arena).i, cases[i].want);
    }
}

TEST(the_same_name_can_serve_thousands_of_sources_one_after_the_other)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    static counter c;
    ar_source source = source_of(&c);

    for (int64_t n = 1; n <= 2000; n++) {
        c = (counter){ .n = n };
        T_OK(ar_engine_source(engine, "rows_in", &source));
        if (n % 100 == 0) T_INT(value(engine, "SELECT count(*) FROM rows_in()", &arena).i, n);
    }
    T_INT(value(engine, "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'rows_in'",
                &arena)
              .i,
          1);
    T_OK(ar_engine_source(engine, "rows_in", NULL));
    T_FAILS(ar_engine_run(engine, AR_LIT("SELECT * FROM rows_in()"), NULL, 0, NULL), AR_NOT_FOUND,
            "nothing is read by rows_in()");
}

TEST(a_source_registered_in_a_transaction_survives_its_end_either_way)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    static counter c;
    ar_source source = source_of(&c);

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (n BIGINT)"));
    for (int turn = 0; turn < 3; turn++) {
        c = (counter){ .n = 5 };
        T_OK(ar_engine_begin(engine));
        T_OK(ar_engine_exec(engine, "INSERT INTO t VALUES (0)"));
        T_OK(ar_engine_source(engine, "rows_in", &source));
        T_OK(ar_engine_exec(engine, "INSERT INTO t SELECT n FROM rows_in()"));
        if (turn == 0)
            ar_engine_rollback(engine);
        else
            T_OK(ar_engine_commit(engine));
    }
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 12);
}

TEST(a_source_that_fails_says_where_and_nothing_stays)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    static counter c;
    ar_source source = source_of(&c);

    c = (counter){ .n = 5000, .fails = true };
    T_OK(ar_engine_source(engine, "rows_in", &source));
    T_OK(ar_engine_exec(engine, "CREATE TABLE t (n BIGINT)"));
    T_FAILS(ar_engine_exec(engine, "INSERT INTO t SELECT n FROM rows_in()"), AR_NOT_FOUND,
            "data.csv:5000: gone");
    T_INT(value(engine, "SELECT count(*) FROM t", &arena).i, 0);
}
