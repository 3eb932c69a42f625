#include "cli/help.h"

#include "cli/cli.h"
#include "form/utf.h"

#include <stdlib.h>

/* ---- what help, man pages and completion share ---- */

static ar_str area_of(const ar_op *op)
{
    ar_str name = ar_str_of(op->name);

    return ar_str_cut(name, 0, ar_str_find(name, '.'));
}

static const char *value_word(const ar_param *param)
{
    static const char *const words[] = {
        [AR_PARAM_TEXT] = "TEXT", [AR_PARAM_INT] = "N",     [AR_PARAM_TIME] = "TIME",
        [AR_PARAM_FLAG] = "",     [AR_PARAM_FILE] = "FILE", [AR_PARAM_PATH] = "PATH",
    };

    return words[param->type];
}

static ar_str upper(ar_arena *arena, const char *name)
{
    char *text = ar_arena_take(arena, strlen(name) + 1);

    for (size_t i = 0; name[i] != '\0'; i++)
        text[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
    return ar_str_of(text);
}

/* How the parameter is typed: "KIND:ID", "--kind TEXT". */
static ar_str usage_of(ar_arena *arena, const ar_param *param)
{
    if (param->flags & AR_POSITIONAL) return upper(arena, param->name);

    ar_str word = ar_param_word(arena, param->name);

    if (param->type == AR_PARAM_FLAG) return word;
    return ar_arena_printf(arena, "%.*s %s", AR_FMT(word), value_word(param));
}

static void add_synopsis(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    ar_buf_addz(out, "aright ");
    ar_buf_add(out, ar_op_words(arena, op));
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        ar_str usage = usage_of(arena, p);
        const char *more = p->flags & AR_REPEATED ? "…" : "";

        if (p->flags & AR_REQUIRED)
            ar_buf_addf(out, " %.*s%s", AR_FMT(usage), more);
        else
            ar_buf_addf(out, " [%.*s]%s", AR_FMT(usage), more);
    }
}

enum { LINE = 96 };

/* Text in lines of at most LINE columns; all but the first begin with `indent` blanks. */
static void add_wrapped(ar_buf *out, ar_str text, size_t at, size_t indent)
{
    ar_str word;
    bool first = true;

    while (ar_str_split(&text, ' ', &word)) {
        size_t width = ar_utf8_width(word);

        if (!first && at + 1 + width > LINE) {
            ar_buf_addf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            ar_buf_addc(out, ' ');
            at++;
        }
        ar_buf_add(out, word);
        at += width;
        first = false;
    }
    ar_buf_addc(out, '\n');
}

static void add_row(ar_buf *out, ar_str left, size_t width, const char *right)
{
    size_t at = (left.len > width ? left.len : width) + 4;

    ar_buf_addf(out, "  %-*.*s  ", (int)width, AR_FMT(left));
    add_wrapped(out, ar_str_of(right), at, width + 4);
}

/* ---- help ---- */

static const char about[] =
    "aright: the security of a whole organisation, from one inventory: what there is, whose\n"
    "it is, which standards it meets, why not, and what would be right.\n"
    "\n"
    "usage: aright OPERATION [--home DIR] [--format FORMAT] [--asof TIME] …\n";

static void add_globals(ar_buf *out, ar_arena *arena)
{
    ar_buf_addz(out, "\nEvery operation takes\n");
    for (const ar_global *g = ar_globals; g->name != NULL; g++)
        add_row(out, ar_arena_printf(arena, "--%s %s", g->name, g->value == NULL ? "" : g->value),
                15, g->help);
}

static size_t widest_words(ar_arena *arena, const ar_op **all, size_t n)
{
    size_t widest = 0;

    for (size_t i = 0; i < n; i++) {
        size_t len = ar_op_words(arena, all[i]).len;

        if (len > widest) widest = len;
    }
    return widest;
}

/* Whether it stands alone: a single word that is no area too. */
static bool is_single(const ar_op **all, size_t n, const ar_op *op)
{
    for (size_t i = 0; i < n; i++)
        if (all[i] != op && ar_str_eq(area_of(all[i]), area_of(op))) return false;
    return true;
}

