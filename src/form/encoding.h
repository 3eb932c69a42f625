/* encoding: bytes that were written as text, back to bytes. */
#pragma once

#include "base/base.h"

/* Base64 with or without padding (RFC 4648 section 4); false when it is not. */
bool ar_base64(ar_str text, ar_arena *arena, ar_str *out_bytes);
/* %XX for a byte (RFC 3986 section 2.1), all else as it is; false when two hex digits are missing.
 */
bool ar_percent(ar_str text, ar_arena *arena, ar_str *out_bytes);
