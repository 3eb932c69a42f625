#include "work/sync.h"

#include "op/folders.h"
#include "op/reply.h"
#include "standard/current.h"
#include "sys/ticks.h"
#include "work/inquire.h"
#include "work/send.h"

enum {
    BATCH = 20,       /* answers that are entered together, */
    BATCH_MS = 5000,  /* or when so long has passed */
    TASKS_MAX = 5000, /* of one run; the next one goes on */
    FAILURES_MAX = 3, /* in a row, of one project: then it is not asked any more */
};

/* ---- in the estate: what is to be sent ---- */

static const ar_param pending_params[] = {
    { "project", AR_PARAM_TEXT, 0, "only of this project", NULL },
    { "tracker", AR_PARAM_TEXT, 0, "only of projects of this tracker", NULL },
    { "looks", AR_PARAM_FLAG, 0, "where to look what was closed there, instead", NULL },
    { 0 },
};

static const ar_column pending_columns[] = {
    { "project", AR_TEXT, 0, "where to" },
    { "item", AR_TEXT, 0, "STANDARD/OWNER" },
    { "action", AR_TEXT, 0, "create, update, escalate, reopen, close or look" },
    { "key", AR_TEXT, 0, "what it is there; nothing: it is to be made" },
    { "waits", AR_BOOL, 0, "it was tried a moment ago, and might not be found yet" },
    { "fields", AR_TEXT, AR_COLUMN_QUIET, "what a request may ask for, as JSON" },
    { "sent", AR_TEXT, AR_COLUMN_QUIET, "SHA-256 of title and body" },
    { "level", AR_INT, AR_COLUMN_QUIET, "0 owner, 1 who is above, 2 Deputy CISO" },
    { 0 },
};

static ar_err reply_task(void *self, const ar_task *task)
{
    ar_value row[] = { ar_text(task->project),      ar_text_or_null(task->item),
                       ar_text(task->action),       ar_text_or_null(task->key),
                       ar_bool(task->waits),        ar_text(task->fields),
                       ar_text_or_null(task->sent), ar_int(task->level) };

    return ar_reply_row(self, row, AR_COUNT(row));
}

static ar_err run_pending(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_task_query query = { .project = ar_arg_text(args, "project"),
                            .tracker = ar_arg_text(args, "tracker"),
                            .looks = ar_arg_flag(args, "looks") };
    ar_projects projects;
    ar_trackers trackers;

    AR_TRY(ar_standards_current(ctx, &query.standards));
    AR_TRY(ar_projects_load(ctx->place, ctx->arena, &projects));
    AR_TRY(ar_trackers_load(ctx->place, ctx->arena, &trackers));
    query.projects = &projects;
    query.trackers = &trackers;
    AR_TRY(ar_tasks(ctx, &query, reply_task, reply));
    if (reply->rows == 0) ar_reply_note(reply, "The trackers know all there is.");
    return ar_ok();
}

/* ---- in the estate: what became of it ---- */

static const ar_param told_params[] = {
    { "answer", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL | AR_REPEATED, "as JSON", NULL },
    { 0 },
};

static const ar_column told_columns[] = {
    { "entered", AR_INT, 0, "how many" },
    { 0 },
};

static ar_err run_told(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t done = 0, failed = 0;
    const ar_str *texts;
    size_t n = ar_arg_texts(args, "answer", &texts);

    for (size_t i = 0; i < n; i++) {
        ar_ticket_news news;

        AR_TRY(ar_ticket_parse(texts[i], ctx->arena, &news));
        AR_TRY(ar_ticket_enter(ctx, &news));
        done += ar_str_eq(news.outcome, AR_LIT("done"));
        failed += ar_str_eq(news.outcome, AR_LIT("failed"));
    }
    ar_audit_add(ctx, "done", ar_int(done));
    ar_audit_add(ctx, "failed", ar_int(failed));
    return ar_reply_row(reply, (ar_value[]){ ar_int((int64_t)n) }, 1);
}

/* ---- in the door ---- */

/* A project with the child that calls its tracker. */
typedef struct station {
    ar_sender sender;
    ar_errand errand;
    int failures; /* in a row */
    ar_str problem;
} station;

typedef struct syncing {
    ar_ctx *ctx;
    const ar_args *args;
    ar_reply *reply;
    ar_projects projects;
    ar_trackers trackers;
    station *stations;
    size_t n_stations;
    ar_task *tasks;
    size_t n_tasks, cap_tasks;
    int64_t began_ms, entered_ms;
    ar_str *news; /* JSON, not entered yet */
    size_t n_news, cap_news;
    int64_t done, failed;
    enum ar_code code; /* of the first failure */
    ar_str problem;
} syncing;

