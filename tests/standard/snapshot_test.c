#include "standard/snapshot.h"

#include "form/hash.h"
#include "world.h"

static ar_time day(int64_t n)
{
    return DAY0 + n * AR_DAY;
}

static ar_snapshot take(world *w, const char *name, ar_time at)
{
    ar_snapshot s = { 0 };

    (void)world_evaluate(w, at);
    T_OK(ar_engine_begin(w->engine));
    T_OK(ar_snapshot_take(w->engine, ar_str_of(name), at, at, AR_LIT("person:officer"), &w->arena,
                          &s));
    T_OK(ar_engine_commit(w->engine));
    return s;
}

/* Each change that led to the last snapshot: "T-1 thing:a fixed 2>1; …". */
static ar_str changes(world *w)
{
    return world_text(w, "SELECT coalesce(string_agg(c.standard_id || ' ' || v.asset_id || ' ' ||"
                         " c.cause || ' ' || coalesce(c.domain_id, '-') || ' ' || c.was || '>' ||"
                         " c.now, '; ' ORDER BY v.asset_id, c.standard_id, c.cause, c.now), '')"
                         " FROM ar.snapshot_change c JOIN ar.verdict v ON v.number = c.verdict"
                         " WHERE c.snapshot = (SELECT max(id) FROM ar.snapshot)");
}

static void waive(world *w, const char *id, ar_time from, ar_time until)
{
    ar_value args[] = { ar_textz(id), ar_at(from), ar_at(until) };

    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO ar.waiver (id, finding_id, standard_id, kind, asset_id,"
                              " granted_at, until) VALUES (1, 'T-1/thing:' || $1, 'T-1', 'thing',"
                              " $1, $2, $3)"),
                       args, AR_COUNT(args), NULL));
}

TEST(each_change_between_two_snapshots_has_its_cause)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "where: n > 0\npass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, n, ok, domain_id) VALUES"
                  " ('fixed', 1, false, 'd'), ('regressed', 1, true, 'd'), ('known', 1, NULL, 'd'),"
                  " ('lost', 1, true, 'd'), ('deleted', 1, false, 'd'), ('vanished', 1, true, 'd'),"
                  " ('out', 1, true, 'd'), ('in', 0, false, 'd'), ('waived', 1, false, 'd'),"
                  " ('moved', 1, false, 'd'), ('same', 1, false, 'd')");
    world_sql(&w, "UPDATE thing SET first_seen = TIMESTAMP '2026-01-01'");
    T_INT(take(&w, "one", day(0)).scope, 10);
    T_STR(changes(&w), "");

    world_sql(&w, "UPDATE thing SET ok = true WHERE id IN ('fixed', 'known', 'in');"
                  "UPDATE thing SET ok = false WHERE id = 'regressed';"
                  "UPDATE thing SET ok = NULL WHERE id = 'lost';"
                  "UPDATE thing SET deleted_at = TIMESTAMP '2026-01-02' WHERE id = 'deleted';"
                  "DELETE FROM thing WHERE id = 'vanished';"
                  "UPDATE thing SET n = 1 - n WHERE id IN ('out', 'in');"
                  "UPDATE thing SET domain_id = 'e', ok = true WHERE id = 'moved';"
                  "INSERT INTO thing (id, n, ok) VALUES ('right', 1, true), ('wrong', 1, false)");
    waive(&w, "waived", day(1), day(10));
    ar_snapshot two = take(&w, "two", day(7));
    T_INT(two.changes, 14);
    T_STR(changes(&w),
          "T-1 deleted removed d 2>0; T-1 fixed fixed d 2>1; T-1 in re-scoped d 0>1;"
          " T-1 known unknown resolved d 3>1; T-1 lost became unknown d 1>3;"
          " T-1 moved fixed e 2>1; T-1 moved moved d 2>0; T-1 moved moved e 0>2;"
          " T-1 out re-scoped d 1>0; T-1 regressed regressed d 1>2; T-1 right born right - 0>1;"
          " T-1 vanished removed d 1>0; T-1 waived waiver started d 2>4; T-1 wrong born wrong -"
          " 0>2");

    world_standard(&w, "T-1", "where: n > 0\npass: ok OR n > 5");
    world_standard(&w, "T-2", "where: id = 'same'\npass: ok");
    world_load(&w);
    T_INT(take(&w, "three", day(14)).scope, two.scope + 1);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.snapshot_change WHERE snapshot = 3"
                        " AND cause <> 'new version'"),
          0);
    T_STR(world_text(&w, "SELECT string_agg(standard_id || ' ' || version || ' ' || was || '>' ||"
                         " now || ' ' || n, '; ' ORDER BY standard_id, version, was, now) FROM "
                         "(SELECT standard_id, version,"
                         " was, now, count(*) AS n FROM ar.snapshot_change WHERE snapshot = 3"
                         " GROUP BY ALL)"),
          "T-1 1 1>0 5; T-1 1 2>0 3; T-1 1 3>0 1; T-1 1 4>0 1; T-1 2 0>1 5; T-1 2 0>2 4;"
          " T-1 2 0>3 1; T-2 1 0>2 1");
}

