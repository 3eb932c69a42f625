/* told: facts that come between imports: columns of one asset, as a source saw them at a time.
 *
 * They go the way of a delta of the source: compared with what it said, into the history, matched,
 * merged, owners found. A column keeps the newest of what its source said of it: what was observed
 * before that is late, and left out. The column _told of ar."src_K" keeps as of when that is, where
 * it is not the time of the last import: "BASE TIME name name TIME name", in microseconds; columns
 * that are not named are known as of BASE. */
#pragma once

#include "estate/kind.h"

typedef struct ar_told_value {
    ar_str column;
    ar_value value;
} ar_told_value;

typedef struct ar_told {
    ar_str source, id; /* the id that the source has for it */
    ar_time observed;
    const ar_told_value *values;
    size_t n;
} ar_told;

/* What came of them. */
typedef struct ar_told_sum {
    int64_t facts;
    int64_t added, changed; /* rows of the source */
    int64_t late;           /* facts with a column of which the source has said something newer */
    int64_t dropped;        /* facts whose source, or a column of theirs, is not known any more */
    ar_str problem;         /* the sentence of one that was late or dropped; empty: none was */
} ar_told_sum;

/* Makes the temporary table told_asset (kind, id): assets that others were told of may be other
 * than they were, and so may those that follow them; ar_told_enter fills it. */
ar_err ar_told_begin(ar_engine *engine);
/* Makes room for facts of a kind: for all of a transaction, before anything of the kind is changed
 * in it. */
ar_err ar_told_room(ar_ctx *ctx, const ar_kind *kind, const ar_told *facts, size_t n);
/* Enters those that are of the source, in the order in which they came, within the transaction that
 * is open. Adds to *sum. */
ar_err ar_told_enter(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_str source,
                     const ar_told *facts, size_t n, ar_told_sum *sum);

#define AR_TOLD_SOURCES "run/sources" /* below the home: "SOURCE\tKIND\n", sorted */
enum { AR_TOLD_SOURCES_MAX = 16 << 20 };

/* Keeps that file as ar.source is: of whom facts are taken by a process that has no estate. */
ar_err ar_told_publish(ar_ctx *ctx);