/* What only other operations ask for would hide what people do. */
static const ar_op **asked_by_people(ar_arena *arena, const ar_tables *tables, size_t *out_n)
{
    size_t n, kept = 0;
    const ar_op **all = ar_tables_all(tables, arena, &n);

    for (size_t i = 0; i < n; i++)
        if (!all[i]->inner) all[kept++] = all[i];
    *out_n = kept;
    return all;
}

/* The operations of one area; those that stand alone are the area "". */
static size_t add_area(ar_buf *out, ar_arena *arena, const ar_op **all, size_t n, ar_str area)
{
    size_t width = widest_words(arena, all, n), found = 0;

    for (size_t i = 0; i < n; i++) {
        bool here = area.len == 0 ? is_single(all, n, all[i]) : ar_str_eq(area_of(all[i]), area);

        if (!here) continue;
        if (found++ == 0) ar_buf_addc(out, '\n');
        add_row(out, ar_op_words(arena, all[i]), width, all[i]->help);
    }
    return found;
}

static bool is_first_of_area(const ar_op **all, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (ar_str_eq(area_of(all[k]), area_of(all[i]))) return false;
    return true;
}

static void add_overview(ar_buf *out, ar_arena *arena, const ar_tables *tables)
{
    size_t n;
    const ar_op **all = asked_by_people(arena, tables, &n);

    ar_buf_addz(out, about);
    add_area(out, arena, all, n, (ar_str){ 0 });
    for (size_t i = 0; i < n; i++)
        if (!is_single(all, n, all[i]) && is_first_of_area(all, i))
            add_area(out, arena, all, n, area_of(all[i]));
    add_globals(out, arena);
    ar_buf_addz(out, "\n`aright help OPERATION` says what it takes and shows an example.\n"
                     "`aright help life` lists all of one first word, also what others ask for.\n");
}

static void add_columns(ar_buf *out, const ar_op *op)
{
    if (op->columns == NULL) return;
    ar_buf_addz(out, "\nIt answers with\n");
    for (const ar_column *c = op->columns; c->name != NULL; c++)
        add_row(out, ar_str_of(c->name), 18, c->help == NULL ? ar_type_name(c->type) : c->help);
}

static void add_params(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    if (op->params == NULL || op->params->name == NULL) return;
    ar_buf_addz(out, "\nIt takes\n");
    for (const ar_param *p = op->params; p->name != NULL; p++) {
        ar_str help = ar_str_of(p->help);

        if (p->choices != NULL) help = ar_arena_printf(arena, "%s: %s", p->help, p->choices);
        add_row(out, usage_of(arena, p), 18, help.ptr);
    }
}

static void add_op(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    ar_auto(ar_buf) synopsis = { 0 };

    add_synopsis(&synopsis, arena, op);
    ar_buf_add(out, ar_op_words(arena, op));
    ar_buf_addf(out, ": %s\n\nusage: ", op->help);
    add_wrapped(out, ar_buf_str(&synopsis), strlen("usage: "), strlen("usage: "));
    if (op->more != NULL) {
        ar_buf_addc(out, '\n');
        add_wrapped(out, ar_str_of(op->more), 0, 0);
    }
    add_params(out, arena, op);
    add_columns(out, op);
    ar_buf_addf(out, "\nIt takes the grant %s", op->grant);
    if (op->event != NULL) ar_buf_addf(out, " and is recorded as %s", op->event);
    ar_buf_addz(out, ".\n");
    if (op->example != NULL) ar_buf_addf(out, "\nexample: %s\n", op->example);
}

/* `aright help finding list` and `aright help 'finding list'` are the same question. */
static ar_str words_joined(ar_arena *arena, const ar_args *args, char with)
{
    ar_auto(ar_buf) text = { 0 };
    const ar_str *words;
    size_t n = ar_arg_texts(args, "operation", &words);

    for (size_t i = 0; i < n; i++)
        for (ar_str rest = words[i], word; ar_str_split(&rest, ' ', &word);) {
            if (word.len == 0) continue;
            if (text.len > 0) ar_buf_addc(&text, with);
            ar_buf_add(&text, word);
        }
    return ar_arena_copy(arena, ar_buf_str(&text));
}

