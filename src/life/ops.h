/* ops: what people can ask of the lives of assets. */
#pragma once

#include "op/op.h"

extern const ar_op ar_life_ops[]; /* ends with a zero entry */
