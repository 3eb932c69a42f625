/* load: the rows of a feed on their way into a table, pulled by the engine's own threads. */
#pragma once

#include "estate/feed.h"
#include "estate/table.h"

typedef struct ar_load {
    ar_table *table; /* its facts are the columns of the feed */
    /* The rows go into the table itself: columns that it does not store yet are made room for. */
    bool grows;
    /* Runs one INSERT that reads import_feed(), which has a column for each fact. It is run again
     * when the table has grown, and goes on where the last one ended. */
    ar_err (*insert)(void *self);
    void *self;
} ar_load;

/* *out_suspect: two rows may have the same id. A failure is the feed's own, or the insert's. */
ar_err ar_load_feed(const ar_load *load, const ar_feed *feed, ar_arena *arena, int64_t *out_rows,
                    bool *out_suspect);
