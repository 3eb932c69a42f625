#include "inspect/finder.h"

#include "sys/file.h"
#include "sys/ticks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
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

static ar_finder_owner *owner_of(ar_finder *f, int64_t uid)
{
    char digits[24];
    ar_str key = { .ptr = digits,
                   .len = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)uid) };
    ar_map_value *known = ar_map_get(&f->by_uid, key);
    bool is_new;

    if (known != NULL) return known->ptr;

    ar_finder_owner *owner = ar_make_n(f->arena, ar_finder_owner, 1);

    owner->uid = uid;
    ar_map_put(&f->by_uid, f->arena, ar_arena_copy(f->arena, key), &is_new)->ptr = owner;
    ar_grow(f->arena, f->owners, f->n_owners, f->cap_owners);
    return f->owners[f->n_owners++] = owner;
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
    ar_finder_owner *owner = owner_of(f, repo.uid);

    if (owner->repos == AR_FINDER_REPOS_MAX) {
        owner->cut = true;
        return;
    }
    owner->repos++;
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

/* Whether one more folder of this owner is looked into. */
static bool admit(ar_finder *f, int64_t uid)
{
    ar_finder_owner *owner = owner_of(f, uid);

    if (owner->folders == AR_FINDER_FOLDERS_MAX) owner->cut = true;
    if (f->folders == AR_FINDER_ALL_MAX || ar_ticks_ms() > f->end_ms) f->cut = true;
    if (owner->cut || f->cut) return false;
    owner->folders++;
    f->folders++;
    return true;
}

static bool first_time(ar_finder *f, const struct stat *st)
{
    ar_str key = ar_arena_printf(f->arena, "%jx:%jx", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
    bool is_new;

    (void)ar_map_put(&f->walked, f->arena, key, &is_new);
    return is_new;
}

static bool is_to_be_looked_into(ar_finder *f, int folder, dev_t device)
{
    struct stat st;

    return fstat(folder, &st) == 0 && st.st_dev == device && admit(f, st.st_uid) &&
           first_time(f, &st);
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
    if (is_to_be_looked_into(f, ar_fd_n(next), device))
        look_below(f, &next, ar_path_join(f->arena, path, name), device, depth + 1);
}

/* Takes `folder`: readdir owns it from here. */
static void look_below(ar_finder *f, ar_fd *folder, const char *path, dev_t device, int depth)
{
    DIR *dir;

    if (keep_if_repo(f, ar_fd_n(*folder), path) || depth == AR_FINDER_DEPTH_MAX) return;
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
    if (finder->end_ms == 0) finder->end_ms = ar_ticks_ms() + AR_FINDER_MS_MAX;
    if (is_to_be_looked_into(finder, ar_fd_n(folder), st.st_dev))
        look_below(finder, &folder, path, st.st_dev, 0);
    return ar_ok();
}

bool ar_finder_is_partial(const ar_finder *finder)
{
    for (size_t i = 0; i < finder->n_owners; i++)
        if (finder->owners[i]->cut) return true;
    return finder->cut;
}
