/* end: a grant is ended, or given an end, where it is given: in the files of this host, or by an
 * action; and taken back. */
#pragma once

#include "op/op.h"

extern const ar_param ar_grant_end_params[];
ar_err ar_grant_run_end(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_grant_run_undo(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
