#include "standard/panel.h"

#include <ctype.h>

enum { WORDS = AR_ENGINE_BATCH / 64, EXPRS_MAX = AR_PANEL_EXPRS_MAX };

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
static void judge(const ar_panel_slot *s, const batch *b, size_t word, uint64_t deleted,
                  uint64_t old, uint64_t out_planes[static 2])
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

static void judge_word(const ar_panel *p, const batch *b, const ar_vector *own, size_t word,
                       size_t n, int64_t *out)
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

void ar_panel_run(const ar_panel *p, const ar_vector *args, size_t n_rows, int64_t *out)
{
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

        judge_word(p, &b, args + p->n_inputs, word, n < 64 ? n : 64, out);
    }
}

/* ---- making one ---- */

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

static size_t limit_of(ar_panel *p, ar_time limit)
{
    for (size_t i = 0; i < p->n_limits; i++)
        if (p->limits[i] == limit) return i;
    p->limits[p->n_limits] = limit;
    return p->n_limits++;
}

ar_err ar_panel_make(const ar_standard *const *standards, size_t n, ar_time asof, ar_arena *arena,
                     const ar_panel **out_panel)
{
    ar_panel *p = ar_make(arena, ar_panel);
    const ar_expr *exprs[EXPRS_MAX];
    ar_expr_param *params;
    size_t n_params = 1;

    assert(n <= AR_SCAN_SLOTS);
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
        ar_panel_slot *to = &p->slots[i];

        if (s == NULL) continue;
        *to = (ar_panel_slot){ .used = true, .where = EXPRS_MAX, .pass = p->n_exprs++ };
        AR_TRY(rename_params(s, i, s->pass, params, n_params, arena, &exprs[to->pass]));
        to->age = limit_of(p, s->stale_after > 0 ? asof - s->stale_after : AR_TIME_MIN);
        if (s->where == NULL) continue;
        to->where = p->n_exprs++;
        to->names_deleted = ar_standard_names_deleted(s);
        AR_TRY(rename_params(s, i, s->where, params, n_params, arena, &exprs[to->where]));
    }
    AR_TRY(ar_program_compile(exprs, p->n_exprs, params, n_params, arena, &p->program));
    p->inputs = ar_program_inputs(p->program, &p->n_inputs);
    *out_panel = p;
    return ar_ok();
}
