/* template: what a new thing of a kind is made from, so that it starts right: what is asked for,
 * the asset that comes of it, the files that are rendered (docs/formats.md). */
#pragma once

#include "standard/standard.h"
#include "start/render.h"

enum {
    AR_TEMPLATE_BYTES_MAX = 256 * 1024, /* of one file */
    AR_TEMPLATE_ASKS_MAX = 40,
    AR_TEMPLATE_FILES_MAX = 64,
    AR_TEMPLATE_CLASSES_MAX = 16,
    AR_TEMPLATE_VALUE_MAX = 400, /* bytes of what is given for a parameter */
    AR_TEMPLATE_ALWAYS = 5,      /* parameters that no template declares: name, owner, … */
};

/* A word has nothing in it that means something to any format: letters, digits and . _ / : @ + - */
enum ar_ask_type { AR_ASK_WORD, AR_ASK_TEXT, AR_ASK_INT, AR_ASK_DOUBLE, AR_ASK_BOOL, AR_ASK_TIME };

typedef struct ar_ask {
    ar_str name, meaning;
    enum ar_ask_type type;
    bool required;
    ar_str fallback; /* what holds when nothing is given; empty: nothing */
    const ar_str *choices;
    size_t n_choices; /* 0: any */
} ar_ask;

typedef struct ar_template_class {
    ar_str name;
    int64_t life_max; /* microseconds; 0: it need not end */
} ar_template_class;

typedef struct ar_template_file {
    ar_str path, text;
    enum ar_render_as as;
    const ar_node *node; /* for its place */
} ar_template_file;

typedef struct ar_template {
    ar_str name, title, meaning, gate;
    const ar_kind *kind;
    const ar_ask *asks;
    size_t n_asks;
    const ar_node *asset;             /* column: constant, or text with parameters */
    const ar_template_class *classes; /* the first holds when none is said */
    size_t n_classes;
    const ar_template_file *files;
    size_t n_files;
    ar_str file;
    bool shipped;
} ar_template;

typedef struct ar_templates {
    const ar_template *list; /* by name */
    size_t n;
    const ar_definition_bad *bad; /* by name */
    size_t n_bad;
} ar_templates;

const char *ar_ask_type_name(enum ar_ask_type type); /* "word" */
/* Whether the text may be given for it. AR_INVALID and AR_LIMIT say what would be right. */
ar_err ar_ask_check(const ar_ask *ask, ar_str text);

/* Reads and checks one file. `name` is the file's name without .yaml, which the template's must be;
 * empty: any. AR_INVALID says file, line, column and what would be right. */
ar_err ar_template_parse(ar_str file, ar_str name, ar_str text, const ar_standards *standards,
                         const ar_kinds *kinds, ar_arena *arena, ar_template *out_template);
/* All of them, shipped and of the home. A bad file costs only itself. */
ar_err ar_templates_load(const ar_place *place, const ar_standards *standards,
                         const ar_kinds *kinds, ar_arena *arena, ar_templates *out_templates);
/* AR_NOT_FOUND with the nearest name; AR_INVALID with the error of its bad file. */
ar_err ar_templates_find(const ar_templates *templates, ar_str name, const ar_template **out_one);

/* The names that are always there, then those that it asks for; values are empty. */
ar_given *ar_template_names(const ar_template *template, ar_arena *arena, size_t *out_n);
