/* query: a person's own SELECT, run in a child of its own over a copy of the estate: without
 * network, files, or any other way to do harm, within a budget of memory, rows and time. */
#pragma once

#include "op/op.h"

ar_err ar_query_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply);

/* The child: reads the query from standard input, writes frames (op/wire.h) to standard output.
 * Returns the exit status. */
int ar_query_child(const ar_tables *tables, int argc, char **argv);
