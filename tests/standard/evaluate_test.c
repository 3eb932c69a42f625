#include "standard/evaluate.h"

#include "standard/waiver.h"
#include "world.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static ar_time day(int64_t n)
{
    return DAY0 + n * AR_DAY;
}

/* The one finding there is: "state episode reason". */
static ar_str finding(world *w)
{
    return world_text(w, "SELECT max_by(state || ' ' || episode || coalesce(' ' || reason, ''), "
                         "episode) FROM ar.finding");
}

static void set(world *w, const char *what, ar_time at)
{
    ar_value seen = ar_at(at);
    ar_str sql = ar_arena_printf(&w->arena, "UPDATE thing SET last_seen = $1, %s", what);

    T_OK(ar_engine_run(w->engine, sql, &seen, 1, NULL));
}

static int64_t waived(world *w, ar_time at)
{
    ar_value asof = ar_at(at), n = ar_null();

    T_OK(ar_engine_value(w->engine,
                         AR_LIT("SELECT count(*) FROM ar.waiver v WHERE " AR_WAIVER_IN_FORCE),
                         &asof, 1, &w->arena, &n));
    return n.i;
}

TEST(a_finding_lives_through_two_years)
{
    ar_auto(world) w = { 0 };
    ar_waiver_request request = { AR_LIT("T-1/thing:a"),
                                  day(90),
                                  AR_LIT("the vendor moves in March"),
                                  { 0 },
                                  AR_LIT("person:officer") };
    ar_waiver_granted granted;

    world_files(&w);
    world_standard(&w, "T-1", "where: n > 0\npass: ok\nstale_after: 7d");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, name, owner_id, n) VALUES ('a', 'A', 'person:kim', 1)");

    set(&w, "ok = TRUE", day(0));
    T_INT(world_evaluate(&w, day(0)).kinds[0].pass, 1);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.finding"), 0);

    set(&w, "ok = FALSE", day(10));
    T_INT(world_evaluate(&w, day(10)).kinds[0].opened, 1);
    T_STR(finding(&w), "fail 1");
    T_STR(world_text(&w, "SELECT owner_id || ' ' || name FROM ar.finding"), "person:kim A");

    T_OK(ar_waiver_grant(w.engine, &request, day(11), &w.arena, &granted));
    T_INT(waived(&w, day(11)), 1);
    T_INT(waived(&w, day(90)), 1); /* through its last instant */
    T_INT(waived(&w, day(90) + 1), 0);
    T_INT(waived(&w, day(11) - 1), 0);

    set(&w, "ok = NULL", day(100)); /* from wrong to not known: the same episode */
    (void)world_evaluate(&w, day(100));
    T_STR(finding(&w), "unknown 1");
    T_TRUE(world_int(&w, "SELECT epoch_us(opened_at) FROM ar.finding") == day(10));
    T_TRUE(world_int(&w, "SELECT epoch_us(since) FROM ar.finding") == day(100));

    set(&w, "ok = TRUE", day(120));
    T_INT(world_evaluate(&w, day(120)).kinds[0].closed, 1);
    T_STR(finding(&w), "closed 1 fixed");

    T_INT(world_evaluate(&w, day(127)).kinds[0].pass,
          1); /* seven days old is not older than that */
    T_INT(world_evaluate(&w, day(127) + 1).kinds[0].unknown, 1);
    T_STR(finding(&w), "unknown 2");

    set(&w, "ok = FALSE", day(300));
    (void)world_evaluate(&w, day(300));
    T_STR(finding(&w), "fail 2");
    set(&w, "n = 0", day(310));
    (void)world_evaluate(&w, day(310));
    T_STR(finding(&w), "closed 2 out_of_scope");

    set(&w, "n = 1", day(320));
    (void)world_evaluate(&w, day(320));
    T_STR(finding(&w), "fail 3");
    set(&w, "deleted_at = last_seen", day(330));
    (void)world_evaluate(&w, day(330));
    T_STR(finding(&w), "closed 3 deleted");

    set(&w, "deleted_at = NULL, gone = TRUE, ok = TRUE", day(340));
    T_INT(world_evaluate(&w, day(340)).kinds[0].unknown, 1); /* no longer shown: not known */
    T_STR(finding(&w), "unknown 4");

    world_standard(&w, "T-1", "where: n > 5\npass: ok\nstale_after: 7d");
    world_load(&w);
    (void)world_evaluate(&w, day(350));
    T_STR(finding(&w), "closed 4 standard_changed");
    T_INT(world_int(&w, "SELECT version FROM ar.standard"), 2);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.standard_version"), 2);

    set(&w, "n = 6, gone = FALSE, ok = FALSE", day(700));
    (void)world_evaluate(&w, day(700));
    T_STR(finding(&w), "fail 5");
    w.standards.n = 0;
    (void)world_evaluate(&w, day(730));
    T_STR(finding(&w), "closed 5 standard_removed");
    T_INT(world_int(&w, "SELECT bits FROM ar.verdict"), 0);
    T_TRUE(world_int(&w, "SELECT epoch_us(retired_at) FROM ar.standard") == day(730));
    T_STR(
        world_text(&w, "SELECT string_agg(state, ' ' ORDER BY evaluation) FROM ar.finding_change"),
        "fail unknown fixed unknown fail out_of_scope fail deleted unknown standard_changed fail "
        "standard_removed");
}

