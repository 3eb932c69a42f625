#include "op/core.h"

#include "op/answers.h"
#include "op/audit.h"
#include "op/backup.h"
#include "op/deadline.h"
#include "op/restore.h"
#include "op/session.h"
#include "sys/file.h"
#include "sys/sandbox.h"
#include "sys/ticks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const ar_migration ar_core_migrations[] = {
    { 100, "home and outbox",
      "CREATE TABLE ar.home("
      "  core VARCHAR NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, made_at TIMESTAMP);"
      "CREATE TABLE ar.outbox("
      "  seq BIGINT NOT NULL, epoch BIGINT NOT NULL, \"at\" TIMESTAMP NOT NULL, who VARCHAR NOT "
      "NULL,"
      "  uid BIGINT NOT NULL, op VARCHAR NOT NULL, event VARCHAR NOT NULL,"
      "  outcome VARCHAR NOT NULL, detail VARCHAR NOT NULL)" },
    { 101, "made-up companies", "ALTER TABLE ar.home ADD COLUMN demo BOOLEAN DEFAULT false" },
    { 102, "how far the records of the log are entered",
      "CREATE TABLE ar.logged (number BIGINT); INSERT INTO ar.logged VALUES (0)" },
    { 103, "how far the facts of their log are",
      "ALTER TABLE ar.logged ADD COLUMN log BIGINT DEFAULT 0; INSERT INTO ar.logged VALUES (0, "
      "1)" },
    { 104, "surveys that outlive the process",
      "CREATE TABLE ar.survey (question VARCHAR, frames VARCHAR, made_at TIMESTAMP,"
      " asked_at TIMESTAMP)" },
    { 0 },
};

/* ---- open ---- */

/* What a killed process left in the middle of writing. */
static ar_err sweep(const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };

    AR_TRY(ar_drafts_remove(place->home));
    return ar_drafts_remove(ar_path_join(&arena, place->home, "run"));
}

/* The folders to write in, made where they are missing: a sandbox lets in only what is there. One
 * that cannot be made fails what would write there, and nothing else. */
static const char *const *make_writable(ar_core *core, const char *const *more)
{
    enum { OURS = 3 };
    const ar_place *place = &core->place;
    size_t n = 0, n_more = 0;

    while (more[n_more] != NULL) n_more++;

    const char **paths = ar_make_n(&core->arena, const char *, OURS + n_more + 1);

    paths[n++] = place->home;
    paths[n++] = "/dev/null";
    if (place->config.backup_folder.len > 0)
        paths[n++] = ar_arena_cstr(&core->arena, place->config.backup_folder);
    memcpy(paths + n, more, n_more * sizeof *more);
    for (size_t i = OURS - 1; paths[i] != NULL; i++) {
        ar_err err = ar_dir_make(paths[i], 0700);

        (void)err;
    }
    return paths;
}

/* Before the engine starts its threads, which Landlock would not bind. A core reads what it serves
 * and starts children that look at the machine. */
static ar_err enter_sandbox(ar_core *core, const char *const *writes)
{
    ar_sandbox box = {
        .write_paths = make_writable(core, writes),
        .all_reads = true,
        .exec = true,
        .local = true,   /* the socket it serves */
        .netlink = true, /* an inspector's: what we give up, children do not get back */
    };
    ar_sandbox_state state;

    AR_TRY(ar_sandbox_enter(&box, &state));
    core->sandbox =
        ar_arena_printf(&core->arena, "%s%s%s%s", state.no_new_privs ? "no-new-privileges" : "",
                        state.landlock ? ", landlock" : "", state.seccomp ? ", seccomp" : "",
                        state.no_dump ? ", no-dump" : "")
            .ptr;
    core->sandboxed = state.no_new_privs && state.landlock && state.seccomp && state.no_dump;
    return ar_ok();
}

/* A core that is served writes the file anew as seldom as facts need it: what they change lies all
 * over the tables, and to write these takes a second for every million assets. */
