#include "access/end.h"

#include "access/grant.h"
#include "act/door.h"
#include "act/perform.h"
#include "form/json.h"
#include "op/args.h"
#include "op/reply.h"

enum { HOST_SECONDS = 60 };

const ar_param ar_grant_end_params[] = {
    { "grant", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, as `grant list` shows it",
      NULL },
    { "at", AR_PARAM_TIME, 0, "when it is to end by itself; at once when not given", NULL },
    { "because", AR_PARAM_TEXT, 0, "why", NULL },
    { "confirm", AR_PARAM_FLAG, 0, "do it; else only what would be done is shown", NULL },
    { "root", AR_PARAM_PATH, 0, "the tree of the host; / when not given", NULL },
    { 0 },
};

/* ---- asking the estate: one row comes back ---- */

typedef struct kept {
    ar_ctx *ctx;
    ar_reply *reply;
    ar_value *row;
    size_t n;
} kept;

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    kept *k = self;

    k->row = ar_make_n(k->ctx->arena, ar_value, n);
    k->n = n;
    for (size_t i = 0; i < n; i++) k->row[i] = ar_value_copy(k->ctx->arena, values[i]);
    return ar_ok();
}

/* `pairs`: names and texts of parameters, NULL-ended; an empty text is left out. */
typedef struct said {
    const char *name;
    ar_str text;
} said;