TEST(what_is_part_of_another_asset_now_closes_as_merged_and_what_is_nowhere_as_deleted)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, ok) VALUES ('a', FALSE), ('b', TRUE), ('c', FALSE)");
    T_INT(world_evaluate(&w, day(0)).kinds[0].opened, 2);

    world_sql(&w, "DELETE FROM thing WHERE id <> 'b'; UPDATE thing SET ok = FALSE;"
                  "INSERT INTO ar.history VALUES"
                  " ('thing', 'a', 'register', 'asset', 'a', 'b', TIMESTAMP '2026-01-02', 1)");
    (void)world_evaluate(&w, day(1));
    T_STR(world_text(&w, "SELECT string_agg(asset_id || ' ' || coalesce(reason, state), ', '"
                         " ORDER BY asset_id) FROM ar.finding"),
          "a merged, b fail, c deleted");
}

TEST(a_clock_that_goes_back_is_answered_and_stores_nothing)
{
    ar_auto(world) w = { 0 };
    ar_evaluation e;

    world_files(&w);
    world_standard(&w, "T-1", "pass: used_at > :asof - INTERVAL 10 DAY");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, used_at, last_seen) VALUES"
                  " ('a', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01')");
    e = world_evaluate(&w, day(20));
    T_TRUE(e.id == 1 && e.last == AR_TIME_MIN);
    T_INT(e.kinds[0].fail, 1);
    e = world_evaluate(&w, day(5));
    T_TRUE(e.id == 0 && e.last == day(20));
    T_INT(e.kinds[0].pass, 1);
    T_STR(finding(&w), "fail 1");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.evaluation"), 1);
}

/* Every episode that there is or was, and when. */
static ar_str episodes(world *w)
{
    return world_text(w, "SELECT string_agg(concat_ws(' ', id, episode, state, reason, opened_at,"
                         " since), ', ' ORDER BY id, episode) FROM ar.finding");
}

TEST(a_clock_set_back_by_an_hour_opens_and_closes_no_episode)
{
    ar_auto(world) w = { 0 };
    ar_str before;

    world_files(&w);
    world_standard(&w, "T-1", "pass: used_at > :asof - INTERVAL 10 DAY\nstale_after: 48h");
    world_load(&w);
    world_engine(&w, NULL);
    /* within this hour a was right and becomes wrong, b becomes unknown, c was never wrong */
    world_sql(&w, "INSERT INTO thing (id, used_at, last_seen) VALUES"
                  " ('a', TIMESTAMP '2026-01-10 23:30:00', TIMESTAMP '2026-01-20 12:00:00'),"
                  " ('b', TIMESTAMP '2026-01-20', TIMESTAMP '2026-01-18 23:30:00'),"
                  " ('c', TIMESTAMP '2026-01-20', TIMESTAMP '2026-01-20 23:30:00')");
    (void)world_evaluate(&w, day(20) - 2 * AR_HOUR);
    T_STR(episodes(&w), "");
    (void)world_evaluate(&w, day(20));
    before = episodes(&w);
    T_STR(before, "T-1/thing:a 1 fail 2026-01-21 00:00:00 2026-01-21 00:00:00,"
                  " T-1/thing:b 1 unknown 2026-01-21 00:00:00 2026-01-21 00:00:00");
    for (int minutes = -60; minutes <= 0; minutes += 30) {
        (void)world_evaluate(&w, day(20) + minutes * AR_MINUTE);
        T_STR(episodes(&w), ar_arena_cstr(&w.arena, before));
    }
    world_sql(&w, "UPDATE thing SET used_at = TIMESTAMP '2026-01-20 23:10:00' WHERE id = 'a'");
    (void)world_evaluate(&w, day(20) - AR_HOUR / 2); /* brought while the clock is behind */
    T_STR(episodes(&w), ar_arena_cstr(&w.arena, before));
    (void)world_evaluate(&w, day(20) + AR_MINUTE);
    T_STR(episodes(&w), "T-1/thing:a 1 closed fixed 2026-01-21 00:00:00 2026-01-21 00:01:00,"
                        " T-1/thing:b 1 unknown 2026-01-21 00:00:00 2026-01-21 00:00:00");
}

