/* obligation: what is declared of each item of a catalog, beside what the standards that answer it
 * come to. */
#pragma once

#include "op/op.h"

/* Brings the tables to what the files of catalogs and standards say. Cheap when nothing changed.
 *   AR_INVALID  a catalog cannot be read; file, line and column are named */
ar_err ar_obligations_sync(ar_ctx *ctx);
/* The same before everything is judged: obligations are judged too. What cannot be read leaves them
 * as they were. */
ar_err ar_obligations_judging(ar_ctx *ctx);
/* Adds to the rows of `status` what is wrong with the catalogs. */
ar_err ar_obligation_status(ar_ctx *ctx, ar_reply *reply);

/* A table expression: each obligation as it stands in the snapshot $1, or, when that is NULL, by
 * the last evaluation. Its columns are id ("csrb/6"), catalog, ref, place, category, text, owner,
 * declared, declared_at, declared_by (NULL: the catalog's file), note, standards (how many map to
 * it), judged (of them with something in scope), met (of them right everywhere), pass and scope (of
 * their checks), worst ("pass", "unknown" or "fail"), behind ("TN-3 97.3 %, GV-4 –"), computed
 * ("complete": all of it is right, and was in four snapshots on end; "met": it is; "in progress";
 * "no evidence": nothing is in scope of any; "no standard") and contradiction (what the numbers say
 * against the declaration; NULL: nothing). */
extern const char ar_obligations_stand[];

extern const ar_op ar_obligation_ops[]; /* ends with a zero entry */
extern const ar_migration ar_obligation_migrations[];
