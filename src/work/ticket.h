/* ticket: an item in a tracker: its key there, and what was sent of it last. */
#pragma once

#include "op/op.h"

/* The states of a ticket: it is to be made; open; closed by us; shut: closed there by others. */
#define AR_TICKET_NEW    "new"
#define AR_TICKET_OPEN   "open"
#define AR_TICKET_CLOSED "closed"
#define AR_TICKET_SHUT   "shut"

enum { AR_TICKET_KEY_MAX = 200, AR_TICKET_PAGE_MAX = 2000, AR_TICKET_PROBLEM_MAX = 500 };

/* What became of a task (work/task.h), or that it is about to be tried. */
typedef struct ar_ticket_news {
    ar_str project, item, action;
    ar_str outcome; /* trying, done, failed; gone: there is no such item there any more */
    ar_str key, page, sent, problem;
    const ar_str *keys; /* of a look: what is closed there */
    size_t n_keys;
    int64_t level;
    ar_time at;
    bool unsure;       /* it failed, and may be done nevertheless */
    enum ar_code code; /* of the failure; not printed */
} ar_ticket_news;

/* JSON, and back. AR_INVALID, AR_LIMIT: not what was printed. */
void ar_ticket_print(const ar_ticket_news *news, ar_buf *out);
ar_err ar_ticket_parse(ar_str text, ar_arena *arena, ar_ticket_news *out_news);
/* Enters it into the estate. */
ar_err ar_ticket_enter(ar_ctx *ctx, const ar_ticket_news *news);