TEST(a_look_ahead_says_what_would_be_and_stands_in_nobodys_way)
{
    ar_auto(world) w = { 0 };
    ar_evaluation e = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: used_at > :asof - INTERVAL 10 DAY");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, used_at, last_seen) VALUES"
                  " ('a', TIMESTAMP '2026-01-09', TIMESTAMP '2026-01-09')");
    T_OK(ar_evaluate(w.engine, &w.kinds, &w.standards, day(10), day(20), NULL, NULL, &w.arena, &e));
    T_TRUE(e.id == 0 && e.n == 1 && e.kinds[0].fail == 1);
    e = world_evaluate(&w, day(10));
    T_TRUE(e.id == 1 && e.last == AR_TIME_MIN && e.kinds[0].pass == 1);
}

TEST(a_second_evaluation_changes_nothing)
{
    ar_auto(world) w = { 0 };
    ar_evaluation e;

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_standard(&w, "T-2", "where: n > 2\npass: EXISTS parts WHERE good");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w,
              "INSERT INTO thing (id, ok, n, last_seen) SELECT 'a' || i, [TRUE, FALSE, NULL][i % 3"
              " + 1], i, TIMESTAMP '2026-01-01' FROM range(100) t(i);"
              "INSERT INTO part (id, thing_id, good) SELECT 'p' || i, 'a' || i, i % 2 = 0"
              " FROM range(50) t(i)");
    e = world_evaluate(&w, day(1));
    T_INT(e.kinds[0].opened, 66 + 97 - 23);
    e = world_evaluate(&w, day(2));
    T_INT(e.kinds[0].opened + e.kinds[0].closed, 0);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.tally_history WHERE evaluation = 2"), 0);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.finding_change WHERE evaluation = 2"), 0);
}

/* ---- against a naive model ---- */

enum { THINGS = 12, STANDARDS = 3, STEPS = 40 };

typedef struct model {
    bool there, gone, deleted;
    int ok;    /* -1: not known */
    int64_t n; /* -1: not known */
    ar_time seen;
    int episodes[STANDARDS];
    enum ar_state was[STANDARDS];
} model;

/* T-1: pass ok. T-2: where n > 5, pass ok OR n > 8, stale after 3 days. T-3: where deleted_at IS
 * NULL OR n > 3, pass deleted_at IS NOT NULL OR ok. */
static enum ar_state model_state(const model *m, int standard, ar_time asof)
{
    bool old = m->gone;

    if (!m->there) return AR_OUT;
    if (standard < 2 && m->deleted) return AR_OUT;
    if (standard == 0) return old || m->ok < 0 ? AR_UNKNOWN : m->ok ? AR_PASS : AR_FAIL;
    if (standard == 1) {
        if (m->n >= 0 && m->n <= 5) return AR_OUT;
        if (m->n < 0 || old || m->seen < asof - 3 * AR_DAY) return AR_UNKNOWN;
        if (m->ok == 1 || m->n > 8) return AR_PASS;
        return m->ok < 0 ? AR_UNKNOWN : AR_FAIL;
    }
    if (!m->deleted) return old || m->ok < 0 ? AR_UNKNOWN : m->ok ? AR_PASS : AR_FAIL;
    return m->n < 0 ? AR_UNKNOWN : m->n > 3 ? AR_PASS : AR_OUT;
}

static void model_change(model *m, t_random *r, ar_time now)
{
    switch (t_below(r, 7)) {
    case 0: m->ok = (int)t_below(r, 3) - 1; break;
    case 1: m->n = (int64_t)t_below(r, 12) - 1; break;
    case 2: m->seen = now; break;
    case 3: m->gone = t_below(r, 2) == 0; break;
    case 4: m->deleted = t_below(r, 3) == 0; break;
    case 5: m->there = t_below(r, 4) != 0; break;
    default: break;
    }
}

