/* metric_ops: the operations on metrics; what `status` says of them. */
#pragma once

#include "op/op.h"

extern const ar_op ar_metric_ops[]; /* ends with a zero entry */

/* A row for each file that cannot be read. */
ar_err ar_metric_status(ar_ctx *ctx, ar_reply *reply);
