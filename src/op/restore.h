/* restore: a home put back from a backup (op/backup.h): staged beside what is there, then swapped,
 * so that a crash leaves the one or the other. */
#pragma once

#include "op/op.h"

/* Completes a restore whose swap had begun, throws away one whose swap had not. Needs the lock. */
ar_err ar_restore_finish(const ar_place *place);

ar_err ar_restore_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_column ar_restore_columns[];
