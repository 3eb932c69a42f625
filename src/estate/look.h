/* look: what an inspector saw of a machine or of repositories enters the estate. */
#pragma once

#include "op/op.h"

/* Takes a whole report (the lines of inspect/inspect.h): per kind that was looked at in full one
 * snapshot of its source, and the evidence about owners. Replies a row per kind.
 *   AR_UNAVAILABLE  the report is cut short or says what it cannot
 *   others          what the inspector failed with, in its words */
ar_err ar_look_take(ar_ctx *ctx, ar_reply *reply, ar_str text);

extern const ar_op ar_look_ops[];
