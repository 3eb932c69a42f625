/* proposal: what a gate is asked about, as a row of the kind that it judges. */
#pragma once

#include "estate/connector.h"
#include "standard/row.h"

/* Fields are columns and links by name. `what` names the document in errors. What ar_row_check
 * says. */
ar_err ar_proposal_read(ar_str what, const ar_kind *kind, const ar_node *document, ar_time asof,
                        ar_arena *arena, ar_row *out_row);
/* The row that an import of the document by this connector would bring in; who owns it is left to
 * the estate, which finds that.
 *   AR_INVALID  the connector brings another kind; it finds no thing in the document, or several;
 *               what it says of a field */
ar_err ar_proposal_map(ar_str what, const ar_kind *kind, const ar_connector *connector,
                       const ar_kinds *kinds, const ar_node *document, ar_time asof,
                       ar_arena *arena, ar_row *out_row);
