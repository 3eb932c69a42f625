#include "standard/ops.h"

#include "cli/print.h"
#include "engine/guard.h"

#include "standard/finding.h"
#include "standard/waiver.h"
#include "world.h"

#include <fcntl.h>
#include <unistd.h>

static ar_time day(int64_t n)
{
    return DAY0 + n * AR_DAY;
}

/* Four things of two owners under two standards, judged on day 0. T-2 weighs more. */
static world judged(void)
{
    world w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok AND n > 1\nstale_after: 7d");
    world_standard(&w, "T-2",
                   "where: m > 0\npass: ok OR used_at > :asof - INTERVAL :days DAY\n"
                   "params: {days: 30}");
    world_standard(&w, "T-3", "where: m < 0\npass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(
        &w,
        "INSERT INTO thing (id, name, owner_id, owner_source, domain_id, criticality, n, m, ok,"
        " used_at, last_seen, source) VALUES"
        " ('a', 'Ant', 'person:kim', 'register', 'east', 5, 3, 1, TRUE, NULL, $$2026-01-01$$, 's'),"
        " ('b', 'Bee', 'person:kim', 'register', 'east', NULL, 0, 1, FALSE,"
        "  $$2025-11-01$$, $$2026-01-01$$, 's'),"
        " ('c', 'Cat', 'person:lee', 'history', 'west', 5, 9, 0, NULL, NULL, $$2026-01-01$$, 's'),"
        " ('d', 'Dog', NULL, NULL, NULL, 1, 9, 2, FALSE, $$2025-12-31$$, $$2025-12-01$$, 's')");
    (void)world_evaluate(&w, day(0));
    return w;
}

static void grant(world *w, const char *finding, int64_t until)
{
    ar_waiver_request request = { ar_str_of(finding),
                                  day(until),
                                  AR_LIT("a reason of some length"),
                                  { 0 },
                                  AR_LIT("person:officer") };
    ar_waiver_granted granted;

    T_OK(ar_waiver_grant(w->engine, &request, day(0), &w->arena, &granted));
}

#define ANSWERS(call, want_rows)                  \
    do {                                          \
        ar_auto(answer) a_ = (call);              \
        T_OK(a_.err);                             \
        T_STR(ar_buf_str(&a_.rows), (want_rows)); \
    } while (0)

#define NOTES(call, says)                                             \
    do {                                                              \
        ar_auto(answer) a_ = (call);                                  \
        T_OK(a_.err);                                                 \
        T_TRUE(ar_str_contains(ar_buf_str(&a_.notes), AR_LIT(says))); \
    } while (0)

#define REFUSES(call, code, says)        \
    do {                                 \
        ar_auto(answer) a_ = (call);     \
        T_FAILS(a_.err, (code), (says)); \
        T_STR(ar_buf_str(&a_.rows), ""); \
    } while (0)

static ar_str ids(answer *a, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str rest = ar_buf_str(&a->rows), line, id;

    while (ar_str_split(&rest, '\n', &line) && line.len > 0) {
        T_TRUE(ar_str_split(&line, '|', &id));
        if (out.len > 0) ar_buf_addc(&out, ' ');
        ar_buf_add(&out, id);
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}

#define LISTS(w, want, ...)                                         \
    do {                                                            \
        ar_auto(answer) a_ = ASK((w), "finding.list", __VA_ARGS__); \
        T_OK(a_.err);                                               \
        T_STR(ids(&a_, &(w)->arena), (want));                       \
    } while (0)

/* ---- score ---- */

TEST(the_score_counts_what_is_waived_apart_and_keeps_it_in_the_scope)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "score", day(1), NULL),
            "T-1|Title of T-1|tenants|standard|4|1|1|2|0|0.25|3\n"
            "T-2|Title of T-2|tenants|standard|3|2|1|0|0|0.6666666666666666|3\n"
            "T-3|Title of T-3|tenants|standard|0|0|0|0|0||3\n");
    grant(&w, "T-1/thing:b", 10);
    grant(&w, "T-1/thing:c", 20);
    ANSWERS(ASK(&w, "score", day(10), "by", "owner", NULL), "person:kim|4|2|1|0|1|0.5|3\n"
                                                            "|2|1|0|1|0|0.5|3\n"
                                                            "person:lee|1|0|0|0|1|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(10) + 1, "by", "domain", NULL), "east|4|2|2|0|0|0.5|3\n"
                                                                 "|2|1|0|1|0|0.5|3\n"
                                                                 "west|1|0|0|0|1|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(20) + 1, "by", "pillar", NULL),
            "tenants|7|3|2|2|0|0.42857142857142855|3\n");
    ANSWERS(ASK(&w, "score", day(1), "class", "practice", NULL), "");
}

/* kim and lee are in team:web of division:eng; the thing without an owner stays without one. */
static world peopled(void)
{
    world w = judged();

    world_sql(&w, "INSERT INTO ar.owner (id, parent, team) VALUES ('division:eng', NULL, NULL),"
                  " ('team:all', 'division:eng', 'team:all'), ('team:web', 'team:all', 'team:web'),"
                  " ('person:kim', 'team:web', 'team:web'),"
                  " ('person:lee', 'division:eng', NULL), ('person:max', NULL, NULL)");
    return w;
}

