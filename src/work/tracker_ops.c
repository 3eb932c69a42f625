#include "work/tracker_ops.h"

#include "op/definitions.h"
#include "standard/current.h"
#include "sys/file.h"
#include "work/send.h"

enum { TRACKER_BYTES_MAX = 64 * 1024 };

/* ---- tracker list, tracker check ---- */

static const ar_column list_columns[] = {
    { "tracker", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it is" },
    { "with", AR_TEXT, 0, "the settings that a project must say" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "false: the home's own" },
    { 0 },
};

static ar_err reply_tracker(const ar_tracker *t, ar_reply *reply)
{
    ar_auto(ar_buf) with = { 0 };

    for (size_t i = 0; i < t->n_settings; i++)
        if (t->settings[i].value.ptr == NULL)
            ar_buf_addf(&with, "%s%.*s", with.len > 0 ? " " : "", AR_FMT(t->settings[i].name));

    ar_value row[] = { ar_text(t->name), ar_text(t->title), ar_text_or_null(ar_buf_str(&with)),
                       ar_bool(t->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_trackers all;

    (void)args;
    AR_TRY(ar_trackers_load(ctx->place, ctx->arena, &all));
    for (size_t i = 0; i < all.n; i++) AR_TRY(reply_tracker(&all.list[i], reply));
    for (size_t i = 0; i < all.n_bad; i++) ar_reply_note(reply, "%.*s", AR_FMT(all.bad[i].error));
    return ar_ok();
}

static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a tracker's file", NULL },
    { 0 },
};

static ar_err read_file(ar_ctx *ctx, const ar_args *args, ar_tracker *out_tracker)
{
    ar_str name = ar_arg_text(args, "file"), text;

    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, TRACKER_BYTES_MAX, ctx->arena, &text));
    return ar_tracker_parse(name, (ar_str){ 0 }, text, ctx->arena, out_tracker);
}

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_tracker tracker;

    AR_TRY(read_file(ctx, args, &tracker));
    return reply_tracker(&tracker, reply);
}

/* ---- tracker show ---- */

static const ar_param show_params[] = {
    { "tracker", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which one", NULL },
    { 0 },
};

static const ar_column show_columns[] = {
    { "text", AR_TEXT, 0, "its file" },
    { 0 },
};

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_tracker *tracker;
    ar_trackers all;
    ar_str text;

    AR_TRY(ar_trackers_load(ctx->place, ctx->arena, &all));
    AR_TRY(ar_trackers_find(&all, ar_arg_text(args, "tracker"), &tracker));
    AR_TRY(ar_file_read(ar_arena_cstr(ctx->arena, tracker->file), TRACKER_BYTES_MAX, ctx->arena,
                        &text));
    return ar_reply_row(reply, (ar_value[]){ ar_text(text) }, 1);
}

/* ---- tracker try ---- */

static const ar_param try_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a tracker's file", NULL },
    { "item", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "STANDARD/OWNER", NULL },
    { "project", AR_PARAM_TEXT, 0,
      "whose settings count; without, what must be said stands as <NAME>", NULL },
    { 0 },
};

static const ar_column try_columns[] = {
    { "step", AR_TEXT, 0, "what is asked for" },
    { "request", AR_TEXT, 0, "method and path" },
    { "headers", AR_TEXT, 0, "beside those of `api`" },
    { "body", AR_TEXT, 0, "as it would be sent" },
    { 0 },
};

typedef struct trial {
    ar_ctx *ctx;
    ar_reply *reply;
    ar_sender sender;
    ar_str item;
    bool found;
} trial;

static ar_err reply_call(void *self, enum ar_tracker_step step, const ar_call *call)
{
    const trial *t = self;
    ar_value row[] = { ar_textz(ar_tracker_step_names[step]),
                       ar_text(ar_arena_printf(t->ctx->arena, "%s %.*s", call->method,
                                               AR_FMT(call->url))),
                       ar_text_or_null(ar_str_trim(call->headers)), ar_text_or_null(call->body) };

    return ar_reply_row(t->reply, row, AR_COUNT(row));
}

static ar_err try_task(void *self, const ar_task *task)
{
    trial *t = self;

    if (!ar_str_eq(task->item, t->item) || t->found) return ar_ok();
    t->found = true;
    return ar_send_show(&t->sender, task, t->ctx->arena, reply_call, t);
}

static const ar_setting *shown_settings(const ar_tracker *tracker, ar_arena *arena)
{
    ar_setting *settings = ar_make_n(arena, ar_setting, tracker->n_settings + 1);

    for (size_t i = 0; i < tracker->n_settings; i++) {
        settings[i] = tracker->settings[i];
        if (settings[i].value.ptr == NULL)
            settings[i].value = ar_arena_printf(arena, "<%.*s>", AR_FMT(settings[i].name));
    }
    return settings;
}

static ar_err choose_project(ar_ctx *ctx, const ar_args *args, const ar_tracker *tracker,
                             ar_project *out_project, const ar_setting **out_settings)
{
    ar_projects projects;
    const ar_project *project;
    ar_setting *settings;

    *out_project = (ar_project){ .name = AR_LIT("try"), .tracker = tracker->name };
    *out_settings = shown_settings(tracker, ctx->arena);
    if (!ar_arg_has(args, "project")) return ar_ok();
    AR_TRY(ar_projects_load(ctx->place, ctx->arena, &projects));
    AR_TRY(ar_projects_find(&projects, ar_arg_text(args, "project"), &project));
    AR_TRY(ar_project_settings(project, tracker, ctx->arena, &settings));
    out_project->people = project->people;
    *out_settings = settings;
    return ar_ok();
}

static ar_err run_try(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    trial t = { .ctx = ctx, .reply = reply, .item = ar_arg_text(args, "item") };
    ar_projects only = { .n = 1 };
    ar_trackers none = { 0 };
    ar_task_query query = { .projects = &only, .trackers = &none };
    ar_tracker tracker;
    ar_project project;

    AR_TRY(read_file(ctx, args, &tracker));
    AR_TRY(choose_project(ctx, args, &tracker, &project, &t.sender.settings));
    AR_TRY(ar_standards_current(ctx, &query.standards));
    only.list = &project;
    t.sender.project = &project;
    t.sender.tracker = &tracker;
    AR_TRY(ar_tasks(ctx, &query, try_task, &t));
    if (t.found) return ar_ok();
    return ar_fail(AR_NOT_FOUND, "nothing of '%.*s' is open; `aright work list` shows what is",
                   AR_FMT(t.item));
}

const ar_op ar_tracker_ops[] = {
    { .name = "tracker.list",
      .help = "list the sorts of trackers that items can go to",
      .example = "aright tracker list",
      .grant = "finding.read",
      .columns = list_columns,
      .run = run_list },
    { .name = "tracker.show",
      .help = "print the file of a tracker, to begin another one with",
      .shape = AR_SHAPE_TEXT,
      .example = "aright tracker show github",
      .grant = "finding.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "tracker.check",
      .help = "check the file of a tracker",
      .grant = "finding.read",
      .params = check_params,
      .columns = list_columns,
      .run = run_check },
    { .name = "tracker.try",
      .help = "show what a tracker's file would ask for an item, and ask nothing",
      .shape = AR_SHAPE_RECORD,
      .grant = "finding.read",
      .params = try_params,
      .columns = try_columns,
      .run = run_try },
    { 0 },
};
