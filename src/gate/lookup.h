/* lookup: what the standards of a gate say of an asset that the estate has, to who knows no more
 * than its id: the verdicts of the last evaluation, from the index (lookup/index.h). */
#pragma once

#include "gate/gate.h"

typedef struct ar_gate_looked {
    ar_str kind, id;
    ar_gate_decision decision;
    ar_time asof;  /* when the oldest of its verdicts was so; AR_TIME_MIN: none is known */
    ar_str broken; /* why the index cannot be read, or was not there; empty: it could */
} ar_gate_looked;

/* `asset` is KIND:ID of the gate's kind; of any kind where the gate judges `asset`. What the estate
 * does not have, what it has no more, and what was judged longer ago than the standard takes facts
 * for true, is unknown.
 *   AR_INVALID    no such text, or a kind that the gate does not judge
 *   AR_NOT_FOUND  no such kind */
ar_err ar_gate_lookup(ar_ctx *ctx, const ar_standards *standards, const ar_kinds *kinds,
                      ar_str gate, ar_str asset, ar_time asof, ar_gate_looked *out_looked);
