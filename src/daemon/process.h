/* process: the duties of the daemon, one process each, from one table. */
#pragma once

#include "op/op.h"

/* The main function of the duty called `name`; returns the exit status. */
int ar_process_main(const ar_tables *tables, const char *name, int argc, char **argv);
