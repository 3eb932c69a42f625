/* host: the child that changes who may what on this host. It says how a file would be without a
 * grant, and replaces a file that is still as it was by what was said: checked, whole, with its
 * owner and mode, or not at all. */
#pragma once

#include "access/edit.h"
#include "op/op.h"

/* What it is asked, on standard input, as JSON: {"do","facts","until"} to plan, which prints
 * {"path","before","after","until"}; {"do","facts","edit"} to end or go back by such an edit, which
 * prints nothing. A failure is {"failed","code"}. */
int ar_host_grant_main(const ar_tables *tables, int argc, char **argv);

typedef struct ar_host_facts {
    ar_str host;  /* as the inspector calls it */
    ar_str who;   /* the account's name */
    ar_str role;  /* "sudo", or a group's name */
    ar_str path;  /* the file that it was found in */
    ar_str scope; /* of sudo */
    bool nopasswd;
    ar_time until; /* 0: it ends now */
} ar_host_facts;

typedef struct ar_host_edit {
    const char *path;
    ar_str before, after;
} ar_host_edit;

/* How the file would be. AR_CONFLICT: this is another host, or the rule names more than that;
 * AR_NOT_FOUND, AR_DENIED, AR_LIMIT. */
ar_err ar_host_plan(const char *root, const ar_host_facts *facts, ar_arena *arena,
                    ar_host_edit *out_edit);
/* Whether ending the grant makes `after` of `before`, and nothing else: who wrote the edit down may
 * not be who has it done. AR_CONFLICT when not. */
ar_err ar_host_check(const char *root, const ar_host_facts *facts, const ar_host_edit *edit,
                     ar_arena *arena);
/* AR_CONFLICT: the file is another than `was`, or another's; AR_INVALID: sudo would not take it.
 * Nothing has changed then. */
ar_err ar_host_replace(const char *root, const char *path, ar_str was, ar_str text,
                       ar_arena *arena);
