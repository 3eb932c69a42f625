#include "op/folders.h"

#include <sys/stat.h>
#include <unistd.h>

/* A folder that is there already may be someone else's, or open to others: then what it holds, who
 * may do what among it, is no longer ours to trust. */
static ar_err make_private(const char *path)
{
    struct stat st;

    AR_TRY(ar_dir_make(path, 0700));
    if (lstat(path, &st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISDIR(st.st_mode))
        return ar_fail(AR_CONFLICT, "%s is a link; a home is of folders", path);
    if (st.st_uid != geteuid())
        return ar_fail(AR_CONFLICT, "%s belongs to uid %u, and this is uid %u", path, st.st_uid,
                       geteuid());
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ar_fail(AR_CONFLICT, "%s is open to others; close it with `chmod 700 %s`", path,
                       path);
    return ar_ok();
}

ar_err ar_home_make(const ar_place *place)
{
    static const char *const folders[] = { "run", "log", "tmp", "backup" };
    ar_auto(ar_arena) arena = { 0 };

    AR_TRY(make_private(place->home));
    for (size_t i = 0; i < AR_COUNT(folders); i++)
        AR_TRY(make_private(ar_path_join(&arena, place->home, folders[i])));
    return ar_ok();
}

ar_err ar_home_lock(const ar_place *place, ar_fd *out_lock)
{
    ar_auto(ar_arena) arena = { 0 };
    int holder = 0;
    ar_err err = ar_file_lock(ar_path_join(&arena, place->home, "run/lock"), out_lock, &holder);

    if (err.code == AR_CONFLICT && holder > 0)
        return ar_fail(AR_CONFLICT, "%s is in use by process %d", place->home, holder);
    return err;
}

const char *ar_home_database(const ar_place *place, ar_arena *arena)
{
    return ar_path_join(arena, place->home, "estate.duckdb");
}
