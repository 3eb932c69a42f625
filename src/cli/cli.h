/* cli: the command line: one door to all operations. */
#pragma once

#include "op/reply.h"

/* Runs one command line and returns the exit status. */
int ar_cli_main(const ar_tables *tables, int argc, char **argv);

/* The hook `ask` (op/op.h). */
ar_err ar_cli_ask(ar_ctx *ctx, const ar_args *args, const ar_sink *sink);

extern const ar_op ar_cli_ops[]; /* help and version */