#define SERVED_LOG_BYTES (UINT64_C(1) << 30)

static ar_err open_engine(ar_core *core, bool served)
{
    const ar_config *config = &core->place.config;
    const char *tmp = ar_path_join(&core->arena, core->place.home, "tmp");
    ar_engine_options options = {
        .path = ar_home_database(&core->place, &core->arena),
        .memory_bytes = ar_config_memory(config, AR_SHARE_CORE),
        .threads = (int)config->threads,
        .temp_dir = tmp,
        .log_bytes = served ? SERVED_LOG_BYTES : 0,
    };

    /* what a killed process spilled */
    AR_TRY(ar_dir_remove(tmp));
    AR_TRY(ar_dir_make(tmp, 0700));
    ar_err err = ar_engine_open(&options, &core->engine);
    /* the engine says what is wrong with the file; only here is it known what helps */
    if (err.code == AR_INVALID || err.code == AR_IO)
        return ar_fail(err.code, "%.*s (where the file is damaged, `aright restore BACKUP` helps)",
                       AR_FMT(ar_err_text(err)));
    AR_TRY(err);
    core->database = ar_fd_of(open(options.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    return core->database.n == 0 ? ar_fail_errno("%s", options.path) : ar_ok();
}

typedef struct backup_job {
    ar_core *core;
    ar_time now;
} backup_job;

static ar_err backup_before_migration(void *self)
{
    const backup_job *job = self;

    return ar_backup_automatic(job->core, job->now);
}

static ar_ctx make_ctx(ar_core *core, ar_arena *arena, ar_time now, ar_time asof)
{
    return (ar_ctx){
        .now = now,
        .asof = asof,
        .place = &core->place,
        .engine = core->engine,
        .arena = arena,
        .hooks = &core->tables->hooks,
        .tables = core->tables,
        .core = core,
        .keep = &core->keep,
    };
}

static ar_err call_opened(ar_core *core, ar_time now)
{
    for (ar_opened_fn *const *opened = core->tables->opened; *opened != NULL; opened++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_ctx ctx = make_ctx(core, &arena, now, now);

        AR_TRY((*opened)(&ctx));
    }
    return ar_ok();
}

/* Whether it is a demo is said when an estate is made, and never afterwards. */
static ar_err mark_demo(ar_core *core, bool is_new)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value demo;

    if (is_new && core->place.demo)
        AR_TRY(ar_engine_exec(core->engine, "UPDATE ar.home SET demo = true"));
    AR_TRY(
        ar_engine_value(core->engine, AR_LIT("SELECT demo FROM ar.home"), NULL, 0, &arena, &demo));
    core->demo = demo.type == AR_BOOL && demo.b;
    if (core->demo || !core->place.demo) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "%s holds a real estate, in which nothing is made up; a demo wants a home of "
                   "its own (--home DIR)",
                   core->place.home);
}

static ar_err open_log(ar_core *core, ar_time now)
{
    ar_mark mark;

    AR_TRY(ar_mark_of_estate(core->engine, &mark));
    AR_TRY(ar_outbox_open(core->engine, core->place.home, now, &core->arena, &core->outbox));
    return mark_demo(core, mark.core[0] == '\0');
}

static ar_err open_all(ar_core *core, const char *const *writes, ar_time now)
{
    backup_job job = { .core = core, .now = now };

    AR_TRY(ar_restore_finish(&core->place));
    AR_TRY(sweep(&core->place));
    AR_TRY(ar_config_load(core->place.home, &core->arena, &core->place.config));
    if (writes != NULL) AR_TRY(enter_sandbox(core, writes));
    AR_TRY(open_engine(core, writes != NULL));
    AR_TRY(ar_migrate(core->engine, core->tables->migrations, now, backup_before_migration, &job,
                      NULL));
    AR_TRY(open_log(core, now));
    AR_TRY(ar_answers_load(core->answers, core->engine));
    return call_opened(core, now);
}

