/* home: the operations on the home itself: status, configuration, backup, restore, query. */
#pragma once

#include "op/op.h"

extern const ar_op ar_home_ops[];
