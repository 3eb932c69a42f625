/* inspect: looks at a machine and at repositories, and prints what it sees; it never decides.
 *
 * Both write NDJSON to a descriptor:
 *   {"inspector":"host","source":"host:NAME","observed_at":TIME,"kinds":[…],"partly":[…]}
 *                                                                   first line
 *   {"could_not":"KIND" or "KIND.column","why":"…"}                 what could not be looked at
 *   {"kind":"account","id":"…",column:value,…}   one asset, with the columns of its kind; a column
 *                                                that is itself called kind is printed as "kind_"
 *   {"owner_of":"KIND:ID","owner":"person:…","evidence":"…","confidence":0.6,"observed_at":TIME}
 *   {"done":true,"rows":N}                                          last line; N assets
 *   {"failed":"…","code":N}        instead of all that was left to say: it could not look
 * The source of repositories is "git:NAME:PATH,PATH": each set of paths is a list of its own.
 * "kinds" names every kind that was looked at in full: such a kind without rows is empty, a kind
 * that is not named is unknown. "partly" names those of which more may be there than what has
 * rows: nothing of them has gone. A column that could not be seen is absent. Ids are unique within
 * their kind; those of things on a host begin with its name. No line holds a secret: of passwords
 * the state, of private keys the existence. */
#pragma once

#include "base/base.h"

typedef struct ar_inspect_options {
    const char *root; /* the tree to look at; NULL is "/", else a mounted image or a made tree */
    ar_time now;
} ar_inspect_options;

/* This host. What cannot be seen is said in a could_not line; only a root that is no folder
 * (AR_NOT_FOUND, AR_DENIED) and a descriptor that takes no more (AR_IO) are failures. */
ar_err ar_inspect_host(const ar_inspect_options *options, int out_fd);

/* The git repositories in and below the folders `paths`. Nothing of a repository is executed. As
 * above; AR_NOT_FOUND names the path that is no folder. `options->root` prefixes no path: it only
 * tells whose host this is. */
ar_err ar_inspect_repos(const ar_inspect_options *options, const ar_str *paths, size_t n_paths,
                        int out_fd);
