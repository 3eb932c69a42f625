/* part: the conditions of a standard one by one, and in words which of them does not hold. */
#pragma once

#include "standard/standard.h"

typedef struct ar_part {
    ar_str text;
    const ar_expr *expr;
    bool of_where; /* else: of pass */
    ar_value truth;
} ar_part;

/* The conditions of `where`, then those of `pass`, which must all be true. */
ar_err ar_parts_of(const ar_standard *standard, ar_arena *arena, ar_part **out_parts,
                   size_t *out_n);
/* The same of one expression over a scope, with the standard's parameters. */
ar_err ar_parts_of_expr(const ar_standard *standard, const ar_expr_scope *scope,
                        const ar_expr *expr, ar_arena *arena, ar_part **out_parts, size_t *out_n);

/* "n > 1 does not hold: n = 0, :days = 90", on a line of its own; `facts` are in the order of the
 * kind's columns. */
void ar_part_print(ar_buf *out, const ar_standard *standard, const ar_part *part,
                   const ar_value *facts, ar_time asof);
/* "n = 0", "n = (not known)" */
void ar_fact_print(ar_buf *out, ar_str name, ar_value value);
