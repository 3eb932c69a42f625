#include "inspect/finder.h"

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const passed_over[] = { "node_modules", ".cache", ".cargo", ".npm", ".rustup",
                                           "__pycache__",  ".venv",  "proc",   "sys" };

static bool is_passed_over(const char *name)
{
    for (size_t i = 0; i < AR_COUNT(passed_over); i++)
        if (strcmp(name, passed_over[i]) == 0) return true;
    return false;
}

static bool has(int folder, const char *name, mode_t type)
{
    struct stat st;

    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type;
}

static bool is_git_folder(int folder)
{
    return has(folder, "HEAD", S_IFREG) && has(folder, "objects", S_IFDIR) &&
           has(folder, "refs", S_IFDIR);
}

static void keep(ar_finder *f, const char *path, const char *git, bool linked, int64_t uid)
{
    if (f->n == AR_FINDER_REPOS_MAX) {
        f->cut = true;
        return;
    }
    ar_grow(f->arena, f->repos, f->n, f->cap);
    f->repos[f->n++] = (ar_found_repo){
        .path = ar_str_of(path),
        .git = ar_str_of(git),
        .bare = strcmp(path, git) == 0,
        .linked = linked,
        .uid = uid,
    };
}

/* A .git folder or file, or the folder itself; then nothing below it is a repository. */
static bool keep_if_repo(ar_finder *f, int folder, const char *path, int64_t uid)
{
    ar_auto(ar_fd) git =
        ar_fd_of(openat(folder, ".git", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

    bool linked = ar_fd_n(git) < 0 && has(folder, ".git", S_IFREG);
    if (linked || (ar_fd_n(git) >= 0 && is_git_folder(ar_fd_n(git)))) {
        keep(f, path, ar_path_join(f->arena, path, ".git"), linked, uid);
        return false;
    }
    if (!is_git_folder(folder)) return false;
    keep(f, path, path, false, uid);
    return true;
}

static void look_below(ar_finder *f, ar_fd *folder, const char *path, dev_t device, int depth);

static void step_into(ar_finder *f, int folder, const char *path, const char *name, dev_t device,
                      int depth)
{
    ar_auto(ar_fd) next =
        ar_fd_of(openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

    if (ar_fd_n(next) < 0) {
        f->denied += errno == EACCES || errno == EPERM;
        return;
    }
    look_below(f, &next, ar_path_join(f->arena, path, name), device, depth + 1);
}

/* Takes `folder`: readdir owns it from here. */
static void look_below(ar_finder *f, ar_fd *folder, const char *path, dev_t device, int depth)
{
    struct stat st;
    DIR *dir;

    if (fstat(ar_fd_n(*folder), &st) != 0 || st.st_dev != device) return;
    if (++f->folders > AR_FINDER_FOLDERS_MAX) f->cut = true;
    if (f->cut || keep_if_repo(f, ar_fd_n(*folder), path, st.st_uid)) return;
    if (depth == AR_FINDER_DEPTH_MAX) return;
    dir = fdopendir(ar_fd_n(*folder));
    if (dir == NULL) return;
    *folder = (ar_fd){ 0 };
    for (struct dirent *e; (e = readdir(dir)) != NULL && !f->cut;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (strcmp(e->d_name, ".git") == 0 || is_passed_over(e->d_name)) continue;
        if (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN)
            step_into(f, dirfd(dir), path, e->d_name, device, depth);
    }
    closedir(dir);
}

ar_err ar_finder_look(ar_finder *finder, const char *root)
{
    const char *path = ar_path_absolute(finder->arena, root);
    ar_auto(ar_fd) folder = ar_fd_of(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat st;

    if (ar_fd_n(folder) < 0 && (errno == EACCES || errno == EPERM))
        return ar_fail(AR_DENIED, "%s: permission denied", path);
    if (ar_fd_n(folder) < 0 || fstat(ar_fd_n(folder), &st) != 0)
        return ar_fail(AR_NOT_FOUND, "%s: no such folder", path);
    look_below(finder, &folder, path, st.st_dev, 0);
    return ar_ok();
}
