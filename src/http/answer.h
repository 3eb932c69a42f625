/* answer: the rows of an operation as one JSON document, with what a page must know of its columns.
 *
 *   {"columns":[{"name":"share","type":"double","share":true,"help":"…"}, …],
 *    "rows":[[…], …], "notes":["…"], "about":{"total":123},
 * "error":{"code":"denied","message":"…"}} */
#pragma once

#include "op/reply.h"

enum { AR_ANSWER_MAX = 64 << 20 }; /* bytes */

typedef struct ar_answer {
    const ar_op *op; /* whose columns it has, where those are always the same */
    ar_buf body;
    ar_buf notes, about;
    bool has_columns;
    int64_t rows;
} ar_answer;

ar_sink ar_answer_sink(ar_answer *answer);
/* Ends the document; `err` is what the operation returned. */
void ar_answer_end(ar_answer *answer, ar_err err);
void ar_answer_done(ar_answer *answer);