ar_err ar_core_open(const ar_place *place, const ar_tables *tables, const char *const *writes,
                    ar_fd *lock, ar_time now, ar_core **out_core)
{
    ar_own(ar_core) core = calloc(1, sizeof *core);

    if (core == NULL) abort();
    core->place = *place;
    core->tables = tables;
    core->answers = ar_answers_new(AR_ANSWERS_SLOW_MS);
    core->ahead_ms = AR_ANSWERS_AHEAD_MS;
    core->lock = ar_move(*lock);
    core->state = "this command";
    core->front = -1;
    core->sandbox = "none";
    AR_TRY(open_all(core, writes, now));
    *out_core = ar_move(core);
    return ar_ok();
}

void ar_core_free(ar_core **core)
{
    if (*core == NULL) return;
    ar_keep_done(&(*core)->keep);
    ar_answers_free(&(*core)->answers);
    for (size_t i = 0; i < AR_LOGS; i++) ar_seglog_reader_free(&(*core)->records[i]);
    ar_outbox_done(&(*core)->outbox);
    ar_engine_free(&(*core)->engine);
    ar_fd_done(&(*core)->database);
    ar_arena_done(&(*core)->arena);
    ar_fd_done(&(*core)->lock);
    free(*core);
    *core = NULL;
}

ar_err ar_core_hold(const ar_core *core)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fcntl(ar_fd_n(core->database), F_SETLK, &whole) == 0) return ar_ok();
    return ar_fail(AR_CONFLICT, "another process has the estate of %s open", core->place.home);
}

/* ---- the event of an operation ---- */

typedef struct job {
    ar_core *core;
    const ar_request *request;
    const ar_op *op;
    ar_str who;
    struct ar_audit audit;
    ar_err answer; /* ar_reply_answer */
} job;

static void job_done(job *j)
{
    ar_audit_done(&j->audit);
}

static ar_err add_event(job *j, const char *event, const char *outcome, ar_str problem)
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

    return ar_outbox_add(&j->core->outbox, &e);
}

/* An event in a transaction of its own; with a context, also what the operation leaves when it
 * failed. */
static ar_err commit_event(job *j, ar_ctx *ctx, const char *event, const char *outcome,
                           ar_str problem)
{
    ar_err err = ar_ok();

    AR_TRY(ar_engine_begin(j->core->engine));
    if (ctx != NULL && j->op->failed != NULL) err = j->op->failed(ctx, j->request->args, problem);
    if (err.code == AR_OK) err = add_event(j, event, outcome, problem);

    if (err.code == AR_OK) err = ar_engine_commit(j->core->engine);
    ar_engine_rollback(j->core->engine);
    return err;
}

/* The sentence of `err` outlives what happens next. */
static ar_err commit_problem(job *j, ar_ctx *ctx, const char *event, const char *outcome,
                             ar_err err)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = ar_arena_copy(&arena, ar_err_text(err));
    ar_err other = commit_event(j, ctx, event, outcome, text);

    if (other.code == AR_OK) other = ar_outbox_drain(&j->core->outbox);
    if (other.code != AR_OK)
        return ar_fail(err.code, "%.*s; nor could it be recorded: %.*s", AR_FMT(text),
                       AR_FMT(ar_err_text(other)));
    return ar_fail(err.code, "%.*s", AR_FMT(text));
}

/* ---- run ---- */

/* A token is believed of the front process only, which brings what a browser sent it, and without
 * one nothing is. */
static ar_err find_who(const job *j, const ar_people *people, ar_arena *arena,
                       const ar_person **out_who)
{
    const ar_request *r = j->request;
    ar_str name;

    if (!r->front && r->token.len == 0) return ar_people_by_uid(people, r->uid, out_who);
    if (!r->front)
        return ar_fail(AR_DENIED, "uid %lld is not the front process of this home",
                       (long long)r->uid);
    AR_TRY(ar_session_person(j->core->engine, j->op->enters ? AR_TOKEN_LINK : AR_TOKEN_SESSION,
                             r->token, r->now, arena, &name));
    return ar_people_by_name(people, name, out_who);
}

