/* ops: what there is to do about what is not right, and for whom.
 *
 * An item is all that one owner has to do for one standard: every finding that is open and not
 * waived. It is computed as it is read, so what it says is never older than the last evaluation,
 * nobody closes it but evidence, and it is there again when one of its findings is. Its id is
 * STANDARD/OWNER; what is nobody's is the item STANDARD/-. */
#pragma once

#include "op/op.h"

extern const ar_op ar_work_ops[]; /* ends with a zero entry */
