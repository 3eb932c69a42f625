#include "work/item.h"

#include "../standard/world.h"
#include "work/body.h"
#include "work/ops.h"

static ar_time day(int64_t n)
{
    return DAY0 + n * AR_DAY;
}

static void work_world(world *w)
{
    world_files(w);
    world_standard(w, "T-1", "pass: ok");
    world_load(w);
    world_engine(w, NULL);
    world_sql(w, ar_work_migrations[0].sql);
    world_sql(w, "INSERT INTO ar.owner (id, parent, domain_id) VALUES"
                 " ('person:kim', 'team:web', 'd'), ('team:web', 'division:x', 'd');"
                 "INSERT INTO ar.domain (id, deputy_ciso, is_default) VALUES"
                 " ('d', 'person:dee', false)");
}

/* The columns of all items, each "a|b;". */
static ar_str items(world *w, const char *columns, ar_time asof)
{
    ar_value args[] = { ar_at(asof) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 }, out = { 0 };

    ar_buf_addf(&sql, "SELECT %s FROM %s i ORDER BY item", columns, ar_work_items);
    T_OK(ar_engine_query(w->engine, ar_buf_str(&sql), args, 1, &rows));
    while (rows != NULL && ar_rows_next(rows)) {
        for (size_t i = 0; i < ar_rows_width(rows); i++) {
            ar_buf_addz(&out, i > 0 ? "|" : "");
            ar_value_print(&out, ar_rows_get(rows, i));
        }
        ar_buf_addc(&out, ';');
    }
    return ar_arena_copy(&w->arena, ar_buf_str(&out));
}

TEST(an_item_is_what_one_owner_has_to_do_for_one_standard_and_only_evidence_closes_it)
{
    static const char *const shown = "item, open, fail, unknown, rank, reopened";
    ar_auto(world) w = { 0 };

    work_world(&w);
    world_sql(&w, "INSERT INTO thing (id, owner_id, domain_id, criticality, ok) VALUES"
                  " ('a', 'person:kim', 'd', 2, false), ('b', 'person:kim', 'd', 5, NULL),"
                  " ('c', 'team:web', 'd', NULL, false), ('d', NULL, NULL, 1, false),"
                  " ('e', 'person:kim', 'd', 1, true)");
    (void)world_evaluate(&w, day(0));
    T_STR(items(&w, shown, day(0)), "T-1/-|1|1|0|3|false;T-1/person:kim|2|1|1|15|false;"
                                    "T-1/team:web|1|1|0|9|false;");
    world_sql(&w, "UPDATE thing SET ok = true WHERE id IN ('a', 'b')");
    T_STR(items(&w, "item", day(1)), "T-1/-;T-1/person:kim;T-1/team:web;"); /* said is not done */
    (void)world_evaluate(&w, day(1));
    T_STR(items(&w, "item", day(1)), "T-1/-;T-1/team:web;");
    world_sql(&w, "UPDATE thing SET ok = false WHERE id = 'a'");
    (void)world_evaluate(&w, day(2));
    T_STR(items(&w, "item, open, reopened", day(2)),
          "T-1/-|1|false;T-1/person:kim|1|true;T-1/team:web|1|false;");

    world_sql(&w, "INSERT INTO ar.waiver (id, finding_id, standard_id, kind, asset_id, granted_at,"
                  " until) VALUES (1, 'T-1/thing:a', 'T-1', 'thing', 'a',"
                  " TIMESTAMP '2026-01-03', TIMESTAMP '2026-01-08')");
    T_STR(items(&w, "item", day(3)), "T-1/-;T-1/team:web;");
    T_STR(items(&w, "item", day(7) + 1), "T-1/-;T-1/person:kim;T-1/team:web;"); /* without a job */
}

