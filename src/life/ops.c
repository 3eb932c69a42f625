#include "life/ops.h"

#include "act/door.h"
#include "life/iterate.h"
#include "life/read.h"
#include "life/shelf.h"
#include "life/step.h"
#include "life/word.h"

/* ---- lifecycle list, lifecycle check ---- */

static const ar_column cycle_columns[] = {
    { "lifecycle", AR_TEXT, 0, "its name, which is the kind" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it is called" },
    { "idle_after", AR_TEXT, 0, "unused so long is idle" },
    { "sources", AR_INT, 0, "so many must say so before a purge" },
    { "notices", AR_INT, 0, "so many without an answer stand for one" },
    { "answer", AR_TEXT, 0, "how long there is to answer each" },
    { "quarantine", AR_TEXT, 0, "how long it is blocked before it is deleted" },
    { "grace", AR_TEXT, 0, "how long it can be brought back after that" },
    { "batch", AR_INT, 0, "so many at once at most" },
    { "two_persons_above", AR_INT, 0, "more than so many want two persons" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { 0 },
};

static ar_err reply_cycle(ar_ctx *ctx, const ar_cycle *c, ar_reply *reply)
{
    ar_value row[] = { ar_text(c->name),
                       ar_text(c->title),
                       ar_text(ar_span_print(c->idle, ctx->arena)),
                       ar_int(c->sources),
                       ar_int(c->notices),
                       ar_text(ar_span_print(c->notice.lasts, ctx->arena)),
                       ar_text(ar_span_print(c->quarantine.lasts, ctx->arena)),
                       ar_text(ar_span_print(c->soft_delete.lasts, ctx->arena)),
                       ar_int(c->batch),
                       ar_int(c->two_persons_above),
                       ar_bool(c->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_life_shelf shelf;
    const ar_cycle *list;

    (void)args;
    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    list = shelf.cycles.list;
    for (size_t i = 0; i < shelf.cycles.n; i++) AR_TRY(reply_cycle(ctx, &list[i], reply));
    for (size_t i = 0; i < shelf.cycles.n_bad; i++)
        ar_reply_note(reply, "%.*s", AR_FMT(shelf.cycles.bad[i].error));
    return ar_ok();
}

static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a life cycle file", NULL },
    { 0 },
};

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str name = ar_arg_text(args, "file"), text;
    ar_life_shelf shelf;
    ar_cycle cycle;

    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    AR_TRY(
        ar_fd_read_all(ar_arg_fd(args, "file"), name, AR_CYCLE_FILE_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_cycle_parse(name, (ar_str){ 0 }, text, &shelf.kinds, &shelf.actions, ctx->arena,
                          &cycle));
    return reply_cycle(ctx, &cycle, reply);
}

/* ---- the rows ---- */

const ar_op ar_life_ops[] = {
    { .name = "life.list",
      .help = "list where assets are in their lives, and what comes next",
      .none = "No such asset has a life; `aright lifecycle list` shows which kinds do.",
      .more = "What needs doing comes first. A state is computed as it is read, from facts, "
              "receipts and time: nothing has to run for it to change.",
      .example = "aright life list --due any",
      .grant = "life.read",
      .params = ar_life_list_params,
      .columns = ar_life_list_columns,
      .run = ar_life_run_list },
    { .name = "life.show",
      .help = "show the receipts of an asset's life, or one receipt",
      .none = "Nothing was done in its life.",
      .grant = "life.read",
      .params = ar_life_show_params,
      .columns = ar_life_show_columns,
      .run = ar_life_run_show },
    { .name = "life.step",
      .help = "take assets a step on: warn, quarantine, soft_delete or purge",
      .more =
          "Without --confirm only what would be done is shown. The commands of the life cycle's "
          "actions run with the rights of who asks, one after another; the first that fails "
          "ends it. Each leaves a receipt.",
      .example = "aright life step warn --kind tenant",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "life.step",
      .event = "life.begun",
      .params = ar_life_step_params,
      .columns = ar_door_columns,
      .run = ar_life_run_step },
    { .name = "life.undo",
      .help = "take back a quarantine or a soft delete by its receipt",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "life.step",
      .event = "life.begun",
      .params = ar_life_undo_params,
      .columns = ar_door_columns,
      .run = ar_life_run_undo },
    { .name = "life.answer",
      .help = "say as its owner that an idle asset is kept, or not",
      .effect = AR_CHANGES,
      .grant = "life.answer",
      .event = "life.answered",
      .params = ar_life_answer_params,
      .columns = ar_life_word_columns,
      .run = ar_life_run_answer },
    { .name = "life.approve",
      .help = "let a batch be done, or an asset begin, that another asked for",
      .effect = AR_CHANGES,
      .grant = "life.approve",
      .event = "life.approved",
      .params = ar_life_approve_params,
      .columns = ar_life_word_columns,
      .run = ar_life_run_approve },
    { .name = "life.extend",
      .help = "give an asset a longer life, as the accountable Deputy CISO",
      .effect = AR_CHANGES,
      .grant = "life.extend",
      .event = "life.extended",
      .params = ar_life_extend_params,
      .columns = ar_life_word_columns,
      .run = ar_life_run_extend },
    { .name = "life.iterate",
      .help = "begin one full iteration over a kind, see how far it is, end it",
      .effect = AR_CHANGES,
      .grant = "life.iterate",
      .event = "life.iterated",
      .params = ar_life_iterate_params,
      .columns = ar_life_iterate_columns,
      .run = ar_life_run_iterate },
    { .name = "life.begin",
      .help = "begin the receipts of what `life step` does",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "life.step",
      .event = "life.begun",
      .params = ar_life_step_params,
      .columns = ar_door_columns,
      .run = ar_life_run_begin },
    { .name = "life.take_back",
      .help = "begin the receipt of what `life undo` does",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "life.step",
      .event = "life.begun",
      .params = ar_life_undo_params,
      .columns = ar_door_columns,
      .run = ar_life_run_take_back },
    { .name = "life.record",
      .help = "end the receipts of what `life step` and `life undo` did",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "life.step",
      .event = "life.stepped",
      .params = ar_life_record_params,
      .columns = ar_door_columns,
      .run = ar_life_run_record },
    { .name = "lifecycle.list",
      .help = "list the life cycles, as files say them",
      .example = "aright lifecycle list",
      .grant = "life.read",
      .columns = cycle_columns,
      .run = run_list },
    { .name = "lifecycle.check",
      .help = "check a life cycle file",
      .grant = "life.read",
      .params = check_params,
      .columns = cycle_columns,
      .run = run_check },
    { 0 },
};
