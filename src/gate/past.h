/* past: what gates decided, and what that costs people. */
#pragma once

#include "op/op.h"

extern const ar_op ar_gate_past_ops[]; /* ends with a zero entry */
