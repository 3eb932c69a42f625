#include "inspect/finder.h"

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
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

/* Whose it is decides as whom it is read. What root owns and others may write is theirs. */
static void set_owner(ar_found_repo *repo, const struct stat *git, const struct stat *folder)
{
    bool is_roots = git->st_uid == 0 && folder->st_uid == 0;
    bool by_group = (git->st_mode & S_IWGRP) != 0 && git->st_gid != 0;
    bool by_all = (git->st_mode & S_IWOTH) != 0;

    repo->uid = git->st_uid != 0 ? git->st_uid : folder->st_uid;
    repo->gid = AR_FINDER_NOBODY;
    if (is_roots && (by_group || by_all)) repo->uid = AR_FINDER_NOBODY;
    if (is_roots && by_group) repo->gid = git->st_gid;
}

static void keep(ar_finder *f, ar_found_repo repo, int folder)
{
    struct stat git, around;

    if (fstat(folder, &around) != 0 ||
        fstatat(folder, repo.bare ? "." : ".git", &git, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    set_owner(&repo, &git, &around);
    if (f->n == AR_FINDER_REPOS_MAX) {
        f->cut = true;
        return;
    }
    ar_grow(f->arena, f->repos, f->n, f->cap);
    f->repos[f->n++] = repo;
}

/* A .git folder or file, or the folder itself; then nothing below it is a repository. */
static bool keep_if_repo(ar_finder *f, int folder, const char *path)
{
    ar_auto(ar_fd) git =
        ar_fd_of(openat(folder, ".git", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

    bool linked = ar_fd_n(git) < 0 && has(folder, ".git", S_IFREG);
    if (linked || (ar_fd_n(git) >= 0 && is_git_folder(ar_fd_n(git)))) {
        ar_str below = ar_str_of(ar_path_join(f->arena, path, ".git"));

        keep(f, (ar_found_repo){ .path = ar_str_of(path), .git = below, .linked = linked }, folder);
        return false;
    }
    if (!is_git_folder(folder)) return false;
    keep(f, (ar_found_repo){ .path = ar_str_of(path), .git = ar_str_of(path), .bare = true },
         folder);
    return true;
}

static bool first_time(ar_finder *f, const struct stat *st)
{
    ar_str key = ar_arena_printf(f->arena, "%jx:%jx", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
    bool is_new;

    (void)ar_map_put(&f->walked, f->arena, key, &is_new);
    return is_new;
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
    if (!first_time(f, &st)) return;
    if (++f->folders > AR_FINDER_FOLDERS_MAX) f->cut = true;
    if (f->cut || keep_if_repo(f, ar_fd_n(*folder), path)) return;
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
