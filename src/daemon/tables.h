/* tables: what the program consists of. */
#pragma once

#include "op/op.h"

extern const ar_tables ar_all_tables;
