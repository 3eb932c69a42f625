/* publish: writes the index of verdicts (lookup/index.h) from what the estate says, and follows its
 * changes: ar.verdict_change holds what is not published yet. */
#pragma once

#include "op/op.h"

extern const ar_migration ar_lookup_migrations[]; /* ends with a zero entry */

/* Of an estate that was opened. An index that is missing, damaged or of another state of the estate
 * is written anew. */
ar_err ar_lookup_opened(ar_ctx *ctx);
/* Outside of a transaction. Returns at once when nothing has changed. AR_IO, AR_LIMIT: the index
 * stays as it was, and the next call tries again. */
ar_err ar_lookup_publish(ar_ctx *ctx);
/* In a transaction: all of it is to be written anew, as somebody found it damaged. */
ar_err ar_lookup_distrust(ar_engine *engine);
