/* living: a made estate in which much happens: things come, go, are merged, get other owners and
 * weights; standards change, break and go; waivers begin and end; all is judged, or only some. */
#pragma once

#include "judged.h"

#include <unistd.h>

enum { LIVING_THINGS = 40 };

static const char *some_id(world *w, t_random *r)
{
    return ar_arena_printf(&w->arena, "'%zu'", t_below(r, LIVING_THINGS)).ptr;
}

/* What is told by the way is in ar_told. */
static void tell(world *w, const char *id, const char *set)
{
    world_sql(w, ar_arena_printf(&w->arena,
                                 "UPDATE thing SET %s WHERE id = %s;"
                                 "INSERT INTO ar_told VALUES ('thing', %s)",
                                 set, id, id)
                     .ptr);
}

static void change_standards(world *w, t_random *r)
{
    static const char *const rests[] = { "pass: ok", "pass: n <> 2", "where: m > 0\npass: ok" };
    const char *id = t_below(r, 2) == 0 ? "T-1" : "T-2";

    switch (t_below(r, 4)) {
    case 0:
        world_write(w, "standards", ar_arena_printf(&w->arena, "%s.yaml", id).ptr, "not: one\n");
        break;
    case 1:
        if (w->standards.n > 2)
            (void)unlink(ar_path_join(&w->arena, w->place.data, "standards/T-2.yaml"));
        break;
    default: world_standard(w, id, rests[t_below(r, AR_COUNT(rests))]);
    }
    world_load(w);
}

static void change_waivers(world *w, t_random *r, ar_time at)
{
    ar_value finding, arg = ar_at(at);

    T_OK(ar_engine_value(w->engine,
                         AR_LIT("SELECT id FROM ar.finding f WHERE closed_at IS NULL AND NOT EXISTS"
                                " (FROM ar.waiver v WHERE v.finding_id = f.id"
                                "  AND v.until >= $1) ORDER BY hash(id, $1) LIMIT 1"),
                         &arg, 1, &w->arena, &finding));
    if (finding.type == AR_TEXT) {
        ar_waiver_request request = { finding.s,
                                      at + AR_DAY * (ar_time)(1 + t_below(r, 20)),
                                      AR_LIT("a reason of some length"),
                                      { 0 },
                                      AR_LIT("person:officer") };
        ar_waiver_granted granted;

        T_OK(ar_waiver_grant(w->engine, &request, at, &w->arena, &granted));
    }
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("UPDATE ar.waiver SET ended_at = $1 WHERE ended_at IS NULL"
                              " AND hash(id, $1) % 7 = 0"),
                       &arg, 1, NULL));
}

/* One thing is found to be another. */
static void merge(world *w, t_random *r)
{
    world_sql(w, ar_arena_printf(&w->arena,
                                 "INSERT INTO ar.history SELECT 'thing', id, 's', 'asset', id,"
                                 " 'x', TIMESTAMP '2026-01-01', 1 FROM thing WHERE id = %s;"
                                 "DELETE FROM thing WHERE id = %s",
                                 some_id(w, r), some_id(w, r))
                     .ptr);
}

static void change_things(world *w, t_random *r)
{
    const char *id = some_id(w, r);

    switch (t_below(r, 9)) {
    case 0:
        return world_sql(w, ar_arena_printf(&w->arena,
                                            "DELETE FROM thing WHERE id = %s;"
                                            "INSERT INTO ar_told VALUES ('thing', %s)",
                                            id, id)
                                .ptr);
    case 1: return merge(w, r);
    case 2:
        return world_sql(
            w, ar_arena_printf(&w->arena,
                               "INSERT INTO thing (id, n, m, domain_id, last_seen) SELECT %s, 2,"
                               " 1, 'd1', TIMESTAMP '2026-01-01' WHERE NOT EXISTS"
                               " (FROM thing WHERE id = %s);"
                               "INSERT INTO ar_told VALUES ('thing', %s)",
                               id, id, id)
                   .ptr);
    case 3:
        return tell(w, id,
                    ar_arena_printf(&w->arena,
                                    "owner_id = nullif('o%zu', 'o0'),"
                                    " domain_id = nullif('d%zu', 'd0')",
                                    t_below(r, 4), t_below(r, 3))
                        .ptr);
    case 4:
        return tell(
            w, id,
            ar_arena_printf(&w->arena, "criticality = nullif(%zu, 0), name = 'N'", t_below(r, 6))
                .ptr);
    case 5: return tell(w, id, "deleted_at = CASE WHEN deleted_at IS NULL THEN last_seen END");
    default:
        return tell(w, id,
                    ar_arena_printf(&w->arena,
                                    "n = %zu, m = %zu, ok = CASE %zu WHEN 0 THEN"
                                    " true WHEN 1 THEN false END",
                                    t_below(r, 4), t_below(r, 3), t_below(r, 3))
                        .ptr);
    }
}

[[maybe_unused]] static void living_world(world *w)
{
    world_files(w);
    world_standard(w, "T-1", "pass: ok");
    world_standard(w, "T-2", "pass: n <> 2");
    world_standard(w, "T-3", "where: m > 0\npass: ok AND n = 1");
    world_load(w);
    world_engine(w, NULL);
    world_sql(w, "INSERT INTO thing (id, name, n, m, ok, owner_id, domain_id, criticality,"
                 " last_seen) SELECT i, 'T', i % 3, i % 2, i % 2 = 0, 'o' || i % 4, 'd' || i % 3,"
                 " nullif(i % 6, 0), TIMESTAMP '2026-01-01' FROM range(40) r(i)");
}

/* What happens on a day, and then it is judged: all, or only what was told. */
[[maybe_unused]] static void live(world *w, t_random *r, ar_time at)
{
    bool all = at == DAY0 || t_below(r, 3) == 0;
    size_t n = t_below(r, 4) == 0 ? 30 : 3;
    ar_evaluation e;

    world_sql(w, "CREATE OR REPLACE TEMP TABLE ar_told (kind VARCHAR, id VARCHAR)");
    for (size_t i = 0; i < n && at > DAY0; i++) change_things(w, r);
    if (all && at > DAY0 && t_below(r, 4) == 0) change_standards(w, r);
    if (all) (void)world_evaluate(w, at);
    T_OK(ar_engine_begin(w->engine));
    T_OK(ar_evaluate_some(w->engine, &w->kinds, &w->standards, "ar_told", at, &w->arena, &e));
    T_OK(ar_engine_commit(w->engine));
    change_waivers(w, r, at);
}
