/* message: what a child that has the network and its parent say to each other, over two pipes.
 *
 * To the child: the errand as JSON, the secret; then, where pages are fetched, a byte for each one
 * that is kept, and where calls are made, each as JSON. From it, frames of a tag, the length of the
 * body as 4 bytes of this machine's order, and the body:
 *   P  page: length of the cursor behind it (4), the cursor, the page
 *   A  answer to a call: length of what is said of it (4), that as JSON, the body of the answer
 *   W  waiting: a sentence
 *   R  what came so far is worth nothing: from the beginning
 *   D  done, last: the url that will tell what has changed since, or nothing
 *   E  a failure, last: its code (1), then its sentence */
#pragma once

#include "sys/proc.h"

enum {
    AR_MESSAGE_RAW_MAX = 256 << 20, /* a document that has no pages */
    AR_MESSAGE_MAX = AR_MESSAGE_RAW_MAX + 128 * 1024,
    AR_MESSAGE_CALL_MAX = 8 << 20, /* a call, or the answer to it */
    AR_MESSAGE_CURSOR_MAX = 64 * 1024,
    AR_MESSAGE_SENTENCE_MAX = 4096,
};

/* A text with its length in front. AR_IO. */
ar_err ar_message_write(int fd, char tag, ar_str body);
/* `child`: who speaks, NULL when it is the parent: one that stops half-way is not waited for longer
 * than its seconds.
 * AR_UNAVAILABLE: the other side is gone, or its time is over; AR_LIMIT: longer than `max`. */
ar_err ar_message_read(int fd, const ar_child *child, size_t max, char *out_tag, ar_buf *body);
