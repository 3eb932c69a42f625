/* ops: what people can ask of the judge. */
#pragma once

#include "op/op.h"

extern const ar_op ar_standard_ops[]; /* ends with a zero entry */
