/* draft: a connector file to begin from: the fields of a payload matched with the columns of a kind
 * by their names. */
#pragma once

#include "estate/kind.h"

/* Fields that look like a column ("createdDateTime" is created_at, "displayName" is name) fill it;
 * what fits nothing stands in comments, for who goes on. `fields`: their paths as a mapping writes
 * them, one a line. */
void ar_draft_connector(ar_str name, const ar_kind *kind, ar_str fields, ar_buf *out);
