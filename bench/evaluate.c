/* evaluate: 10 million assets under 31 standards of one kind, the four states counted per domain:
 * our function and aggregate beside SQL that gives the same counts. Prints seconds, and ratios to
 * the first. MD-1's EXISTS apart.
 *   bench_evaluate [ROWS [THREADS]] */
#include "engine/engine.h"
#include "standard/scan.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { STANDARDS = 31, DOMAINS = 20, STATES = 4 };

typedef int64_t counts[DOMAINS][STANDARDS][STATES];

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "%.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

/* Shapes of the report's standards: facts that must be so, ages, enumerations, numbers. */
static const struct {
    const char *where, *pass;
} shapes[] = {
    { NULL, "b1 AND NOT b2 AND b3" },
    { "u1 IS NULL", "t1 = 'auto' AND n1 = 0 AND u2 > :asof - INTERVAL n2 DAY" },
    { "NOT b4", "n3 >= 2 AND NOT b5" },
    { "NOT b4 AND coalesce(b6, TRUE)", "b1 AND b3 AND n1 = 0" },
    { "t2 <> 'none' OR n1 > 0", "n1 = 0 AND t2 IN ('managed', 'federated')" },
    { "n4 > 0 OR n5 > 0", "n4 = nullif(n5, 0)" },
    { NULL, "b7 AND b8" },
    { NULL, "owner_id IS NOT NULL AND u2 > :asof - INTERVAL :days DAY AND (t1 <> 'manual' OR u3 > "
            ":asof)" },
    { NULL, "t3 <> 'legacy'" },
    { "env IN ('production', 'productivity')",
      "b1 AND (NOT b2 OR t3 IS NOT NULL) AND u2 > :asof - INTERVAL 90 DAY" },
    { NULL, "owner_id IS NOT NULL AND t4 IS NOT NULL AND u3 IS NOT NULL" },
};

static const char *const columns[] = { "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "n1", "n2",
                                       "n3", "n4", "n5", "t1", "t2", "t3", "t4", "u1", "u2", "u3" };

static const char *type_of(const char *column)
{
    return column[0] == 'b'   ? "bool"
           : column[0] == 'n' ? "int"
           : column[0] == 't' ? "text"
                              : "time";
}

static void write_kinds(const ar_place *place, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };
    const char *folder = ar_path_join(arena, place->data, "kinds");

    must(ar_dir_make(folder, 0755));
    ar_buf_addz(&text, "kind: asset\ntitle: Asset\nmeaning: One.\ncolumns:\n");
    for (size_t i = 0; i < AR_COUNT(columns); i++)
        ar_buf_addf(&text, "  %s: {type: %s, meaning: A fact.}\n", columns[i], type_of(columns[i]));
    ar_buf_addz(&text, "links:\n  log_sources: {kind: log_source, on: {asset_id: id}}\n");
    must(ar_file_write(ar_path_join(arena, folder, "asset.yaml"), ar_buf_str(&text), 0644));
    must(ar_file_write(ar_path_join(arena, folder, "log_source.yaml"),
                       AR_LIT("kind: log_source\ntitle: Log\nmeaning: One.\ncolumns:\n"
                              "  asset_id: {type: text, meaning: The asset.}\n"
                              "  last_event_at: {type: time, meaning: When it last wrote.}\n"),
                       0644));
}

static const ar_standard *make_standard(const ar_kinds *kinds, int n, const char *where,
                                        const char *pass, ar_arena *arena)
{
    ar_standard *s = ar_make(arena, ar_standard);
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "id: B-%d\nclass: standard\ntitle: T\nstatement: S\npillar: tenants\n", n);
    ar_buf_addf(&text, "right: R\nrisk: 1\nowner: o\nexplain: []\nkind: asset\npass: %s\n", pass);
    if (where != NULL) ar_buf_addf(&text, "where: %s\n", where);
    ar_buf_addf(&text, "params: {days: %d}\nstale_after: %dh\n", 30 + n, n % 2 == 0 ? 48 : 72);
    ar_buf_addz(&text, "tests: {pass: [{}], fail: [{}], unknown: [{}]}\n");
    must(ar_standard_parse(AR_LIT("bench"), (ar_str){ 0 }, ar_buf_str(&text), kinds, arena, s));
    return s;
}

