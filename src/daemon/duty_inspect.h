/* duty_inspect: the process that looks at this machine: it reads everything and changes nothing. */
#pragma once

#include "op/op.h"

/* aright --process inspect TIME host | TIME repos PATH…; its lines (inspect/inspect.h) go to
 * standard output. */
int ar_duty_inspect(const ar_tables *tables, int argc, char **argv);

/* Starts that process as a child; fills ar_hooks.inspect. */
ar_err ar_start_inspect(ar_ctx *ctx, ar_str inspector, const ar_str *args, size_t n_args,
                        ar_child *out_child);
