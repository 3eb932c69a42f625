/* judge: the steps of an evaluation, of one batch of standards at a time. They leave temporary
 * tables to each other: ar_judged (the verdicts of the batch), ar_change and ar_turn (what changed
 * of it), ar_sum (what will be ar.tally) or ar_shift (by how much that is another), and those of
 * the roster, ar_slot and ar_held. Where only some assets are judged, "ar_some_K" has those of the
 * kind K as its view shows them, and ar_kept what is kept of all of them, by row: big tables are
 * gone through once. */
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
    bool moved; /* findings opened, closed, changed, or went to another owner (owed.h) */
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

/* The kind whose rows are the assets of all others, each with its own. */
bool ar_judge_is_of_all(const ar_kind *kind);
/* "ar_some_K" */
ar_str ar_judge_some(const ar_judge *j, ar_str kind);

/* Makes ar_judged. */
ar_err ar_judge_batch(ar_judge *j, const ar_roster_batch *batch);
/* Where the report counts something else than assets: fills both sums of ar_sum, or of ar.tally
 * where only some are judged. */
ar_err ar_judge_shares(ar_judge *j, const ar_roster_batch *batch);
/* How many rows of ar_change there are, and of what sort: what there is none of needs no
 * statement. */
typedef struct ar_judge_sum {
    int64_t changes;
    int64_t judged; /* whose verdict is another */
    int64_t moved;  /* that came or went */
    int64_t retold; /* of whom people need to know something else */
    int64_t vanished, new;
    int64_t turned; /* rows of ar_turn, of these */
    int64_t opened, closed, switched;
} ar_judge_sum;

/* Makes ar_change and ar_turn: how ar_judged differs from what is kept. */
ar_err ar_judge_changes(ar_judge *j, const ar_roster_batch *batch, ar_judge_sum *out_sum);
/* Opens, closes and changes findings by ar_turn. */
ar_err ar_judge_turn(ar_judge *j, const ar_judge_sum *sum, ar_evaluated *total);
/* Notes what is to be published of the changes. */
ar_err ar_judge_note(ar_judge *j, const ar_roster_batch *batch, const ar_judge_sum *sum);
/* Keeps the verdicts of ar_change. */
ar_err ar_judge_keep(ar_judge *j, const ar_roster_batch *batch, const ar_judge_sum *sum);
