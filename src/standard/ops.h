/* ops: what people can ask of the judge. */
#pragma once

#include "op/op.h"

/* Rows of `status`: the files in standards/ that are none. */
ar_err ar_standard_status(ar_ctx *ctx, ar_reply *reply);

extern const ar_op ar_standard_ops[]; /* ends with a zero entry */
