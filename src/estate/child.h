/* child: the intake in a process of its own, which holds nothing but the payload and a pipe. What
 * comes through the pipe is checked as if a stranger had written it. */
#pragma once

#include "estate/intake.h"
#include "op/op.h"

/* The work of `aright --process connector PLAN`: gives up all rights, reads the payload from
 * standard input, writes batches to standard output, and ends the process. A payload that is wrong
 * is no failure of the process: the sentence about it goes through the pipe. */
int ar_connector_main(const ar_tables *tables, int argc, char **argv);

typedef struct ar_intake_child ar_intake_child;

/* Starts one for the payload behind `fd`, which stays the caller's. Its feed fails as that of the
 * intake does, and with AR_UNAVAILABLE when the child ended early or wrote nonsense. */
ar_err ar_intake_child_open(const ar_place *place, const ar_plan *plan, int fd,
                            ar_intake_child **out_child);
const ar_feed *ar_intake_child_feed(ar_intake_child *child);
void ar_intake_child_free(ar_intake_child **child);

/* The two ends of the pipe, on any descriptor. */
ar_err ar_feed_write(const ar_feed *feed, int fd);
ar_err ar_feed_read_open(const ar_plan *plan, int fd, ar_intake_child **out_child);
