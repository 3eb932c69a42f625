/* read: lives as people read them: what needs doing, and what was done to one asset. */
#pragma once

#include "op/op.h"

extern const ar_param ar_life_list_params[];
extern const ar_column ar_life_list_columns[];
extern const ar_param ar_life_show_params[];
extern const ar_column ar_life_show_columns[];
ar_err ar_life_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_life_run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
