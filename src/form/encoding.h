/* encoding: bytes that are written as text, and back. */
#pragma once

#include "base/base.h"

/* Base64 with or without padding (RFC 4648 section 4); false when it is not. */
bool ar_base64(ar_str text, ar_arena *arena, ar_str *out_bytes);
/* The bytes as padded Base64, on one line. */
void ar_base64_add(ar_buf *out, ar_str bytes);
/* %XX for a byte (RFC 3986 section 2.1), all else as it is; false when two hex digits are missing.
 */
bool ar_percent(ar_str text, ar_arena *arena, ar_str *out_bytes);
