/* socket: HOME/run/core.sock: one request a connection, one at a time, in turns: between two
 * requests of one user, every other user who waits is served one. */
#pragma once

#include "daemon/known.h"
#include "op/core.h"

enum {
    AR_SOCKET_LINKS_MAX = 256,          /* connections; one more ends a silent one of whoever has
                                           most */
    AR_SOCKET_LINKS_OF_ONE = 64,        /* of one uid; one more ends its own most silent one */
    AR_SOCKET_STRANGERS_MS = 60 * 1000, /* between two events of strangers: they may not fill the
                                           log */
    AR_SOCKET_IDLE_MS = 30 * 1000,      /* until a request must be whole */
    AR_SOCKET_TAKE_MS = 10 * 60 * 1000, /* until an answer must be taken */
};

/* Answers that are not read wait in HOME/tmp and hold up nobody. */
#define AR_SOCKET_ANSWER_MAX  (INT64_C(1) << 30) /* bytes there of one uid's */
#define AR_SOCKET_ANSWERS_MAX (INT64_C(4) << 30) /* of all */

typedef struct ar_link ar_link;

typedef struct ar_socket {
    ar_core *core;     /* the caller's */
    const char *aside; /* where answers wait */
    ar_fd folder, listening;
    ar_link *links;
    int64_t asked; /* requests so far */
    ar_known known;
    struct {
        int64_t uid, times; /* the last one who came, and how many since the last event */
        int64_t due_ms;     /* when the next event may be */
    } strangers;
} ar_socket;

/* Listens; the core holds the home's lock, so that a socket which is there is a dead one's. Lets
 * others than the owner get to it if people.yaml names some, and closes the home if not.
 *   AR_INVALID  people.yaml is not well formed */
ar_err ar_socket_open(ar_core *core, ar_socket *out_socket);
/* Answers until `signals` (a signalfd) has something to read. */
ar_err ar_socket_serve(ar_socket *server, int signals);
void ar_socket_done(ar_socket *server);
