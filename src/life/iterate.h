/* iterate: one full iteration over a kind: who is in it is frozen at the start, every one of them
 * is decided, and then it ends. Decided is what was removed since, what its owner keeps since, and
 * what nothing speaks against. */
#pragma once

#include "op/op.h"

extern const ar_param ar_life_iterate_params[];
extern const ar_column ar_life_iterate_columns[];
ar_err ar_life_run_iterate(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
