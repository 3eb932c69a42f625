/* siphash: a text as 128 bits under a key that others do not know: two texts of one hash cannot be
 * found on purpose, and do not meet by chance. */
#pragma once

#include "base/str.h"

typedef struct ar_siphash {
    uint64_t high, low; /* the 128 bits, as a number */
} ar_siphash;

/* SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012) of the texts one behind the
 * other, each with a NUL behind it. */
ar_siphash ar_siphash_of(const uint64_t key[2], const ar_str *texts, size_t n);
/* Of one text as it is. */
ar_siphash ar_siphash_text(const uint64_t key[2], ar_str text);
