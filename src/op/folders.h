/* folders: a home on disk: its folders, whose they are, and its lock. */
#pragma once

#include "op/place.h"
#include "sys/file.h"

/* Makes the folders of the home where they are missing, 0700. AR_CONFLICT when one that is there is
 * a link, of someone else, or open to others in another way than ar_home_let_in leaves it. */
ar_err ar_home_make(const ar_place *place);

/* Whose the home is; ours where there is none yet. */
int64_t ar_home_owner(const ar_place *place);
/* "root (uid 0)", or "uid 4711". */
ar_str ar_uid_name(int64_t uid, ar_arena *arena);

/* Lets others than the owner get to HOME/run/core.sock: both folders become passable (0711), which
 * shows nobody what is in them, after whatever lies in them has been closed (0600, 0700). Or not:
 * both become 0700. */
ar_err ar_home_let_in(const ar_place *place, bool others);
bool ar_home_is_passable(const ar_place *place);
/* What lies in the home and others could read or change, if they got in: its owner has put it there
 * since. */
ar_err ar_home_loose(const ar_place *place, ar_arena *arena, const char ***out_paths,
                     size_t *out_n);

/* Takes the home's lock. AR_CONFLICT names the process that has it. */
ar_err ar_home_lock(const ar_place *place, ar_fd *out_lock);
const char *ar_home_database(const ar_place *place, ar_arena *arena);
