#include "lookup/writer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS, TOGETHER = 1 << 20 };

/* ---- a heap ---- */

ar_err ar_lookup_heap_open(const char *folder, size_t cap, ar_lookup_heap *out_heap)
{
    size_t bytes = (cap + 1) * sizeof(ar_lookup_entry);
    ar_auto(ar_fd) fd = ar_fd_of(open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));

    if (ar_fd_n(fd) < 0) return ar_fail_errno("cannot make a file in %s", folder);

    int failure = posix_fallocate(ar_fd_n(fd), 0, (off_t)bytes);

    if (failure != 0)
        return ar_fail(AR_IO, "%s has no room for %zu bytes: %s", folder, bytes, strerror(failure));
    void *list = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ar_fd_n(fd), 0);

    if (list == MAP_FAILED) return ar_fail_errno("cannot map a file in %s", folder);
    *out_heap = (ar_lookup_heap){ .list = list, .cap = cap };
    return ar_ok();
}

void ar_lookup_heap_done(ar_lookup_heap *heap)
{
    if (heap->list != NULL) (void)munmap(heap->list, (heap->cap + 1) * sizeof(ar_lookup_entry));
    heap->list = NULL;
}

ar_lookup_entry *ar_lookup_heap_take(ar_lookup_heap *heap, size_t n)
{
    size_t at = heap->n;

    do {
        if (n > heap->cap - at) return NULL;
    } while (!atomic_compare_exchange_weak(&heap->n, &at, at + n));
    return heap->list + at;
}

/* ---- sorting ---- */

static int by_hash(const void *a, const void *b)
{
    return ar_lookup_order(((const ar_lookup_entry *)a)->hash, ((const ar_lookup_entry *)b)->hash);
}

static size_t bucket_of(const ar_lookup_entry *entry)
{
    return entry->hash.high >> (64 - BUCKET_BITS);
}

/* Moves each entry into its bucket, in place; ends[i] is where bucket i ends. */
static void spread(ar_lookup_entry *list, size_t n, size_t ends[static BUCKETS])
{
    static size_t next[BUCKETS];
    size_t sum = 0;

    memset(ends, 0, BUCKETS * sizeof *ends);
    for (size_t i = 0; i < n; i++) ends[bucket_of(&list[i])]++;
    for (size_t i = 0; i < BUCKETS; i++) {
        next[i] = sum;
        ends[i] = sum += ends[i];
    }
    for (size_t i = 0; i < BUCKETS; i++)
        while (next[i] < ends[i]) {
            ar_lookup_entry *from = &list[next[i]], moved = *from;
            size_t to = bucket_of(&moved);

            if (to == i) {
                next[i]++;
                continue;
            }
            *from = list[next[to]];
            list[next[to]++] = moved;
        }
}

static void sort(ar_lookup_entry *list, size_t n)
{
    static size_t ends[BUCKETS];

    spread(list, n, ends);
    for (size_t i = 0, begin = 0; i < BUCKETS; begin = ends[i++])
        if (ends[i] - begin > 1) qsort(list + begin, ends[i] - begin, sizeof *list, by_hash);
}

/* ---- a segment on its way ---- */

typedef struct output {
    ar_arena arena;
    const char *path;
    ar_fd fd;
    ar_buf bytes;          /* blocks that are written together */
    ar_lookup_block block; /* the one that fills */
    int64_t blocks, n;
    uint64_t id;
    bool kept;
} output;

static void output_done(output *o)
{
    if (o->fd.n != 0 && !o->kept) (void)unlink(o->path);
    ar_fd_done(&o->fd);
    ar_buf_done(&o->bytes);
    ar_arena_done(&o->arena);
}

#define auto_output __attribute__((cleanup(output_done))) output

static ar_err flush(output *o)
{
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(o->fd), ar_buf_str(&o->bytes)), "'%s'", o->path);
    ar_buf_clear(&o->bytes);
    return ar_ok();
}

/* The head is written last: until then the file is none. */
static ar_err begin(const char *folder, output *o)
{
    if (getrandom(&o->id, sizeof o->id, 0) != sizeof o->id) return ar_fail_errno("getrandom");
    o->path = ar_lookup_segment_path(folder, o->id, &o->arena);
    o->fd = ar_fd_of(open(o->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (o->fd.n == 0) return ar_fail_errno("cannot make '%s'", o->path);
    ar_buf_add(&o->bytes, (ar_str){ (const char *)&o->block, sizeof o->block });
    return ar_ok();
}

static ar_err end_block(output *o)
{
    o->block.id = o->id;
    o->block.at = o->blocks++;
    ar_lookup_block_seal(&o->block);
    ar_buf_add(&o->bytes, (ar_str){ (const char *)&o->block, sizeof o->block });
    o->block = (ar_lookup_block){ 0 };
    return o->bytes.len < TOGETHER ? ar_ok() : flush(o);
}

static ar_err add(output *o, const ar_lookup_entry *entry)
{
    o->block.entries[o->block.n++] = *entry;
    o->n++;
    return o->block.n < AR_LOOKUP_ENTRIES ? ar_ok() : end_block(o);
}

static ar_err finish(const char *folder, output *o, uint64_t *out_id, int64_t *out_n)
{
    ar_lookup_block head;

    if (o->block.n > 0) AR_TRY(end_block(o));
    AR_TRY(flush(o));
    ar_lookup_head_make(o->id, o->n, &head);
    if (pwrite(ar_fd_n(o->fd), &head, sizeof head, 0) != sizeof head || fsync(ar_fd_n(o->fd)) != 0)
        return ar_fail_errno("'%s'", o->path);
    AR_TRY(ar_dir_sync(folder));
    o->kept = true;
    *out_id = o->id;
    *out_n = o->n;
    return ar_ok();
}

ar_err ar_lookup_write(const char *folder, ar_lookup_heap *heap, uint64_t *out_id, int64_t *out_n)
{
    auto_output o = { 0 };

    sort(heap->list, heap->n);
    AR_TRY(begin(folder, &o));
    for (size_t i = 0; i < heap->n; i++) AR_TRY(add(&o, &heap->list[i]));
    return finish(folder, &o, out_id, out_n);
}

/* ---- two into one ---- */

typedef struct cursor {
    const ar_lookup_segment *segment;
    int64_t block;
    const ar_lookup_entry *list;
    size_t at, n;
} cursor;

/* The next entry; NULL at the end. */
static ar_err peek(cursor *c, const ar_lookup_entry **out)
{
    *out = NULL;
    if (c->at == c->n) {
        if (c->block == ar_lookup_segment_blocks(c->segment)) return ar_ok();
        AR_TRY(ar_lookup_segment_block(c->segment, c->block++, &c->list, &c->n));
        c->at = 0;
    }
    *out = &c->list[c->at];
    return ar_ok();
}

ar_err ar_lookup_merge(const char *folder, const ar_lookup_segment *newer,
                       const ar_lookup_segment *older, uint64_t *out_id, int64_t *out_n)
{
    cursor a = { .segment = newer }, b = { .segment = older };
    const ar_lookup_entry *left, *right;
    auto_output o = { 0 };

    AR_TRY(begin(folder, &o));
    for (;;) {
        AR_TRY(peek(&a, &left));
        AR_TRY(peek(&b, &right));
        if (left == NULL && right == NULL) break;

        int order = left == NULL    ? 1
                    : right == NULL ? -1
                                    : ar_lookup_order(left->hash, right->hash);

        AR_TRY(add(&o, order <= 0 ? left : right));
        a.at += order <= 0;
        b.at += order >= 0;
    }
    return finish(folder, &o, out_id, out_n);
}
