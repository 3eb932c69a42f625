#include "standard/owed.h"

#include "living.h"

/* SQL: ar.owed as it must be, from the findings and from whose the verdicts say that they are. */
#define COUNTED                                                                                   \
    "(WITH f AS (SELECT f.standard_id, v.owner_id, v.domain_id, coalesce(v.criticality, 3) AS w," \
    "  f.state, f.episode, f.opened FROM ar.open_finding f JOIN ar.verdict v"                     \
    "  ON v.number = f.verdict),"                                                                 \
    " listed AS (SELECT standard_id, owner_id, domain_id, count(*) AS open,"                      \
    "  count(*) FILTER (state = 'fail') AS fail, count(*) FILTER (episode > 1) AS reopened,"      \
    "  list(opened ORDER BY opened) AS o, list(w ORDER BY w DESC) AS w FROM f GROUP BY ALL)"      \
    " SELECT standard_id, owner_id, domain_id, open, fail, reopened, o[1] AS opened,"             \
    "  len(list_filter(o, lambda x: x = o[1])), w[1] AS weight,"                                  \
    "  len(list_filter(w, lambda x: x = w[1])) FROM listed)"

/* SQL: ar.item as it must be, by that; but for the domain, of which several may be right. */
#define ITEMIZED                                                                                 \
    "(WITH item AS (SELECT i.*, s.risk * i.weight AS rank, e.as_of AS since,"                    \
    "  e.as_of + to_microseconds(s.due) AS due FROM (SELECT standard_id, owner_id,"              \
    "   sum(open)::BIGINT AS open, sum(fail)::BIGINT AS fail, sum(reopened) > 0 AS reopened,"    \
    "   min(opened) AS opened, max(weight) AS weight FROM " COUNTED " GROUP BY ALL) i"           \
    "  JOIN ar.standard s ON s.id = i.standard_id JOIN ar.evaluation e ON e.id = i.opened)"      \
    " SELECT standard_id, owner_id, open, fail, reopened, since, due, rank,"                     \
    "  (SELECT sum(b.open)::BIGINT FROM item b WHERE b.owner_id IS NOT DISTINCT FROM i.owner_id" \
    "   AND (-b.rank, b.due, b.standard_id) <= (-i.rank, i.due, i.standard_id)) FROM item i)"

/* Rows of each that the other has not. */
#define DIFFERING(a, b) \
    "SELECT count(*) FROM ((FROM " a " EXCEPT FROM " b ") UNION ALL (FROM " b " EXCEPT FROM " a "))"

static void check_findings(world *w)
{
    T_INT(world_int(w, "SELECT count(*) FROM ar.open_finding f JOIN ar.verdict v"
                       " ON v.number = f.verdict WHERE (f.owner_id, f.domain_id, f.criticality)"
                       " IS DISTINCT FROM (v.owner_id, v.domain_id, v.criticality)"),
          0);
    T_INT(world_int(w, DIFFERING("ar.owed", COUNTED)), 0);
    T_INT(world_int(w, "SELECT count(*) - count(DISTINCT (standard_id, owner_id, domain_id))"
                       " FROM ar.owed"),
          0);
    T_INT(world_int(w, DIFFERING("(SELECT * EXCLUDE (domain_id) FROM ar.item)", ITEMIZED)), 0);
    T_INT(world_int(w, "SELECT count(*) - count(DISTINCT (standard_id, owner_id)) FROM ar.item"),
          0);
}

/* Of the last four weeks: how many were fixed in each evaluation. */
static void check_fixed(world *w)
{
    T_INT(world_int(w, "SELECT count(*) FROM ar.evaluation e"
                       " WHERE e.as_of > (SELECT max(as_of) FROM ar.evaluation) - INTERVAL 28 DAY"
                       " AND (SELECT coalesce(sum(n), 0) FROM ar.fixed WHERE evaluation = e.id) <>"
                       " (SELECT count(*) FROM ar.closed_finding WHERE closed = e.id"
                       "  AND reason = 'fixed')"),
          0);
}

/* A waiver is about the finding of that id which is open. */
static void check_waivers(world *w)
{
    T_INT(world_int(w, "SELECT count(*) FROM ar.waiver a JOIN ar.open_finding f"
                       " ON f.standard_id = a.standard_id JOIN ar.verdict v ON v.number = f.verdict"
                       " AND v.kind = a.kind AND v.asset_id = a.asset_id"
                       " WHERE a.verdict IS DISTINCT FROM f.verdict"),
          0);
}

TEST(whatever_happens_what_is_owed_is_what_the_findings_say)
{
    int rounds = t_rounds(1, 30);
    t_random random = { 11 };

    for (int round = 0; round < rounds && t_bad == 0; round++) {
        ar_auto(world) w = { 0 };

        living_world(&w);
        for (int i = 0; i < 30 && t_bad == 0; i++) {
            live(&w, &random, day(i));
            check_findings(&w);
            check_fixed(&w);
            check_waivers(&w);
            if (t_bad > 0) printf("# round %d, step %d\n", round, i);
        }
        T_TRUE(world_int(&w, "SELECT count(*) FROM ar.owed") > 5);
        T_TRUE(world_int(&w, "SELECT count(*) FROM ar.closed_finding WHERE reason = 'fixed'") > 5);
        T_TRUE(world_int(&w, "SELECT count(*) FROM ar.waiver WHERE verdict IS NOT NULL") > 5);
    }
}

TEST(a_home_of_before_has_it_counted_once_it_is_opened)
{
    t_random random = { 5 };
    ar_auto(world) w = { 0 };
    const ar_migration *owed = ar_standard_migrations;

    while (owed->number != 312) owed++;
    living_world(&w);
    for (int i = 0; i < 20; i++) live(&w, &random, day(i));
    world_sql(&w,
              "CREATE TEMP TABLE before AS FROM ar.owed; CREATE TEMP TABLE pace AS FROM ar.fixed;"
              "CREATE TEMP TABLE found AS FROM ar.finding;"
              "CREATE TEMP TABLE waived AS SELECT id, verdict FROM ar.waiver w WHERE EXISTS"
              " (FROM ar.open_finding f WHERE f.verdict = w.verdict"
              "  AND f.standard_id = w.standard_id);"
              "DROP TABLE ar.owed; DROP TABLE ar.item; DROP TABLE ar.fixed;"
              "ALTER TABLE ar.waiver DROP COLUMN verdict;"
              "ALTER TABLE ar.open_finding DROP COLUMN owner_id;"
              "ALTER TABLE ar.open_finding DROP COLUMN domain_id;"
              "ALTER TABLE ar.open_finding DROP COLUMN criticality");
    world_sql(&w, owed->sql);
    check_findings(&w);
    check_fixed(&w);
    check_waivers(&w);
    T_INT(world_int(&w, "SELECT count(*) FROM (FROM before EXCEPT FROM ar.owed)"), 0);
    T_INT(world_int(&w, "SELECT count(*) FROM (FROM found EXCEPT FROM ar.finding)"), 0);
    T_INT(world_int(&w, "SELECT count(*) FROM (FROM waived EXCEPT SELECT id, verdict"
                        " FROM ar.waiver)"),
          0);
    T_TRUE(world_int(&w, "SELECT count(*) FROM waived") > 0);
    T_INT(world_int(&w, "SELECT (SELECT sum(n) FROM pace) - (SELECT sum(n) FROM ar.fixed)"), 0);
}