static void sync_done(syncing *s)
{
    for (size_t i = 0; i < s->n_stations; i++) ar_caller_free(&s->stations[i].sender.caller);
}

static bool is_asked_for(const syncing *s, const ar_project *p)
{
    ar_str project = ar_arg_text(s->args, "project"), tracker = ar_arg_text(s->args, "tracker");

    return (project.len == 0 || ar_str_eq(project, p->name)) &&
           (tracker.len == 0 || ar_str_eq(tracker, p->tracker));
}

static void show_wait(void *self, const char *why)
{
    ar_reply_progress(self, why, 0, 0);
}

static ar_err open_station(syncing *s, const ar_project *project, bool calls)
{
    ar_auto(ar_secret) secret = { 0 };
    ar_arena *arena = s->ctx->arena;
    station *t = &s->stations[s->n_stations];
    ar_setting *settings;
    bool used[AR_TRACKER_SETTINGS_MAX] = { 0 };

    t->sender.project = project;
    AR_TRY_WITH(ar_trackers_find(&s->trackers, project->tracker, &t->sender.tracker), "%.*s",
                AR_FMT(project->file));
    AR_TRY(ar_project_settings(project, t->sender.tracker, arena, &settings));
    t->sender.settings = settings;
    t->errand = t->sender.tracker->api;

    ar_reach reach = project->reach;

    reach.settings = settings;
    reach.n_settings = t->sender.tracker->n_settings;
    AR_TRY(ar_reach_errand(&reach, ar_arena_printf(arena, "tracker %.*s", AR_FMT(project->tracker)),
                           s->ctx->now, used, arena, &t->errand));
    if (!ar_str_ends(t->errand.url, AR_LIT("/")))
        t->errand.url = ar_arena_printf(arena, "%.*s/", AR_FMT(t->errand.url));
    AR_TRY(ar_reach_secret(&reach, arena, &secret));

    ar_call_system system = { .program = s->ctx->place->program,
                              .errand = &t->errand,
                              .secret = &secret,
                              .waits = show_wait,
                              .self = s->reply };

    s->n_stations++;
    return calls ? ar_caller_open(&system, &t->sender.caller) : ar_ok();
}

/* All that is asked for is checked before anything is sent. */
static ar_err open_stations(syncing *s, bool calls)
{
    ar_str project = ar_arg_text(s->args, "project");
    const ar_project *one;
    const ar_tracker *tracker;

    AR_TRY(ar_trackers_load(s->ctx->place, s->ctx->arena, &s->trackers));
    AR_TRY(ar_projects_load(s->ctx->place, s->ctx->arena, &s->projects));
    if (s->projects.n == 0)
        return ar_fail(AR_NOT_FOUND, "no project is described yet (want %s/projects/NAME.yaml)",
                       s->ctx->place->home);
    if (project.len > 0) AR_TRY(ar_projects_find(&s->projects, project, &one));
    if (ar_arg_has(s->args, "tracker"))
        AR_TRY(ar_trackers_find(&s->trackers, ar_arg_text(s->args, "tracker"), &tracker));
    s->stations = ar_make_n(s->ctx->arena, station, s->projects.n);
    for (size_t i = 0; i < s->projects.n; i++)
        if (is_asked_for(s, &s->projects.list[i]))
            AR_TRY(open_station(s, &s->projects.list[i], calls));
    return ar_ok();
}

static station *station_of(const syncing *s, ar_str project)
{
    for (size_t i = 0; i < s->n_stations; i++)
        if (ar_str_eq(s->stations[i].sender.project->name, project)) return &s->stations[i];
    return NULL;
}

/* ---- asking the estate ---- */

static ar_err take_task(void *self, const ar_value *row, size_t n)
{
    syncing *s = self;
    ar_arena *arena = s->ctx->arena;

    if (n < AR_COUNT(pending_columns) - 1 || s->n_tasks == TASKS_MAX) return ar_ok();
    ar_grow(arena, s->tasks, s->n_tasks, s->cap_tasks);

    ar_task *task = &s->tasks[s->n_tasks++];
    ar_str *const texts[] = { &task->project, &task->item, &task->action, &task->key };

    *task = (ar_task){ .waits = row[4].type == AR_BOOL && row[4].b,
                       .level = row[7].type == AR_INT ? row[7].i : 0 };
    for (size_t i = 0; i < AR_COUNT(texts); i++)
        if (row[i].type == AR_TEXT) *texts[i] = ar_arena_copy(arena, row[i].s);
    if (row[5].type == AR_TEXT) task->fields = ar_arena_copy(arena, row[5].s);
    if (row[6].type == AR_TEXT) task->sent = ar_arena_copy(arena, row[6].s);
    return ar_ok();
}