/* ---- any history ---- */

enum { THINGS = 12, STEPS = 12 };

static void step(world *w, t_random *random)
{
    static const char *const passes[] = { "ok", "ok OR n > 2", "n > 1", "m > n" };
    size_t n = 1 + t_below(random, 4);

    for (size_t i = 0; i < n; i++) {
        int id = (int)t_below(random, THINGS);
        ar_auto(ar_buf) sql = { 0 };

        switch (t_below(random, 8)) {
        case 0: ar_buf_addf(&sql, "DELETE FROM thing WHERE id = '%d'", id); break;
        case 1:
            ar_buf_addf(&sql,
                        "INSERT INTO thing (id, n, ok) SELECT '%d', 1, false WHERE NOT EXISTS"
                        " (SELECT 1 FROM thing WHERE id = '%d')",
                        id, id);
            break;
        case 2:
            ar_buf_addf(&sql, "UPDATE thing SET domain_id = nullif('d%zu', 'd0') WHERE id = '%d'",
                        t_below(random, 3), id);
            break;
        case 3:
            ar_buf_addf(&sql,
                        "UPDATE thing SET deleted_at = CASE WHEN deleted_at IS NULL THEN"
                        " TIMESTAMP '2026-01-01' END WHERE id = '%d'",
                        id);
            break;
        case 4:
            ar_buf_addf(&sql,
                        "INSERT INTO ar.waiver (id, finding_id, standard_id, kind, asset_id,"
                        " granted_at, until) SELECT 1, 'T-1/thing:%d', 'T-1', 'thing', '%d',"
                        " TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01' + to_days(%zu)",
                        id, id, t_below(random, 90));
            break;
        case 5:
            world_standard(w, t_below(random, 2) == 0 ? "T-1" : "T-2",
                           ar_arena_printf(&w->arena, "where: n > 0\npass: %s",
                                           passes[t_below(random, AR_COUNT(passes))])
                               .ptr);
            world_load(w);
            continue;
        case 6:
            T_OK(ar_file_write(ar_path_join(&w->arena, w->place.data, "standards/T-2.yaml"),
                               AR_LIT("not: one\n"), 0644));
            world_load(w);
            continue;
        default:
            ar_buf_addf(&sql,
                        "UPDATE thing SET n = %zu, m = %zu, ok = CASE %zu WHEN 0 THEN true"
                        " WHEN 1 THEN false END WHERE id = '%d'",
                        t_below(random, 4), t_below(random, 4), t_below(random, 3), id);
        }
        world_sql(w, sql.ptr);
    }
}

/* The states of snapshot `id` by standard, version and domain, from the first one's counts and all
 * changes since. */
