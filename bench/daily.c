/* daily: an estate under 31 standards, evaluated day after day while 1 % of its assets change: what
 * a day costs with masks, compare and episodes, and what its history takes on disk. Each day is
 * first compared with SQL that judges from the facts alone. Then a week between two snapshots: what
 * the second takes, and that taken once more it is the same to the byte. A year takes hours: in a
 * FOLDER the estate stays, and the same command goes on after the last day that it has.
 *   bench_daily [ASSETS [DAYS [FOLDER]]] */
#include "estate/estate.h"
#include "standard/evaluate.h"
#include "standard/snapshot.h"
#include "standard/tables.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { STANDARDS = 31 };

typedef struct bench {
    ar_arena arena;
    ar_place place;
    ar_engine *engine;
    ar_kinds kinds;
    ar_standards standards;
    int64_t n_assets;
} bench;

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "bench: %.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

static void run(bench *b, const char *sql)
{
    must(ar_engine_exec(b->engine, sql));
}

static int64_t number(bench *b, const char *sql)
{
    ar_value value;

    must(ar_engine_value(b->engine, ar_str_of(sql), NULL, 0, &b->arena, &value));
    return value.type == AR_INT ? value.i : 0;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the estate ---- */

static void write_file(bench *b, const char *folder, const char *name, ar_str text)
{
    const char *path = ar_path_join(&b->arena, b->place.data, folder);

    must(ar_dir_make(path, 0755));
    must(ar_file_write(ar_path_join(&b->arena, path, name), text, 0644));
}

/* Standard i stands on fact i, which alone changes, and on others as the report's do. */
static void write_files(bench *b)
{
    static const char *const beside[] = {
        "",
        " AND n1 = 0",
        " AND t1 IN ('managed', 'federated')",
        " AND owner_id IS NOT NULL AND u1 > :asof - INTERVAL 9000 DAY",
        " AND NOT b1",
    };
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, "kind: thing\ntitle: Thing\nmeaning: One.\ncolumns:\n"
                       "  b1: {type: bool, meaning: A fact.}\n  n1: {type: int, meaning: A fact.}\n"
                       "  t1: {type: text, meaning: A fact.}\n"
                       "  u1: {type: time, meaning: A fact.}\n");
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&text, "  f%d: {type: bool, meaning: A fact.}\n", i);
    write_file(b, "kinds", "thing.yaml", ar_buf_str(&text));
    for (int i = 0; i < STANDARDS; i++) {
        ar_buf_clear(&text);
        ar_buf_addf(&text,
                    "id: B-%d\nclass: standard\ntitle: T\nstatement: S\npillar: tenants\n"
                    "kind: thing\nright: R\nrisk: 3\nowner: o\nexplain: []\n"
                    "get: {due: 30d, action: a}\nwaiver: {max: 90d, approver: domain}\n"
                    "where: env IN ('production', 'productivity')\n"
                    "tests: {pass: [{}], fail: [{}], unknown: [{}]}\npass: f%d%s\n",
                    i, i, beside[(size_t)i % AR_COUNT(beside)]);
        write_file(b, "standards", ar_arena_printf(&b->arena, "B-%d.yaml", i).ptr,
                   ar_buf_str(&text));
    }
}

/* Of the facts 3 in 100 are wrong and 2 are not known. */
static void make_assets(bench *b)
{
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;

    must(ar_kinds_find(&b->kinds, AR_LIT("thing"), &kind));
    ar_buf_addz(&sql, "CREATE TABLE thing AS SELECT 'asset-' || i AS id,"
                      " 'name ' || i AS name, 'team:' || h % 5000 AS owner_id,"
                      " 'd' || h % 20 AS domain_id, 'register' AS owner_source,"
                      " 1 + (h % 5)::BIGINT AS criticality, 'production' AS env, false AS b1,"
                      " 0::BIGINT AS n1, 'managed' AS t1, TIMESTAMP '2026-01-01' AS u1,"
                      " NULL::TIMESTAMP AS deleted_at, TIMESTAMP '2026-01-01' AS last_seen,"
                      " false AS gone");
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql,
                    ", CASE WHEN hash(i, %d) %% 100 >= 5 THEN true"
                    " WHEN hash(i, %d) %% 100 >= 2 THEN false END AS f%d",
                    i, i, i);
    ar_buf_addf(&sql,
                " FROM (SELECT i, (hash(i) >> 8)::BIGINT AS h FROM range(%lld) t(i))"
                " ORDER BY h",
                (long long)b->n_assets);
    run(b, sql.ptr);
}

