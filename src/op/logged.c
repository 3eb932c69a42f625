#include "op/logged.h"

#include "form/cbor.h"
#include "op/audit.h"
#include "op/core.h"

/* The record that an operation makes. */
typedef struct ar_entry {
    int64_t number;
    ar_buf values;
    size_t n;
} ar_entry;

static void ar_entry_done(ar_entry *entry)
{
    ar_buf_done(&entry->values);
}

/* ---- the log ---- */

ar_err ar_logged_open(const ar_place *place, const ar_tables *tables, enum ar_log which,
                      int64_t first, ar_keep *keep, ar_logged *out_logged)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_auto(ar_logged) logged = { .place = place, .tables = tables, .which = which, .keep = keep };
    const char *folder = ar_logged_folder(place, which, &scratch);
    int holder;

    AR_TRY(ar_dir_make(folder, 0700));
    AR_TRY(ar_file_lock(ar_path_join(&scratch, folder, "lock"), &logged.lock, &holder));
    AR_TRY(ar_seglog_open(folder, first, NULL, &logged.log));
    *out_logged = ar_move(logged);
    return ar_ok();
}

void ar_logged_done(ar_logged *logged)
{
    ar_seglog_free(&logged->log);
    ar_fd_done(&logged->lock);
    ar_arena_done(&logged->arena);
    *logged = (ar_logged){ 0 };
}

const char *ar_logged_folder(const ar_place *place, enum ar_log which, ar_arena *arena)
{
    static const char *const folders[AR_LOGS] = { "log/records", "log/facts" };

    return ar_path_join(arena, place->home, folders[which]);
}

ar_err ar_logged_sync(ar_logged *logged)
{
    return ar_seglog_sync(logged->log);
}

/* ---- who asks ---- */

/* Read again when the file is another. */
static ar_err refresh_people(ar_logged *logged)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_file_stamp stamp = { 0 }; /* stays so where there is no file */
    ar_err err =
        ar_file_stamp_read(ar_path_join(&scratch, logged->place->home, "people.yaml"), &stamp);

    if (err.code != AR_OK && err.code != AR_NOT_FOUND) return err;
    if (logged->has_people && memcmp(&stamp, &logged->stamp, sizeof stamp) == 0) return ar_ok();
    ar_arena_done(&logged->arena);
    logged->has_people = false;
    AR_TRY(ar_people_load(logged->place->home, &logged->arena, &logged->people));
    logged->has_people = true;
    logged->stamp = stamp;
    return ar_ok();
}

/* ---- records ---- */

int64_t ar_logged_number(const ar_ctx *ctx)
{
    return ctx->entry->number;
}

void ar_logged_values(ar_ctx *ctx, const ar_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) ar_cbor_value(&ctx->entry->values, values[i]);
    ctx->entry->n += n;
}

static ar_err add_record(ar_logged *logged, const ar_event *e, const ar_entry *entry)
{
    ar_auto(ar_buf) bytes = { 0 };

    ar_cbor_array(&bytes, AR_RECORD_EVENT + entry->n);
    ar_cbor_value(&bytes, ar_at(e->at));
    ar_cbor_text(&bytes, e->who);
    ar_cbor_int(&bytes, e->uid);
    ar_cbor_text(&bytes, e->op);
    ar_cbor_text(&bytes, e->event);
    ar_cbor_text(&bytes, e->outcome);
    ar_cbor_text(&bytes, e->detail);
    ar_buf_add(&bytes, ar_buf_str(&entry->values));
    return ar_seglog_add(logged->log, ar_buf_str(&bytes));
}

/* ---- run ---- */

/* Whoever cannot be kept up with is told to wait: what was answered is never dropped. */
static ar_err check_room(const ar_logged *logged)
{
    ar_auto(ar_arena) scratch = { 0 };
    size_t n;

    AR_TRY(ar_seglog_files(ar_logged_folder(logged->place, logged->which, &scratch), &n));
    if (n <= AR_LOGGED_SEGMENTS_MAX) return ar_ok();
    return ar_fail(AR_UNAVAILABLE,
                   "%zu MiB of records wait to be entered in the estate, and no more are taken "
                   "until it has caught up; ask again later",
                   n * (AR_SEGLOG_SEGMENT >> 20));
}