static void model_store(world *w, const model *things)
{
    world_sql(w, "DELETE FROM thing");
    for (int i = 0; i < THINGS; i++) {
        const model *m = &things[i];
        ar_value row[] = {
            ar_text(ar_arena_printf(&w->arena, "a%d", i)), m->ok < 0 ? ar_null() : ar_bool(m->ok),
            m->n < 0 ? ar_null() : ar_int(m->n),           ar_at(m->seen),
            m->deleted ? ar_at(m->seen) : ar_null(),       ar_bool(m->gone)
        };

        if (!m->there) continue;
        T_OK(ar_engine_run(w->engine,
                           AR_LIT("INSERT INTO thing (id, ok, n, last_seen, deleted_at, gone)"
                                  " VALUES ($1, $2, $3, $4, $5, $6)"),
                           row, AR_COUNT(row), NULL));
    }
}

static void model_compare(world *w, model *things, ar_time asof, const ar_evaluation *e)
{
    int64_t counts[4] = { 0 }, opened = 0, closed = 0;

    for (int i = 0; i < THINGS; i++)
        for (int s = 0; s < STANDARDS; s++) {
            enum ar_state is = model_state(&things[i], s, asof), was = things[i].was[s];
            ar_str sql = ar_arena_printf(&w->arena,
                                         "SELECT coalesce(max_by(state || episode, episode), '')"
                                         " FROM ar.finding WHERE id = 'T-%d/thing:a%d'",
                                         s + 1, i);
            ar_str want = { 0 };

            counts[is]++;
            if (is >= AR_FAIL && was < AR_FAIL) opened++, things[i].episodes[s]++;
            if (is < AR_FAIL && was >= AR_FAIL) closed++;
            if (things[i].episodes[s] > 0)
                want =
                    ar_arena_printf(&w->arena, "%s%d", is >= AR_FAIL ? ar_state_name(is) : "closed",
                                    things[i].episodes[s]);
            T_STR(world_text(w, sql.ptr), want.ptr);
            things[i].was[s] = is;
        }
    T_INT(e->kinds[0].pass, counts[AR_PASS]);
    T_INT(e->kinds[0].fail, counts[AR_FAIL]);
    T_INT(e->kinds[0].unknown, counts[AR_UNKNOWN]);
    T_INT(e->kinds[0].opened, opened);
    T_INT(e->kinds[0].closed, closed);
    T_INT(world_int(w, "SELECT count(*) FROM ar.finding WHERE closed_at IS NULL"),
          counts[AR_FAIL] + counts[AR_UNKNOWN]);
}

TEST(random_histories_give_the_findings_that_a_naive_model_gives)
{
    ar_auto(world) w = { 0 };
    model things[THINGS] = { 0 };
    t_random r = { 20260101 };
    ar_time now = day(0);

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_standard(&w, "T-2", "where: n > 5\npass: ok OR n > 8\nstale_after: 3d");
    world_standard(&w, "T-3",
                   "where: deleted_at IS NULL OR n > 3\npass: deleted_at IS NOT NULL OR ok");
    world_load(&w);
    world_engine(&w, NULL);
    for (int step = 0; step < STEPS && t_bad == 0; step++) {
        ar_evaluation e;

        now += (ar_time)t_below(&r, 48) * AR_HOUR;
        for (int k = 0; k < 6; k++) model_change(&things[t_below(&r, THINGS)], &r, now);
        model_store(&w, things);
        e = world_evaluate(&w, now);
        model_compare(&w, things, now, &e);
        if (t_bad > 0) printf("# at step %d\n", step);
    }
}

/* ---- more standards than one verdict holds ---- */

TEST(a_kind_may_have_more_standards_than_a_verdict_has_bits)
{
    ar_auto(world) w = { 0 };
    ar_evaluation e;

    world_files(&w);
    for (int i = 0; i < 40; i++)
        world_standard(&w, ar_arena_printf(&w.arena, "T-%d", i).ptr,
                       ar_arena_printf(&w.arena, "pass: n > :least\nparams: {least: %d}", i).ptr);
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, n, last_seen) SELECT 'a' || i, i, TIMESTAMP '2026-01-01'"
                  " FROM range(40) t(i)");
    e = world_evaluate(&w, day(0));
    T_INT(e.n, 1);
    T_INT(e.kinds[0].standards, 40);
    T_INT(e.kinds[0].assets, 40);
    T_INT(e.kinds[0].pass, 39 * 40 / 2);
    T_INT(world_int(&w, "SELECT fail FROM ar.tally WHERE standard_id = 'T-35'"), 36);
    T_INT(world_int(&w, "SELECT count(DISTINCT (batch, slot)) FROM ar.verdict_slot"), 40);
}