static void fill(ar_engine *engine, int64_t n_rows, ar_time asof)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql,
                "CREATE TABLE asset AS SELECT 'asset-' || i AS id, 'd' || h % 20 AS domain_id,"
                " CASE WHEN h % 11 <> 0 THEN 'team:' || h % 5000 END AS owner_id,"
                " ['production', 'productivity', 'test'][1 + h % 3] AS env");
    for (size_t i = 0; i < AR_COUNT(columns); i++) {
        const char *c = columns[i];
        size_t shift = i * 2 + 3;

        ar_buf_addf(&sql, ", CASE WHEN (h >> %zu) %% 16 <> 0 THEN ", shift % 40);
        if (c[0] == 'b') ar_buf_addf(&sql, "(h >> %zu) %% 3 <> 0", shift % 37);
        if (c[0] == 'n') ar_buf_addf(&sql, "((h >> %zu) %% 40)::BIGINT", shift % 31);
        if (c[0] == 't')
            ar_buf_addf(&sql,
                        "['auto', 'manual', 'managed', 'none', 'legacy'][1 + (h >> %zu) %% 5]",
                        shift % 29);
        if (c[0] == 'u')
            ar_buf_addf(&sql, "make_timestamp(%lld - ((h >> %zu) %% 200)::BIGINT * 86400000000)",
                        (long long)asof, shift % 23);
        ar_buf_addf(&sql, " END AS %s", c);
    }
    ar_buf_addf(&sql,
                ", make_timestamp(%lld - (h %% 60)::BIGINT * 3600000000) AS last_seen,"
                " CASE WHEN h %% 50 = 0 THEN make_timestamp(%lld) END AS deleted_at,"
                " h %% 97 = 0 AS gone"
                " FROM (SELECT i, (hash(i) >> 8)::BIGINT AS h FROM range(%lld) t(i));",
                (long long)asof, (long long)asof, (long long)n_rows);
    ar_buf_addf(&sql,
                "CREATE TABLE log_source AS SELECT 'asset-' || (i * 3 %% %lld) AS asset_id,"
                " make_timestamp(%lld - (hash(i) %% 50)::BIGINT * 3600000000) AS last_event_at"
                " FROM range(%lld) t(i)",
                (long long)n_rows, (long long)asof, (long long)n_rows / 2);
    must(ar_engine_exec(engine, sql.ptr));
}

static int domain_number(ar_str name)
{
    int64_t n;

    if (!ar_str_int(ar_str_cut(name, 1, name.len), &n) || n < 0 || n >= DOMAINS) abort();
    return (int)n;
}

/* ---- the three ways ---- */

static void by_function(ar_engine *engine, const ar_kind *kind, const ar_standard *const *standards,
                        size_t n, ar_time asof, ar_arena *arena, counts out)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_scans scans;
    ar_scan scan;

    must(ar_scans_open(engine, arena, &scans));
    must(ar_scan_make(&scans, kind, standards, n, asof, true, &scan));
    ar_buf_addf(&sql, "SELECT a.domain_id, ar_verdict_count(%.*s) FROM %.*s GROUP BY a.domain_id",
                AR_FMT(scan.verdict), AR_FMT(scan.from));
    must(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        int domain = domain_number(ar_rows_get(rows, 0).s);
        ar_str rest = ar_rows_get(rows, 1).s, part, word;

        while (ar_str_split(&rest, ';', &part)) {
            int64_t v[4] = { 0 };

            for (int i = 0; i < 4; i++)
                if (!ar_str_split(&part, ' ', &word) || !ar_str_int(word, &v[i])) abort();
            for (int s = AR_PASS; s <= AR_UNKNOWN; s++) out[domain][v[0]][s] = v[s];
        }
    }
}

static void by_masks(ar_engine *engine, const ar_standard *const *standards, size_t n, ar_time asof,
                     ar_arena *arena, counts out)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    ar_buf_addz(&sql, "SELECT q.domain_id");
    for (size_t i = 0; i < n; i++)
        for (int s = AR_PASS; s <= AR_UNKNOWN; s++)
            ar_buf_addf(&sql, ", count(*) FILTER ((q.bits >> %zu) & 3 = %d)", 2 * i, s);
    ar_buf_addz(&sql, " FROM (SELECT a.domain_id, ");
    for (size_t i = 0; i < n; i++) {
        ar_buf_addz(&sql, i > 0 ? " | ((" : "((");
        ar_standard_sql(standards[i], AR_SQL_DUCKDB, asof, true, arena, &sql);
        ar_buf_addf(&sql, ")::BIGINT << %zu)", 2 * i);
    }
    ar_buf_addz(&sql, " AS bits FROM asset a) q GROUP BY q.domain_id");
    must(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        int domain = domain_number(ar_rows_get(rows, 0).s);

        for (size_t i = 0; i < n; i++)
            for (int s = AR_PASS; s <= AR_UNKNOWN; s++)
                out[domain][i][s] = ar_rows_get(rows, 3 * i + (size_t)s).i;
    }
}

