/* segment: one file of the index of verdicts: entries by their hash, in blocks that each prove
 * themselves. A file is written once and read by mapping it; nobody changes it (docs/formats.md).
 */
#pragma once

#include "base/base.h"
#include "base/siphash.h"
#include "sys/file.h"

enum {
    AR_LOOKUP_BLOCK = 4096,  /* bytes; the first one is the head */
    AR_LOOKUP_ENTRIES = 127, /* of a block, before 32 bytes that seal it */
    AR_LOOKUP_NAME_LEN = 24, /* "0123456789abcdef.verdict" without what ends it */
};

typedef struct ar_lookup_entry {
    ar_siphash hash; /* of what it is about (lookup/index.h) */
    int64_t bits;    /* of an asset: its verdict; of a waiver: the time through which it holds */
    uint32_t at;     /* seconds since 1970: it holds from then on */
    uint32_t there;  /* 0: the estate has the asset no more, or the waiver has ended */
} ar_lookup_entry;

/* -1, 0, 1: the order of a file. */
int ar_lookup_order(ar_siphash a, ar_siphash b);

typedef struct ar_lookup_segment {
    ar_mapped map;
    uint64_t id; /* drawn when it was written; its name */
    int64_t n;   /* entries */
} ar_lookup_segment;

/* "HOME/lookup/0123456789abcdef.verdict" */
const char *ar_lookup_segment_path(const char *folder, uint64_t id, ar_arena *arena);

/* Maps the file and checks its head and its size.
 *   AR_NOT_FOUND  there is none
 *   AR_INVALID    it is damaged, with a sentence that names it */
ar_err ar_lookup_segment_open(const char *folder, uint64_t id, ar_lookup_segment *out_segment);
void ar_lookup_segment_done(ar_lookup_segment *segment);

/* The entry of that hash, viewed in the file; NULL when it has none. AR_INVALID: damaged. */
ar_err ar_lookup_segment_find(const ar_lookup_segment *segment, ar_siphash hash,
                              const ar_lookup_entry **out_entry);

/* The entries of block `at`, which is below ar_lookup_segment_blocks. AR_INVALID: damaged. */
ar_err ar_lookup_segment_block(const ar_lookup_segment *segment, int64_t at,
                               const ar_lookup_entry **out_entries, size_t *out_n);
int64_t ar_lookup_segment_blocks(const ar_lookup_segment *segment);

/* ---- as bytes: for who writes one ---- */

typedef struct ar_lookup_block {
    ar_lookup_entry entries[AR_LOOKUP_ENTRIES];
    uint64_t id;
    int64_t at; /* which one of the file; -1: the head, whose first entry holds the count */
    uint32_t n;
    uint32_t spare[2];
    uint32_t sum; /* CRC-32C of all bytes before it */
} ar_lookup_block;
static_assert(sizeof(ar_lookup_entry) == 32);
static_assert(sizeof(ar_lookup_block) == AR_LOOKUP_BLOCK);

void ar_lookup_block_seal(ar_lookup_block *block);
void ar_lookup_head_make(uint64_t id, int64_t n, ar_lookup_block *out_head);
