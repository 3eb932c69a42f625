/* evaluate: 10 million assets under 31 standards of one kind, the four states counted per domain:
 * our function and aggregate beside SQL that gives the same counts. Prints seconds, and ratios to
 * the first. MD-1's EXISTS apart.
 *   bench_evaluate [ROWS [THREADS]] */
#include "made.h"

#include <sys/resource.h>

enum { DOMAINS = 20, STATES = 4 };

typedef int64_t counts[DOMAINS][STANDARDS][STATES];

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
    must(ar_scan_make(&scans, kind, kind->name, standards, n, asof, true, &scan));
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
    make_standards(&kinds, &arena, standards);
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
