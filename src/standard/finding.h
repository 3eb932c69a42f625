/* finding: one asset that one standard finds wrong or cannot judge, from when it opened until it
 * closed. Its id is STANDARD/KIND:ID; what opens again is a new episode of it. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

typedef struct ar_finding_id {
    ar_str standard, kind, asset;
} ar_finding_id;

/* AR_INVALID says what an id looks like. The parts view `text`. */
ar_err ar_finding_id_parse(ar_str text, ar_finding_id *out_id);

ar_err ar_finding_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_finding_list_params[];
extern const ar_column ar_finding_list_columns[];
