/* batch: assets that take a step together. Above a size two persons stand for it: one proposes the
 * batch, another approves it, and only then it is done; and no step is begun while too much of what
 * was done lately had to be taken back. */
#pragma once

#include "life/state.h"

extern const ar_migration ar_life_migrations[]; /* ends with a zero entry */

/* Steps that take something away from who uses the asset. */
bool ar_life_batch_is_grave(ar_str step);

/* AR_CONFLICT, with the figures, when steps of this life stand still. */
ar_err ar_life_batch_check_stop(ar_ctx *ctx, const ar_cycle *cycle);

/* Keeps the ids as a batch that waits for another person. */
ar_err ar_life_batch_propose(ar_ctx *ctx, const ar_cycle *cycle, ar_str step, const ar_str *ids,
                             size_t n, int64_t *out_number);

typedef struct ar_life_batch {
    int64_t number; /* B-3 */
    ar_str kind, step, who;
    ar_str approved_by; /* empty: nobody yet */
} ar_life_batch;

/* "B-3". AR_INVALID, AR_NOT_FOUND. */
ar_err ar_life_batch_read(ar_ctx *ctx, ar_str text, ar_life_batch *out_batch);
/* AR_DENIED: who asks proposed it; AR_CONFLICT: it is approved already. */
ar_err ar_life_batch_approve(ar_ctx *ctx, const ar_life_batch *batch);
/* Those of which it is not done: an approval is good once for each. */
ar_err ar_life_batch_members(ar_ctx *ctx, const ar_life_batch *batch, ar_str **out_ids,
                             size_t *out_n);
