/* enter: rows that this process holds already, as documents, go into the estate as any others. */
#pragma once

#include "estate/import.h"
#include "form/node.h"

/* Maps whose fields are columns of the spec's kind by name. `what` names them in errors. What was
 * no column is in *out_ignored, "a, b". */
ar_err ar_enter(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec, ar_str what,
                ar_node **items, size_t n, ar_import_result *out_result, ar_str *out_ignored);
/* The same of what aright itself keeps the register of: a delta of source `aright`. */
ar_err ar_enter_own(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_str what,
                    ar_node **items, size_t n);
/* What is left of the rows as such maps, in `arena`; what is NULL is not known. */
void ar_enter_items(ar_rows *rows, ar_arena *arena, ar_node ***out_items, size_t *out_n);
