/* front: the server that browsers speak to. It has no store, and no network but the connections
 * that come to it from this machine; what it is asked, it asks the core. */
#pragma once

#include "op/op.h"
#include "sys/file.h"

enum {
    AR_FRONT_CONNECTIONS_MAX = 128,
    AR_FRONT_SECONDS_MAX = 20,          /* of silence on a connection */
    AR_FRONT_HEAD_BYTES_MAX = 32 << 10, /* of a request's head */
};

/* An address of this machine: "127.0.0.1:8640", "[::1]:8640". AR_INVALID: it is no address.
 * AR_DENIED: it is one that others reach. */
ar_err ar_front_check(ar_str listen);
/* AR_UNAVAILABLE: something else listens there. Other failures as ar_front_check has them. */
ar_err ar_front_listen(ar_str where, ar_fd *out_socket);

typedef struct ar_front ar_front;

/* Serves what comes to the socket, which listens on `where`, from threads of its own, until it is
 * freed. What it is asked, it asks over the channel `core` (door/client.h). `tables`, `where` and
 * `core` stay the caller's. */
ar_err ar_front_start(const ar_tables *tables, ar_str where, int core, ar_fd *socket,
                      ar_front **out_front);
void ar_front_free(ar_front **front);
