/* mapping: the small language in which a connector says what a column is, over one item of a
 * payload: paths, constants, `??`, `+` and functions behind a bar (docs/formats.md, "Connector").
 *
 *   "app:" + appId          passwordCredentials | count          a.b ?? c | lower
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

/* AR_INVALID says where in the text: "column 12: …". */
ar_err ar_mapping_parse(ar_str text, ar_arena *arena, const ar_mapping **out_mapping);

/* The node is part of the item, of the mapping, or in `arena`; NULL is nothing. */
ar_err ar_mapping_eval(const ar_mapping *mapping, const ar_node *item, ar_arena *arena,
                       const ar_node **out_node);

/* The plain path that the mapping is, or empty: such columns can be read without a tree. */
ar_str ar_mapping_path(const ar_mapping *mapping);
