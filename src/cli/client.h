/* client: hands an operation to the core that runs for this home. */
#pragma once

#include "op/core.h"

typedef struct ar_client {
    ar_fd socket;
} ar_client;

/* AR_NOT_FOUND when no core listens. */
ar_err ar_client_connect(const ar_place *place, ar_client *out_client);
/* Runs the operation there and hands its rows to `sink`; a failure is the operation's own, but for
 * AR_LIMIT (files at once) and AR_UNAVAILABLE or AR_IO when the core went away meanwhile. */
ar_err ar_client_run(ar_client *client, const ar_tables *tables, const ar_request *request,
                     const ar_sink *sink);
void ar_client_done(ar_client *client);
