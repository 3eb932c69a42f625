/* op: one operation, every face. The CLI, the HTTP API, man pages, completion and the permission
 * matrix are all printed from these rows, so none of them can drift from the code. */
#pragma once

#include "engine/engine.h"
#include "op/migrate.h"
#include "op/person.h"
#include "op/place.h"
#include "sys/proc.h"

struct ar_record;
typedef struct ar_ctx ar_ctx;
typedef struct ar_args ar_args;   /* parameters, already checked against the row */
typedef struct ar_reply ar_reply; /* rows going out: table, JSON or CSV is the door's business */

enum ar_effect { AR_READS, AR_CHANGES };

enum ar_runs_in {
    AR_IN_CORE, /* with the estate's database */
    AR_IN_LOG,  /* without: what it changes is a record in the home's log (op/logged.h) */
    AR_IN_DOOR, /* in the caller's own process and with the caller's own rights, without a database:
                   ctx->engine and ctx->who are NULL; no event is written for it */
};

/* The logs of AR_IN_LOG, each in a process of its own: who asks a gate does not wait for facts. */
enum ar_log { AR_LOG_GATE, AR_LOG_FACTS, AR_LOGS };

enum ar_param_type {
    AR_PARAM_TEXT,
    AR_PARAM_INT,
    AR_PARAM_TIME, /* RFC 3339, or a length from now (-7d, +30d) */
    AR_PARAM_FLAG, /* --name, no value */
    AR_PARAM_FILE, /* a file to read, '-' is standard input; opened by the caller, passed open */
    AR_PARAM_PATH, /* a path that is only named; made absolute by the caller */
};

enum {
    AR_REQUIRED = 1,
    AR_POSITIONAL = 2, /* by place, not by --name */
    AR_REPEATED = 4,   /* may be given several times; a positional one must be the last */
    AR_WRITTEN = 8,    /* a PATH below which the operation writes */
};

typedef struct ar_param {
    const char *name; /* snake_case; --snake-case on the command line */
    enum ar_param_type type;
    unsigned flags;
    const char *help;    /* no full stop */
    const char *choices; /* "standard pillar owner domain", or NULL */
} ar_param;

enum {
    AR_COLUMN_SHARE = 1,     /* a share of 1: a percentage to people, a number to programs */
    AR_COLUMN_BRIEF = 2,     /* may be cut to fit a terminal */
    AR_COLUMN_QUIET = 4,     /* not in tables, only in json, ndjson and csv */
    AR_COLUMN_NEEDED = 8,    /* tables leave out rows where this number is 0; a note says which */
    AR_COLUMN_DOCUMENT = 16, /* the one column of an answer that is printed as it is (below) */
};

typedef struct ar_column {
    const char *name; /* snake_case, stable: programs rely on it */
    enum ar_type type;
    unsigned flags;
    const char *help;
} ar_column;

enum ar_shape {
    AR_SHAPE_TABLE,
    AR_SHAPE_RECORD, /* each row as lines "name  value" */
    AR_SHAPE_TEXT,   /* the first column as it is: SQL, a man page */
};

