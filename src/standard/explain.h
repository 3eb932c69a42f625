/* explain: why an asset meets a standard or not, in words: the facts, which condition they miss,
 * whose it is, and what would be right. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

ar_err ar_explain_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_column ar_explain_columns[];
