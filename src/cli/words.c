#include "cli/words.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { VERB_WORDS_MAX = 3, NAMES_MAX = 256 };

const ar_global ar_globals[] = {
    { "home", "DIR", "the home to work on; else ARIGHT_HOME, else the user's data folder" },
    { "format", "FORMAT", "table, json, ndjson or csv; else ARIGHT_FORMAT, else table" },
    { "asof", "TIME", "what expressions take for now: 2026-11-21T09:30:00Z, 2026-11-21, -7d" },
    { "help", NULL, "what this operation does and takes" },
    { "version", NULL, "which aright this is" },
    { 0 },
};

ar_str ar_op_words(ar_arena *arena, const ar_op *op)
{
    size_t len = strlen(op->name);
    char *text = ar_arena_take(arena, len + 1);

    for (size_t i = 0; i < len; i++) text[i] = op->name[i] == '.' ? ' ' : op->name[i];
    return (ar_str){ text, len };
}

ar_str ar_param_word(ar_arena *arena, const char *name)
{
    ar_str word = ar_arena_printf(arena, "--%s", name);
    char *text = ar_arena_take(arena, word.len + 1);

    for (size_t i = 0; i < word.len; i++) text[i] = word.ptr[i] == '_' ? '-' : word.ptr[i];
    return (ar_str){ text, word.len };
}

/* ---- the words as they come ---- */

typedef struct reading {
    const ar_tables *tables;
    ar_arena *arena;
    ar_time now;
    char **words;
    int n, at;
    bool only_words; /* behind "--" */
    ar_command *command;
} reading;

/* A word that is an option: its name with '_' for '-', and what stands behind '='. */
typedef struct option {
    ar_str word, name;
    ar_str value;
    bool has_value;
} option;

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9');
}

static option read_option(ar_arena *arena, const char *word)
{
    ar_str text = ar_str_of(word);
    size_t equals = ar_str_find(text, '=');
    option o = { .word = ar_str_cut(text, 0, equals), .has_value = equals < text.len };
    size_t dashes = ar_str_starts(text, AR_LIT("--")) ? 2 : 1;
    char *name = ar_arena_take(arena, equals + 1);

    if (o.has_value) o.value = ar_str_cut(text, equals + 1, text.len);
    for (size_t i = dashes; i < equals; i++) name[i - dashes] = word[i] == '-' ? '_' : word[i];
    o.name = (ar_str){ name, equals - dashes };
    return o;
}

static const ar_global *find_global(ar_str name)
{
    for (const ar_global *g = ar_globals; g->name != NULL; g++)
        if (ar_str_eq(name, ar_str_of(g->name))) return g;
    return NULL;
}

/* Before the operation is known: whether an option of that name takes the next word anywhere. */
static bool takes_word(const ar_tables *tables, ar_str name)
{
    const ar_global *global = find_global(name);

    if (global != NULL) return global->value != NULL;
    for (const ar_op *const *list = tables->ops; *list != NULL; list++)
        for (const ar_op *op = *list; op->name != NULL; op++) {
            const ar_param *p = ar_param_find(op, name);

            if (p != NULL && !(p->flags & AR_POSITIONAL)) return p->type != AR_PARAM_FLAG;
        }
    return false;
}

/* ---- which operation ---- */

typedef struct verb {
    ar_str words[VERB_WORDS_MAX];
    int places[VERB_WORDS_MAX]; /* in argv */
    size_t n;
} verb;

static verb first_words(const reading *r)
{
    verb v = { 0 };

    for (int i = 0; i < r->n && v.n < VERB_WORDS_MAX; i++) {
        if (strcmp(r->words[i], "--") == 0) break;
        if (is_option(r->words[i])) {
            option o = read_option(r->arena, r->words[i]);

            if (!o.has_value && takes_word(r->tables, o.name)) i++;
            continue;
        }
        v.places[v.n] = i;
        v.words[v.n++] = ar_str_of(r->words[i]);
    }
    return v;
}

static ar_str joined(ar_arena *arena, const verb *v, size_t n, const char *with)
{
    ar_str text = v->words[0];

    for (size_t i = 1; i < n; i++)
        text = ar_arena_printf(arena, "%.*s%s%.*s", AR_FMT(text), with, AR_FMT(v->words[i]));
    return text;
}

static bool is_area(const ar_tables *tables, ar_arena *arena, ar_str word)
{
    ar_str prefix = ar_arena_printf(arena, "%.*s.", AR_FMT(word));
    size_t n;
    const ar_op **all = ar_tables_all(tables, arena, &n);

    for (size_t i = 0; i < n; i++)
        if (ar_str_starts(ar_str_of(all[i]->name), prefix)) return true;
    return false;
}

