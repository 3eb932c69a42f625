/* folders: a home on disk: its folders, whose they are, and its lock. */
#pragma once

#include "op/place.h"
#include "sys/file.h"

/* Makes the folders of the home where they are missing, 0700. AR_CONFLICT when one that is there is
 * a link, of someone else, or open to others. */
ar_err ar_home_make(const ar_place *place);
/* Takes the home's lock. AR_CONFLICT names the process that has it. */
ar_err ar_home_lock(const ar_place *place, ar_fd *out_lock);
const char *ar_home_database(const ar_place *place, ar_arena *arena);
