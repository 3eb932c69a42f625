#include "act/door.h"

#include "act/perform.h"
#include "act/receipt.h"
#include "op/args.h"
#include "op/folders.h"
#include "op/reply.h"

#include <unistd.h>

const ar_column ar_door_columns[] = {
    [AR_DOOR_ASSET] = { "asset", AR_TEXT, 0, "KIND:ID" },
    [AR_DOOR_STEP] = { "step", AR_TEXT, 0, "what is done to it" },
    [AR_DOOR_EFFECT] = { "effect", AR_TEXT, 0,
                         "dry: nothing was done; done; failed: nothing of it is left; half: "
                         "something may be; left: not tried" },
    [AR_DOOR_RECEIPT] = { "receipt", AR_TEXT, 0, "what proves it, and takes it back" },
    [AR_DOOR_DOES] = { "does", AR_TEXT, AR_COLUMN_BRIEF,
                       "the command or request; by hand where there is none" },
    [AR_DOOR_WHY] = { "why", AR_TEXT, AR_COLUMN_BRIEF, "on what grounds, or how it went wrong" },
    [AR_DOOR_DEED] = { "deed", AR_TEXT, AR_COLUMN_QUIET,
                       "the commands that do it, check it and take "
                       "it back, as JSON" },
    [AR_DOOR_COLUMNS] = { 0 },
};

ar_err ar_door_reply(ar_reply *reply, ar_str asset, ar_str step, int64_t receipt, ar_str why,
                     ar_str deed)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) does = { 0 };
    ar_deed parsed = { 0 };
    bool back = ar_str_eq(step, AR_LIT("undo"));

    if (deed.len > 0) AR_TRY(ar_deed_parse(deed, &arena, &parsed));
    ar_deed_show(&parsed, back ? AR_ACT_UNDO : AR_ACT_DO, &does);
    ar_value row[] = {
        [AR_DOOR_ASSET] = ar_text(asset),
        [AR_DOOR_STEP] = ar_text(step),
        [AR_DOOR_EFFECT] = ar_textz(receipt == 0 ? "dry" : "begun"),
        [AR_DOOR_RECEIPT] = receipt == 0
                                ? ar_null()
                                : ar_text(ar_arena_printf(&arena, "RC-%lld", (long long)receipt)),
        [AR_DOOR_DOES] = does.len > 0 ? ar_text(ar_buf_str(&does)) : ar_textz("by hand"),
        [AR_DOOR_WHY] = ar_text_or_null(why),
        [AR_DOOR_DEED] = ar_text_or_null(deed),
    };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

ar_err ar_door_result(ar_str text, int64_t *out_receipt, ar_str *out_state, ar_str *out_note)
{
    static const char *const states[] = { "done", "failed", "half" };
    ar_str receipt, state;

    (void)ar_str_split(&text, ' ', &receipt);
    AR_TRY(ar_receipt_number(receipt, out_receipt));
    if (!ar_str_split(&text, ' ', &state)) state = (ar_str){ 0 };
    for (size_t i = 0; i < AR_COUNT(states); i++) {
        if (!ar_str_eq(state, ar_str_of(states[i]))) continue;
        *out_state = state;
        *out_note = text.ptr == NULL ? (ar_str){ 0 } : text;
        if (out_note->len <= AR_RECEIPT_NOTE_MAX) return ar_ok();
        return ar_fail(AR_LIMIT, "a note of %zu bytes; %d are the most", out_note->len,
                       (int)AR_RECEIPT_NOTE_MAX);
    }
    return ar_fail(AR_INVALID, "'%.*s' is no result; want done, failed or half", AR_FMT(state));
}

/* ---- what the estate says is to be done ---- */

typedef struct task {
    ar_value row[AR_DOOR_COLUMNS];
    ar_act_result result;
    bool tried;
} task;

typedef struct visit {
    ar_ctx *ctx;
    ar_reply *reply;
    bool keeps; /* its rows, which are passed on else */
    task *tasks;
    size_t n, cap;
} visit;

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    visit *v = self;

    if (n != AR_DOOR_COLUMNS)
        return ar_fail(AR_UNAVAILABLE, "the core answered something else than it was asked");
    if (!v->keeps) return ar_reply_row(v->reply, values, n);
    ar_grow(v->ctx->arena, v->tasks, v->n, v->cap);
    v->tasks[v->n] = (task){ 0 };
    for (size_t i = 0; i < n; i++) v->tasks[v->n].row[i] = ar_value_copy(v->ctx->arena, values[i]);
    v->n++;
    return ar_ok();
}

