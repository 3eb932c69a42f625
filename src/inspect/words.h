/* words: the small cuts that all line-based configuration files need. */
#pragma once

#include "base/base.h"

/* The next word between blanks (a NUL is one) of *rest, which moves past it; empty at the end. */
ar_str ar_word(ar_str *rest);
/* The next line of *rest without its end; false when all are taken. */
bool ar_line(ar_str *rest, ar_str *out_line);
/* The text before the first `byte`, or all of it. */
ar_str ar_before(ar_str text, char byte);
/* Whether `text` matches a pattern of *, ? and literal bytes; linear in practice, never
 * exponential. */
bool ar_glob_match(ar_str pattern, ar_str text);
/* The last component of a path. */
ar_str ar_last_part(ar_str path);
/* The first 12 hex digits of the SHA-256 of `text`: a stable short name for a long thing. */
ar_str ar_short_hash(ar_arena *arena, ar_str text);
