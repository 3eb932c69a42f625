/* train: who has to take which course by when, and has. */
#pragma once

#include "op/op.h"

extern const ar_op ar_train_ops[]; /* ends with a zero entry */
