/* manifest: what makes segments one index: which ones they are, under which key, and which bits of
 * a verdict are whose standard's: the file HOME/lookup/index. */
#pragma once

#include "base/base.h"
#include "op/place.h"

enum {
    AR_LOOKUP_SEGMENTS_MAX = 16,
    AR_LOOKUP_STANDARDS_MAX = 10000,
    AR_LOOKUP_MANIFEST_MAX = 8 << 20, /* bytes */
};

typedef struct ar_lookup_part {
    uint64_t id; /* of a segment */
    int64_t n;
} ar_lookup_part;

typedef struct ar_lookup_standard {
    ar_str id, hash; /* of the text by which it was judged (ar_standard) */
    ar_str judged;   /* the kind, */
    int64_t batch;   /* which of its verdicts, */
    int64_t slot;    /* and where in it */
    ar_time asof;    /* when everything was last judged by it */
} ar_lookup_standard;

typedef struct ar_lookup_manifest {
    ar_str id;     /* of this state; drawn */
    ar_str before; /* of the one that it took the place of */
    int64_t evaluation;
    uint64_t key[2];
    ar_lookup_part parts[AR_LOOKUP_SEGMENTS_MAX]; /* the newest first */
    size_t n_parts;
    ar_lookup_standard *standards;
    size_t n_standards;
} ar_lookup_manifest;

const char *ar_lookup_folder(const ar_place *place, ar_arena *arena);
const char *ar_lookup_manifest_path(const char *folder, ar_arena *arena);

void ar_lookup_manifest_print(const ar_lookup_manifest *manifest, ar_buf *out);
/* AR_INVALID: not what was printed. Its texts live in the arena. */
ar_err ar_lookup_manifest_parse(ar_str text, ar_arena *arena, ar_lookup_manifest *out_manifest);

/* Replaces the file: it is the old one or the new one. */
ar_err ar_lookup_manifest_write(const char *folder, const ar_lookup_manifest *manifest);
/* AR_NOT_FOUND: there is none. */
ar_err ar_lookup_manifest_read(const char *folder, ar_arena *arena,
                               ar_lookup_manifest *out_manifest);
