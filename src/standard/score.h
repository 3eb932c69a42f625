/* score: how much of the scope is right, by standard, pillar, owner, team, division or domain. */
#pragma once

#include "op/op.h"

ar_err ar_score_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_score_params[];
