/* finding: one asset that one standard finds wrong or cannot judge, from when it opened until it
 * closed. Its id is STANDARD/KIND:ID; what opens again is a new episode of it. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"

/* SQL: whether `owner` is whom the parameter asks for, or below them in the tree of owners. NULL
 * asks for all, '-' for what nobody owns. */
#define AR_OWNER_ASKED(owner, param)                                                          \
    "(" param " IS NULL OR coalesce(" owner ", '-') = " param " OR " owner                    \
    " IN (WITH RECURSIVE below AS (SELECT o.id FROM ar.owner o WHERE o.parent = " param       \
    " UNION ALL SELECT o.id FROM ar.owner o JOIN below b ON b.id = o.parent) SELECT id FROM " \
    "below))"

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
