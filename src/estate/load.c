#include "estate/load.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

/* ---- seeing an id twice ---- */

enum { IDSET_LEAST = 1 << 14 };

/* 64-bit hashes of ids; two that agree are only a reason to look closely. */
typedef struct idset {
    uint64_t *slots; /* 0: free */
    size_t n, cap;
} idset;

static void idset_done(idset *set)
{
    if (set->slots != NULL) (void)munmap(set->slots, set->cap * sizeof *set->slots);
    *set = (idset){ 0 };
}

static uint64_t hash_of(ar_str text)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ text.len, word;

    while (text.len > 0) {
        size_t n = text.len < 8 ? text.len : 8;
        word = 0;
        memcpy(&word, text.ptr, n);
        h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
        h ^= h >> 32;
        text = ar_str_cut(text, n, text.len);
    }
    h *= UINT64_C(0xd6e8feb86659fd93);
    return (h ^ h >> 29) | 1;
}

static bool idset_put(idset *set, uint64_t hash)
{
    size_t at = (size_t)(hash >> 1) & (set->cap - 1);

    while (set->slots[at] != 0) {
        if (set->slots[at] == hash) return false;
        at = (at + 1) & (set->cap - 1);
    }
    set->slots[at] = hash;
    set->n++;
    return true;
}

/* In large pages where they are to be had: a set of millions is touched all over. */
static uint64_t *new_slots(size_t cap)
{
    size_t size = cap * sizeof(uint64_t);
    void *slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (slots == MAP_FAILED) abort();
    (void)madvise(slots, size, MADV_HUGEPAGE); /* a refusal only costs time */
    return slots;
}

static void idset_room(idset *set, size_t n)
{
    if (set->n + n < set->cap / 4 * 3) return;
    idset old = *set;
    set->cap = old.cap == 0 ? IDSET_LEAST : old.cap * 2;
    set->slots = new_slots(set->cap);
    set->n = 0;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i] != 0) idset_put(set, old.slots[i]);
    idset_done(&old);
}

/* Adds the ids of a batch; false when one of them may have been there before. The slots are asked
 * for first: a set of millions is beyond every cache. */
static bool idset_add(idset *set, const ar_str *ids, size_t n)
{
    uint64_t hashes[AR_FEED_ROWS];
    bool all_new = true;

    assert(n <= AR_FEED_ROWS);
    idset_room(set, n);
    for (size_t i = 0; i < n; i++) {
        hashes[i] = hash_of(ids[i]);
        __builtin_prefetch(&set->slots[(hashes[i] >> 1) & (set->cap - 1)], 1);
    }
    for (size_t i = 0; i < n; i++) all_new &= idset_put(set, hashes[i]);
    return all_new;
}

/* ---- the feed as the engine pulls it ---- */

/* A few of the engine's threads at once, when the feed can do that. */
enum { LANES = 4 };

typedef struct pull {
    const ar_feed *feed;
    const bool *stored;       /* per column: whether there is room for it; NULL: for all */
    ar_buf packed[LANES];     /* what each is reading */
    const ar_vector *columns; /* the same of a feed that does not pack */
    size_t n;
    pthread_mutex_t taking, counting;
    /* under `taking`: */
    bool waits[LANES]; /* that packed has a column without room and was not delivered */
    bool *wanted;      /* the columns that those need */
    /* under `counting`: */
    idset ids;
    ar_arena arena;
    bool suspect; /* two hashes agreed */
    int64_t rows;
    enum ar_code code; /* how the feed failed, and its own words: the engine's lead elsewhere */
    ar_str words;
} pull;

static void pull_init(pull *p, const ar_feed *feed, const bool *stored, ar_arena *arena)
{
    *p = (pull){ .feed = feed, .stored = stored };
    p->wanted = ar_make_n(arena, bool, feed->n_columns);
    (void)pthread_mutex_init(&p->taking, NULL); /* which cannot fail for a plain one */
    (void)pthread_mutex_init(&p->counting, NULL);
}

static void pull_done(pull *p)
{
    (void)pthread_mutex_destroy(&p->taking);
    (void)pthread_mutex_destroy(&p->counting);
    for (size_t i = 0; i < LANES; i++) ar_buf_done(&p->packed[i]);
    idset_done(&p->ids);
    ar_arena_done(&p->arena);
}

static bool pull_waits(const pull *p)
{
    for (size_t i = 0; i < LANES; i++)
        if (p->waits[i]) return true;
    return false;
}

