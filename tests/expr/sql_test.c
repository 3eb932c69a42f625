#include "differ.h"
#include "t.h"

static void agrees(enum ar_dialect dialect, size_t n_rows, size_t n_expressions, bool links)
{
    const char *text = getenv("ARIGHT_SEED");
    uint64_t seed = text == NULL ? 1 : strtoull(text, NULL, 10);
    struct differ d = { 0 };

    T_OK(differ_open(&d, seed, n_rows));
    d.dialect = dialect;

    size_t differences = differ_run(&d, n_expressions, links);

    if (differences > 0) printf("# seed %llu\n", (unsigned long long)seed);
    T_INT(differences, 0);
    differ_close(&d);
}

TEST(random_expressions_give_the_same_in_c_and_in_duckdb)
{
    agrees(AR_SQL_DUCKDB, 512, 256, false);
}

TEST(counts_over_links_are_the_same_joined_and_looked_up)
{
    agrees(AR_SQL_DUCKDB, 100, 64, true);
}

/* What a person is shown is let through by what guards `query`, and says the same. */
TEST(what_is_shown_is_the_same_in_words_that_a_query_may_use)
{
    agrees(AR_SQL_SHOWN, 64, 128, false);
    agrees(AR_SQL_SHOWN, 64, 32, true);
}

/* Every text of up to four letters of the alphabet, as text and as pattern, without and with an
 * escape: what ar_like says is what the engine's own LIKE says. Where that raises an error (an
 * escape in front of nothing) ours is NULL. */
TEST(our_like_is_the_likes_of_the_engine)
{
    static const char *const same[] = {
        "SELECT count(*) FROM texts t, texts p WHERE ar_like(t.s, p.s, '') IS DISTINCT FROM"
        " (t.s LIKE p.s)",
        "SELECT count(*) FROM texts t, texts p WHERE p.s NOT LIKE '%!' AND"
        " ar_like(t.s, p.s, '!') IS DISTINCT FROM (t.s LIKE p.s ESCAPE '!')",
        "SELECT count(*) FROM texts p WHERE ar_like('a', p.s, '!') IS NULL AND p.s NOT LIKE '%!'",
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;
    ar_value n;

    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 1 }, &engine));
    T_OK(ar_expr_opened(engine));
    T_OK(ar_engine_exec(engine,
                        "CREATE TABLE letters AS SELECT unnest(['', 'a', 'ä', '%', '_', '!']) AS s;"
                        "CREATE TABLE texts AS SELECT DISTINCT a.s || b.s || c.s || d.s AS s"
                        " FROM letters a, letters b, letters c, letters d"));
    for (size_t i = 0; i < AR_COUNT(same); i++) {
        T_OK(ar_engine_value(engine, ar_str_of(same[i]), NULL, 0, &arena, &n));
        T_INT(n.i, 0);
    }
    T_OK(ar_engine_value(engine, AR_LIT("SELECT count(*) FROM texts"), NULL, 0, &arena, &n));
    T_INT(n.i, 1 + 5 + 25 + 125 + 625);
}

static ar_str repeated(const char *piece, size_t n, const char *end, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < n; i++) ar_buf_addz(&text, piece);
    ar_buf_addz(&text, end);
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* With a matcher that tries every place for every %, none of these ends before the sun does. */
TEST(a_pattern_of_two_hundred_pieces_takes_no_time)
{
    static const struct {
        const char *piece, *end, *escape;
    } patterns[] = {
        { "%a_", "%b", "" },
        { "%a%", "b", "" },
        { "%a", "%b", " ESCAPE '!'" },
        { "%_", "b", "" },
    };
    static const ar_expr_column columns[] = { { AR_LIT("name"), AR_TEXT } };
    static const ar_expr_scope scope = { .what = AR_LIT("kind thing"),
                                         .columns = columns,
                                         .n_columns = 1 };
    static const ar_expr_param asof[] = { { .name = AR_LIT("asof"), .value = { AR_TIME, { 0 } } } };
    static const ar_expr_place place = { AR_LIT("test"), 1, 1 };
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;
    ar_value name = ar_text(repeated("a", 3000, "", &arena)), ours, theirs;

    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 1 }, &engine));
    T_OK(ar_expr_opened(engine));
    T_OK(ar_engine_exec(engine, "CREATE TABLE thing(name VARCHAR)"));
    T_OK(ar_engine_run(engine, AR_LIT("INSERT INTO thing VALUES ($1)"), &name, 1, NULL));
    for (size_t i = 0; i < AR_COUNT(patterns); i++) {
        ar_str pattern = repeated(patterns[i].piece, 200, patterns[i].end, &arena);
        ar_str text = ar_arena_printf(&arena, "name LIKE '%s'%s", pattern.ptr, patterns[i].escape);
        ar_auto(ar_buf) sql = { 0 };
        const ar_program *program;
        const ar_expr *expr = NULL;

        T_OK(ar_expr_parse_as(AR_BOOL, &scope, asof, 1, place, text, &arena, &expr));
        T_OK(ar_program_compile(&expr, 1, asof, 1, &arena, &program));
        ar_program_row(program, &name, &arena, &ours);
        T_TRUE(ours.type == AR_BOOL && !ours.b);

        ar_buf_addz(&sql, "SELECT ");
        ar_expr_sql(expr, AR_SQL_DUCKDB, asof, 1, AR_LIT("a"), &sql);
        ar_buf_addz(&sql, " FROM thing AS a");
        T_OK(ar_engine_value(engine, ar_buf_str(&sql), NULL, 0, &arena, &theirs));
        T_TRUE(ar_value_eq(ours, theirs));
    }
}
