#include "lookup/index.h"

#include "../standard/world.h"
#include "lookup/publish.h"
#include "standard/waiver.h"

#include <unistd.h>

enum { THINGS = 300, MORE = 50, DAYS = 10 };

typedef struct estate {
    world w;
    ar_keep keep;
    ar_time now;
} estate;

static ar_ctx context(estate *e)
{
    return (ar_ctx){ .now = e->now,
                     .asof = e->now,
                     .place = &e->w.place,
                     .engine = e->w.engine,
                     .arena = &e->w.arena,
                     .keep = &e->keep };
}

static void estate_open(estate *e)
{
    world_files(&e->w);
    world_standard(&e->w, "T-1", "where: n > 0\npass: ok");
    world_standard(&e->w, "T-2", "pass: m < 5\nstale_after: 48h");
    world_standard(&e->w, "T-3", "pass: EXISTS parts WHERE good");
    world_load(&e->w);
    world_engine(&e->w, NULL);
    T_OK(ar_engine_exec(e->w.engine, ar_lookup_migrations[0].sql));
    e->now = DAY0;

    ar_ctx ctx = context(e);

    T_OK(ar_lookup_opened(&ctx));
}

static void estate_done(estate *e)
{
    ar_keep_done(&e->keep);
    world_done(&e->w);
}

#define auto_estate __attribute__((cleanup(estate_done))) estate

static void run(estate *e, const char *sql)
{
    T_OK(ar_engine_exec(e->w.engine, sql));
}

static void evaluate(estate *e)
{
    ar_evaluation done;

    T_OK(ar_engine_begin(e->w.engine));
    T_OK(ar_evaluate(e->w.engine, &e->w.kinds, &e->w.standards, e->now, e->now, NULL, NULL,
                     &e->w.arena, &done));
    T_OK(ar_engine_commit(e->w.engine));
}

static void publish(estate *e)
{
    ar_ctx ctx = context(e);

    T_OK(ar_lookup_publish(&ctx));
}

/* One of a few values for each column, or none. */
static void change(estate *e, t_random *random, int64_t id)
{
    static const char *const truths[] = { "NULL", "true", "false" };
    static const char *const numbers[] = { "NULL", "0", "3", "9" };
    ar_str sql = ar_arena_printf(
        &e->w.arena,
        "DELETE FROM thing WHERE id = 't%lld'; DELETE FROM part WHERE thing_id = 't%lld'",
        (long long)id, (long long)id);

    run(e, sql.ptr);
    if (t_below(random, 10) == 0) return; /* gone from the estate */
    sql = ar_arena_printf(
        &e->w.arena,
        "INSERT INTO thing (id, name, ok, n, m, last_seen, deleted_at, gone)"
        " VALUES ('t%lld', 'T', %s, %s, %s, make_timestamp(%lld), %s, %s);"
        "INSERT INTO part (thing_id, good) VALUES ('t%lld', %s)",
        (long long)id, truths[t_below(random, 3)], numbers[t_below(random, 4)],
        numbers[t_below(random, 4)], (long long)(e->now - (int64_t)t_below(random, 4) * AR_DAY),
        t_below(random, 12) == 0 ? "TIMESTAMP '2025-06-01'" : "NULL",
        t_below(random, 12) == 0 ? "true" : "false", (long long)id, truths[t_below(random, 3)]);
    run(e, sql.ptr);
}

static void fill(estate *e, t_random *random)
{
    T_OK(ar_engine_begin(e->w.engine));
    for (int64_t i = 0; i < THINGS; i++) change(e, random, i);
    T_OK(ar_engine_commit(e->w.engine));
}

/* What SQL makes of the facts alone: 0 to 3; NONE where there is no such thing, or it is deleted
 * and the standard has nothing to say of it. */
enum { NONE = -1 };

