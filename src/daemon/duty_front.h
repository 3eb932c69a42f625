/* duty_front: the process that serves the pages. */
#pragma once

#include "op/op.h"

int ar_duty_front(const ar_tables *tables, int argc, char **argv);
