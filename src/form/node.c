#include "form/node.h"
#include "form/tree.h"

enum { NAME_MAX_SHOWN = 60 };

static const char *const kind_names[] = {
    [AR_NODE_NULL] = "nothing",    [AR_NODE_BOOL] = "true or false", [AR_NODE_INT] = "an integer",
    [AR_NODE_DOUBLE] = "a number", [AR_NODE_TEXT] = "a text",        [AR_NODE_LIST] = "a list",
    [AR_NODE_MAP] = "a map",
};

const char *ar_node_kind_name(enum ar_node_kind kind)
{
    return kind_names[kind];
}

const ar_node *ar_node_get(const ar_node *map, ar_str key)
{
    if (map == NULL || map->kind != AR_NODE_MAP) return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (ar_str_eq(map->pairs[i].key, key)) return map->pairs[i].value;
    return NULL;
}

const ar_node *ar_node_at(const ar_node *node, ar_str path)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str part;

    while (node != NULL && ar_tree_path(&path, &arena, &part)) {
        int64_t i;

        if (node->kind != AR_NODE_LIST)
            node = ar_node_get(node, part);
        else if (ar_str_int(part, &i) && i >= 0 && (uint64_t)i < node->n)
            node = node->items[i];
        else
            node = NULL;
    }
    return node;
}

ar_err ar_node_fail(ar_str file, const ar_node *node, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    return ar_fail(AR_INVALID, "%.*s:%u:%u: %s", AR_FMT(file), node->line, node->column, text.ptr);
}

static bool is_in(ar_str name, const ar_str *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(name, names[i])) return true;
    return false;
}

static ar_err fail_unknown(ar_str file, const ar_pair *pair, const ar_str *names, size_t n)
{
    ar_node place = { .line = pair->line, .column = pair->column };
    ar_str near = ar_str_nearest(pair->key, names, n);
    int shown = (int)(pair->key.len < NAME_MAX_SHOWN ? pair->key.len : NAME_MAX_SHOWN);
    ar_auto(ar_buf) known = { 0 };

    if (near.len > 0)
        return ar_node_fail(file, &place, "unknown key '%.*s' (did you mean '%.*s'?)", shown,
                            pair->key.ptr, AR_FMT(near));
    for (size_t i = 0; i < n; i++)
        ar_buf_addf(&known, "%s%.*s", i == 0 ? "" : ", ", AR_FMT(names[i]));
    return ar_node_fail(file, &place, "unknown key '%.*s' (want one of: %.*s)", shown,
                        pair->key.ptr, AR_FMT(ar_buf_str(&known)));
}

ar_err ar_node_only(ar_str file, const ar_node *map, const ar_str *names, size_t n)
{
    if (map->kind != AR_NODE_MAP)
        return ar_node_fail(file, map, "want a map here, found %s", kind_names[map->kind]);
    for (size_t i = 0; i < map->n; i++)
        if (!is_in(map->pairs[i].key, names, n))
            return fail_unknown(file, &map->pairs[i], names, n);
    return ar_ok();
}

/* The value of `key` when it is of `kind`; *out is NULL when it is absent and need not be there. */
static ar_err find(ar_str file, const ar_node *map, const char *key, bool required,
                   enum ar_node_kind kind, const ar_node **out)
{
    const ar_node *value = ar_node_get(map, ar_str_of(key));

    *out = NULL;
    if (map->kind != AR_NODE_MAP)
        return ar_node_fail(file, map, "want a map here, found %s", kind_names[map->kind]);
    if (value == NULL) {
        if (required) return ar_node_fail(file, map, "'%s' is missing", key);
        return ar_ok();
    }
    if (value->kind != kind)
        return ar_node_fail(file, value, "'%s' must be %s, found %s", key, kind_names[kind],
                            kind_names[value->kind]);
    *out = value;
    return ar_ok();
}

ar_err ar_node_text(ar_str file, const ar_node *map, const char *key, bool required, ar_str *out)
{
    const ar_node *value;

    AR_TRY(find(file, map, key, required, AR_NODE_TEXT, &value));
    if (value != NULL) *out = value->text;
    return ar_ok();
}

ar_err ar_node_int(ar_str file, const ar_node *map, const char *key, bool required, int64_t *out)
{
    const ar_node *value;

    AR_TRY(find(file, map, key, required, AR_NODE_INT, &value));
    if (value != NULL) *out = value->i;
    return ar_ok();
}

ar_err ar_node_bool(ar_str file, const ar_node *map, const char *key, bool required, bool *out)
{
    const ar_node *value;

    AR_TRY(find(file, map, key, required, AR_NODE_BOOL, &value));
    if (value != NULL) *out = value->b;
    return ar_ok();
}

ar_err ar_node_list(ar_str file, const ar_node *map, const char *key, bool required,
                    const ar_node **out)
{
    const ar_node *value;

    AR_TRY(find(file, map, key, required, AR_NODE_LIST, &value));
    if (value != NULL) *out = value;
    return ar_ok();
}

ar_err ar_node_map(ar_str file, const ar_node *map, const char *key, bool required,
                   const ar_node **out)
{
    const ar_node *value;

    AR_TRY(find(file, map, key, required, AR_NODE_MAP, &value));
    if (value != NULL) *out = value;
    return ar_ok();
}
