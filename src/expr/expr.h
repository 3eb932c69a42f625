/* expr: the standards' expression language. Parsed once, checked against what columns there are,
 * evaluated in C over one row or a batch, printed as portable SQL. docs/formats.md says what it is;
 * it is total: no expression over any row raises an error.
 *
 * Truth is three-valued. Text compares by bytes. Integers are 64-bit and doubles IEEE 754;
 * overflow, division by zero, NaN and infinities, and times outside AR_TIME_MIN…AR_TIME_MAX are
 * NULL. */
#pragma once

#include "engine/engine.h"

enum {
    AR_EXPR_TEXT_MAX = 16 * 1024, /* bytes of one expression */
    AR_EXPR_DEPTH_MAX = 64,
    AR_EXPR_NODES_MAX = 4096,
};

/* ---- what names mean ---- */

typedef struct ar_expr_column {
    ar_str name;
    enum ar_type type;
} ar_expr_column;

typedef struct ar_expr_scope ar_expr_scope;

typedef struct ar_expr_link {
    ar_str name;                 /* as in EXISTS name WHERE … */
    const ar_expr_scope *target; /* columns of the linked kind; its own links are not followed */
    ar_str table;                /* the linked kind's view */
    const ar_str *theirs;        /* n column pairs that must be equal */
    const ar_str *ours;
    size_t n;
} ar_expr_link;

typedef struct ar_expr_param {
    ar_str name; /* without the colon; "asof" must be among them, a time */
    ar_value value;
} ar_expr_param;

struct ar_expr_scope {
    ar_str what;     /* for errors: "kind app" */
    ar_str shown_by; /* and the command that names its columns: "aright kind show app" */
    const ar_expr_column *columns;
    size_t n_columns;
    const ar_expr_link *links;
    size_t n_links;
};

/* What a scope has of that name, or NULL. */
const ar_expr_column *ar_expr_column_find(const ar_expr_scope *scope, ar_str name);
const ar_expr_link *ar_expr_link_find(const ar_expr_scope *scope, ar_str name);

/* Where the text stands, for errors: "standards/TN-3.yaml:7:9: …". */
typedef struct ar_expr_place {
    ar_str file;
    uint32_t line, column;
} ar_expr_place;

/* ---- parse and check ---- */

typedef struct ar_expr ar_expr; /* a checked tree in an arena; immutable */

/* Parameters are typed by their values, which are bound when the program is compiled or the SQL is
 * printed, so the same tree serves every :asof.
 * AR_INVALID says file, line, column, what was wrong and what would be right (nearest column,
 * parameter, link or function). AR_LIMIT beyond the sizes above. */
ar_err ar_expr_parse(const ar_expr_scope *scope, const ar_expr_param *params, size_t n_params,
                     ar_expr_place place, ar_str text, ar_arena *arena, const ar_expr **out_expr);
/* The same, and the result must be of `type` (AR_NULL literals fit any). */
ar_err ar_expr_parse_as(enum ar_type type, const ar_expr_scope *scope, const ar_expr_param *params,
                        size_t n_params, ar_expr_place place, ar_str text, ar_arena *arena,
                        const ar_expr **out_expr);

enum ar_type ar_expr_type(const ar_expr *expr);
/* Whether the tree names the column. */
bool ar_expr_uses(const ar_expr *expr, ar_str column);

/* ---- evaluate ---- */

/* Several expressions over the same scope, compiled together; shared parts are computed once.
 * Immutable after compile: any number of threads may run it at once. Lives in the arena, and views
 * the scope and the expressions. */
typedef struct ar_program ar_program;

/* What the program reads: a column of the scope, or the number of linked rows for which an inner
 * expression is TRUE (EXISTS and COUNT both become such a number). */
typedef struct ar_program_input {
    enum ar_type type;
    ar_str column;            /* of the scope; empty for a link count */
    const ar_expr_link *link; /* NULL for a column */
    const ar_expr *where;     /* over link->target, its parameters bound; NULL: all linked rows */
} ar_program_input;

/* AR_INVALID when a parameter is missing or is of another type than when it was parsed. A value
 * that no expression may see (a double that is not finite, a text with a NUL or that is not UTF-8)
 * counts as NULL. */
ar_err ar_program_compile(const ar_expr *const *exprs, size_t n_exprs, const ar_expr_param *params,
                          size_t n_params, ar_arena *arena, const ar_program **out_program);
const ar_program_input *ar_program_inputs(const ar_program *program, size_t *out_n);

/* results[k] is the column of expression k: data of its type, `valid` cleared where NULL. Texts in
 * results view the inputs, constants, or `arena` (which only lower and upper take from). n_rows is
 * not limited. An unknown link count makes EXISTS and COUNT unknown. */
void ar_program_run(const ar_program *program, const ar_vector *inputs, size_t n_rows,
                    ar_arena *arena, ar_vector_out *results);

/* One row: values in the order of the inputs, results in the order of the expressions. */
void ar_program_row(const ar_program *program, const ar_value *inputs, ar_arena *arena,
                    ar_value *results);

/* ---- print ---- */

/* The first may call what ar_expr_opened registers. The last is for people: DuckDB again, in words
 * that `aright query` takes; a LIKE with many % may take long there. */
enum ar_dialect { AR_SQL_DUCKDB, AR_SQL_POSTGRES, AR_SQL_SHOWN };

/* Total SQL that agrees with the evaluator on every row. Columns are quoted and, unless `alias` is
 * empty, prefixed with it; an expression with links needs an alias. Parameters become literals,
 * and are those of ar_program_compile. */
void ar_expr_sql(const ar_expr *expr, enum ar_dialect dialect, const ar_expr_param *params,
                 size_t n_params, ar_str alias, ar_buf *out);
/* The language itself again, normalised: parses back to the same tree, but that a NULL which was
 * computed has no type any more. */
void ar_expr_print(const ar_expr *expr, ar_buf *out);

/* ---- inside the engine ---- */

/* Registers what printed SQL calls: ar_like(text, pattern, escape), whose time is at most their
 * lengths multiplied. Once, before an engine runs such SQL; outside a transaction. */
ar_err ar_expr_opened(ar_engine *engine);

/* FROM-clause text that yields, for rows of `table` under `alias`, every input of the program: the
 * table itself, left-joined to one grouped subquery per link count. Column texts (in the order of
 * the inputs) are appended to `columns`, comma-separated; they are what ar_program_run reads when
 * it is registered as a function of the engine. Inner conditions are printed as SQL. */
void ar_program_from(const ar_program *program, ar_str table, ar_str alias, ar_buf *from,
                     ar_buf *columns);
