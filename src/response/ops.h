/* ops: what people can ask of cases, and how they report one. */
#pragma once

#include "op/op.h"

extern const ar_op ar_case_ops[]; /* ends with a zero entry */