TEST(the_score_sums_up_along_the_tree_of_owners)
{
    ar_auto(world) w = peopled();

    ANSWERS(ASK(&w, "score", day(1), "by", "team", NULL), "team:web|4|2|2|0|0|0.5|3\n"
                                                          "person:lee|1|0|0|1|0|0.0|3\n"
                                                          "|2|1|0|1|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "division", NULL),
            "division:eng|5|2|2|1|0|0.4|3\n|2|1|0|1|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "owner", "owner", "division:eng", NULL),
            "person:kim|4|2|2|0|0|0.5|3\nperson:lee|1|0|0|1|0|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "pillar", "owner", "team:all", NULL),
            "tenants|4|2|2|0|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "owner", "person:lee", NULL),
            "T-1|Title of T-1|tenants|standard|1|0|0|1|0|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(1), "owner", "person:max", NULL), "");
    NOTES(ASK(&w, "score", day(1), "owner", "team:wbe", NULL),
          "Nothing in scope is owned by 'team:wbe', or by anyone below.");
    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b", day(1), "owner", "division:eng", NULL);
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(1), "owner", "team:all", "state", "fail", NULL);
    LISTS(&w, "T-1/thing:d", day(1), "owner", "-", NULL);
    LISTS(&w, "T-1/thing:d", day(1), "domain", "-", NULL);
    ANSWERS(ASK(&w, "score", day(1), "by", "domain", "owner", "-", NULL), "|2|1|0|1|0|0.5|3\n");
}

TEST(the_score_names_its_columns_by_what_a_row_is)
{
    ar_auto(world) w = judged();
    ar_auto(answer) standard = ASK(&w, "score", day(1), NULL);
    ar_auto(answer) owner = ASK(&w, "score", day(1), "by", "owner", NULL);

    T_STR(ar_buf_str(&standard.head),
          "standard|title|pillar|class|scope|pass|fail|unknown|waived|share|risk");
    T_STR(ar_buf_str(&owner.head), "owner|scope|pass|fail|unknown|waived|share|risk");
    T_STR(ar_buf_str(&standard.notes), "1 standard has nothing in scope yet: T-3.\n");
}

TEST(a_score_that_is_older_than_a_day_says_so)
{
    ar_auto(world) w = judged();
    ar_auto(answer) fresh = ASK(&w, "score", day(1), "by", "owner", NULL);

    T_STR(ar_buf_str(&fresh.notes), "");
    NOTES(
        ASK(&w, "score", day(1) + 1, "by", "owner", NULL),
        "This is as of 2026-01-01T00:00:00Z, the last evaluation; `aright evaluate` judges anew.");
}

TEST(a_score_and_its_findings_say_when_an_import_changed_something_after_them)
{
    static const struct {
        const char *run; /* started, state, new, changed, gone */
        bool says;
    } table[] = {
        { "$$2025-12-31$$, 'ok', 1, 1, 1", false },
        { "$$2026-01-02$$, 'held', 1, 1, 1", false },
        { "$$2026-01-02$$, 'ok', 0, 0, 0", false },
        { "$$2026-01-02$$, 'ok', 0, 0, 1", true },
    };
    ar_auto(world) w = judged();

    for (size_t i = 0; i < AR_COUNT(table); i++) {
        ar_auto(ar_buf) sql = { 0 };

        ar_buf_addf(&sql,
                    "INSERT INTO ar.run (started, state, new, changed, gone, run, connector,"
                    " source, kind, delta, who, rows, columns) VALUES"
                    " (%s, 1, 'c', 's', 'thing', FALSE, 'me', 1, '')",
                    table[i].run);
        world_sql(&w, sql.ptr);

        ar_auto(answer) score = ASK(&w, "score", day(1), "by", "owner", NULL);
        ar_auto(answer) list = ASK(&w, "finding.list", day(1), NULL);
        const char *want = table[i].says ? "Imports have changed the estate since the last "
                                           "evaluation; `aright evaluate` judges anew.\n"
                                         : "";
        T_STR(ar_buf_str(&score.notes), want);
        T_STR(ar_buf_str(&list.notes), want);
    }
}

TEST(before_the_first_evaluation_the_score_says_what_to_do)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_load(&w);
    world_engine(&w, NULL);
    ar_auto(answer) a = ASK(&w, "score", day(1), NULL);
    T_OK(a.err);
    T_STR(ar_buf_str(&a.notes), "Nothing was judged yet: run `aright evaluate`.\n");
}

/* Every number leads to the rows behind it, and their count equals it. */
TEST(the_score_and_the_list_of_findings_agree)
{
    static const char *const states[] = { "fail", "unknown", "waived" };
    ar_auto(world) w = judged();

    grant(&w, "T-1/thing:d", 10);
    for (size_t i = 0; i < AR_COUNT(states); i++) {
        ar_auto(answer) list = ASK(&w, "finding.list", day(1), "state", states[i], NULL);
        ar_auto(answer) score = ASK(&w, "score", day(1), "by", "pillar", NULL);
        ar_str rest = ar_buf_str(&score.rows), part = { 0 };
        int64_t want = -1, lines = 0;

        for (size_t k = 0; k < 4 + i; k++) T_TRUE(ar_str_split(&rest, '|', &part));
        T_TRUE(ar_str_int(part, &want));
        for (size_t k = 0; k < list.rows.len; k++) lines += list.rows.ptr[k] == '\n';
        T_INT(lines, want);
    }
}

/* ---- finding list, finding explain ---- */

