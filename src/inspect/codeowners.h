/* codeowners: who answers for a repository as a whole, from its CODEOWNERS file (GitHub and GitLab
 * syntax). */
#pragma once

#include "base/base.h"

enum { AR_CODEOWNERS_MAX = 16 };

/* The owners of everything: those of the last line whose pattern covers the whole repository. Each
 * is "person:EMAIL", "person:LOGIN" or "team:ORG/TEAM". Returns how many; a last line without
 * owners takes ownership away, and GitLab's [Section] and ^[Section] add theirs. */
size_t ar_codeowners_of_all(ar_str text, ar_arena *arena, ar_str out_owners[AR_CODEOWNERS_MAX]);
