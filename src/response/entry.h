/* entry: shows cases to the estate as a register does, as rows of kind vcase and incident from
 * source "aright", so that standards judge them and their owners are found. */
#pragma once

#include "op/op.h"

/* The case of that id; empty: all. Kinds that have no case are left alone. */
ar_err ar_case_enter(ar_ctx *ctx, ar_str id);