static ar_err ask_begin(visit *v, const ar_args *args, const char *begin)
{
    const ar_op *op = ar_tables_find(v->ctx->tables, ar_str_of(begin));
    ar_args asked = { .op = op, .arena = v->ctx->arena };
    ar_receiver receiver = { .row = take_row, .self = v, .reply = v->reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    for (size_t i = 0; i < args->n; i++) {
        const ar_param *param = ar_param_find(op, ar_str_of(args->list[i].param->name));

        AR_TRY(ar_args_add(&asked, param, args->list[i].text, -1, v->ctx->now));
    }
    return v->ctx->hooks->ask(v->ctx, &asked, &sink);
}

/* ---- doing it ---- */

typedef ar_act_result act_fn(ar_hands *hands, const ar_deed *deed, ar_str receipt, ar_arena *arena);

static ar_act_result act(visit *v, ar_hands *hands, const task *t, act_fn *fn)
{
    ar_deed deed = { 0 };
    ar_err err = ar_ok();

    if (t->row[AR_DOOR_DEED].type == AR_TEXT)
        err = ar_deed_parse(t->row[AR_DOOR_DEED].s, v->ctx->arena, &deed);
    if (err.code == AR_OK) return fn(hands, &deed, t->row[AR_DOOR_RECEIPT].s, v->ctx->arena);
    return (ar_act_result){ AR_ACT_FAILED, ar_arena_copy(v->ctx->arena, ar_err_text(err)) };
}

/* Until one fails: what is wrong with it may be wrong with the others. */
static const task *act_all(visit *v, ar_hands *hands, act_fn *fn)
{
    for (size_t i = 0; i < v->n; i++) {
        task *t = &v->tasks[i];

        ar_reply_progress(v->reply, "acting", (int64_t)i, (int64_t)v->n);
        t->result = act(v, hands, t, fn);
        t->tried = true;
        if (t->result.end != AR_ACT_DONE) return t;
    }
    return NULL;
}

static ar_err add_result(visit *v, ar_args *asked, const task *t, const task *failed)
{
    ar_str receipt = t->row[AR_DOOR_RECEIPT].s, stopped = { 0 }, note = t->result.note, text;

    if (failed != NULL) stopped = failed->row[AR_DOOR_RECEIPT].s;
    if (!t->tried)
        note = ar_arena_printf(v->ctx->arena, "not tried, as %.*s failed", AR_FMT(stopped));
    if (note.len > AR_RECEIPT_NOTE_MAX) note.len = AR_RECEIPT_NOTE_MAX;
    text = ar_arena_printf(v->ctx->arena, "%.*s %s %.*s", AR_FMT(receipt),
                           t->tried ? ar_act_end_name(t->result.end) : "failed", AR_FMT(note));
    return ar_args_add(asked, ar_param_find(asked->op, AR_LIT("result")), text, -1, v->ctx->now);
}

static ar_err tell(visit *v, const char *record, const task *failed)
{
    const ar_op *op = ar_tables_find(v->ctx->tables, ar_str_of(record));
    ar_args asked = { .op = op, .arena = v->ctx->arena };
    ar_receiver receiver = { .reply = v->reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    for (size_t i = 0; i < v->n; i++) AR_TRY(add_result(v, &asked, &v->tasks[i], failed));
    return v->ctx->hooks->ask(v->ctx, &asked, &sink);
}

static ar_err reply_tasks(visit *v)
{
    for (size_t i = 0; i < v->n; i++) {
        task *t = &v->tasks[i];

        t->row[AR_DOOR_EFFECT] = ar_textz(t->tried ? ar_act_end_name(t->result.end) : "left");
        if (t->tried && t->result.note.len > 0) t->row[AR_DOOR_WHY] = ar_text(t->result.note);
        AR_TRY(ar_reply_row(v->reply, t->row, AR_DOOR_COLUMNS));
    }
    return ar_ok();
}

ar_err ar_door_check_home(const ar_ctx *ctx)
{
    ar_auto(ar_arena) arena = { 0 };
    int64_t owner = ar_home_owner(ctx->place);

    if (owner == 0 || owner == (int64_t)geteuid()) return ar_ok();

    ar_str name = ar_uid_name(owner, &arena);
    return ar_fail(AR_DENIED,
                   "%s belongs to %.*s, who would say what runs here with your rights; want a home "
                   "of your own or of root",
                   ctx->place->home, AR_FMT(name));
}

static ar_err visit_estate(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const char *begin,
                           const char *record, act_fn *fn)
{
    __attribute__((cleanup(ar_hands_done))) ar_hands hands = { 0 };
    visit v = { .ctx = ctx, .reply = reply, .keeps = ar_arg_flag(args, "confirm") };
    const task *failed;

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    if (v.keeps) AR_TRY(ar_door_check_home(ctx));
    /* before the estate: who opens it gives up what acting takes */
    if (v.keeps) AR_TRY(ar_hands_open(ctx, &hands));
    AR_TRY(ask_begin(&v, args, begin));
    if (v.n == 0) return ar_ok();
    failed = act_all(&v, &hands, fn);
    AR_TRY(tell(&v, record, failed));
    AR_TRY(reply_tasks(&v));
    if (failed == NULL) return ar_ok();
    return ar_fail(AR_UNAVAILABLE, "%.*s: %.*s", AR_FMT(failed->row[AR_DOOR_RECEIPT].s),
                   AR_FMT(failed->result.note));
}

ar_err ar_door_act(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const char *begin,
                   const char *record)
{
    return visit_estate(ctx, args, reply, begin, record, ar_act_do);
}

ar_err ar_door_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const char *begin,
                         const char *record)
{
    return visit_estate(ctx, args, reply, begin, record, ar_act_undo);
}
