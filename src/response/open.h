/* open: the form with which a researcher, outside or inside, reports what they found. */
#pragma once

#include "op/op.h"

ar_err ar_case_run_open(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_case_open_params[];
