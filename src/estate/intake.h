/* intake: a payload from outside to typed rows, as a pure function of a plan and a descriptor. It
 * runs in a child that holds nothing else (estate/child.h). */
#pragma once

#include "estate/feed.h"
#include "estate/plan.h"

typedef struct ar_intake ar_intake;

/* Reads from `fd`, a regular file, which stays the caller's. Errors name payload and line:
 * "apps.csv:17: …".
 *   AR_INVALID  not the format, a field that does not fit its column, a row without id
 *   AR_LIMIT    beyond the sizes of estate/documents.h or estate/feed.h */
ar_err ar_intake_open(const ar_plan *plan, int fd, ar_intake **out_intake);
/* Over a document that is in memory already; it must live as long as the intake. */
ar_err ar_intake_of(const ar_plan *plan, const ar_node *document, ar_intake **out_intake);
/* Over a list of items that are. */
ar_err ar_intake_over(const ar_plan *plan, ar_node **items, size_t n_items, ar_intake **out_intake);
const ar_feed *ar_intake_feed(ar_intake *intake); /* lives as long as the intake */
void ar_intake_free(ar_intake **intake);
