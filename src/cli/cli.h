/* cli: the command line: one door to all operations. */
#pragma once

#include "op/op.h"

/* Runs one command line and returns the exit status. */
int ar_cli_main(const ar_tables *tables, int argc, char **argv);

extern const ar_op ar_cli_ops[]; /* help and version */