static ar_err no_help(ar_ctx *ctx, const ar_args *args)
{
    ar_str words = words_joined(ctx->arena, args, ' ');
    size_t n;
    const ar_op **all = ar_tables_all(ctx->tables, ctx->arena, &n);
    ar_str *names = ar_make_n(ctx->arena, ar_str, n);

    for (size_t i = 0; i < n; i++) names[i] = ar_op_words(ctx->arena, all[i]);

    ar_str near = ar_str_nearest(words, names, n);

    if (near.len > 0)
        return ar_fail(AR_INVALID, "'%.*s' is no operation (did you mean '%.*s'?)", AR_FMT(words),
                       AR_FMT(near));
    return ar_fail(AR_INVALID, "'%.*s' is no operation; `aright help` lists them", AR_FMT(words));
}

static ar_err reply_text(ar_reply *reply, const ar_buf *text)
{
    ar_value row = ar_text(ar_buf_str(text));

    return ar_reply_row(reply, &row, 1);
}

static ar_err run_help(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };
    ar_str name = words_joined(ctx->arena, args, '.');
    const ar_op *op = ar_tables_find(ctx->tables, name);
    size_t n;
    const ar_op **all = ar_tables_all(ctx->tables, ctx->arena, &n);

    if (name.len == 0)
        add_overview(&text, ctx->arena, ctx->tables);
    else if (op != NULL)
        add_op(&text, ctx->arena, op);
    else if (add_area(&text, ctx->arena, all, n, name) == 0)
        return no_help(ctx, args);
    return reply_text(reply, &text);
}

static ar_err add_word(ar_args *args, ar_str text, ar_time now)
{
    return ar_args_add(args, ar_param_find(args->op, AR_LIT("operation")), text, -1, now);
}

ar_err ar_help_of(const ar_tables *tables, const ar_op *op, ar_str area, ar_time now,
                  ar_arena *arena, ar_args *out_args)
{
    ar_args args = { .op = ar_tables_find(tables, AR_LIT("help")), .arena = arena };
    ar_str rest = op == NULL ? area : ar_str_of(op->name), word;

    while (rest.len > 0 && ar_str_split(&rest, '.', &word)) AR_TRY(add_word(&args, word, now));
    *out_args = args;
    return ar_ok();
}

/* ---- man pages: mdoc ---- */

/* Whether a sentence ended before text[i], which is a blank. */
static bool ends_sentence(ar_str text, size_t i)
{
    return i > 1 && strchr(".?!", text.ptr[i - 1]) != NULL;
}

/* Text on an mdoc line: a leading dot, quotes and backslashes mean themselves; each sentence has a
 * line of its own. */
static void man_text(ar_buf *out, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if ((i == 0 || text.ptr[i - 1] == '\n') && (c == '.' || c == '\'')) ar_buf_addz(out, "\\&");
        if (c == ' ' && ends_sentence(text, i))
            ar_buf_addc(out, '\n');
        else if (c == '\\')
            ar_buf_addz(out, "\\e");
        else if (c == '-')
            ar_buf_addz(out, "\\-");
        else if (c == '"')
            ar_buf_addz(out, "\\(dq");
        else
            ar_buf_addc(out, c);
    }
}

static void man_line(ar_buf *out, const char *before, ar_str text)
{
    ar_buf_addz(out, before);
    man_text(out, text);
    ar_buf_addc(out, '\n');
}

static void man_head(ar_buf *out, ar_str title, ar_str name, const char *help)
{
    ar_buf_addz(out, ".Dd $Mdocdate$\n");
    ar_buf_addf(out, ".Dt %.*s 1\n.Os\n.Sh NAME\n.Nm %.*s\n", AR_FMT(title), AR_FMT(name));
    man_line(out, ".Nd ", ar_str_of(help));
}

static void man_item(ar_buf *out, ar_str left, const char *right)
{
    man_line(out, ".It Sy ", left);
    man_line(out, "", ar_str_of(right));
}

static void man_list(ar_buf *out)
{
    ar_buf_addz(out, ".Bl -tag -width Ds\n");
}

