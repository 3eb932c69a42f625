/* migrate: numbered steps that bring the tables of a home to what this program knows. */
#pragma once

#include "engine/engine.h"

typedef struct ar_migration {
    int number; /* unique in the whole program, rising; never changed once released */
    const char *name;
    const char *sql;
} ar_migration;

/* Applies what is missing, each in its own transaction. `lists` is NULL-ended, each list ends with
 * a zero entry. AR_CONFLICT when the home is newer than the program: nothing is changed.
 * *out_applied (may be NULL) is how many were applied. Before the first one on a home that has
 * data, `backup` is called (may be NULL). */
ar_err ar_migrate(ar_engine *engine, const ar_migration *const *lists, ar_time now,
                  ar_err (*backup)(void *self), void *self, int *out_applied);
/* The first part alone: AR_CONFLICT when the home is newer than the program. */
ar_err ar_migrate_check(ar_engine *engine, const ar_migration *const *lists);
