/* look: reads the files of a machine that may lie: no following of links that users control, no
 * waiting on pipes, no more than a stated number of bytes. */
#pragma once

#include "base/base.h"
#include "sys/file.h"

#include <sys/stat.h>

enum {
    AR_LOOK_FILE_MAX = 1 << 20, /* of a configuration file */
    AR_LOOK_NAMES_MAX = 20000,  /* entries looked at in one folder */
};

typedef struct ar_look {
    ar_fd root;
    bool live; /* the root is "/": asking the kernel is allowed */
    ar_str root_path;
    ar_time now;
} ar_look;

typedef struct ar_look_file {
    ar_str text;
    ar_time changed_at;
    unsigned mode;
    int64_t uid, gid;
} ar_look_file;

/* The tree at `root`, NULL is "/". Texts of `out_look` lie in `arena`; the caller calls
 * ar_look_done. AR_NOT_FOUND when it is no folder, AR_DENIED. */
ar_err ar_look_open(const char *root, ar_time now, ar_arena *arena, ar_look *out_look);
void ar_look_done(ar_look *look);

/* A descriptor of a regular file below the root; links stay below the root. AR_NOT_FOUND,
 * AR_DENIED, AR_INVALID when it is no regular file. */
ar_err ar_look_fd(const ar_look *look, const char *path, ar_fd *out_fd);
/* The whole file; AR_LIMIT beyond `max` bytes. */
ar_err ar_look_read(const ar_look *look, const char *path, size_t max, ar_arena *arena,
                    ar_look_file *out_file);
/* A file that a user controls: no link is followed below `base`. Longer files are cut at `max` when
 * `head_only`, else AR_LIMIT. */
ar_err ar_look_read_own(const ar_look *look, const char *base, const char *below, size_t max,
                        bool head_only, ar_arena *arena, ar_look_file *out_file);

bool ar_look_stat(const ar_look *look, const char *path, struct stat *out_st); /* follows links */
bool ar_look_exists(const ar_look *look, const char *path);
/* Sorted names of a folder; links are followed unless `own`. AR_NOT_FOUND, AR_DENIED, AR_LIMIT. */
ar_err ar_look_list(const ar_look *look, const char *path, bool own, ar_arena *arena,
                    ar_str **out_names, size_t *out_n);
/* Where a link points, as written; empty when it is none. */
ar_str ar_look_link(const ar_look *look, const char *path, ar_arena *arena);
/* The path without links, from the root; empty when it does not exist. */
ar_str ar_look_real(const ar_look *look, const char *path, ar_arena *arena);

/* Files that match a pattern with * and ? in its last component, sorted. */
ar_err ar_look_glob(const ar_look *look, ar_str pattern, ar_arena *arena, ar_str **out_paths,
                    size_t *out_n);
/* A time of the file system, or NULL (as a value) when it is outside the years we print. */
ar_value ar_look_time(int64_t seconds);
