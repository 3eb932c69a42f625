/* recipe: an HTTP request as a file of a tracker or of an action writes it, with names in braces
 * that are filled in for one thing. A value never becomes more than the one value that it is: in a
 * body it is a JSON value or part of one text, in a url it is percent-encoded and no step of the
 * path by itself, between quotes of an OData key it has its quotes doubled; headers take none. */
#pragma once

#include "fetch/call.h"
#include "form/node.h"

typedef struct ar_field {
    ar_str name;
    ar_str text; /* ptr NULL: it has no value here */
    bool json;   /* text is JSON: a number, a document */
} ar_field;

typedef struct ar_fields {
    const ar_field *list;
    size_t n;
} ar_fields;

typedef struct ar_recipe {
    const char *method; /* NULL: there is no such request */
    ar_str url, headers;
    const ar_node *body; /* or NULL */
    const ar_node *node; /* where it stands */
    bool paged;          /* it asks for {page} */
} ar_recipe;

/* The keys of a request: one of get, post, put, patch, delete, with the path; headers; body. */
#define AR_RECIPE_KEYS                                                               \
    AR_LIT("get"), AR_LIT("post"), AR_LIT("put"), AR_LIT("patch"), AR_LIT("delete"), \
        AR_LIT("headers"), AR_LIT("body")

/* AR_INVALID with file, line and column. */
ar_err ar_recipe_read(ar_str file, const ar_node *map, ar_arena *arena, ar_recipe *out_request);

/* In a body, what is `{name}` alone becomes the value, and is left out, with the key it stands at,
 * when there is none; among other text a missing value is nothing. In a url each name must have a
 * value. AR_INVALID names a name that nothing gives, and a value that would lead up the path. */
ar_err ar_recipe_fill(const ar_recipe *request, const ar_fields *fields, ar_arena *arena,
                      ar_call *out_call);
/* A text with names in braces, for people: as it is. */
ar_err ar_recipe_text(ar_str text, const ar_fields *fields, ar_arena *arena, ar_str *out_text);

/* Calls `see` for each name in braces of the request, and in a text. */
typedef ar_err ar_recipe_seen(void *self, ar_str name);
ar_err ar_recipe_names(const ar_recipe *request, ar_recipe_seen *see, void *self);
