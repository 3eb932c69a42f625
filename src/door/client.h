/* client: hands an operation to the core that runs for this home. */
#pragma once

#include "op/core.h"

typedef struct ar_client {
    ar_fd socket;
} ar_client;

/* Who answers `op` in a home of our own.
 *   AR_NOT_FOUND  none listens
 *   AR_DENIED     it is closed to us, or whoever listens is not the home's owner */
ar_err ar_client_connect(const ar_place *place, const ar_op *op, ar_client *out_client);
/* The same over a channel to the core, for who can reach nothing else: one end of a new connection
 * is handed over. A core that is being started takes it when it is there. AR_UNAVAILABLE: there
 * will be none. */
ar_err ar_client_through(int channel, ar_client *out_client);
/* The same of a home that is someone else's. Where none can be reached, the sentence says whose the
 * home is and what would let us in: AR_UNAVAILABLE, AR_DENIED. */
ar_err ar_client_visit(const ar_place *place, const ar_op *op, ar_client *out_client);
/* Runs the operation there and hands its rows to `sink`; a failure is the operation's own, but for
 * AR_LIMIT (files at once) and AR_UNAVAILABLE or AR_IO when the core went away meanwhile. */
ar_err ar_client_run(ar_client *client, const ar_tables *tables, const ar_request *request,
                     const ar_sink *sink);
/* The same in two steps: asks; the answer is read from the descriptor, which stays the client's
 * (ar_relay_some). */
ar_err ar_client_ask(ar_client *client, const ar_tables *tables, const ar_request *request);
int ar_client_fd(const ar_client *client);
void ar_client_done(ar_client *client);
