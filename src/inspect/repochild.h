/* repochild: one repository looked at in a process of its own, as the account that owns it, and not
 * for longer than a few seconds. What comes back is checked as if a stranger had written it. */
#pragma once

#include "form/node.h"
#include "inspect/repo.h"

enum {
    AR_REPO_MS_MAX = 10 * 1000,
    AR_REPO_SAID_MAX = 8 << 20, /* bytes of its lines */
    AR_REPO_ROWS_MAX = 5000,
    AR_REPO_NOTES_MAX = 20,
};

typedef struct ar_repo_said {
    ar_str id; /* of the repository; empty when it could not be opened: then there are only notes */
    ar_node **lines;
    size_t n;
} ar_repo_said;

/* Looks at one, `ms_max` milliseconds at most. `out_fd` is closed in the child: it is no way out.
 * What is made lives in `arena`.
 *   AR_UNAVAILABLE  it did not end in time, was killed, or wrote nonsense
 *   AR_LIMIT        it said more than the numbers above */
ar_err ar_repo_child_look(const ar_found_repo *found, const ar_repo_place *place, int64_t ms_max,
                          int out_fd, ar_arena *arena, ar_repo_said *out_said);
/* Enters what was said. */
void ar_repo_said_report(const ar_repo_said *said, ar_report *report);
