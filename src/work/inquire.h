/* inquire: what an operation of the door asks of one that needs the estate. */
#pragma once

#include "op/op.h"

typedef struct ar_inquiry {
    const char *op;
    const ar_str *names, *values; /* of its parameters, a name as often as it has values */
    size_t n;
    ar_err (*row)(void *self, const ar_value *row, size_t n); /* or NULL */
    void *self;
} ar_inquiry;

/* Asks, and gives each row of the answer; its notes go unheard. The process may give up its rights
 * on the way. */
ar_err ar_inquire(ar_ctx *ctx, const ar_inquiry *inquiry);

/* AR_DENIED: who asks is not the home's owner; "only its owner DOES: the secrets of its WHOSE are
 * for nobody else". AR_UNAVAILABLE: there is nobody to inquire of. */
ar_err ar_inquire_ready(const ar_ctx *ctx, const char *does, const char *whose);
