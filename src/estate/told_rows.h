/* told_rows: what facts make of the rows of their source. */
#pragma once

#include "estate/stage.h"
#include "estate/told.h"

/* A row of the source: as it was, and as the facts leave it. */
typedef struct ar_told_row {
    ar_str id;
    bool there;
    int64_t row;  /* where it lies in the table */
    ar_str asset; /* that it belongs to */
    bool shared;  /* which has other rows too */
    bool gone;
    ar_value *was, *is; /* in the order of the facts, of those that any fact gives */
    ar_time base;       /* as of when columns without a time of their own are known */
    ar_time *at;        /* of columns */
    ar_time seen;       /* the newest of all */
    bool touched;       /* by a fact that was not late altogether */
    bool changed;       /* of what was there: a column, or it is back */
    bool asked;         /* new, back, or with another value in a match key */
    bool whose;         /* its owner may be another */
    ar_str told;        /* what _told is to be */
} ar_told_row;

/* A value that a column came to have: of several facts of one row, each in its turn. */
typedef struct ar_told_step {
    size_t row, column;
    ar_value from, to;
} ar_told_step;

/* The facts of one source and kind on their way in. */
typedef struct ar_teller {
    ar_job *job;
    ar_arena *arena;
    const ar_told *facts;
    size_t *order; /* those of the job's source, by row and by time */
    size_t n;
    ar_told_row *rows;
    size_t n_rows;
    ar_told_step *steps;
    size_t n_steps, cap_steps;
    ar_told_sum sum;
    int64_t touched, changed, back, asked, shared, whose; /* how many rows are */
    size_t *differing; /* columns in which any row that was there changed */
    size_t n_differing;
} ar_teller;

/* Where the table has that fact; n_facts: nowhere. */
size_t ar_told_column(const ar_table *table, ar_str name);
/* Whether all its columns are the table's: else it is of a kind's file that was changed since. */
bool ar_told_fits(const ar_table *table, const ar_told *fact);

/* Puts those of the n facts that are of the job's source, and fit, in order; counts the others. */
void ar_teller_sort(ar_teller *t, size_t n);
/* Reads the rows that they speak of, as the source left them. */
ar_err ar_teller_read(ar_teller *t);
/* Makes of the rows what the facts say: the newest of each column counts. Counts what came of it in
 * the job's result. */
void ar_teller_take(ar_teller *t);