static ar_err no_such_verb(const reading *r, const verb *v)
{
    size_t n;
    const ar_op **all = ar_tables_all(r->tables, r->arena, &n);
    ar_str *names = ar_make_n(r->arena, ar_str, n);
    bool area = is_area(r->tables, r->arena, v->words[0]);
    size_t most = v->n < 2 ? v->n : 2;
    ar_str near = { 0 };

    for (size_t i = 0; i < n; i++) names[i] = ar_op_words(r->arena, all[i]);
    if (area && v->n == 1)
        return ar_fail(AR_INVALID, "'%.*s' is not all: `aright help %.*s` lists what it can do",
                       AR_FMT(v->words[0]), AR_FMT(v->words[0]));
    for (size_t words = most; words > 0 && near.len == 0; words--)
        near = ar_str_nearest(joined(r->arena, v, words, " "), names, n);

    ar_str said = joined(r->arena, v, area ? most : 1, " ");
    if (near.len > 0)
        return ar_fail(AR_INVALID, "'%.*s' is no operation (did you mean '%.*s'?)", AR_FMT(said),
                       AR_FMT(near));
    return ar_fail(AR_INVALID, "'%.*s' is no operation; `aright help` lists them", AR_FMT(said));
}

/* The longest run of first words that names an operation; *out_verb keeps just those. */
static const ar_op *find_op(const reading *r, verb *v)
{
    for (size_t n = v->n; n > 0; n--) {
        const ar_op *op = ar_tables_find(r->tables, joined(r->arena, v, n, "."));

        if (op != NULL) return v->n = n, op;
    }
    return NULL;
}

/* ---- options and values ---- */

static ar_err no_such_option(const reading *r, const option *o)
{
    ar_str names[NAMES_MAX];
    size_t n = 0;

    for (const ar_global *g = ar_globals; g->name != NULL; g++)
        names[n++] = ar_param_word(r->arena, g->name);
    for (const ar_param *p = r->command->op->params; p != NULL && p->name != NULL; p++)
        if (!(p->flags & AR_POSITIONAL) && n < NAMES_MAX)
            names[n++] = ar_param_word(r->arena, p->name);

    ar_str near = ar_str_nearest(o->word, names, n);
    ar_str words = ar_op_words(r->arena, r->command->op);

    if (near.len > 0)
        return ar_fail(AR_INVALID, "'%.*s' has no option %.*s (did you mean %.*s?)", AR_FMT(words),
                       AR_FMT(o->word), AR_FMT(near));
    return ar_fail(AR_INVALID, "'%.*s' has no option %.*s; `aright help %.*s` lists them",
                   AR_FMT(words), AR_FMT(o->word), AR_FMT(words));
}

static ar_err take_value(reading *r, const option *o, ar_str *out_value)
{
    if (o->has_value) return *out_value = o->value, ar_ok();
    if (r->at == r->n) return ar_fail(AR_INVALID, "%.*s wants a value", AR_FMT(o->word));
    *out_value = ar_str_of(r->words[r->at++]);
    return ar_ok();
}

static ar_err open_file(ar_str name, int *out_fd)
{
    int fd = ar_str_eq(name, AR_LIT("-")) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                          : open(name.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 && errno == ENOENT)
        return ar_fail(AR_NOT_FOUND, "there is no file %.*s", AR_FMT(name));
    if (fd < 0) return ar_fail_errno("%.*s", AR_FMT(name));
    *out_fd = fd;
    return ar_ok();
}

static ar_err add(reading *r, const ar_param *param, ar_str text)
{
    int fd = -1;

    text = ar_arena_copy(r->arena, text);
    if (text.len == 0 && (param->type == AR_PARAM_PATH || param->type == AR_PARAM_FILE))
        return ar_fail(AR_INVALID, "%s is empty", param->name);
    if (param->type == AR_PARAM_PATH) text = ar_str_of(ar_path_absolute(r->arena, text.ptr));
    if (param->type == AR_PARAM_FILE) AR_TRY(open_file(text, &fd));

    ar_err err = ar_args_add(&r->command->args, param, text, fd, r->now);

    if (err.code != AR_OK && fd >= 0) (void)close(fd);
    return err;
}

