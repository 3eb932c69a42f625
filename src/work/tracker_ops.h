/* tracker_ops: operations over the files of trackers: what there is, whether one is right, what it
 * would ask. */
#pragma once

#include "op/op.h"

extern const ar_op ar_tracker_ops[]; /* ends with a zero entry */
