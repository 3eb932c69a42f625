/* promote: the life of a standard: what it does at its gates, and its end. A shipped file stays as
 * it is; the home's own takes its place. */
#pragma once

#include "op/op.h"

extern const ar_op ar_promote_ops[]; /* ends with a zero entry */
extern const ar_migration ar_promote_migrations[];
