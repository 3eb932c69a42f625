/* resolve: which owner each asset has, and why. */
#pragma once

#include "estate/owner.h"

enum { AR_OWNER_CURRENT_DAYS = 180 }; /* evidence older than this says no more who owns it now */

/* Finds the owner and the domain of every asset of the kind, or of all kinds when it is NULL, and
 * of those that follow them: the first piece of evidence whose owner is not away, by its class,
 * its confidence, the order of sources, its date; else the owner of its domain, named "default";
 * else nobody, named "left" when the facts named someone. Writes only what differs. `ids`, SQL
 * that gives the ids of assets of the kind, narrows it to these and to what leads to them; NULL:
 * every one. */
ar_err ar_owners_resolve(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind,
                         const char *ids, ar_time now);
/* All, when the last day of someone has passed since that was done last, or it never was. */
ar_err ar_owners_leave(ar_engine *engine, const ar_kinds *kinds, ar_time now);
/* Makes the view main.ownership: a row for each asset that is not deleted. */
ar_err ar_owners_view(ar_engine *engine);
