/* definitions: what all files NAME.yaml of a folder define, shipped and of the home; a bad file
 * costs only itself. */
#pragma once

#include "op/place.h"

typedef struct ar_definition_type {
    const char *folder; /* "standards" */
    const char *one;    /* "standard"; `aright ONE list` names them all */
    size_t file_max;    /* bytes */
    size_t size;        /* of what a file defines, its name or id an ar_str at name_at */
    size_t name_at;
    int (*order)(const void *, const void *); /* NULL: by file name */
    /* `with` is what the caller of ar_definitions_load gave. AR_INVALID says file, line, column and
     * what would be right. */
    ar_err (*read)(const ar_place_file *file, ar_str text, const void *with, ar_arena *arena,
                   void *out_one);
} ar_definition_type;

/* A file that defines nothing. It stands in the place of the shipped one of its name. */
typedef struct ar_definition_bad {
    ar_str name;  /* the file's, without .yaml */
    ar_str error; /* file, line, column and what would be right */
    bool shipped;
} ar_definition_bad;

typedef struct ar_definitions {
    const void *list; /* n of the type's size */
    size_t n;
    const ar_definition_bad *bad; /* by name */
    size_t n_bad;
} ar_definitions;

ar_err ar_definitions_load(const ar_definition_type *type, const ar_place *place, const void *with,
                           ar_arena *arena, ar_definitions *out_all);

/* NULL: there is no bad file of that name. */
const ar_definition_bad *ar_definitions_bad(const ar_definitions *all, ar_str name);

/* AR_NOT_FOUND with the nearest name; AR_INVALID with the error of its bad file. */
ar_err ar_definitions_find(const ar_definition_type *type, const ar_definitions *all, ar_str name,
                           const void **out_one);
