/* logged: operations that cannot wait for the estate. What one changes is a record in the home's
 * log, durable before it is answered, in a process that holds no estate; the estate's keeper enters
 * the records later, in order and once, each with its audit event.
 *
 *   HOME/log/records/   of gates, and
 *   HOME/log/facts/     of facts: the records (seglog/seglog.h); the row of ar.logged says how far
 *                       they are entered */
#pragma once

#include "op/op.h"
#include "op/outbox.h"
#include "seglog/seglog.h"

struct ar_core;
struct ar_request;

/* What the log has of an operation. */
typedef struct ar_record {
    int64_t number;
    ar_event event;
    const ar_value *values; /* ar_logged_values */
    size_t n;
} ar_record;

enum {
    AR_LOGGED_SEGMENTS_MAX = 64, /* files of records that are not entered: 1 GiB */
};

typedef struct ar_logged {
    const ar_place *place;
    const ar_tables *tables;
    enum ar_log which;
    ar_fd lock; /* one process at a time writes the log */
    ar_seglog *log;
    ar_keep *keep;
    ar_arena arena; /* of people */
    ar_file_stamp stamp;
    bool has_people;
    ar_people people;
} ar_logged;

/* Takes the lock and opens the log, which `first` begins where there is none (ar_seglog_open).
 * AR_CONFLICT when another process has it. */
ar_err ar_logged_open(const ar_place *place, const ar_tables *tables, enum ar_log which,
                      int64_t first, ar_keep *keep, ar_logged *out_logged);
void ar_logged_done(ar_logged *logged);

/* Runs an operation of that log. Its answer, a denial too, counts once ar_logged_sync has returned.
 * AR_UNAVAILABLE, and nothing is recorded, while AR_LOGGED_SEGMENTS_MAX files wait for the estate's
 * keeper. */
ar_err ar_logged_run(ar_logged *logged, const struct ar_request *request, ar_arena *arena,
                     const struct ar_sink *sink);
ar_err ar_logged_sync(ar_logged *logged);

/* One who came and may not even ask (ar_core_stranger). */
ar_err ar_logged_stranger(ar_logged *logged, int64_t uid, int64_t n, ar_time now, ar_err err);

/* Of a handler: the number of its record, and what its `enter` is to find in it; texts are copied.
 */
int64_t ar_logged_number(const ar_ctx *ctx);
void ar_logged_values(ar_ctx *ctx, const ar_value *values, size_t n);

/* ---- the estate's side ---- */

enum { AR_RECORD_EVENT = 7 }; /* values of a record before its own */

const char *ar_logged_folder(const ar_place *place, enum ar_log which, ar_arena *arena);

/* Enters what the log has and the estate has not. What it says of damage, ar_seglog_read says. */
ar_err ar_logged_enter(struct ar_core *core, enum ar_log which);
/* The same, as much at once as one transaction takes; how many records that were. */
ar_err ar_logged_enter_some(struct ar_core *core, enum ar_log which, size_t *out_n);
/* Room for more of it (ar_seglog_prepare). */
ar_err ar_logged_prepare(const struct ar_core *core, enum ar_log which);
/* The log of the core's home, for a moment, behind all that the estate has: made where there is
 * none yet. AR_CONFLICT as above. */
ar_err ar_logged_of(struct ar_core *core, enum ar_log which, ar_logged *out_logged);
