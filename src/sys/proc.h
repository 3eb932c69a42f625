/* proc: children: started without a shell, with little, stopped for sure. */
#pragma once

#include "base/base.h"
#include "sys/file.h"

enum {
    AR_CHILD_END_MS = 10 * 1000, /* between the end of its output and its own */
    AR_CHILD_PASSED = 3,         /* the descriptor that a child is given beside the standard ones */
};

typedef struct ar_child {
    int pid;          /* 0: none; also the number of its process group */
    ar_fd out;        /* we read */
    bool no_network;  /* it was asked for and is so */
    int64_t until_ms; /* its time ends on the monotonic clock; 0: never */
} ar_child;

typedef struct ar_spawn {
    const char *const *argv; /* argv[0] is an absolute path, or looked up in the standard folders */
    const char *const *envp; /* NULL: a small fixed environment (PATH, LANG=C.UTF-8, our HOME) */
    const char *dir;         /* NULL: / */
    ar_fd in_fd;             /* standard input, stays the caller's; empty: /dev/null */
    ar_fd pass_fd;           /* its AR_CHILD_PASSED, stays the caller's; empty: none */
    bool keep_stderr;        /* else /dev/null */
    bool no_network;         /* an empty network namespace; without the right to one, seccomp
                              * (sys/sandbox.h) refuses internet sockets */
    uint64_t memory_bytes;   /* RLIMIT_AS; 0: as ours */
    int cpu_seconds;         /* RLIMIT_CPU; 0: as ours */
    int seconds;             /* how long we wait for it in all; 0: for ever */
} ar_spawn;

/* memory_bytes for a child that is this program, holds so much data at a time and has so many
 * threads: what the libraries and the allocator take of the address space comes on top. 0 in a
 * build with the address sanitizer, which reserves terabytes. */
uint64_t ar_self_space(uint64_t data_bytes, int threads);

/* The child is in a session of its own, gains no privileges by exec, dumps no core, and dies with
 * the thread that started it. No descriptor but 0, 1, 2 and what is passed is inherited.
 * AR_NOT_FOUND when there is no such program or folder, AR_DENIED, AR_IO. */
ar_err ar_child_start(const ar_spawn *spawn, ar_child *out_child);
/* Waits until there is something to read from it, or its output has ended. AR_UNAVAILABLE when its
 * seconds are over. `name` is for the sentence, here and below. */
ar_err ar_child_ready(const ar_child *child, const char *name);
/* Waits for its end, after its output has been read to the end (else it may wait for us): within
 * its seconds, AR_CHILD_END_MS at most. What it left running in its process group is killed.
 * AR_UNAVAILABLE names how it ended when it was not exit status 0, or did not end in time and is
 * still there for ar_child_done. */
ar_err ar_child_wait(ar_child *child, const char *name);
/* Kills it and its process group and reaps it when it still runs; closes the pipe. */
void ar_child_done(ar_child *child);

/* Runs to the end and keeps what it printed, `max` bytes at most (AR_LIMIT), `seconds` at most
 * (AR_UNAVAILABLE). *out_status is the exit status, 128 + n after signal n. */
ar_err ar_run(const ar_spawn *spawn, size_t max, int seconds, ar_arena *arena, ar_str *out_text,
              int *out_status);