static void one_by_one(ar_engine *engine, const ar_standard *const *standards, size_t n,
                       ar_time asof, ar_arena *arena, counts out)
{
    for (size_t i = 0; i < n; i++) {
        ar_auto(ar_buf) sql = { 0 };
        ar_own(ar_rows) rows = NULL;

        ar_buf_addz(&sql, "SELECT q.domain_id, q.state, count(*) FROM (SELECT a.domain_id, ");
        ar_standard_sql(standards[i], AR_SQL_DUCKDB, asof, true, arena, &sql);
        ar_buf_addz(&sql, " AS state FROM asset a) q WHERE q.state <> 0 GROUP BY ALL");
        must(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
        while (ar_rows_next(rows))
            out[domain_number(ar_rows_get(rows, 0).s)][i][ar_rows_get(rows, 1).i] =
                ar_rows_get(rows, 2).i;
    }
}

static void same(const char *what, counts a, counts b)
{
    if (memcmp(a, b, sizeof(counts)) == 0) return;
    (void)fprintf(stderr, "%s: the counts differ\n", what);
    exit(1);
}

/* Seconds by the wall and of the processors: on a busy machine only the second can be compared. */
typedef struct mark {
    double wall, cpu;
} mark;

static mark now(void)
{
    struct timespec wall, cpu;

    (void)clock_gettime(CLOCK_MONOTONIC, &wall);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (mark){ (double)wall.tv_sec + (double)wall.tv_nsec / 1e9,
                   (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9 };
}

/* `first` is what ratios are to; it is taken from the first report. */
static void report(const char *what, mark from, mark *first)
{
    struct rusage use;
    mark to = now(), took = { to.wall - from.wall, to.cpu - from.cpu };

    if (first->wall <= 0) *first = took;
    (void)getrusage(RUSAGE_SELF, &use);
    printf("%-36s %6.2f s %6.2f s of CPU %6.2f x wall %6.2f x CPU %6.2f GB at most so far\n", what,
           took.wall, took.cpu, took.wall / first->wall, took.cpu / first->cpu,
           (double)use.ru_maxrss / (1024.0 * 1024.0));
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static counts function, masks, single, exists, exists_sql;
    int64_t rows = 10000000, threads = 2;
    char folder[] = "/tmp/aright-bench-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;
    ar_time asof;
    ar_kinds kinds;
    const ar_kind *kind;
    const ar_standard *standards[STANDARDS], *telemetry;

    if (argc > 1 && (!ar_str_int(ar_str_of(argv[1]), &rows) || rows < 1)) return 2;
    if (argc > 2 && (!ar_str_int(ar_str_of(argv[2]), &threads) || threads < 1)) return 2;
    if (mkdtemp(folder) == NULL) return 1;
    ar_place place = { .home = folder, .data = folder };
    ar_engine_options options = { .threads = (int)threads,
                                  .memory_bytes = UINT64_C(4) << 30,
                                  .temp_dir = folder };

    must(ar_time_parse(AR_LIT("2026-11-21"), &asof));
    write_kinds(&place, &arena);
    must(ar_kinds_load(&place, &arena, &kinds));
    must(ar_kinds_find(&kinds, AR_LIT("asset"), &kind));
    for (int i = 0; i < STANDARDS; i++)
        standards[i] = make_standard(&kinds, i, shapes[(size_t)i % AR_COUNT(shapes)].where,
                                     shapes[(size_t)i % AR_COUNT(shapes)].pass, &arena);
    telemetry =
        make_standard(&kinds, 31, NULL,
                      "EXISTS log_sources WHERE last_event_at > :asof - INTERVAL 24 HOUR", &arena);
    must(ar_engine_open(&options, &engine));
    fill(engine, rows, asof);

    mark first = { 0 }, from = now();
    by_function(engine, kind, standards, STANDARDS, asof, &arena, function);
    report("function and aggregate, 31 standards", from, &first);

    from = now();
    by_masks(engine, standards, STANDARDS, asof, &arena, masks);
    same("SQL masks", function, masks);
    report("SQL masks, 31 standards", from, &first);

    from = now();
    one_by_one(engine, standards, STANDARDS, asof, &arena, single);
    same("one query a standard", function, single);
    report("one query a standard, 31 standards", from, &first);

    from = now();
    by_function(engine, kind, &telemetry, 1, asof, &arena, exists);
    report("MD-1's EXISTS by the function", from, &first);

    from = now();
    one_by_one(engine, &telemetry, 1, asof, &arena, exists_sql);
    same("MD-1", exists, exists_sql);
    report("MD-1's EXISTS as SQL", from, &first);
    return ar_dir_remove(folder).code != AR_OK;
}
