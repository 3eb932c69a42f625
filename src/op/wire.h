/* wire: requests and rows as CBOR frames, on the core's socket and on a child's pipe.
 *
 * A frame is its length (4 bytes, big end first) and one CBOR array that begins with its name:
 *   run      version, asof (or null), token (or empty), kept, operation, name, value, …   files
 * travel as descriptors, in the order in which they are named; their value is the file's name
 *   columns  name, type, flags, …
 *   row      value, …
 *   note     text
 *   progress what, done, total
 *   about    name, value
 *   error    code, text          ends the reply
 *   done                         ends the reply */
#pragma once

#include "op/core.h"

enum {
    AR_WIRE_REQUEST_MAX = 4 << 20, /* bytes of one request */
    AR_WIRE_FRAME_MAX = 64 << 20,  /* of one frame of a reply */
    AR_WIRE_FILES_MAX = 2,         /* the most that an operation reads */
};

/* The next frame at the front of *rest, which moves past it; out_frame->ptr is NULL while it is not
 * whole. AR_LIMIT: longer than `max`. */
ar_err ar_frame_next(ar_str *rest, size_t max, ar_str *out_frame);

void ar_wire_request(ar_buf *out, const ar_tables *tables, const ar_request *request);
/* Reads a request into *request, whose `now` and `uid` stand already; what it names is checked as a
 * command line is. `files` stay the caller's.
 *   AR_INVALID   not such a frame
 *   AR_CONFLICT  from another version of aright */
ar_err ar_wire_request_read(ar_str frame, const ar_tables *tables, const int *files, size_t n_files,
                            ar_arena *arena, ar_args *out_args, ar_request *request);

/* A sink that writes frames into `out` and calls `flush` after each. */
typedef struct ar_wire_out {
    ar_buf *out;
    ar_err (*flush)(void *self, bool urgent);
    bool (*waiting)(void *self); /* may be NULL */
    void *self;
} ar_wire_out;

ar_sink ar_wire_sink(ar_wire_out *wire);
/* The frame that ends a reply. */
void ar_wire_end(ar_buf *out, ar_err err);

/* Where a reader of a reply stands. */
typedef struct ar_wire_in {
    size_t n_columns;
    bool has_columns;
    bool done;
} ar_wire_in;

/* Hands one frame of a reply on to `sink`. An error frame is that error, and ends the reply.
 * AR_INVALID: not such a frame, or out of order. */
ar_err ar_wire_reply_read(ar_wire_in *in, ar_str frame, const ar_sink *sink);
/* Reads frames from `fd` until the reply has ended. *patience_ms is how long it waits for them in
 * all, and what of that is left afterwards; what `sink` takes does not count, and it may set it
 * anew. NULL: for ever. AR_UNAVAILABLE when the reply ends too early, or patience does. */
ar_err ar_wire_relay(int fd, int64_t *patience_ms, const ar_sink *sink);

/* The same in steps: what one reading brings. */
typedef struct ar_relay {
    ar_wire_in in;
    ar_buf buf;
} ar_relay;

ar_err ar_relay_some(ar_relay *relay, int fd, const ar_sink *sink, bool *out_done);
void ar_relay_done(ar_relay *relay);
