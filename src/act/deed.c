#include "act/deed.h"

#include "form/json.h"
#include "form/utf.h"

/* ---- facts ---- */

typedef struct filling {
    ar_ctx *ctx;
    const ar_action *action;
    ar_str id;
    ar_system system; /* of requests */
    ar_field *fields; /* of requests: the facts that they name, and the system's settings */
    size_t n, cap;
} filling;

static ar_err check_line(const filling *f, ar_str column, ar_str text)
{
    ar_str rest = text;
    uint32_t c;

    while (rest.len > 0) {
        size_t len = ar_utf8_next(rest, &c);

        if (len == 0 || c < ' ' || c == 0x7f)
            return ar_fail(AR_INVALID, "%.*s of %.*s:%.*s is not one line of text", AR_FMT(column),
                           AR_FMT(f->action->kind->name), AR_FMT(f->id));
        rest = ar_str_cut(rest, len, rest.len);
    }
    return ar_ok();
}

static ar_err check_fact(const filling *f, ar_str column, ar_str text)
{
    ar_str kind = f->action->kind->name;

    if (text.len == 0)
        return ar_fail(AR_INVALID, "%.*s:%.*s has no %.*s, and %.*s wants it", AR_FMT(kind),
                       AR_FMT(f->id), AR_FMT(column), AR_FMT(f->action->name));
    if (text.len > AR_ACTION_ARG_BYTES_MAX)
        return ar_fail(AR_LIMIT, "%.*s of %.*s:%.*s has %zu bytes; %d are the most of an argument",
                       AR_FMT(column), AR_FMT(kind), AR_FMT(f->id), text.len,
                       (int)AR_ACTION_ARG_BYTES_MAX);
    return check_line(f, column, text);
}

static ar_err read_fact(const filling *f, ar_str column, ar_str *out_text)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 }, text = { 0 };
    ar_value arg = ar_text(f->id);

    ar_buf_addz(&sql, "SELECT ");
    ar_sql_name(&sql, column);
    ar_buf_addz(&sql, " FROM main.");
    ar_sql_name(&sql, f->action->kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(f->ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no %.*s:%.*s", AR_FMT(f->action->kind->name),
                       AR_FMT(f->id));
    ar_value_print(&text, ar_rows_get(rows, 0));
    *out_text = ar_arena_copy(f->ctx->arena, ar_buf_str(&text));
    return check_fact(f, column, *out_text);
}

/* ---- into commands ---- */

static ar_err fill_command(const filling *f, const ar_command *from, ar_command *out)
{
    ar_str *args = ar_make_n(f->ctx->arena, ar_str, from->n + 1);

    for (size_t i = 0; i < from->n; i++) {
        ar_str column = ar_action_column(from->args[i]);

        args[i] = from->args[i];
        if (column.len == 0) continue;
        AR_TRY(read_fact(f, column, &args[i]));
        if (args[i].ptr[0] == '-')
            return ar_fail(AR_INVALID,
                           "%.*s of %.*s:%.*s begins with '-', which a program would take for an "
                           "option",
                           AR_FMT(column), AR_FMT(f->action->kind->name), AR_FMT(f->id));
    }
    *out = (ar_command){ args, from->n };
    return ar_ok();
}

/* ---- into requests ---- */

static ar_err take_field(void *self, ar_str name)
{
    filling *f = self;
    const ar_kind_column *column = ar_kind_column_find(f->action->kind, name);
    ar_str text;

    for (size_t i = 0; i < f->n; i++)
        if (ar_str_eq(f->fields[i].name, name)) return ar_ok();
    if (column == NULL) return ar_ok(); /* a setting, which is there already */
    AR_TRY(read_fact(f, name, &text));
    ar_grow(f->ctx->arena, f->fields, f->n, f->cap);
    f->fields[f->n++] = (ar_field){ .name = name,
                                    .text = text,
                                    .json = column->type == AR_INT || column->type == AR_BOOL };
    return ar_ok();
}

static void take_settings(filling *f)
{
    for (size_t i = 0; i < f->system.n_settings; i++) {
        ar_grow(f->ctx->arena, f->fields, f->n, f->cap);
        f->fields[f->n++] =
            (ar_field){ .name = f->system.settings[i].name, .text = f->system.settings[i].value };
    }
}

static ar_err fill_request(filling *f, const ar_request_part *from, ar_request_filled *out)
{
    *out = (ar_request_filled){ .expected = from->expected, .key = from->key };
    if (from->recipe.method == NULL) return ar_ok();
    AR_TRY(ar_recipe_names(&from->recipe, take_field, f));
    return ar_recipe_fill(&from->recipe, &(ar_fields){ f->fields, f->n }, f->ctx->arena,
                          &out->call);
}

ar_err ar_deed_is_on(ar_ctx *ctx, const ar_action *action, bool *out_on)
{
    ar_system system;

    AR_TRY(ar_action_system(action, ctx->place, ctx->arena, &system));
    *out_on = system.on;
    return ar_ok();
}

