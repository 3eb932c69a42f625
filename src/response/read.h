/* read: how cases are shown: as a list, one with its timeline, and why due dates were missed. */
#pragma once

#include "op/op.h"

/* What a list shows of a case, and an operation answers that changed one. */
extern const ar_column ar_case_columns[];
/* The row of that case, as it stands now. */
ar_err ar_case_reply(ar_ctx *ctx, ar_str id, ar_reply *reply);

ar_err ar_case_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_case_run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_case_run_reasons(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_case_list_params[], ar_case_show_params[], ar_case_reasons_params[];
extern const ar_column ar_case_show_columns[], ar_case_reasons_columns[];