TEST(an_empty_list_of_findings_says_whether_that_is_good_news)
{
    ar_auto(world) w = judged(), fresh = { 0 };
    ar_auto(answer) none = ASK(&w, "finding.list", day(1), "standard", "T-3", NULL);
    ar_auto(answer) odd = ASK(&w, "finding.list", day(1), "standard", "T-9", NULL);

    world_files(&fresh);
    world_load(&fresh);
    world_engine(&fresh, NULL);
    ar_auto(answer) early = ASK(&fresh, "finding.list", day(1), NULL);
    T_STR(ar_buf_str(&none.notes), "There is no such finding.\n");
    T_STR(ar_buf_str(&odd.notes),
          "No standard 'T-9' was judged yet: `aright standard list` names them.\n");
    T_STR(ar_buf_str(&early.notes), "Nothing was judged yet: run `aright evaluate`.\n");
}

TEST(findings_come_by_risk_and_criticality_then_age)
{
    ar_auto(world) w = judged();

    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b T-1/thing:d", day(1), NULL);
    LISTS(&w, "T-1/thing:c T-1/thing:b", day(1), "limit", "2", NULL);
    LISTS(&w, "T-2/thing:b", day(1), "standard", "T-2", NULL);
    LISTS(&w, "T-2/thing:b", day(1), "standard", "T-2", "class", "standard", NULL);
    LISTS(&w, "", day(1), "class", "practice", NULL);
    LISTS(&w, "", day(1), "pillar", "networks", NULL);
    LISTS(&w, "T-1/thing:c", day(1), "pillar", "tenants", "class", "all", "limit", "1", NULL);
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(1), "owner", "person:kim", NULL);
    LISTS(&w, "T-1/thing:c", day(1), "domain", "west", "state", "unknown", NULL);
    LISTS(&w, "", day(1), "state", "closed", NULL);
    REFUSES(ASK(&w, "finding.list", day(1), "limit", "0", NULL), AR_INVALID, "want 1 or more");
    grant(&w, "T-1/thing:c", 10);
    LISTS(&w, "T-1/thing:c", day(10), "state", "waived", NULL);
    LISTS(&w, "", day(10) + 1, "state", "waived", NULL);

    world_sql(&w, "UPDATE thing SET ok = TRUE, n = 2, last_seen = $$2026-01-02$$ WHERE id = 'b'");
    (void)world_evaluate(&w, day(2));
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(2), "state", "closed", NULL);
}

TEST(a_finding_says_since_when_and_until_when)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "finding.list", day(1), "standard", "T-2", NULL),
            "T-2/thing:b|fail|2026-01-31T00:00:00Z|3|person:kim|Title of T-2|Bee|T-2|thing|b|east|"
            "2026-01-01T00:00:00Z|2026-01-01T00:00:00Z||9|1||\n");
}

/* The text of one column of a record. */
static ar_str field(answer *a, const char *name)
{
    ar_str heads = ar_buf_str(&a->head), rest = ar_str_trim(ar_buf_str(&a->rows)), head,
           value = { 0 };

    while (ar_str_split(&heads, '|', &head) && ar_str_split(&rest, '|', &value))
        if (ar_str_eq(head, ar_str_of(name))) return value;
    return AR_LIT("no such column");
}

TEST(an_explanation_names_the_conditions_that_do_not_hold_and_the_facts_in_them)
{
    ar_auto(world) w = judged();
    ar_auto(answer) fail = ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:b", NULL);
    ar_auto(answer) null = ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:c", NULL);
    ar_auto(answer) old = ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:d", NULL);
    ar_auto(answer) either = ASK(&w, "finding.explain", day(1), "finding", "T-2/thing:b", NULL);

    T_OK(fail.err);
    T_STR(field(&fail, "state"), "fail");
    T_STR(field(&fail, "why"), "ok does not hold: ok = false\nn > 1 does not hold: n = 0");
    T_STR(field(&fail, "facts"), "n = 0");
    T_STR(field(&fail, "owner_source"), "register");
    T_STR(field(&fail, "right"), "Make it right.");
    T_STR(field(&fail, "due"), "2026-01-31T00:00:00Z");
    T_STR(field(&fail, "history"), "2026-01-01T00:00:00Z episode 1: fail");
    T_STR(field(&null, "state"), "unknown");
    T_STR(field(&null, "why"), "ok cannot be told: ok = (not known)");
    T_STR(field(&old, "state"), "unknown");
    T_TRUE(ar_str_starts(field(&old, "why"), AR_LIT("its facts are older than 7d")));
    T_STR(field(&either, "why"),
          "ok OR used_at > :asof - INTERVAL :days DAY does not hold: ok = false, "
          "used_at = 2025-11-01T00:00:00Z, :asof = 2026-01-02T00:00:00Z, :days = 30");
}

