/* bench_expr: 31 conditions over generated assets: one row at a time, and ten million in batches.
 * The counts of true rows are first held against DuckDB's own over the SQL that is printed. */
#include "expr/expr.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROWS = 1000000, /* in memory, run over PASSES times */
    PASSES = 10,
    BATCH = 2048,
    SINGLES = 20000,
    ROW_LIMIT_NS = 20000,
};

#define ASOF INT64_C(1795219200000000)

static const ar_expr_column columns[] = {
    { AR_LIT("owner_id"), AR_TEXT },
    { AR_LIT("env"), AR_TEXT },
    { AR_LIT("auth_kind"), AR_TEXT },
    { AR_LIT("created_via"), AR_TEXT },
    { AR_LIT("class"), AR_TEXT },
    { AR_LIT("firmware"), AR_TEXT },
    { AR_LIT("firmware_baseline"), AR_TEXT },
    { AR_LIT("created_at"), AR_TIME },
    { AR_LIT("last_seen"), AR_TIME },
    { AR_LIT("expires_at"), AR_TIME },
    { AR_LIT("rotated_at"), AR_TIME },
    { AR_LIT("deleted_at"), AR_TIME },
    { AR_LIT("secret_count"), AR_INT },
    { AR_LIT("proofing_level"), AR_INT },
    { AR_LIT("retention_days"), AR_INT },
    { AR_LIT("rotation_period_days"), AR_INT },
    { AR_LIT("version"), AR_INT },
    { AR_LIT("latest"), AR_INT },
    { AR_LIT("satisfaction"), AR_DOUBLE },
    { AR_LIT("hsm_backed"), AR_BOOL },
    { AR_LIT("extractable"), AR_BOOL },
    { AR_LIT("is_service"), AR_BOOL },
    { AR_LIT("enrolled"), AR_BOOL },
    { AR_LIT("enforced"), AR_BOOL },
    { AR_LIT("critical"), AR_BOOL },
    { AR_LIT("public_access"), AR_BOOL },
};
enum { COLUMNS = AR_COUNT(columns) };

static const ar_expr_scope scope = { .what = AR_LIT("kind asset"),
                                     .columns = columns,
                                     .n_columns = COLUMNS };
static const ar_expr_param params[] = { { AR_LIT("asof"), { .type = AR_TIME, .i = ASOF } } };

/* In the shapes and the mixture of the standards table. */
static const char *const conditions[] = {
    "hsm_backed AND NOT extractable AND enforced AND rotated_at > :asof - INTERVAL 30 DAY",
    "created_via = 'auto' AND secret_count = 0 AND rotated_at > :asof - INTERVAL "
    "rotation_period_days DAY",
    "is_service OR (proofing_level >= 2 AND NOT public_access)",
    "is_service OR (enrolled AND enforced AND secret_count = 0)",
    "secret_count = 0 AND auth_kind IN ('managed', 'federated')",
    "enforced AND secret_count = 0",
    "version = 0 OR latest = version",
    "NOT critical OR auth_kind = 'standard'",
    "created_via = 'governed' AND owner_id IS NOT NULL AND (class <> 'ephemeral' OR expires_at <= "
    "created_at + INTERVAL 90 DAY) AND (deleted_at IS NOT NULL OR last_seen > :asof - INTERVAL 90 "
    "DAY)",
    "class <> 'legacy'",
    "enforced AND (NOT is_service OR owner_id IS NOT NULL) AND (last_seen > :asof - INTERVAL 90 "
    "DAY OR created_at > :asof - INTERVAL 30 DAY)",
    "owner_id IS NOT NULL AND expires_at IS NOT NULL AND rotated_at IS NOT NULL",
    "owner_id IS NOT NULL AND firmware = firmware_baseline AND proofing_level <= 1",
    "class <> 'crash_dump' OR (owner_id IS NOT NULL AND enforced AND enrolled)",
    "NOT critical OR (auth_kind = 'eligible' AND retention_days <= 8 AND expires_at IS NOT NULL)",
    "is_service OR enforced",
    "NOT critical OR (enrolled AND enforced AND last_seen > :asof - INTERVAL 7 DAY AND "
    "secret_count = 0)",
    "rotated_at > :asof - INTERVAL 90 DAY AND enforced AND firmware = firmware_baseline",
    "created_via = 'template' AND NOT public_access AND rotated_at > :asof - INTERVAL 365 DAY",
    "NOT critical OR (NOT public_access AND created_via = 'enforced')",
    "owner_id IS NOT NULL AND last_seen <= created_at + INTERVAL 1 DAY",
    "expires_at <= created_at + INTERVAL 7 DAY",
    "NOT (class IN ('collection_admin', 'project_admin') AND auth_kind <> 'eligible') AND "
    "(version IS NULL OR latest <= version)",
    "NOT critical OR (enforced AND version >= latest - 1)",
    "enforced AND is_service AND retention_days >= 730",
    "coalesce(deleted_at, :asof) <= expires_at OR (rotated_at < expires_at AND owner_id IS NOT "
    "NULL)",
    "retention_days <= 0 OR satisfaction >= 3.5",
    "env IN ('production', 'productivity') AND deleted_at IS NULL",
    "last_seen > :asof - INTERVAL 1 DAY",
    "expires_at IS NOT NULL AND expires_at <= created_at + INTERVAL 180 DAY AND owner_id IS NOT "
    "NULL",
    "created_at < :asof - INTERVAL 7 DAY OR last_seen <= created_at + INTERVAL 1 DAY",
};
enum { CONDITIONS = AR_COUNT(conditions) };
static_assert(CONDITIONS == 31);

