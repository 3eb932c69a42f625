/* finder: git repositories in and below folders, bare ones too. */
#pragma once

#include "base/base.h"

enum {
    AR_FINDER_DEPTH_MAX = 10,
    AR_FINDER_FOLDERS_MAX = 300000,
    AR_FINDER_REPOS_MAX = 5000,
    AR_FINDER_NOBODY = 65534,
};

typedef struct ar_found_repo {
    ar_str path; /* the folder that people name: the work tree, or the bare repository */
    ar_str git;  /* the repository itself: PATH/.git, or PATH when bare */
    bool bare;
    bool linked; /* .git is a file that leads elsewhere: a submodule or a second work tree */
    int64_t uid; /* whose it is: who could have written it, AR_FINDER_NOBODY when many could */
    int64_t gid; /* when many could: the group that may write it, or AR_FINDER_NOBODY */
} ar_found_repo;

typedef struct ar_finder {
    ar_arena *arena;
    ar_found_repo *repos;
    size_t n, cap;
    size_t folders;
    ar_map walked; /* folders, by device and inode: none is looked into twice */
    size_t denied; /* folders that could not be opened */
    bool cut;      /* a limit was reached: there may be more */
} ar_finder;

/* Looks in `root` and below, but not where it was before; follows no link, stays on its file
 * system, passes over node_modules and what is in repositories' own folders. AR_NOT_FOUND when it
 * is no folder, AR_DENIED. */
ar_err ar_finder_look(ar_finder *finder, const char *root);
