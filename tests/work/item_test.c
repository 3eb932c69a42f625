#include "work/item.h"

#include "../standard/living.h"
#include "work/body.h"
#include "work/digest.h"
#include "work/tables.h"

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
                  " until, verdict) SELECT 1, 'T-1/thing:a', 'T-1', 'thing', 'a',"
                  " TIMESTAMP '2026-01-03', TIMESTAMP '2026-01-08', number FROM ar.verdict"
                  " WHERE asset_id = 'a'");
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
}

typedef struct digests {
    world *w;
    ar_buf owners; /* "person:dee 2;" */
    ar_str last;
} digests;

static ar_err see_digest(void *self, ar_str owner, int64_t items, ar_str text)
{
    digests *d = self;

    ar_buf_addf(&d->owners, "%.*s %lld;", AR_FMT(owner), (long long)items);
    d->last = ar_arena_copy(&d->w->arena, text);
    return ar_ok();
}

static ar_str digested(world *w, ar_time asof, ar_str *out_last)
{
    digests d = { .w = w };
    ar_str owners;

    T_OK(ar_digests(w->engine, &w->standards, asof, see_digest, &d));
    owners = ar_arena_copy(&w->arena, ar_buf_str(&d.owners));
    ar_buf_done(&d.owners);
    *out_last = d.last;
    return owners;
}

TEST(each_owner_is_told_once_a_day_what_they_have_to_see_to_the_weightiest_first)
{
    ar_auto(world) w = { 0 };
    ar_str text, body;

    work_world(&w);
    world_sql(&w,
              "INSERT INTO thing (id, owner_id, domain_id, criticality, ok) SELECT 'a' || range,"
              " 'person:kim', 'd', 1, false FROM range(10, 62);"
              "INSERT INTO thing (id, owner_id, domain_id, criticality, ok) VALUES"
              " ('b', 'team:web', 'd', 5, false), ('c', NULL, 'd', 5, false)");
    (void)world_evaluate(&w, day(0));
    T_STR(digested(&w, day(1), &text), "person:dee 1;person:kim 1;team:web 1;");
    T_STR(digested(&w, day(44), &text), "person:dee 3;");
    T_TRUE(ar_str_starts(
        text, AR_LIT("# What is to be done\n\n"
                     "- T-1/-: Title of T-1. 1 open, due 2026-01-31, **14 days overdue**;"
                     " it is with you because nobody is known to own it\n"
                     "- T-1/team:web: Title of T-1. 1 open, due 2026-01-31, **14 days overdue**;"
                     " it is with you because team:web did not do it in time\n"
                     "- T-1/person:kim: Title of T-1. 52 open, due 2026-01-31, **14 days overdue**;"
                     " it is with you because person:kim did not do it in time\n"
                     "\n## T-1: Title of T-1\n")));
    T_TRUE(ar_str_contains(text, AR_LIT("\nand 2 more: `aright work members 'T-1/person:kim'`\n")));
    T_OK(ar_work_body(w.engine, &w.standards, AR_LIT("T-1/person:kim"), day(44), &w.arena, &body));
    T_STR(ar_str_cut(text, text.len - body.len, text.len), ar_arena_cstr(&w.arena, body));

    world_sql(&w, "INSERT INTO ar.digest (owner_id, day) VALUES ('person:kim', '2026-01-02')");
    T_STR(digested(&w, day(1), &text), "person:dee 1;team:web 1;");
    T_STR(digested(&w, day(2), &text), "person:dee 1;person:kim 1;team:web 1;");
}

/* ---- items as assets ---- */

static void take_shipped(world *w, const char *folder, const char *name)
{
    const char *path =
        ar_path_join(&w->arena, ar_path_join(&w->arena, getenv("ARIGHT_SOURCE"), folder), name);
    ar_str text;

    T_OK(ar_file_read(path, 1 << 16, &w->arena, &text));
    world_write(w, folder, name, ar_arena_cstr(&w->arena, text));
}