static ar_err ask(ar_ctx *ctx, ar_reply *reply, const char *name, const said *what, size_t wanted,
                  ar_value **out_row)
{
    const ar_op *op = ar_tables_find(ctx->tables, ar_str_of(name));
    ar_args args = { .op = op, .arena = ctx->arena };
    kept k = { .ctx = ctx, .reply = reply };
    ar_receiver receiver = { .row = take_row, .self = &k, .reply = k.reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    for (; what->name != NULL; what++)
        if (what->text.len > 0)
            AR_TRY(ar_args_add(&args, ar_param_find(op, ar_str_of(what->name)), what->text, -1,
                               ctx->now));
    AR_TRY(ctx->hooks->ask(ctx, &args, &sink));
    if (k.n != wanted)
        return ar_fail(AR_UNAVAILABLE, "the core answered something else than it was asked");
    *out_row = k.row;
    return ar_ok();
}

#define SAID(...) ((const said[]){ __VA_ARGS__, { 0 } })

/* ---- asking the host's child ---- */

typedef struct errand {
    ar_ctx *ctx;
    ar_reply *reply;
    ar_hands *hands;
    ar_str root;
    const char *step; /* end, until or undo */
} errand;

static ar_err ask_host(const errand *e, ar_str request, ar_node **out_answer)
{
    const ar_str args[] = { ar_str_of(e->ctx->place->program), AR_LIT("--process"), AR_LIT("grant"),
                            e->root };
    ar_command command = { args, AR_COUNT(args) };
    ar_str text, file = AR_LIT("host"), failed = { 0 };
    int64_t code = 0;
    int status = 0;

    AR_TRY(ar_runner_run(&e->hands->runner, &command, request, HOST_SECONDS, e->ctx->arena, &text,
                         &status));
    if (text.len == 0 && status == 0) return *out_answer = NULL, ar_ok();
    AR_TRY_WITH(ar_json_parse(file, text, NULL, e->ctx->arena, out_answer),
                "the host's child ended with status %d", status);
    AR_TRY(ar_node_text(file, *out_answer, "failed", false, &failed));
    if (failed.len == 0) return ar_ok();
    AR_TRY(ar_node_int(file, *out_answer, "code", true, &code));
    return ar_fail((enum ar_code)code, "%.*s", AR_FMT(failed));
}

/* `facts` is an object; `rest` what follows it. */
static ar_err ask_about(const errand *e, const char *todo, ar_str facts, ar_str rest,
                        ar_node **out_answer)
{
    ar_str request = ar_arena_printf(e->ctx->arena, "{\"do\":\"%s\",\"facts\":%.*s,%.*s}", todo,
                                     AR_FMT(facts), AR_FMT(rest));

    return ask_host(e, request, out_answer);
}

typedef struct edit {
    ar_str path, before, after;
} edit;

static ar_err read_edit(const ar_node *node, edit *out)
{
    ar_str file = AR_LIT("edit");

    AR_TRY(ar_node_text(file, node, "path", true, &out->path));
    AR_TRY(ar_node_text(file, node, "before", true, &out->before));
    return ar_node_text(file, node, "after", true, &out->after);
}

/* ---- what is shown ---- */

/* The lines that one text has and the other has not, where only lines next to each other differ. */
static void add_lines(ar_buf *out, char sign, ar_str text, size_t head, size_t tail)
{
    ar_str part = ar_str_cut(text, head, text.len - tail), line;

    while (part.len > 0 && ar_str_split(&part, '\n', &line))
        if (line.len > 0)
            ar_buf_addf(out, "%s%c %.*s", out->len > 0 ? "; " : "", sign, AR_FMT(line));
}

static bool begins_line(ar_str text, size_t at)
{
    return at == 0 || text.ptr[at - 1] == '\n';
}

static ar_str diff_of(const edit *e, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str a = e->before, b = e->after;
    size_t least = a.len < b.len ? a.len : b.len, head = 0, tail = 0;

    while (head < least && a.ptr[head] == b.ptr[head]) head++;
    while (head > 0 && a.ptr[head - 1] != '\n') head--;
    while (tail < least - head && a.ptr[a.len - 1 - tail] == b.ptr[b.len - 1 - tail]) tail++;
    while (tail > 0 && (!begins_line(a, a.len - tail) || !begins_line(b, b.len - tail))) tail--;
    add_lines(&out, '-', e->before, head, tail);
    add_lines(&out, '+', e->after, head, tail);
    return ar_arena_copy(arena, ar_buf_str(&out));
}

static ar_err reply_end(const errand *e, ar_str grant, const char *effect, ar_value receipt,
                        ar_str does, ar_str why)
{
    ar_str asset = ar_arena_printf(e->ctx->arena, "role_grant:%.*s", AR_FMT(grant));
    ar_value row[AR_DOOR_COLUMNS] = {
        [AR_DOOR_ASSET] = ar_text(asset),    [AR_DOOR_STEP] = ar_textz(e->step),
        [AR_DOOR_EFFECT] = ar_textz(effect), [AR_DOOR_RECEIPT] = receipt,
        [AR_DOOR_DOES] = ar_text(does),      [AR_DOOR_WHY] = ar_text_or_null(why),
    };

    if (receipt.type == AR_NULL)
        ar_reply_note(e->reply, "Nothing was done; the same command with --confirm does it.");
    return ar_reply_row(e->reply, row, AR_DOOR_COLUMNS);
}

/* ---- one deed: an edit of this host's, or an action's ---- */

typedef struct work {
    bool is_edit;
    edit edit;
    ar_deed deed;
    ar_str json, facts; /* of an edit */
    ar_str does, why;
} work;

static ar_err read_work(const errand *e, ar_str json, ar_str facts, bool back, work *out)
{
    ar_auto(ar_buf) does = { 0 };
    ar_node *node;

    *out = (work){ .json = json, .facts = facts };
    AR_TRY(ar_json_parse(AR_LIT("deed"), json, NULL, e->ctx->arena, &node));
    out->is_edit = ar_node_get(node, AR_LIT("path")) != NULL;
    if (out->is_edit) {
        AR_TRY(read_edit(node, &out->edit));
        if (back) {
            ar_str after = out->edit.after;

            out->edit.after = out->edit.before;
            out->edit.before = after;
        }
        out->why = diff_of(&out->edit, e->ctx->arena);
        out->does = ar_arena_printf(e->ctx->arena, "edit %.*s", AR_FMT(out->edit.path));
        return ar_ok();
    }
    AR_TRY(ar_deed_parse(json, e->ctx->arena, &out->deed));
    ar_deed_show(&out->deed, back ? AR_ACT_UNDO : AR_ACT_DO, &does);
    out->does = ar_arena_copy(e->ctx->arena, ar_buf_str(&does));
    return ar_ok();
}

static ar_act_result perform(const errand *e, const work *w, bool back, ar_str receipt)
{
    ar_str rest = ar_arena_printf(e->ctx->arena, "\"edit\":%.*s", AR_FMT(w->json));
    ar_node *nothing;
    ar_err err;

    if (!w->is_edit && back) return ar_act_undo(e->hands, &w->deed, receipt, e->ctx->arena);
    if (!w->is_edit) return ar_act_do(e->hands, &w->deed, receipt, e->ctx->arena);
    err = ask_about(e, back ? "back" : "end", w->facts, rest, &nothing);
    if (err.code == AR_OK) return (ar_act_result){ .end = AR_ACT_DONE };
    return (ar_act_result){ err.code == AR_IO ? AR_ACT_HALF : AR_ACT_FAILED,
                            ar_arena_copy(e->ctx->arena, ar_err_text(err)) };
}

/* Does what was begun, tells the estate how it ended, and who asked. */
static ar_err finish(const errand *e, const work *w, ar_str grant, bool back, ar_value receipt)
{
    ar_act_result result = perform(e, w, back, receipt.s);
    const char *end = ar_act_end_name(result.end);
    ar_str text;
    ar_value *row;

    text =
        ar_arena_printf(e->ctx->arena, "%.*s %s %.*s", AR_FMT(receipt.s), end, AR_FMT(result.note));
    AR_TRY(ask(e->ctx, e->reply, "grant.record", SAID({ "result", text }), AR_DOOR_COLUMNS, &row));
    AR_TRY(reply_end(e, grant, end, receipt, w->does, result.note.len > 0 ? result.note : w->why));
    if (result.end == AR_ACT_DONE) return ar_ok();
    return ar_fail(AR_UNAVAILABLE, "%.*s: %.*s", AR_FMT(receipt.s), AR_FMT(result.note));
}

/* ---- the operations ---- */

static ar_err begin_errand(ar_ctx *ctx, const ar_args *args, ar_reply *reply, ar_hands *hands,
                           const char *step, errand *out)
{
    ar_str root = ar_arg_text(args, "root");

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    *out = (errand){ ctx, reply, hands, root.len > 0 ? root : AR_LIT("/"), step };
    if (ar_arg_flag(args, "confirm")) AR_TRY(ar_door_check_home(ctx));
    return ar_hands_open(ctx, hands);
}

static ar_err plan(const errand *e, const ar_args *args, ar_str *out_json, ar_str *out_facts)
{
    ar_time until = ar_arg_time(args, "at", 0);
    ar_auto(ar_buf) json = { 0 };
    ar_value *row;
    ar_node *node;

    if (until != 0 && until <= e->ctx->now)
        return ar_fail(AR_INVALID, "--at has passed; want a time that is to come");
    AR_TRY(ask(e->ctx, e->reply, "grant.plan", SAID({ "grant", ar_arg_text(args, "grant") }),
               AR_GRANT_FIELDS, &row));
    *out_facts = ar_grant_facts(row, e->ctx->arena);
    if (row[AR_GRANT_DEED].type == AR_TEXT) {
        if (until != 0)
            return ar_fail(AR_CONFLICT, "only a rule of sudo on a host can be given an end here");
        return *out_json = row[AR_GRANT_DEED].s, ar_ok();
    }
    AR_TRY(ask_about(e, "plan", *out_facts,
                     ar_arena_printf(e->ctx->arena, "\"until\":%lld", (long long)until), &node));
    ar_json_node(&json, node);
    *out_json = ar_arena_copy(e->ctx->arena, ar_buf_str(&json));
    return ar_ok();
}

ar_err ar_grant_run_end(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(ar_hands_done))) ar_hands hands = { 0 };
    ar_str grant = ar_arg_text(args, "grant"), at = ar_arg_text(args, "at"), json, facts;
    ar_value *row;
    errand e;
    work w;

    AR_TRY(begin_errand(ctx, args, reply, &hands, at.len > 0 ? "until" : "end", &e));
    AR_TRY(plan(&e, args, &json, &facts));
    AR_TRY(read_work(&e, json, facts, false, &w));
    if (!ar_arg_flag(args, "confirm")) return reply_end(&e, grant, "dry", ar_null(), w.does, w.why);
    AR_TRY(ask(ctx, reply, "grant.begin",
               SAID({ "grant", grant }, { "deed", json }, { "at", at },
                    { "because", ar_arg_text(args, "because") }),
               AR_DOOR_COLUMNS, &row));
    return finish(&e, &w, grant, false, row[AR_DOOR_RECEIPT]);
}

ar_err ar_grant_run_undo(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(ar_hands_done))) ar_hands hands = { 0 };
    bool confirm = ar_arg_flag(args, "confirm");
    ar_value *row;
    ar_str grant;
    errand e;
    work w;

    AR_TRY(begin_errand(ctx, args, reply, &hands, "undo", &e));
    AR_TRY(ask(ctx, reply, "grant.take_back",
               SAID({ "receipt", ar_arg_text(args, "receipt") },
                    { "confirm", confirm ? AR_LIT("true") : (ar_str){ 0 } }),
               AR_BACK_FIELDS, &row));
    grant = row[AR_BACK_GRANT].s;
    AR_TRY(read_work(&e, row[AR_BACK_DEED].s, row[AR_BACK_FACTS].s, true, &w));
    if (!confirm) return reply_end(&e, grant, "dry", ar_null(), w.does, w.why);
    return finish(&e, &w, grant, true, row[AR_BACK_RECEIPT]);
}