TEST(what_is_overdue_rises_from_owner_to_manager_to_deputy_ciso)
{
    static const char *const shown = "item, overdue_days, whose";
    ar_auto(world) w = { 0 };

    work_world(&w);
    world_sql(&w, "INSERT INTO thing (id, owner_id, domain_id, ok) VALUES"
                  " ('a', 'person:kim', 'd', false), ('b', NULL, 'd', false)");
    (void)world_evaluate(&w, day(0));
    T_STR(items(&w, shown, day(30)), "T-1/-||person:dee;T-1/person:kim||person:kim;");
    T_STR(items(&w, shown, day(30) + 1), "T-1/-|0|person:dee;T-1/person:kim|0|person:kim;");
    T_STR(items(&w, shown, day(36)), "T-1/-|6|person:dee;T-1/person:kim|6|person:kim;");
    T_STR(items(&w, shown, day(37)), "T-1/-|7|person:dee;T-1/person:kim|7|team:web;");
    T_STR(items(&w, shown, day(44)), "T-1/-|14|person:dee;T-1/person:kim|14|person:dee;");
}

TEST(at_the_rate_of_the_last_four_weeks_it_is_told_beforehand_what_will_be_late)
{
    static const char *const shown = "ahead, per_day, ready_at, at_risk";
    ar_auto(world) w = { 0 };

    work_world(&w);
    world_sql(&w, "INSERT INTO thing (id, owner_id, ok) SELECT range, 'person:kim', false"
                  " FROM range(20)");
    (void)world_evaluate(&w, day(0));
    T_STR(items(&w, "at_risk", day(14)), "false;"); /* nothing fixed yet, and less than half gone */
    T_STR(items(&w, "at_risk", day(16)), "true;");
    world_sql(&w, "UPDATE thing SET ok = true WHERE CAST(id AS INT) < 5");
    (void)world_evaluate(&w, day(10)); /* one each two days: the other 15 take until day 40 */
    T_STR(items(&w, shown, day(10)), "15|0.5|2026-02-10T00:00:00Z|true;");
    world_sql(&w, "UPDATE thing SET ok = true WHERE CAST(id AS INT) < 16");
    (void)world_evaluate(&w, day(16));
    T_STR(items(&w, shown, day(16)), "4|1.0|2026-01-21T00:00:00Z|false;");
    T_STR(items(&w, "at_risk", day(31)), "false;"); /* overdue is no risk any more */
}

TEST(a_body_says_what_is_to_be_done_and_a_name_cannot_write_it)
{
    ar_auto(world) w = { 0 };
    ar_str text;

    work_world(&w);
    world_sql(&w, "INSERT INTO thing (id, name, owner_id, domain_id, ok) VALUES"
                  " ('a', 'x | <b>' || chr(10) || '# y', 'person:kim', 'd', false)");
    (void)world_evaluate(&w, day(0));
    T_OK(ar_work_body(w.engine, &w.standards, AR_LIT("T-1/person:kim"), day(0), &w.arena, &text));
    T_STR(text,
          "## T-1: Title of T-1\n\nIt is right.\n\n1 open, the first due 2026-01-31. It closes"
          " by itself once nothing of it is open.\n\nWhat would be right: Make it right.\n\n"
          "| asset | name | state | since | due |\n|---|---|---|---|---|\n"
          "| thing:a | x \\| \\<b\\> # y | fail | 2026-01-01 | 2026-01-31 |\n");
    T_FAILS(ar_work_body(w.engine, &w.standards, AR_LIT("T-1/team:web"), day(0), &w.arena, &text),
            AR_NOT_FOUND, "nothing of 'T-1/team:web' is open");
    T_OK(ar_work_digest(w.engine, &w.standards, AR_LIT("person:dee"), day(44), &w.arena, &text));
    T_TRUE(ar_str_contains(
        text, AR_LIT("- T-1/person:kim: Title of T-1. 1 open, due 2026-01-31, **14 days overdue**;"
                     " it is with you because person:kim did not do it in time")));
    T_OK(ar_work_digest(w.engine, &w.standards, AR_LIT("person:kim"), day(44), &w.arena, &text));
    T_STR(text, "");
}
