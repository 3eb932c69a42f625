/* function: what may stand behind a bar in a mapping. Of mapping.c alone. */
#pragma once

#include "estate/mapping.h"

enum { AR_MAPPING_FUNCTIONS_MAX = 64 };

typedef struct ar_mapping_args {
    const ar_node **values;
    const ar_mapping *mapping; /* of functions that take one */
    size_t n;
} ar_mapping_args;

typedef struct ar_call {
    const struct ar_mapping_function *fn;
    ar_mapping_args args;
    const ar_node *in; /* never NULL or a null */
    const ar_scope *scope;
    ar_arena *arena;
    const ar_node **out; /* NULL when it comes */
} ar_call;

typedef struct ar_mapping_function {
    const char *name;
    size_t args_min, args_max;
    ar_err (*run)(const ar_call *c);
    bool pairs;    /* its arguments are pairs: from: to */
    bool maps;     /* its argument is a mapping, over the parts of what stands before */
    bool looks_up; /* its argument is the name of a lookup */
} ar_mapping_function;

extern const ar_mapping_function ar_mapping_functions[]; /* ends with a zero entry */

bool ar_node_is_scalar(const ar_node *node);
const ar_node *ar_make_text(ar_arena *arena, ar_str text);
const ar_node *ar_make_int(ar_arena *arena, int64_t i);
const ar_node *ar_make_bool(ar_arena *arena, bool b);
ar_node *ar_make_node(ar_arena *arena, enum ar_node_kind kind);
ar_node *ar_make_list(ar_arena *arena, size_t n_max);
void ar_list_add(ar_node *list, const ar_node *part); /* within n_max; what is there is only read */
