#include "expr/expr.h"
#include "t.h"

#include <math.h>

static const ar_expr_column source_columns[] = {
    { AR_LIT("asset_id"), AR_TEXT },
    { AR_LIT("asset_kind"), AR_TEXT },
    { AR_LIT("last_event_at"), AR_TIME },
    { AR_LIT("schema_ok"), AR_BOOL },
};
static const ar_expr_scope source_scope = { .what = AR_LIT("kind log_source"),
                                            .shown_by = AR_LIT("aright kind show log_source"),
                                            .columns = source_columns,
                                            .n_columns = AR_COUNT(source_columns) };

static const ar_str theirs[] = { AR_LIT("asset_id"), AR_LIT("asset_kind") };
static const ar_str ours[] = { AR_LIT("id"), AR_LIT("kind") };
static const ar_expr_link links[] = {
    { AR_LIT("log_sources"), &source_scope, AR_LIT("log_source"), theirs, ours, 2 },
};

static const ar_expr_column columns[] = {
    { AR_LIT("id"), AR_TEXT },         { AR_LIT("kind"), AR_TEXT },
    { AR_LIT("env"), AR_TEXT },        { AR_LIT("last_seen"), AR_TIME },
    { AR_LIT("created_at"), AR_TIME }, { AR_LIT("level"), AR_INT },
    { AR_LIT("days"), AR_INT },        { AR_LIT("share"), AR_DOUBLE },
    { AR_LIT("locked"), AR_BOOL },     { AR_LIT("sealed"), AR_BOOL },
};
static const ar_expr_scope scope = { .what = AR_LIT("kind app"),
                                     .shown_by = AR_LIT("aright kind show app"),
                                     .columns = columns,
                                     .n_columns = AR_COUNT(columns),
                                     .links = links,
                                     .n_links = AR_COUNT(links) };

/* 2026-11-21T00:00:00Z */
#define ASOF INT64_C(1795219200000000)

static const ar_expr_param params[] = {
    { AR_LIT("asof"), { .type = AR_TIME, .i = ASOF } },
    { AR_LIT("idle_days"), { .type = AR_INT, .i = 90 } },
    { AR_LIT("least"), { .type = AR_DOUBLE, .d = 3.5 } },
    { AR_LIT("where"), { .type = AR_TEXT, .s = AR_LIT("production") } },
    { AR_LIT("nothing"), { .type = AR_NULL } },
};

/* The row over which the tables below are computed. What is not named is NULL: share, sealed. */
static ar_value cell(ar_str column)
{
    static const struct {
        const char *name;
        ar_value value;
    } row[] = {
        { "id", { .type = AR_TEXT, .s = AR_LIT("app:1") } },
        { "kind", { .type = AR_TEXT, .s = AR_LIT("app") } },
        { "env", { .type = AR_TEXT, .s = AR_LIT("production") } },
        { "last_seen", { .type = AR_TIME, .i = ASOF - 3 * AR_DAY } },
        { "created_at", { .type = AR_TIME, .i = AR_TIME_MAX } },
        { "level", { .type = AR_INT, .i = 7 } },
        { "days", { .type = AR_INT, .i = INT64_MIN } },
        { "locked", { .type = AR_BOOL, .b = true } },
    };

    for (size_t i = 0; i < AR_COUNT(row); i++)
        if (ar_str_eq(column, ar_str_of(row[i].name))) return row[i].value;
    return ar_null();
}

static ar_err parse(const char *text, ar_arena *arena, const ar_expr **out_expr)
{
    ar_expr_place place = { AR_LIT("x.yaml"), 7, 9 };

    return ar_expr_parse(&scope, params, AR_COUNT(params), place, ar_str_of(text), arena, out_expr);
}

static ar_value evaluate(const ar_expr *expr, ar_arena *arena)
{
    const ar_program *program;
    ar_value inputs[16] = { 0 }, result = { 0 };
    size_t n;

    T_OK(ar_program_compile(&expr, 1, params, AR_COUNT(params), arena, &program));

    const ar_program_input *in = ar_program_inputs(program, &n);

    for (size_t i = 0; i < n; i++) inputs[i] = in[i].link == NULL ? cell(in[i].column) : ar_int(2);
    ar_program_row(program, inputs, arena, &result);
    return result;
}

