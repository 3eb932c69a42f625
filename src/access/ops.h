/* ops: what people can ask of standing access. */
#pragma once

#include "op/op.h"

extern const ar_op ar_grant_ops[]; /* ends with a zero entry */
