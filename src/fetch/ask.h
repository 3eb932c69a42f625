/* ask: asks one system until its answer is good or final: proves who we are, waits as it is told
 * to, asks again where that may help, and says no secret back. For the children that have the
 * network; what they wait for they say on standard output (fetch/message.h). */
#pragma once

#include "fetch/errand.h"
#include "fetch/http.h"
#include "sys/secret.h"

typedef struct ar_asker {
    ar_arena arena; /* lives as long as this */
    ar_errand e;    /* its proof, headers, limits */
    ar_secret secret, token;
    int64_t token_until_ms;
    int64_t until_ms; /* when all patience ends, on the monotonic clock */
    ar_http *http;
    const char *later; /* what the sentence says behind it when patience ends, never NULL */
} ar_asker;

/* Finds libcurl, gives up every right but the network, hears errand and secret on standard input.
 * AR_UNAVAILABLE, AR_DENIED, AR_INVALID. */
ar_err ar_asker_begin(ar_asker *asker);
void ar_asker_done(ar_asker *asker);

typedef struct ar_asking {
    ar_http_question question; /* its headers, user and password are put in here */
    ar_str headers;            /* "Name: value" lines, beside those of the errand */
    bool once;                 /* not asked again after the system may have done it */
    /* Looks at an answer; *err is AR_OK, or the refusal that its status is, and becomes what is
     * said of the answer. True: asking again may help. */
    bool (*judge)(void *self, const ar_http_answer *answer, ar_arena *arena, ar_err *err);
    void *self;
} ar_asking;

/* Asks until the answer is judged, or no more patience or attempts are left. After a failure
 * out_answer holds the last answer; its status is 0 when the last attempt brought none. */
ar_err ar_ask(ar_asker *asker, ar_asking *asking, ar_arena *arena, ar_http_answer *out_answer);

/* The text without secret and token: a server may say back what it was told. */
ar_str ar_asker_hide(const ar_asker *asker, ar_str text, ar_arena *arena);
/* Says the failure on standard output, as the last message. AR_IO. */
ar_err ar_asker_say_failure(const ar_asker *asker, ar_err failure);

/* A whole child: begins, answers one message of standard input after the other until the parent
 * closes its end, and says why it ended if that was not well. Returns the exit status. */
int ar_asker_main(ar_err (*answer)(ar_asker *asker, ar_str message));
