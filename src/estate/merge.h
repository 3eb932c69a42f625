/* merge: what the sources of an asset say together, kept for those that several rows show.
 *
 * Most assets are one row of one source, and the view of their kind reads it where it lies. The
 * others have a row in ar."merged_K", with the facts as they are believed, brought up to date by
 * each import for what it changed; their rows in ar."src_K" carry `_shared`. Of a fact the source
 * has the word that is believed first and knows; a row that is gone has none while another lives.
 */
#pragma once

#include "estate/job.h"

/* The temporary table merge_todo: assets that may be merged otherwise now; `whose`: and whose owner
 * may be another. */
ar_err ar_merge_begin(ar_job *j);
/* Adds the assets of this source's rows t of which `where` is true; SQL as ar_job_run takes it. */
ar_err ar_merge_touch(ar_job *j, const char *where, const char *whose);
/* Merges them, in a table that is marked. *out_first: the kind's first ones; its view has to be
 * made anew. */
ar_err ar_merge_apply(ar_job *j, bool *out_first);

/* Makes the merged rows of a kind anew, for when its file changed. */
ar_err ar_merge_all(ar_engine *engine, ar_table *table);
