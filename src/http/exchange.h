/* exchange: one HTTP request and its answer: what it must bring to be heard, where it goes, and
 * what goes with every answer. */
#pragma once

#include "http/site.h"
#include "op/op.h"

enum { AR_EXCHANGE_BODY_MAX = 1 << 20 }; /* bytes */

/* What all of them share, and none of them changes. */
typedef struct ar_exchanges {
    const ar_tables *tables;
    int core; /* the channel to it (door/client.h) */
    const ar_site *site;
    ar_str hosts[2]; /* what a browser may call us: nobody else's name leads here */
    ar_str openapi;
} ar_exchanges;

struct MHD_Connection;

/* As libmicrohttpd calls them: MHD_AccessHandlerCallback, MHD_RequestCompletedCallback. `all` is an
 * ar_exchanges. */
int ar_exchange_on(void *all, struct MHD_Connection *connection, const char *url,
                   const char *method, const char *version, const char *data, size_t *size,
                   void **exchange);
void ar_exchange_free(void **exchange);
