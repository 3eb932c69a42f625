/* progress: the report: what the programme came to between two snapshots, pillar by pillar, with
 * the snapshot and the command behind every figure. Markdown. */
#pragma once

#include "op/op.h"

extern const ar_op ar_progress_ops[]; /* ends with a zero entry */
