/* row: an item of a payload as the next row of a batch: each value as its column takes it, and who
 * owns it as lines of evidence. Errors name payload and line: "apps.csv:17: column 'n': …". */
#pragma once

#include "estate/feed.h"
#include "estate/plan.h"
#include "form/ndjson.h"

typedef struct ar_row ar_row;

/* All must live as long as the row: `batch` has the columns of the plan; `given` says of each
 * whether the payload speaks of it, and is kept up to date. AR_INVALID: a mapping that is none. */
ar_err ar_row_new(const ar_plan *plan, ar_batch *batch, bool *given, ar_row **out_row);
void ar_row_free(ar_row **row);

/* Adds the item that the scope shows. AR_INVALID, AR_LIMIT: it is not added, and ar_row_drop has to
 * take back what was set of it. */
ar_err ar_row_add(ar_row *row, int64_t line, const ar_scope *scope);
void ar_row_drop(ar_row *row);

/* Most payloads need no tree: each column is what stands at one path. False where that is not so:
 * two columns stand at the same, one is made by a function, the plan asks for more than columns. */
bool ar_row_paths(ar_row *row, const ar_str **out_paths, size_t *out_n);
/* Adds what a record has at these paths, as ar_row_add does. */
ar_err ar_row_add_fields(ar_row *row, int64_t line, const ar_field *fields);
/* Where fields are columns by name: notes those of the item that are none. */
void ar_row_look(ar_row *row, const ar_node *item);

/* Names of fields that no column takes; of the first items only. Lives until the next call. */
ar_str ar_row_ignored(const ar_row *row);
