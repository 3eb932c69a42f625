/* lookup: the index of verdicts of an estate under 31 standards: what it takes to write it, and to
 * follow a day after a day in which 1 % of the verdicts change; how large it is; then assets asked
 * for by their id, half of them there and half not. Each answer is first compared with the
 * estate's. bench_lookup [ASSETS [DAYS]] */
#include "estate/estate.h"
#include "lookup/index.h"
#include "lookup/publish.h"
#include "made.h"
#include "standard/tables.h"

#include <sys/stat.h>

enum { LOOKUPS = 2000000, SAMPLE = 200000 };

typedef struct bench {
    ar_arena arena;
    ar_place place;
    ar_engine *engine;
    int64_t n_assets;
} bench;

static int64_t ticks_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- an estate that has judged ---- */

static void open_estate(bench *b)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, ar_standard_migrations,
                                                 ar_lookup_migrations, NULL };
    ar_engine_options options = { .path = ar_path_join(&b->arena, b->place.home, "estate"),
                                  .threads = 2,
                                  .memory_bytes = UINT64_C(4) << 30,
                                  .temp_dir = b->place.home };
    ar_ctx ctx = { .place = &b->place, .arena = &b->arena };

    must(ar_engine_open(&options, &b->engine));
    must(ar_migrate(b->engine, lists, 0, NULL, NULL, NULL));
    ctx.engine = b->engine;
    must(ar_lookup_opened(&ctx));
}

/* What 31 standards say of each is any bits. */
static void judge_all(bench *b)
{
    ar_auto(ar_buf) sql = { 0 };

    for (int i = 0; i < STANDARDS; i++)
        ar_buf_addf(&sql,
                    "INSERT INTO ar.verdict_slot VALUES ('made', 0, %d, 'B-%d');"
                    "INSERT INTO ar.standard (id, hash, last_judged) VALUES"
                    " ('B-%d', 'h', TIMESTAMP '2026-01-01');",
                    i, i, i);
    ar_buf_addf(&sql,
                "INSERT INTO ar.evaluation (id, judged_at, as_of) VALUES"
                " (1, TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01');"
                "INSERT INTO ar.verdict (number, judged, batch, kind, asset_id, bits, there)"
                " SELECT i, 'made', 0, 'made', 'asset-' || i, (hash(i) >> 2)::BIGINT, true"
                " FROM range(%lld) r(i)",
                (long long)b->n_assets);
    must(ar_engine_exec(b->engine, sql.ptr));
}

/* One in a hundred of them is another, and noted as an evaluation does. */
static int64_t judge_day(bench *b, int64_t day)
{
    ar_str sql = ar_arena_printf(
        &b->arena,
        "UPDATE ar.verdict SET bits = (hash(number + %lld * 7919) >> 2)::BIGINT"
        " WHERE hash(number * 31 + %lld) %% 100 = 0;"
        "INSERT INTO ar.verdict_change SELECT 'made/0', kind, asset_id, bits,"
        " TIMESTAMP '2026-01-01', there FROM ar.verdict WHERE hash(number * 31 + %lld) %% 100 = 0;"
        "INSERT INTO ar.evaluation (id, judged_at, as_of) VALUES"
        " (%lld, TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01')",
        (long long)day, (long long)day, (long long)day, (long long)(day + 1));
    ar_value n;

    must(ar_engine_exec(b->engine, sql.ptr));
    must(ar_engine_value(b->engine, AR_LIT("SELECT count(*) FROM ar.verdict_change"), NULL, 0,
                         &b->arena, &n));
    return n.i;
}

/* ---- writing it ---- */

static const char *folder(bench *b)
{
    return ar_lookup_folder(&b->place, &b->arena);
}