static ar_err admit(job *j, const ar_people *people, ar_arena *arena, const ar_person **out_who)
{
    const ar_person *who;

    AR_TRY(find_who(j, people, arena, &who));
    j->who = who->name;
    AR_TRY(ar_op_permit(j->op, who));
    *out_who = who;
    return ar_ok();
}

static ar_err run_handler(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    ar_reply reply;

    ar_reply_init(&reply, j->op, sink);
    AR_TRY(j->op->run(ctx, j->request->args, &reply));
    j->answer = reply.answer;
    return ar_reply_finish(&reply);
}

/* A read sees one state, cannot leave anything behind, and holds nobody up for ever. */
static ar_err run_read(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    int64_t seconds = j->core->place.config.query_seconds;
    ar_deadline deadline;

    AR_TRY(ar_engine_begin(j->core->engine));

    ar_err err = ar_deadline_start(&deadline, j->core->engine, seconds);

    if (err.code == AR_OK) {
        err = run_handler(j, ctx, sink);
        if (ar_deadline_stop(&deadline) && err.code != AR_OK)
            err = ar_fail(AR_LIMIT, "%s ran longer than %lld s (query_seconds)", j->op->name,
                          (long long)seconds);
    }
    ar_engine_rollback(j->core->engine);
    return err;
}

/* Tells what is kept; else keeps what it finds, if that is worth it. */
static ar_err run_kept(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    ar_auto(ar_answer_taker) taker = { 0 };
    ar_core *core = j->core;
    ar_sink through = ar_answer_taker_sink(&taker, sink);
    int64_t before = ar_ticks_ms();
    ar_err err;

    if (ar_answers_tell(core->answers, core->tables, j->request, sink, &err)) return err;
    AR_TRY(run_read(j, ctx, &through));
    ar_answers_keep(core->answers, core->tables, j->request, &taker, ar_ticks_ms() - before);
    return ar_ok();
}

/* Whether whoever asks this now is told the same. */
static bool may_be_kept(const ar_request *r)
{
    const ar_op *op = r->args->op;

    for (size_t i = 0; i < r->args->n; i++)
        if (r->args->list[i].param->type == AR_PARAM_FILE) return false;
    return r->kept && op->effect == AR_READS && !op->of_who && r->asof == r->now;
}

static ar_err save_surveys(ar_core *core)
{
    ar_err err;

    AR_TRY(ar_engine_begin(core->engine));
    err = ar_answers_save(core->answers, core->tables, core->engine);
    if (err.code == AR_OK) err = ar_engine_commit(core->engine);
    ar_engine_rollback(core->engine);
    return err;
}

/* Everything was judged: what was asked lately will be asked again. Whoever only passes by does not
 * survey what nobody asks. */
static void answer_ahead(job *j, const ar_sink *sink)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_core *core = j->core;
    int64_t until_ms = ar_ticks_ms() + core->ahead_ms;
    ar_request *requests;
    size_t n = ar_answers_lately(core->answers, core->tables, j->request->now, core->follows,
                                 &arena, &requests);

    for (size_t i = 0; i < n && ar_ticks_ms() < until_ms; i++) {
        ar_auto(ar_arena) each = { 0 };
        ar_auto(ar_answer_taker) taker = { 0 };
        ar_ctx ctx = make_ctx(core, &each, requests[i].now, requests[i].asof);
        job ahead = { .core = core, .request = &requests[i], .op = requests[i].args->op };
        ar_sink down = ar_answer_taker_sink(&taker, NULL);

        sink->progress(sink->self, AR_LIT("answering ahead"), (int64_t)i, (int64_t)n);
        if (run_read(&ahead, &ctx, &down).code == AR_OK)
            ar_answers_keep(core->answers, core->tables, &requests[i], &taker, 0);
    }
    if (n > 0 && save_surveys(core).code != AR_OK)
        sink->note(sink->self, AR_LIT("surveys could not be kept in the estate"));
}

