#include "judged.h"

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