ar_err ar_deed_fill(ar_ctx *ctx, const ar_action *action, ar_str id, ar_deed *out_deed)
{
    ar_deed deed = { .action = action->name, .system = action->system, .seconds = action->seconds };
    filling f = { .ctx = ctx, .action = action, .id = id };

    AR_TRY(ar_action_system(action, ctx->place, ctx->arena, &f.system));
    if (!f.system.on)
        return ar_fail(
            AR_NOT_FOUND,
            "%.*s is not set up: system %.*s wants %s/systems/%.*s.yaml, with its secret",
            AR_FMT(action->name), AR_FMT(action->system), ctx->place->home, AR_FMT(action->system));
    take_settings(&f);
    for (int p = 0; p < AR_ACT_PARTS; p++) {
        AR_TRY(fill_command(&f, &action->parts[p].command, &deed.parts[p].command));
        AR_TRY(fill_request(&f, &action->parts[p].request, &deed.parts[p].request));
    }
    *out_deed = deed;
    return ar_ok();
}

bool ar_deed_has(const ar_deed *deed, enum ar_act_part part)
{
    return deed->parts[part].command.n > 0 || deed->parts[part].request.call.method != NULL;
}

/* ---- text ---- */

static bool is_plain(ar_str arg)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=@%+,";

    for (size_t i = 0; i < arg.len; i++)
        if (memchr(plain, arg.ptr[i], sizeof plain - 1) == NULL) return false;
    return arg.len > 0;
}

void ar_command_print(const ar_command *command, ar_buf *out)
{
    for (size_t i = 0; i < command->n; i++) {
        ar_str rest = command->args[i], part;
        bool first = true;

        if (i > 0) ar_buf_addc(out, ' ');
        if (is_plain(rest)) {
            ar_buf_add(out, rest);
            continue;
        }
        ar_buf_addc(out, '\'');
        while (ar_str_split(&rest, '\'', &part)) {
            if (!first) ar_buf_addz(out, "'\\''");
            ar_buf_add(out, part);
            first = false;
        }
        ar_buf_addc(out, '\'');
    }
}

void ar_deed_show(const ar_deed *deed, enum ar_act_part part, ar_buf *out)
{
    const ar_call *call = &deed->parts[part].request.call;

    if (call->method == NULL) {
        ar_command_print(&deed->parts[part].command, out);
        return;
    }
    ar_buf_addf(out, "%.*s: ", AR_FMT(deed->system));
    ar_request_show(call->method, call->url, call->body, out);
}

static void print_command(const ar_command *command, ar_buf *out)
{
    ar_buf_addc(out, '[');
    for (size_t i = 0; i < command->n; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_text(out, command->args[i]);
    }
    ar_buf_addc(out, ']');
}

void ar_deed_print(const ar_deed *deed, ar_buf *out)
{
    ar_buf_addz(out, "{\"action\":");
    ar_json_text(out, deed->action);
    if (deed->system.len > 0) ar_buf_addz(out, ",\"system\":"), ar_json_text(out, deed->system);
    ar_buf_addf(out, ",\"seconds\":%lld", (long long)deed->seconds);
    for (int p = 0; p < AR_ACT_PARTS; p++) {
        const ar_deed_part *part = &deed->parts[p];

        ar_buf_addf(out, ",\"%s\":", ar_act_part_name((enum ar_act_part)p));
        if (part->request.call.method != NULL)
            ar_request_print(&part->request, out);
        else
            print_command(&part->command, out);
    }
    ar_buf_addc(out, '}');
}

/* A map is a request, a list a command, which is empty where there is none. */
static ar_err parse_part(const ar_node *root, const char *key, ar_arena *arena, ar_deed_part *out)
{
    const ar_node *node = ar_node_get(root, ar_str_of(key)), *list = NULL;
    ar_str *args;

    if (node != NULL && node->kind == AR_NODE_MAP)
        return ar_request_parse(node, arena, &out->request);
    AR_TRY(ar_node_list(AR_LIT("deed"), root, key, true, &list));
    args = ar_make_n(arena, ar_str, list->n + 1);
    for (size_t i = 0; i < list->n; i++) args[i] = list->items[i]->text;
    out->command = (ar_command){ args, list->n };
    return ar_ok();
}

ar_err ar_deed_parse(ar_str text, ar_arena *arena, ar_deed *out_deed)
{
    ar_str file = AR_LIT("deed");
    ar_deed deed = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_text(file, root, "action", true, &deed.action));
    AR_TRY(ar_node_text(file, root, "system", false, &deed.system));
    AR_TRY(ar_node_int(file, root, "seconds", true, &deed.seconds));
    if (deed.seconds < 1 || deed.seconds > AR_ACTION_SECONDS_MAX)
        return ar_fail(AR_INVALID, "deed: %lld seconds", (long long)deed.seconds);
    for (int p = 0; p < AR_ACT_PARTS; p++)
        AR_TRY(parse_part(root, ar_act_part_name((enum ar_act_part)p), arena, &deed.parts[p]));
    *out_deed = deed;
    return ar_ok();
}
