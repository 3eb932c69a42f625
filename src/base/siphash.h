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

/* One round over its state, for hashes that do with fewer of them. */
static inline void ar_siphash_round(uint64_t v[4])
{
#define ROTATED(n, by) ((n) << (by) | (n) >> (64 - (by)))
    v[0] += v[1], v[1] = ROTATED(v[1], 13) ^ v[0], v[0] = ROTATED(v[0], 32);
    v[2] += v[3], v[3] = ROTATED(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = ROTATED(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = ROTATED(v[1], 17) ^ v[2], v[2] = ROTATED(v[2], 32);
#undef ROTATED
}
