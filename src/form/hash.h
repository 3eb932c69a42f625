/* hash: a text as a number that stands for it. */
#pragma once

#include "base/base.h"

/* SHA-256 as 64 hex digits. */
ar_str ar_sha256(ar_str text, ar_arena *arena);
