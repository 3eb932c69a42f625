/* body: an item, and a day's work of one owner, in words: Markdown that trackers, mail and people
 * read. */
#pragma once

#include "standard/standard.h"
#include "work/item.h"

enum { AR_WORK_SHOWN = 50 }; /* findings in one body; the rest are counted */

/* What must hold, what would be right, what misses it, by when. AR_NOT_FOUND when nothing of that
 * item is open. */
ar_err ar_work_body(ar_engine *engine, const ar_standards *standards, ar_str item, ar_time asof,
                    ar_arena *arena, ar_str *out_text);
/* All that the owner has to do, the weightiest first; empty when there is nothing. */
ar_err ar_work_digest(ar_engine *engine, const ar_standards *standards, ar_str owner, ar_time asof,
                      ar_arena *arena, ar_str *out_text);
