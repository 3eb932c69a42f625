/* node: a document as a tree, each node with its place, whatever text format it came from. */
#pragma once

#include "base/base.h"

enum ar_node_kind {
    AR_NODE_NULL,
    AR_NODE_BOOL,
    AR_NODE_INT,
    AR_NODE_DOUBLE,
    AR_NODE_TEXT,
    AR_NODE_LIST,
    AR_NODE_MAP,
};

typedef struct ar_node ar_node;

typedef struct ar_pair {
    ar_str key;
    uint32_t line, column; /* of the key, from 1 */
    ar_node *value;
} ar_pair;

struct ar_node {
    enum ar_node_kind kind;
    uint32_t line, column; /* from 1; columns count bytes */
    ar_str text;           /* of every scalar, as written (unescaped) */
    union {
        bool b;
        int64_t i;
        double d;
    };
    ar_node **items; /* list */
    ar_pair *pairs;  /* map, in the order written */
    size_t n;        /* of items or pairs */
};

/* How large a document may be; zero means the default. */
typedef struct ar_form_limits {
    size_t bytes_max; /* default 16 MiB */
    size_t nodes_max; /* default 1,000,000 */
    size_t depth_max; /* default 64, 1000 at most */
} ar_form_limits;

/* The value of `key` in a map, or NULL (also when `map` is no map). */
const ar_node *ar_node_get(const ar_node *map, ar_str key);
/* A dotted path: "securityAssessment.status", list items by number: "owners.0.id"; a dot inside a
 * key is written with a backslash: "@odata\\.type". NULL when nothing is there. */
const ar_node *ar_node_at(const ar_node *node, ar_str path);
const char *ar_node_kind_name(enum ar_node_kind kind); /* "a text", "a list", … */
/* AR_INVALID "file:line:column: …" for a node. */
ar_err ar_node_fail(ar_str file, const ar_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* AR_INVALID when `map` has a key that is not in `names`; names the place and the nearest name.
 * Also AR_INVALID when `map` is not a map. */
ar_err ar_node_only(ar_str file, const ar_node *map, const ar_str *names, size_t n);
/* The value of `key` as text, int, bool, list or map. Absent: out stays untouched and, when
 * `required`, AR_INVALID with the place of the map. Of the wrong kind: AR_INVALID with its place.
 */
ar_err ar_node_text(ar_str file, const ar_node *map, const char *key, bool required, ar_str *out);
ar_err ar_node_int(ar_str file, const ar_node *map, const char *key, bool required, int64_t *out);
ar_err ar_node_bool(ar_str file, const ar_node *map, const char *key, bool required, bool *out);
ar_err ar_node_list(ar_str file, const ar_node *map, const char *key, bool required,
                    const ar_node **out);
ar_err ar_node_map(ar_str file, const ar_node *map, const char *key, bool required,
                   const ar_node **out);