TEST(an_explanation_shows_what_is_linked_and_what_each_of_it_lacks)
{
    static const struct {
        const char *finding, *why;
    } cases[] = {
        { "T-1/thing:a", "EXISTS parts WHERE good AND n_used >= :least does not hold: "
                         ":least = 2\nlinked parts: none" },
        { "T-1/thing:b", "linked parts: 1, none of which meets it:\n  p1: good = (not known)" },
        { "T-1/thing:c", "linked parts: 7, none of which meets it:\n  p2: good = (not known)\n"
                         "  p3: n_used = 1\n  p4: good = false, n_used = 1\n"
                         "  p5: good = false\n  p6: good = false\n  and 2 more" },
        { "T-2/thing:b", "every condition holds" },
        { "T-2/thing:c",
          "linked parts: 7, 5 of which meet it:\n  p4: good = false\n  p5: good = false\n" },
        { "T-3/thing:a", "COUNT(parts) > 0 does not hold\nlinked parts: none" },
    };
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_write(&w, "kinds", "part.yaml",
                "kind: part\ntitle: Part\nmeaning: A part of a thing.\ncolumns:\n"
                "  thing_id: {type: text, meaning: The thing.}\n"
                "  good: {type: bool, meaning: Whether it is good.}\n"
                "  n_used: {type: int, meaning: How often it was used.}\n");
    world_standard(&w, "T-1",
                   "pass: (EXISTS parts WHERE good AND n_used >= :least)\nparams: {least: 2}");
    world_standard(&w, "T-2", "pass: COUNT(parts WHERE NOT good) = 0");
    world_standard(&w, "T-3", "pass: COUNT(parts) > 0");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, last_seen) SELECT unnest(['a', 'b', 'c']), "
                  "$$2026-01-01$$");
    world_sql(&w, "INSERT INTO part (id, thing_id, good, n_used) VALUES ('p1', 'b', NULL, 2),"
                  " ('p2', 'c', NULL, 3), ('p3', 'c', TRUE, 1), ('p4', 'c', FALSE, 1),"
                  " ('p5', 'c', FALSE, 2), ('p6', 'c', FALSE, 2), ('p7', 'c', FALSE, 2),"
                  " ('p8', 'c', FALSE, 2)");
    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(answer) a = ASK(&w, "finding.explain", day(1), "finding", cases[i].finding, NULL);
        ar_str want = ar_str_of(cases[i].why);

        T_OK(a.err);
        if (ar_str_contains(field(&a, "why"), want)) continue;
        T_STR(field(&a, "why"), cases[i].why);
    }
}

/* The engine keeps microseconds; who reads an explanation does not want them. */
TEST(times_in_an_explanation_are_to_the_second)
{
    ar_auto(world) w = judged();

    world_sql(&w, "UPDATE thing SET used_at = used_at + INTERVAL 123456 MICROSECONDS");
    ar_auto(answer) a = ASK(&w, "finding.explain", day(1) + 1, "finding", "T-2/thing:b", NULL);
    T_STR(field(&a, "why"),
          "ok OR used_at > :asof - INTERVAL :days DAY does not hold: ok = false, "
          "used_at = 2025-11-01T00:00:00Z, :asof = 2026-01-02T00:00:00Z, :days = 30");
}

TEST(what_passes_or_is_out_of_scope_is_explained_too)
{
    ar_auto(world) w = judged();
    ar_auto(answer) pass = ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:a", NULL);
    ar_auto(answer) out = ASK(&w, "finding.explain", day(1), "finding", "T-2/thing:c", NULL);

    T_OK(pass.err);
    T_STR(field(&pass, "state"), "pass");
    T_STR(field(&pass, "why"), "every condition holds");
    T_STR(field(&pass, "opened_at"), "");
    T_STR(field(&out, "state"), "out");
    T_STR(field(&out, "why"), "m > 0 does not hold, so it is out of scope: m = 0");
    world_sql(&w, "UPDATE thing SET deleted_at = last_seen WHERE id = 'a'");
    ar_auto(answer) gone = ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:a", NULL);
    T_STR(field(&gone, "why"), "it was deleted: out of scope");
}

TEST(an_explanation_shows_the_waiver_while_it_is_in_force)
{
    ar_auto(world) w = judged();

    grant(&w, "T-1/thing:b", 10);
    ar_auto(answer) in = ASK(&w, "finding.explain", day(10), "finding", "T-1/thing:b", NULL);
    ar_auto(answer) after = ASK(&w, "finding.explain", day(11), "finding", "T-1/thing:b", NULL);
    T_STR(field(&in, "state"), "waived");
    T_STR(field(&in, "waiver"),
          "W-1 by person:officer through 2026-01-11T00:00:00Z: a reason of some length");
    T_STR(field(&after, "waiver"), "");
}

TEST(what_cannot_be_explained_says_why)
{
    static const struct {
        const char *finding;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-1", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-1/thing", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-1/thing:", AR_INVALID, "want STANDARD/KIND:ID" },
        { "/thing:a", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-4/thing:a", AR_NOT_FOUND, "there is no standard 'T-4'" },
        { "T-1/thing:zz", AR_NOT_FOUND, "there is no thing with the id 'zz'" },
        { "T-1/part:a", AR_INVALID, "T-1 judges thing; 'a' is of kind part" },
        { "T-1/thnig:a", AR_NOT_FOUND, "thing" },
    };
    ar_auto(world) w = judged();

    for (size_t i = 0; i < AR_COUNT(bad); i++)
        REFUSES(ASK(&w, "finding.explain", day(1), "finding", bad[i].finding, NULL), bad[i].code,
                bad[i].says);
}

/* ---- waivers ---- */

TEST(waivers_that_are_refused_say_why_and_leave_nothing)
{
    static const char long_reason[] = "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "-----------------------------------------------------------";
    static const struct {
        const char *finding, *until, *reason, *who;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "T-1", "+10d", "it is being moved", "person:o", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-1/thing:a", "+10d", "it is being moved", "person:o", AR_NOT_FOUND, "no finding" },
        { "T-1/thing:b", "+10d", "soon", "person:o", AR_INVALID,
          "too short, 4 of at least 10 characters" },
        { "T-1/thing:b", "+10d", "          soon ", "person:o", AR_INVALID, "too short, 4 of" },
        { "T-1/thing:b", "+10d", long_reason, "person:o", AR_LIMIT, "400 is the most" },
        { "T-1/thing:b", "+0d", "it is being moved", "person:o", AR_INVALID, "which is past" },
        { "T-1/thing:b", "+91d", "it is being moved", "person:o", AR_LIMIT,
          "the standard allows 90d" },
        { "T-1/thing:b", "+9d", "it is being moved", "person:kim", AR_DENIED,
          "want the approval of someone else" },
    };
    ar_auto(world) w = judged();

    T_TRUE(sizeof long_reason - 1 > AR_WAIVER_REASON_MAX);
    ANSWERS(ASK(&w, "evaluate", day(0) + 1, NULL), "thing|3|4|3|2|2|0|0\n");
    REFUSES(ASK(&w, "waiver.grant", day(0) + 1, "finding", "T-1/thing:b", "until", "+91d", "reason",
                "it is being moved", NULL),
            AR_LIMIT,
            "until 2026-04-02T00:00:00Z; the standard allows 90d, until 2026-04-01T00:00:00Z");
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        w.who = ar_str_of(bad[i].who);
        REFUSES(ASK(&w, "waiver.grant", day(1), "finding", bad[i].finding, "until", bad[i].until,
                    "reason", bad[i].reason, NULL),
                bad[i].code, bad[i].says);
    }
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver"), 0);
}

