/* receipt: what was done to one asset: which step, by whom, on which evidence, by which deed, and
 * what took it back. One is begun before anything is done and ended after it: a crash between the
 * two leaves one that says so.
 *
 * Receipts are numbered in the order of their times, also when the clock is set back, and stay when
 * their asset goes. */
#pragma once

#include "op/op.h"

enum { AR_RECEIPT_NOTE_MAX = 1000 };

typedef struct ar_receipt {
    int64_t number; /* RC-12 */
    ar_str area;    /* whose step it is: "life", "access" */
    ar_str kind, asset;
    ar_str step; /* "quarantine"; "undo" takes another one back */
    ar_time at;
    ar_str who;
    ar_str state; /* "begun", "done", "failed", "half" */
    ar_str note;
    ar_str evidence; /* JSON: what was known when it was begun */
    ar_str hash;     /* SHA-256 of it */
    ar_str deed;     /* JSON (act/deed.h); empty: a person's word or hand */
    int64_t undoes;  /* the receipt that this one takes back; 0: none */
    int64_t undone;  /* the one that took this back; 0: none */
    int64_t sources; /* that spoke for it; 0: not asked */
    int64_t batch;   /* 0: none */
} ar_receipt;

extern const ar_migration ar_act_migrations[]; /* ends with a zero entry */

/* SQL: the receipts r that hold at $1: done by then, and not taken back by then. */
#define AR_RECEIPT_HOLDS                                                                  \
    "r.state = 'done' AND r.happened_at <= $1 AND NOT EXISTS (SELECT 1 FROM ar.receipt b" \
    " WHERE b.undoes = r.number AND b.state = 'done' AND b.happened_at <= $1)"

/* Not before the latest receipt: the clock may have been set back. */
ar_err ar_receipt_now(ar_ctx *ctx, ar_time *out_now);

/* Enters it: number, at, who, hash and state are set. Text in the receipt stays the caller's. */
ar_err ar_receipt_begin(ar_ctx *ctx, ar_receipt *receipt);
/* `state` as above; AR_CONFLICT when it is not one that was begun and not ended. */
ar_err ar_receipt_end(ar_ctx *ctx, int64_t number, ar_str state, ar_str note);
/* One that is done as it is entered: a person's word. */
ar_err ar_receipt_word(ar_ctx *ctx, ar_receipt *receipt);

/* "RC-12". AR_INVALID says what they look like. */
ar_err ar_receipt_number(ar_str text, int64_t *out_number);
/* In ctx->arena. AR_NOT_FOUND. */
ar_err ar_receipt_read(ar_ctx *ctx, int64_t number, ar_receipt *out_receipt);
