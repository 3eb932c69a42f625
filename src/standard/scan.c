#include "standard/scan.h"

#include "standard/panel.h"

#include <stdlib.h>

enum { OWN_ARGS = 3 /* deleted_at, last_seen, gone: behind the program's inputs */ };

/* What the engine calls. An engine cannot forget a function, so each name is registered once and
 * looks up here what it judges by at present; the cells are as many as there are kinds with their
 * sets of columns, and stay. */
typedef struct cell {
    struct cell *next;
    ar_str name;
    const ar_panel *panel;
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

static ar_err run(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    ar_panel_run(((const cell *)self)->panel, args, n_rows, out->i);
    return ar_ok();
}

/* ---- making the function ---- */

/* One letter a type, so that a kind judged by other columns has another function. */
static ar_str function_name(const ar_kind *kind, const enum ar_type *types, size_t n,
                            ar_arena *arena)
{
    ar_auto(ar_buf) name = { 0 };

    ar_buf_addf(&name, "ar_verdict_%.*s_", AR_FMT(kind->name));
    for (size_t i = 0; i < n; i++) ar_buf_addc(&name, "nbidsx"[types[i]]);
    return ar_arena_copy(arena, ar_buf_str(&name));
}

static ar_err register_panel(ar_scans *scans, ar_str name, const ar_panel *p,
                             const enum ar_type *types)
{
    cell *c = cell_of(name);

    c->panel = p;
    if (ar_engine_has(scans->engine, name.ptr)) return ar_ok();
    return ar_engine_scalar(scans->engine, name.ptr, types, p->n_inputs + OWN_ARGS, AR_INT, run, c);
}

ar_err ar_scan_make(ar_scans *scans, const ar_kind *kind, ar_str table,
                    const ar_standard *const *standards, size_t n_standards, ar_time asof,
                    bool gone, ar_scan *out_scan)
{
    ar_arena *arena = scans->arena;
    ar_auto(ar_buf) from = { 0 }, columns = { 0 };
    const ar_panel *p = NULL;
    enum ar_type *types;
    ar_str name;

    AR_TRY(ar_panel_make(standards, n_standards, asof, arena, &p));
    types = ar_make_n(arena, enum ar_type, p->n_inputs + OWN_ARGS);
    for (size_t i = 0; i < p->n_inputs; i++) types[i] = p->inputs[i].type;
    types[p->n_inputs] = AR_TIME;
    types[p->n_inputs + 1] = AR_TIME;
    types[p->n_inputs + 2] = AR_BOOL;
    name = function_name(kind, types, p->n_inputs + OWN_ARGS, arena);
    ar_program_from(p->program, table, AR_LIT("a"), &from, &columns);
    AR_TRY(register_panel(scans, name, p, types));
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

ar_err ar_scans_open(ar_engine *engine, ar_arena *arena, ar_scans *out_scans)
{
    static const ar_aggregate count = { sizeof(tally), count_add, count_merge, count_print };
    static const enum ar_type args[] = { AR_INT };

    *out_scans = (ar_scans){ .engine = engine, .arena = arena };
    if (ar_engine_has(engine, "ar_verdict_count")) return ar_ok();
    return ar_engine_aggregate(engine, "ar_verdict_count", args, 1, &count, NULL);
}
