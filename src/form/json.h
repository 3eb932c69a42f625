/* json: JSON text to a tree, and values to JSON text. RFC 8259. For many records see ndjson.h. */
#pragma once

#include "form/node.h"

/* As ar_yaml_parse. Refused, each with file:line:column: what RFC 8259 does not allow, invalid
 * UTF-8, lone surrogates, duplicate keys, text behind the value, numbers that a double cannot hold;
 * AR_LIMIT beyond `limits`. Integers that fit 64 bits are AR_NODE_INT, other numbers
 * AR_NODE_DOUBLE. A text may hold NUL (\u0000). */
ar_err ar_json_parse(ar_str file, ar_str text, const ar_form_limits *limits, ar_arena *arena,
                     ar_node **out_root);
/* The same for a piece of a file that begins at line:column of it. */
ar_err ar_json_parse_at(ar_str file, uint32_t line, uint32_t column, ar_str text,
                        const ar_form_limits *limits, ar_arena *arena, ar_node **out_root);

/* Text in quotes. Escaped are all controls, also U+007F to U+009F, and what turns the direction of
 * writing; bytes that are not UTF-8 become U+FFFD. */
void ar_json_text(ar_buf *out, ar_str text);
/* null, true, 42, 0.5 (NaN and infinities are null), "text", times as RFC 3339 text. */
void ar_json_value(ar_buf *out, ar_value value);
/* The tree as compact JSON. */
void ar_json_node(ar_buf *out, const ar_node *node);
