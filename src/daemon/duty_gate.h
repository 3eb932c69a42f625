/* duty_gate: the process that answers what cannot wait for the estate, and holds none of it. */
#pragma once

#include "op/op.h"

/* argv: the home and the folder of shipped files. Returns the exit status. */
int ar_duty_gate(const ar_tables *tables, int argc, char **argv);
