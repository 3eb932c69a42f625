#include "op/folders.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CLOSED = 0700,
    PASSABLE = 0711, /* others go through to what they know the name of, and do no more */
    OTHERS = S_IRWXG | S_IRWXO,
};

static const char socket_folder[] = "run";

/* A folder that is there already may be someone else's, or open to others: then what it holds, who
 * may do what among it, is no longer ours to trust. */
static ar_err make_private(const char *path, unsigned most)
{
    struct stat st;

    AR_TRY(ar_dir_make(path, CLOSED));
    if (lstat(path, &st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISDIR(st.st_mode))
        return ar_fail(AR_CONFLICT, "%s is a link; a home is of folders", path);
    if (st.st_uid != geteuid())
        return ar_fail(AR_CONFLICT, "%s belongs to uid %u, and this is uid %u", path, st.st_uid,
                       geteuid());
    if ((st.st_mode & OTHERS) != 0 && (st.st_mode & OTHERS) != (most & OTHERS))
        return ar_fail(AR_CONFLICT, "%s is open to others; close it with `chmod 700 %s`", path,
                       path);
    return ar_ok();
}

ar_err ar_home_make(const ar_place *place)
{
    static const char *const folders[] = { "log", "tmp", "backup" };
    ar_auto(ar_arena) arena = { 0 };

    AR_TRY(make_private(place->home, PASSABLE));
    AR_TRY(make_private(ar_path_join(&arena, place->home, socket_folder), PASSABLE));
    for (size_t i = 0; i < AR_COUNT(folders); i++)
        AR_TRY(make_private(ar_path_join(&arena, place->home, folders[i]), CLOSED));
    return ar_ok();
}

/* ---- others than the owner ---- */

int64_t ar_home_owner(const ar_place *place)
{
    struct stat st;

    return stat(place->home, &st) == 0 ? (int64_t)st.st_uid : (int64_t)geteuid();
}

ar_str ar_uid_name(int64_t uid, ar_arena *arena)
{
    const struct passwd *entry = getpwuid((uid_t)uid);

    if (entry == NULL) return ar_arena_printf(arena, "uid %lld", (long long)uid);
    return ar_arena_printf(arena, "%s (uid %lld)", entry->pw_name, (long long)uid);
}

bool ar_home_is_passable(const ar_place *place)
{
    struct stat st;

    return stat(place->home, &st) == 0 && (st.st_mode & OTHERS) != 0;
}

/* Names in the folder that others may do something with. A link has no rights of its own, and the
 * folder of the socket is judged by itself. */
static ar_err list_loose(const char *folder, ar_arena *arena, const char ***out_paths,
                         size_t *out_n)
{
    ar_str *names;
    size_t n;
    struct stat st;

    AR_TRY(ar_dir_list(folder, arena, &names, &n));
    *out_paths = ar_make_n(arena, const char *, n + 1);
    *out_n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, folder, names[i].ptr);

        if (ar_str_eq(names[i], ar_str_of(socket_folder)) || lstat(path, &st) != 0) continue;
        if (S_ISLNK(st.st_mode) || S_ISSOCK(st.st_mode) || (st.st_mode & OTHERS) == 0) continue;
        (*out_paths)[(*out_n)++] = path;
    }
    return ar_ok();
}

ar_err ar_home_loose(const ar_place *place, ar_arena *arena, const char ***out_paths, size_t *out_n)
{
    return list_loose(place->home, arena, out_paths, out_n);
}

static ar_err close_all(const char *folder, ar_arena *arena)
{
    const char **paths;
    size_t n;
    struct stat st;

    AR_TRY(list_loose(folder, arena, &paths, &n));
    for (size_t i = 0; i < n; i++)
        if (lstat(paths[i], &st) != 0 || chmod(paths[i], st.st_mode & CLOSED) != 0)
            return ar_fail_errno("closing %s to others", paths[i]);
    return ar_ok();
}

ar_err ar_home_let_in(const ar_place *place, bool others)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *run = ar_path_join(&arena, place->home, socket_folder);
    unsigned mode = others ? PASSABLE : CLOSED;

    if (others) {
        AR_TRY(close_all(place->home, &arena));
        AR_TRY(close_all(run, &arena));
    }
    if (chmod(run, mode) != 0) return ar_fail_errno("%s", run);
    if (chmod(place->home, mode) != 0) return ar_fail_errno("%s", place->home);
    return ar_ok();
}

/* ---- the lock ---- */

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
