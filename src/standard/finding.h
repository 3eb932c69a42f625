/* finding: one asset that one standard finds wrong or cannot judge, from when it opened until it
 * closed. Its id is STANDARD/KIND:ID; what opens again is a new episode of it. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

/* SQL: a table (id) of the owner that the parameter is, and of all below them in the tree. */
#define AR_OWNER_AND_BELOW(param)                              \
    "(WITH RECURSIVE below AS (SELECT CAST(" param             \
    " AS VARCHAR) AS id UNION ALL SELECT o.id FROM ar.owner o" \
    " JOIN below b ON b.id = o.parent) SELECT id FROM below)"

/* SQL: whether `owner` is whom the parameter asks for, or below them. NULL asks for all, '-' for
 * what nobody owns. */
#define AR_OWNER_ASKED(owner, param) \
    "(" param " IS NULL OR coalesce(" owner ", '-') IN " AR_OWNER_AND_BELOW(param) ")"

/* A format of SQL, "team" or "division" as %.*s: a table (id, up) of who is the first on the way up
 * from an owner, themselves included, whose id begins so. */
#define AR_OWNERS_UP                                                                \
    "(WITH RECURSIVE way AS (SELECT id, id AS up, 0 AS far FROM ar.owner UNION ALL" \
    " SELECT w.id, o.parent, w.far + 1 FROM way w JOIN ar.owner o ON o.id = w.up"   \
    " WHERE o.parent IS NOT NULL) SELECT id, arg_min(up, far) AS up FROM way"       \
    " WHERE starts_with(up, '%.*s:') GROUP BY id)"

typedef struct ar_finding_id {
    ar_str standard, kind, asset;
} ar_finding_id;

/* AR_INVALID says what an id looks like. The parts view `text`. */
ar_err ar_finding_id_parse(ar_str text, ar_finding_id *out_id);

/* Names the standards (only that one, unless `only` is empty) whose findings and numbers are of an
 * earlier evaluation, because their file could not be read at the last one. */
ar_err ar_finding_note_held(ar_ctx *ctx, ar_str only, ar_reply *reply);

/* AR_NOT_FOUND when no standard of that id was judged. */
ar_err ar_standard_judged(ar_ctx *ctx, ar_str id);

/* Says so when an import has changed the estate since the last evaluation. */
ar_err ar_finding_note_changed(ar_ctx *ctx, ar_reply *reply);

ar_err ar_finding_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_finding_list_params[];
extern const ar_column ar_finding_list_columns[];