static const char *const words[] = { "auto",         "managed",  "federated",  "standard",
                                     "governed",     "template", "eligible",   "production",
                                     "test",         "legacy",   "crash_dump", "enforced",
                                     "project_admin" };

static uint64_t state = 1;

static uint64_t pick(uint64_t n)
{
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % n;
}

static ar_vector_out new_column(enum ar_type type, size_t n, ar_arena *arena)
{
    size_t width = type == AR_TEXT ? sizeof(ar_str) : type == AR_BOOL ? 1 : 8;
    ar_vector_out v = { .type = type, .valid = ar_make_n(arena, uint64_t, n / 64 + 1) };

    memset(v.valid, 0xff, (n / 64 + 1) * sizeof *v.valid);
    v.data = ar_arena_take_n(arena, n, width);
    return v;
}

static void fill(ar_vector_out *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (pick(10) == 0) ar_vector_clear(v, i);
        if (v->type == AR_BOOL) v->b[i] = pick(4) != 0;
        if (v->type == AR_INT) v->i[i] = (int64_t)pick(4);
        if (v->type == AR_DOUBLE) v->d[i] = (double)pick(50) / 10;
        if (v->type == AR_TEXT) v->s[i] = ar_str_of(words[pick(AR_COUNT(words))]);
        if (v->type == AR_TIME) v->i[i] = ASOF - (int64_t)pick(200) * AR_DAY;
    }
}