TEST(a_slot_stays_with_its_standard_and_a_free_one_is_taken_again)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_standard(&w, "T-2", "pass: NOT ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w,
              "INSERT INTO thing (id, ok, last_seen) VALUES ('a', TRUE, TIMESTAMP '2026-01-01')");
    (void)world_evaluate(&w, day(0));
    T_INT(world_int(&w, "SELECT slot FROM ar.verdict_slot WHERE standard_id = 'T-2'"), 1);
    w.standards.list++; /* T-1 is removed */
    w.standards.n--;
    (void)world_evaluate(&w, day(1));
    T_INT(world_int(&w, "SELECT slot FROM ar.verdict_slot WHERE standard_id = 'T-2'"), 1);
    T_INT(world_int(&w, "SELECT bits FROM ar.verdict"), 2 << 2);
    world_load(&w);
    T_INT(world_evaluate(&w, day(2)).kinds[0].opened, 0);
    T_INT(world_int(&w, "SELECT slot FROM ar.verdict_slot WHERE standard_id = 'T-1'"), 0);
    T_INT(world_int(&w, "SELECT bits FROM ar.verdict"), (2 << 2) | 1);
}

/* What stands of one standard: its tally, its findings, its place. */
static ar_str standing(world *w, const char *id)
{
    ar_value arg = ar_textz(id), all = ar_null();

    T_OK(ar_engine_value(
        w->engine,
        AR_LIT("SELECT (SELECT string_agg(coalesce(owner_id, '-') || ' ' || pass || ' ' || fail"
               " || ' ' || unknown || coalesce(' ' || numerator || '/' || denominator, ''), ', '"
               " ORDER BY owner_id) FROM ar.tally WHERE standard_id = $1) || '; ' ||"
               " coalesce((SELECT string_agg(asset_id || ' ' || state || ' ' || coalesce(owner_id, "
               "'-'), ', '"
               " ORDER BY asset_id) FROM ar.finding WHERE standard_id = $1), 'none') || '; ' ||"
               " (SELECT slot FROM ar.verdict_slot WHERE standard_id = $1) || ' ' ||"
               " (SELECT coalesce(error, 'judged') FROM ar.standard WHERE id = $1"
               " AND retired_at IS NULL)"),
        &arg, 1, &w->arena, &all));
    return all.type == AR_TEXT ? all.s : AR_LIT("nothing");
}

/* Three things under T-1 and its opposite T-2; then T-1 is broken, and all is otherwise. */
static world broken(void)
{
    world w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok\nshare: n / m");
    world_standard(&w, "T-2", "pass: NOT ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, ok, owner_id, n, m, last_seen) VALUES"
                  " ('a', TRUE, 'kim', 1, 2, $$2026-01-01$$),"
                  " ('b', FALSE, 'kim', 1, 2, $$2026-01-01$$),"
                  " ('c', FALSE, 'lee', 0, 5, $$2026-01-01$$)");
    (void)world_evaluate(&w, day(0));
    T_STR(standing(&w, "T-1"), "kim 1 1 0 2.0/4.0, lee 0 1 0 0.0/5.0;"
                               " b fail kim, c fail lee; 0 judged");
    world_standard(&w, "T-1", "pass: okk");
    world_standard(&w, "T-3", "pass: n = 1");
    world_load(&w);
    world_sql(&w, "UPDATE thing SET ok = NOT ok, owner_id = 'max';"
                  "DELETE FROM thing WHERE id = 'c';"
                  "INSERT INTO thing (id, ok, last_seen) VALUES ('d', FALSE, $$2026-01-01$$)");
    return w;
}

