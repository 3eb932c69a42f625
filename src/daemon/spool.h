/* spool: an answer on its way to someone who may read slowly: its last bytes in memory, what is
 * before them in a file without a name. */
#pragma once

#include "sys/file.h"

enum {
    AR_SPOOL_AHEAD = 4 << 20, /* bytes that wait in memory */
    AR_SPOOL_TURN =
        1 << 20, /* bytes sent at once, so that one fast reader leaves turns to others */
};

typedef struct ar_spool {
    ar_buf tail; /* whoever answers adds to it */
    size_t tail_sent;
    ar_fd file;
    int64_t file_sent, file_len;
} ar_spool;

bool ar_spool_is_empty(const ar_spool *spool);
/* Sends what the socket `fd`, which does not block, takes now, AR_SPOOL_TURN at most.
 * AR_UNAVAILABLE when whoever read there is gone. */
ar_err ar_spool_send(ar_spool *spool, int fd);
/* Keeps the tail within AR_SPOOL_AHEAD: what waits goes to the file, which is made in `folder` and
 * may grow by `room` bytes.
 *   AR_LIMIT  there is no such room
 *   AR_IO     nor on the disk */
ar_err ar_spool_set_aside(ar_spool *spool, const char *folder, int64_t room);
void ar_spool_done(ar_spool *spool);
