/* sandbox: what a process gives up before it reads anything it did not write. */
#pragma once

#include "base/base.h"

typedef struct ar_sandbox {
    const char *const
        *read_paths; /* NULL-ended; Landlock, where the kernel has it; NULL: nothing */
    const char *const *write_paths; /* NULL-ended, folders */
    bool all_reads;                 /* an inspector may read every file */
    bool exec;                      /* may it start programs */
    bool network;                   /* may it open internet sockets (AF_UNIX and netlink stay) */
} ar_sandbox;

/* What was in force afterwards, for `status`. */
typedef struct ar_sandbox_state {
    bool no_new_privs, landlock, seccomp, no_dump;
} ar_sandbox_state;

/* No new privileges, no core dumps, Landlock, seccomp; never undone. A kernel without Landlock or
 * seccomp is no failure: *out_state tells. */
ar_err ar_sandbox_enter(const ar_sandbox *box, ar_sandbox_state *out_state);
