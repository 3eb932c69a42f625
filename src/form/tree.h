/* tree: what the readers of YAML and JSON share: limits, places, paths, and the refusal of a key
 * that is there twice. */
#pragma once

#include "form/node.h"

/* The limits with the defaults filled in. */
ar_form_limits ar_tree_limits(const ar_form_limits *limits);
/* AR_LIMIT with the place of `node` when it is one too many or too deep (the root has depth 1). */
ar_err ar_tree_check(ar_str file, const ar_node *node, const ar_form_limits *limits, size_t nodes,
                     size_t depth);
/* A node that has no more than the place of the byte `offset`. */
ar_node ar_tree_place(ar_str text, size_t offset);

/* The next part of a dotted path, *rest moves past it; false when all is taken. A part with a
 * backslash is made anew in `arena`, others view the path. */
bool ar_tree_path(ar_str *rest, ar_arena *arena, ar_str *out_part);

/* The keys of one map seen so far. */
typedef struct ar_tree_keys {
    ar_arena arena;
    ar_map seen; /* from key to its index; made for large maps only */
} ar_tree_keys;

void ar_tree_keys_done(ar_tree_keys *keys);
/* Adds the key of map->pairs[map->n], the one behind the last. AR_INVALID with both places when it
 * was there. */
ar_err ar_tree_keys_add(ar_tree_keys *keys, ar_str file, const ar_node *map);
