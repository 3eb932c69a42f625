/* review: a meeting that looks at a frozen snapshot, decides, and gives out actions, which the next
 * review of its series opens with. Each is an asset of kind `review`, so that standards judge
 * whether they are held in time and leave nothing overdue. */
#pragma once

#include "op/op.h"

extern const ar_op ar_review_ops[]; /* ends with a zero entry */
extern const ar_migration ar_review_migrations[];
