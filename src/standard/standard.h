/* standard: one sentence of what must hold, read from standards/ID.yaml and checked against the
 * kind it judges (docs/formats.md). */
#pragma once

#include "estate/kind.h"
#include "form/node.h"
#include "op/definitions.h"

enum {
    AR_STANDARD_BYTES_MAX = 256 * 1024, /* of one file */
    AR_STANDARD_RISK_MAX = 5,
    AR_STANDARD_TESTS_MAX = 200,
    AR_STANDARD_MAPS_MAX = 100,
};

/* What a standard says of one asset. In this order they are the two bits of a packed verdict. */
enum ar_state { AR_OUT, AR_PASS, AR_FAIL, AR_UNKNOWN };

const char *ar_state_name(enum ar_state state); /* "out", "pass", "fail", "unknown" */

typedef struct ar_standard_test {
    enum ar_state want;
    const ar_node *row; /* column or link: value */
} ar_standard_test;

/* An item of a catalog of obligations that the standard answers. */
typedef struct ar_standard_map {
    ar_str catalog, ref; /* "nist-800-53", "ac-2" */
} ar_standard_map;

typedef struct ar_standard {
    ar_str id;
    bool practice; /* class: practice; counted apart from the report's named standards */
    ar_str title, statement, pillar, right, owner;
    const ar_kind *kind;
    const ar_expr *where; /* NULL: everything of the kind */
    const ar_expr *pass;
    const ar_expr *numerator, *denominator; /* of `share`; both NULL: assets are counted */
    const ar_expr_param *params;            /* :asof first, then :issued if any, then its own */
    size_t n_params;
    const ar_str *explain;
    size_t n_explain;
    bool has_issued;
    ar_time issued;
    int64_t stale_after; /* 0: facts do not age */
    int64_t risk;
    ar_str template;
    const ar_str *gates;
    size_t n_gates;
    ar_str mode, on_error, needs; /* of `stay` */
    int64_t due;                  /* of `get`; 0: no date */
    ar_str action;
    int64_t waiver_max; /* 0: no waivers */
    const ar_standard_map *maps;
    size_t n_maps;
    const ar_standard_test *tests;
    size_t n_tests;
    bool has_retired; /* nobody is judged by it any more */
    ar_time retired;
    ar_str retired_because;
    ar_str hash; /* SHA-256 of what decides a verdict: kind, where, pass, params, share, age */
    bool shipped;
    ar_str file;
} ar_standard;

typedef struct ar_standards {
    const ar_standard *list; /* standards, then practices; by pillar, then by id as people count */
    size_t n;
    const ar_definition_bad *bad; /* by id */
    size_t n_bad;
    const ar_standard *retired; /* files that say so; in none of the above */
    size_t n_retired;
} ar_standards;

/* Reads and checks one file, its test rows too. `name` is the file's name without .yaml, which the
 * id must be; empty: any id. AR_INVALID says file, line, column and what would be right. */
ar_err ar_standard_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                         ar_arena *arena, ar_standard *out_standard);
/* All of them, shipped and of the home. A bad file costs only itself. */
ar_err ar_standards_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                         ar_standards *out_standards);
/* AR_NOT_FOUND with the nearest id, or that it was retired; AR_INVALID with the error of its bad
 * file. */
ar_err ar_standards_find(const ar_standards *standards, ar_str id, const ar_standard **out_one);
/* NULL: there is no bad file of that name. */
const ar_definition_bad *ar_standards_bad(const ar_standards *standards, ar_str id);

/* The parameters with :asof set. */
const ar_expr_param *ar_standard_params(const ar_standard *standard, ar_time asof, ar_arena *arena);

/* As text: an expression (empty for NULL), and the parameters but :asof: "days = 90, …". */
ar_str ar_standard_expr_text(const ar_expr *expr, ar_arena *arena);
ar_str ar_standard_params_text(const ar_standard *standard, ar_arena *arena);

/* The state of one asset from its parts: `where` and `pass` are -1 when NULL. Deletion is the last
 * fact of a thing: what is deleted is out, or, where the standard names deleted_at, judged by it
 * however old the other facts are. */
enum ar_state ar_state_of(int where, int pass, bool deleted, bool names_deleted, bool old);

bool ar_standard_names_deleted(const ar_standard *standard);

/* The same in SQL: an int 0 to 3 over the kind's view under the alias a. `gone` says whether that
 * view has the column of this name. */
void ar_standard_sql(const ar_standard *standard, enum ar_dialect dialect, ar_time asof, bool gone,
                     ar_arena *arena, ar_buf *out);