typedef struct job {
    ar_logged *logged;
    const ar_request *request;
    const ar_op *op;
    ar_str who;
    struct ar_audit audit;
} job;

static void job_done(job *j)
{
    ar_audit_done(&j->audit);
}

static ar_err record(job *j, const char *event, const char *outcome, ar_str problem,
                     const ar_entry *entry)
{
    ar_auto(ar_buf) detail = { 0 };

    ar_audit_detail(&j->audit, j->request->args, problem, &detail);

    ar_event e = {
        .at = j->request->now,
        .who = j->who,
        .uid = j->request->uid,
        .op = ar_str_of(j->op->name),
        .event = ar_str_of(event),
        .outcome = ar_str_of(outcome),
        .detail = ar_buf_str(&detail),
    };

    return add_record(j->logged, &e, entry);
}

/* What was refused, and what failed, is recorded too; the sentence of `err` outlives that. */
static ar_err record_problem(job *j, const char *event, const char *outcome, ar_err err)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = ar_arena_copy(&arena, ar_err_text(err));
    const ar_entry nothing = { 0 };
    ar_err other = record(j, event, outcome, text, &nothing);

    if (other.code != AR_OK)
        return ar_fail(err.code, "%.*s; nor could it be recorded: %.*s", AR_FMT(text),
                       AR_FMT(ar_err_text(other)));
    return ar_fail(err.code, "%.*s", AR_FMT(text));
}

static ar_err run_handler(job *j, const ar_person *who, ar_arena *arena, const ar_sink *sink,
                          ar_err *out_answer)
{
    ar_auto(ar_entry) entry = { .number = ar_seglog_next(j->logged->log) };
    ar_ctx ctx = {
        .now = j->request->now,
        .asof = j->request->asof,
        .who = who,
        .place = j->logged->place,
        .arena = arena,
        .hooks = &j->logged->tables->hooks,
        .tables = j->logged->tables,
        .audit = &j->audit,
        .entry = &entry,
        .keep = j->logged->keep,
    };
    ar_reply reply;

    ar_reply_init(&reply, j->op, sink);
    AR_TRY(j->op->run(&ctx, j->request->args, &reply));
    AR_TRY(ar_reply_finish(&reply));
    *out_answer = reply.answer;
    return record(j, j->op->event, "ok", (ar_str){ 0 }, &entry);
}

ar_err ar_logged_run(ar_logged *logged, const ar_request *request, ar_arena *arena,
                     const ar_sink *sink)
{
    __attribute__((cleanup(job_done)))
    job j = { .logged = logged, .request = request, .op = request->args->op };
    const ar_person *who = NULL;
    ar_err answer = ar_ok();

    assert(j.op->runs_in == AR_IN_LOG && j.op->log == logged->which);
    AR_TRY(check_room(logged));
    AR_TRY(refresh_people(logged));
    j.who = ar_people_name(&logged->people, request->uid, arena);

    ar_err err = ar_people_by_uid(&logged->people, request->uid, &who);

    /* only the estate knows whose a session is */
    if (request->token.len > 0)
        err = ar_fail(AR_DENIED, "%s is not asked in a browser", j.op->name);
    if (err.code == AR_OK) err = ar_op_permit(j.op, who);
    if (err.code != AR_OK) return record_problem(&j, "operation.denied", "denied", err);
    err = run_handler(&j, who, arena, sink, &answer);
    if (err.code != AR_OK) return record_problem(&j, j.op->event, "failed", err);
    return answer;
}

ar_err ar_logged_stranger(ar_logged *logged, int64_t uid, int64_t n, ar_time now, ar_err err)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args none = { 0 };
    ar_request request = { .args = &none, .now = now, .asof = now, .uid = uid };
    static const ar_op connect = { .name = "connect" };
    __attribute__((cleanup(job_done)))
    job j = { .logged = logged,
              .request = &request,
              .op = &connect,
              .who = ar_people_name(&(ar_people){ 0 }, uid, &arena) };

    ar_audit_fact(&j.audit, AR_LIT("times"), ar_int(n));
    return record_problem(&j, "operation.denied", "denied", err);
}
