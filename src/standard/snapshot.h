/* snapshot: how every standard stands at one time, frozen, with what led from the one before to it.
 *
 * A snapshot counts per standard, version and domain; each change of an asset's state since the one
 * before is kept with its cause, so that start and changes sum to the end exactly, and each number
 * leads to its assets. Its text has a hash, which includes that of the one before: none can be
 * altered unnoticed. */
#pragma once

#include "op/op.h"

/* The text of a snapshot, from which its hash is made: fields end with a tab, lines with '\n'; in a
 * text a tab, a line feed and '\' are "\t", "\n", "\\"; NULL is nothing.
 *
 *   snapshot  NAME  AS_OF  HASH_OF_THE_ONE_BEFORE
 *   count     STANDARD VERSION DOMAIN PASS FAIL UNKNOWN WAIVED NUMERATOR DENOMINATOR
 *   change    STANDARD VERSION DOMAIN CAUSE WAS NOW ASSETS */
typedef struct ar_snapshot {
    int64_t id;
    ar_str name;
    ar_time as_of;
    ar_str hash;
    int64_t scope, pass; /* of the report's named standards, as are the changes */
    int64_t changes;     /* of assets since the one before; 0 for the first */
} ar_snapshot;

/* Freezes the last evaluation, with the waivers in force at `asof`. `name`: "2026-W47"; empty: the
 * ISO week. Runs inside the caller's transaction.
 *   AR_CONFLICT     there is one of that name, or one as of a later time
 *   AR_NOT_FOUND    nothing was judged yet */
ar_err ar_snapshot_take(ar_engine *engine, ar_str name, ar_time asof, ar_time now, ar_str who,
                        ar_arena *arena, ar_snapshot *out_snapshot);

/* The id of the snapshot of that name; empty: the last. AR_NOT_FOUND. */
ar_err ar_snapshot_find(ar_engine *engine, ar_str name, ar_arena *arena, int64_t *out_id);

/* The text of a snapshot as the tables have it now, and its hash. */
ar_err ar_snapshot_text(ar_engine *engine, int64_t id, ar_arena *arena, ar_str *out_text);

extern const ar_op ar_snapshot_ops[];