static void judge_by_sql(estate *e, const ar_standard *s, int64_t states[static THINGS + MORE])
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    for (size_t i = 0; i < THINGS + MORE; i++) states[i] = NONE;
    ar_buf_addz(&sql, "SELECT substr(a.id, 2)::BIGINT, (");
    ar_standard_sql(s, AR_SQL_DUCKDB, e->now, true, &e->w.arena, &sql);
    ar_buf_addz(&sql, ")::BIGINT, a.deleted_at IS NOT NULL FROM thing a");
    T_OK(ar_engine_query(e->w.engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        int64_t state = ar_rows_get(rows, 1).i;

        if (state != AR_OUT || !ar_rows_get(rows, 2).b) states[ar_rows_get(rows, 0).i] = state;
    }
}

static int64_t looked_up(const ar_lookup *l, ar_str standard, ar_str id)
{
    const ar_lookup_standard *s = ar_lookup_standard_of(l, standard);
    const ar_lookup_entry *entry = NULL;

    T_TRUE(s != NULL);
    T_OK(ar_lookup_verdict(l, s, AR_LIT("thing"), id, &entry));
    if (entry == NULL || (entry->there == 0 && (entry->bits >> 2 * s->slot & 3) == AR_OUT))
        return NONE;
    return entry->bits >> 2 * s->slot & 3;
}

static int64_t differences(estate *e)
{
    ar_own(ar_lookup) l = NULL;
    int64_t states[THINGS + MORE], n = 0;

    T_OK(ar_lookup_open(ar_lookup_folder(&e->w.place, &e->w.arena), &l));
    for (size_t k = 0; k < e->w.standards.n && l != NULL; k++) {
        const ar_standard *s = &e->w.standards.list[k];

        judge_by_sql(e, s, states);
        for (int64_t i = 0; i < THINGS + MORE; i++)
            n += looked_up(l, s->id, ar_arena_printf(&e->w.arena, "t%lld", (long long)i)) !=
                 states[i];
    }
    return n;
}

TEST(it_says_of_each_thing_what_sql_says_of_its_facts)
{
    auto_estate e = { 0 };
    t_random random = { 20260101 };

    estate_open(&e);
    fill(&e, &random);
    for (int day = 0; day < DAYS; day++, e.now += AR_DAY) {
        size_t n = day % 3 == 0 ? 1 : 40;

        for (size_t i = 0; i < n; i++) change(&e, &random, (int64_t)t_below(&random, THINGS));
        evaluate(&e);
        publish(&e);
        T_INT(differences(&e), 0);
    }
}

static ar_lookup_manifest manifest(estate *e)
{
    ar_lookup_manifest m = { 0 };

    T_OK(ar_lookup_manifest_read(ar_lookup_folder(&e->w.place, &e->w.arena), &e->w.arena, &m));
    return m;
}

TEST(few_changes_write_little_and_one_day_all_is_merged)
{
    auto_estate e = { 0 };
    uint64_t base;
    t_random random = { 3 };

    estate_open(&e);
    fill(&e, &random);
    run(&e, "UPDATE thing SET ok = true, n = 1, gone = false, deleted_at = NULL,"
            " last_seen = TIMESTAMP '2026-01-01'");
    evaluate(&e);
    publish(&e);
    T_INT(manifest(&e).n_parts, 1);
    base = manifest(&e).parts[0].id;
    run(&e, "UPDATE thing SET ok = false WHERE id IN ('t1', 't2', 't3', 't4')");
    e.now += AR_HOUR;
    evaluate(&e);
    publish(&e);
    T_INT(manifest(&e).n_parts, 2);
    T_TRUE(manifest(&e).parts[1].id == base);
    T_TRUE(manifest(&e).parts[0].n > 0 && manifest(&e).parts[0].n <= 4);
    run(&e, "UPDATE thing SET n = 1 - n, ok = NOT ok");
    e.now += AR_HOUR;
    evaluate(&e);
    publish(&e);
    T_INT(manifest(&e).n_parts, 1);
    T_INT(differences(&e), 0);
    ar_str *names;
    size_t n;
    T_OK(ar_dir_list(ar_lookup_folder(&e.w.place, &e.w.arena), &e.w.arena, &names, &n));
    T_INT(n, 2); /* the segment and what names it */
}

/* ---- waivers ---- */

