/* roster: which standards there are today, in which version, and which slot of a verdict is
 * whose. A slot stays with its standard from one evaluation to the next. */
#pragma once

#include "standard/scan.h"

typedef struct ar_roster_batch {
    const ar_kind *kind;
    int64_t number;                          /* from 0: more than AR_SCAN_SLOTS need several */
    const ar_standard *slots[AR_SCAN_SLOTS]; /* NULL: free, or held */
    int64_t held; /* the bits of a verdict that stay: their standard's file cannot be read now */
    bool viewed;  /* the kind's view is there */
    bool gone;    /* and has a column of this name */
    bool idle;    /* nothing to judge, or nothing to judge by */
} ar_roster_batch;

typedef struct ar_roster {
    ar_roster_batch *batches; /* by kind, views last, then by number */
    size_t n_batches;
    const ar_str *views; /* kinds with sources that can be seen */
    size_t n_views;
    int64_t closed; /* findings closed because their standard was removed or judges another kind */
} ar_roster;

/* Compares the files with what was judged last: new versions, removed standards, slots. Writes that
 * down when `evaluation` is not 0; makes the temporary tables ar_slot (kind, batch, slot,
 * standard_id, version, fresh) and ar_held (standard_id, error) in any case; fresh: judged in this
 * version for the first time; held: its file is bad, so what was judged last stands. `only`: the
 * names of the kinds that are of interest, all others are idle; NULL: it is found out, which is
 * dear. */
ar_err ar_roster_open(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                      ar_time asof, int64_t evaluation, const ar_map *only, ar_arena *arena,
                      ar_roster *out_roster);
