/* frozen: what the metrics came to when a snapshot was taken. */
#pragma once

#include "op/op.h"

/* Measures every metric as of the snapshot's time and keeps it beside the snapshot. A metric whose
 * file cannot be read is left out. */
ar_err ar_metrics_freeze(ar_ctx *ctx, int64_t snapshot);

extern const ar_migration ar_frozen_migrations[];
extern const ar_op ar_frozen_ops[]; /* ends with a zero entry */
