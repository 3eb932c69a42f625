#include "inspect/look.h"

#include "inspect/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static ar_err open_failed(const char *path)
{
    if (errno == ENOENT || errno == ENOTDIR) return ar_fail(AR_NOT_FOUND, "%s: not there", path);
    if (errno == EACCES || errno == EPERM) return ar_fail(AR_DENIED, "%s: permission denied", path);
    if (errno == ELOOP) return ar_fail(AR_INVALID, "%s: a link, not followed", path);
    return ar_fail_errno("%s", path);
}

/* Below a made root every link must stay inside it; at "/" an ordinary open is the same thing and
 * asks less of the sandbox. */
static int open_below(const ar_look *look, const char *path, int flags)
{
    struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT };

    if (look->live) return open(path, flags | O_CLOEXEC);
    while (*path == '/') path++;
    return (int)syscall(SYS_openat2, ar_fd_n(look->root), *path == '\0' ? "." : path, &how,
                        sizeof how);
}

ar_err ar_look_open(const char *root, ar_time now, ar_arena *arena, ar_look *out_look)
{
    const char *path = ar_path_absolute(arena, root == NULL ? "/" : root);
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) return open_failed(path);
    *out_look = (ar_look){
        .root = ar_fd_of(fd),
        .live = strcmp(path, "/") == 0,
        .root_path = ar_str_of(path),
        .now = now,
    };
    return ar_ok();
}

void ar_look_done(ar_look *look)
{
    ar_fd_done(&look->root);
    *look = (ar_look){ 0 };
}