TEST(a_bad_file_costs_only_itself_and_what_was_judged_by_it_stands)
{
    /* the tally is as it was judged; whose a finding's asset is now, the finding says */
    static const char want[] = "kim 1 1 0 2.0/4.0, lee 0 1 0 0.0/5.0;"
                               " b fail max, c fail lee; 0 ";
    ar_auto(world) w = broken();
    ar_evaluation e = world_evaluate(&w, day(1));

    T_INT(w.standards.n, 2);
    T_INT(e.kinds[0].standards, 2);
    T_TRUE(ar_str_starts(standing(&w, "T-1"), ar_str_of(want)));
    T_TRUE(ar_str_contains(standing(&w, "T-1"), AR_LIT("T-1.yaml:13:7: unknown column 'okk'")));
    T_STR(standing(&w, "T-2"), "max 1 1 0, - 1 0 0; a closed max, b fail max; 1 judged");
    T_STR(standing(&w, "T-3"), "max 2 0 0, - 0 0 1; d unknown -; 2 judged");
    T_INT(world_int(&w, "SELECT pass FROM ar.evaluation WHERE id = 2"), 1 + 2 + 2);
    (void)world_evaluate(&w, day(2));
    T_TRUE(ar_str_starts(standing(&w, "T-1"), ar_str_of(want)));

    /* mended, it is judged again from where it stood */
    world_standard(&w, "T-1", "pass: ok\nshare: n / m");
    world_load(&w);
    e = world_evaluate(&w, day(3));
    T_INT(e.kinds[0].opened, 2);
    T_INT(e.kinds[0].closed, 2);
    T_INT(world_int(&w, "SELECT max(version) FROM ar.standard WHERE id = 'T-1'"), 1);
    T_STR(world_text(&w, "SELECT string_agg(asset_id || ' ' || coalesce(reason, state), ', ' ORDER"
                         " BY asset_id) FROM ar.finding WHERE standard_id = 'T-1'"),
          "a fail, b fixed, c deleted, d fail");
}

TEST(without_its_kind_a_standard_stands_as_it_was_judged)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, ok, owner_id, last_seen) VALUES"
                  " ('a', FALSE, 'kim', $$2026-01-01$$)");
    (void)world_evaluate(&w, day(0));
    T_TRUE(unlink(ar_path_join(&w.arena, w.place.data, "kinds/thing.yaml")) == 0);
    world_load(&w);
    T_INT(w.standards.n_bad, 1);
    T_INT((int64_t)world_evaluate(&w, day(1)).n, 0);
    T_TRUE(ar_str_starts(standing(&w, "T-1"), AR_LIT("kim 0 1 0; a fail kim; 0 ")));
    T_INT(world_int(&w, "SELECT bits FROM ar.verdict"), 2);
}

TEST(what_is_unknown_never_lifts_a_share)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: n = m\nshare: n / m\nstale_after: 2d");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, n, m, last_seen) VALUES"
                  " ('a', 5, 10, TIMESTAMP '2026-01-01'), ('b', NULL, 10, TIMESTAMP '2026-01-01'),"
                  " ('c', 20, 20, TIMESTAMP '2025-12-01'), ('d', 10, 10, TIMESTAMP '2026-01-01')");
    (void)world_evaluate(&w, day(0));
    T_INT(world_int(&w, "SELECT sum(numerator)::BIGINT FROM ar.tally"), 15);
    T_INT(world_int(&w, "SELECT sum(denominator)::BIGINT FROM ar.tally"), 50);
}

/* ---- killed in the middle ---- */

static void judge_until_killed(world *w, const char *path)
{
    world_engine(w, path);
    for (ar_time at = world_int(w, "SELECT coalesce(max(epoch_us(as_of)), 0) FROM ar.evaluation");
         ;) {
        at = (at < DAY0 ? DAY0 : at) + AR_HOUR;
        T_OK(ar_engine_begin(w->engine));
        world_sql(w, "UPDATE thing SET ok = (random() < 0.5), last_seen = TIMESTAMP '2026-01-01'");
        ar_evaluation e;
        if (ar_evaluate(w->engine, &w->kinds, &w->standards, at, at, NULL, NULL, &w->arena, &e)
                .code != AR_OK)
            _exit(1);
        T_OK(ar_engine_commit(w->engine));
    }
}

