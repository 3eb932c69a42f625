/* writer: makes a segment: of entries in any order, or of two segments, the newer one's entry in
 * the place of the older one's. What a crash leaves of it has no name that an index names. */
#pragma once

#include "lookup/segment.h"

#include <stdatomic.h>

/* Entries on their way into a segment, in a file without a name: their number is not bound by
 * memory. Several threads may add. */
typedef struct ar_lookup_heap {
    ar_lookup_entry *list;
    size_t cap;
    atomic_size_t n;
} ar_lookup_heap;

/* Room for `cap` entries. AR_IO when the disk has none. */
ar_err ar_lookup_heap_open(const char *folder, size_t cap, ar_lookup_heap *out_heap);
void ar_lookup_heap_done(ar_lookup_heap *heap);
/* The next n places; NULL when there are not so many. */
ar_lookup_entry *ar_lookup_heap_take(ar_lookup_heap *heap, size_t n);

/* Sorts the heap, in which each hash is once, and writes it. The segment is durable. */
ar_err ar_lookup_write(const char *folder, ar_lookup_heap *heap, uint64_t *out_id, int64_t *out_n);
/* AR_INVALID: one of them is damaged. */
ar_err ar_lookup_merge(const char *folder, const ar_lookup_segment *newer,
                       const ar_lookup_segment *older, uint64_t *out_id, int64_t *out_n);
