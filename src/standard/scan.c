#include "standard/scan.h"

#include <ctype.h>
#include <stdlib.h>

enum {
    WORDS = AR_ENGINE_BATCH / 64,
    EXPRS_MAX = 2 * AR_SCAN_SLOTS,
    OWN_ARGS = 3, /* deleted_at, last_seen, gone: behind the program's inputs */
};

typedef struct slot {
    bool used;
    bool names_deleted;
    size_t pass;
    size_t where; /* EXPRS_MAX: everything is in scope */
    size_t age;   /* of plan.limits */
} slot;

typedef struct plan {
    const ar_program *program;
    size_t n_inputs;
    size_t n_exprs;
    slot slots[AR_SCAN_SLOTS];
    ar_time limits[AR_SCAN_SLOTS + 1]; /* facts seen before are old; AR_TIME_MIN: never */
    size_t n_limits;
} plan;

/* What the engine calls. An engine cannot forget a function, so each name is registered once and
 * looks up here what it judges by at present; the cells are as many as there are kinds with their
 * sets of columns, and stay. */
typedef struct cell {
    struct cell *next;
    ar_str name;
    const plan *plan;
} cell;

static cell *cells;

static cell *cell_of(ar_str name)
{
    cell *c = cells;

    while (c != NULL && !ar_str_eq(c->name, name)) c = c->next;
    if (c != NULL) return c;
    c = calloc(1, sizeof *c);
    if (c == NULL) abort();
    c->name = (ar_str){ strndup(name.ptr, name.len), name.len };
    if (c->name.ptr == NULL) abort();
    c->next = cells;
    return cells = c;
}

/* ---- the verdicts of a batch ---- */

/* Truth and presence of 64 rows as two words; rows behind the batch's end are whatever they are. */
static uint64_t pack_bools(const bool *rows)
{
    uint64_t word = 0;

    for (int i = 0; i < 8; i++) {
        uint64_t eight;

        memcpy(&eight, rows + 8 * i, 8);
        word |= ((eight & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080)) >>
                56 << (8 * i);
    }
    return word;
}

/* A 64 × 64 matrix of bits turned on its diagonal: bit k of word i becomes bit i of word k. */
static void transpose(uint64_t m[static 64])
{
    uint64_t mask = UINT64_C(0x00000000ffffffff);

    for (unsigned j = 32; j != 0; j >>= 1, mask ^= mask << j)
        for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
            uint64_t t = (m[k] >> j ^ m[k + j]) & mask;

            m[k] ^= t << j;
            m[k + j] ^= t;
        }
}

typedef struct batch {
    bool truth[EXPRS_MAX][AR_ENGINE_BATCH];
    uint64_t valid[EXPRS_MAX][WORDS];
} batch;

static uint64_t valid_word(const ar_vector *v, size_t word)
{
    return v->valid == NULL ? UINT64_MAX : v->valid[word];
}

/* Which of the 64 rows from `from` on were last seen before `limit`, or never. */
static uint64_t old_word(const ar_vector *seen, size_t from, size_t n, ar_time limit)
{
    uint64_t old = 0;

    if (limit == AR_TIME_MIN) return 0;
    for (size_t i = 0; i < n; i++) old |= (uint64_t)(seen->i[from + i] < limit) << i;
    return old | ~valid_word(seen, from / 64);
}

static uint64_t true_word(const ar_vector *v, size_t from, size_t n)
{
    uint64_t word = 0;

    for (size_t i = 0; i < n; i++) word |= (uint64_t)(v->b[from + i] & 1) << i;
    return word & valid_word(v, from / 64);
}

