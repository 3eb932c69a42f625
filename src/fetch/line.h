/* line: a child that has the network, and the two pipes to it. */
#pragma once

#include "fetch/errand.h"
#include "sys/proc.h"
#include "sys/secret.h"

typedef struct ar_line {
    ar_child child;
    ar_fd to_child;
    ar_buf body; /* of the last message heard */
} ar_line;

typedef struct ar_line_plan {
    const char *program, *process; /* `PROGRAM --process PROCESS` */
    const ar_errand *errand;
    const ar_secret *secret;
    uint64_t data_bytes; /* that it holds at a time */
    int64_t seconds;     /* of its life */
} ar_line_plan;

/* Starts the child and tells it errand and secret. AR_UNAVAILABLE, AR_IO. */
ar_err ar_line_open(const ar_line_plan *plan, ar_line *out_line);
/* Waits for the next message, `max` bytes at most. A failure that the child says is returned in its
 * words; AR_UNAVAILABLE: it ended, or its time did, or what it says is none. */
ar_err ar_line_hear(ar_line *line, size_t max, char *out_tag);
/* AR_UNAVAILABLE: the child sent that. */
ar_err ar_line_nonsense(const char *what);
/* Waits for the child's end after its last message. AR_UNAVAILABLE names how it ended. */
ar_err ar_line_close(ar_line *line);
void ar_line_done(ar_line *line);
