/* kept: what a fetch has brought so far, in a folder: the payload, and a record of how far it
 * reaches. The record is written after the payload has reached the disk, so that after a crash what
 * it speaks of is there. */
#pragma once

#include "base/base.h"
#include "sys/file.h"

/* A fetch that was begun longer ago is not gone on with: it would mix two days. */
#define AR_KEPT_AGE_MAX AR_DAY

typedef struct ar_kept {
    ar_str errand; /* SHA-256 of what was asked for */
    bool delta;    /* only what has changed since the import `base` */
    bool whole;    /* every page is there */
    int64_t base;  /* number of an import, 0: none */
    int64_t pages, bytes;
    ar_str cursor;     /* of the page after the last one */
    ar_str delta_link; /* what will tell what has changed since */
    ar_time began;
    ar_str problem; /* why it broke off */
    int64_t code;
} ar_kept;

/* AR_NOT_FOUND: nothing is kept there. AR_INVALID: no such record. */
ar_err ar_kept_read(const char *folder, ar_arena *arena, ar_kept *out_kept);
ar_err ar_kept_write(const char *folder, const ar_kept *kept);
/* Opens the payload for more, cut to kept->bytes. */
ar_err ar_kept_open(const char *folder, const ar_kept *kept, ar_fd *out_payload);
/* The payload to read. AR_CONFLICT: it is not as long as the record says. */
ar_err ar_kept_payload(const char *folder, const ar_kept *kept, ar_fd *out_payload);
/* Removes record and payload. */
ar_err ar_kept_drop(const char *folder);

/* The link that tells what has changed since import `base`, from one fetch to the next. */
typedef struct ar_kept_link {
    ar_str errand, link;
    int64_t base;
} ar_kept_link;

/* AR_NOT_FOUND: there is none. */
ar_err ar_kept_link_read(const char *folder, ar_arena *arena, ar_kept_link *out_link);
/* A link that is empty removes what is there. */
ar_err ar_kept_link_write(const char *folder, const ar_kept_link *link);
