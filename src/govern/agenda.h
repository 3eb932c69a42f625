/* agenda: what a review has to look at, in words: Markdown. What moved comes from its snapshot and
 * that of the review before; what is late and what ends soon is as of `asof`. */
#pragma once

#include "op/op.h"

enum { AR_AGENDA_SHOWN = 10 /* lines of a section; the rest are counted */ };

/* AR_NOT_FOUND when there is no such review. */
ar_err ar_agenda_print(ar_engine *engine, int64_t review, ar_time asof, ar_buf *out);
