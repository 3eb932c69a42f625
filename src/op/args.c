#include "op/args.h"

#include "form/utf.h"

enum { SHOWN_MAX = 60 };

const ar_param *ar_param_find(const ar_op *op, ar_str name)
{
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++)
        if (ar_str_eq(name, ar_str_of(p->name))) return p;
    return NULL;
}

static const ar_arg *first(const ar_args *args, const char *name)
{
    for (size_t i = 0; i < args->n; i++)
        if (strcmp(args->list[i].param->name, name) == 0) return &args->list[i];
    return NULL;
}

static int shown(ar_str text)
{
    return (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX);
}

static ar_err check_choice(const ar_param *param, ar_str text)
{
    ar_str rest = ar_str_of(param->choices), choice, all[32];
    size_t n = 0;

    while (n < AR_COUNT(all) && ar_str_split(&rest, ' ', &choice)) {
        if (ar_str_eq(text, choice)) return ar_ok();
        all[n++] = choice;
    }

    ar_str near = ar_str_nearest(text, all, n);

    if (near.len > 0)
        return ar_fail(AR_INVALID, "'%.*s' does not fit (did you mean %.*s?)", shown(text),
                       text.ptr, AR_FMT(near));
    return ar_fail(AR_INVALID, "'%.*s' does not fit (want one of: %s)", shown(text), text.ptr,
                   param->choices);
}

/* A file has been opened, so its name is only shown; of every other text the bytes count. */
static ar_err keep_text(const ar_param *param, ar_str text, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) shown_as = { 0 };

    if (param->type != AR_PARAM_FILE && ar_utf8_valid(text) < text.len)
        return ar_fail(AR_INVALID, "%s is not valid UTF-8", param->name);
    ar_utf8_put(&shown_as, text);
    *out_text = ar_arena_copy(arena, ar_buf_str(&shown_as));
    return ar_ok();
}

static ar_err read_value(ar_arg *arg, ar_time now)
{
    if (arg->param->type == AR_PARAM_INT && !ar_str_int(arg->text, &arg->n))
        return ar_fail(AR_INVALID, "'%.*s' is no number (want an integer, such as 20)",
                       shown(arg->text), arg->text.ptr);
    if (arg->param->type == AR_PARAM_TIME) AR_TRY(ar_time_parse_from(arg->text, now, &arg->n));
    if (arg->param->choices != NULL) AR_TRY(check_choice(arg->param, arg->text));
    return ar_ok();
}

ar_err ar_args_add(ar_args *args, const ar_param *param, ar_str text, int fd, ar_time now)
{
    if (args->n == AR_ARGS_MAX)
        return ar_fail(AR_LIMIT, "more than %d values in one request", (int)AR_ARGS_MAX);
    if (text.len > AR_ARG_BYTES_MAX)
        return ar_fail(AR_LIMIT, "%s is %zu bytes long, %d is the most", param->name, text.len,
                       (int)AR_ARG_BYTES_MAX);
    if (memchr(text.len == 0 ? "" : text.ptr, '\0', text.len) != NULL)
        return ar_fail(AR_INVALID, "%s holds a NUL byte", param->name);
    if (!(param->flags & AR_REPEATED) && first(args, param->name) != NULL)
        return ar_fail(AR_INVALID, "%s is given twice", param->name);

    ar_arg arg = { .param = param, .fd = fd };

    AR_TRY(keep_text(param, text, args->arena, &arg.text));
    AR_TRY_WITH(read_value(&arg, now), "%s", param->name);
    ar_grow(args->arena, args->list, args->n, args->cap);
    args->list[args->n++] = arg;
    return ar_ok();
}

/* As it is typed: "REVIEW", "--due-by". */
static ar_str typed(ar_arena *arena, const ar_param *param)
{
    bool placed = (param->flags & AR_POSITIONAL) != 0;
    ar_str word = ar_arena_printf(arena, "%s%s", placed ? "" : "--", param->name);
    char *text = ar_arena_take(arena, word.len + 1);

    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        text[i] = placed && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A')
                  : !placed && c == '_'          ? '-'
                                                 : c;
    }
    return (ar_str){ text, word.len };
}

static ar_err lacks(const ar_args *args, const ar_param *param)
{
    const char *choices = param->choices;
    ar_str word = typed(args->arena, param);
    ar_auto(ar_buf) name = { 0 };

    for (const char *c = args->op->name; *c != '\0'; c++) ar_buf_addc(&name, *c == '.' ? ' ' : *c);
    return ar_fail(AR_INVALID, "'%.*s' wants %.*s: %s%s%s%s", AR_FMT(ar_buf_str(&name)),
                   AR_FMT(word), param->help,
                   choices == NULL ? "" : " (one of: ", choices == NULL ? "" : choices,
                   choices == NULL ? "" : ")");
}

ar_err ar_args_complete(const ar_args *args)
{
    for (const ar_param *p = args->op->params; p != NULL && p->name != NULL; p++)
        if ((p->flags & AR_REQUIRED) && first(args, p->name) == NULL) return lacks(args, p);
    return ar_ok();
}

bool ar_arg_has(const ar_args *args, const char *name)
{
    return first(args, name) != NULL;
}

ar_str ar_arg_text(const ar_args *args, const char *name)
{
    const ar_arg *arg = first(args, name);

    return arg == NULL ? (ar_str){ 0 } : arg->text;
}

size_t ar_arg_texts(const ar_args *args, const char *name, const ar_str **out_texts)
{
    ar_str *texts = ar_make_n(args->arena, ar_str, args->n);
    size_t n = 0;

    for (size_t i = 0; i < args->n; i++)
        if (strcmp(args->list[i].param->name, name) == 0) texts[n++] = args->list[i].text;
    *out_texts = texts;
    return n;
}

int64_t ar_arg_int(const ar_args *args, const char *name, int64_t absent)
{
    const ar_arg *arg = first(args, name);

    return arg == NULL ? absent : arg->n;
}

ar_time ar_arg_time(const ar_args *args, const char *name, ar_time absent)
{
    return ar_arg_int(args, name, absent);
}

bool ar_arg_flag(const ar_args *args, const char *name)
{
    return ar_arg_has(args, name);
}

int ar_arg_fd(const ar_args *args, const char *name)
{
    const ar_arg *arg = first(args, name);

    return arg == NULL ? -1 : arg->fd;
}
