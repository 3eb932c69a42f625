/* current: the kinds, standards and connectors of the home as their files are now. A core reads
 * them again only when a file is another than last time, so that a gate does not wait for a hundred
 * files. */
#pragma once

#include "estate/connector.h"
#include "standard/standard.h"

enum { AR_CURRENT_LOOK_MS = 10 }; /* files are looked at once in so long */

typedef struct ar_current ar_current;

/* They live until the next call in the same core, else as long as the operation. What
 * ar_kinds_load says. */
ar_err ar_current_open(ar_ctx *ctx, ar_current **out_current);
/* Another number for other files, in one process. */
int64_t ar_current_edition(const ar_current *current);
const ar_kinds *ar_current_kinds(const ar_current *current);
const ar_standards *ar_current_standards(const ar_current *current);
/* What ar_connectors_load and ar_connectors_find say. */
ar_err ar_current_connector(ar_ctx *ctx, ar_current *current, ar_str name,
                            const ar_connector **out_connector);

/* The standards alone. */
ar_err ar_standards_current(ar_ctx *ctx, const ar_standards **out_standards);