static ar_err change(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    AR_TRY(run_handler(j, ctx, sink));
    if (sink->waiting != NULL && !sink->waiting(sink->self))
        return ar_fail(AR_UNAVAILABLE, "whoever asked is gone; nothing was changed");
    AR_TRY(add_event(j, j->op->event, "ok", (ar_str){ 0 }));
    return ar_engine_commit(j->core->engine);
}

static ar_err run_change(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    ctx->audit = &j->audit;
    AR_TRY(ar_engine_begin(j->core->engine));

    ar_err err = change(j, ctx, sink);

    ar_engine_rollback(j->core->engine);
    return err;
}

/* It commits by itself; its event follows. */
static ar_err run_alone(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    bool changes = j->op->effect == AR_CHANGES;

    if (changes) ctx->audit = &j->audit;

    ar_err err = run_handler(j, ctx, sink);

    ar_engine_rollback(j->core->engine);
    AR_TRY(err);
    return changes ? commit_event(j, NULL, j->op->event, "ok", (ar_str){ 0 }) : ar_ok();
}

static ar_err run_admitted(job *j, ar_ctx *ctx, const ar_sink *sink)
{
    if (j->op->alone) return run_alone(j, ctx, sink);
    if (may_be_kept(j->request)) return run_kept(j, ctx, sink);
    return j->op->effect == AR_READS ? run_read(j, ctx, sink) : run_change(j, ctx, sink);
}

static void drain(ar_core *core, const ar_sink *sink)
{
    ar_err err = ar_outbox_drain(&core->outbox);

    if (err.code == AR_OK) return;

    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "done, and its event waits in the estate: the log cannot be written (%.*s)",
                AR_FMT(ar_err_text(err)));
    sink->note(sink->self, ar_buf_str(&text));
}

ar_err ar_core_publish(ar_core *core)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_ctx ctx = make_ctx(core, &arena, 0, 0);

    return core->tables->hooks.committed == NULL ? ar_ok() : core->tables->hooks.committed(&ctx);
}

/* Whoever has an answer may count on what is published of it. */
static void publish(ar_core *core, const ar_sink *sink)
{
    ar_err err = ar_core_publish(core);
    ar_auto(ar_buf) text = { 0 };

    if (err.code == AR_OK) return;
    ar_buf_addf(
        &text,
        "done, and a gate that is asked by id does not know it yet: what it reads cannot be "
        "written (%.*s)",
        AR_FMT(ar_err_text(err)));
    sink->note(sink->self, ar_buf_str(&text));
}

/* Whoever asks sees what was answered before. */
static void enter_records(ar_core *core, const ar_sink *sink)
{
    ar_err err = ar_logged_enter(core, AR_LOG_GATE);

    if (err.code == AR_OK && !core->follows) err = ar_logged_enter(core, AR_LOG_FACTS);
    if (err.code == AR_OK) return;

    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "what was decided or told last could not be entered: %.*s",
                AR_FMT(ar_err_text(err)));
    sink->note(sink->self, ar_buf_str(&text));
}

/* Without a process of its own the log is ours for as long as this takes. */
static ar_err run_logged(ar_core *core, const ar_request *request, ar_arena *arena,
                         const ar_sink *sink)
{
    enum ar_log which = request->args->op->log;
    ar_auto(ar_logged) logged = { 0 };

    AR_TRY(ar_logged_of(core, which, &logged));

    ar_err answer = ar_logged_run(&logged, request, arena, sink);

    AR_TRY(ar_logged_sync(&logged));
    AR_TRY(ar_logged_enter(core, which));
    return answer;
}

