/* socket: HOME/run/core.sock: one request a connection, one at a time, any number waiting. */
#pragma once

#include "op/core.h"

enum {
    AR_SOCKET_LINKS_MAX = 64, /* connections; one more ends the one that has been silent longest */
    AR_SOCKET_IDLE_MS = 30 * 1000,      /* until a request must be whole */
    AR_SOCKET_TAKE_MS = 10 * 60 * 1000, /* until an answer must be taken */
};

/* Answers that are not read wait in HOME/tmp and hold up nobody. */
#define AR_SOCKET_ANSWER_MAX  (INT64_C(1) << 30) /* bytes there of one */
#define AR_SOCKET_ANSWERS_MAX (INT64_C(4) << 30) /* of all */

typedef struct ar_link ar_link;

typedef struct ar_socket {
    ar_core *core;     /* the caller's */
    const char *aside; /* where answers wait */
    ar_fd folder, listening;
    ar_link *links;
} ar_socket;

/* Listens; the core holds the home's lock, so that a socket which is there is a dead one's. */
ar_err ar_socket_open(ar_core *core, ar_socket *out_socket);
/* Answers until `signals` (a signalfd) has something to read. */
ar_err ar_socket_serve(ar_socket *server, int signals);
void ar_socket_done(ar_socket *server);
