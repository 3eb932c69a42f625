/* mapping: the small language in which a connector says what a column is, over one item of a
 * payload: paths, constants, lists, `??`, `+` and functions behind a bar (docs/formats.md,
 * "Mappings").
 *
 *   "app:" + appId          passwordCredentials | count          ^.host + ":" + (a.b ?? c)
 *
 * It finds and reshapes; it never judges. What is not there is nothing, and a function of nothing
 * is nothing. A value that a function cannot read is an error that names it. */
#pragma once

#include "form/node.h"

enum {
    AR_MAPPING_TEXT_MAX = 4096,
    AR_MAPPING_DEPTH_MAX = 32,
};

typedef struct ar_mapping ar_mapping; /* immutable, in an arena */

/* What a mapping looks at. */
typedef struct ar_scope {
    const ar_node *item;
    const struct ar_scope *outer; /* of what holds the item; NULL: that is the document */
    const ar_map *lookups;        /* by name: an ar_map of nodes by key; NULL: there are none */
} ar_scope;

/* AR_INVALID says where in the text: "column 12: …". */
ar_err ar_mapping_parse(ar_str text, ar_arena *arena, const ar_mapping **out_mapping);

/* The node is part of what the scope holds, of the mapping, or in `arena`; NULL is nothing. */
ar_err ar_mapping_eval(const ar_mapping *mapping, const ar_scope *scope, ar_arena *arena,
                       const ar_node **out_node);

/* The plain path that the mapping is, or empty: such columns can be read without a tree. */
ar_str ar_mapping_path(const ar_mapping *mapping);

typedef struct ar_mapping_visit {
    void (*field)(void *self, ar_str name); /* of the item; empty: the item itself */
    void (*lookup)(void *self, ar_str name);
} ar_mapping_visit;

/* Shows all that the mapping speaks of; the same may come more than once. */
void ar_mapping_walk(const ar_mapping *mapping, const ar_mapping_visit *visit, void *self);
