/* entry: what a life adds to the facts of its assets: when they were removed, and how long they may
 * live. It enters the estate as of a source of its own, `life`, so that what every other source
 * says stays what it says. */
#pragma once

#include "life/shelf.h"
#include "op/op.h"

/* The assets are removed since `at`: they keep the facts that they had, also when their sources no
 * longer show them. */
ar_err ar_life_enter_removed(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle,
                             const ar_str *ids, size_t n, ar_time at);
/* It is back: what its sources say holds again. */
ar_err ar_life_enter_back(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle,
                          ar_str id);
/* Its life ends at `until`, as was decided at `at`. */
ar_err ar_life_enter_end(ar_ctx *ctx, const ar_life_shelf *shelf, const ar_cycle *cycle, ar_str id,
                         ar_time until, ar_time at);