static ar_err run_in_estate(ar_core *core, const ar_request *request, ar_arena *arena,
                            const ar_sink *sink)
{
    __attribute__((cleanup(job_done)))
    job j = { .core = core, .request = request, .op = request->args->op };
    ar_ctx ctx = make_ctx(core, arena, request->now, request->asof);
    ar_people people;

    AR_TRY(ar_people_load(core->place.home, arena, &people));
    j.who = ar_people_name(&people, request->uid, arena);
    ctx.token = request->token;

    ar_err err = admit(&j, &people, arena, &ctx.who);

    if (err.code != AR_OK) return commit_problem(&j, NULL, "operation.denied", "denied", err);
    err = run_admitted(&j, &ctx, sink);
    if (j.op->effect == AR_CHANGES && !j.op->apart) ar_answers_changed(core->answers);
    if (err.code != AR_OK && j.op->effect == AR_CHANGES)
        return commit_problem(&j, &ctx, j.op->event, "failed", err);
    AR_TRY(err);
    if (j.op->effect == AR_CHANGES) {
        drain(core, sink);
        publish(core, sink);
    }
    if (j.op->judges) answer_ahead(&j, sink);
    return j.answer;
}

ar_err ar_core_run(ar_core *core, const ar_request *request, ar_arena *arena, const ar_sink *sink)
{
    enum ar_runs_in in = request->args->op->runs_in;

    assert(in == AR_IN_CORE || in == AR_IN_LOG);
    enter_records(core, sink);
    return (in == AR_IN_LOG ? run_logged : run_in_estate)(core, request, arena, sink);
}

ar_err ar_core_refused(ar_core *core, const ar_request *request, const char *outcome, ar_err err)
{
    ar_auto(ar_arena) arena = { 0 };
    bool denied = strcmp(outcome, "denied") == 0;
    ar_str problem = ar_arena_copy(&arena, ar_err_text(err));
    ar_people people = { 0 };
    ar_err unread = ar_people_load(core->place.home, &arena, &people);
    __attribute__((cleanup(job_done)))
    job j = { .core = core,
              .request = request,
              .op = request->args->op,
              .who = ar_people_name(&people, request->uid, &arena) };

    (void)unread; /* then nobody has a name; what happened is recorded all the same */
    err = ar_fail(err.code, "%.*s", AR_FMT(problem));
    return commit_problem(&j, NULL, denied ? "operation.denied" : j.op->event, outcome, err);
}

ar_err ar_core_stranger(ar_core *core, int64_t uid, int64_t n, ar_time now, ar_err err)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args none = { 0 };
    ar_request request = { .args = &none, .now = now, .asof = now, .uid = uid };
    static const ar_op connect = { .name = "connect" };
    __attribute__((cleanup(job_done)))
    job j = { .core = core,
              .request = &request,
              .op = &connect,
              .who = ar_people_name(&(ar_people){ 0 }, uid, &arena) };

    ar_audit_fact(&j.audit, AR_LIT("times"), ar_int(n));
    return commit_problem(&j, NULL, "operation.denied", "denied", err);
}

ar_err ar_core_event(ar_core *core, const char *event, ar_time now)
{
    ar_args none = { 0 };
    ar_request request = { .args = &none, .now = now, .asof = now, .uid = (int64_t)getuid() };
    static const ar_op process = { .name = "serve" };
    __attribute__((cleanup(job_done)))
    job j = { .core = core, .request = &request, .op = &process, .who = AR_LIT("process:core") };

    AR_TRY(commit_event(&j, NULL, event, "ok", (ar_str){ 0 }));
    return ar_outbox_drain(&core->outbox);
}

ar_err ar_door_run(const ar_place *place, const ar_tables *tables, const ar_request *request,
                   ar_arena *arena, const ar_sink *sink)
{
    const ar_op *op = request->args->op;
    ar_ctx ctx = {
        .now = request->now,
        .asof = request->asof,
        .place = place,
        .arena = arena,
        .hooks = &tables->hooks,
        .tables = tables,
    };
    ar_reply reply;

    assert(op->runs_in == AR_IN_DOOR);
    ar_reply_init(&reply, op, sink);
    AR_TRY(op->run(&ctx, request->args, &reply));
    return ar_reply_finish(&reply);
}