static ar_time waived(estate *e, const char *id, ar_time asof)
{
    ar_own(ar_lookup) l = NULL;
    ar_time until = 0;

    T_OK(ar_lookup_open(ar_lookup_folder(&e->w.place, &e->w.arena), &l));
    T_OK(ar_lookup_waived(l, AR_LIT("T-1"), AR_LIT("thing"), ar_str_of(id), asof, &until));
    return until;
}

TEST(a_waiver_holds_from_its_grant_through_its_last_instant)
{
    auto_estate e = { 0 };
    ar_waiver_granted granted;
    ar_waiver_request request = { .finding = AR_LIT("T-1/thing:a"),
                                  .until = DAY0 + 30 * AR_DAY,
                                  .reason = AR_LIT("the vendor moves in January"),
                                  .approver = AR_LIT("person:officer") };

    estate_open(&e);
    run(&e, "INSERT INTO thing (id, name, ok, n, last_seen) VALUES ('a', 'A', false, 1, now()),"
            " ('b', 'B', false, 1, now())");
    evaluate(&e);
    T_OK(ar_waiver_grant(e.w.engine, &request, DAY0 + AR_HOUR, &e.w.arena, &granted));
    publish(&e);
    T_TRUE(waived(&e, "a", DAY0 + AR_HOUR - AR_SECOND) == AR_TIME_MIN);
    T_TRUE(waived(&e, "a", DAY0 + AR_HOUR) == request.until);
    T_TRUE(waived(&e, "a", request.until) == request.until);
    T_TRUE(waived(&e, "a", request.until + AR_SECOND) == AR_TIME_MIN);
    T_TRUE(waived(&e, "b", DAY0 + AR_HOUR) == AR_TIME_MIN);
    /* also when all is written anew */
    T_OK(ar_lookup_distrust(e.w.engine));
    publish(&e);
    T_TRUE(waived(&e, "a", DAY0 + AR_HOUR) == request.until);
}

/* ---- crashes and damage ---- */

TEST(what_is_not_the_estates_own_is_written_anew)
{
    auto_estate e = { 0 };
    const char *path;
    ar_str id;

    estate_open(&e);
    run(&e, "INSERT INTO thing (id, name, ok, n, last_seen) VALUES ('t1', 'A', false, 1, now())");
    evaluate(&e);
    publish(&e);
    id = manifest(&e).id;
    publish(&e);
    T_TRUE(ar_str_eq(manifest(&e).id, id)); /* nothing has changed */

    /* a crash between the file and the estate's word: what was changed is still noted */
    run(&e, "UPDATE thing SET ok = true");
    e.now += AR_HOUR;
    evaluate(&e);
    run(&e, "CREATE TEMP TABLE kept AS SELECT * FROM ar.verdict_change;"
            "CREATE TEMP TABLE was AS SELECT * FROM ar.lookup");
    publish(&e);
    run(&e, "INSERT INTO ar.verdict_change SELECT * FROM kept;"
            "UPDATE ar.lookup SET id = (SELECT id FROM was)");
    publish(&e);
    T_INT(differences(&e), 0);

    /* an estate that was restored: the index is of a later one */
    run(&e, "UPDATE ar.lookup SET id = 'another'; UPDATE thing SET ok = false");
    e.now += AR_HOUR;
    evaluate(&e);
    publish(&e);
    T_INT(differences(&e), 0);

    /* what names the segments is damaged, or cut, or gone */
    path = ar_lookup_manifest_path(ar_lookup_folder(&e.w.place, &e.w.arena), &e.w.arena);
    for (int i = 0; i < 3; i++) {
        ar_own(ar_lookup) l = NULL;

        if (i == 0) T_OK(ar_file_write(path, AR_LIT("ARVERD1 00000000\n{}"), 0600));
        if (i == 1) T_TRUE(truncate(path, 30) == 0);
        if (i == 2) T_TRUE(unlink(path) == 0);
        T_FAILS(ar_lookup_open(ar_lookup_folder(&e.w.place, &e.w.arena), &l),
                i == 2 ? AR_NOT_FOUND : AR_INVALID, i == 2 ? "" : "damaged");
        publish(&e);
        T_INT(differences(&e), 0);
    }
}