/* 1 % of the assets: half of them get one fact wrong, half of them have all put right. As of an
 * import, the history has the old and the new value of each fact. */
static void change_assets(bench *b, int day)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE chosen AS"
                " FROM thing WHERE (hash(id, %d) >> 8) %% 100 = 0;",
                day);
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql,
                    "INSERT INTO ar.history SELECT 'thing', id, 'register', 'f%d', f%d, now,"
                    " TIMESTAMP '2026-01-01' + to_days(%d), %d FROM (SELECT id, f%d,"
                    " CASE WHEN hash(id, %d) %% 2 = 0 THEN true WHEN hash(id, -%d) %% %d = %d"
                    " THEN false ELSE f%d END AS now FROM chosen) WHERE now IS DISTINCT FROM f%d;",
                    i, i, day, day, i, day, day, STANDARDS, i, i, i);
    ar_buf_addz(&sql, "UPDATE thing SET");
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql,
                    "%s f%d = CASE WHEN hash(id, %d) %% 2 = 0 THEN true"
                    " WHEN hash(id, -%d) %% %d = %d THEN false ELSE f%d END",
                    i > 0 ? "," : "", i, day, day, STANDARDS, i, i);
    ar_buf_addf(&sql, " WHERE (hash(id, %d) >> 8) %% 100 = 0", day);
    must(ar_engine_begin(b->engine));
    run(b, sql.ptr);
    must(ar_engine_commit(b->engine));
}

/* ---- a day ---- */

/* What is open must be what the facts say, asset by asset. */
static void check_open(bench *b)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT count(*) FROM (SELECT asset_id, standard_id, state FROM main.finding"
                      " WHERE closed_at IS NULL EXCEPT SELECT id, 'B-' || i, state FROM (");
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql,
                    "%sSELECT id, %d AS i, CASE WHEN f%d THEN 'pass' WHEN NOT f%d THEN 'fail' ELSE"
                    " 'unknown' END AS state FROM thing",
                    i > 0 ? " UNION ALL " : "", i, i, i);
    ar_buf_addz(&sql, ") WHERE state <> 'pass')");
    int64_t wrong = number(b, sql.ptr), open, should;
    ar_buf_clear(&sql);
    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql, "%scount(*) FILTER (WHERE f%d IS NOT TRUE)", i > 0 ? " + " : "SELECT ",
                    i);
    ar_buf_addz(&sql, " FROM thing");
    should = number(b, sql.ptr);
    open = number(b, "SELECT count(*) FROM main.finding WHERE closed_at IS NULL");
    if (wrong == 0 && open == should) return;
    (void)fprintf(stderr, "bench: %lld findings are open, %lld should be; %lld are wrong\n",
                  (long long)open, (long long)should, (long long)wrong);
    exit(1);
}

static double evaluate(bench *b, int day, int64_t *out_turned)
{
    ar_time asof = INT64_C(1767225600000000) + day * AR_DAY;
    ar_auto(ar_arena) arena = { 0 };
    double start = seconds();
    ar_evaluation e;

    must(ar_engine_begin(b->engine));
    must(ar_evaluate(b->engine, &b->kinds, &b->standards, asof, asof, NULL, NULL, &arena, &e));
    must(ar_engine_commit(b->engine));
    *out_turned = e.kinds[0].opened + e.kinds[0].closed;
    return seconds() - start;
}

static double size_mb(bench *b)
{
    run(b, "CHECKPOINT");
    return (double)number(b, "SELECT used_blocks * block_size FROM pragma_database_size()"
                             " WHERE database_name NOT IN ('system', 'temp')") /
           1e6;
}

static void report(int day, double took, int64_t turned, double mb)
{
    struct rusage use;

    (void)getrusage(RUSAGE_SELF, &use);
    printf(
        "day %3d: %6.2f s, %8lld opened or closed, %8.1f MB on disk, %.2f GB of memory at most\n",
        day, took, (long long)turned, mb, (double)use.ru_maxrss / (1024.0 * 1024.0));
    (void)fflush(stdout);
}