/* ar_state_of for 64 rows at once: its two bits as two words. */
static void judge(const slot *s, const batch *b, size_t word, uint64_t deleted, uint64_t old,
                  uint64_t out_planes[static 2])
{
    uint64_t where = UINT64_MAX, where_known = UINT64_MAX;
    uint64_t pass = pack_bools(&b->truth[s->pass][64 * word]);
    uint64_t known = b->valid[s->pass][word];
    uint64_t out, unknown;

    if (s->where != EXPRS_MAX) {
        where = pack_bools(&b->truth[s->where][64 * word]);
        where_known = b->valid[s->where][word];
    }
    out = (where_known & ~where) | (s->names_deleted ? 0 : deleted);
    unknown = ~out & (~where_known | ~known | (old & ~deleted));
    out_planes[0] = ~out & (unknown | pass);  /* pass and unknown are odd */
    out_planes[1] = ~out & (unknown | ~pass); /* fail and unknown are 2 and more */
}

static void judge_word(const plan *p, const batch *b, const ar_vector *own, size_t word, size_t n,
                       int64_t *out)
{
    uint64_t planes[64] = { 0 }, old[AR_SCAN_SLOTS + 1];
    uint64_t deleted = valid_word(&own[0], word);
    uint64_t gone = true_word(&own[2], 64 * word, n);

    for (size_t i = 0; i < p->n_limits; i++)
        old[i] = gone | old_word(&own[1], 64 * word, n, p->limits[i]);
    for (size_t i = 0; i < AR_SCAN_SLOTS; i++)
        if (p->slots[i].used)
            judge(&p->slots[i], b, word, deleted, old[p->slots[i].age], &planes[2 * i]);
    transpose(planes);
    for (size_t i = 0; i < n; i++) out[64 * word + i] = (int64_t)planes[i];
}

static ar_err run(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    const plan *p = ((const cell *)self)->plan;
    ar_auto(ar_arena) scratch = { 0 };
    ar_vector_out results[EXPRS_MAX];
    batch b;

    for (size_t i = 0; i < p->n_exprs; i++) {
        memset(b.valid[i], 0xff, sizeof b.valid[i]);
        results[i] = (ar_vector_out){ .type = AR_BOOL, .valid = b.valid[i], .b = b.truth[i] };
    }
    ar_program_run(p->program, args, n_rows, &scratch, results);
    for (size_t word = 0; 64 * word < n_rows; word++) {
        size_t n = n_rows - 64 * word;

        judge_word(p, &b, args + p->n_inputs, word, n < 64 ? n : 64, out->i);
    }
    return ar_ok();
}

/* ---- making the function ---- */

/* Whether the parameter whose name begins there is :asof, which all share. */
static bool is_asof(const ar_buf *text, size_t from)
{
    size_t to = from;

    while (to < text->len && (isalnum((unsigned char)text->ptr[to]) || text->ptr[to] == '_')) to++;
    return ar_str_eq(ar_str_cut(ar_buf_str(text), from, to), AR_LIT("asof"));
}

/* An expression again, its own parameters named after its slot, so that the standards of a kind can
 * share one program although each has its own :idle_days. */
static ar_err rename_params(const ar_standard *s, size_t at, const ar_expr *expr,
                            const ar_expr_param *params, size_t n, ar_arena *arena,
                            const ar_expr **out)
{
    ar_auto(ar_buf) text = { 0 }, renamed = { 0 };
    ar_expr_place place = { s->file, 1, 1 };
    bool quoted = false;

    ar_expr_print(expr, &text);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'') quoted = !quoted;
        ar_buf_addc(&renamed, text.ptr[i]);
        if (!quoted && text.ptr[i] == ':' && !is_asof(&text, i + 1))
            ar_buf_addf(&renamed, "s%zu_", at);
    }
    return ar_expr_parse_as(AR_BOOL, &s->kind->scope, params, n, place,
                            ar_arena_copy(arena, ar_buf_str(&renamed)), arena, out);
}

static size_t limit_of(plan *p, ar_time limit)
{
    for (size_t i = 0; i < p->n_limits; i++)
        if (p->limits[i] == limit) return i;
    p->limits[p->n_limits] = limit;
    return p->n_limits++;
}

