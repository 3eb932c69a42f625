/* json: JSON text to a tree (simdjson behind a C shim), and values to JSON text. RFC 8259. */
#pragma once

#include "form/node.h"

/* As ar_yaml_parse. Refused: invalid UTF-8, duplicate keys, trailing text, numbers out of int64 and
 * double; AR_LIMIT beyond `limits`. Integers that fit are AR_NODE_INT, other numbers
 * AR_NODE_DOUBLE. */
ar_err ar_json_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root);

/* Text in quotes, escaped; bytes that are not UTF-8 become U+FFFD. */
void ar_json_text(ar_buf *out, ar_str text);
/* null, true, 42, 0.5 (NaN and infinities are null), "text", times as RFC 3339 text. */
void ar_json_value(ar_buf *out, ar_value value);
/* The tree as compact JSON. */
void ar_json_node(ar_buf *out, const ar_node *node);
