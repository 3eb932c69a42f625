/* register: what was made from templates enters the estate, as of the source `aright`, and is
 * remembered, so that the same command twice makes one thing. */
#pragma once

#include "op/op.h"
#include "start/proposal.h"

extern const ar_migration ar_start_migrations[]; /* ends with a zero entry */

/* A proposal that was registered. */
typedef struct ar_started {
    bool is_there;
    ar_time made_at;
    ar_str hash;
    ar_str who; /* asked for it */
} ar_started;

ar_err ar_started_find(ar_ctx *ctx, const ar_kind *kind, ar_str id, ar_started *out_started);
/* AR_CONFLICT when something else is there by that id: made of another proposal, or shown by a
 * source. */
ar_err ar_register_check(ar_ctx *ctx, const ar_proposal *proposal, const ar_started *started);
/* Inside the transaction of the operation. */
ar_err ar_register(ar_ctx *ctx, const ar_kinds *kinds, const ar_proposal *proposal);