static ar_err take_global(reading *r, const ar_global *global, const option *o)
{
    ar_str value;

    if (global->value == NULL) {
        if (o->has_value) return ar_fail(AR_INVALID, "%.*s takes no value", AR_FMT(o->word));
        if (strcmp(global->name, "help") == 0) r->command->help = true;
        if (strcmp(global->name, "version") == 0) r->command->version = true;
        return ar_ok();
    }
    AR_TRY(take_value(r, o, &value));
    if (strcmp(global->name, "home") == 0) r->command->home = ar_arena_cstr(r->arena, value);
    if (strcmp(global->name, "format") == 0) r->command->format = ar_arena_cstr(r->arena, value);
    if (strcmp(global->name, "asof") == 0)
        AR_TRY_WITH(ar_time_parse_from(value, r->now, &r->command->asof), "--asof");
    return ar_ok();
}

static ar_err take_option(reading *r, const char *word)
{
    option o = read_option(r->arena, word);
    const ar_global *global = find_global(o.name);
    const ar_param *param;
    ar_str value = { 0 };

    if (ar_str_eq(o.word, AR_LIT("-h"))) return r->command->help = true, ar_ok();
    if (!ar_str_starts(o.word, AR_LIT("--")))
        return ar_fail(AR_INVALID, "'%s' is no option; options are written --name", word);
    if (global != NULL) return take_global(r, global, &o);
    if (r->command->op == NULL) return ar_fail(AR_INVALID, "'%s' without an operation", word);
    param = ar_param_find(r->command->op, o.name);
    if (param == NULL || (param->flags & AR_POSITIONAL)) return no_such_option(r, &o);
    if (param->type != AR_PARAM_FLAG)
        AR_TRY(take_value(r, &o, &value));
    else if (o.has_value)
        return ar_fail(AR_INVALID, "%.*s takes no value", AR_FMT(o.word));
    return add(r, param, value);
}

/* The positional parameter that the next free word goes to, or NULL. */
static const ar_param *next_place(const reading *r)
{
    for (const ar_param *p = r->command->op->params; p != NULL && p->name != NULL; p++)
        if ((p->flags & AR_POSITIONAL) &&
            ((p->flags & AR_REPEATED) || !ar_arg_has(&r->command->args, p->name)))
            return p;
    return NULL;
}

static ar_err take_word(reading *r, const char *word)
{
    const ar_param *place = next_place(r);

    if (place != NULL) return add(r, place, ar_str_of(word));

    ar_str op = ar_op_words(r->arena, r->command->op);
    return ar_fail(AR_INVALID, "'%s' is one word too many for '%.*s'", word, AR_FMT(op));
}

static bool is_verb_word(const verb *v, int place)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->places[i] == place) return true;
    return false;
}

static ar_err read_all(reading *r, const verb *v)
{
    while (r->at < r->n) {
        int place = r->at++;
        const char *word = r->words[place];

        if (!r->only_words && strcmp(word, "--") == 0)
            r->only_words = true;
        else if (!r->only_words && is_option(word))
            AR_TRY(take_option(r, word));
        else if (!is_verb_word(v, place))
            AR_TRY(take_word(r, word));
    }
    return ar_ok();
}

/* Without an operation only the options of all of them can be there. */
static ar_err read_without_op(reading *r, const verb *v)
{
    while (r->at < r->n) {
        const char *word = r->words[r->at++];

        if (is_option(word)) AR_TRY(take_option(r, word));
    }
    if (r->command->help || r->command->version || v->n == 0) {
        r->command->help |= v->n == 0 && !r->command->version;
        if (v->n > 0 && is_area(r->tables, r->arena, v->words[0])) r->command->area = v->words[0];
        return ar_ok();
    }
    return no_such_verb(r, v);
}

static ar_err read_command(reading *r)
{
    verb v = first_words(r);
    ar_command *command = r->command;

    command->op = v.n > 0 ? find_op(r, &v) : NULL;
    command->args = (ar_args){ .op = command->op, .arena = r->arena };
    if (command->op == NULL) return read_without_op(r, &v);
    AR_TRY(read_all(r, &v));
    if (command->help || command->version) return ar_ok();
    return ar_args_complete(&command->args);
}

void ar_command_done(ar_command *command)
{
    for (size_t i = 0; i < command->args.n; i++)
        if (command->args.list[i].fd >= 0) (void)close(command->args.list[i].fd);
    *command = (ar_command){ 0 };
}

ar_err ar_words_read(const ar_tables *tables, int argc, char **argv, ar_time now, ar_arena *arena,
                     ar_command *out_command)
{
    ar_auto(ar_command) command = { .asof = now };
    reading r = {
        .tables = tables, .arena = arena, .now = now, .words = argv, .n = argc, .command = &command
    };

    AR_TRY(read_command(&r));
    *out_command = ar_move(command);
    return ar_ok();
}
