/* answers: what took long to answer, kept until something changes; and answered ahead, if it was
 * asked lately, when everything has just been judged. Only what is the same for whoever asks now is
 * kept. Surveys stay in the estate, so that they outlive the process; nothing else does. */
#pragma once

#include "op/wire.h"

enum {
    AR_ANSWERS_SLOW_MS = 100,            /* what is answered sooner is answered anew each time */
    AR_ANSWERS_MAX = 256,                /* the one asked longest ago makes room */
    AR_ANSWERS_BYTES_MAX = 1 << 20,      /* of one; longer ones are not kept */
    AR_ANSWERS_MINUTES_MAX = 60,         /* as things are late by time alone */
    AR_ANSWERS_DAYS_MAX = 14,            /* since somebody last asked, and it is answered ahead */
    AR_ANSWERS_AHEAD_MS = 2 * 60 * 1000, /* of all together: nobody else is served meanwhile */
};

typedef struct ar_answers ar_answers;

/* `slow_ms`: AR_ANSWERS_SLOW_MS, but in tests. */
ar_answers *ar_answers_new(int64_t slow_ms);
void ar_answers_free(ar_answers **answers);

/* The estate has changed. */
void ar_answers_changed(ar_answers *answers);

/* Hands on what is kept of the answer to a read, and true. An operation that is `surveyed` may have
 * changed since; what is not of now says "as_of". What the sink says of it goes to *out_err. */
bool ar_answers_tell(ar_answers *answers, const ar_tables *tables, const ar_request *request,
                     const ar_sink *sink, ar_err *out_err);

/* What passes on to another sink, and is written down on the way. */
typedef struct ar_answer_taker {
    const ar_sink *to; /* NULL: nobody listens */
    ar_wire_out wire;
    ar_sink down;
    ar_buf frames;
} ar_answer_taker;

ar_sink ar_answer_taker_sink(ar_answer_taker *taker, const ar_sink *to);
void ar_answer_taker_done(ar_answer_taker *taker);
/* Keeps what was taken, if that took long, or once did. */
void ar_answers_keep(ar_answers *answers, const ar_tables *tables, const ar_request *request,
                     ar_answer_taker *taker, int64_t took_ms);

/* The questions that were asked lately, as requests in `arena`; with `surveys` also each survey
 * that needs no parameter, asked or not. */
size_t ar_answers_lately(const ar_answers *answers, const ar_tables *tables, ar_time now,
                         bool surveys, ar_arena *arena, ar_request **out_requests);

/* The surveys that are kept go to the estate, in the caller's transaction, or come from it: as of
 * when they were made. */
ar_err ar_answers_save(const ar_answers *answers, const ar_tables *tables, ar_engine *engine);
ar_err ar_answers_load(ar_answers *answers, ar_engine *engine);