static void man_globals(ar_buf *out, ar_arena *arena)
{
    ar_buf_addz(out, ".Sh OPTIONS\nEvery operation takes these.\n");
    man_list(out);
    for (const ar_global *g = ar_globals; g->name != NULL; g++)
        man_item(out, ar_arena_printf(arena, "--%s %s", g->name, g->value == NULL ? "" : g->value),
                 g->help);
    ar_buf_addz(out, ".El\n");
}

static void man_exit(ar_buf *out)
{
    static const struct {
        enum ar_code code;
        const char *text;
    } rows[] = {
#define X(code, exit, http, text) { code, text },
        AR_CODES(X)
#undef X
    };

    ar_buf_addz(out, ".Sh EXIT STATUS\n");
    man_list(out);
    for (size_t i = 0; i < AR_COUNT(rows); i++)
        ar_buf_addf(out, ".It %d\n%s\n", ar_code_exit(rows[i].code), rows[i].text);
    ar_buf_addz(out, ".El\n");
}

static void man_overview(ar_buf *out, ar_arena *arena, const ar_tables *tables)
{
    size_t n;
    const ar_op **all = ar_tables_all(tables, arena, &n);

    man_head(out, AR_LIT("ARIGHT"), AR_LIT("aright"), "the security of a whole organisation");
    ar_buf_addz(out, ".Sh SYNOPSIS\n.Nm\n.Ar operation\n.Op Ar option ...\n"
                     ".Sh DESCRIPTION\nThe operations are:\n");
    man_list(out);
    for (size_t i = 0; i < n; i++) man_item(out, ar_op_words(arena, all[i]), all[i]->help);
    ar_buf_addz(out, ".El\n");
    man_globals(out, arena);
    man_exit(out);
}

static ar_str man_name(ar_arena *arena, const ar_op *op)
{
    ar_str words = ar_op_words(arena, op);
    char *text = ar_arena_take(arena, words.len + 1);

    for (size_t i = 0; i < words.len; i++) text[i] = words.ptr[i] == ' ' ? '-' : words.ptr[i];
    return ar_arena_printf(arena, "aright-%s", text);
}

static void man_params(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    if (op->params == NULL || op->params->name == NULL) return;
    man_list(out);
    for (const ar_param *p = op->params; p->name != NULL; p++) {
        man_item(out, usage_of(arena, p), p->help);
        if (p->choices != NULL)
            man_line(out, "", ar_arena_printf(arena, "(one of: %s)", p->choices));
    }
    ar_buf_addz(out, ".El\n");
}

static void man_columns(ar_buf *out, const ar_op *op)
{
    if (op->columns == NULL) return;
    ar_buf_addz(out, ".Sh COLUMNS\n");
    man_list(out);
    for (const ar_column *c = op->columns; c->name != NULL; c++)
        man_item(out, ar_str_of(c->name), c->help == NULL ? ar_type_name(c->type) : c->help);
    ar_buf_addz(out, ".El\n");
}

static void man_op(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    ar_auto(ar_buf) synopsis = { 0 };
    ar_str name = man_name(arena, op);

    add_synopsis(&synopsis, arena, op);
    man_head(out, upper(arena, name.ptr), name, op->help);
    man_line(out, ".Sh SYNOPSIS\n", ar_buf_str(&synopsis));
    man_line(out, ".Sh DESCRIPTION\n",
             op->more == NULL ? ar_arena_printf(arena, "It will %s.", op->help)
                              : ar_str_of(op->more));
    man_params(out, arena, op);
    ar_buf_addf(out, ".Pp\nIt takes the grant\n.Sy %s .\n", op->grant);
    if (op->event != NULL) ar_buf_addf(out, "It is recorded as\n.Sy %s .\n", op->event);
    man_columns(out, op);
    if (op->example != NULL) {
        man_line(out, ".Sh EXAMPLES\n.Dl ", ar_str_of(op->example));
    }
    ar_buf_addz(out, ".Sh SEE ALSO\n.Xr aright 1\n");
}

static ar_err run_man(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };
    ar_str name = words_joined(ctx->arena, args, '.');
    const ar_op *op = ar_tables_find(ctx->tables, name);

    if (name.len > 0 && op == NULL) return no_help(ctx, args);
    if (op == NULL)
        man_overview(&text, ctx->arena, ctx->tables);
    else
        man_op(&text, ctx->arena, op);
    return reply_text(reply, &text);
}

