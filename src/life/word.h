/* word: what persons say of an asset's life: that it may begin, that it is kept or not, that it may
 * last longer. Each is a receipt. */
#pragma once

#include "op/op.h"

extern const ar_param ar_life_approve_params[];
extern const ar_param ar_life_answer_params[];
extern const ar_param ar_life_extend_params[];
extern const ar_column ar_life_word_columns[];
ar_err ar_life_run_approve(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_answer(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_extend(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
