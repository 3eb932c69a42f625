/* finding: one asset that one standard finds wrong or cannot judge, from when it opened until it
 * closed. Its id is STANDARD/KIND:ID; what opens again is a new episode of it. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

enum { AR_FINDING_CRITICALITY = 3 }; /* of an asset for which nobody said one */

typedef struct ar_finding_id {
    ar_str standard, kind, asset;
} ar_finding_id;

/* AR_INVALID says what an id looks like. The parts view `text`. */
ar_err ar_finding_id_parse(ar_str text, ar_finding_id *out_id);

/* FROM-clause text: the findings with their state as of $1 in `state` ("waived" under a waiver in
 * force), `due_at`, `rank` (risk × criticality) and `waived` (bool, also for closed ones). */
extern const char ar_finding_from[];

ar_err ar_finding_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_finding_list_params[];
extern const ar_column ar_finding_list_columns[];