/* O_NONBLOCK: opening a pipe for reading does not wait; it is then refused as no regular file. */
static ar_err keep_regular(int fd, const char *path, ar_fd *out_fd, struct stat *out_st)
{
    ar_auto(ar_fd) held = ar_fd_of(fd);

    if (fd < 0) return open_failed(path);
    if (fstat(fd, out_st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISREG(out_st->st_mode)) return ar_fail(AR_INVALID, "%s: not a regular file", path);
    *out_fd = ar_move(held);
    return ar_ok();
}

ar_err ar_look_fd(const ar_look *look, const char *path, ar_fd *out_fd)
{
    struct stat st;

    return keep_regular(open_below(look, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), path, out_fd,
                        &st);
}

static ar_err read_up_to(int fd, const char *path, size_t max, bool head_only, ar_arena *arena,
                         ar_str *out_text)
{
    ar_auto(ar_buf) buf = { 0 };

    for (;;) {
        size_t want = max + 1 - buf.len < 65536 ? max + 1 - buf.len : 65536;
        ssize_t n = read(fd, ar_buf_room(&buf, want), want);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return open_failed(path);
        if (n == 0) break;
        buf.len += (size_t)n;
        if (buf.len <= max) continue;
        if (!head_only) return ar_fail(AR_LIMIT, "%s: longer than %zu bytes", path, max);
        buf.len = max;
        break;
    }
    *out_text = ar_arena_copy(arena, ar_buf_str(&buf));
    return ar_ok();
}

static ar_err read_kept(int fd, const char *path, size_t max, bool head_only, ar_arena *arena,
                        ar_look_file *out_file)
{
    ar_auto(ar_fd) held = { 0 };
    struct stat st;
    ar_str text;

    AR_TRY(keep_regular(fd, path, &held, &st));
    AR_TRY(read_up_to(ar_fd_n(held), path, max, head_only, arena, &text));
    *out_file = (ar_look_file){
        .text = text,
        .changed_at = (ar_time)st.st_mtim.tv_sec * AR_SECOND,
        .mode = st.st_mode & 07777,
        .uid = st.st_uid,
        .gid = st.st_gid,
    };
    return ar_ok();
}

ar_err ar_look_read(const ar_look *look, const char *path, size_t max, ar_arena *arena,
                    ar_look_file *out_file)
{
    return read_kept(open_below(look, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), path, max, false,
                     arena, out_file);
}

/* Opens `below` one component at a time, following no link; takes `dir`. */
static int open_own(ar_fd dir, ar_str below, int flags)
{
    ar_auto(ar_fd) at = dir;
    ar_str part;

    while (ar_str_split(&below, '/', &part)) {
        char name[256];
        bool last = below.ptr == NULL;
        int step = last ? flags : O_PATH | O_DIRECTORY;

        if (part.len == 0 || ar_str_eq(part, AR_LIT("."))) continue;
        if (part.len >= sizeof name || ar_str_eq(part, AR_LIT("..")) ||
            memchr(part.ptr, 0, part.len) != NULL) {
            errno = ENOENT;
            return -1;
        }
        memcpy(name, part.ptr, part.len);
        name[part.len] = '\0';
        int next = openat(ar_fd_n(at), name, step | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 || last) return next;
        ar_fd_done(&at);
        at = ar_fd_of(next);
    }
    errno = ENOENT;
    return -1;
}

ar_err ar_look_read_own(const ar_look *look, const char *base, const char *below, size_t max,
                        bool head_only, ar_arena *arena, ar_look_file *out_file)
{
    int dir = open_below(look, base, O_PATH | O_DIRECTORY);

    if (dir < 0) return open_failed(base);
    while (*below == '/') below++;
    return read_kept(open_own(ar_fd_of(dir), ar_str_of(below), O_RDONLY | O_NONBLOCK | O_NOCTTY),
                     ar_path_join(arena, base, below), max, head_only, arena, out_file);
}

bool ar_look_stat(const ar_look *look, const char *path, struct stat *out_st)
{
    ar_auto(ar_fd) fd = ar_fd_of(open_below(look, path, O_PATH));

    return ar_fd_n(fd) >= 0 && fstat(ar_fd_n(fd), out_st) == 0;
}

bool ar_look_exists(const ar_look *look, const char *path)
{
    struct stat st;

    return ar_look_stat(look, path, &st);
}

/* Names of the folder `fd`, which it takes. */
static ar_err list_names(int fd, const char *path, ar_arena *arena, ar_str **out_names,
                         size_t *out_n)
{
    DIR *dir = fdopendir(fd);
    ar_str *names = NULL;
    size_t n = 0, cap = 0;

    if (dir == NULL) {
        close(fd);
        return open_failed(path);
    }
    for (struct dirent *e; n < AR_LOOK_NAMES_MAX && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        ar_grow(arena, names, n, cap);
        names[n++] = ar_arena_copy(arena, ar_str_of(e->d_name));
    }
    closedir(dir);
    if (n == AR_LOOK_NAMES_MAX)
        return ar_fail(AR_LIMIT, "%s: more than %d entries", path, (int)AR_LOOK_NAMES_MAX);
    ar_str_sort(names, n);
    *out_names = names;
    *out_n = n;
    return ar_ok();
}

ar_err ar_look_list(const ar_look *look, const char *path, bool own, ar_arena *arena,
                    ar_str **out_names, size_t *out_n)
{
    int fd = open_below(look, path, O_RDONLY | O_DIRECTORY | (own ? O_NOFOLLOW : 0));

    if (fd < 0) return open_failed(path);
    return list_names(fd, path, arena, out_names, out_n);
}

ar_str ar_look_link(const ar_look *look, const char *path, ar_arena *arena)
{
    ar_auto(ar_fd) fd = ar_fd_of(open_below(look, path, O_PATH | O_NOFOLLOW));
    char to[4096];
    ssize_t n = ar_fd_n(fd) < 0 ? -1 : readlinkat(ar_fd_n(fd), "", to, sizeof to);

    if (n <= 0) return (ar_str){ 0 };
    return ar_arena_copy(arena, (ar_str){ .ptr = to, .len = (size_t)n });
}

ar_str ar_look_real(const ar_look *look, const char *path, ar_arena *arena)
{
    ar_auto(ar_fd) fd = ar_fd_of(open_below(look, path, O_PATH));
    char self[64], to[4096];
    ssize_t n;
    ar_str real;

    if (ar_fd_n(fd) < 0) return (ar_str){ 0 };
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", ar_fd_n(fd));
    n = readlink(self, to, sizeof to);
    if (n <= 0) return (ar_str){ 0 };
    real = (ar_str){ .ptr = to, .len = (size_t)n };
    if (!look->live && ar_str_starts(real, look->root_path))
        real = ar_str_cut(real, look->root_path.len, real.len);
    return ar_arena_copy(arena, real.len == 0 ? AR_LIT("/") : real);
}

ar_err ar_look_glob(const ar_look *look, ar_str pattern, ar_arena *arena, ar_str **out_paths,
                    size_t *out_n)
{
    size_t slash = pattern.len;
    size_t cap = 0;
    ar_str *names;
    size_t n;

    *out_paths = NULL;
    *out_n = 0;
    while (slash > 0 && pattern.ptr[slash - 1] != '/') slash--;
    if (slash == 0) return ar_ok();

    const char *folder = ar_arena_cstr(arena, ar_str_cut(pattern, 0, slash));
    ar_str last = ar_str_cut(pattern, slash, pattern.len);
    ar_err err = ar_look_list(look, folder, false, arena, &names, &n);

    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    for (size_t i = 0; i < n; i++) {
        if (names[i].ptr[0] == '.' || !ar_glob_match(last, names[i])) continue;
        ar_grow(arena, *out_paths, *out_n, cap);
        (*out_paths)[(*out_n)++] = ar_str_of(ar_path_join(arena, folder, names[i].ptr));
    }
    return ar_ok();
}

ar_value ar_look_time(int64_t seconds)
{
    if (seconds <= 0 || seconds > AR_TIME_MAX / AR_SECOND) return ar_null();
    return ar_at(seconds * AR_SECOND);
}
