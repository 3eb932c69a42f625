/* index: what each standard says of each asset that the estate has, as of the last evaluation, for
 * who asks by the asset's id and cannot ask the estate: files that are mapped, and may be replaced
 * meanwhile. */
#pragma once

#include "lookup/manifest.h"
#include "lookup/segment.h"

typedef struct ar_lookup ar_lookup;

/*   AR_NOT_FOUND  there is none
 *   AR_INVALID    it is damaged, with the sentence that says how */
ar_err ar_lookup_open(const char *folder, ar_lookup **out_lookup);
void ar_lookup_free(ar_lookup **lookup);

const ar_lookup_manifest *ar_lookup_manifest_of(const ar_lookup *lookup);
/* NULL: nothing was judged by it. */
const ar_lookup_standard *ar_lookup_standard_of(const ar_lookup *lookup, ar_str id);

/* The verdict that has the standard's slot; NULL when the estate never had such an asset.
 * AR_INVALID: the index is damaged there. */
ar_err ar_lookup_verdict(const ar_lookup *lookup, const ar_lookup_standard *standard, ar_str kind,
                         ar_str id, const ar_lookup_entry **out_entry);
/* Through when the asset may miss the standard, as it may at `asof`; AR_TIME_MIN: it may not.
 * AR_INVALID. */
ar_err ar_lookup_waived(const ar_lookup *lookup, ar_str standard, ar_str kind, ar_str id,
                        ar_time asof, ar_time *out_until);

/* ---- what an entry is about: for who writes them ---- */

/* Of a verdict: "app/0", the kind that was judged and which of its verdicts; of a waiver:
 * "waived TN-3". */
ar_siphash ar_lookup_hash(const uint64_t key[2], ar_str part, ar_str kind, ar_str id);
