/* help: all that is printed from the rows of the operations: help, man pages, completion, the
 * permission matrix, the catalogue of audit events. */
#pragma once

#include "cli/words.h"

/* The arguments of `help` for an operation, for an area, or for all (op NULL, area empty). */
ar_err ar_help_of(const ar_tables *tables, const ar_op *op, ar_str area, ar_time now,
                  ar_arena *arena, ar_args *out_args);