static ar_err fill_plan(plan *p, const ar_standard *const *standards, size_t n, ar_time asof,
                        ar_arena *arena)
{
    const ar_expr *exprs[EXPRS_MAX];
    ar_expr_param *params;
    size_t n_params = 1;

    for (size_t i = 0; i < n; i++) n_params += standards[i] == NULL ? 0 : standards[i]->n_params;
    params = ar_make_n(arena, ar_expr_param, n_params);
    params[0] = (ar_expr_param){ AR_LIT("asof"), ar_at(asof) };
    n_params = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; standards[i] != NULL && k < standards[i]->n_params; k++) {
            const ar_expr_param *own = &standards[i]->params[k];

            params[n_params++] =
                (ar_expr_param){ ar_arena_printf(arena, "s%zu_%.*s", i, AR_FMT(own->name)),
                                 own->value };
        }
    for (size_t i = 0; i < n; i++) {
        const ar_standard *s = standards[i];
        slot *to = &p->slots[i];

        if (s == NULL) continue;
        *to = (slot){ .used = true, .where = EXPRS_MAX, .pass = p->n_exprs++ };
        AR_TRY(rename_params(s, i, s->pass, params, n_params, arena, &exprs[to->pass]));
        to->age = limit_of(p, s->stale_after > 0 ? asof - s->stale_after : AR_TIME_MIN);
        if (s->where == NULL) continue;
        to->where = p->n_exprs++;
        to->names_deleted = ar_standard_names_deleted(s);
        AR_TRY(rename_params(s, i, s->where, params, n_params, arena, &exprs[to->where]));
    }
    return ar_program_compile(exprs, p->n_exprs, params, n_params, arena, &p->program);
}

/* One letter a type, so that a kind judged by other columns has another function. */
static ar_str function_name(const ar_kind *kind, const enum ar_type *types, size_t n,
                            ar_arena *arena)
{
    ar_auto(ar_buf) name = { 0 };

    ar_buf_addf(&name, "ar_verdict_%.*s_", AR_FMT(kind->name));
    for (size_t i = 0; i < n; i++) ar_buf_addc(&name, "nbidsx"[types[i]]);
    return ar_arena_copy(arena, ar_buf_str(&name));
}

static ar_err register_plan(ar_scans *scans, ar_str name, const plan *p, const enum ar_type *types)
{
    cell *c = cell_of(name);
    bool new;

    c->plan = p;
    (void)ar_map_put(&scans->known, scans->arena, name, &new);
    if (!new) return ar_ok();
    return ar_engine_scalar(scans->engine, name.ptr, types, p->n_inputs + OWN_ARGS, AR_INT, run, c);
}

ar_err ar_scan_make(ar_scans *scans, const ar_kind *kind, const ar_standard *const *standards,
                    size_t n_standards, ar_time asof, bool gone, ar_scan *out_scan)
{
    ar_arena *arena = scans->arena;
    plan *p = ar_make(arena, plan);
    const ar_program_input *inputs;
    ar_auto(ar_buf) from = { 0 }, columns = { 0 };
    enum ar_type *types;
    ar_str name;

    assert(n_standards <= AR_SCAN_SLOTS);
    AR_TRY(fill_plan(p, standards, n_standards, asof, arena));
    inputs = ar_program_inputs(p->program, &p->n_inputs);
    types = ar_make_n(arena, enum ar_type, p->n_inputs + OWN_ARGS);
    for (size_t i = 0; i < p->n_inputs; i++) types[i] = inputs[i].type;
    types[p->n_inputs] = AR_TIME;
    types[p->n_inputs + 1] = AR_TIME;
    types[p->n_inputs + 2] = AR_BOOL;
    name = function_name(kind, types, p->n_inputs + OWN_ARGS, arena);
    ar_program_from(p->program, kind->name, AR_LIT("a"), &from, &columns);
    AR_TRY(register_plan(scans, name, p, types));
    out_scan->from = ar_arena_copy(arena, ar_buf_str(&from));
    out_scan->verdict = ar_arena_printf(arena, "%.*s(%.*s%sa.\"deleted_at\", a.\"last_seen\", %s)",
                                        AR_FMT(name), AR_FMT(ar_buf_str(&columns)),
                                        columns.len > 0 ? ", " : "", gone ? "a.\"gone\"" : "FALSE");
    return ar_ok();
}

