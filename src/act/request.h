/* request: a part of an action that asks a system over HTTP: what is asked, as a recipe, and by
 * which answer it is seen to be done. */
#pragma once

#include "fetch/recipe.h"

enum {
    AR_REQUEST_STATUSES_MAX = 8,
    AR_REQUEST_HOLDS_MAX = 20, /* what an answer must say */
};

/* What the answer must be. */
typedef struct ar_expected {
    int64_t statuses[AR_REQUEST_STATUSES_MAX];
    size_t n;             /* 0: any of 200 to 299 */
    const ar_node *holds; /* a map of paths in the JSON answer, and what stands there; or NULL */
} ar_expected;

typedef struct ar_request_part {
    ar_recipe recipe; /* method NULL: there is none */
    ar_expected expected;
    ar_str key; /* the header by which the system knows the same request again; empty: none */
} ar_request_part;

/* A request with the facts of one asset filled in. */
typedef struct ar_request_filled {
    ar_call call; /* method NULL: there is none */
    ar_expected expected;
    ar_str key;
} ar_request_filled;

/* The keys of a request (fetch/recipe.h), `status`, `holds` and `key`. AR_INVALID says file, line
 * and column. */
#define AR_REQUEST_KEYS AR_RECIPE_KEYS, AR_LIT("status"), AR_LIT("holds"), AR_LIT("key")
ar_err ar_request_read(ar_str file, const ar_node *map, ar_arena *arena, ar_request_part *out_part);

/* As a person reads it: PATCH apps/7 {"on":false}; of a long body, how long it is. */
void ar_request_show(const char *method, ar_str url, ar_str body, ar_buf *out);

/* JSON, and back. AR_INVALID: not what was printed. */
void ar_request_print(const ar_request_filled *request, ar_buf *out);
ar_err ar_request_parse(const ar_node *node, ar_arena *arena, ar_request_filled *out_request);

/* AR_INVALID says how the answer is another than it must be. */
ar_err ar_expected_check(const ar_expected *expected, const ar_call_answer *answer,
                         ar_arena *arena);
