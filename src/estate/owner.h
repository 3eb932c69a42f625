/* owner: who answers for an asset: persons in teams in divisions, each in a domain; by which names
 * they are known; and which of them each asset has. */
#pragma once

#include "estate/kind.h"

/* Brings ar.owner and ar.domain to what HOME/owners.yaml says (docs/formats.md). *out_changed:
 * whether anything did. Without the file there are no owners and no domains.
 *   AR_INVALID  with file, line and column */
ar_err ar_owners_sync(ar_ctx *ctx, bool *out_changed);

/* How many owners and domains the file holds; -1 when there is none.
 *   AR_INVALID  with file, line and column */
ar_err ar_owners_check(ar_ctx *ctx, const char *path, int64_t *out_n);

/* Makes ar.owner_name and ar.owner_away anew, of the owners file and of the persons of the estate:
 * by which names an owner is known, and since when one is away. */
ar_err ar_owners_name(ar_engine *engine, const ar_kinds *kinds);

/* ---- resolution (resolve.c) ---- */

/* Finds the owner and the domain of every asset of the kind, or of all kinds when it is NULL, and
 * of those that follow them: the first piece of evidence whose owner is not away, by its class, its
 * confidence, the order of sources, its date; else the owner of its domain, named "default"; else
 * nobody, named "left" when the facts named someone. Writes only what differs. */
ar_err ar_owners_resolve(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind,
                         ar_time now);
/* All, when the last day of someone has passed since that was done last, or it never was. */
ar_err ar_owners_leave(ar_engine *engine, const ar_kinds *kinds, ar_time now);
