/* made: rows that a test makes up, as tables of an engine in the place of the estate's. */
#pragma once

#include "standard/row.h"

/* Empty tables of the kind and of what it links to; what was in them goes. They have `gone`, as the
 * estate's views have it, and `test_row`. */
ar_err ar_made_tables(const ar_kind *kind, ar_engine *engine);
/* Gives the row an id, and what its links go by, where it does not say. */
void ar_made_keys(const ar_row *row, ar_str id);
/* The row goes in with its linked ones, which have no `test_row`. */
ar_err ar_made_insert(const ar_kind *kind, const ar_row *row, int64_t test_row, ar_engine *engine,
                      ar_arena *arena);