/* The shipped kind, and PE-4 by which items are judged. */
static void item_world(world *w)
{
    world_files(w);
    world_standard(w, "T-1", "pass: ok");
    take_shipped(w, "kinds", "work_item.yaml");
    take_shipped(w, "standards", "PE-4.yaml");
    world_load(w);
    world_engine(w, NULL);
    for (const ar_migration *m = ar_work_migrations; m->number != 0; m++) world_sql(w, m->sql);
}

/* The columns of all items, each "a|b;". */
static ar_str assets(world *w, const char *columns)
{
    return world_text(w,
                      ar_arena_printf(&w->arena,
                                      "SELECT string_agg(concat_ws('|', id, %s), ';' ORDER BY id)"
                                      " FROM main.work_item",
                                      columns)
                          .ptr);
}

TEST(an_item_is_an_asset_while_it_is_open_and_three_months_longer)
{
    static const char *const shown =
        "asset_count, priority_rank, reopened, escalated, due_at, closed_at, closed_by_evidence";
    ar_auto(world) w = { 0 };

    item_world(&w);
    T_STR(assets(&w, shown), "");
    world_sql(&w, "INSERT INTO thing (id, owner_id, domain_id, criticality, ok) VALUES"
                  " ('a', 'person:kim', 'd', 2, false), ('b', 'person:kim', 'd', 5, NULL),"
                  " ('c', 'team:web', 'd', NULL, false), ('d', NULL, NULL, 1, false)");
    (void)world_evaluate(&w, day(0));
    T_STR(assets(&w, shown), "T-1/-|1|3|0|true|2026-01-31 00:00:00;"
                             "T-1/person:kim|2|1|0|false|2026-01-31 00:00:00;"
                             "T-1/team:web|1|2|0|false|2026-01-31 00:00:00");
    world_sql(&w, "UPDATE thing SET ok = true WHERE owner_id = 'person:kim';"
                  "INSERT INTO ar.waiver (id, finding_id, standard_id, kind, asset_id, granted_at,"
                  " until) VALUES (1, 'T-1/thing:c', 'T-1', 'thing', 'c',"
                  " TIMESTAMP '2026-01-02', TIMESTAMP '2026-01-08')");
    (void)world_evaluate(&w, day(5));
    T_STR(assets(&w, shown), "T-1/-|1|1|0|true|2026-01-31 00:00:00;"
                             "T-1/person:kim|0|0|false|2026-01-06 00:00:00|true");
    world_sql(&w, "UPDATE thing SET ok = false WHERE id = 'a'");
    (void)world_evaluate(&w, day(37));
    T_STR(assets(&w, "asset_count, priority_rank, reopened, escalated, due_at"),
          "T-1/-|1|2|0|true|2026-01-31 00:00:00;"
          "T-1/person:kim|1|3|1|false|2026-03-09 00:00:00;"
          "T-1/team:web|1|1|0|true|2026-01-31 00:00:00"); /* overdue for a week: it has risen */
    world_sql(&w, "UPDATE thing SET ok = true");
    (void)world_evaluate(&w, day(38));
    T_STR(assets(&w, "closed_at"), "T-1/-|2026-02-08 00:00:00;T-1/person:kim|2026-02-08 00:00:00;"
                                   "T-1/team:web|2026-02-08 00:00:00");
    (void)world_evaluate(&w, day(128));
    T_STR(assets(&w, "closed_at"), "");
}

TEST(effort_counts_for_seven_days_also_on_what_is_done_since)
{
    ar_auto(world) w = { 0 };

    item_world(&w);
    world_sql(&w, "INSERT INTO thing (id, owner_id, ok) VALUES ('a', 'person:kim', false)");
    (void)world_evaluate(&w, day(0));
    world_sql(&w, "INSERT INTO ar.effort (standard_id, owner_id, hours, logged_at) VALUES"
                  " ('T-1', 'person:kim', 1.5, '2026-01-02'),"
                  " ('T-1', 'person:kim', 0.25, '2026-01-03'),"
                  " ('T-1', 'person:gone', 8, '2026-01-03'), ('T-1', NULL, 1, '2026-01-03')");
    T_STR(assets(&w, "effort_minutes_7d, asset_count"),
          "T-1/-|60|0;T-1/person:gone|480|0;T-1/person:kim|105|1");
    world_sql(&w, "UPDATE thing SET ok = true");
    (void)world_evaluate(&w, day(8)); /* what was logged a week ago to the second is out */
    T_STR(assets(&w, "effort_minutes_7d, closed_at"),
          "T-1/-|60|2026-01-03 00:00:00;T-1/person:gone|480|2026-01-03 00:00:00;"
          "T-1/person:kim|15|2026-01-09 00:00:00");
    (void)world_evaluate(&w, day(9));
    T_STR(assets(&w, "effort_minutes_7d"), "T-1/person:kim|0");
}