static ar_str summed(world *w, int64_t id)
{
    ar_str sql = ar_arena_printf(
        &w->arena,
        "SELECT coalesce(string_agg(line, ';' ORDER BY line), '') FROM (SELECT standard_id || ' '"
        " || version || ' ' || coalesce(domain_id, '-') || ' ' || sum(p) || ' ' || sum(f) || ' '"
        " || sum(u) || ' ' || sum(v) AS line FROM (SELECT standard_id, version, domain_id,"
        " pass AS p, fail AS f, unknown AS u, waived AS v FROM ar.snapshot_count WHERE snapshot = 1"
        " UNION ALL SELECT standard_id, version, domain_id, (now = 1)::INT - (was = 1)::INT,"
        " (now = 2)::INT - (was = 2)::INT, (now = 3)::INT - (was = 3)::INT,"
        " (now = 4)::INT - (was = 4)::INT FROM ar.snapshot_change WHERE snapshot <= %lld)"
        " GROUP BY standard_id, version, domain_id HAVING sum(p) + sum(f) + sum(u) + sum(v) > 0)",
        (long long)id);

    return world_text(w, sql.ptr);
}

static ar_str counted(world *w)
{
    return world_text(w, "SELECT coalesce(string_agg(line, ';' ORDER BY line), '') FROM (SELECT"
                         " standard_id || ' ' || version || ' ' || coalesce(domain_id, '-') || ' '"
                         " || pass || ' ' || fail || ' ' || unknown || ' ' || waived AS line"
                         " FROM ar.snapshot_count"
                         " WHERE snapshot = (SELECT max(id) FROM ar.snapshot))");
}

/* What is in scope and how it is, asset by asset, as findings and verdicts have it. */
static int64_t scope_now(world *w, const char *state)
{
    ar_str sql = ar_arena_printf(
        &w->arena,
        "SELECT count(*) FROM ar.verdict v JOIN ar.verdict_slot s ON s.kind = v.judged AND"
        " s.batch = v.batch JOIN ar.standard d ON d.id = s.standard_id AND d.retired_at IS NULL"
        " WHERE (v.bits >> (2 * s.slot)) & 3 %s",
        state);

    return world_int(w, sql.ptr);
}

TEST(whatever_happens_the_changes_between_snapshots_sum_to_what_is_counted)
{
    for (int round = 0; round < t_rounds(6, 300) && t_bad == 0; round++) {
        t_random random = { .state = (uint64_t)round + 1 };
        ar_auto(world) w = { 0 };

        world_files(&w);
        world_standard(&w, "T-1", "where: n > 0\npass: ok");
        world_load(&w);
        world_engine(&w, NULL);
        for (int64_t i = 0; i < STEPS && t_bad == 0; i++) {
            step(&w, &random);
            ar_snapshot s =
                take(&w, ar_arena_printf(&w.arena, "%lld", (long long)i).ptr, day(7 * i));
            T_INT(s.scope, scope_now(&w, "<> 0"));
            T_INT(s.pass, scope_now(&w, "= 1"));
            ar_str text;
            T_OK(ar_snapshot_text(w.engine, s.id, &w.arena, &text));
            T_TRUE(ar_str_eq(ar_sha256(text, &w.arena), s.hash));
            T_STR(summed(&w, s.id), ar_arena_cstr(&w.arena, counted(&w)));
            if (t_bad > 0) printf("# round %d, step %lld\n", round, (long long)i);
        }
    }
}

TEST(a_snapshot_is_refused_with_a_sentence_where_it_cannot_be)
{
    ar_auto(world) w = { 0 };
    ar_snapshot s;

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    T_FAILS(ar_snapshot_take(w.engine, (ar_str){ 0 }, day(0), day(0), w.who, &w.arena, &s),
            AR_NOT_FOUND, "nothing was judged yet");
    world_sql(&w, "INSERT INTO thing (id, ok) VALUES ('a', true)");
    s = take(&w, "", day(3));
    T_STR(s.name, "2026-W01");
    T_FAILS(ar_snapshot_take(w.engine, (ar_str){ 0 }, day(3), day(3), w.who, &w.arena, &s),
            AR_CONFLICT, "there is a snapshot '2026-W01' already");
    T_FAILS(ar_snapshot_take(w.engine, AR_LIT("x"), day(2), day(3), w.who, &w.arena, &s),
            AR_CONFLICT, "want a later time");
}
