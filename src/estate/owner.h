/* owner: who answers for an asset: persons in teams in divisions, each in a domain, and by
 * which names they are known. */
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
 * by which names an owner is known, and since when one is away. *out_other: some name means another
 * now, or someone went or came back. */
ar_err ar_owners_name(ar_engine *engine, const ar_kinds *kinds, bool *out_other);

/* The id, in `arena`, of the owner who goes by that name; the name itself when that is nobody
 * known. Two names of one owner are one. */
ar_err ar_owner_known(ar_engine *engine, ar_str name, ar_arena *arena, ar_str *out_owner,
                      bool *out_known);
ar_err ar_owner_same(ar_engine *engine, ar_str one, ar_str other, bool *out_same);