/* What was committed fits together: findings, verdicts and sums say the same. */
static void check_whole(world *w)
{
    int64_t open = world_int(w, "SELECT count(*) FROM ar.finding WHERE closed_at IS NULL");

    T_INT(open, world_int(w, "SELECT count(*) FROM ar.verdict WHERE bits >= 2"));
    T_INT(open, world_int(w, "SELECT coalesce(sum(fail + unknown), 0)::BIGINT FROM ar.tally"));
    T_INT(world_int(w, "SELECT count(*) FROM ar.evaluation WHERE scope IS NULL"), 0);
    T_INT(world_int(w, "SELECT count(*) FROM thing t LEFT JOIN ar.verdict v ON v.asset_id = t.id"
                       " WHERE v.bits <> CASE WHEN t.ok THEN 1 ELSE 2 END"),
          0);
}

TEST(killed_at_any_moment_the_last_committed_evaluation_is_whole)
{
    int rounds = t_rounds(4, 50);
    ar_auto(world) w = { 0 };
    const char *path;
    t_random r = { 9 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_load(&w);
    path = ar_path_join(&w.arena, w.place.home, "estate.db");
    world_engine(&w, path);
    world_sql(&w, "INSERT INTO thing (id, ok) SELECT 'a' || i, TRUE FROM range(3000) t(i)");
    ar_engine_free(&w.engine);
    for (int i = 0; i < rounds && t_bad == 0; i++) {
        int status, pid = fork();

        if (pid == 0) judge_until_killed(&w, path);
        (void)usleep(250000 + (unsigned)t_below(&r, 300000));
        (void)kill(pid, SIGKILL);
        T_TRUE(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        world_engine(&w, path);
        check_whole(&w);
        ar_engine_free(&w.engine);
    }
}

/* ---- some of the assets ---- */

/* A hash of all that an evaluation leaves. */
static ar_str state_of(world *w)
{
    static const char *const rows[] = {
        ("standard_id, owner_id, domain_id, pass, fail, unknown, numerator, denominator)"
         " AS x FROM ar.tally"),
        "judged, asset_id, bits, owner_id) AS x FROM ar.verdict WHERE bits <> 0",
        "standard_id, asset_id, episode, state, reason) AS x FROM ar.finding",
    };
    ar_auto(ar_buf) state = { 0 };

    for (size_t i = 0; i < AR_COUNT(rows); i++)
        ar_buf_addf(&state, "%.*s ",
                    AR_FMT(world_text(w, ar_arena_printf(&w->arena,
                                                         "SELECT md5(string_agg(x, ',' ORDER BY x))"
                                                         " FROM (SELECT concat_ws(' ', %s)",
                                                         rows[i])
                                             .ptr)));
    return ar_arena_copy(&w->arena, ar_buf_str(&state));
}

static void change_some(world *w, int64_t at)
{
    ar_value args[] = { ar_int(at), ar_at(day(at)) };

    world_sql(w, "CREATE OR REPLACE TEMP TABLE told (kind VARCHAR, id VARCHAR)");
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO told SELECT 'thing', id FROM thing"
                              " WHERE hash(id, $1) % 7 = 0"),
                       args, 1, NULL));
    T_OK(ar_engine_run(
        w->engine,
        AR_LIT("UPDATE thing SET last_seen = $2, n = (hash(thing.id, $1) // 7) % 3,"
               " m = (hash(thing.id, $1) // 5) % 9,"
               " ok = CASE (hash(thing.id, $1) // 11) % 3 WHEN 0 THEN true"
               " WHEN 1 THEN false END, owner_id = 'o' || (hash(thing.id, $1) // 13) % 4,"
               " deleted_at = CASE WHEN (hash(thing.id, $1) // 17) % 9 = 0 THEN $2 END"
               " FROM told t WHERE t.id = thing.id"),
        args, 2, NULL));
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO ar.history SELECT 'part', id, 's', 'thing_id', thing_id,"
                              " NULL, $2, 1 FROM part WHERE hash(id, $1) % 9 = 0"),
                       args, 2, NULL));
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("UPDATE part SET good = NOT good, thing_id = 't' || (hash(id, $1) %"
                              " 60) WHERE hash(id, $1) % 9 = 0"),
                       args, 1, NULL));
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO told SELECT 'part', id FROM part"
                              " WHERE hash(id, $1) % 9 = 0"),
                       args, 1, NULL));
}

/* One comes, one that came before is there no more. */
static void replace_one(world *w, int64_t at)
{
    ar_value args[] = { ar_int(at), ar_at(day(at)) };

    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO thing (id, name, n, m, ok, owner_id, last_seen)"
                              " SELECT 'new' || $1, 'T', 1, 2, false, 'o' || $1 % 4, $2"),
                       args, 2, NULL));
    T_OK(ar_engine_run(w->engine, AR_LIT("DELETE FROM thing WHERE id = 'new' || ($1 - 2)"), args, 1,
                       NULL));
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO told SELECT 'thing', 'new' || unnest([$1, $1 - 2])"),
                       args, 1, NULL));
}

