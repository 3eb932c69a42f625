/* step: assets go on in their lives, as far as the guards of their life cycle let them, and back.
 */
#pragma once

#include "op/op.h"

/* For life.step and life.undo, which act, and for life.begin, life.take_back and life.record, which
 * they ask of the estate. */
extern const ar_param ar_life_step_params[];
extern const ar_param ar_life_undo_params[];
extern const ar_param ar_life_record_params[];
ar_err ar_life_run_step(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_undo(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_begin(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_record(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
