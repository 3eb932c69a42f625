/* yaml: one YAML document to a tree (libyaml; plain scalars by the YAML 1.2 core schema). */
#pragma once

#include "form/node.h"

/* `file` is the name used in errors. Refused, each with file:line:column: invalid UTF-8, NUL,
 * duplicate keys, keys that are no scalars, anchors, aliases, tags, a second document; AR_LIMIT
 * beyond `limits` (NULL: the defaults). An empty document is an AR_NODE_NULL. The tree and its
 * texts live in `arena`. */
ar_err ar_yaml_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root);