static void check(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "bench_expr: %.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- ours ---- */

struct ours {
    ar_arena arena;
    const ar_expr *exprs[CONDITIONS];
    const ar_program *program;
    ar_vector data[COLUMNS];
    size_t of_input[COLUMNS]; /* which column an input is */
    size_t n_inputs;
};

static void make(struct ours *o)
{
    for (size_t i = 0; i < CONDITIONS; i++)
        check(ar_expr_parse_as(AR_BOOL, &scope, params, 1, (ar_expr_place){ 0 },
                               ar_str_of(conditions[i]), &o->arena, &o->exprs[i]));
    check(ar_program_compile(o->exprs, CONDITIONS, params, 1, &o->arena, &o->program));

    const ar_program_input *in = ar_program_inputs(o->program, &o->n_inputs);

    for (size_t i = 0; i < o->n_inputs; i++)
        for (size_t c = 0; c < COLUMNS; c++)
            if (ar_str_eq(in[i].column, columns[c].name)) o->of_input[i] = c;
    for (size_t c = 0; c < COLUMNS; c++) {
        ar_vector_out v = new_column(columns[c].type, ROWS, &o->arena);

        fill(&v, ROWS);
        o->data[c] = (ar_vector){ .type = v.type, .valid = v.valid, .data = v.data };
    }
}

static ar_vector part(ar_vector v, size_t row)
{
    size_t width = v.type == AR_TEXT ? sizeof(ar_str) : v.type == AR_BOOL ? 1 : 8;

    v.valid += row / 64;
    v.data = (const char *)v.data + row * width;
    return v;
}

/* All rows once, in the engine's batches; adds up the true rows of each condition. */
static void run_all(const struct ours *o, ar_vector_out *results, size_t *counts)
{
    ar_vector inputs[COLUMNS];

    for (size_t row = 0; row < ROWS; row += BATCH) {
        size_t n = ROWS - row < BATCH ? ROWS - row : BATCH;

        for (size_t i = 0; i < o->n_inputs; i++) inputs[i] = part(o->data[o->of_input[i]], row);
        ar_program_run(o->program, inputs, n, NULL, results);
        if (counts == NULL) continue;
        for (size_t k = 0; k < CONDITIONS; k++)
            for (size_t i = 0; i < n; i++)
                counts[k] += results[k].b[i] && (results[k].valid[i / 64] >> (i % 64) & 1);
    }
}

static ar_value value_at(const ar_vector *v, size_t row)
{
    if (!ar_vector_has(v, row)) return ar_null();
    if (v->type == AR_BOOL) return ar_bool(v->b[row]);
    if (v->type == AR_DOUBLE) return ar_double(v->d[row]);
    if (v->type == AR_TEXT) return ar_text(v->s[row]);
    return (ar_value){ .type = v->type, .i = v->i[row] };
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void one_row(const struct ours *o)
{
    static int64_t took[SINGLES];
    ar_value inputs[COLUMNS], results[CONDITIONS];

    for (size_t k = 0; k < SINGLES; k++) {
        struct timespec from, to;
        size_t row = pick(ROWS);

        for (size_t i = 0; i < o->n_inputs; i++)
            inputs[i] = value_at(&o->data[o->of_input[i]], row);
        (void)clock_gettime(CLOCK_MONOTONIC, &from);
        ar_program_row(o->program, inputs, NULL, results);
        (void)clock_gettime(CLOCK_MONOTONIC, &to);
        took[k] = (to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
    }
    qsort(took, SINGLES, sizeof took[0], by_time);
    printf("one row, 31 conditions: p50 %.2f us, p99 %.2f us; p50 is %.3f of the limit of %d us\n",
           (double)took[SINGLES / 2] / 1e3, (double)took[SINGLES * 99 / 100] / 1e3,
           (double)took[SINGLES / 2] / ROW_LIMIT_NS, ROW_LIMIT_NS / 1000);
}

/* ---- the engine's ---- */

static void load(const struct ours *o, ar_engine *engine)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_append) append = NULL;

    ar_buf_addz(&sql, "CREATE TABLE asset (");
    for (size_t c = 0; c < COLUMNS; c++) {
        ar_buf_addz(&sql, c > 0 ? ", " : "");
        ar_sql_name(&sql, columns[c].name);
        ar_buf_addf(&sql, " %s", ar_sql_type(columns[c].type));
    }
    ar_buf_addz(&sql, ")");
    check(ar_engine_exec(engine, sql.ptr));
    check(ar_append_open(engine, "asset", &append));
    check(ar_append_batch(append, o->data, COLUMNS, ROWS));
    check(ar_append_close(&append));
}

/* How long DuckDB takes for the same counts over the same rows, on one thread. */
static double engine_counts(const struct ours *o, size_t *counts)
{
    ar_own(ar_engine) engine = NULL;
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_engine_options options = { .threads = 1 };
    struct timespec from, to;

    check(ar_engine_open(&options, &engine));
    load(o, engine);
    for (size_t k = 0; k < CONDITIONS; k++) {
        ar_buf_addz(&sql, k == 0 ? "SELECT count(*) FILTER (" : "), count(*) FILTER (");
        ar_expr_sql(o->exprs[k], AR_SQL_DUCKDB, params, 1, AR_LIT("a"), &sql);
    }
    ar_buf_addz(&sql, ") FROM asset AS a");
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    check(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    if (!ar_rows_next(rows)) exit(1);
    for (size_t k = 0; k < CONDITIONS; k++) counts[k] = (size_t)ar_rows_get(rows, k).i;
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(void)
{
    struct ours o = { 0 };
    ar_vector_out results[CONDITIONS];
    size_t counts[CONDITIONS] = { 0 }, theirs[CONDITIONS];

    make(&o);
    for (size_t k = 0; k < CONDITIONS; k++) results[k] = new_column(AR_BOOL, BATCH, &o.arena);
    run_all(&o, results, counts);

    double engine = engine_counts(&o, theirs);

    for (size_t k = 0; k < CONDITIONS; k++)
        if (counts[k] != theirs[k])
            return printf("%s: %zu rows here, %zu there\n", conditions[k], counts[k], theirs[k]), 1;
    printf("31 conditions over %d rows: the same counts in C and in DuckDB\n", ROWS);

    one_row(&o);

    double from = seconds();

    for (size_t pass = 0; pass < PASSES; pass++) run_all(&o, results, NULL);

    double took = seconds() - from;

    printf("10 million rows, 31 conditions, one core: %.2f s; %.3f of DuckDB's %.2f s\n", took,
           took / (engine * PASSES), engine * PASSES);
    ar_arena_done(&o.arena);
    return 0;
}
