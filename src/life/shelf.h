/* shelf: the kinds, actions and life cycles of the home as an operation finds them. */
#pragma once

#include "life/cycle.h"

typedef struct ar_life_shelf {
    ar_kinds kinds;
    ar_definitions actions, cycles;
} ar_life_shelf;

/* Opens the estate. */
ar_err ar_life_shelf_open(ar_ctx *ctx, ar_life_shelf *out_shelf);
/* "tenant:lab" to its cycle and id; whether there is such an asset is not asked. AR_INVALID,
 * AR_NOT_FOUND: no such life cycle. */
ar_err ar_life_shelf_asset(const ar_life_shelf *shelf, ar_str asset, const ar_cycle **out_cycle,
                           ar_str *out_id);
