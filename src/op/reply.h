/* reply: where the rows of an operation go: a printer, the socket, a test. */
#pragma once

#include "op/op.h"

enum { AR_COLUMNS_MAX = 512 }; /* of one reply */

/* The receiving end. columns comes once, before everything else but notes and progress. */
typedef struct ar_sink {
    ar_err (*columns)(void *self, const ar_column *columns, size_t n);
    ar_err (*row)(void *self, const ar_value *values, size_t n);
    void (*note)(void *self, ar_str text);
    void (*progress)(void *self, ar_str what, int64_t done, int64_t total);
    /* What programs want to know of the answer, by name (ar_reply_about). NULL: nobody does. */
    void (*about)(void *self, ar_str name, ar_value value);
    /* Whether someone still waits for the answer; asked before a change is committed. NULL: yes. */
    bool (*waiting)(void *self);
    void *self;
} ar_sink;

struct ar_reply {
    const ar_op *op;
    const ar_sink *sink;
    const ar_column *columns; /* NULL until they are known */
    size_t width;
    int64_t rows;
    bool noted;
    ar_err answer; /* ar_reply_answer */
};

void ar_reply_init(ar_reply *reply, const ar_op *op, const ar_sink *sink);
/* Says the columns of an operation that yielded no row, and what there is none of. */
ar_err ar_reply_finish(ar_reply *reply);

/* The receiving end of an operation that another one asks: rows go to `row`, or nowhere when it is
 * NULL; notes and progress go on into `reply`, or nowhere when that is. */
typedef struct ar_receiver {
    ar_err (*row)(void *self, const ar_value *values, size_t n);
    void *self;
    ar_reply *reply;
} ar_receiver;

/* Good as long as `receiver` is. */
ar_sink ar_receiver_sink(ar_receiver *receiver);
