/* home: the operations on the home itself: status, configuration, backup, restore, query. */
#pragma once

#include "op/op.h"

/* One row of `status`: not ok means that someone should look. */
ar_err ar_status_fact(ar_reply *reply, const char *area, const char *name, ar_str value, bool ok);

extern const ar_op ar_home_ops[];
