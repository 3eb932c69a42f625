/* giturl: the addresses of git remotes. git-clone(1) "GIT URLS". */
#pragma once

#include "base/base.h"

typedef struct ar_git_url {
    ar_str host; /* lower case, without user and port; empty for a path on this host */
    ar_str path; /* without "/" at both ends and ".git" */
    bool ssh;
} ar_git_url;

ar_git_url ar_git_url_cut(ar_str url, ar_arena *arena);
/* The address without user and password. */
ar_str ar_git_url_clean(ar_str url, ar_arena *arena);
