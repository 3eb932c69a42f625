/* duty_core: the process that holds the estate and answers on its socket. */
#pragma once

#include "op/op.h"

/* argv: the home and the folder of shipped files. Returns the exit status. */
int ar_duty_core(const ar_tables *tables, int argc, char **argv);
