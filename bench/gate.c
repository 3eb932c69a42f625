/* gate: what a gate says of one row after the other beside what a scan says of all: 10 million
 * random rows under 31 standards. Ends with 1 when one verdict differs. bench_gate [ROWS] */
#include "made.h"
#include "standard/row.h"

typedef struct tally {
    int64_t rows, differences, states[4];
    double seconds; /* of the gate's way alone */
} tally;

static double cpu(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count(tally *t, int64_t by_scan, int64_t by_gate)
{
    t->rows++;
    t->differences += by_scan != by_gate;
    for (int i = 0; i < STANDARDS; i++) t->states[by_gate >> (2 * i) & 3]++;
}

/* The row at hand, as a gate is given it. */
static void take_row(ar_rows *rows, ar_row *row)
{
    for (size_t i = 0; i < row->scope->n_columns; i++) row->values[i] = ar_rows_get(rows, i);
}

static void judge_all(ar_engine *engine, const ar_scan *scan, const ar_panel *panel, ar_row *row,
                      tally *t)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    size_t n = row->scope->n_columns;

    ar_buf_addz(&sql, "SELECT ");
    for (size_t i = 0; i < n; i++)
        ar_buf_addf(&sql, "a.\"%.*s\", ", AR_FMT(row->scope->columns[i].name));
    ar_buf_addf(&sql, "%.*s FROM %.*s", AR_FMT(scan->verdict), AR_FMT(scan->from));
    must(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_auto(ar_arena) arena = { 0 };
        int64_t verdict = 0;

        take_row(rows, row);
        double from = cpu();
        must(ar_row_verdict(panel, row, &arena, &verdict));
        t->seconds += cpu() - from;
        count(t, ar_rows_get(rows, n).i, verdict);
    }
}

/* What the made estate does not have. */
static void add_missing(ar_engine *engine, const ar_expr_scope *scope)
{
    for (size_t i = 0; i < scope->n_columns; i++) {
        ar_auto(ar_buf) sql = { 0 };

        ar_buf_addf(&sql, "ALTER TABLE asset ADD COLUMN IF NOT EXISTS \"%.*s\" %s",
                    AR_FMT(scope->columns[i].name), ar_sql_type(scope->columns[i].type));
        must(ar_engine_exec(engine, sql.ptr));
    }
}

static void report(const tally *t)
{
    printf("%lld rows x %d standards: %lld differences\n", (long long)t->rows, STANDARDS,
           (long long)t->differences);
    printf("out %lld, pass %lld, fail %lld, unknown %lld\n", (long long)t->states[AR_OUT],
           (long long)t->states[AR_PASS], (long long)t->states[AR_FAIL],
           (long long)t->states[AR_UNKNOWN]);
    printf("%.2f us of CPU a row\n", 1e6 * t->seconds / (double)t->rows);
}

int main(int argc, char **argv)
{
    int64_t rows = 10000000;
    char folder[] = "/tmp/aright-bench-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;
    ar_engine_options options = { .threads = 2, .memory_bytes = UINT64_C(4) << 30 };
    ar_node nothing = { 0 };
    const ar_standard *standards[STANDARDS];
    const ar_panel *panel;
    const ar_kind *kind;
    ar_kinds kinds;
    ar_scans scans;
    ar_scan scan;
    ar_time asof;
    ar_row row;
    tally t = { 0 };

    if (argc > 1 && (!ar_str_int(ar_str_of(argv[1]), &rows) || rows < 1)) return 2;
    if (mkdtemp(folder) == NULL) return 1;
    ar_place place = { .home = folder, .data = folder };

    options.temp_dir = folder;
    must(ar_time_parse(AR_LIT("2026-11-21"), &asof));
    write_kinds(&place, &arena);
    must(ar_kinds_load(&place, &arena, &kinds));
    must(ar_kinds_find(&kinds, AR_LIT("asset"), &kind));
    make_standards(&kinds, &arena, standards);
    must(ar_engine_open(&options, &engine));
    fill(engine, rows, asof);
    add_missing(engine, &kind->scope);
    must(ar_scans_open(engine, &arena, &scans));
    must(ar_scan_make(&scans, kind, kind->name, standards, STANDARDS, asof, false, &scan));
    must(ar_panel_make(standards, STANDARDS, asof, &arena, &panel));
    must(ar_row_read(AR_LIT("row"), &kind->scope, &nothing, asof, &arena, &row));
    judge_all(engine, &scan, panel, &row, &t);
    report(&t);
    return ar_dir_remove(folder).code != AR_OK || t.differences > 0;
}
