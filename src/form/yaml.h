/* yaml: one YAML document to a tree (libyaml; plain scalars by the YAML 1.2 core schema). */
#pragma once

#include "form/node.h"

/* `file` is the name used in errors. Refused, each with file:line:column: invalid UTF-8, NUL (also
 * escaped), control characters, duplicate keys, keys that are no scalars, anchors, aliases, tags, a
 * second document, an integer that does not fit 64 bits; AR_LIMIT beyond `limits` (NULL: the
 * defaults). An empty document is an AR_NODE_NULL.
 *
 * Plain scalars: null, ~ and nothing; true, false; 42, 0x2a, 0o52; 1.5, 1e3; each in the spellings
 * of the core schema. Everything else is text, also .inf and .nan (no fact of ours is infinite),
 * and whatever stands in quotes. Keys are text as written. Lines end with LF. The tree and its
 * texts live in `arena`; texts have a NUL behind them. */
ar_err ar_yaml_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root);