static int64_t size_of(bench *b)
{
    ar_str *names;
    size_t n;
    int64_t size = 0;

    must(ar_dir_list(folder(b), &b->arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        struct stat st;

        if (stat(ar_path_join(&b->arena, folder(b), names[i].ptr), &st) == 0) size += st.st_size;
    }
    return size;
}

static double publish(bench *b, const char *what, int64_t changes)
{
    ar_ctx ctx = { .place = &b->place, .arena = &b->arena, .engine = b->engine };
    int64_t from = ticks_ns(), size;
    double took;

    must(ar_lookup_publish(&ctx));
    took = (double)(ticks_ns() - from) / 1e9;
    size = size_of(b);
    printf("%-10s %9lld verdicts written  %6.2f s  %7.1f MB, %.1f bytes an asset\n", what,
           (long long)changes, took, (double)size / 1e6, (double)size / (double)b->n_assets);
    (void)fflush(stdout);
    return took;
}

/* ---- asking ---- */

/* What the estate says of the first SAMPLE assets. */
static int64_t differences(bench *b, const ar_lookup *l)
{
    const ar_lookup_standard *s = ar_lookup_standard_of(l, AR_LIT("B-0"));
    ar_own(ar_rows) rows = NULL;
    ar_value most = ar_int(SAMPLE);
    int64_t n = 0;

    must(ar_engine_query(b->engine,
                         AR_LIT("SELECT asset_id, bits FROM ar.verdict ORDER BY hash(number)"
                                " LIMIT $1"),
                         &most, 1, &rows));
    while (ar_rows_next(rows)) {
        const ar_lookup_entry *entry;

        must(ar_lookup_verdict(l, s, AR_LIT("made"), ar_rows_get(rows, 0).s, &entry));
        n += entry == NULL || entry->bits != ar_rows_get(rows, 1).i;
    }
    return n;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t measure(bench *b, const ar_lookup *l)
{
    const ar_lookup_standard *s = ar_lookup_standard_of(l, AR_LIT("B-0"));
    int64_t *took = ar_make_n(&b->arena, int64_t, LOOKUPS), begin = ticks_ns(), wrong = 0;
    uint64_t seed = 1;

    for (size_t i = 0; i < LOOKUPS; i++) {
        const ar_lookup_entry *entry;
        char id[32];
        int64_t number, from;

        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        number = (int64_t)((seed >> 33) % (uint64_t)b->n_assets) + (i % 2 ? b->n_assets : 0);
        from = ticks_ns();
        int len = snprintf(id, sizeof id, "asset-%lld", (long long)number);
        must(ar_lookup_verdict(l, s, AR_LIT("made"), (ar_str){ id, (size_t)len }, &entry));
        took[i] = ticks_ns() - from;
        wrong += (entry == NULL) != (i % 2);
    }
    double all = (double)(ticks_ns() - begin) / 1e9;

    qsort(took, LOOKUPS, sizeof *took, by_size);
    printf("%d lookups, half of what is not there: %.0f a second, p50 %.2f us, p99 %.2f us,"
           " p99.9 %.2f us; %lld wrong\n",
           LOOKUPS, LOOKUPS / all, (double)took[LOOKUPS / 2] / 1e3,
           (double)took[LOOKUPS / 100 * 99] / 1e3, (double)took[LOOKUPS / 1000 * 999] / 1e3,
           (long long)wrong);
    return wrong;
}

static int64_t number(int argc, char **argv, int at, int64_t absent)
{
    int64_t n = absent;

    if (argc > at && (!ar_str_int(ar_str_of(argv[at]), &n) || n < 1)) exit(2);
    return n;
}

int main(int argc, char **argv)
{
    bench b = { .n_assets = number(argc, argv, 1, 10000000) };
    int64_t days = number(argc, argv, 2, 14), wrong;
    char home[] = "/tmp/aright-bench-XXXXXX";
    double took, most = 0, all = 0;
    ar_lookup *lookup = NULL;

    if (mkdtemp(home) == NULL) return 1;
    b.place = (ar_place){ .home = home, .data = home };
    open_estate(&b);
    judge_all(&b);
    (void)publish(&b, "all", b.n_assets);
    for (int64_t day = 1; day <= days; day++) {
        int64_t n = judge_day(&b, day);

        took = publish(&b, ar_arena_printf(&b.arena, "day %lld", (long long)day).ptr, n);
        most = took > most ? took : most;
        all += took;
    }
    printf("a day: %.2f s, at most %.2f s\n", all / (double)days, most);
    must(ar_lookup_open(folder(&b), &lookup));
    wrong = differences(&b, lookup);
    printf("%lld differences in %d assets, in %zu segments\n", (long long)wrong, SAMPLE,
           ar_lookup_manifest_of(lookup)->n_parts);
    wrong += measure(&b, lookup);
    ar_lookup_free(&lookup);
    ar_engine_free(&b.engine);
    must(ar_dir_remove(home));
    return wrong != 0;
}
