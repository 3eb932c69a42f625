/* feed: rows of one kind on their way into the estate, a batch of typed columns at a time. */
#pragma once

#include "base/base.h"

enum {
    AR_FEED_ROWS = 2048,                /* of one batch */
    AR_FEED_BYTES = 4 * 1024 * 1024,    /* of text after which a batch is handed over early */
    AR_FEED_ROW_MAX = 16 * 1024 * 1024, /* of text in one row */
    AR_FEED_ID_MAX = 1024,              /* of an id */
};

typedef struct ar_feed_column {
    ar_str name;
    enum ar_type type;
} ar_feed_column;

typedef struct ar_feed {
    /* The next rows; *out_rows is 0 at the end. Vectors and texts live until the next call. */
    ar_err (*next)(void *self, const ar_vector **out_columns, size_t *out_rows);
    /* Where not NULL, the same in two steps, for several threads: `take` gives the next batch
     * packed, empty at the end, to one thread at a time; `read` unpacks it, in any number of them
     * at once. The texts lie in what was packed. Not together with `next`. */
    ar_err (*take)(void *self, ar_buf *packed);
    ar_err (*read)(const void *self, ar_str packed, ar_vector_out *columns, size_t *out_rows);
    void *self;
    const ar_feed_column *columns; /* the facts of the kind, `id` first, which is never NULL */
    size_t n_columns;
    bool *given; /* per column: whether the payload speaks of it at all; true when the end came */
    /* After the end: */
    ar_str ignored;  /* names of fields that no column takes, or empty */
    int64_t bad;     /* how many rows could not be read and were passed over */
    ar_str bad_rows; /* what was wrong with the first of them, a line each */
    bool partial;    /* the payload says that its source has more */
} ar_feed;

/* Bytes of one element of a column. */
static inline size_t ar_feed_width(enum ar_type type)
{
    return type == AR_BOOL ? sizeof(bool) : type == AR_TEXT ? sizeof(ar_str) : sizeof(int64_t);
}

/* A batch being filled, row by row. */
typedef struct ar_batch {
    ar_vector_out *columns;
    ar_vector *views; /* the same columns, to be read */
    size_t n_columns;
    size_t n_rows;
    size_t bytes;   /* of text so far */
    char *room;     /* for AR_FEED_BYTES of it, used over and over */
    ar_arena texts; /* what the room could not hold */
} ar_batch;

void ar_batch_init(ar_batch *batch, const ar_feed_column *columns, size_t n_columns,
                   ar_arena *arena);
void ar_batch_clear(ar_batch *batch);
static inline bool ar_batch_full(const ar_batch *batch)
{
    return batch->n_rows == AR_FEED_ROWS || batch->bytes >= AR_FEED_BYTES;
}
/* The value of a column in the row being filled (batch->n_rows); text is copied. The value's type
 * is the column's, or AR_NULL. */
void ar_batch_set(ar_batch *batch, size_t column, ar_value value);
void ar_batch_done(ar_batch *batch);
