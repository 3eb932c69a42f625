/* socket: a socket in HOME/run: one request a connection, one at a time, in turns: between two
 * requests of one user, every other user who waits is served one. Where answers go in groups, all
 * who wait are served, and then all are answered. */
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
    AR_SOCKET_TICK_MS = 200,
};

/* Answers that are not read wait in HOME/tmp and hold up nobody. */
#define AR_SOCKET_ANSWER_MAX  (INT64_C(1) << 30) /* bytes there of one uid's */
#define AR_SOCKET_ANSWERS_MAX (INT64_C(4) << 30) /* of all */

typedef struct ar_link ar_link;

/* Whose requests these are. */
typedef struct ar_socket_host {
    const ar_place *place;
    const ar_tables *tables;
    const char *name; /* of the socket, "core.sock"; ar_op_socket says which operations are asked
                          for there */
    bool groups;      /* no answer goes before `settle` has returned */
    int channel;      /* on which the front process hands over connections; 0: none */
    ar_err (*run)(void *self, const ar_request *request, ar_arena *arena, const ar_sink *sink);
    ar_err (*settle)(void *self); /* before answers go; a failure ends the serving */
    /* after each round, and as soon as it said, in ms, or in AR_SOCKET_TICK_MS; or NULL */
    int64_t (*tick)(void *self);
    void (*front)(void *self, int64_t uid); /* whose that process is; or NULL */
    ar_err (*stranger)(void *self, int64_t uid, int64_t n, ar_time now, ar_err err);
    void *self;
} ar_socket_host;

typedef struct ar_socket {
    const ar_socket_host *host; /* the caller's */
    const char *aside;          /* where answers wait */
    ar_arena arena;
    ar_fd folder, listening;
    int channel; /* the host's, while it is open */
    ar_link *links;
    int64_t asked; /* requests so far */
    int64_t tick_ms; /* until the host's next */
    ar_known known;
    struct {
        int64_t uid, times; /* the last one who came, and how many since the last event */
        int64_t due_ms;     /* when the next event may be */
    } strangers;
} ar_socket;

/* Listens; the host holds a lock, so that a socket which is there is a dead one's. Lets others than
 * the owner get to it if people.yaml names some.
 *   AR_INVALID  people.yaml is not well formed */
ar_err ar_socket_open(const ar_socket_host *host, ar_socket *out_socket);
/* Answers until `signals` (a signalfd) has something to read. */
ar_err ar_socket_serve(ar_socket *server, int signals);
void ar_socket_done(ar_socket *server);
