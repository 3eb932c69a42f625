#include "start/ops.h"

#include "estate/estate.h"
#include "gate/gate.h"
#include "op/args.h"
#include "op/reply.h"
#include "standard/row.h"
#include "start/folder.h"
#include "start/register.h"

typedef struct shelf {
    ar_kinds kinds;
    ar_standards standards;
    ar_templates templates;
} shelf;

/* What goes by the kinds. */
static ar_err load_rest(ar_ctx *ctx, shelf *out)
{
    AR_TRY(ar_standards_load(ctx->place, &out->kinds, ctx->arena, &out->standards));
    return ar_templates_load(ctx->place, &out->standards, &out->kinds, ctx->arena, &out->templates);
}

static ar_err load(ar_ctx *ctx, shelf *out)
{
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &out->kinds));
    return load_rest(ctx, out);
}

/* ---- template list, template check ---- */

static const ar_column list_columns[] = {
    { "template", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it makes" },
    { "kind", AR_TEXT, 0, "of which kind that is" },
    { "gate", AR_TEXT, 0, "the gate whose standards prove it" },
    { "required", AR_INT, 0, "how many parameters have to be given" },
    { "files", AR_INT, 0, "how many files it renders" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { 0 },
};

static ar_err reply_template(const ar_template *t, ar_reply *reply)
{
    int64_t required = 0;

    for (size_t i = 0; i < t->n_asks; i++) required += t->asks[i].required;

    ar_value row[] = { ar_text(t->name),   ar_text(t->title), ar_text(t->kind->name),
                       ar_text(t->gate),   ar_int(required),  ar_int((int64_t)t->n_files),
                       ar_bool(t->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    shelf s;

    (void)args;
    AR_TRY(load(ctx, &s));
    for (size_t i = 0; i < s.templates.n; i++) AR_TRY(reply_template(&s.templates.list[i], reply));
    for (size_t i = 0; i < s.templates.n_bad; i++)
        ar_reply_note(reply, "%.*s", AR_FMT(s.templates.bad[i].error));
    return ar_ok();
}

static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a template file", NULL },
    { 0 },
};

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str name = ar_arg_text(args, "file"), text;
    ar_template template;
    shelf s;

    AR_TRY(load(ctx, &s));
    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, AR_TEMPLATE_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_template_parse(name, (ar_str){ 0 }, text, &s.standards, &s.kinds, ctx->arena,
                             &template));
    return reply_template(&template, reply);
}

/* ---- template show ---- */

static const ar_param show_params[] = {
    { "template", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which one", NULL },
    { 0 },
};

static const ar_column show_columns[] = {
    { "part", AR_TEXT, 0, "parameter, class, fact of the asset, or file" },
    { "name", AR_TEXT, 0, "its name" },
    { "type", AR_TEXT, 0, "of a parameter or a fact; plain, json or yaml of a file" },
    { "required", AR_BOOL, 0, "whether a parameter has to be given" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF,
      "what holds unless given, how long a life may be, or what a fact will be" },
    { "meaning", AR_TEXT, AR_COLUMN_BRIEF, "what it says, and what may be given" },
    { 0 },
};

static ar_err show_row(ar_reply *reply, const char *part, ar_str name, ar_value type,
                       ar_value required, ar_str value, ar_str meaning)
{
    ar_value row[] = { ar_textz(part), ar_text(name),          type,
                       required,       ar_text_or_null(value), ar_text_or_null(meaning) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err show_ask(const ar_ask *ask, ar_reply *reply)
{
    ar_auto(ar_buf) meaning = { 0 };

    ar_buf_add(&meaning, ask->meaning);
    for (size_t i = 0; i < ask->n_choices; i++)
        ar_buf_addf(&meaning, "%s%.*s", i == 0 ? " One of: " : ", ", AR_FMT(ask->choices[i]));
    return show_row(reply, "parameter", ask->name, ar_textz(ar_ask_type_name(ask->type)),
                    ar_bool(ask->required), ask->fallback, ar_buf_str(&meaning));
}

static ar_err show_fact(const ar_template *t, const ar_pair *pair, ar_reply *reply)
{
    const ar_kind_column *column = ar_kind_column_find(t->kind, pair->key);

    return show_row(reply, "fact", pair->key, ar_textz(ar_type_name(column->type)), ar_null(),
                    pair->value->text, column->meaning);
}

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    static const char *const formats[] = { "plain", "json", "yaml" };
    const ar_template *t;
    shelf s;

    AR_TRY(load(ctx, &s));
    AR_TRY(ar_templates_find(&s.templates, ar_arg_text(args, "template"), &t));
    for (size_t i = 0; i < t->n_asks; i++) AR_TRY(show_ask(&t->asks[i], reply));
    for (size_t i = 0; i < t->n_classes; i++) {
        int64_t max = t->classes[i].life_max;
        ar_str span = max > 0 ? ar_span_print(max, ctx->arena) : AR_LIT("any");

        AR_TRY(show_row(reply, "class", t->classes[i].name, ar_null(), ar_null(), span,
                        i == 0 ? AR_LIT("Holds unless another is said.") : AR_LIT("")));
    }
    for (size_t i = 0; i < t->asset->n; i++) AR_TRY(show_fact(t, &t->asset->pairs[i], reply));
    for (size_t i = 0; i < t->n_files; i++)
        AR_TRY(show_row(reply, "file", t->files[i].path, ar_textz(formats[t->files[i].as]),
                        ar_null(), AR_LIT(""), AR_LIT("")));
    ar_reply_note(reply, "%.*s Its gate is %.*s.", AR_FMT(t->meaning), AR_FMT(t->gate));
    return ar_ok();
}

/* ---- template render: what `new` asks of the estate ---- */

enum {
    COLUMN_PART,
    COLUMN_NAME,
    COLUMN_STATE,
    COLUMN_EFFECT,
    COLUMN_WHY,
    COLUMN_RIGHT,
    COLUMN_TEXT
};

static const ar_column render_columns[] = {
    [COLUMN_PART] = { "part", AR_TEXT, 0, "standard, asset or file" },
    [COLUMN_NAME] = { "name", AR_TEXT, 0, "which one" },
    [COLUMN_STATE] = { "state", AR_TEXT, 0,
                       "pass, fail, unknown or out; registered, as before or dry; written, missing "
                       "or rendered" },
    [COLUMN_EFFECT] = { "effect", AR_TEXT, 0, "deny, warn, audit (recorded only) or none" },
    [COLUMN_WHY] = { "why", AR_TEXT, 0, "which conditions do not hold, with the facts" },
    [COLUMN_RIGHT] = { "right", AR_TEXT, AR_COLUMN_QUIET, "what would be right" },
    [COLUMN_TEXT] = { "text", AR_TEXT, AR_COLUMN_QUIET, "the asset as JSON, or the file" },
    { 0 },
};

#define ASKED                                                                                      \
    { "template", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL,                                      \
      "from which; `aright template list` names them", NULL },                                     \
        { "name", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what it will be called", NULL },    \
        { "set", AR_PARAM_TEXT, AR_REPEATED, "PARAMETER=VALUE; `template show` names them",        \
          NULL },                                                                                  \
        { "owner", AR_PARAM_TEXT, 0, "who will answer for it; who asks, unless said", NULL },      \
        { "class", AR_PARAM_TEXT, 0, "which sort; the first of the template, unless said", NULL }, \
        { "expires", AR_PARAM_TEXT, 0, "when it ends: a time, or a length from now (+30d)",        \
          NULL },                                                                                  \
    {                                                                                              \
        "dry_run", AR_PARAM_FLAG, 0, "say what would come of it, and change nothing", NULL         \
    }

static const ar_param render_params[] = {
    ASKED,
    { "beside", AR_PARAM_PATH, AR_WRITTEN,
      "where who asks writes afterwards, if it is this process", NULL },
    { 0 },
};

static ar_err reply_part(ar_reply *reply, const char *part, ar_str name, const char *state,
                         ar_str text)
{
    ar_value row[] = { [COLUMN_PART] = ar_textz(part),   [COLUMN_NAME] = ar_text(name),
                       [COLUMN_STATE] = ar_textz(state), [COLUMN_EFFECT] = ar_null(),
                       [COLUMN_WHY] = ar_null(),         [COLUMN_RIGHT] = ar_null(),
                       [COLUMN_TEXT] = ar_text(text) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err reply_verdicts(ar_reply *reply, const ar_gate_decision *decision)
{
    for (size_t i = 0; i < decision->n; i++) {
        const ar_gate_verdict *v = &decision->verdicts[i];
        bool none = v->effect == AR_GATE_NONE;
        ar_value row[] = { [COLUMN_PART] = ar_textz("standard"),
                           [COLUMN_NAME] = ar_text(v->standard->id),
                           [COLUMN_STATE] = ar_textz(ar_state_name(v->state)),
                           [COLUMN_EFFECT] = ar_textz(ar_gate_effect_name(v->effect)),
                           [COLUMN_WHY] = ar_text_or_null(v->why),
                           [COLUMN_RIGHT] = none ? ar_null() : ar_text(v->standard->right),
                           [COLUMN_TEXT] = ar_null() };

        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    ar_gate_note(decision, reply);
    return ar_ok();
}

/* What was registered once is proposed as of then, so that the same words make the same thing. */
static ar_err propose(ar_ctx *ctx, const ar_args *args, const ar_template *template,
                      ar_started *out_started, ar_proposal *out_proposal)
{
    ar_str owner = ar_arg_text(args, "owner");
    ar_wish wish = { .name = ar_arg_text(args, "name"),
                     .owner = owner.len > 0 ? owner : ctx->who->name,
                     .class = ar_arg_text(args, "class"),
                     .expires = ar_arg_text(args, "expires"),
                     .now = ar_time_to_second(ctx->now) };

    wish.n_sets = ar_arg_texts(args, "set", &wish.sets);
    AR_TRY(ar_propose(template, &wish, ctx->arena, out_proposal));
    AR_TRY(ar_started_find(ctx, template->kind, out_proposal->id, out_started));
    if (out_started->is_there) {
        wish.now = out_started->made_at;
        AR_TRY(ar_propose(template, &wish, ctx->arena, out_proposal));
    }
    return ar_register_check(ctx, out_proposal, out_started);
}

static ar_err judge(ar_ctx *ctx, const shelf *s, const ar_proposal *p, ar_gate_decision *out)
{
    ar_str file = AR_LIT("proposal");
    const ar_gate *gate;
    ar_row row;

    AR_TRY(ar_row_read(file, &p->template->kind->scope, p->asset, ctx->asof, ctx->arena, &row));
    AR_TRY(ar_gate_make(&s->standards, p->template->gate, ctx->asof, ctx->arena, &gate));
    return ar_gate_decide(gate, &row, ctx->arena, out);
}

static ar_err reply_made(ar_ctx *ctx, const ar_proposal *p, const char *state, ar_reply *reply)
{
    ar_str kind = p->template->kind->name;

    AR_TRY(reply_part(reply, "asset",
                      ar_arena_printf(ctx->arena, "%.*s:%.*s", AR_FMT(kind), AR_FMT(p->id)), state,
                      p->json));
    for (size_t i = 0; i < p->n_files; i++)
        AR_TRY(reply_part(reply, "file", p->files[i].path, "rendered", p->files[i].text));
    return ar_ok();
}

static void audit(ar_ctx *ctx, const ar_proposal *p, const ar_gate_decision *decision,
                  const char *state)
{
    ar_audit_add(ctx, "asset_kind", ar_text(p->template->kind->name));
    ar_audit_add(ctx, "asset", ar_text(p->id));
    ar_audit_add(ctx, "owner", ar_text(p->owner));
    ar_audit_add(ctx, "class", ar_text(p->class));
    ar_audit_add(ctx, "expires_at", p->expires_at);
    ar_audit_add(ctx, "effect", ar_textz(ar_gate_effect_name(decision->effect)));
    ar_audit_add(ctx, "state", ar_textz(state));
}

static ar_err run_render(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool dry = ar_arg_flag(args, "dry_run");
    ar_gate_decision decision;
    const ar_template *t;
    ar_started started;
    ar_proposal p;
    shelf s;

    AR_TRY(ar_estate_open(ctx, &s.kinds));
    AR_TRY(load_rest(ctx, &s));
    AR_TRY(ar_templates_find(&s.templates, ar_arg_text(args, "template"), &t));
    AR_TRY(propose(ctx, args, t, &started, &p));
    AR_TRY(judge(ctx, &s, &p, &decision));
    AR_TRY(reply_verdicts(reply, &decision));
    if (decision.effect == AR_GATE_DENY) {
        audit(ctx, &p, &decision, "denied");
        ar_reply_answer(reply,
                        ar_fail(AR_DENIED, "%.*s denies it; nothing was made", AR_FMT(t->gate)));
        return ar_ok();
    }

    const char *state = started.is_there ? "as before" : dry ? "dry" : "registered";

    if (!dry && !started.is_there) AR_TRY(ar_register(ctx, &s.kinds, &p));
    audit(ctx, &p, &decision, state);
    return reply_made(ctx, &p, state, reply);
}

/* ---- new: in the process and with the rights of who asks ---- */

/* What comes back: verdicts and the asset are passed on, files are kept until all is done. */
typedef struct made {
    ar_reply *reply;
    ar_arena *arena;
    ar_proposed_file *files;
    size_t n, cap;
} made;

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    made *m = self;

    if (n != COLUMN_TEXT + 1 || values[COLUMN_PART].type != AR_TEXT)
        return ar_fail(AR_UNAVAILABLE, "the core answered something else than it was asked");
    if (!ar_str_eq(values[COLUMN_PART].s, AR_LIT("file"))) return ar_reply_row(m->reply, values, n);
    if (values[COLUMN_NAME].type != AR_TEXT || values[COLUMN_TEXT].type != AR_TEXT)
        return ar_fail(AR_UNAVAILABLE, "the core gave a file without a name or a text");
    ar_grow(m->arena, m->files, m->n, m->cap);
    m->files[m->n++] = (ar_proposed_file){ ar_arena_copy(m->arena, values[COLUMN_NAME].s),
                                           ar_arena_copy(m->arena, values[COLUMN_TEXT].s) };
    return ar_ok();
}

/* The arguments of `new` are those of `template.render`, but for where to write. */
static ar_err ask_render(ar_ctx *ctx, const ar_args *args, const char *writable, made *m)
{
    const ar_op *op = ar_tables_find(ctx->tables, AR_LIT("template.render"));
    ar_args asked = { .op = op, .arena = ctx->arena };
    ar_receiver receiver = { .row = take_row, .self = m, .reply = m->reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    for (size_t i = 0; i < args->n; i++) {
        const ar_param *param = ar_param_find(op, ar_str_of(args->list[i].param->name));

        if (param != NULL) AR_TRY(ar_args_add(&asked, param, args->list[i].text, -1, ctx->now));
    }
    if (writable != NULL)
        AR_TRY(ar_args_add(&asked, ar_param_find(op, AR_LIT("beside")), ar_str_of(writable), -1,
                           ctx->now));
    return ctx->hooks->ask(ctx, &asked, &sink);
}

/* The asset is registered by now: a file that cannot be written does not undo that. */
static ar_err write_files(const char *into, const made *m)
{
    ar_auto(ar_fd) folder = { 0 };
    ar_err err = ar_folder_open(into, &folder);
    size_t n = 0;

    while (err.code == AR_OK && n < m->n) {
        err = ar_folder_write(&folder, m->files[n].path, m->files[n].text);
        n += err.code == AR_OK;
    }
    for (size_t i = 0; i < m->n; i++)
        AR_TRY(reply_part(m->reply, "file", m->files[i].path, i < n ? "written" : "missing",
                          m->files[i].text));
    if (err.code != AR_OK)
        ar_reply_note(m->reply,
                      "It is registered, and %zu of %zu files are missing; the same command with "
                      "another --into writes them all.",
                      m->n - n, m->n);
    return err;
}

static ar_err reply_unwritten(const made *m, bool dry)
{
    for (size_t i = 0; i < m->n; i++)
        AR_TRY(reply_part(m->reply, "file", m->files[i].path, "rendered", m->files[i].text));
    if (m->n > 0 && !dry)
        ar_reply_note(m->reply, "No file was written; the same command with --into DIR writes "
                                "them, --format json shows them.");
    return ar_ok();
}

static ar_err run_new(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool dry = ar_arg_flag(args, "dry_run"), writes = ar_arg_has(args, "into") && !dry;
    const char *into = ar_arena_cstr(ctx->arena, ar_arg_text(args, "into")), *writable = NULL;
    made m = { .reply = reply, .arena = ctx->arena };

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    if (writes) AR_TRY_WITH(ar_folder_ready(into, ctx->arena, &writable), "--into");
    AR_TRY(ask_render(ctx, args, writable, &m));
    return writes ? write_files(into, &m) : reply_unwritten(&m, dry);
}

static const ar_param new_params[] = {
    ASKED,
    { "into", AR_PARAM_PATH, 0, "the folder for its files, empty or not there yet", NULL },
    { 0 },
};

/* ---- the rows ---- */

const ar_op ar_start_ops[] = {
    { .name = "new",
      .help = "make a new thing from a template, so that it starts right",
      .more =
          "All is rendered first, and judged by the standards of the template's gate. Where one "
          "denies it, nothing is made, and the command ends with status 3. Else the thing is "
          "registered with its owner, class and end, and its files are written below --into. "
          "The same command again changes nothing and writes the files again.",
      .example = "aright new vnet web-tier --owner team:web --set cidr=10.1.2.0/24 --dry-run",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "template.use",
      .event = "template.rendered",
      .params = new_params,
      .columns = render_columns,
      .run = run_new },
    { .name = "template.list",
      .help = "list the templates that new things are made from",
      .example = "aright template list",
      .grant = "template.read",
      .columns = list_columns,
      .run = run_list },
    { .name = "template.show",
      .help = "show what a template asks for and what comes of it",
      .example = "aright template show app",
      .grant = "template.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "template.check",
      .help = "check a template file",
      .grant = "template.read",
      .params = check_params,
      .columns = list_columns,
      .run = run_check },
    { .name = "template.render",
      .help = "judge and register what `new` makes, and give back its files",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "template.use",
      .event = "template.rendered",
      .params = render_params,
      .columns = render_columns,
      .run = run_render },
    { 0 },
};