static const char tree[] =
    "INSERT INTO ar.owner (id, parent, team, left_at) VALUES"
    " ('division:eng', NULL, NULL, NULL), ('team:web', 'division:eng', 'team:web', NULL),"
    " ('team:db', 'division:eng', 'team:db', NULL),"
    " ('person:kim', 'team:web', 'team:web', NULL),"
    " ('person:lee', 'team:web', 'team:web', NULL),"
    " ('person:max', 'team:web', 'team:web', NULL),"
    " ('person:eve', 'team:db', 'team:db', NULL),"
    " ('person:ada', 'team:db', 'team:db', NULL),"
    " ('person:old', 'team:db', 'team:db', $$2026-01-01$$)";

typedef struct approval {
    const char *owner, *domain, *approver;
    bool may;
    const char *says;
} approval;

static void check_approvals(world *w, const approval *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ar_waiver_subject subject = { AR_LIT("thing:b"), ar_str_of(rows[i].owner),
                                      ar_str_of(rows[i].domain) };
        ar_err err = ar_waiver_check_approver(w->engine, ar_str_of(rows[i].approver), &subject,
                                              day(1), &w->arena);

        if (rows[i].may)
            T_OK(err);
        else
            T_FAILS(err, AR_DENIED, rows[i].says);
    }
}

TEST(who_is_accountable_for_the_domain_approves_and_nobody_else)
{
    static const approval rows[] = {
        { "person:kim", "eng", "person:max", true, "" }, /* the Deputy CISO, also of kim's team */
        { "team:web", "eng", "Person:Max", true, "" },
        { "division:eng", "eng", "person:max", true, "" },
        { "", "eng", "person:max", true, "" },
        { "person:kim", "eng", "person:officer", false,
          "person:officer may not approve for thing:b: for its domain eng that is person:max's" },
        { "", "eng", "person:officer", false, "person:max's to do" },
        { "person:kim", "eng", "person:kim", false, "person:max's to do" },
        { "person:kim", "eng", "person:eve", false, "person:max's to do" }, /* another domain's */
        { "person:kim", "eng", "person:ada", false, "person:max's to do" }, /* above the Deputy */
        /* what the Deputy CISO owns, whom they report to approves */
        { "person:max", "eng", "person:ada", true, "" },
        { "Person:Max", "eng", "person:ada", true, "" },
        { "person:max", "eng", "person:max", false, "person:ada's to do" },
        /* one who has left is not here to approve */
        { "person:kim", "former", "person:ada", true, "" },
        { "person:kim", "former", "person:old", false, "person:ada's to do" },
        /* nobody is accountable */
        { "person:kim", "empty", "person:max", false, "its domain empty needs a deputy_ciso" },
        { "person:eve", "other", "person:eve", false, "its domain other needs a deputy_ciso" },
        { "person:kim", "unheard", "person:max", false, "its domain unheard needs" },
        { "person:kim", "", "person:max", false, "thing:b is in no domain" },
    };
    ar_auto(world) w = judged();

    world_sql(&w, tree);
    world_sql(&w, "INSERT INTO ar.domain (id, deputy_ciso, reports_to, is_default) VALUES"
                  " ('eng', 'person:max', 'person:ada', TRUE),"
                  " ('former', 'person:old', 'person:ada', FALSE),"
                  " ('other', 'person:eve', NULL, FALSE), ('empty', NULL, NULL, FALSE)");
    check_approvals(&w, rows, AR_COUNT(rows));
}

TEST(while_nobody_is_accountable_whoever_has_nothing_to_do_with_a_thing_approves)
{
    static const approval rows[] = {
        { "person:kim", "eng", "person:officer", true, "" },
        { "person:kim", "eng", "person:kim", false, "person:kim owns thing:b; want the approval" },
        { "person:kim", "eng", "Person:KIM", false, "Person:KIM owns thing:b" },
        { "Person:Kim", "eng", "person:kim", false, "person:kim owns thing:b" },
        { "person:kim", "eng", "person:lee", false, "person:lee is in team:web, to which thing:b" },
        { "person:kim", "eng", "Person:Lee", false, "is in team:web" },
        { "person:kim", "eng", "person:ada", true, "" }, /* same division, another team */
        { "team:web", "eng", "person:kim", false, "person:kim is in team:web" },
        { "Team:Web", "eng", "person:kim", false, "person:kim is in team:web" },
        { "team:web", "eng", "person:ada", true, "" },
        { "division:eng", "eng", "person:kim", false, "person:kim is in division:eng" },
        { "division:eng", "eng", "person:ada", false, "who holds waiver.grant" },
        { "team:gone", "eng", "person:kim", true, "" }, /* not in the tree */
        { "", "", "person:kim", true, "" },
    };
    ar_auto(world) w = judged();

    world_sql(&w, tree);
    world_sql(&w, "INSERT INTO ar.domain (id, reports_to, is_default) VALUES"
                  " ('eng', 'person:lee', TRUE)");
    check_approvals(&w, rows, AR_COUNT(rows));
}