/* Each line: expression, and what it is over the row above; "" is NULL. */
static void computes(const char *const (*rows)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) got = { 0 };
        const ar_expr *expr = NULL;

        T_OK(parse(rows[i][0], &arena, &expr));
        if (expr == NULL) continue;
        ar_value_print(&got, evaluate(expr, &arena));
        if (!ar_str_eq(ar_buf_str(&got), ar_str_of(rows[i][1])))
            t_bad++, printf("# %s is '%.*s', want '%s'\n", rows[i][0], AR_FMT(ar_buf_str(&got)),
                            rows[i][1]);
    }
}

TEST(truth_has_three_values)
{
    static const char *const rows[][2] = {
        { "TRUE AND sealed", "" },
        { "FALSE AND sealed", "false" },
        { "locked AND sealed", "" },
        { "NOT locked AND sealed", "false" },
        { "locked OR sealed", "true" },
        { "NOT locked OR sealed", "" },
        { "NOT sealed", "" },
        { "sealed IS NULL", "true" },
        { "locked IS NOT NULL", "true" },
        { "sealed = sealed", "" },
        { "NULL", "" },
        { "NOT NULL", "" },
        { "NULL IS NULL", "true" },
        { "locked <> (NOT locked)", "true" },
    };

    computes(rows, AR_COUNT(rows));
}

TEST(comparisons_are_by_number_by_byte_and_by_moment)
{
    static const char *const rows[][2] = {
        { "level = 7", "true" },
        { "7 = level", "true" },
        { "level <> 7", "false" },
        { "8 > level", "true" },
        { "level >= 7.0", "true" },
        { "level < 6.9", "false" },
        { "share > 1", "" },
        { "env > 'produce'", "true" },
        { "'Zebra' < 'ant'", "true" },
        { "'a' < 'ä'", "true" },
        { "last_seen > :asof - INTERVAL :idle_days DAY", "true" },
        { "last_seen > :asof - INTERVAL 2 DAY", "false" },
        { "last_seen = :asof - INTERVAL 72 HOUR", "true" },
        { "level IN (1, 7)", "true" },
        { "level IN (1, NULL)", "" },
        { "level IN (7, NULL)", "true" },
        { "level NOT IN (1, NULL)", "" },
        { "level NOT IN (1, 2)", "true" },
        { "level IN (1, level)", "true" },
        { "env IN ('production', 'productivity')", "true" },
        { "level BETWEEN 7 AND 8", "true" },
        { "level BETWEEN NULL AND 6", "false" },
        { "level BETWEEN NULL AND 8", "" },
        { "level NOT BETWEEN 8 AND 9", "true" },
        { "locked > FALSE", "true" },
    };

    computes(rows, AR_COUNT(rows));
}

TEST(arithmetic_is_total)
{
    static const char *const rows[][2] = {
        { "level + 1", "8" },
        { "days - 1", "" },
        { "days + 1", "-9223372036854775807" },
        { "-days", "" },
        { "abs(days)", "" },
        { "days * -1", "" },
        { "days % -1", "0" },
        { "level % 0", "" },
        { "-7 % 4", "-3" },
        { "level / 2", "3.5" },
        { "level / 0", "" },
        { "0 / 0", "" },
        { "1e308 * 10", "" },
        { "1e308 + 1e308", "" },
        { "level * 1.5", "10.5" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "9223372036854775807 + level", "" },
        { "1 + 2 * 3 - 4 / 2", "5.0" },
        { "created_at + INTERVAL 1 DAY", "" },
        { "created_at - INTERVAL 1 DAY", "9999-12-30T23:59:59.999999Z" },
        { "last_seen + INTERVAL days SECOND", "" },
        { "last_seen + INTERVAL level MINUTE", "2026-11-18T00:07:00Z" },
        { "TIMESTAMP '2024-02-28' + INTERVAL 1 DAY", "2024-02-29T00:00:00Z" },
        { "last_seen + INTERVAL NULL DAY", "" },
    };

    computes(rows, AR_COUNT(rows));
}

