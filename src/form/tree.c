#include "form/tree.h"

enum {
    BYTES_DEFAULT = 16 << 20,
    NODES_DEFAULT = 1000000,
    DEPTH_DEFAULT = 64,
    DEPTH_MOST = 1000, /* the readers recurse; so much fits the smallest stack of a thread */
    SMALL_MAP = 16,    /* up to here a look at each key is faster than a hash map */
    KEY_SHOWN = 60,
};

ar_form_limits ar_tree_limits(const ar_form_limits *limits)
{
    ar_form_limits all = limits == NULL ? (ar_form_limits){ 0 } : *limits;

    if (all.bytes_max == 0) all.bytes_max = BYTES_DEFAULT;
    if (all.nodes_max == 0) all.nodes_max = NODES_DEFAULT;
    if (all.depth_max == 0) all.depth_max = DEPTH_DEFAULT;
    if (all.depth_max > DEPTH_MOST) all.depth_max = DEPTH_MOST;
    return all;
}

ar_err ar_tree_check(ar_str file, const ar_node *node, const ar_form_limits *limits, size_t nodes,
                     size_t depth)
{
    if (depth > limits->depth_max)
        return ar_fail(AR_LIMIT, "%.*s:%u:%u: nested more than %zu deep", AR_FMT(file), node->line,
                       node->column, limits->depth_max);
    if (nodes > limits->nodes_max)
        return ar_fail(AR_LIMIT, "%.*s:%u:%u: more than %zu values", AR_FMT(file), node->line,
                       node->column, limits->nodes_max);
    return ar_ok();
}

ar_node ar_tree_place(ar_str text, size_t offset)
{
    ar_node place = { .line = 1 };
    size_t line_start = 0;

    for (size_t i = 0; i < offset && i < text.len; i++)
        if (text.ptr[i] == '\n') {
            place.line++;
            line_start = i + 1;
        }
    place.column = (uint32_t)(offset - line_start + 1);
    return place;
}

bool ar_tree_path(ar_str *rest, ar_arena *arena, ar_str *out_part)
{
    ar_str path = *rest;
    size_t end = 0, len = 0;

    if (path.ptr == NULL) return false;
    while (end < path.len && path.ptr[end] != '.')
        end += path.ptr[end] == '\\' && end + 1 < path.len ? 2 : 1;
    *out_part = ar_str_cut(path, 0, end);
    *rest = end == path.len ? (ar_str){ 0 } : ar_str_cut(path, end + 1, path.len);
    if (ar_str_find(*out_part, '\\') == out_part->len) return true;

    char *plain = ar_arena_take(arena, end);

    for (size_t i = 0; i < end; i++) {
        if (path.ptr[i] == '\\' && i + 1 < end) i++;
        plain[len++] = path.ptr[i];
    }
    *out_part = (ar_str){ plain, len };
    return true;
}

void ar_tree_keys_done(ar_tree_keys *keys)
{
    ar_arena_done(&keys->arena);
    *keys = (ar_tree_keys){ 0 };
}

/* Index of the key equal to that of pairs[n], or n. */
static size_t find_earlier(ar_tree_keys *keys, const ar_node *map)
{
    ar_str key = map->pairs[map->n].key;
    bool fresh;

    if (map->n < SMALL_MAP) {
        size_t i = 0;

        while (i < map->n && !ar_str_eq(map->pairs[i].key, key)) i++;
        return i;
    }
    if (map->n == SMALL_MAP)
        for (size_t i = 0; i < map->n; i++)
            ar_map_put(&keys->seen, &keys->arena, map->pairs[i].key, NULL)->n = (int64_t)i;

    ar_map_value *at = ar_map_put(&keys->seen, &keys->arena, key, &fresh);

    if (fresh) at->n = (int64_t)map->n;
    return (size_t)at->n;
}

ar_err ar_tree_keys_add(ar_tree_keys *keys, ar_str file, const ar_node *map)
{
    size_t i = find_earlier(keys, map);

    if (i == map->n) return ar_ok();

    const ar_pair *pair = &map->pairs[map->n], *first = &map->pairs[i];
    ar_node place = { .line = pair->line, .column = pair->column };
    int shown = (int)(pair->key.len < KEY_SHOWN ? pair->key.len : KEY_SHOWN);

    return ar_node_fail(file, &place, "the key '%.*s' is already at %u:%u", shown, pair->key.ptr,
                        first->line, first->column);
}
