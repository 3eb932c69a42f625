#include "response/decision.h"

#include "sys/file.h"
#include "t.h"

static ar_decision_table shipped(ar_arena *arena, const char *kind)
{
    ar_place place = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    ar_decision_table table = { 0 };

    T_OK(ar_decision_load(&place, ar_str_of(kind), arena, &table));
    return table;
}

/* "act 3d critical" of points with blanks between. */
static ar_str decided(ar_arena *arena, const ar_decision_table *table, const char *points,
                      int64_t criticality)
{
    ar_str given[AR_DECISION_POINTS_MAX], rest = ar_str_of(points);
    ar_decision decision;
    size_t n = 0;

    while (*points != '\0' && ar_str_split(&rest, ' ', &given[n])) n++;
    T_OK(ar_decision_take(table, given, n, (ar_str){ 0 }, criticality, arena, &decision));
    ar_str due = ar_span_print(decision.outcome->due, arena);
    return ar_arena_printf(arena, "%.*s %.*s %.*s", AR_FMT(decision.outcome->name), AR_FMT(due),
                           AR_FMT(decision.outcome->severity));
}

/* Spot checks of all four outcomes against CISA's guide. */
TEST(the_shipped_table_decides_as_the_tree_of_cisa)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_decision_table t = shipped(&arena, "vcase");

    T_STR(decided(&arena, &t,
                  "exploitation=active automatable=no technical_impact=total mission=high", 1),
          "act 3d critical");
    T_STR(decided(&arena, &t,
                  "exploitation=active automatable=yes technical_impact=partial mission=low", 5),
          "attend 14d important");
    T_STR(decided(&arena, &t,
                  "exploitation=poc automatable=no technical_impact=total mission=medium", 5),
          "track* 30d moderate");
    T_STR(decided(&arena, &t,
                  "exploitation=none automatable=yes technical_impact=total mission=medium", 5),
          "track 90d low");
}

TEST(what_nobody_said_is_assumed_by_the_criticality_of_the_asset)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_decision_table t = shipped(&arena, "vcase"), incident = shipped(&arena, "incident");
    ar_decision decision;

    T_STR(decided(&arena, &t, "", 2), "track 90d low");
    T_STR(decided(&arena, &t, "", 3), "track* 30d moderate");
    T_STR(decided(&arena, &t, "", 5), "attend 14d important");
    T_STR(decided(&arena, &incident, "", 1), "high 3d high");
    T_OK(ar_decision_take(&t, &AR_LIT("mission=low"), 1, AR_LIT("exploitation=active mission=high"),
                          3, &arena, &decision));
    T_STR(decision.points,
          "exploitation=active automatable=yes technical_impact=total mission=low");
}

TEST(a_point_or_value_that_the_table_lacks_is_refused_with_those_it_has)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_decision_table t = shipped(&arena, "vcase");
    ar_decision d;
    const ar_str twice[] = { AR_LIT("mission=low"), AR_LIT("mission=high") };

    T_FAILS(ar_decision_take(&t, &AR_LIT("exploitable=yes"), 1, (ar_str){ 0 }, 3, &arena, &d),
            AR_INVALID, "(want exploitation, automatable, technical_impact or mission)");
    T_FAILS(ar_decision_take(&t, &AR_LIT("exploitation=maybe"), 1, (ar_str){ 0 }, 3, &arena, &d),
            AR_INVALID, "exploitation cannot be 'maybe' (want none, poc or active)");
    T_FAILS(ar_decision_take(&t, &AR_LIT("exploitation"), 1, (ar_str){ 0 }, 3, &arena, &d),
            AR_INVALID, "exploitation cannot be ''");
    T_FAILS(ar_decision_take(&t, twice, 2, (ar_str){ 0 }, 3, &arena, &d), AR_INVALID,
            "mission is given twice");
}

TEST(a_table_that_is_none_is_refused_at_its_place)
{
    static const struct {
        const char *rest, *says;
    } bad[] = {
        { "outcomes: {a: {due: 1d, severity: x}}\nrows: [[no, a]]",
          "7:7: want 2 rows, one for each combination, found 1" },
        { "outcomes: {a: {due: 1d, severity: x}}\nrows: [[no, a], [no, a]]",
          "this combination has a row already" },
        { "outcomes: {a: {due: 1d, severity: x}}\nrows: [[no, a], [yes, b]]",
          "'b' is none of the outcomes" },
        { "outcomes: {a: {due: 1d, severity: x}}\nrows: [[no, a], [perhaps, a]]",
          "'perhaps' is no value of p (want no or yes)" },
        { "outcomes: {a: {due: 1d, severity: x}}\nrows: [[no], [yes, a]]", "want a list of 2" },
        { "outcomes: {a: {due: soon, severity: x}}\nrows: []", "'soon' is no time that a case" },
        { "outcomes: {a: {due: 0d, severity: x}}\nrows: []", "'0d' is no time that a case" },
        { "outcomes: {a: {due: 1d}}\nrows: []", "'severity' is missing" },
        { "outcome: {}", "did you mean 'outcomes'" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_decision_table t;

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_str text = ar_arena_printf(&arena,
                                      "table: t\ntitle: T\nkind: vcase\npoints:\n  p: {meaning: M.,"
                                      " values: [no, yes], assume: no}\n%s\n",
                                      bad[i].rest);
        T_FAILS(ar_decision_parse(AR_LIT("t.yaml"), AR_LIT("t"), text, &arena, &t), AR_INVALID,
                bad[i].says);
    }
    T_FAILS(ar_decision_parse(AR_LIT("t.yaml"), AR_LIT("u"), AR_LIT("table: t\n"), &arena, &t),
            AR_INVALID, "must be named t.yaml");
}
