/* trend: how things went: by snapshot, and how old what is open is. */
#pragma once

#include "op/op.h"

extern const ar_op ar_trend_ops[]; /* ends with a zero entry */
