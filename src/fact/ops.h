/* ops: facts told between imports: taken where no estate is, entered and judged where it is. */
#pragma once

#include "op/op.h"

extern const ar_op ar_fact_ops[]; /* ends with a zero entry */