/* ---- counting ---- */

/* Rows are first counted in bytes, eight slots' counters to a word, and moved on before a byte can
 * overflow: 12 additions a row instead of 93. Slot 4j + k is byte j of word k. */
typedef struct tally {
    uint64_t bytes[3][4];
    uint64_t counts[3][AR_SCAN_SLOTS + 1];
    uint64_t pending;
} tally;

static void move_on(const uint64_t bytes[static 4], uint64_t counts[static AR_SCAN_SLOTS + 1])
{
    for (unsigned k = 0; k < 4; k++)
        for (unsigned j = 0; j < 8; j++) counts[4 * j + k] += bytes[k] >> (8 * j) & 0xff;
}

static void add_verdict(tally *t, uint64_t verdict)
{
    const uint64_t odd = UINT64_C(0x5555555555555555), lanes = UINT64_C(0x0101010101010101);
    uint64_t low = verdict & odd, high = verdict >> 1 & odd;
    uint64_t states[3] = { low & ~high, high & ~low, low & high };

    for (unsigned s = 0; s < 3; s++)
        for (unsigned k = 0; k < 4; k++) t->bytes[s][k] += states[s] >> (2 * k) & lanes;
    if (++t->pending < 255) return;
    for (unsigned s = 0; s < 3; s++) move_on(t->bytes[s], t->counts[s]);
    memset(t->bytes, 0, sizeof t->bytes);
    t->pending = 0;
}

static ar_err count_add(const void *self, const ar_vector *args, size_t n_rows, void *const *states)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++)
        if (ar_vector_has(&args[0], i)) add_verdict(states[i], (uint64_t)args[0].i[i]);
    return ar_ok();
}

static void count_merge(const void *self, const void *from, void *into)
{
    const tally *a = from;
    tally *b = into;

    (void)self;
    for (unsigned s = 0; s < 3; s++) {
        for (unsigned i = 0; i < AR_SCAN_SLOTS; i++) b->counts[s][i] += a->counts[s][i];
        move_on(a->bytes[s], b->counts[s]);
    }
}

static void count_print(const void *self, const void *state, ar_buf *out)
{
    tally sum = { 0 };
    bool any = false;

    count_merge(self, state, &sum);
    for (unsigned i = 0; i < AR_SCAN_SLOTS; i++) {
        uint64_t *c[3] = { &sum.counts[0][i], &sum.counts[1][i], &sum.counts[2][i] };

        if (*c[0] + *c[1] + *c[2] == 0) continue;
        ar_buf_addf(out, "%s%u %llu %llu %llu", any ? ";" : "", i, (unsigned long long)*c[0],
                    (unsigned long long)*c[1], (unsigned long long)*c[2]);
        any = true;
    }
}

static ar_err know_count(ar_scans *scans)
{
    static const ar_aggregate count = { sizeof(tally), count_add, count_merge, count_print };
    static const enum ar_type args[] = { AR_INT };
    bool new;

    (void)ar_map_put(&scans->known, scans->arena, AR_LIT("ar_verdict_count"), &new);
    if (!new) return ar_ok();
    return ar_engine_aggregate(scans->engine, "ar_verdict_count", args, 1, &count, NULL);
}

ar_err ar_scans_open(ar_engine *engine, ar_arena *arena, ar_scans *out_scans)
{
    ar_scans scans = { .engine = engine, .arena = arena };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(engine,
                           AR_LIT("SELECT DISTINCT function_name FROM duckdb_functions()"
                                  " WHERE starts_with(function_name, 'ar_verdict_')"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows))
        (void)ar_map_put(&scans.known, arena, ar_arena_copy(arena, ar_rows_get(rows, 0).s), NULL);
    AR_TRY(know_count(&scans));
    *out_scans = scans;
    return ar_ok();
}