TEST(items_are_judged_after_what_they_are_of_and_what_misses_there_makes_no_item_of_items)
{
    ar_auto(world) w = { 0 };

    item_world(&w);
    world_sql(&w, "INSERT INTO thing (id, owner_id, ok) VALUES ('a', 'person:kim', false),"
                  " ('b', NULL, false)");
    (void)world_evaluate(&w, day(0));
    T_STR(world_text(&w, "SELECT string_agg(id, ' ' ORDER BY id) FROM ar.finding"),
          "PE-4/work_item:T-1/- T-1/thing:a T-1/thing:b");
    T_STR(items(&w, "item", day(0)), "PE-4/-;T-1/-;T-1/person:kim;");
    (void)world_evaluate(&w, day(31)); /* late, and not risen yet */
    T_STR(assets(&w, "asset_count"), "T-1/-|1;T-1/person:kim|1");
    T_STR(items(&w, "item", day(31)), "PE-4/-;PE-4/person:kim;T-1/-;T-1/person:kim;");
    world_sql(&w, "DELETE FROM thing");
    (void)world_evaluate(&w, day(32));
    T_INT(world_int(&w, "SELECT count(*) FROM ar.open_finding"), 0);
}

/* ---- against what the findings say ---- */

/* SQL: the items of $1, from the findings and the verdicts alone. */
#define OF_FINDINGS                                                                               \
    "(WITH open AS (SELECT f.standard_id, d.owner_id, d.domain_id, f.state, f.episode,"           \
    "  e.as_of AS opened_at, e.as_of + to_microseconds(s.due) AS due_at,"                         \
    "  s.risk * coalesce(d.criticality, 3) AS rank FROM ar.open_finding f"                        \
    "  JOIN ar.verdict d ON d.number = f.verdict JOIN ar.evaluation e ON e.id = f.opened"         \
    "  JOIN ar.standard s ON s.id = f.standard_id AND s.retired_at IS NULL"                       \
    "  ANTI JOIN (SELECT v.standard_id, v.kind, v.asset_id FROM ar.waiver v"                      \
    "   WHERE " AR_WAIVER_IN_FORCE ") w ON w.standard_id = f.standard_id AND w.kind = d.kind"     \
    "   AND w.asset_id = d.asset_id),"                                                            \
    " item AS (SELECT standard_id, owner_id, count(*) AS open,"                                   \
    "  count(*) FILTER (state = 'fail') AS fail, count(*) FILTER (state = 'unknown') AS unknown," \
    "  bool_or(episode > 1) AS reopened, min(opened_at) AS since, min(due_at) AS due_at,"         \
    "  max(rank) AS rank FROM open GROUP BY ALL),"                                                \
    " placed AS (SELECT i.*, sum(open) OVER (PARTITION BY owner_id ORDER BY rank DESC,"           \
    "  due_at NULLS LAST, standard_id ROWS UNBOUNDED PRECEDING)::BIGINT AS ahead FROM item i)"    \
    " SELECT p.*, (SELECT max(n) FROM (SELECT count(*) AS n FROM open o"                          \
    "  WHERE o.standard_id = p.standard_id AND o.owner_id IS NOT DISTINCT FROM p.owner_id"        \
    "  AND o.domain_id IS NOT NULL GROUP BY o.domain_id)) AS most FROM placed p)"

static int64_t asked(world *w, ar_time at, const char *sql)
{
    ar_value arg = ar_at(at), value = ar_null();

    T_OK(ar_engine_value(w->engine, ar_str_of(sql), &arg, 1, &w->arena, &value));
    return value.type == AR_INT ? value.i : -1;
}

