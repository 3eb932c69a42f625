/* edit: the text of sudoers(5) and group(5) files without one grant, or with an end to it. What it
 * cannot take out without touching anybody else's, it refuses. */
#pragma once

#include "inspect/sudoers.h"

enum { AR_EDIT_BYTES_MAX = 96 * 1024 /* of a file that is edited */ };

/* A grant as the inspector of hosts names it. */
typedef struct ar_edit_grant {
    ar_str who;   /* account, "%group" or what else the rule names */
    ar_str scope; /* "(ALL) /bin/ls" */
    bool nopasswd;
    ar_time until; /* 0: it ends now; else it gets this end */
} ar_edit_grant;

/* `all` are the files of the host as they were loaded, for their aliases. *out_text lies in
 * `arena`. AR_NOT_FOUND: no rule of the text gives it to `who` by name; AR_CONFLICT: one names more
 * than that. The sentence says what to do by hand. */
ar_err ar_edit_sudoers(const ar_sudoers *all, ar_str host, const ar_edit_grant *grant, ar_str text,
                       ar_arena *arena, ar_str *out_text);
/* The group that a rule of the text gives it to, of those in `groups`; empty: none. */
ar_str ar_edit_through(const ar_sudoers *all, ar_str host, const ar_edit_grant *grant, ar_str text,
                       const ar_str *groups, size_t n, ar_arena *arena);
/* AR_NOT_FOUND: the group is not there, or does not list `who` (it may be their primary one). */
ar_err ar_edit_group(ar_str text, ar_str group, ar_str who, ar_arena *arena, ar_str *out_text);
