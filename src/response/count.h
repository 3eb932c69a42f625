/* count: how the cases of each domain, division, team or owner stand: the scorecard of cases. */
#pragma once

#include "op/op.h"

ar_err ar_case_run_count(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_case_count_params[];
