#include "http/api.h"

#include "form/json.h"

enum { NODES_MAX = 2 * AR_ARGS_MAX, DEPTH_MAX = 3 };

bool ar_api_offers(const ar_op *op)
{
    if (op->runs_in != AR_IN_CORE || op->enters) return false;
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++)
        if (p->type == AR_PARAM_FILE || (p->flags & AR_WRITTEN)) return false;
    return true;
}

/* Every dot of one is a slash of the other. */
static ar_str with(ar_str text, char from, char to, ar_arena *arena)
{
    char *copy = ar_arena_take(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++) copy[i] = text.ptr[i] == from ? to : text.ptr[i];
    copy[text.len] = '\0';
    return (ar_str){ copy, text.len };
}

ar_str ar_api_path(const ar_op *op, ar_arena *arena)
{
    return with(ar_str_of(op->name), '.', '/', arena);
}

const ar_op *ar_api_find(const ar_tables *tables, ar_str path)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_op *op;

    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '.') return NULL;
    op = ar_tables_find(tables, with(path, '/', '.', &arena));
    return op != NULL && ar_api_offers(op) ? op : NULL;
}

ar_err ar_api_add(ar_args *args, ar_str name, ar_str text, ar_time now)
{
    const ar_param *param = ar_param_find(args->op, name);
    bool yes = ar_str_eq(text, AR_LIT("true"));

    if (param == NULL)
        return ar_fail(AR_INVALID, "%s has no parameter '%.*s'", args->op->name,
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    if (param->type != AR_PARAM_FLAG) return ar_args_add(args, param, text, -1, now);
    if (!yes && !ar_str_eq(text, AR_LIT("false")))
        return ar_fail(AR_INVALID, "%s is true or false", param->name);
    return yes ? ar_args_add(args, param, (ar_str){ 0 }, -1, now) : ar_ok();
}

static ar_err add_node(ar_args *args, ar_str name, const ar_node *node, ar_time now)
{
    if (node->kind == AR_NODE_NULL) return ar_ok();
    if (node->kind == AR_NODE_MAP)
        return ar_node_fail(AR_LIT("body"), node, "a value is a text, a number, true or false");
    return ar_api_add(args, name, node->text, now);
}

ar_err ar_api_add_body(ar_args *args, ar_str body, ar_time now)
{
    const ar_form_limits limits = { .bytes_max = body.len + 1,
                                    .nodes_max = NODES_MAX,
                                    .depth_max = DEPTH_MAX };
    ar_node *root;

    if (body.len == 0) return ar_ok();
    AR_TRY(ar_json_parse(AR_LIT("body"), body, &limits, args->arena, &root));
    if (root->kind != AR_NODE_MAP)
        return ar_node_fail(AR_LIT("body"), root, "want an object of parameters");
    for (size_t i = 0; i < root->n; i++) {
        const ar_node *value = root->pairs[i].value;
        bool list = value->kind == AR_NODE_LIST;

        for (size_t k = 0; k < (list ? value->n : 1); k++)
            AR_TRY(add_node(args, root->pairs[i].key, list ? value->items[k] : value, now));
    }
    return ar_ok();
}
