/* metric: one number of the report, read from metrics/ID.yaml and checked against the kind whose
 * rows it counts (docs/formats.md). */
#pragma once

#include "standard/standard.h"

enum {
    AR_METRIC_TESTS_MAX = 50,
    AR_METRIC_TEST_ROWS_MAX = 100, /* of one test */
};

enum ar_metric_form {
    AR_METRIC_RATIO,   /* what counts of all there is: rows, or what each row says of itself */
    AR_METRIC_COUNT,   /* rows that count */
    AR_METRIC_CAP,     /* the largest value, which must not be above the target */
    AR_METRIC_FLOOR,   /* the smallest value, which must not be below the target */
    AR_METRIC_CADENCE, /* the share of rows that are on time */
    AR_METRIC_SUM,     /* what each row says of itself, together */
};

const char *ar_metric_form_name(enum ar_metric_form form); /* "ratio", "count", … */

/* What the rows of a test must come to. */
typedef struct ar_metric_test {
    const ar_node *node;
    const ar_node *rows;                      /* a list of maps: column or link: value */
    ar_value value;                           /* NULL: there is no value */
    ar_value numerator, denominator, unknown; /* NULL: of no interest */
} ar_metric_test;

typedef struct ar_metric {
    ar_str id;
    ar_str title;
    ar_str report; /* the report's words for the number, with the figure that it gave */
    ar_str pillar;
    ar_str unit; /* what is counted: "tenants", "days" */
    enum ar_metric_form form;
    /* By what a row is in scope, counts (its `pass`), does not, or is not known. Only its kind,
     * where, pass, params and stale_after are of use. */
    ar_standard rule;
    const ar_expr *part, *whole; /* of a sum, and of a ratio that does not count rows; else NULL */
    int64_t per;                 /* of a sum: how many make one of the unit */
    const ar_expr *value;        /* of a cap or floor: a number, or a time if there is `since` */
    const ar_expr *since;        /* NULL, or a time: the value is the days from it on */
    ar_value target;             /* a number, or NULL: none */
    const ar_str *explain;
    size_t n_explain;
    const ar_metric_test *tests;
    size_t n_tests;
    bool shipped;
    ar_str file;
} ar_metric;

typedef struct ar_metrics {
    const ar_metric *list; /* by id, as people count */
    size_t n;
    const ar_definition_bad *bad; /* by id */
    size_t n_bad;
} ar_metrics;

/* Reads and checks one file, its test rows too. `name` is the file's name without .yaml, which the
 * id must be; empty: any id. AR_INVALID says file, line, column and what would be right. */
ar_err ar_metric_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                       ar_arena *arena, ar_metric *out_metric);
/* All of them, shipped and of the home. A bad file costs only itself. */
ar_err ar_metrics_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                       ar_metrics *out_metrics);
/* AR_NOT_FOUND with the nearest id; AR_INVALID with the error of its bad file. */
ar_err ar_metrics_find(const ar_metrics *metrics, ar_str id, const ar_metric **out_one);
