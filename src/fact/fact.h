/* fact: what is told of one asset, a line of NDJSON each (docs/formats.md, "Facts"):
 *   {"kind": "app", "id": "payroll", "observed": "2026-11-21T10:00:00Z", "facts": {"users": 5}}
 */
#pragma once

#include "estate/told.h"
#include "form/node.h"

enum {
    AR_FACTS_BYTES_MAX = 1 << 20, /* told at once */
    AR_FACT_AHEAD_S = 5 * 60,     /* how far the clock of who tells may be ahead */
};

typedef struct ar_fact {
    ar_str kind;
    ar_told told;
} ar_fact;

/* Reads rows by the kinds that there are; lives as long as these. */
typedef struct ar_fact_reader ar_fact_reader;
void ar_fact_reader_new(const ar_kinds *kinds, ar_fact_reader **out_reader);
void ar_fact_reader_free(ar_fact_reader **reader);

/* One row, that stands in a line of `file`; who does not say when it was observed, observed it now.
 * All but the source is in *out_fact, in `arena`.
 *   AR_INVALID, AR_NOT_FOUND, AR_LIMIT  file, line and what would be right are named */
ar_err ar_fact_read(ar_fact_reader *reader, ar_str file, int64_t line, const ar_node *row,
                    ar_time now, ar_arena *arena, ar_fact *out_fact);

/* A fact as values of a record, and back: how many it takes, their order is known here alone. */
size_t ar_fact_width(const ar_fact *fact);
void ar_fact_values(const ar_fact *fact, ar_value *values);
/* The one at values[*at], which moves behind it. AR_INVALID: it is not what was written. */
ar_err ar_fact_take(const ar_value *values, size_t n, size_t *at, ar_arena *arena,
                    ar_fact *out_fact);
