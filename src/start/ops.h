/* ops: what people make new things with, so that they start right. */
#pragma once

#include "op/op.h"

extern const ar_op ar_start_ops[]; /* ends with a zero entry */
