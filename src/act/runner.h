/* runner: the process that acts. It is started before whoever asks opens the estate and gives up
 * what that takes, and runs one command after another with their rights: it holds no home and no
 * store, and ends when nobody speaks to it any more. */
#pragma once

#include "act/action.h"
#include "sys/proc.h"

enum { AR_RUNNER_TEXT_MAX = 1 << 20 /* what a command reads or prints */ };

typedef struct ar_runner {
    ar_child child;
    ar_fd to;
} ar_runner;

ar_err ar_runner_start(const ar_place *place, ar_runner *out_runner);
/* `in` is its standard input; *out_text, in `arena`, is what it printed; its standard error is the
 * runner's, which is ours. *out_status as ar_run has it, whose failures these are. */
ar_err ar_runner_run(ar_runner *runner, const ar_command *command, ar_str in, int64_t seconds,
                     ar_arena *arena, ar_str *out_text, int *out_status);
void ar_runner_done(ar_runner *runner);

/* The work of `aright --process act`. */
int ar_runner_main(const ar_tables *tables, int argc, char **argv);
