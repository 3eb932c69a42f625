/* finder: git repositories in and below folders, bare ones too. */
#pragma once

#include "base/base.h"

enum {
    AR_FINDER_DEPTH_MAX = 10,
    AR_FINDER_FOLDERS_MAX = 300000, /* of one owner, so that nobody's keep us from the others', */
    AR_FINDER_REPOS_MAX = 5000,     /* nor repositories, */
    AR_FINDER_ALL_MAX = 1000000,    /* folders of all, */
    AR_FINDER_MS_MAX = 5 * 60 * 1000,
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

/* What was seen of the folders of one account. */
typedef struct ar_finder_owner {
    int64_t uid;
    size_t folders, repos;
    bool cut; /* a limit was reached: there may be more */
} ar_finder_owner;

typedef struct ar_finder {
    ar_arena *arena;
    ar_found_repo *repos;
    size_t n, cap;
    ar_map by_uid;
    ar_finder_owner **owners;
    size_t n_owners, cap_owners;
    size_t folders;
    int64_t end_ms; /* set by the first look */
    ar_map walked;  /* folders, by device and inode: none is looked into twice */
    size_t denied;  /* folders that could not be opened */
    bool cut;       /* a limit for all was reached: there may be more */
} ar_finder;

/* Looks in `root` and below, but not where it was before; follows no link, stays on its file
 * system, passes over node_modules and what is in repositories' own folders. AR_NOT_FOUND when it
 * is no folder, AR_DENIED. */
ar_err ar_finder_look(ar_finder *finder, const char *root);
/* Whether a limit was reached, for all or for one owner. */
bool ar_finder_is_partial(const ar_finder *finder);