static void begin_days(bench *b)
{
    if (number(b, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'day'") > 0) return;
    make_assets(b);
    run(b, "CREATE TABLE day (day BIGINT, seconds DOUBLE, mb DOUBLE)");
}

/* A day that ended early is lived again: what it had changed is as it will be. */
static void live_day(bench *b, int day, bool measured)
{
    ar_auto(ar_buf) sql = { 0 };
    int64_t turned;

    if (day > 0) change_assets(b, day);
    double took = evaluate(b, day, &turned), mb = measured ? size_mb(b) : 0;
    if (measured) {
        check_open(b);
        report(day, took, turned, mb);
    }
    ar_buf_addf(&sql, "INSERT INTO day VALUES (%d, %.3f, %.1f)", day, took, mb);
    run(b, sql.ptr);
}

static void report_days(bench *b)
{
    int64_t ms = number(b, "SELECT (1000 * avg(seconds))::BIGINT FROM day WHERE day > 0"),
            most = number(b, "SELECT (1000 * max(seconds))::BIGINT FROM day WHERE day > 0"),
            kb = number(b, "SELECT (1000 * (max_by(mb, day) - min_by(mb, day)) / max(day))::BIGINT"
                           " FROM day WHERE mb > 0");

    printf("a day: %.2f s, at most %.2f s (limit 10 s); history: %.2f MB a day, %.2f GB in two "
           "years (limit 2 GB)\n",
           (double)ms / 1e3, (double)most / 1e3, (double)kb / 1e3, (double)kb * 730 / 1e6);
}

/* ---- a week ---- */

static double snapshot(bench *b, const char *name, int day, ar_snapshot *out)
{
    ar_time asof = INT64_C(1767225600000000) + day * AR_DAY;
    double start = seconds();

    must(ar_engine_begin(b->engine));
    must(ar_snapshot_take(b->engine, ar_str_of(name), asof, asof, AR_LIT("bench"), &b->arena, out));
    return seconds() - start;
}

static void measure_week(bench *b, int day)
{
    ar_snapshot first, second, again;
    double took = snapshot(b, "first", day, &first);
    int64_t turned;

    must(ar_engine_commit(b->engine));
    printf("first snapshot: %.2f s\n", took);
    double before = size_mb(b);
    for (int i = 1; i <= 7; i++) {
        change_assets(b, day + i);
        (void)evaluate(b, day + i, &turned);
    }
    (void)snapshot(b, "second", day + 7, &again);
    ar_engine_rollback(b->engine);
    took = snapshot(b, "second", day + 7, &second);
    must(ar_engine_commit(b->engine));
    if (!ar_str_eq(again.hash, second.hash)) {
        (void)fprintf(stderr, "bench: the same snapshot, taken twice, has two hashes\n");
        exit(1);
    }
    printf("snapshot after a week, %lld changes: %.2f s (limit 60 s), the same bytes twice;"
           " %.1f MB more on disk\n",
           (long long)second.changes, took, size_mb(b) - before);
}

int main(int argc, char **argv)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, ar_standard_migrations,
                                                 NULL };
    char made[] = "/tmp/aright-bench-XXXXXX";
    const char *folder = argc > 3 ? argv[3] : mkdtemp(made);
    bench b = { .n_assets = 10000000 };
    int64_t days = 10;

    if (argc > 1 && (!ar_str_int(ar_str_of(argv[1]), &b.n_assets) || b.n_assets < 1)) return 2;
    if (argc > 2 && (!ar_str_int(ar_str_of(argv[2]), &days) || days < 1)) return 2;
    if (folder == NULL) return 1;
    must(ar_dir_make(folder, 0700));
    b.place = (ar_place){ .home = folder, .data = folder };
    ar_engine_options options = { .path = ar_path_join(&b.arena, folder, "estate"),
                                  .threads = 2,
                                  .memory_bytes = UINT64_C(8) << 30,
                                  .temp_dir = folder };

    write_files(&b);
    must(ar_kinds_load(&b.place, &b.arena, &b.kinds));
    must(ar_standards_load(&b.place, &b.kinds, &b.arena, &b.standards));
    must(ar_engine_open(&options, &b.engine));
    must(ar_expr_opened(b.engine));
    must(ar_migrate(b.engine, lists, 0, NULL, NULL, NULL));
    begin_days(&b);
    for (int64_t day = number(&b, "SELECT coalesce(max(day) + 1, 0) FROM day"); day <= days; day++)
        live_day(&b, (int)day, day <= 3 || day % 30 == 0 || day == days);
    report_days(&b);
    measure_week(&b, (int)days);
    ar_engine_free(&b.engine);
    ar_err err = argc > 3 ? ar_ok() : ar_dir_remove(folder);
    ar_arena_done(&b.arena);
    return err.code != AR_OK;
}
