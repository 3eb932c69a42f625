/* kind: one type of thing in the estate, read from kinds/NAME.yaml (docs/formats.md). */
#pragma once

#include "expr/expr.h"
#include "op/op.h"

typedef struct ar_kind_column {
    ar_str name;
    enum ar_type type;
    ar_str meaning;
    bool personal;
    bool common; /* one that every kind has */
} ar_kind_column;

/* What tells that rows of two sources are of one thing: the same values in all these columns. */
typedef struct ar_kind_key {
    ar_str text; /* "hostname, domain" */
    const ar_kind_column *const *columns;
    size_t n;
} ar_kind_key;

/* A column that leads to an asset whose owner speaks for this one; of kind person, to the person.
 */
typedef struct ar_kind_lead {
    ar_str evidence; /* its class (estate/evidence.h); "whole" of the kind it is part of */
    ar_str kind, by;
} ar_kind_lead;

/* A column that holds ids of assets of a kind whose rows join assets of other ids. */
typedef struct ar_kind_ref {
    ar_str column;
    const struct ar_kind *kind;
} ar_kind_ref;

typedef struct ar_kind {
    ar_str name; /* also the name of its view in SQL, which holds the merged assets */
    ar_str title;
    ar_str meaning;
    bool infrastructure; /* must send telemetry */
    bool view;           /* of aright's own tables; has no sources */
    ar_str whole;        /* the kind its rows are parts of; empty: they are assets of their own */
    ar_str whole_by;     /* the column that holds the id of the whole */
    const ar_kind_lead *leads; /* in this order; the whole first, the tenant last */
    size_t n_leads;
    const ar_kind_column *columns; /* common ones first, then its own in the order of the file */
    size_t n_columns;
    const ar_kind_key *match; /* the strongest first */
    size_t n_match;
    const ar_kind_ref *refs; /* from links, `part_of` and `owner_from` of all kinds */
    size_t n_refs;
    const ar_str *precedence; /* sources or connectors, who is believed first, first */
    size_t n_precedence;
    ar_expr_scope scope; /* the same columns, and its links, for expressions */
    ar_str file;
} ar_kind;

typedef struct ar_kinds {
    const ar_kind *list; /* sorted by name */
    size_t n;
} ar_kinds;

/* All kinds, shipped and of the home, with their links resolved. AR_INVALID names file, line and
 * column. */
ar_err ar_kinds_load(const ar_place *place, ar_arena *arena, ar_kinds *out_kinds);
/* AR_NOT_FOUND with the nearest name. */
ar_err ar_kinds_find(const ar_kinds *kinds, ar_str name, const ar_kind **out_kind);
const ar_kind_column *ar_kind_column_find(const ar_kind *kind, ar_str name); /* NULL when absent */

/* A fact is what a source can say: every column but those that are computed (first_seen, last_seen,
 * source, source_count, owner_source). */
bool ar_column_is_fact(const ar_kind_column *column);
/* The facts of a kind in their order, `id` first; behind them all, hidden from who reads assets,
 * what a source's connector says of its owners: a line each, of a class of evidence, a confidence,
 * when it was seen (microseconds, or nothing) and whom it names, with tabs between. */
#define AR_KIND_OWNERS "_owners"
void ar_kind_facts(const ar_kind *kind, ar_arena *arena, const ar_kind_column ***out_facts,
                   size_t *out_n);
