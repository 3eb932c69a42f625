#include "act/action.h"

#include "form/yaml.h"

const char *ar_act_part_name(enum ar_act_part part)
{
    static const char *const names[] = { "do", "check", "undo" };

    static_assert(AR_COUNT(names) == AR_ACT_PARTS);
    return names[part];
}

static bool is_name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (!first && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
}

static bool is_name(ar_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_char(name.ptr[i], i == 0)) return false;
    return name.len > 0;
}

ar_str ar_action_column(ar_str arg)
{
    ar_str inner;

    if (arg.len < 3 || arg.ptr[0] != '{' || arg.ptr[arg.len - 1] != '}') return (ar_str){ 0 };
    inner = ar_str_cut(arg, 1, arg.len - 1);
    return is_name(inner) ? inner : (ar_str){ 0 };
}

/* ---- reading ---- */

typedef struct reader {
    ar_str file;
    const ar_node *root;
    ar_arena *arena;
    ar_action *to;
} reader;

/* A failure without a place, at the place of the node. */
static ar_err at_node(const reader *r, const ar_node *node, ar_err err)
{
    ar_str text;

    if (err.code == AR_OK) return err;
    text = ar_arena_copy(r->arena, ar_err_text(err));
    return ar_node_fail(r->file, node, "%.*s", AR_FMT(text));
}

static ar_err read_identity(reader *r, ar_str name, const ar_kinds *kinds)
{
    const ar_node *at = ar_node_get(r->root, AR_LIT("action"));
    ar_str kind = { 0 };

    AR_TRY(ar_node_text(r->file, r->root, "action", true, &r->to->name));
    if (!is_name(r->to->name))
        return ar_node_fail(r->file, at, "'%.*s' is no name of an action (want one like block-app)",
                            AR_FMT(r->to->name));
    if (name.len > 0 && !ar_str_eq(name, r->to->name))
        return ar_node_fail(r->file, at,
                            "the action is '%.*s' and the file is named %.*s.yaml; want the same",
                            AR_FMT(r->to->name), AR_FMT(name));
    AR_TRY(ar_node_text(r->file, r->root, "title", true, &r->to->title));
    AR_TRY(ar_node_text(r->file, r->root, "kind", true, &kind));
    return at_node(r, ar_node_get(r->root, AR_LIT("kind")),
                   ar_kinds_find(kinds, kind, &r->to->kind));
}

/* A fact in the middle of an argument could become a part of something else: of an option, of a
 * path, of a language. */
static ar_err check_inside(const reader *r, const ar_node *node)
{
    ar_str text = node->text;

    for (size_t i = 0; i < r->to->kind->n_columns; i++) {
        ar_str column = r->to->kind->columns[i].name;
        ar_str hole = ar_arena_printf(r->arena, "{%.*s}", AR_FMT(column));

        if (ar_str_contains(text, hole))
            return ar_node_fail(r->file, node,
                                "'%.*s' has a column in it; want it as an argument of its own: "
                                "'%.*s'",
                                AR_FMT(text), AR_FMT(hole));
    }
    return ar_ok();
}

static ar_err read_arg(const reader *r, const ar_node *node, ar_str *out)
{
    ar_str column;

    if (node->kind == AR_NODE_LIST || node->kind == AR_NODE_MAP || node->kind == AR_NODE_NULL)
        return ar_node_fail(r->file, node, "want the arguments as texts, found %s",
                            ar_node_kind_name(node->kind));
    if (node->text.len > AR_ACTION_ARG_BYTES_MAX)
        return ar_node_fail(r->file, node, "%zu bytes; %d are the most of an argument",
                            node->text.len, (int)AR_ACTION_ARG_BYTES_MAX);
    *out = node->text;
    column = ar_action_column(node->text);
    if (column.len == 0) return check_inside(r, node);
    if (ar_kind_column_find(r->to->kind, column) != NULL) return ar_ok();
    return ar_node_fail(r->file, node, "kind %.*s has no column '%.*s'", AR_FMT(r->to->kind->name),
                        AR_FMT(column));
}

