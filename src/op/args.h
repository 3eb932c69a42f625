/* args: what was asked for, checked against the row of the operation. */
#pragma once

#include "op/op.h"

enum {
    AR_ARGS_MAX = 4096,           /* values of one request */
    AR_ARG_BYTES_MAX = 256 * 1024 /* of one value */
};

typedef struct ar_arg {
    const ar_param *param;
    ar_str text; /* as it was written; of a file, its name */
    int64_t n;   /* of an int or a time */
    int fd;      /* of a file; owned by whoever made the arguments */
} ar_arg;

struct ar_args {
    const ar_op *op;
    ar_arena *arena; /* the request's; texts are copied into it */
    ar_arg *list;    /* in the order given */
    size_t n, cap;
};

/* The parameter of that name, or NULL. */
const ar_param *ar_param_find(const ar_op *op, ar_str name);

/* Adds one value, copied; `fd` only counts for files. Lengths are taken from `now`.
 *   AR_INVALID  not of the parameter's type, not one of its choices, given twice
 *   AR_LIMIT    too many values, or one too long */
ar_err ar_args_add(ar_args *args, const ar_param *param, ar_str text, int fd, ar_time now);
/* AR_INVALID names a required parameter that is absent. */
ar_err ar_args_complete(const ar_args *args);