/* ---- completion ---- */

static void add_choices(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        if (p->choices == NULL || (p->flags & AR_POSITIONAL)) continue;
        ar_str word = ar_param_word(arena, p->name);
        ar_buf_addf(out, "        %s:%.*s) words='%s' ;;\n", op->name, AR_FMT(word), p->choices);
    }
}

static void add_options(ar_buf *out, ar_arena *arena, const ar_op *op)
{
    ar_buf_addf(out, "        %s) words='", op->name);
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        if (p->flags & AR_POSITIONAL) continue;
        ar_buf_add(out, ar_param_word(arena, p->name));
        ar_buf_addc(out, ' ');
    }
    ar_buf_addz(out, "' ;;\n");
}

/* Bash; zsh reads it too, after bashcompinit. */
static void add_completion(ar_buf *out, ar_arena *arena, const ar_tables *tables)
{
    size_t n;
    const ar_op **all = ar_tables_all(tables, arena, &n);

    ar_buf_addz(out, "# for bash: source <(aright help completion)\n"
                     "_aright() {\n"
                     "    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    local w op='' words='' ops='");
    for (size_t i = 0; i < n; i++) ar_buf_addf(out, "%s ", all[i]->name);
    ar_buf_addz(out, "'\n"
                     "    for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                     "        [[ $w == -* ]] && continue\n"
                     "        [[ \" $ops\" == *\" ${op:+$op.}$w\"[\\ .]* ]] || continue\n"
                     "        op=${op:+$op.}$w\n"
                     "    done\n"
                     "    case $before in\n"
                     "        --format) words='table json ndjson csv' ;;\n"
                     "        --home) COMPREPLY=($(compgen -d -- \"$now\")); return ;;\n"
                     "    esac\n"
                     "    [[ $words ]] || case $op:$before in\n");
    for (size_t i = 0; i < n; i++) add_choices(out, arena, all[i]);
    ar_buf_addz(out, "    esac\n"
                     "    [[ $words || $now != -* ]] || case $op in\n");
    for (size_t i = 0; i < n; i++) add_options(out, arena, all[i]);
    ar_buf_addz(out, "    esac\n"
                     "    [[ $now == -* ]] && words+=' ");
    for (const ar_global *g = ar_globals; g->name != NULL; g++) ar_buf_addf(out, "--%s ", g->name);
    ar_buf_addz(out, "'\n"
                     "    if [[ ! $words ]]; then\n"
                     "        for w in $ops; do\n"
                     "            if [[ ! $op ]]; then words+=\" ${w%%.*}\"\n"
                     "            elif [[ $w == \"$op\".* ]]; then\n"
                     "                w=${w#\"$op\".}; words+=\" ${w%%.*}\"\n"
                     "            fi\n"
                     "        done\n"
                     "    fi\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
                     "}\n"
                     "complete -o default -F _aright aright\n");
}

static ar_err run_completion(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };

    (void)args;
    add_completion(&text, ctx->arena, ctx->tables);
    return reply_text(reply, &text);
}

/* ---- the permission matrix and the catalogue of events ---- */

static int by_grant(const void *a, const void *b)
{
    const ar_op *x = *(const ar_op *const *)a, *y = *(const ar_op *const *)b;
    int order = strcmp(x->grant, y->grant);

    return order != 0 ? order : strcmp(x->name, y->name);
}

