/* match: which asset each row of a source belongs to. Of import.c alone.
 *
 * A row belongs to the asset of its own id, unless that is another thing, or to the one asset that
 * a match key of its kind finds (kinds/NAME.yaml, `match`). It is asked of a row when it is new,
 * when it comes back, when the value of a key changes, when it could not be told last time, when
 * the row left whose id its asset has, and when the keys are others than at the last import of the
 * kind; else a row stays where it is. docs/decisions/0010 says why.
 *
 * Between a row and an asset the first key decides that both know: by it they are the same thing,
 * or two. An asset knows what any of its rows say; an asset has one living row of a source at most.
 */
#pragma once

#include "estate/job.h"

/* Values of a key that say nothing: these, in any case, and whatever has only '0', '-', ':', '.'
 * and blanks in it. docs/formats.md holds the same list. */
#define AR_MATCH_NOTHING                                                                   \
    "'none', 'null', 'nil', 'n/a', 'na', 'unknown', 'undefined', 'default', 'localhost', " \
    "'to be filled by o.e.m.', 'default string', 'not specified', 'not applicable', "      \
    "'not available', 'system serial number', 'ffffffff-ffff-ffff-ffff-ffffffffffff', "    \
    "'ff:ff:ff:ff:ff:ff'"

enum { AR_MATCH_ROWS_MAX = 64 }; /* a value that more rows have tells nothing apart */

/* Whether a value of the column is part of a key. */
bool ar_match_asks(const ar_kind *kind, ar_str column);

/* After the rows of the import are in: finds the assets of those that it may concern, with what
 * changed in ar.history and what could not be told in ar.conflict. Of facts (ar_job, told) the
 * table match_asked (row, is_new) has the rows that ask, where any does. */
ar_err ar_match(ar_job *j);
