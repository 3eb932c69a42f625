/* secret: a text that is wiped when it ends, and the private file that holds it. */
#pragma once

#include "base/base.h"

enum { AR_SECRET_MAX = 16 * 1024 };

typedef struct ar_secret {
    char *ptr; /* NUL-terminated; NULL: none */
    size_t len;
} ar_secret;

/* A copy of the text in place of what was there. */
void ar_secret_set(ar_secret *secret, ar_str text);
void ar_secret_done(ar_secret *secret);

static inline ar_str ar_secret_str(const ar_secret *secret)
{
    return (ar_str){ .ptr = secret->ptr, .len = secret->len };
}

/* What the file holds, without the line end behind it. `handed_over`: it lies in a folder that the
 * service manager made for us, and lets a group in by its own means.
 *   AR_DENIED   it is not ours or root's, or others may read it
 *   AR_INVALID  it is no regular file, empty, or not one line of printable text
 *   AR_NOT_FOUND, AR_LIMIT, AR_IO */
ar_err ar_secret_read(const char *path, bool handed_over, ar_secret *out_secret);
