#include "start/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0755, FILE_MODE = 0644, NAME_LEN_MAX = 200 };

static ar_err check_part(ar_str path, ar_str part)
{
    if (part.len == 0 || ar_str_eq(part, AR_LIT(".")) || ar_str_eq(part, AR_LIT("..")))
        return ar_fail(AR_INVALID,
                       "'%.*s' leads out of the folder (want a path like docs/README.md)",
                       AR_FMT(path));
    if (ar_str_same(part, AR_LIT(".git")))
        return ar_fail(AR_INVALID, "'%.*s' lies in a .git, whose files are run; want another place",
                       AR_FMT(path));
    if (part.len > NAME_LEN_MAX)
        return ar_fail(AR_LIMIT, "'%.*s' has %zu bytes, %d is the most", AR_FMT(part), part.len,
                       (int)NAME_LEN_MAX);
    return ar_ok();
}

ar_err ar_folder_check(ar_str path)
{
    ar_str rest = path, part;

    if (path.len == 0) return ar_fail(AR_INVALID, "the path is empty (want one like README.md)");
    if (path.len > AR_FOLDER_PATH_MAX)
        return ar_fail(AR_LIMIT, "the path has %zu bytes, %d is the most", path.len,
                       (int)AR_FOLDER_PATH_MAX);
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.ptr[i] < ' ' || path.ptr[i] == '\\' || path.ptr[i] == 0x7f)
            return ar_fail(AR_INVALID, "a path has a control character or a backslash in it");
    while (ar_str_split(&rest, '/', &part)) AR_TRY(check_part(path, part));
    return ar_ok();
}

static const char *parent_of(const char *path, ar_arena *arena)
{
    ar_str text = ar_str_of(path);

    while (text.len > 1 && text.ptr[text.len - 1] != '/') text.len--;
    while (text.len > 1 && text.ptr[text.len - 1] == '/') text.len--;
    return ar_arena_cstr(arena, text);
}

ar_err ar_folder_ready(const char *path, ar_arena *arena, const char **out_writable)
{
    const char *parent = parent_of(path, arena);
    struct stat st;
    ar_str *names;
    size_t n;

    if (lstat(path, &st) != 0) {
        if (errno != ENOENT) return ar_fail_errno("%s", path);
        if (stat(parent, &st) != 0 || !S_ISDIR(st.st_mode))
            return ar_fail(AR_NOT_FOUND, "there is no folder %s to make %s in", parent, path);
        return *out_writable = parent, ar_ok();
    }
    if (!S_ISDIR(st.st_mode))
        return ar_fail(AR_CONFLICT, "%s is no folder; want one that is empty or not there", path);
    AR_TRY(ar_dir_list(path, arena, &names, &n));
    if (n > 0)
        return ar_fail(AR_CONFLICT, "%s holds %.*s; want a folder that is empty or not there", path,
                       AR_FMT(names[0]));
    return *out_writable = path, ar_ok();
}

ar_err ar_folder_open(const char *path, ar_fd *out_folder)
{
    ar_auto(ar_fd) fd = { 0 };

    if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST) return ar_fail_errno("%s", path);
    fd = ar_fd_of(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd.n == 0) return ar_fail_errno("%s", path);
    *out_folder = ar_move(fd);
    return ar_ok();
}

/* Steps into the folder of that name, made when it is missing. */
static ar_err step_into(ar_fd *at, const char *name)
{
    ar_auto(ar_fd) next = { 0 };

    if (mkdirat(ar_fd_n(*at), name, FOLDER_MODE) != 0 && errno != EEXIST)
        return ar_fail_errno("cannot make the folder '%s'", name);
    next = ar_fd_of(openat(ar_fd_n(*at), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next.n == 0) return ar_fail_errno("cannot open the folder '%s'", name);
    ar_fd_done(at);
    *at = ar_move(next);
    return ar_ok();
}

static ar_err write_new(const ar_fd *folder, const char *name, ar_str text)
{
    ar_auto(ar_fd) fd = ar_fd_of(openat(
        ar_fd_n(*folder), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE));
    ar_err err;

    if (fd.n == 0) return ar_fail_errno("cannot write '%s'", name);
    err = ar_fd_write_all(ar_fd_n(fd), text);
    if (err.code != AR_OK) (void)unlinkat(ar_fd_n(*folder), name, 0); /* half a file is none */
    return err;
}

ar_err ar_folder_write(const ar_fd *folder, ar_str path, ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) at = { 0 };
    ar_str rest = path, part;

    AR_TRY(ar_folder_check(path));
    at = ar_fd_of(fcntl(ar_fd_n(*folder), F_DUPFD_CLOEXEC, 0));
    if (at.n == 0) return ar_fail_errno("'%.*s'", AR_FMT(path));
    while (ar_str_split(&rest, '/', &part)) {
        const char *name = ar_arena_cstr(&arena, part);

        AR_TRY_WITH(rest.ptr == NULL ? write_new(&at, name, text) : step_into(&at, name), "'%.*s'",
                    AR_FMT(path));
    }
    return ar_ok();
}
