/* duty_log: the processes that answer what cannot wait for the estate, and hold none of it: one
 * for each log (op/logged.h). */
#pragma once

#include "op/op.h"

/* argv: the home and the folder of shipped files. Each returns the exit status. */
int ar_duty_gate(const ar_tables *tables, int argc, char **argv);
int ar_duty_facts(const ar_tables *tables, int argc, char **argv);
