/* core: the keeper of one home: its lock, its engine, its people, and the one way in which an
 * operation runs: permission, transaction, audit event. */
#pragma once

#include "op/args.h"
#include "op/folders.h"
#include "op/logged.h"
#include "op/outbox.h"
#include "op/reply.h"

typedef struct ar_core {
    ar_arena arena; /* what lives as long as this */
    ar_place place;
    const ar_tables *tables;
    ar_fd lock;
    ar_engine *engine;
    ar_fd database; /* of the engine's file; copies are read from it, as the lock goes with the
                       first descriptor of the file that closes */
    ar_outbox outbox;
    const char
        *state; /* "core, process 4711" or "this command": who holds the home, for `status` */
    const char *sandbox; /* what the process gave up, for `status` */
    bool sandboxed;      /* all that can be given up */
    bool demo;           /* the estate is of a made-up company */
    int64_t front;       /* the uid that the front process has; -1: none has come */
    ar_keep keep;
    struct ar_answers *answers; /* to pages */
    int64_t ahead_ms;           /* how long those asked lately are answered ahead; others wait */
    ar_seglog_reader *records[AR_LOGS]; /* what each log has that is not entered yet; NULL: not
                                           looked yet */
    bool follows; /* facts are entered as they come; else before each operation */
} ar_core;

typedef struct ar_request {
    const ar_args *args; /* complete, and of an operation that runs in the core */
    ar_time now, asof;
    int64_t uid;
    bool front;   /* the front process asks, which is nobody itself, for whoever's token it is */
    ar_str token; /* of a session, or a link; empty: uid asks itself */
    bool kept;    /* an answer that is kept will do (op/answers.h) */
} ar_request;

/* Opens the home under its lock, which becomes the core's also on failure: finishes a restore that
 * was cut short, sweeps up what a crash left, enters the sandbox, opens the engine within the
 * budget, brings the tables up to date, compares with the event log. `place` is copied; its texts
 * must outlive the core.
 *
 * `writes` names, NULL-ended, the folders beside the home and backup_folder in which the process
 * may write from now on; it must not have threads. NULL: the process stays as it is.
 *   AR_CONFLICT  a newer home, an estate older than its log, or a real one where a demo is wanted
 */
ar_err ar_core_open(const ar_place *place, const ar_tables *tables, const char *const *writes,
                    ar_fd *lock, ar_time now, ar_core **out_core);
void ar_core_free(ar_core **core);

/* Runs one operation for that uid. What it returns is what the door says; whatever it returns, the
 * estate holds all of the change and its event, or nothing of it. A denied operation, and a change
 * that failed, are events too. */
ar_err ar_core_run(ar_core *core, const ar_request *request, ar_arena *arena, const ar_sink *sink);

/* Publishes what others read without the estate (ar_hooks.committed), after a change that
 * ar_core_run did not make. */
ar_err ar_core_publish(ar_core *core);

/* Takes the lock on the estate's file again: it goes when this process closes any descriptor of the
 * file, also one that a request brought. AR_CONFLICT when another process was faster. */
ar_err ar_core_hold(const ar_core *core);

/* Records that the request, which another than ar_core_run was to run, was not, and gives `err`
 * back: outcome "denied" or "failed". */
ar_err ar_core_refused(ar_core *core, const ar_request *request, const char *outcome, ar_err err);

/* Records that `n` times since the last such event somebody came who may not even ask, the last one
 * as `uid`, and was told `err`; gives it back. */
ar_err ar_core_stranger(ar_core *core, int64_t uid, int64_t n, ar_time now, ar_err err);

/* One event that is not of an operation ("core.started"). */
ar_err ar_core_event(ar_core *core, const char *event, ar_time now);

/* Runs an operation of the door in this process. */
ar_err ar_door_run(const ar_place *place, const ar_tables *tables, const ar_request *request,
                   ar_arena *arena, const ar_sink *sink);

extern const ar_migration ar_core_migrations[];
