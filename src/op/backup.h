/* backup: copies of a home that prove themselves.
 *
 * A backup is a folder: the database, the home's own files, the event log, and manifest.json with
 * the SHA-256 of each. It appears under its name when all of it is durable. */
#pragma once

#include "op/op.h"

/* Before a change of the tables; removes automatic backups beyond keep_backups. */
ar_err ar_backup_automatic(struct ar_core *core, ar_time now);
/* Name and time of the newest backup; empty when there is none. */
ar_err ar_backup_newest(const ar_place *place, ar_arena *arena, ar_str *out_name);

ar_err ar_backup_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_column ar_backup_columns[];
