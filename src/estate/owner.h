/* owner: who answers for an asset: persons in teams in divisions, each in a domain, and the
 * evidence by which the owner of an asset is found when its sources do not say. */
#pragma once

#include "estate/kind.h"

/* Brings ar.owner and ar.domain to what HOME/owners.yaml says (docs/formats.md). *out_changed:
 * whether anything did. Without the file there are no owners and no domains.
 *   AR_INVALID  with file, line and column */
ar_err ar_owners_sync(ar_ctx *ctx, bool *out_changed);

/* How many owners and domains the file holds; -1 when there is none.
 *   AR_INVALID  with file, line and column */
ar_err ar_owners_check(ar_ctx *ctx, const char *path, int64_t *out_n);

typedef struct ar_evidence {
    ar_str kind, id;
    ar_str owner;      /* "person:sam@example.org" */
    ar_str evidence;   /* what speaks for it: "codeowners", "history" */
    double confidence; /* 0 to 1 */
    ar_time observed_at;
} ar_evidence;

/* The evidence of one source takes the place of what that source said before. */
ar_err ar_evidence_replace(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n);
/* That of a source which saw only a part takes the place of what it said of the same assets. */
ar_err ar_evidence_add(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n);

/* Finds the owner and the domain of every asset of the kind whose own facts do not say, or name
 * only people who left: the best evidence (confidence, then date) whose person has not left; else,
 * for a part, the owner of its whole; else the default owner of its domain, named so; else nobody,
 * named "left" when the facts named someone. Then the same for the parts of these assets. Writes
 * only what differs. */
ar_err ar_owners_resolve(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind,
                         ar_time now);