static ar_err read_command(const reader *r, const ar_node *map, ar_command *out)
{
    static const ar_str keys[] = { AR_LIT("command") };
    const ar_node *list = NULL;
    ar_str *args;

    AR_TRY(ar_node_only(r->file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_list(r->file, map, "command", true, &list));
    if (list->n == 0 || list->n > AR_ACTION_ARGS_MAX)
        return ar_node_fail(r->file, list, "%zu arguments; want the program and at most %d more",
                            list->n, AR_ACTION_ARGS_MAX - 1);
    args = ar_make_n(r->arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_arg(r, list->items[i], &args[i]));
    if (args[0].len == 0 || ar_action_column(args[0]).len > 0)
        return ar_node_fail(r->file, list->items[0], "want the name of a program first");
    *out = (ar_command){ args, list->n };
    return ar_ok();
}

/* An action does all that it does in one way, so that what it needs is there for its undo too. */
static ar_err read_part(const reader *r, const ar_node *map, ar_action_part *out)
{
    bool command = ar_node_get(map, AR_LIT("command")) != NULL;

    if (r->to->system.len == 0) {
        if (!command && ar_request_read(r->file, map, r->arena, &out->request).code == AR_OK)
            return ar_node_fail(r->file, map, "a request, and no 'system' that it goes to");
        return read_command(r, map, &out->command);
    }
    if (command)
        return ar_node_fail(r->file, map,
                            "a command beside 'system'; want requests to it, or commands alone");
    return ar_request_read(r->file, map, r->arena, &out->request);
}

static ar_err read_system(const reader *r)
{
    const ar_node *at = ar_node_get(r->root, AR_LIT("system"));

    AR_TRY(ar_node_text(r->file, r->root, "system", false, &r->to->system));
    if (at == NULL || ar_reach_is_name(r->to->system)) return ar_ok();
    return ar_node_fail(r->file, at, "'%.*s' is no name of a system", AR_FMT(r->to->system));
}

static ar_err read_seconds(const reader *r)
{
    const ar_node *at = ar_node_get(r->root, AR_LIT("seconds"));

    if (at != NULL && r->to->system.len > 0)
        return ar_node_fail(r->file, at,
                            "'seconds' is of commands; patience with a system stands in "
                            "HOME/systems/%.*s.yaml",
                            AR_FMT(r->to->system));
    r->to->seconds = AR_ACTION_SECONDS;
    AR_TRY(ar_node_int(r->file, r->root, "seconds", false, &r->to->seconds));
    if (r->to->seconds >= 1 && r->to->seconds <= AR_ACTION_SECONDS_MAX) return ar_ok();
    return ar_node_fail(r->file, at, "seconds is %lld; want 1 to %d", (long long)r->to->seconds,
                        (int)AR_ACTION_SECONDS_MAX);
}

ar_err ar_action_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                       ar_arena *arena, ar_action *out_action)
{
    static const ar_str keys[] = { AR_LIT("action"), AR_LIT("title"),  AR_LIT("kind"),
                                   AR_LIT("do"),     AR_LIT("check"),  AR_LIT("undo"),
                                   AR_LIT("system"), AR_LIT("seconds") };
    ar_form_limits limits = { .bytes_max = AR_ACTION_FILE_BYTES_MAX };
    ar_action to = { .file = ar_arena_copy(arena, file) };
    reader r = { .file = to.file, .arena = arena, .to = &to };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    r.root = root;
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(read_identity(&r, name, kinds));
    AR_TRY(read_system(&r));
    AR_TRY(read_seconds(&r));
    for (int i = 0; i < AR_ACT_PARTS; i++) {
        const char *key = ar_act_part_name((enum ar_act_part)i);
        const ar_node *map = NULL;

        AR_TRY(ar_node_map(file, root, key, i == AR_ACT_DO, &map));
        if (map != NULL) AR_TRY(read_part(&r, map, &to.parts[i]));
    }
    *out_action = to;
    return ar_ok();
}

bool ar_action_has(const ar_action *action, enum ar_act_part part)
{
    return action->parts[part].command.n > 0 || action->parts[part].request.recipe.method != NULL;
}

/* ---- the system ---- */

typedef struct naming {
    const ar_action *action;
    const ar_system *system;
} naming;

static ar_err check_name(void *self, ar_str name)
{
    const naming *n = self;
    const ar_kind *kind = n->action->kind;

    if (ar_kind_column_find(kind, name) != NULL) return ar_ok();
    for (size_t i = 0; i < n->system->n_settings; i++)
        if (ar_str_eq(n->system->settings[i].name, name)) return ar_ok();
    return ar_fail(
        AR_INVALID, "%.*s: '{%.*s}' is neither a column of kind %.*s nor a setting of system %.*s",
        AR_FMT(n->action->file), AR_FMT(name), AR_FMT(kind->name), AR_FMT(n->system->name));
}

ar_err ar_action_system(const ar_action *action, const ar_place *place, ar_arena *arena,
                        ar_system *out_system)
{
    ar_system system = { .on = true };
    naming n = { action, &system };

    if (action->system.len == 0) return *out_system = system, ar_ok();
    AR_TRY_WITH(ar_system_load(place, action->system, arena, &system), "%.*s",
                AR_FMT(action->name));
    for (int i = 0; i < AR_ACT_PARTS; i++)
        if (action->parts[i].request.recipe.method != NULL)
            AR_TRY(ar_recipe_names(&action->parts[i].request.recipe, check_name, &n));
    *out_system = system;
    return ar_ok();
}

/* ---- all of them ---- */

static ar_err read_file(const ar_place_file *file, ar_str text, const void *with, ar_arena *arena,
                        void *out_one)
{
    ar_action *one = out_one;

    AR_TRY(ar_action_parse(ar_str_of(file->path), file->name, text, with, arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type action_type = { .folder = "actions",
                                                .one = "action",
                                                .file_max = AR_ACTION_FILE_BYTES_MAX,
                                                .size = sizeof(ar_action),
                                                .name_at = offsetof(ar_action, name),
                                                .read = read_file };

ar_err ar_actions_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                       ar_definitions *out_actions)
{
    return ar_definitions_load(&action_type, place, kinds, arena, out_actions);
}

ar_err ar_actions_find(const ar_definitions *actions, ar_str name, const ar_action **out_action)
{
    const void *one;

    AR_TRY(ar_definitions_find(&action_type, actions, name, &one));
    *out_action = one;
    return ar_ok();
}
