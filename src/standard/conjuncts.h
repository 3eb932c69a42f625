/* conjuncts: the parts of a condition that must all be true, to say which of them is not. */
#pragma once

#include "base/base.h"

/* Splits the text of a checked expression at its outermost ANDs, also through parentheses around
 * such parts: "a AND (b AND (c OR d))" gives a, b, c OR d. What is no conjunction is one part. The
 * parts view `text`. */
ar_str *ar_conjuncts(ar_str text, ar_arena *arena, size_t *out_n);
