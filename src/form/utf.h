/* utf: what encoding a text is in, and the way to UTF-8. RFC 3629, RFC 2781. */
#pragma once

#include "base/base.h"

/* The character that begins `text` and its length; 0 when there is none or it is broken. */
size_t ar_utf8_next(ar_str text, uint32_t *out_char);
void ar_utf8_add(ar_buf *out, uint32_t character);
/* A text whose bytes may be anything, or that was cut inside a character: what is no UTF-8 of it is
 * put as U+FFFD. */
void ar_utf8_put(ar_buf *out, ar_str text);
/* The first `max` bytes of a text at most, without a piece of a character at their end. */
ar_str ar_utf8_cut(ar_str text, size_t max);
/* The length of the valid UTF-8 prefix of `text`; text.len when all is valid. */
size_t ar_utf8_valid(ar_str text);
/* AR_INVALID names the byte offset of what is not UTF-8. */
ar_err ar_utf8_check(ar_str file, ar_str text);
/* Text in UTF-8 without a mark, from UTF-8 (with or without mark) or UTF-16 (LE, BE, by mark; LE
 * also by the shape of the first bytes; AR_INVALID names the byte offset). What is not UTF-16 is
 * viewed and not checked: most readers do that as they go. */
ar_err ar_utf8_from(ar_str file, ar_str text, ar_arena *arena, ar_str *out_text);
/* Whether the character turns the direction of writing or ends a line unseen. */
bool ar_utf8_turns(uint32_t character);
/* Columns a terminal needs (East Asian wide ones 2, combining ones 0, a broken byte 1). */
size_t ar_utf8_width(ar_str text);