TEST(a_waiver_of_a_domain_is_granted_by_its_deputy_only)
{
    ar_auto(world) w = judged();

    world_sql(&w, "INSERT INTO ar.domain (id, deputy_ciso, is_default) VALUES"
                  " ('east', 'person:max', FALSE)");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_DENIED, "person:officer may not approve for thing:b");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver"), 0);
    w.who = AR_LIT("person:max");
    ar_auto(answer) a = ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d",
                            "reason", "it is being moved", NULL);

    T_OK(a.err);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver WHERE approver = 'person:max'"), 1);
}

TEST(an_approver_is_held_against_who_owns_the_thing_now)
{
    ar_auto(world) w = judged();

    world_sql(&w, "UPDATE thing SET owner_id = 'person:officer' WHERE id = 'b'");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_DENIED, "person:officer owns thing:b");
    world_sql(&w, "UPDATE thing SET owner_id = NULL WHERE id = 'b'");

    ar_auto(answer) a = ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d",
                            "reason", "it is being moved", NULL);

    T_OK(a.err);
    T_STR(ar_buf_str(&a.notes), "Nobody owns what W-1 is for; the waiver says so.\n");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver WHERE owner_id IS NULL"), 1);
}

TEST(a_waiver_is_granted_listed_ended_and_then_over)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "2026-02-01",
                "reason", "it is being moved", NULL),
            "W-1|T-1/thing:b|in_force|2026-02-01T00:00:00Z|person:officer|it is being moved||"
            "2026-01-02T00:00:00Z||||person:kim\n");
    REFUSES(ASK(&w, "waiver.grant", day(2), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_CONFLICT, "has the waiver W-1 already");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "W-2", "reason", "no longer needed", NULL),
            AR_NOT_FOUND, "there is no waiver W-2");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "1", "reason", "no longer needed", NULL),
            AR_INVALID, "want one like W-12");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "W-1", "reason", "no", NULL), AR_INVALID,
            "of at least 10 characters");
    ANSWERS(ASK(&w, "waiver.end", day(3), "id", "W-1", "reason", "no longer needed", NULL),
            "W-1|T-1/thing:b|ended|2026-02-01T00:00:00Z|person:officer|it is being moved||"
            "2026-01-02T00:00:00Z|2026-01-04T00:00:00Z|person:officer|no longer needed|"
            "person:kim\n");
    REFUSES(ASK(&w, "waiver.end", day(3), "id", "W-1", "reason", "no longer needed", NULL),
            AR_CONFLICT, "is over");
    ANSWERS(ASK(&w, "waiver.list", day(3), NULL), "");
    T_INT(world_int(&w, "SELECT count(*) FROM waiver WHERE deleted_at IS NOT NULL"), 1);
}

TEST(a_standard_without_waivers_grants_none)
{
    ar_auto(world) w = judged();

    world_sql(&w, "UPDATE ar.standard SET waiver_max = NULL");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_CONFLICT, "allows no waivers");
}

/* ---- standards ---- */

TEST(standards_are_listed_with_the_version_that_was_judged)
{
    ar_auto(world) w = judged();

    world_standard(&w, "T-4", "pass: ok");
    ANSWERS(ASK(&w, "standard.list", day(1), NULL),
            "T-1|standard|tenants|thing|Title of T-1|3|team:owners|1|true|\n"
            "T-2|standard|tenants|thing|Title of T-2|3|team:owners|1|true|\n"
            "T-3|standard|tenants|thing|Title of T-3|3|team:owners|1|true|\n"
            "T-4|standard|tenants|thing|Title of T-4|3|team:owners||true|\n");
}

