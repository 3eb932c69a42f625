/* panel: standards of one kind as one program, and what they say of each row: two bits a standard.
 * A scan gives it batches, a gate one row. */
#pragma once

#include "standard/standard.h"

enum {
    AR_SCAN_SLOTS = 31, /* standards of one verdict: 62 bits of a non-negative int */
    AR_PANEL_EXPRS_MAX = 2 * AR_SCAN_SLOTS,
};

typedef struct ar_panel_slot {
    bool used;
    bool names_deleted;
    size_t pass;  /* which expression of the program */
    size_t where; /* AR_PANEL_EXPRS_MAX: everything is in scope */
    size_t age;   /* which of the limits */
} ar_panel_slot;

typedef struct ar_panel {
    const ar_program *program;
    const ar_program_input *inputs;
    size_t n_inputs;
    size_t n_exprs;
    ar_panel_slot slots[AR_SCAN_SLOTS];
    ar_time limits[AR_SCAN_SLOTS + 1]; /* facts seen before are old; AR_TIME_MIN: never */
    size_t n_limits;
} ar_panel;

/* standards[i] has slot i, NULL is a free slot; all are of one kind, at most AR_SCAN_SLOTS. It
 * lives in the arena. */
ar_err ar_panel_make(const ar_standard *const *standards, size_t n, ar_time asof, ar_arena *arena,
                     const ar_panel **out_panel);
/* Of up to AR_ENGINE_BATCH rows: `args` are the inputs of the program, then deleted_at, last_seen,
 * and a bool that says whether their sources no longer show them. */
void ar_panel_run(const ar_panel *panel, const ar_vector *args, size_t n_rows, int64_t *out);
