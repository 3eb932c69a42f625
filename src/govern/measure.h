/* measure: what a metric comes to over the rows of the estate, in one scan; and the rows behind
 * it. */
#pragma once

#include "base/map.h"
#include "govern/metric.h"

typedef struct ar_measure {
    ar_value value; /* a double; NULL: there is nothing to measure */
    ar_value met;   /* whether the target is met; NULL: not known, or there is none */
    int64_t numerator,
        denominator; /* what counts, of what there is: of rows, or of what they say */
    int64_t unknown; /* rows of which it is not known whether they count */
    int64_t rows;    /* in scope; each is listed behind the number */
} ar_measure;

/* Which kinds have a view in the engine, and whether it has the column `gone`. */
ar_err ar_measure_views(ar_engine *engine, ar_arena *arena, ar_map *out_views);

/* A kind without a view has no rows. */
ar_err ar_measure_run(const ar_metric *metric, ar_engine *engine, const ar_map *views, ar_time asof,
                      ar_arena *arena, ar_measure *out_measure);
/* From the sums: what the value is, and whether it meets the target. `extreme` is the largest or
 * smallest value that is known of a cap or floor. */
void ar_measure_judge(const ar_metric *metric, ar_value extreme, ar_measure *measure);

/* A value as people read it: "97.3 %", "5.2 days", "13 apps"; and what it must be: "at most 7
 * days". Empty where there is none. */
ar_str ar_measure_text(const ar_metric *metric, ar_value value, ar_arena *arena);
ar_str ar_measure_target_text(const ar_metric *metric, ar_arena *arena);

/* The same number as SQL, one row: value, numerator, denominator, unknown, rows. */
void ar_measure_sql(const ar_metric *metric, enum ar_dialect dialect, ar_time asof, bool gone,
                    ar_arena *arena, ar_buf *out);
/* And the rows in scope: asset, counts ("yes", "no", "unknown"), owner, numerator, denominator,
 * measured (of a cap or floor), then the columns that the metric explains itself by. Those come
 * first that an owner can do something about. */
void ar_measure_rows_sql(const ar_metric *metric, ar_time asof, bool gone, ar_arena *arena,
                         ar_buf *out);
