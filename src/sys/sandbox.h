/* sandbox: what a process gives up before it reads anything it did not write. */
#pragma once

#include "base/base.h"

typedef struct ar_sandbox {
    const char *const *read_paths;  /* NULL-ended files and folders; NULL: nothing */
    const char *const *write_paths; /* NULL-ended files and folders: read, written, made, removed */
    bool all_reads;                 /* an inspector may read every file */
    bool exec;                      /* may it start programs (which may then read /usr and /lib) */
    bool network;                   /* may it open internet sockets, */
    bool local;   /* sockets of this machine (AF_UNIX), behind which others act, */
    bool netlink; /* and ask the kernel by netlink */
} ar_sandbox;

/* What was in force afterwards, for `status`. */
typedef struct ar_sandbox_state {
    bool no_new_privs, landlock, seccomp, no_dump;
} ar_sandbox_state;

/* The least of it, for every process of the program: no core dumps, and no tracing by others of the
 * same user. False when the kernel refuses. */
bool ar_sandbox_no_dump(void);

/* No new privileges, no core dumps, Landlock, seccomp; never undone, and kept by children. Files
 * that are open already stay usable. A kernel without Landlock or seccomp is no failure: *out_state
 * tells. Paths that do not exist are passed over. Call it before there are threads: Landlock binds
 * only the calling one, and out_state->landlock is false when there are others.
 *   Landlock  files and folders as above; where the kernel can, no signals and no abstract sockets
 *             beyond what is in the sandbox too
 *   seccomp   EPERM for: sockets of other families, exec unless allowed, else also signals to
 * others, tracing and reading other processes, mounts, namespaces, kernel modules, keys, BPF,
 * io_uring, clocks, reboot, terminals being typed into; ENOSYS for calls newer than this program; a
 * call of another architecture ends the process */
ar_err ar_sandbox_enter(const ar_sandbox *box, ar_sandbox_state *out_state);

/* The seccomp part alone, without internet sockets, for a child between fork and exec: no_new_privs
 * must be set. False when the kernel does not have it. */
bool ar_sandbox_cut_network(void);
