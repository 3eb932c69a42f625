/* decision: how soon a case must be mitigated, looked up in a table of decision points, which is
 * data (docs/formats.md): CISA's SSVC tree as shipped, or the organisation's own. */
#pragma once

#include "op/place.h"

enum {
    AR_DECISION_POINTS_MAX = 8,
    AR_DECISION_VALUES_MAX = 16,  /* of one point */
    AR_DECISION_ROWS_MAX = 4096,  /* combinations of values */
    AR_DECISION_CRITICALITIES = 5 /* 1 to 5 */
};

typedef struct ar_decision_point {
    ar_str name, meaning;
    const ar_str *values;
    size_t n;
    size_t assume[AR_DECISION_CRITICALITIES]; /* by the asset's criticality, while nobody said */
} ar_decision_point;

typedef struct ar_decision_outcome {
    ar_str name, severity;
    int64_t due; /* microseconds */
} ar_decision_outcome;

typedef struct ar_decision_table {
    ar_str name, title, kind; /* of the cases it is for */
    const ar_decision_point *points;
    size_t n_points;
    const ar_decision_outcome *outcomes;
    size_t n_outcomes;
    const size_t *rows; /* the outcome of each combination; the last point changes fastest */
    ar_str file;
} ar_decision_table;

/* Reads one file; `name` is that of the file without .yaml. Every combination has exactly one row.
 * AR_INVALID says file, line, column and what would be right; AR_LIMIT. */
ar_err ar_decision_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                         ar_decision_table *out_table);
/* The table for cases of that kind, of HOME/tables or as shipped. AR_INVALID also when two files
 * are for the kind; AR_NOT_FOUND when none is. */
ar_err ar_decision_load(const ar_place *place, ar_str kind, ar_arena *arena,
                        ar_decision_table *out_table);

typedef struct ar_decision {
    const ar_decision_outcome *outcome;
    ar_str points; /* "exploitation=active automatable=yes …", as `known` takes them */
} ar_decision;

/* `given` are texts POINT=VALUE, the first word; then `known`, those of the decision before; what
 * neither says, the table assumes. A value of `known` that the table does not have any more is
 * passed over. `criticality` 1 to 5, 3 when it is not known.
 *   AR_INVALID  no such point or value, or a point that is given twice */
ar_err ar_decision_take(const ar_decision_table *table, const ar_str *given, size_t n_given,
                        ar_str known, int64_t criticality, ar_arena *arena,
                        ar_decision *out_decision);
