/* digest: what each owner has to do today, in words. */
#pragma once

#include "standard/standard.h"

/* `owner` has to see to `items` items, which `text` tells as Markdown. Both live for the call. */
typedef ar_err ar_digest_fn(void *self, ar_str owner, int64_t items, ar_str text);

/* Sees each owner who has something to do and was not told so on the day of `asof` (ar.digest says
 * who was), by their ids; the weightiest item comes first. Two questions are asked for all of them,
 * not two for each. Fails as `see` does. */
ar_err ar_digests(ar_engine *engine, const ar_standards *standards, ar_time asof, ar_digest_fn *see,
                  void *self);
