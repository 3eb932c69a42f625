/* queue: what waits for an owner, the weightiest first, each with the day by which it should have
 * one. */
#pragma once

#include "op/op.h"

extern const ar_op ar_queue_ops[]; /* ends with a zero entry */
