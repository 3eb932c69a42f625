/* job: one import on its way: what is known of its source, and SQL with its names in it. Of
 * import.c, stage.c and told.c alone. */
#pragma once

#include "estate/import.h"
#include "estate/table.h"

typedef struct ar_job {
    ar_ctx *ctx;
    ar_engine *engine;
    const ar_kinds *kinds;
    const ar_import_spec *spec;
    const ar_kind *kind;
    ar_table table;
    const bool *given; /* per fact */
    /* per fact, once compared: whether any row changed in it; of the id, whether any is back */
    const bool *differs;
    bool told; /* it is facts that are entered */
    bool asks; /* of which some make a row ask for its asset (match.h) */
    int64_t run;
    ar_time now;          /* which never runs backwards from import to import */
    int64_t source;       /* its number */
    enum ar_role role;    /* that it had */
    bool known;           /* the source has shown this kind before */
    int64_t known_size;   /* live rows then */
    ar_value snapshot_at; /* of its last snapshot */
    ar_str bad_rows;      /* what was wrong with rows that were skipped */
    ar_import_result result;
} ar_job;

/* Opens the kind's table, and reads what is known of the source. */
ar_err ar_job_start(ar_job *j, ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec);

/* The role of its source as ar.source has it, and back. */
ar_value ar_job_observes(const ar_job *j);
enum ar_role ar_job_role(ar_value observes);

/* SQL with the names of this job: %T its table, %S what the sources said, %N the number of its own,
 * %K its kind as a text; anything else as it is. Runs it with the first n of $1 now, $2 source,
 * $3 run. */
ar_err ar_job_run(ar_job *j, ar_str text, size_t n_args);
/* The same without arguments, for its first value. */
ar_err ar_job_value(ar_job *j, const char *text, ar_value *out);
ar_err ar_job_count(ar_job *j, const char *text, int64_t *out_n); /* NULL is 0 */
ar_err ar_job_ask(ar_job *j, const char *text, bool *out_yes);    /* NULL is no */

/* The facts that the table stores, "a, b", each behind `prefix`. */
void ar_job_fact_names(ar_buf *sql, const ar_job *j, const char *prefix);