/* Both ways: items of each that the other has not. */
static int64_t differing_items(world *w, ar_time at)
{
    static const char columns[] = "SELECT standard, owner, open, fail, unknown, reopened, since,"
                                  " due_at, rank, ahead FROM ";
    static const char others[] = "SELECT standard_id, owner_id, open, fail, unknown, reopened,"
                                 " since, due_at, rank, ahead FROM " OF_FINDINGS;

    return asked(w, at,
                 ar_arena_printf(&w->arena,
                                 "SELECT count(*) FROM ((%s%s EXCEPT %s) UNION ALL"
                                 " (%s EXCEPT %s%s))",
                                 columns, ar_work_items, others, others, columns, ar_work_items)
                     .ptr);
}

/* Items that say a domain in which fewer are than in another. */
static int64_t misplaced_items(world *w, ar_time at)
{
    return asked(w, at,
                 ar_arena_printf(&w->arena,
                                 "SELECT count(*) FROM %s i JOIN " OF_FINDINGS
                                 " p ON p.standard_id = i.standard AND p.owner_id IS NOT DISTINCT"
                                 " FROM i.owner WHERE p.most IS DISTINCT FROM (SELECT nullif("
                                 "count(*), 0) FROM ar.open_finding f WHERE f.standard_id ="
                                 " i.standard AND f.owner_id IS NOT DISTINCT FROM i.owner"
                                 " AND f.domain_id = i.domain AND (f.verdict, f.standard_id) NOT IN"
                                 " (SELECT (v.verdict, v.standard_id) FROM ar.waiver v WHERE"
                                 " v.verdict IS NOT NULL AND " AR_WAIVER_IN_FORCE "))",
                                 ar_work_items)
                     .ptr);
}

static ar_err see_member(void *self, const ar_value *member)
{
    ar_buf_addf(self, "%.*s ", AR_FMT(member[0].s));
    return ar_ok();
}

/* The members of the item, few at a time or all at once. */
static ar_str members(world *w, ar_str item, ar_time at, int64_t limit, int64_t open)
{
    ar_auto(ar_buf) seen = { 0 };
    int64_t total = -1;

    for (int64_t skip = 0; skip < open; skip += limit) {
        T_OK(ar_work_members(w->engine, item, at, limit, skip, see_member, &seen, &total));
        T_INT(total, open);
    }
    return ar_arena_copy(&w->arena, ar_buf_str(&seen));
}

/* The members of each item are as many as it says, and the same however they are asked for. */
static void check_members(world *w, ar_time at)
{
    ar_value arg = ar_at(at);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql, "SELECT item, open FROM %s i", ar_work_items);
    T_OK(ar_engine_query(w->engine, ar_buf_str(&sql), &arg, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_str item = ar_arena_copy(&w->arena, ar_rows_get(rows, 0).s), all;
        int64_t open = ar_rows_get(rows, 1).i, n = 0;

        all = members(w, item, at, 1000, open);
        T_STR(members(w, item, at, 3, open), all.ptr);
        for (size_t i = 0; i < all.len; i++) n += all.ptr[i] == ' ';
        T_INT(n, open);
    }
}

TEST(whatever_happens_items_are_what_the_findings_and_waivers_say)
{
    int rounds = t_rounds(1, 20);
    t_random random = { 17 };

    for (int round = 0; round < rounds && t_bad == 0; round++) {
        ar_auto(world) w = { 0 };

        living_world(&w);
        world_sql(&w, ar_work_migrations[0].sql);
        for (int i = 0; i < 14 && t_bad == 0; i++) {
            live(&w, &random, day(i));
            T_INT(differing_items(&w, day(i) + 1), 0);
            T_INT(misplaced_items(&w, day(i) + 1), 0);
            T_INT(differing_items(&w, day(i) + 9 * AR_DAY), 0); /* waivers have ended meanwhile */
            check_members(&w, day(i) + 1);
            if (t_bad > 0) printf("# round %d, step %d\n", round, i);
        }
    }
}