static ar_err run_grants(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    static const char *const places[] = {
        [AR_IN_CORE] = "core", [AR_IN_LOG] = "log", [AR_IN_DOOR] = "door"
    };
    size_t n;
    const ar_op **all = ar_tables_all(ctx->tables, ctx->arena, &n);

    (void)args;
    qsort(all, n, sizeof *all, by_grant);
    for (size_t i = 0; i < n; i++) {
        ar_value row[] = {
            ar_textz(all[i]->grant),
            ar_text(ar_op_words(ctx->arena, all[i])),
            ar_textz(all[i]->effect == AR_CHANGES ? "changes" : "reads"),
            ar_textz(places[all[i]->runs_in]),
            ar_textz(all[i]->help),
        };

        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

static int by_event(const void *a, const void *b)
{
    const ar_op *x = *(const ar_op *const *)a, *y = *(const ar_op *const *)b;

    return strcmp(x->event == NULL ? "" : x->event, y->event == NULL ? "" : y->event);
}

static ar_err event_row(ar_reply *reply, const char *event, ar_str operation, const char *help)
{
    ar_value row[] = { ar_textz(event), ar_text(operation), ar_textz(help) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_events(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    size_t n;
    const ar_op **all = ar_tables_all(ctx->tables, ctx->arena, &n);

    (void)args;
    AR_TRY(event_row(reply, "core.started", AR_LIT("serve"), "the daemon's core began to serve"));
    AR_TRY(event_row(reply, "core.stopped", AR_LIT("serve"), "the daemon's core ended in order"));
    AR_TRY(event_row(reply, "operation.denied", AR_LIT("any"), "someone lacked the grant"));
    qsort(all, n, sizeof *all, by_event);
    for (size_t i = 0; i < n; i++)
        if (all[i]->event != NULL)
            AR_TRY(event_row(reply, all[i]->event, ar_op_words(ctx->arena, all[i]), all[i]->help));
    return ar_ok();
}

static ar_err run_version(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value row = ar_textz(ctx->tables->version);

    (void)args;
    return ar_reply_row(reply, &row, 1);
}

static const ar_param operation_param[] = {
    { "operation", AR_PARAM_TEXT, AR_POSITIONAL | AR_REPEATED, "an operation or its first word",
      NULL },
    { 0 },
};
static const ar_column text_column[] = {
    { "text", AR_TEXT, 0, "the page" },
    { 0 },
};
static const ar_column version_column[] = {
    { "version", AR_TEXT, 0, "the program's version" },
    { 0 },
};
static const ar_column grant_columns[] = {
    { "grant", AR_TEXT, 0, "what the caller must hold" },
    { "operation", AR_TEXT, 0, "for what" },
    { "effect", AR_TEXT, 0, "reads or changes" },
    { "runs_in", AR_TEXT, 0, "core, log, or door: the caller's own process" },
    { "help", AR_TEXT, AR_COLUMN_BRIEF, "what the operation does" },
    { 0 },
};
static const ar_column event_columns[] = {
    { "event", AR_TEXT, 0, "the name in the event log" },
    { "operation", AR_TEXT, 0, "what writes it" },
    { "help", AR_TEXT, AR_COLUMN_BRIEF, "what it means" },
    { 0 },
};

const ar_op ar_cli_ops[] = {
    { .name = "help",
      .help = "say what there is to do, or what one operation takes",
      .example = "aright help config show",
      .runs_in = AR_IN_DOOR,
      .shape = AR_SHAPE_TEXT,
      .grant = "help.read",
      .params = operation_param,
      .columns = text_column,
      .run = run_help },
    { .name = "help.man",
      .help = "print the manual page of the program or of one operation",
      .example = "aright help man config show",
      .runs_in = AR_IN_DOOR,
      .shape = AR_SHAPE_TEXT,
      .grant = "help.read",
      .params = operation_param,
      .columns = text_column,
      .run = run_man },
    { .name = "help.completion",
      .help = "print what makes the shell complete operations and options",
      .more = "For bash: source <(aright help completion). For zsh the same after bashcompinit.",
      .example = "aright help completion",
      .runs_in = AR_IN_DOOR,
      .shape = AR_SHAPE_TEXT,
      .grant = "help.read",
      .columns = text_column,
      .run = run_completion },
    { .name = "help.grants",
      .help = "list the grants and what each allows",
      .example = "aright help grants",
      .runs_in = AR_IN_DOOR,
      .grant = "help.read",
      .columns = grant_columns,
      .run = run_grants },
    { .name = "help.events",
      .help = "list the audit events and what writes each",
      .example = "aright help events",
      .runs_in = AR_IN_DOOR,
      .grant = "help.read",
      .columns = event_columns,
      .run = run_events },
    { .name = "version",
      .help = "say which aright this is",
      .example = "aright version",
      .runs_in = AR_IN_DOOR,
      .shape = AR_SHAPE_TEXT,
      .grant = "help.read",
      .columns = version_column,
      .run = run_version },
    { 0 },
};
