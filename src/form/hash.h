/* hash: a text as a number that stands for it. */
#pragma once

#include "base/base.h"

/* SHA-256 as 64 hex digits. */
ar_str ar_sha256(ar_str text, ar_arena *arena);
/* SHA-256 in base64 (RFC 4648 section 4), as a Content-Security-Policy names a script. */
ar_str ar_sha256_base64(ar_str text, ar_arena *arena);