static ar_err ask_pending(syncing *s, bool looks)
{
    static const char *const given[] = { "project", "tracker" };
    ar_str names[3] = { 0 }, values[3] = { 0 };
    ar_inquiry inquiry = {
        .op = "work.pending", .names = names, .values = values, .row = take_task, .self = s
    };

    for (size_t i = 0; i < AR_COUNT(given); i++) {
        if (!ar_arg_has(s->args, given[i])) continue;
        names[inquiry.n] = ar_str_of(given[i]);
        values[inquiry.n++] = ar_arg_text(s->args, given[i]);
    }
    if (looks) names[inquiry.n++] = AR_LIT("looks");
    s->n_tasks = 0;
    return ar_inquire(s->ctx, &inquiry);
}

static ar_err enter_news(syncing *s)
{
    ar_str *names = ar_make_n(s->ctx->arena, ar_str, s->n_news + 1);
    ar_inquiry inquiry = { .op = "work.told", .names = names, .values = s->news, .n = s->n_news };

    s->entered_ms = ar_ticks_ms();
    if (s->n_news == 0) return ar_ok();
    for (size_t i = 0; i < s->n_news; i++) names[i] = AR_LIT("answer");
    s->n_news = 0;
    return ar_inquire(s->ctx, &inquiry);
}

static void keep(syncing *s, ar_ticket_news *news)
{
    ar_auto(ar_buf) text = { 0 };

    news->at = s->ctx->now + (ar_ticks_ms() - s->began_ms) * 1000;
    ar_ticket_print(news, &text);
    ar_grow(s->ctx->arena, s->news, s->n_news, s->cap_news);
    s->news[s->n_news++] = ar_arena_copy(s->ctx->arena, ar_buf_str(&text));
}

/* ---- sending ---- */

static ar_err reply_item(syncing *s, const ar_task *task, const char *state,
                         const ar_ticket_news *news)
{
    ar_value row[] = { ar_text(task->project),
                       ar_text(task->item),
                       ar_text(task->action),
                       ar_textz(state),
                       ar_text_or_null(news->key.len > 0 ? news->key : task->key),
                       ar_text_or_null(news->page),
                       ar_text_or_null(news->problem) };

    return ar_reply_row(s->reply, row, AR_COUNT(row));
}

static void note_failure(syncing *s, station *t, const ar_ticket_news *news)
{
    bool down = news->code == AR_UNAVAILABLE || news->code == AR_DENIED;

    t->failures = down ? t->failures + 1 : 0;
    t->problem = news->problem;
    s->failed++;
    if (s->code != AR_OK) return;
    s->code = news->code;
    s->problem = news->problem;
}

static ar_err send_task(syncing *s, const ar_task *task)
{
    station *t = station_of(s, task->project);
    ar_ticket_news news = { 0 };
    bool is_look = ar_str_eq(task->action, AR_LIT("look"));

    if (t == NULL) return ar_ok();
    if (task->waits || t->failures >= FAILURES_MAX) {
        news.problem = task->waits ? AR_LIT("it was tried a moment ago, and might not be found yet")
                                   : t->problem;
        return is_look ? ar_ok() : reply_item(s, task, "waits", &news);
    }
    ar_send(&t->sender, task, s->ctx->arena, &news);
    if (news.code == AR_OK) t->failures = 0;
    if (news.code != AR_OK && !ar_str_eq(news.outcome, AR_LIT("gone"))) note_failure(s, t, &news);
    if (is_look && news.code != AR_OK) return ar_ok(); /* the next one looks as far back */
    keep(s, &news);
    if (is_look) return ar_ok();
    s->done += news.code == AR_OK;
    return reply_item(s, task, news.code == AR_OK ? "done" : "failed", &news);
}

/* What is about to be made is entered before: it may be there when we are not. */
static void announce(syncing *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const ar_task *task = &s->tasks[i];
        ar_ticket_news news = { .project = task->project,
                                .item = task->item,
                                .action = task->action,
                                .outcome = AR_LIT("trying") };

        if (ar_str_eq(task->action, AR_LIT("create")) && !task->waits) keep(s, &news);
    }
}