TEST(functions_and_choice)
{
    static const char *const rows[][2] = {
        { "coalesce(share, level)", "7.0" },
        { "coalesce(sealed, locked)", "true" },
        { "nullif(level, 7)", "" },
        { "nullif(level, 8)", "7" },
        { "nullif(level, NULL)", "7" },
        { "least(level, NULL, 3)", "3" },
        { "greatest(level, share)", "7.0" },
        { "greatest('a', env, 'b')", "production" },
        { "lower('ÄBC')", "Äbc" },
        { "upper(env)", "PRODUCTION" },
        { "length('äß€𝄞')", "4" },
        { "abs(-2.5)", "2.5" },
        { "CASE WHEN sealed THEN 1 WHEN locked THEN 2 ELSE 3 END", "2" },
        { "CASE level WHEN 1 THEN 'one' WHEN 7 THEN 'seven' END", "seven" },
        { "CASE level WHEN 1 THEN 'one' END", "" },
        { "CASE share WHEN 1 THEN 'one' ELSE 'other' END", "other" },
        { "CASE WHEN locked THEN 1 ELSE 2.5 END", "1.0" },
        { "EXISTS log_sources WHERE last_event_at > :asof AND schema_ok", "true" },
        { "COUNT(log_sources) + 1", "3" },
        { "NOT EXISTS log_sources", "false" },
    };

    computes(rows, AR_COUNT(rows));
}

TEST(like_matches_code_points_and_escapes_only_when_told)
{
    static const char *const rows[][2] = {
        { "env LIKE 'prod%'", "true" },
        { "env LIKE '%tion'", "true" },
        { "env LIKE '%duct%'", "true" },
        { "env LIKE 'production'", "true" },
        { "env LIKE 'PROD%'", "false" },
        { "env NOT LIKE '%x%'", "true" },
        { "'ä' LIKE '_'", "true" },
        { "'𝄞x' LIKE '_x'", "true" },
        { "'ä' LIKE '__'", "false" },
        { "'' LIKE '%'", "true" },
        { "'' LIKE '_'", "false" },
        { "'aXbXc' LIKE 'a%b%c'", "true" },
        { "'abab' LIKE '%ab'", "true" },
        { "'50%' LIKE '50\\%'", "false" },
        { "'50\\x' LIKE '50\\%'", "true" },
        { "'50%' LIKE '50!%' ESCAPE '!'", "true" },
        { "'50x' LIKE '50!%' ESCAPE '!'", "false" },
        { "'a' LIKE coalesce(env, 'a!') ESCAPE '!'", "false" },
        { "'a' LIKE nullif('a!', env) ESCAPE '!'", "" },
    };

    computes(rows, AR_COUNT(rows));
}

TEST(what_is_wrong_is_said_with_its_place)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "lastseen > :asof",
          "x.yaml:7:9: unknown column 'lastseen' of kind app; did you mean 'last_seen'?" },
        { "locked AND\n  lastseen > :asof", "x.yaml:8:3: unknown column 'lastseen'" },
        { "colour = 'red'",
          "unknown column 'colour' of kind app; `aright kind show app` names them" },
        { "env = 90", "x.yaml:7:15: 'env' is text, 90 is int" },
        { "lower(env) = 90", "lower(env) is text, 90 is int" },
        { "level = NULL", "write IS NULL" },
        { "NULL <> level", "write IS NULL" },
        { "env = \"x\"", "x.yaml:7:15: unexpected \"; text takes single quotes" },
        { "level == 1", "equality is written =" },
        { "level != 1", "not equal is written <>" },
        { "locked && sealed", "both is written AND" },
        { "(locked", "want ')' before the end" },
        { "locked)", "want an operator or the end before )" },
        { "locked sealed", "want an operator or the end before sealed" },
        { "lowr(env) = 'x'", "unknown function 'lowr'; did you mean 'lower'?" },
        { "now() > last_seen", "the moment that is judged is :asof" },
        { "last_seen > :asfo", "unknown parameter ':asfo'; did you mean ':asof'?" },
        { "last_seen > :asof - 30", ":asof is time, - wants numbers, or an INTERVAL" },
        { "last_seen > :asof - 30d", "'30d' is not a number; a length of time is written" },
        { "last_seen > :asof - INTERVAL '30' DAY", "takes no quotes" },
        { "last_seen > :asof - INTERVAL 1 MONTH", "unknown unit 'MONTH' (want DAY" },
        { "last_seen > :asof - INTERVAL 1.5 DAY", "1.5 is double, INTERVAL wants an int" },
        { "INTERVAL 1 DAY", "only behind + or -" },
        { "last_seen - created_at", "times are not subtracted" },
        { "level AND locked", "'level' is int, AND wants a bool" },
        { "NOT env", "'env' is text, NOT wants a bool" },
        { "level < 1 < 2", "comparisons do not chain" },
        { "level = NOT locked", "put parentheses around NOT" },
        { "env LIKE 5", "5 is int, LIKE wants a text" },
        { "env LIKE 'a!' ESCAPE '!'", "ends with its escape character" },
        { "env LIKE 'a' ESCAPE 'xy'", "one ASCII character" },
        { "level IN (1, 'x')", "'level' is int, 'x' is text" },
        { "CASE WHEN locked THEN 1 ELSE 'x' END", "1 is int, 'x' is text" },
        { "CASE level WHEN 'x' THEN 1 END", "'x' is text, WHEN wants int" },
        { "CASE locked END", "want WHEN before END" },
        { "log_sources", "'log_sources' is a link; write EXISTS log_sources WHERE" },
        { "EXISTS log_source",
          "unknown link 'log_source' of kind app; did you mean 'log_sources'?" },
        { "EXISTS (SELECT 1)", "want the name of a link" },
        { "EXISTS log_sources WHERE env = 'x'", "'env' is a column of kind app; here only those" },
        { "EXISTS log_sources WHERE EXISTS log_sources", "inside another" },
        { "'open", "x.yaml:7:9: the text that begins here has no closing quote" },
        { "9223372036854775808", "beyond the ints" },
        { "1e999", "beyond the doubles" },
        { "level + ", "want a value before the end" },
        { "nullif(level)", "nullif takes 2 arguments, not 1" },
        { "", "the expression is empty" },
        { "level % 2.5", "2.5 is double, % wants ints" },
        { "TIMESTAMP 'never'", "'never' is not" },
        { "level -- 1", "there are no comments" },
        { "level = 1;", "one expression ends without a sign" },
        { "level ? 1", "unexpected ?" },
        { "level::int", "there are no casts" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        const ar_expr *expr = NULL;

        T_FAILS(parse(bad[i].text, &arena, &expr), AR_INVALID, bad[i].says);
        T_TRUE(expr == NULL);
    }
}

