/* scan: all standards of one kind judged in one pass, as functions inside the engine: one gives an
 * asset's verdict, two bits a standard; one counts verdicts per group. */
#pragma once

#include "engine/engine.h"
#include "standard/panel.h"

typedef struct ar_scan {
    ar_str from;    /* what follows FROM; the kind's rows have the alias a */
    ar_str verdict; /* an expression over it: int, standard of slot i in bits 2i and 2i + 1 */
} ar_scan;

typedef struct ar_scans {
    ar_engine *engine;
    ar_arena *arena;
} ar_scans;

/* Once before scans are made, and again after a rollback. Makes ar_verdict_count(verdict) known: an
 * aggregate that gives text, "slot pass fail unknown" for each slot in which anything is in scope,
 * joined by ';'. `arena` must live as long as the scans. */
ar_err ar_scans_open(ar_engine *engine, ar_arena *arena, ar_scans *out_scans);

/* Makes the engine ready to judge the rows of `table`, the kind's view or what has its columns.
 * standards[i] has slot i, NULL is a free slot; all are of `kind`. `gone` says whether it has a
 * column of this name: TRUE where the sources of an asset no longer show it. The texts serve until
 * the next call for this kind, and as long as the arena. */
ar_err ar_scan_make(ar_scans *scans, const ar_kind *kind, ar_str table,
                    const ar_standard *const *standards, size_t n_standards, ar_time asof,
                    bool gone, ar_scan *out_scan);
