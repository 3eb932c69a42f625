/* fetch: brings a source's payload page by page into a folder, each page on disk before the next is
 * asked for, so that a fetch that was cut short goes on where it was. */
#pragma once

#include "fetch/errand.h"
#include "fetch/kept.h"
#include "sys/secret.h"

typedef struct ar_fetch {
    const char *program; /* to start the child with */
    const char *folder;  /* where it is kept; the caller holds its lock */
    const ar_errand *errand;
    const ar_secret *secret;
    bool anew; /* forget what is kept, and bring all */
    ar_time now;
    void (*progress)(void *self, const char *what, int64_t pages); /* or NULL */
    void *self;
} ar_fetch;

/* Goes on with what is kept of the same errand, else begins: with what has changed, where a link is
 * kept that tells it, else with all. When it returns AR_OK, every page is there (out_kept->whole).
 * A failure is recorded there too; it is the child's, in its words. */
ar_err ar_fetch_run(const ar_fetch *fetch, ar_arena *arena, ar_kept *out_kept);
