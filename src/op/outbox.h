/* outbox: audit events, written with the change itself and then appended to the home's log.
 *
 * An event is a row of ar.outbox, written in the transaction of the operation that it records.
 * After the commit it is appended to HOME/log/events.ndjson, made durable there, and only then
 * deleted from the table. Whatever happens in between, each event is in the log once, by its
 * (core, epoch, seq): `core` names the estate, `epoch` rises with each restore, `seq` with each
 * event. */
#pragma once

#include "engine/engine.h"
#include "sys/file.h"

enum {
    AR_EVENT_LINE_MAX = 1 << 20,
    AR_CORE_ID_LEN = 33, /* 32 hexadecimal digits and a NUL */
};

/* Where an estate, or a log, stands. */
typedef struct ar_mark {
    char core[AR_CORE_ID_LEN]; /* "": none yet */
    int64_t epoch, seq;
} ar_mark;

typedef struct ar_outbox {
    ar_engine *engine; /* the caller's */
    ar_fd log;
    const char *path; /* of the log */
    ar_mark estate;   /* as it stood when it was opened */
    ar_mark logged;   /* of the log's last line */
    bool gap;         /* events are missing between the log and the outbox */
} ar_outbox;

typedef struct ar_event {
    ar_time at;
    ar_str who;
    int64_t uid;
    ar_str op;
    ar_str event;
    ar_str outcome; /* "ok", "failed", "denied" */
    ar_str detail;  /* a JSON object */
} ar_event;

/* Reads where estate and log stand, gives a new estate its name, cuts a torn last line, sends what
 * the log has not got. The texts of `out_outbox` live in `arena`; the caller calls ar_outbox_done.
 *   AR_CONFLICT  the log is ahead of the estate, or of another one: names `restore`
 *   AR_INVALID   the log's last line is no event */
ar_err ar_outbox_open(ar_engine *engine, const char *home, ar_time now, ar_arena *arena,
                      ar_outbox *out_outbox);
void ar_outbox_done(ar_outbox *outbox);

/* Writes the event as a row, within the transaction that is open. */
ar_err ar_outbox_add(ar_outbox *outbox, const ar_event *event);
/* The same of many, in their order. */
ar_err ar_outbox_add_all(ar_outbox *outbox, const ar_event *events, size_t n);
/* After the commit: appends all rows to the log, then deletes them. Outside any transaction. A
 * failure loses nothing: the rows stay for the next time. */
ar_err ar_outbox_drain(ar_outbox *outbox);
/* How many rows wait. */
ar_err ar_outbox_waiting(ar_outbox *outbox, int64_t *out_n);

/* Where the estate of an engine stands. */
ar_err ar_mark_of_estate(ar_engine *engine, ar_mark *out_mark);
/* Where a log stands; all zero when it has no line. Cuts a torn last line when `cut`. */
ar_err ar_mark_of_log(int fd, const char *path, bool cut, ar_mark *out_mark);
