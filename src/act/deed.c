#include "act/deed.h"

#include "form/json.h"
#include "form/utf.h"

/* ---- facts into arguments ---- */

static ar_err check_fact(const ar_action *action, ar_str id, ar_str column, ar_str text)
{
    ar_str kind = action->kind->name, rest = text;
    uint32_t c;

    if (text.len == 0)
        return ar_fail(AR_INVALID, "%.*s:%.*s has no %.*s, and %.*s wants it", AR_FMT(kind),
                       AR_FMT(id), AR_FMT(column), AR_FMT(action->name));
    if (text.len > AR_ACTION_ARG_BYTES_MAX)
        return ar_fail(AR_LIMIT, "%.*s of %.*s:%.*s has %zu bytes; %d are the most of an argument",
                       AR_FMT(column), AR_FMT(kind), AR_FMT(id), text.len,
                       (int)AR_ACTION_ARG_BYTES_MAX);
    if (text.ptr[0] == '-')
        return ar_fail(AR_INVALID,
                       "%.*s of %.*s:%.*s begins with '-', which a program would take for an "
                       "option",
                       AR_FMT(column), AR_FMT(kind), AR_FMT(id));
    while (rest.len > 0) {
        size_t len = ar_utf8_next(rest, &c);

        if (len == 0 || c < ' ' || c == 0x7f)
            return ar_fail(AR_INVALID, "%.*s of %.*s:%.*s is not one line of text", AR_FMT(column),
                           AR_FMT(kind), AR_FMT(id));
        rest = ar_str_cut(rest, len, rest.len);
    }
    return ar_ok();
}

static ar_err read_fact(ar_ctx *ctx, const ar_action *action, ar_str id, ar_str column,
                        ar_str *out_text)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 }, text = { 0 };
    ar_value arg = ar_text(id);

    ar_buf_addz(&sql, "SELECT ");
    ar_sql_name(&sql, column);
    ar_buf_addz(&sql, " FROM main.");
    ar_sql_name(&sql, action->kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no %.*s:%.*s", AR_FMT(action->kind->name),
                       AR_FMT(id));
    ar_value_print(&text, ar_rows_get(rows, 0));
    *out_text = ar_arena_copy(ctx->arena, ar_buf_str(&text));
    return check_fact(action, id, column, *out_text);
}

ar_err ar_deed_fill(ar_ctx *ctx, const ar_action *action, ar_str id, ar_deed *out_deed)
{
    ar_deed deed = { .action = action->name, .seconds = action->seconds };

    for (int p = 0; p < AR_ACT_PARTS; p++) {
        const ar_command *from = &action->parts[p];
        ar_str *args = ar_make_n(ctx->arena, ar_str, from->n);

        for (size_t i = 0; i < from->n; i++) {
            ar_str column = ar_action_column(from->args[i]);

            args[i] = from->args[i];
            if (column.len > 0) AR_TRY(read_fact(ctx, action, id, column, &args[i]));
        }
        deed.parts[p] = (ar_command){ args, from->n };
    }
    *out_deed = deed;
    return ar_ok();
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

void ar_deed_print(const ar_deed *deed, ar_buf *out)
{
    ar_buf_addz(out, "{\"action\":");
    ar_json_text(out, deed->action);
    ar_buf_addf(out, ",\"seconds\":%lld", (long long)deed->seconds);
    for (int p = 0; p < AR_ACT_PARTS; p++) {
        ar_buf_addf(out, ",\"%s\":[", ar_act_part_name((enum ar_act_part)p));
        for (size_t i = 0; i < deed->parts[p].n; i++) {
            if (i > 0) ar_buf_addc(out, ',');
            ar_json_text(out, deed->parts[p].args[i]);
        }
        ar_buf_addc(out, ']');
    }
    ar_buf_addc(out, '}');
}

ar_err ar_deed_parse(ar_str text, ar_arena *arena, ar_deed *out_deed)
{
    ar_str file = AR_LIT("deed");
    ar_deed deed = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_text(file, root, "action", true, &deed.action));
    AR_TRY(ar_node_int(file, root, "seconds", true, &deed.seconds));
    if (deed.seconds < 1 || deed.seconds > AR_ACTION_SECONDS_MAX)
        return ar_fail(AR_INVALID, "deed: %lld seconds", (long long)deed.seconds);
    for (int p = 0; p < AR_ACT_PARTS; p++) {
        const ar_node *list = NULL;
        ar_str *args;

        AR_TRY(ar_node_list(file, root, ar_act_part_name((enum ar_act_part)p), true, &list));
        args = ar_make_n(arena, ar_str, list->n);
        for (size_t i = 0; i < list->n; i++) args[i] = list->items[i]->text;
        deed.parts[p] = (ar_command){ args, list->n };
    }
    *out_deed = deed;
    return ar_ok();
}
