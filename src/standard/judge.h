/* judge: the steps of an evaluation, of one batch of standards at a time. They leave temporary
 * tables to each other: ar_judged (the verdicts of the batch), ar_change and ar_turn (what changed
 * of it), ar_sum (what will be ar.tally) or ar_shift (by how much that is another), and those of
 * the roster, ar_slot and ar_held. */
#pragma once

#include "standard/evaluate.h"
#include "standard/roster.h"
#include "standard/scan.h"

typedef struct ar_judge {
    ar_engine *engine;
    const ar_standards *standards;
    ar_time asof;
    bool stored;
    const char *some; /* the table (kind, id) of the assets that are judged; NULL: all */
    int64_t id;
    ar_arena *arena;
    ar_scans scans;
} ar_judge;

ar_err ar_judge_run(ar_judge *j, const char *sql, const ar_value *args, size_t n,
                    int64_t *out_changed);
/* The one number that the statement yields; 0 for NULL. */
ar_err ar_judge_number(ar_judge *j, const char *sql, const ar_value *args, size_t n, int64_t *out);
/* As of when the last stored evaluation is; AR_TIME_MIN: none. */
ar_err ar_judge_last(ar_judge *j, ar_time *out_last);
/* Gives this one the next number. */
ar_err ar_judge_next(ar_judge *j);
/* Drops the temporary tables. */
ar_err ar_judge_end(ar_judge *j);

/* Makes ar_judged. */
ar_err ar_judge_batch(ar_judge *j, const ar_roster_batch *batch);
/* Where the report counts something else than assets: fills both sums of ar_sum, or of ar.tally
 * where only some are judged. */
ar_err ar_judge_shares(ar_judge *j, const ar_roster_batch *batch);
/* Makes ar_change and ar_turn: how ar_judged differs from what is kept. */
ar_err ar_judge_changes(ar_judge *j, const ar_roster_batch *batch);
/* Opens, closes and changes findings by ar_turn. */
ar_err ar_judge_turn(ar_judge *j, ar_evaluated *sum);
/* Notes, of so many changes, what is to be published of them. */
ar_err ar_judge_note(ar_judge *j, const ar_roster_batch *batch, int64_t changes);
/* Keeps the verdicts of ar_change. */
ar_err ar_judge_keep(ar_judge *j, const ar_roster_batch *batch);
