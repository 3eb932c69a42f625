/* repo: one git repository, opened to be looked at: no hook, filter or program of it runs, and its
 * sizes are bounded. */
#pragma once

#include "inspect/finder.h"
#include "inspect/look.h"
#include "inspect/report.h"

enum {
    AR_REPO_COMMITS_MAX = 20000, /* walked for the first commit and the count */
    AR_REPO_AUTHORS_OF = 200,    /* commits whose authors are asked for the owner */
    AR_REPO_SIGNED_OF = 100,
    AR_REPO_BLOB_MAX = 1 << 20, /* of a CODEOWNERS or pipeline file */
    AR_REPO_INDEX_MAX = 64 << 20,
    AR_REPO_DIRTY_FILES_MAX = 20000, /* tracked files beyond which the work tree is not compared */
    AR_REPO_PIPELINES_MAX = 500,
    AR_REPO_URL_MAX = 512,
    AR_REPO_WORK_FILE_MAX =
        64 << 20, /* a tracked file beyond which the work tree is not compared */
};

typedef struct ar_repo_place {
    ar_str host;
    const ar_look *host_look; /* whose accounts own the folders */
    const ar_look *files;     /* at "/": repositories are named by their true paths */
} ar_repo_place;

void ar_repo_init(void); /* once in the process: libgit2, without the system's configuration */

/* Rows repo, pipeline, hook, and setting for a bare one, with evidence of who owns it. AR_INVALID,
 * AR_DENIED, AR_LIMIT when it cannot be opened. A second work tree has the id of its repository, so
 * that of the two the first one looked at is kept. Of another's, the process reads nothing outside
 * the repository afterwards: call it in a process of its own. */
ar_err ar_repo_look(const ar_found_repo *found, const ar_repo_place *place, ar_arena *arena,
                    ar_report *report);
