/* plan: how the rows of one payload are made from it: all that the child which reads it has to
 * know, and goes to it as text. */
#pragma once

#include "estate/connector.h"

typedef struct ar_plan_column {
    ar_str name;
    enum ar_type type;
    ar_str text; /* of its mapping; empty: the payload does not speak of it */
} ar_plan_column;

typedef struct ar_plan {
    ar_str payload; /* its name, for errors */
    enum ar_payload format;
    ar_items_text items;
    int64_t bad_rows_max; /* so many are passed over; 0: the first refuses the payload */
    bool survey;          /* also say which fields of the first items no mapping speaks of */
    bool by_name;         /* fields are columns of the same name; texts of mappings are not used */
    const ar_plan_column *columns; /* the facts of the kind, `id` first */
    size_t n_columns;
    const ar_connector_owner *owners;
    size_t n_owners;
} ar_plan;

/* With a connector that has no columns of its own, fields are columns by name. */
void ar_plan_make(const ar_connector *connector, const ar_kind *kind, ar_str payload,
                  ar_arena *arena, ar_plan *out_plan);
/* JSON, and back. AR_INVALID: not what was printed. */
void ar_plan_print(const ar_plan *plan, ar_buf *out);
ar_err ar_plan_parse(ar_str text, ar_arena *arena, ar_plan *out_plan);
