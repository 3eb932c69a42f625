#include "world.h"

/* ---- homes of before findings had numbers ---- */

static const char old_rows[] =
    "INSERT INTO ar.evaluation (id, judged_at, as_of) VALUES (1, '2026-01-01', '2026-01-01'),"
    " (2, '2026-01-02', '2026-01-02'), (3, '2026-01-03', '2026-01-03');"
    "INSERT INTO ar.verdict_slot VALUES ('thing', 0, 0, 'T-1'), ('asset', 0, 1, 'T-2');"
    "INSERT INTO ar.verdict VALUES ('thing', 0, 'thing', 'a', 3), ('thing', 0, 'thing', 'b', 1),"
    " ('asset', 0, 'thing', 'a', 1 << 2);"
    "INSERT INTO ar.finding VALUES"
    " ('T-1/thing:a', 2, 'T-1', 'thing', 'a', 'unknown', '2026-01-02', '2026-01-03', NULL, NULL, 1,"
    "  'A', 'person:kim', 'register', 'web', 4),"
    " ('T-1/thing:a', 1, 'T-1', 'thing', 'a', 'closed', '2026-01-01', '2026-01-02', '2026-01-02',"
    "  'fixed', 1, 'old', NULL, NULL, NULL, NULL),"
    " ('T-2/thing:z', 1, 'T-2', 'thing', 'z', 'closed', '2026-01-01', '2026-01-03', '2026-01-03',"
    "  'deleted', 1, 'Z', NULL, NULL, NULL, NULL),"
    " ('T-9/thing:b', 1, 'T-9', 'thing', 'b', 'closed', '2026-01-01', '2026-01-02', '2026-01-02',"
    "  'standard_removed', 1, 'B', NULL, NULL, NULL, NULL);"
    "INSERT INTO ar.finding_change SELECT f, e, r, t, s FROM (VALUES"
    " ('T-1/thing:a', 1, 1, '2026-01-01'::TIMESTAMP, 'fail'),"
    " ('T-1/thing:a', 1, 2, '2026-01-02', 'fixed'), ('T-1/thing:a', 2, 2, '2026-01-02', 'fail'),"
    " ('T-1/thing:a', 2, 3, '2026-01-03', 'unknown'), ('T-2/thing:z', 1, 1, '2026-01-01', 'fail'),"
    " ('T-2/thing:z', 1, 2, '2026-01-02', 'unknown'), ('T-2/thing:z', 1, 3, '2026-01-03',"
    " 'deleted'), ('T-9/thing:b', 1, 1, '2026-01-01', 'fail'),"
    " ('T-9/thing:b', 1, 2, '2026-01-02', 'standard_removed')) v(f, e, r, t, s)";

TEST(an_older_home_keeps_every_finding_and_its_history)
{
    static const char findings[] =
        "SELECT string_agg(concat_ws(' ', id, episode, state, opened_at, since, closed_at, reason,"
        " version), '; ' ORDER BY id, episode) FROM ar.finding";
    const ar_migration before[] = {
        ar_standard_migrations[0], ar_standard_migrations[1], ar_standard_migrations[2], { 0 }
    };
    const ar_migration *const old[] = { ar_estate_migrations, before, NULL };
    const ar_migration *const now[] = { ar_estate_migrations, ar_standard_migrations, NULL };
    ar_auto(world) w = { 0 };

    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 1 }, &w.engine));
    T_OK(ar_migrate(w.engine, old, DAY0, NULL, NULL, NULL));
    world_sql(&w, old_rows);
    ar_str had = ar_arena_copy(&w.arena, world_text(&w, findings));
    ar_str went = world_text(
        &w, "SELECT string_agg(concat_ws(' ', finding_id, episode, evaluation, changed_at, state),"
            " '; ' ORDER BY finding_id, episode, evaluation) FROM ar.finding_change");
    T_OK(ar_migrate(w.engine, now, DAY0, NULL, NULL, NULL));
    T_STR(world_text(&w, findings), ar_arena_cstr(&w.arena, had));
    T_STR(world_text(&w, "SELECT string_agg(concat_ws(' ', standard_id || '/' || kind || ':' ||"
                         " asset_id, episode, evaluation, changed_at, state), '; '"
                         " ORDER BY standard_id, asset_id, episode, evaluation)"
                         " FROM ar.finding_change"),
          ar_arena_cstr(&w.arena, went));
    T_STR(world_text(&w, "SELECT string_agg(concat_ws(' ', judged, asset_id, bits, name, owner_id,"
                         " criticality), '; ' ORDER BY judged, asset_id) FROM ar.verdict"),
          "asset a 4; asset z 0 Z; thing a 3 A person:kim 4; thing b 1 B");
    T_INT(world_int(&w, "SELECT count(DISTINCT number) FROM ar.verdict"), 4);
}