static ar_err pull_copy(pull *p, ar_vector_out *out, size_t *out_rows)
{
    if (!p->waits[0]) AR_TRY(p->feed->next(p->feed->self, &p->columns, &p->n));
    p->waits[0] = false;
    for (size_t i = 0; i < p->feed->n_columns && p->n > 0; i++) {
        memcpy(out[i].data, p->columns[i].data, p->n * ar_feed_width(p->columns[i].type));
        memcpy(out[i].valid, p->columns[i].valid, (p->n + 63) / 64 * sizeof(uint64_t));
    }
    *out_rows = p->n;
    return ar_ok();
}

/* What waits comes before what is new, and what waits in the lane itself before the others': its
 * place must be free for theirs. */
static ar_err pull_take(pull *p, size_t lane)
{
    for (size_t k = 0; k < LANES; k++) {
        size_t i = (lane + k) % LANES;
        if (!p->waits[i]) continue;

        ar_buf other = p->packed[lane];
        p->packed[lane] = p->packed[i];
        p->packed[i] = other;
        p->waits[i] = false;
        return ar_ok();
    }
    return p->feed->take(p->feed->self, &p->packed[lane]);
}

static ar_err pull_unpack(pull *p, size_t lane, ar_vector_out *out, size_t *out_rows)
{
    const ar_buf *packed = &p->packed[lane];

    (void)pthread_mutex_lock(&p->taking);
    ar_err err = pull_take(p, lane);
    (void)pthread_mutex_unlock(&p->taking);
    AR_TRY(err);
    *out_rows = 0;
    if (packed->len == 0) return ar_ok();
    return p->feed->read(p->feed->self, ar_buf_str(packed), out, out_rows);
}

static bool has_any(const ar_vector_out *column, size_t n)
{
    for (size_t i = 0; i < (n + 63) / 64; i++)
        if (column->valid[i] != 0) return true;
    return false;
}

/* Keeps a batch back that has something for a column without room, and says which. */
static bool pull_keep(pull *p, size_t lane, const ar_vector_out *columns, size_t n)
{
    bool keep = false;

    if (p->stored == NULL) return false;
    (void)pthread_mutex_lock(&p->taking);
    for (size_t i = 0; i < p->feed->n_columns; i++)
        if (!p->stored[i] && has_any(&columns[i], n)) keep = p->wanted[i] = true;
    p->waits[lane] |= keep;
    (void)pthread_mutex_unlock(&p->taking);
    return keep;
}

static void pull_count(pull *p, const ar_str *ids, size_t n)
{
    p->suspect |= !idset_add(&p->ids, ids, n);
    p->rows += (int64_t)n;
}

static ar_err pull_next(void *self, size_t lane, ar_vector_out *out, size_t *out_rows)
{
    pull *p = self;
    size_t n = 0;

    ar_err err = p->feed->take == NULL ? pull_copy(p, out, &n) : pull_unpack(p, lane, out, &n);
    if (err.code == AR_OK && pull_keep(p, lane, out, n)) n = 0;
    (void)pthread_mutex_lock(&p->counting);
    if (err.code == AR_OK) {
        pull_count(p, out[0].s, n);
    } else if (p->code == AR_OK) {
        p->code = err.code;
        p->words = ar_arena_copy(&p->arena, ar_err_text(err));
    }
    (void)pthread_mutex_unlock(&p->counting);
    *out_rows = n;
    return err;
}

/* ---- loading ---- */

static ar_err insert_rows(const ar_load *load, pull *p)
{
    do {
        if (load->grows) AR_TRY(ar_table_store(load->table, p->wanted));
        ar_err err = load->insert(load->self);
        if (p->code != AR_OK) return ar_fail(p->code, "%.*s", AR_FMT(p->words));
        AR_TRY(err);
    } while (pull_waits(p));
    return ar_ok();
}

ar_err ar_load_feed(const ar_load *load, const ar_feed *feed, ar_arena *arena, int64_t *out_rows,
                    bool *out_suspect)
{
    const ar_table *table = load->table;
    ar_str *names = ar_make_n(arena, ar_str, table->n_facts);
    enum ar_type *types = ar_make_n(arena, enum ar_type, table->n_facts);
    ar_auto(pull) p;
    ar_source source = { .names = names,
                         .types = types,
                         .n_columns = table->n_facts,
                         .lanes = feed->take == NULL ? 1 : LANES,
                         .next = pull_next,
                         .self = &p };

    pull_init(&p, feed, load->grows ? table->stored : NULL, arena);
    for (size_t i = 0; i < table->n_facts; i++) {
        names[i] = table->facts[i]->name;
        types[i] = table->facts[i]->type;
    }
    AR_TRY(ar_engine_source(table->engine, "import_feed", &source));
    ar_err err = insert_rows(load, &p);
    AR_TRY(ar_engine_source(table->engine, "import_feed", NULL));
    AR_TRY(err);
    *out_rows = p.rows;
    *out_suspect = p.suspect;
    return ar_ok();
}
