/* current: the kinds and standards of the home as their files are now. A core reads them again only
 * when a file is another than last time, so that a gate does not wait for a hundred files. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

/* They live until the next call in the same core, else as long as the operation. What
 * ar_kinds_load says. */
ar_err ar_standards_current(ar_ctx *ctx, const ar_standards **out_standards);
