/* draft: a connector file to begin from: the fields of a payload matched with the columns of a kind
 * by their names. */
#pragma once

#include "estate/kind.h"

typedef struct ar_draft {
    ar_str name;
    const ar_kind *kind;
    const ar_str *items; /* steps to the items; none: they are found without */
    size_t n_items;
    ar_str fields; /* of the items: their paths as a mapping writes them, one a line */
} ar_draft;

/* Fields that look like a column ("createdDateTime" is created_at, "displayName" is name, "App ID"
 * of an app is id) fill it; what fits nothing stands in comments, for who goes on. */
void ar_draft_connector(const ar_draft *draft, ar_buf *out);
