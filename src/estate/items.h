/* items: the way from a document to its items, as a connector says it: steps inwards, which items
 * count, tables to look things up in (docs/formats.md, "Items"). */
#pragma once

#include "estate/mapping.h"

enum {
    AR_ITEMS_STEPS_MAX = 8,
    AR_ITEMS_LOOKUPS_MAX = 16,
    AR_ITEMS_RULES_MAX = 16, /* of `where`, and of `refuse` */
};

/* A mapping over each document: where it is true, the payload is refused with these words. */
typedef struct ar_refusal_text {
    ar_str when, because;
} ar_refusal_text;

typedef struct ar_lookup_text {
    ar_str name;
    const ar_str *steps;
    size_t n_steps;
    ar_str where; /* empty: all */
    ar_str key, value;
} ar_lookup_text;

/* The texts of the mappings that it takes. */
typedef struct ar_items_text {
    const ar_str *steps; /* none: see ar_items_begin */
    size_t n_steps;
    const ar_str *where;
    size_t n_where;
    const ar_lookup_text *lookups;
    size_t n_lookups;
    const ar_refusal_text *refuse;
    size_t n_refuse;
    ar_str partial; /* empty: a payload is whole */
} ar_items_text;

typedef struct ar_items ar_items;

/* `file` names the payload in errors. AR_INVALID as ar_mapping_parse says it. */
ar_err ar_items_new(const ar_items_text *text, ar_str file, ar_items **out_items);
void ar_items_free(ar_items **items);

/* From here on the items of `document`, which must live until the last is read. Without steps the
 * document is the one item; with `guess` it may also be a list of items, or hold one list of maps.
 *   AR_INVALID  it is to be refused, or has nothing where the items should be */
ar_err ar_items_begin(ar_items *items, const ar_node *document, bool guess);
/* The next item; *out_scope is NULL at the end of the document. It lives until the next call. After
 * an error about one item the next call goes on behind it. */
ar_err ar_items_next(ar_items *items, const ar_scope **out_scope);
/* The line of the last item, as far as it is known; 0: it is not. */
uint32_t ar_items_line(const ar_items *items);
/* Whether the last document said that the source has more than it shows. */
bool ar_items_partial(const ar_items *items);
