/* row: one thing as a document, judged by the C evaluator alone: what a standard's own tests hold,
 * and what a gate is asked about. */
#pragma once

#include "standard/panel.h"

/* A map of columns and of links; a link is a list of the linked rows, which are such maps. */
typedef struct ar_row {
    ar_str file;
    const ar_expr_scope *scope;
    const ar_node *node;
    ar_time asof;
    ar_value *values; /* in the order of the scope's columns */
} ar_row;

/* Whether it names only columns and links of the kind, with values of their types. AR_INVALID says
 * file, line and column. */
ar_err ar_row_check(ar_str file, const ar_kind *kind, const ar_node *node);
/* Times may be lengths from `asof`; who does not say when it was last seen, was seen then. */
ar_err ar_row_read(ar_str file, const ar_expr_scope *scope, const ar_node *node, ar_time asof,
                   ar_arena *arena, ar_row *out_row);
/* Of a column that the scope has. */
ar_value *ar_row_cell(const ar_row *row, ar_str column);

/* What the expressions of the standard come to; `results` has room for n. */
ar_err ar_row_eval(const ar_standard *standard, const ar_row *row, const ar_expr *const *exprs,
                   size_t n, ar_arena *arena, ar_value *results);
/* What the standards of the panel say of it, exactly as a scan would. */
ar_err ar_row_verdict(const ar_panel *panel, const ar_row *row, ar_arena *arena,
                      int64_t *out_verdict);
/* What one does. */
ar_err ar_row_judge(const ar_standard *standard, const ar_row *row, ar_arena *arena,
                    enum ar_state *out_state);
