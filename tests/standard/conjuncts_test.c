#include "standard/conjuncts.h"
#include "t.h"

static void splits(const char *text, const char *const *want, size_t n_want)
{
    ar_auto(ar_arena) arena = { 0 };
    size_t n;
    ar_str *parts = ar_conjuncts(ar_str_of(text), &arena, &n);

    T_INT(n, n_want);
    for (size_t i = 0; i < n && i < n_want; i++) T_STR(parts[i], want[i]);
}

#define SPLITS(text, ...)                              \
    splits(text, (const char *const[]){ __VA_ARGS__ }, \
           AR_COUNT(((const char *const[]){ __VA_ARGS__ })))

TEST(a_condition_comes_apart_at_its_outermost_ands)
{
    SPLITS("a", "a");
    SPLITS("a AND b AND NOT c", "a", "b", "NOT c");
    SPLITS("a and (b AND (c OR d))", "a", "b", "c OR d");
    SPLITS("((a AND b))", "a", "b");
    SPLITS("(a) AND (b OR c)", "a", "b OR c");
}

TEST(what_is_no_conjunction_stays_whole)
{
    SPLITS("a AND b OR c", "a AND b OR c");
    SPLITS("(a AND b) OR (c AND d)", "(a AND b) OR (c AND d)");
    SPLITS("NOT (a AND b)", "NOT (a AND b)");
    SPLITS("CASE WHEN a AND b THEN c END", "CASE WHEN a AND b THEN c END");
}

TEST(the_and_of_between_and_words_in_quotes_part_nothing)
{
    SPLITS("n BETWEEN 1 AND 2 AND m", "n BETWEEN 1 AND 2", "m");
    SPLITS("a BETWEEN b AND c AND d BETWEEN 1 AND 2", "a BETWEEN b AND c", "d BETWEEN 1 AND 2");
    SPLITS("e = 'x AND y' AND e <> 'it''s AND OR'", "e = 'x AND y'", "e <> 'it''s AND OR'");
    SPLITS("operand AND android", "operand", "android");
}

TEST(what_follows_where_belongs_to_its_exists)
{
    SPLITS("a AND EXISTS parts WHERE b AND c OR d", "a", "EXISTS parts WHERE b AND c OR d");
    SPLITS("EXISTS (parts WHERE b AND c) AND d", "EXISTS (parts WHERE b AND c)", "d");
}
