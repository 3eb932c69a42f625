/* import: the rows of one source compared with what it said before: new, changed, gone. */
#pragma once

#include "estate/estate.h"
#include "estate/feed.h"

enum {
    AR_IMPORT_FAILED_MAX = 1000,
    AR_IMPORT_PROBLEM_MAX = 1000, /* bytes of its sentence */
};

typedef struct ar_import_spec {
    const ar_kind *kind;
    ar_str connector, source;
    enum ar_role role;
    ar_str latest;  /* of rows of one id the one with the greatest value here; empty: refuse them */
    bool delta;     /* rows add and replace only; else what is not among them is gone */
    bool dry_run;   /* count, store nothing */
    bool witnessed; /* an inspector looked itself, in full: however few, they are never held */
} ar_import_spec;

enum ar_import_state {
    AR_IMPORT_OK,
    AR_IMPORT_HELD,
    AR_IMPORT_DRY,
    AR_IMPORT_FAILED,
    AR_IMPORT_REMOVED, /* of ar_import_remove */
};

typedef struct ar_import_result {
    int64_t run; /* 0 after a dry run */
    ar_time at;  /* now, or the time of a later import that is known: the clock was set back then */
    enum ar_import_state state;
    int64_t rows, added, changed, gone;
    int64_t skipped; /* rows that could not be read */
    bool partial;    /* the payload says that the source has more */
} ar_import_result;

const char *ar_import_state_name(enum ar_import_state state); /* "ok" */

/* Inside the transaction of the operation: after a failure nothing has changed. A snapshot of under
 * half the source's last size is kept aside and changes nothing (AR_IMPORT_HELD).
 *   AR_INVALID  an id is there twice; what the feed says */
ar_err ar_import(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                 const ar_feed *feed, ar_import_result *out_result);

/* Records that an import was tried and changed nothing. Of such runs the latest
 * AR_IMPORT_FAILED_MAX stay. */
ar_err ar_import_failed(ar_ctx *ctx, const ar_import_spec *spec, ar_str problem);

/* Takes away all that the source says of the kind, as if it had never come: its rows go, and assets
 * that nobody else shows with them. What they were before, ar.history keeps. out_result counts them
 * (rows; gone: those that were live). AR_NOT_FOUND when it says nothing of the kind. */
ar_err ar_import_remove(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                        ar_import_result *out_result);

/* Releases a held run: what it kept aside becomes the source's snapshot. AR_NOT_FOUND when there is
 * no such held run. */
ar_err ar_import_confirm(ar_ctx *ctx, const ar_kinds *kinds, int64_t run, ar_import_spec *out_spec,
                         ar_import_result *out_result);