static ar_err send_all(syncing *s)
{
    for (size_t from = 0, to; from < s->n_tasks; from = to) {
        to = from + BATCH < s->n_tasks ? from + BATCH : s->n_tasks;
        announce(s, from, to);
        AR_TRY(enter_news(s));
        for (size_t i = from; i < to; i++) {
            ar_reply_progress(s->reply, "telling trackers", (int64_t)i, (int64_t)s->n_tasks);
            AR_TRY(send_task(s, &s->tasks[i]));
            if (ar_ticks_ms() - s->entered_ms > BATCH_MS) AR_TRY(enter_news(s));
        }
    }
    return enter_news(s);
}

static ar_err show_all(syncing *s)
{
    for (size_t i = 0; i < s->n_tasks; i++)
        AR_TRY(reply_item(s, &s->tasks[i], s->tasks[i].waits ? "waits" : "would",
                          &(ar_ticket_news){ 0 }));
    return ar_ok();
}

static ar_err verdict(syncing *s)
{
    if (s->n_tasks == TASKS_MAX)
        ar_reply_note(s->reply, "%d were the most for one run; the next one goes on.", TASKS_MAX);
    if (s->code == AR_OK && s->reply->rows == 0)
        ar_reply_note(s->reply, "The trackers know all there is.");
    if (s->code == AR_OK) return ar_ok();
    return ar_fail(s->code, "%lld could not be told, the next `work sync` goes on: %.*s",
                   (long long)s->failed, AR_FMT(s->problem));
}

static ar_err run_sync(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(sync_done))) syncing s = { .ctx = ctx, .args = args, .reply = reply };
    bool dry = ar_arg_flag(args, "dry_run");
    ar_auto(ar_fd) lock = { 0 };
    int holder;

    AR_TRY(ar_inquire_ready(ctx, "tells trackers", "projects"));
    AR_TRY(ar_home_make(ctx->place));
    AR_TRY_WITH(
        ar_file_lock(ar_path_join(ctx->arena, ctx->place->home, "run/sync"), &lock, &holder),
        "trackers are being told");
    s.began_ms = ar_ticks_ms();
    AR_TRY(open_stations(&s, !dry));
    if (!dry) {
        AR_TRY(ask_pending(&s, true));
        AR_TRY(send_all(&s));
    }
    AR_TRY(ask_pending(&s, false));
    AR_TRY(dry ? show_all(&s) : send_all(&s));
    return verdict(&s);
}

/* ---- the rows ---- */

static const ar_param sync_params[] = {
    { "project", AR_PARAM_TEXT, 0, "only this project", NULL },
    { "tracker", AR_PARAM_TEXT, 0, "only projects of this tracker", NULL },
    { "dry_run", AR_PARAM_FLAG, 0, "show what would be told, and tell nobody", NULL },
    { 0 },
};

static const ar_column sync_columns[] = {
    { "project", AR_TEXT, 0, "where to" },
    { "item", AR_TEXT, 0, "STANDARD/OWNER" },
    { "action", AR_TEXT, 0, "create, update, escalate, reopen or close" },
    { "state", AR_TEXT, 0, "done, failed, waits for the next run; would: a dry run" },
    { "key", AR_TEXT, 0, "what it is there" },
    { "page", AR_TEXT, AR_COLUMN_QUIET, "where people see it" },
    { "problem", AR_TEXT, AR_COLUMN_BRIEF, "why it was not done" },
    { 0 },
};

const ar_op ar_sync_ops[] = {
    { .name = "work.sync",
      .help = "tell the trackers what there is to do, and what is done",
      .more = "HOME/projects/NAME.yaml says which owners' items go where. Each item is one issue "
              "there: its text is written anew when it changes, it is closed when evidence shows "
              "that nothing of it is open, and opened again when something is, also when somebody "
              "closed it there. What could not be told is told by the next run; nothing is made "
              "twice, whatever was cut off.",
      .example = "aright work sync --dry-run",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "work.sync",
      .event = "work.synced",
      .params = sync_params,
      .columns = sync_columns,
      .run = run_sync },
    { .name = "work.pending",
      .help = "list what trackers are to be told",
      .grant = "finding.read",
      .params = pending_params,
      .columns = pending_columns,
      .run = run_pending },
    { .name = "work.told",
      .help = "enter what trackers were told, as `work sync` does",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "work.sync",
      .event = "work.told",
      .params = told_params,
      .columns = told_columns,
      .run = run_told },
    { 0 },
};