/* The bad copy lies in the home and stands in the place of a shipped file that is right. */
TEST(a_bad_file_is_named_wherever_its_standard_is_missed)
{
    static const char where[] = "home/standards/T-1.yaml:1:1: 'title' is missing";
    ar_auto(world) w = judged();
    const char *folder = ar_path_join(&w.arena, w.place.home, "standards");

    T_OK(ar_dir_make(folder, 0755));
    T_OK(ar_file_write(ar_path_join(&w.arena, folder, "T-1.yaml"),
                       AR_LIT("id: T-1\nclass: standard\n"), 0644));
    NOTES(ASK(&w, "evaluate", day(1), NULL),
          "T-1 was not judged, and what was judged of it last stands: /tmp/");
    ar_auto(answer) list = ASK(&w, "standard.list", day(1), NULL);
    T_TRUE(
        ar_str_contains(ar_buf_str(&list.rows),
                        AR_LIT("T-1|standard|tenants|thing|Title of T-1|3|team:owners|1|false|/")));
    T_TRUE(ar_str_contains(ar_buf_str(&list.rows), ar_str_of(where)));
    NOTES(ASK(&w, "standard.list", day(1), NULL), "T-1 cannot be read: /tmp/");
    NOTES(ASK(&w, "score", day(1), NULL),
          "What is said of T-1 is as of 2026-01-01T00:00:00Z, when it could last be judged: /tmp/");
    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b T-1/thing:d", day(1), NULL);
    NOTES(ASK(&w, "finding.list", day(1), NULL), "What is said of T-1 is as of");
    REFUSES(ASK(&w, "standard.show", day(1), "id", "T-1", NULL), AR_INVALID, where);
    REFUSES(ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:b", NULL), AR_INVALID, where);
    REFUSES(ASK(&w, "standard.test", day(1), "id", "T-1", NULL), AR_INVALID, where);
    ar_auto(answer) other = ASK(&w, "finding.list", day(1), "standard", "T-2", NULL);
    ar_auto(answer) explained = ASK(&w, "finding.explain", day(1), "finding", "T-2/thing:b", NULL);
    ar_auto(answer) tested = ASK(&w, "standard.test", day(1), NULL);
    T_STR(ar_buf_str(&other.notes), "");
    T_OK(explained.err);
    T_FAILS(tested.err, AR_INVALID, "1 standard cannot be read");
    T_TRUE(ar_str_contains(ar_buf_str(&tested.notes), ar_str_of(where)));
    T_TRUE(ar_str_contains(ar_buf_str(&tested.rows), AR_LIT("T-3|3|")));
}

/* The rows that the judge adds to `status`. */
static answer status(world *w)
{
    static const ar_column columns[] = { { "area", AR_TEXT, 0, "" },
                                         { "name", AR_TEXT, 0, "" },
                                         { "value", AR_TEXT, 0, "" },
                                         { "state", AR_TEXT, 0, "" },
                                         { 0 } };
    static const ar_op op = { .name = "status", .columns = columns };
    answer a = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, &a };
    ar_ctx ctx = { .place = &w->place, .arena = &w->arena };
    ar_reply reply;

    ar_reply_init(&reply, &op, &sink);
    a.err = ar_standard_status(&ctx, &reply);
    return a;
}

TEST(status_warns_of_files_that_are_no_standards)
{
    ar_auto(world) w = judged();

    ANSWERS(status(&w), "");
    world_write(&w, "standards", "T-9.yaml", "id: T-9\n");
    ar_auto(answer) bad = status(&w);
    T_OK(bad.err);
    T_TRUE(ar_str_starts(ar_buf_str(&bad.rows), AR_LIT("estate|standard T-9|/tmp/")));
    T_TRUE(ar_str_ends(ar_buf_str(&bad.rows), AR_LIT("'class' is missing|warn\n")));
    world_write(&w, "kinds", "bad.yaml", "kind: other\n");
    ar_auto(answer) worse = status(&w);
    T_OK(worse.err);
    T_TRUE(ar_str_starts(ar_buf_str(&worse.rows), AR_LIT("estate|kinds|/tmp/")));
}

TEST(a_standard_shows_the_sql_that_judges_as_it_does)
{
    ar_auto(world) w = judged();
    ar_auto(answer) plain = ASK(&w, "standard.show", day(0), "id", "T-1", NULL);
    ar_auto(answer) a = ASK(&w, "standard.show", day(0), "id", "T-1", "sql", "", NULL);
    ar_str sql;

    T_OK(a.err);
    T_STR(field(&plain, "pass"), "ok AND n > 1");
    T_STR(field(&plain, "stale_after"), "7d");
    sql = field(&a, "sql");
    T_TRUE(sql.len > 0);
    sql = ar_arena_printf(&w.arena,
                          "SELECT string_agg(q.id || q.state, ' ' ORDER BY q.id) FROM (%.*s) q",
                          AR_FMT(sql));
    T_STR(world_text(&w, sql.ptr), "a1 b2 c3 d3");
}

TEST(the_sql_that_a_standard_shows_runs_as_a_query)
{
    ar_auto(world) w = judged();

    world_standard(&w, "T-5", "pass: name LIKE 'A!__' ESCAPE '!' OR name LIKE '_n%'");
    ar_auto(answer) a = ASK(&w, "standard.show", day(0), "id", "T-5", "sql", "", NULL);
    ar_str sql = field(&a, "sql");

    T_OK(a.err);
    T_OK(ar_engine_guard(w.engine, sql));
    sql = ar_arena_printf(&w.arena,
                          "SELECT string_agg(q.id || q.state, ' ' ORDER BY q.id)"
                          " FROM (%.*s) q",
                          AR_FMT(sql));
    T_STR(world_text(&w, sql.ptr), "a1 b2 c2 d2");
}

static answer check_file(world *w, const char *text)
{
    const char *path = ar_path_join(&w->arena, w->place.home, "one.yaml");
    const ar_op *op = find_op("standard.check");
    answer a = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, &a };
    ar_ctx ctx = { .place = &w->place, .arena = &w->arena };
    ar_args args = { .op = op, .arena = &w->arena };
    ar_reply reply;
    int fd;

    T_OK(ar_file_write(path, ar_str_of(text), 0644));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    T_OK(ar_args_add(&args, ar_param_find(op, AR_LIT("file")), AR_LIT("one.yaml"), fd, 0));
    ar_reply_init(&reply, op, &sink);
    a.err = op->run(&ctx, &args, &reply);
    (void)close(fd);
    return a;
}