TEST(what_is_too_long_or_too_deep_is_refused_with_the_number)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) deep = { 0 };
    ar_auto(ar_buf) many = { 0 };
    ar_auto(ar_buf) large = { 0 };
    const ar_expr *expr = NULL;

    for (int i = 0; i < AR_EXPR_DEPTH_MAX; i++) ar_buf_addz(&deep, "NOT ");
    for (int i = 0; i <= AR_EXPR_NODES_MAX / 2; i++) ar_buf_addz(&many, "(1)+");
    for (int i = 0; i <= AR_EXPR_TEXT_MAX; i++) ar_buf_addc(&large, ' ');
    ar_buf_addz(&deep, "locked");
    ar_buf_addz(&many, "1");
    T_FAILS(parse(deep.ptr, &arena, &expr), AR_LIMIT, "nested more than 64 deep");
    T_FAILS(parse(many.ptr, &arena, &expr), AR_LIMIT, "nested more than 64 deep");
    T_FAILS(parse(large.ptr, &arena, &expr), AR_LIMIT, "16384 is the most");
    T_OK(parse(deep.ptr + 4, &arena, &expr));
}

TEST(a_tree_serves_every_moment_and_refuses_another_type)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_expr_param later[AR_COUNT(params)];
    const ar_expr *expr = NULL;
    const ar_program *program = NULL;
    ar_value seen = ar_at(ASOF), result;

    memcpy(later, params, sizeof params);
    later[0].value.i += 2 * AR_DAY;
    T_OK(parse("last_seen > :asof - INTERVAL 1 DAY", &arena, &expr));
    T_OK(ar_program_compile(&expr, 1, params, AR_COUNT(params), &arena, &program));
    ar_program_row(program, &seen, &arena, &result);
    T_TRUE(result.type == AR_BOOL && result.b);
    T_OK(ar_program_compile(&expr, 1, later, AR_COUNT(params), &arena, &program));
    ar_program_row(program, &seen, &arena, &result);
    T_TRUE(result.type == AR_BOOL && !result.b);

    later[0].value = ar_int(1);
    T_FAILS(ar_program_compile(&expr, 1, later, AR_COUNT(params), &arena, &program), AR_INVALID,
            "parameter ':asof' is int, was checked as time");
    T_FAILS(ar_program_compile(&expr, 1, NULL, 0, &arena, &program), AR_INVALID,
            "parameter ':asof' is missing");
}