static void evaluate_told(world *w, ar_time asof)
{
    ar_evaluation e;

    T_OK(ar_engine_begin(w->engine));
    T_OK(ar_evaluate_some(w->engine, &w->kinds, &w->standards, "told", asof, &w->arena, &e));
    T_OK(ar_engine_commit(w->engine));
}

static void some_world(world *w)
{
    world_files(w);
    world_standard(w, "T-1", "where: n > 0\npass: ok\nstale_after: 90d");
    world_standard(w, "T-2", "pass: n <> 2");
    world_standard(w, "T-3", "pass: ok\nshare: n / m");
    world_standard(w, "T-4", "pass: EXISTS parts WHERE good");
    world_load(w);
    world_engine(w, NULL);
    world_sql(w, "INSERT INTO thing (id, name, n, m, ok, owner_id)"
                 " SELECT 't' || i, 'T', i % 3, i % 9, i % 2 = 0, 'o' || i % 4 FROM range(60) r(i);"
                 "INSERT INTO part (id, thing_id, good)"
                 " SELECT 'p' || i, 't' || i % 60, i % 3 = 0 FROM range(90) r(i);"
                 "UPDATE thing SET last_seen = TIMESTAMP '2026-01-01'");
}

TEST(who_judges_what_changed_leaves_what_judging_all_would)
{
    ar_auto(world) w = { 0 };

    some_world(&w);
    (void)world_evaluate(&w, day(0));
    for (int i = 1; i < 30; i++) {
        change_some(&w, i);
        replace_one(&w, i);
        evaluate_told(&w, day(i));
        ar_str some = state_of(&w);
        ar_evaluation all = world_evaluate(&w, day(i));

        for (size_t k = 0; k < all.n; k++) T_INT(all.kinds[k].opened + all.kinds[k].closed, 0);
        T_STR(state_of(&w), some.ptr);
    }
    T_TRUE(world_int(&w, "SELECT count(*) FROM ar.closed_finding") > 50);
    T_TRUE(world_int(&w, "SELECT count(*) FROM ar.closed_finding WHERE reason = 'deleted'") > 20);
    T_INT(world_int(&w, "SELECT count(*) - count(DISTINCT number) FROM ar.verdict"), 0);
}

TEST(where_nothing_was_told_nothing_is_judged)
{
    ar_auto(world) w = { 0 };

    some_world(&w);
    (void)world_evaluate(&w, day(0));
    world_sql(&w, "CREATE TEMP TABLE told (kind VARCHAR, id VARCHAR)");
    evaluate_told(&w, day(1));
    T_INT(world_int(&w, "SELECT count(*) FROM ar.evaluation"), 1);
}

TEST(where_nothing_was_judged_nothing_is_by_some)
{
    ar_auto(world) w = { 0 };

    some_world(&w);
    change_some(&w, 1);
    evaluate_told(&w, day(1));
    T_INT(world_int(&w, "SELECT count(*) FROM ar.evaluation"), 0);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.tally"), 0);
}

#define TALLY                                                                       \
    "SELECT string_agg(x, ',' ORDER BY x) FROM (SELECT concat_ws(' ', standard_id," \
    " owner_id, pass, fail) AS x FROM ar.tally)"

TEST(a_standard_that_is_not_what_it_was_waits_until_all_are_judged)
{
    ar_auto(world) w = { 0 };

    some_world(&w);
    (void)world_evaluate(&w, day(0));
    ar_str before = world_text(&w, TALLY);

    world_standard(&w, "T-1", "pass: n > 99");
    world_standard(&w, "T-2", "pass: n > 99");
    world_standard(&w, "T-3", "pass: n > 99");
    world_standard(&w, "T-4", "pass: n > 99");
    world_standard(&w, "T-5", "pass: n > 99");
    world_load(&w);
    world_sql(&w, "CREATE TEMP TABLE told AS SELECT 'thing' AS kind, id FROM thing");
    evaluate_told(&w, day(1));
    T_STR(world_text(&w, TALLY), before.ptr);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.verdict_slot"), 4);
    T_INT(world_evaluate(&w, day(2)).kinds[0].fail, 300);
}
