/* stage: the rows of an import beside what its source showed before: what differs, and how it goes
 * in. Of import.c, but for what facts of told.c ask. */
#pragma once

#include "estate/job.h"

/* The table import_stage, with a column for each fact. */
ar_err ar_stage_make(ar_job *j);
/* Fills it. AR_INVALID when an id is there twice and nothing says which row counts. */
ar_err ar_stage_load(ar_job *j, const ar_feed *feed);
ar_err ar_stage_check(ar_job *j, const char *where); /* that one thing, of the rows of `where` */

/* Finds and counts what is new, changed and gone; then makes it so, with its history. */
ar_err ar_stage_compare(ar_job *j);
/* Whether the owner of an asset is found by the fact: it names them, or leads to them. */
bool ar_stage_names_owner(const ar_kind *kind, ar_str fact);
/* SQL of a row t of the source: whether it is among the differences after which the owner of its
 * asset may be another. */
void ar_stage_whose(ar_buf *sql, const ar_job *j);
ar_err ar_stage_apply(ar_job *j);
ar_err ar_stage_drop(ar_engine *engine);
