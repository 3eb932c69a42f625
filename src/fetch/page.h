/* page: what is read of one answer: the way to the next page, and how long to wait before asking
 * again. Pure functions. */
#pragma once

#include "form/node.h"

/* The url that a Link header (RFC 8288) gives for a relation: `<…>; rel="next"`. Empty: none. */
ar_str ar_page_link(ar_str header, ar_str relation);

/* JSON that is well formed, without the blanks between its tokens and so on one line. */
void ar_page_line(ar_buf *out, ar_str json);

/* What stands at a dotted path, or under a key that is written like it ("@odata.nextLink"). */
const ar_node *ar_page_at(const ar_node *page, ar_str path);
/* Puts a text at a dotted path of a map; maps on the way are made. AR_INVALID when something else
 * is in the way. */
ar_err ar_page_put(ar_node *map, ar_str path, ar_str text, ar_arena *arena);

/* How many items a page has: those of the list at `path`, or of the page itself, or of the one list
 * in it; -1 when there is no list. */
int64_t ar_page_count(const ar_node *page, ar_str path);
/* Whether an item of it has something at `removed`. */
bool ar_page_removes(const ar_node *page, ar_str path, ar_str removed);

/* Milliseconds before the n-th try again (from 1): any of 0 to a bound that doubles from a second
 * to a minute, so that many who failed together do not come again together. `random` is any
 * number. */
int64_t ar_page_backoff_ms(int64_t n, uint64_t random);
