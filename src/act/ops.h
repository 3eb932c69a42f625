/* ops: what people can ask of actions. */
#pragma once

#include "op/op.h"

extern const ar_op ar_action_ops[]; /* ends with a zero entry */