TEST(a_file_is_checked_and_its_rows_are_judged)
{
    ar_auto(world) w = judged();
    const char *good = "id: X-1\nclass: practice\ntitle: T\nstatement: S.\npillar: networks\n"
                       "kind: thing\npass: n > 3 OR EXISTS parts WHERE good\nright: R.\nrisk: 1\n"
                       "owner: team:x\nexplain: [n]\ntests:\n  pass: [{n: 4}, {n: 1, parts: "
                       "[{good: true}, {good: false}]}]\n  fail: [{n: 3}, {n: 1, parts: [{good: "
                       "false}]}]\n  unknown: [{}]\n";
    const char *bad = "id: X-1\nclass: practice\ntitle: T\nstatement: S.\npillar: networks\n"
                      "kind: thing\npass: n > 3\nright: R.\nrisk: 1\n"
                      "owner: team:x\nexplain: [n]\ntests:\n  pass: [{n: 3}]\n  fail: [{n: 3}]\n"
                      "  unknown: [{}]\n";

    ANSWERS(check_file(&w, good), "X-1|5|5\n");
    ar_auto(answer) a = check_file(&w, bad);
    T_FAILS(a.err, AR_INVALID, "1 test row is judged otherwise than said");
    T_STR(ar_buf_str(&a.rows), "X-1|3|2\n");
    T_STR(ar_buf_str(&a.notes),
          "one.yaml:13: the row under 'pass' is fail by the evaluator, fail as "
          "SQL, fail in a scan.\n");
    REFUSES(check_file(&w, "id: X-1\n"), AR_INVALID, "one.yaml:1:1");
}

/* ---- evaluate ---- */

TEST(evaluate_says_what_it_saw_and_what_it_did_not_store)
{
    ar_auto(world) w = judged();
    ar_auto(answer) before = ASK(&w, "evaluate", day(0) - 1, NULL);

    T_OK(before.err);
    T_STR(ar_buf_str(&before.rows), "thing|3|4|3|2|2|0|0\n");
    T_STR(ar_buf_str(&before.notes), "Nothing was stored: 2025-12-31T23:59:59Z is before the "
                                     "last evaluation, as of 2026-01-01T00:00:00Z.\n");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.evaluation"), 1);
    world_sql(&w, "UPDATE thing SET ok = TRUE");
    ANSWERS(ASK(&w, "evaluate", day(1), NULL), "thing|3|4|5|1|1|0|2\n");
}

/* ---- the rows of the operations ---- */

TEST(every_operation_says_who_may_run_it_and_what_it_records)
{
    for (const ar_op *op = ar_standard_ops; op->name != NULL; op++) {
        T_TRUE(op->grant != NULL && op->help != NULL && op->run != NULL);
        T_TRUE((op->effect == AR_CHANGES) == (op->event != NULL));
        T_TRUE(op->columns != NULL || op->run == find_op("score")->run);
    }
}

/* The views that `query` shows have every column that their kind promises. */
TEST(the_views_have_the_columns_of_their_kinds)
{
    static const char *const names[] = { "standard", "waiver" };
    ar_auto(world) w = { 0 };
    ar_place shipped = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };

    world_files(&w);
    world_load(&w);
    world_engine(&w, NULL);
    T_OK(ar_kinds_load(&shipped, &w.arena, &w.kinds));
    for (size_t i = 0; i < AR_COUNT(names); i++) {
        const ar_kind *kind = NULL;

        T_OK(ar_kinds_find(&w.kinds, ar_str_of(names[i]), &kind));
        for (size_t k = 0; kind != NULL && k < kind->n_columns; k++) {
            ar_str sql = ar_arena_printf(
                &w.arena,
                "SELECT data_type FROM information_schema.columns WHERE table_schema ="
                " 'main' AND table_name = '%s' AND column_name = '%.*s'",
                names[i], AR_FMT(kind->columns[k].name));

            T_STR(world_text(&w, sql.ptr), ar_sql_type(kind->columns[k].type));
        }
    }
    T_INT(world_int(&w, "SELECT count(*) FROM finding"), 0);
}

/* ---- as people see it ---- */

static ar_str printed(world *w, enum ar_format format)
{
    const char *path = ar_path_join(&w->arena, w->place.home, "printed");
    int out = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    ar_ctx ctx = { .now = day(1), .asof = day(1), .engine = w->engine, .arena = &w->arena };
    const ar_op *op = find_op("score");
    ar_args args = { .op = op, .arena = &w->arena };
    ar_printer printer;
    ar_sink sink;
    ar_reply reply;
    ar_str text = { 0 };

    ar_printer_init(&printer, format, op->shape, out, out);
    sink = ar_printer_sink(&printer);
    ar_reply_init(&reply, op, &sink);
    T_OK(op->run(&ctx, &args, &reply));
    T_OK(ar_reply_finish(&reply));
    T_OK(ar_printer_finish(&printer));
    ar_printer_done(&printer);
    (void)close(out);
    T_OK(ar_file_read(path, 1 << 20, &w->arena, &text));
    return text;
}

TEST(a_card_for_people_names_what_has_nothing_in_scope_once_and_programs_get_every_row)
{
    ar_auto(world) w = judged();
    ar_str table = printed(&w, AR_FORMAT_TABLE), json = printed(&w, AR_FORMAT_JSON);

    T_TRUE(ar_str_contains(table, AR_LIT("Title of T-2")));
    T_TRUE(!ar_str_contains(table, AR_LIT("Title of T-3")));
    T_TRUE(ar_str_contains(table, AR_LIT("1 standard has nothing in scope yet: T-3.")));
    T_TRUE(ar_str_contains(json, AR_LIT("\"title\":\"Title of T-3\"")));
}
