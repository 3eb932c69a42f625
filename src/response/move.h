/* move: a case on its way: from stage to stage, the warning that it will miss its due date, and
 * what it takes to close it. */
#pragma once

#include "op/op.h"

ar_err ar_case_run_stage(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_case_run_signal(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_case_run_close(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_case_stage_params[], ar_case_close_params[];
