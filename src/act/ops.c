#include "act/ops.h"

#include "act/deed.h"
#include "form/json.h"
#include "sys/file.h"

static const ar_column columns[] = {
    { "action", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it does" },
    { "kind", AR_TEXT, 0, "to assets of which kind" },
    { "do", AR_TEXT, AR_COLUMN_BRIEF, "the command or request; {column} is a fact of the asset" },
    { "check", AR_TEXT, AR_COLUMN_QUIET, "what ends well when it is so" },
    { "undo", AR_TEXT, AR_COLUMN_QUIET, "what takes it back" },
    { "undoable", AR_BOOL, 0, "whether it can be taken back" },
    { "system", AR_TEXT, 0, "where its requests go; empty when it runs commands" },
    { "on", AR_BOOL, 0, "whether it can be done here: its system is set up" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { 0 },
};

/* As its file says it, with the names in braces. */
static void show_part(const ar_action *a, enum ar_act_part part, ar_buf *out)
{
    const ar_recipe *r = &a->parts[part].request.recipe;
    ar_auto(ar_buf) body = { 0 };

    if (r->method == NULL) {
        ar_command_print(&a->parts[part].command, out);
        return;
    }
    if (r->body != NULL) ar_json_node(&body, r->body);
    ar_request_show(r->method, r->url, ar_buf_str(&body), out);
}

static ar_err reply_action(ar_ctx *ctx, const ar_action *a, ar_reply *reply)
{
    ar_value parts[AR_ACT_PARTS];
    bool on;

    AR_TRY(ar_deed_is_on(ctx, a, &on));
    for (int i = 0; i < AR_ACT_PARTS; i++) {
        ar_auto(ar_buf) text = { 0 };

        show_part(a, (enum ar_act_part)i, &text);
        parts[i] = ar_text_or_null(ar_arena_copy(ctx->arena, ar_buf_str(&text)));
    }
    ar_value row[] = { ar_text(a->name),
                       ar_text(a->title),
                       ar_text(a->kind->name),
                       parts[AR_ACT_DO],
                       parts[AR_ACT_CHECK],
                       parts[AR_ACT_UNDO],
                       ar_bool(parts[AR_ACT_UNDO].type != AR_NULL),
                       ar_text_or_null(a->system),
                       ar_bool(on),
                       ar_bool(a->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_definitions actions;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_actions_load(ctx->place, &kinds, ctx->arena, &actions));
    for (size_t i = 0; i < actions.n; i++)
        AR_TRY(reply_action(ctx, (const ar_action *)actions.list + i, reply));
    for (size_t i = 0; i < actions.n_bad; i++)
        ar_reply_note(reply, "%.*s", AR_FMT(actions.bad[i].error));
    return ar_ok();
}

static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "an action file", NULL },
    { 0 },
};

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str name = ar_arg_text(args, "file"), text;
    ar_action action;
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(
        ar_fd_read_all(ar_arg_fd(args, "file"), name, AR_ACTION_FILE_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_action_parse(name, (ar_str){ 0 }, text, &kinds, ctx->arena, &action));
    return reply_action(ctx, &action, reply);
}

const ar_op ar_action_ops[] = {
    { .name = "action.list",
      .help = "list what can be done to assets, as files say it",
      .example = "aright action list",
      .grant = "action.read",
      .columns = columns,
      .run = run_list },
    { .name = "action.check",
      .help = "check an action file",
      .grant = "action.read",
      .params = check_params,
      .columns = columns,
      .run = run_check },
    { 0 },
};
