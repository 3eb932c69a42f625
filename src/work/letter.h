/* letter: an owner's digest as a mail (RFC 5322): plain text in UTF-8, the same Message-ID for the
 * same owner and day, so that one sent twice is known for one. */
#pragma once

#include "base/base.h"

typedef struct ar_letter_parts {
    ar_str from, to; /* addresses */
    ar_str owner;
    ar_str day; /* 2026-11-22 */
    int64_t items;
    ar_str text; /* UTF-8 */
    ar_time now;
} ar_letter_parts;

ar_str ar_letter_write(const ar_letter_parts *parts, ar_arena *arena);