typedef struct ar_op {
    const char *name; /* "waiver.list": `aright waiver list`, GET /api/v1/waiver/list */
    const char *help; /* one line, no full stop */
    const char *more; /* a paragraph for the man page and --help, or NULL */
    const char
        *example; /* one command line; works on a fresh home where it names nothing; or NULL */
    const char *none; /* said when there is no row and nothing else was said, or NULL */
    enum ar_effect effect;
    enum ar_runs_in runs_in;
    enum ar_log log; /* of AR_IN_LOG */
    enum ar_shape shape;
    bool of_who;       /* its answer is about who asks: it is kept for nobody else */
    bool inner;        /* is asked by other operations or pages: the overview leaves it out */
    bool enters;       /* is asked with a one-time link where others have a session */
    bool surveyed;     /* its answer to pages may be as of the last evaluation (op/answers.h) */
    bool judges;       /* judges everything: what was asked lately is then answered ahead */
    bool apart;        /* what it changes is in no answer of another operation */
    bool alone;        /* manages its own transactions (backup, restore, query) */
    const char *grant; /* what the caller must hold: "standard.read" */
    const char *event; /* audit event written when it ran; NULL only for reads */
    const ar_param *params; /* ends with a zero entry; NULL: none */
    const ar_column
        *columns; /* ends with a zero entry; NULL: the handler says (ar_reply_columns) */
    /* NULL, or the operation that says whether its no was right: takes the first value of its first
     * row, then yes or no. At a terminal a key asks for it. */
    const char *judged_by;
    ar_err (*run)(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
    /* Of AR_IN_LOG: enters the values of records that it left, in their order, in the transaction
     * that enters their events. */
    ar_err (*enter)(ar_ctx *ctx, const struct ar_record *records, size_t n);
    bool sums; /* `enter` also adds the events of these records, many as one */
    /* NULL, or what a change that failed, and was rolled back, leaves in the estate: called in the
     * transaction that records its event, with the sentence of the failure. */
    ar_err (*failed)(ar_ctx *ctx, const ar_args *args, ar_str problem);
} ar_op;

struct ar_sink;

/* What an operation leaves for later ones of the same process, by what it is. */
enum ar_keepsake { AR_KEPT_CURRENT, AR_KEPT_GATES, AR_KEPT_LOOKUP, AR_KEPT_FACTS, AR_KEPTS };
typedef struct ar_keep {
    void *kept[AR_KEPTS]; /* NULL: nothing */
    void (*free[AR_KEPTS])(void *kept);
} ar_keep;

/* In place of what was left before. */
void ar_keep_put(ar_keep *keep, enum ar_keepsake what, void *kept, void (*free_kept)(void *kept));
void ar_keep_done(ar_keep *keep);

/* What lower folders ask of higher ones; daemon fills it. An empty hook: this program has none. */
typedef struct ar_hooks {
    /* Starts an inspector as a child, which prints the lines of inspect/inspect.h. */
    ar_err (*inspect)(ar_ctx *ctx, ar_str inspector, const ar_str *args, size_t n_args,
                      ar_child *out_child);
    /* Of an operation that runs in the door: asks for another one that needs the estate, as the
     * command line does, of the core that serves the home or in this process. Complete arguments;
     * the process may give up its rights on the way. */
    ar_err (*ask)(ar_ctx *ctx, const ar_args *args, const struct ar_sink *sink);
    /* Adds to the rows of `status` what is to be said of the estate (op/home.h). */
    ar_err (*status)(ar_ctx *ctx, ar_reply *reply);
    /* Called before everything is judged: brings up to date what is computed and judged too. */
    ar_err (*judging)(ar_ctx *ctx);
    /* Called when a change was committed, outside of any transaction: publishes what others read
     * without the estate. What was changed stands, whatever it fails with. */
    ar_err (*committed)(ar_ctx *ctx);
    /* Called in the transaction that took a snapshot: keeps beside it what belongs to it. */
    ar_err (*snapped)(ar_ctx *ctx, int64_t snapshot);
    /* Checks HOME/owners.yaml, without an estate: how many owners and domains it holds; -1 when
     * there is no such file. */
    ar_err (*check_owners)(ar_ctx *ctx, const char *path, int64_t *out_n);
} ar_hooks;

/* What a handler is given. An AR_CHANGES handler runs inside one transaction: what it returns
 * decides between commit (with its audit event as an outbox row) and rollback. */
struct ar_ctx {
    ar_time now;  /* when the request came */
    ar_time asof; /* --asof, else now: what expressions see */
    const ar_person *who;
    ar_str token; /* of the session, or link, that asks; empty: a user of this machine does */
    const ar_place *place; /* home, data folders, configuration, our own program */
    ar_engine *engine;
    ar_arena *arena; /* the request's */
    const ar_hooks *hooks;
    const struct ar_tables *tables;
    struct ar_core *core;   /* the estate's keeper (op/core.h); what must live as long as the engine
                               goes in its arena */
    struct ar_entry *entry; /* of AR_IN_LOG: the record that is being made (op/logged.h) */
    ar_keep *keep;          /* NULL: nothing outlives the operation */
    struct ar_audit *audit; /* facts for the audit event */
};

/* Everything the program consists of, wired together in daemon/tables.c. */
typedef ar_err ar_opened_fn(ar_ctx *ctx);
typedef struct ar_tables {
    const char *version;
    const ar_op *const *ops;               /* NULL-ended; each array ends with a zero entry */
    const ar_migration *const *migrations; /* as ar_migrate takes them */
    ar_opened_fn *const *opened; /* NULL-ended; each is called once when the estate has been opened
                                    and migrated: registers functions, brings views up to date */
    ar_hooks hooks;
} ar_tables;

/* The name of the socket in HOME/run at which it is asked for: "core.sock". */
const char *ar_op_socket(const ar_op *op);

/* The operation of that name, or NULL. */
const ar_op *ar_tables_find(const ar_tables *tables, ar_str name);
/* All operations in the order of the tables, in `arena`. */
const ar_op **ar_tables_all(const ar_tables *tables, ar_arena *arena, size_t *out_n);

/* AR_DENIED, with the grant that it takes, when they may not ask for it. */
ar_err ar_op_permit(const ar_op *op, const ar_person *who);

/* Adds one fact to the event of this operation: "kind", "rows". Names are snake_case. Never a
 * secret. Nothing happens for reads. */
void ar_audit_add(ar_ctx *ctx, const char *name, ar_value value);

/* ---- arguments ---- */

bool ar_arg_has(const ar_args *args, const char *name);
ar_str ar_arg_text(const ar_args *args, const char *name); /* empty when absent; also for PATH */
size_t ar_arg_texts(const ar_args *args, const char *name, const ar_str **out_texts);
int64_t ar_arg_int(const ar_args *args, const char *name, int64_t absent);
ar_time ar_arg_time(const ar_args *args, const char *name, ar_time absent);
bool ar_arg_flag(const ar_args *args, const char *name);
int ar_arg_fd(const ar_args *args, const char *name); /* an open file; -1 when absent */

/* ---- rows going out ---- */

/* Only for an op without columns of its own, once, before the first row. */
ar_err ar_reply_columns(ar_reply *reply, const ar_column *columns, size_t n);
/* As many values as columns; texts are copied. A failure means the reader is gone: return it. */
ar_err ar_reply_row(ar_reply *reply, const ar_value *values, size_t n);
/* All rows of an engine result, whose columns match those of the op by position. */
ar_err ar_reply_rows(ar_reply *reply, ar_rows *rows);
/* All rows of an engine result that began behind the first `skip`; its last column is not one of
 * the operation's: how many there are without limit. Says where what follows begins. */
ar_err ar_reply_counted(ar_reply *reply, ar_rows *rows, int64_t skip);
/* The same said of rows that came one by one. */
void ar_reply_total(ar_reply *reply, int64_t total, int64_t skip);
/* In the place of all rows, whatever columns the op has: a text that is written as it is, in every
 * format. */
ar_err ar_reply_document(ar_reply *reply, ar_str text);
/* A sentence for people, behind the table on a terminal; on standard error in the other formats. */
void ar_reply_note(ar_reply *reply, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says something of the answer to programs, as pages are: "total", how many rows there are of which
 * those that came are a part; "after" or "skip", what to ask for to get those that follow. */
void ar_reply_about(ar_reply *reply, const char *name, ar_value value);
/* The operation did what it is for, what it changed stands, and its answer to who asked is no, with
 * this sentence: the command ends with the status of the error. */
void ar_reply_answer(ar_reply *reply, ar_err answer);
/* How far long work is; shown on a terminal only. total 0: unknown. */
void ar_reply_progress(ar_reply *reply, const char *what, int64_t done, int64_t total);
