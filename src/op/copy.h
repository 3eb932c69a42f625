/* copy: which files of a home a backup holds, and copies of them that outlive a crash. */
#pragma once

#include "base/base.h"

enum { AR_COPY_FILES_MAX = 100000 }; /* of one backup */

/* Below the home, and below a backup of it. */
extern const char ar_copy_database[];
extern const char ar_copy_log[];

/* What a backup holds and a restore takes: the database, the log, NAME.yaml and FOLDER/NAME.yaml. A
 * name that begins with a dot is nobody's. */
bool ar_copy_takes(ar_str path);
/* Folders of the home that hold nothing of its own. */
bool ar_copy_skips(ar_str name);

typedef struct ar_copied {
    char sha256[65];
    int64_t bytes;
} ar_copied;

/* A durable copy, which is not there yet, of a regular file. AR_INVALID when it is none. */
ar_err ar_copy_file(const char *from, const char *to, ar_copied *out);
/* The same of one that is open; `from` is for the sentence. */
ar_err ar_copy_open(int in, const char *from, const char *to, ar_copied *out);
/* Makes the folder below `base` that `path` lies in. */
ar_err ar_copy_parent(ar_arena *arena, const char *base, const char *path);
/* A path in `folder` that is free: the time between `before` and `after`, and perhaps a number. */
const char *ar_copy_name(ar_arena *arena, const char *folder, const char *before, ar_time now,
                         const char *after);
