/* ops: what can be asked of gates, and what is kept of their decisions. */
#pragma once

#include "op/op.h"

extern const ar_op ar_gate_ops[]; /* ends with a zero entry */
extern const ar_migration ar_gate_migrations[];
