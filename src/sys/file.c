#include "sys/file.h"
#include "sys/ticks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char draft_prefix[] = ".aright-";

enum {
    READ_STEP = 64 * 1024,
    COPY_STEP = 1 << 30,
    DRAFT_DIGITS = 16,
    NAME_LEN = 32, /* of a draft: the prefix and its digits */
};

/* errno as a failure: what was tried, on what, and the system's sentence. */
static ar_err fail_path(const char *tried, ar_str path)
{
    int number = errno;
    enum ar_code code = AR_IO;

    if (number == ENOENT || number == ENOTDIR) code = AR_NOT_FOUND;
    if (number == EACCES || number == EPERM || number == EROFS) code = AR_DENIED;
    return ar_fail(code, "cannot %s '%.*s': %s", tried, AR_FMT(path), strerrordesc_np(number));
}

void ar_fd_done(ar_fd *fd)
{
    if (fd->n != 0) (void)close(ar_fd_n(*fd));
    *fd = (ar_fd){ 0 };
}

/* ---- reading ---- */

static ar_err fail_large(ar_str name, size_t max)
{
    return ar_fail(AR_LIMIT, "'%.*s' is larger than %zu bytes", AR_FMT(name), max);
}

/* Waits until a descriptor that does not block is ready. */
static bool wait_ready(int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };

    return poll(&p, 1, -1) > 0 || errno == EINTR;
}

static ssize_t read_some(int fd, char *to, size_t len)
{
    for (;;) {
        ssize_t got = read(fd, to, len);

        if (got >= 0) return got;
        if (errno == EINTR || (errno == EAGAIN && wait_ready(fd, POLLIN))) continue;
        return -1;
    }
}

ar_err ar_fd_read_all(int fd, ar_str name, size_t max, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) buf = { 0 };
    struct stat st;
    size_t step = READ_STEP;

    /* one step for a file of known size; those under /proc say 0 and are read in steps */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        if ((size_t)st.st_size > max) return fail_large(name, max);
        step = (size_t)st.st_size + 1;
    }
    for (;;) {
        ssize_t got = read_some(fd, ar_buf_room(&buf, step), step);

        if (got < 0) return fail_path("read", name);
        if (got == 0) break;
        buf.len += (size_t)got;
        if (buf.len > max) return fail_large(name, max);
        step = READ_STEP;
    }
    *out_text = ar_arena_copy(arena, ar_buf_str(&buf));
    return ar_ok();
}

/* Waits for something to read, or the end. */
static ar_err wait_until(int fd, ar_str name, int64_t deadline_ms)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = deadline_ms - ar_ticks_ms();
        int ready = left <= 0 ? 0 : poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);

        if (ready > 0) return ar_ok();
        if (ready == 0 && left < INT_MAX)
            return ar_fail(AR_UNAVAILABLE, "'%.*s' did not end in time", AR_FMT(name));
        if (ready < 0 && errno != EINTR) return fail_path("read", name);
    }
}

ar_err ar_fd_read_all_within(int fd, ar_str name, size_t max, int64_t ms, ar_arena *arena,
                             ar_str *out_text)
{
    ar_auto(ar_buf) buf = { 0 };
    int64_t deadline_ms = ar_ticks_ms() + ms;

    for (;;) {
        AR_TRY(wait_until(fd, name, deadline_ms));

        ssize_t got = read_some(fd, ar_buf_room(&buf, READ_STEP), READ_STEP);

        if (got < 0) return fail_path("read", name);
        if (got == 0) break;
        buf.len += (size_t)got;
        if (buf.len > max) return fail_large(name, max);
    }
    *out_text = ar_arena_copy(arena, ar_buf_str(&buf));
    return ar_ok();
}

/* Without O_NONBLOCK the open of a pipe nobody writes to would wait for ever. */
static ar_err open_regular(const char *path, ar_fd *out_fd)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat st;

    if (fd.n == 0 || fstat(ar_fd_n(fd), &st) != 0) return fail_path("open", ar_str_of(path));
    if (!S_ISREG(st.st_mode))
        return ar_fail(AR_INVALID, "'%s' is %s, want a file", path,
                       S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
    *out_fd = ar_move(fd);
    return ar_ok();
}

ar_err ar_file_read(const char *path, size_t max, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_fd) fd = { 0 };

    AR_TRY(open_regular(path, &fd));
    return ar_fd_read_all(ar_fd_n(fd), ar_str_of(path), max, arena, out_text);
}

bool ar_file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

ar_err ar_file_stamp_read(const char *path, ar_file_stamp *out_stamp)
{
    struct stat st;

    if (stat(path, &st) != 0) return fail_path("look at", ar_str_of(path));
    *out_stamp = (ar_file_stamp){ .inode = st.st_ino,
                                  .size = st.st_size,
                                  .written_ns = nanoseconds(st.st_mtim),
                                  .changed_ns = nanoseconds(st.st_ctim) };
    return ar_ok();
}

ar_err ar_file_map(int fd, ar_str name, ar_mapped *out_mapped)
{
    struct stat st;

    if (fstat(fd, &st) != 0) return fail_path("map", name);
    if (!S_ISREG(st.st_mode)) return ar_fail(AR_INVALID, "'%.*s' is no file", AR_FMT(name));
    if (st.st_size == 0) return *out_mapped = (ar_mapped){ AR_LIT("") }, ar_ok();

    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (at == MAP_FAILED) return fail_path("map", name);
    *out_mapped = (ar_mapped){ .text = { .ptr = at, .len = (size_t)st.st_size } };
    return ar_ok();
}

void ar_mapped_done(ar_mapped *mapped)
{
    /* munmap takes a plain pointer for what was never writable */
    if (mapped->text.len > 0) (void)munmap((void *)(uintptr_t)mapped->text.ptr, mapped->text.len);
    *mapped = (ar_mapped){ 0 };
}

/* ---- writing ---- */

ar_err ar_fd_write_all(int fd, ar_str text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.ptr, text.len);

        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EAGAIN && wait_ready(fd, POLLOUT)) continue;
        if (put < 0) return ar_fail_errno("cannot write");
        text = ar_str_cut(text, (size_t)put, text.len);
    }
    return ar_ok();
}

static ar_err open_memory(ar_fd *out_fd)
{
    *out_fd = ar_fd_of(memfd_create("aright", MFD_CLOEXEC));
    return out_fd->n == 0 ? ar_fail_errno("cannot make a file in memory") : ar_ok();
}

static ar_err rewind_to(ar_fd *fd, ar_fd *out_fd)
{
    if (lseek(ar_fd_n(*fd), 0, SEEK_SET) != 0) return ar_fail_errno("cannot make a file in memory");
    *out_fd = ar_move(*fd);
    return ar_ok();
}

ar_err ar_fd_holding(ar_str text, ar_fd *out_fd)
{
    ar_auto(ar_fd) fd = { 0 };

    AR_TRY(open_memory(&fd));
    AR_TRY(ar_fd_write_all(ar_fd_n(fd), text));
    return rewind_to(&fd, out_fd);
}

ar_err ar_fd_spool(int from, ar_str name, size_t max, ar_fd *out_fd)
{
    ar_auto(ar_fd) fd = { 0 };
    char bytes[READ_STEP];
    size_t len = 0;
    ssize_t n;

    AR_TRY(open_memory(&fd));
    while ((n = read_some(from, bytes, sizeof bytes)) > 0) {
        len += (size_t)n;
        if (len > max) return fail_large(name, max);
        AR_TRY(ar_fd_write_all(ar_fd_n(fd), (ar_str){ bytes, (size_t)n }));
    }
    if (n < 0) return fail_path("read", name);
    return rewind_to(&fd, out_fd);
}

/* A file being written beside the one that it will replace; gone again unless it is kept. */
typedef struct draft {
    const char *path;
    const char *base; /* last part of the path */
    ar_fd folder, fd;
    char name[NAME_LEN];
} draft;

static void draft_done(draft *d)
{
    if (d->fd.n != 0) (void)unlinkat(ar_fd_n(d->folder), d->name, 0);
    ar_fd_done(&d->fd);
    ar_fd_done(&d->folder);
}

#define auto_draft __attribute__((cleanup(draft_done))) draft

static ar_err draft_open(const char *path, unsigned mode, draft *d)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    uint64_t number;

    d->path = path;
    d->base = slash == NULL ? path : slash + 1;
    if (d->base[0] == '\0' || (size_t)(d->base - path) >= sizeof folder)
        return ar_fail(AR_INVALID, "'%s' is not the name of a file", path);
    (void)snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(d->base - path),
                   slash == NULL ? "." : path);
    d->folder = ar_fd_of(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (d->folder.n == 0) return fail_path("write", ar_str_of(path));

    if (getrandom(&number, sizeof number, 0) != sizeof number) return ar_fail_errno("getrandom");
    (void)snprintf(d->name, sizeof d->name, "%s%0*llx", draft_prefix, (int)DRAFT_DIGITS,
                   (unsigned long long)number);
    d->fd = ar_fd_of(openat(ar_fd_n(d->folder), d->name,
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (d->fd.n == 0) return fail_path("write", ar_str_of(path));
    if (fchmod(ar_fd_n(d->fd), mode) != 0) return fail_path("write", ar_str_of(path));
    return ar_ok();
}

static ar_err draft_keep(draft *d)
{
    if (fsync(ar_fd_n(d->fd)) != 0 ||
        renameat(ar_fd_n(d->folder), d->name, ar_fd_n(d->folder), d->base) != 0)
        return fail_path("write", ar_str_of(d->path));
    ar_fd_done(&d->fd); /* the name is taken: nothing to unlink */
    if (fsync(ar_fd_n(d->folder)) != 0) return fail_path("write", ar_str_of(d->path));
    return ar_ok();
}

ar_err ar_file_write(const char *path, ar_str text, unsigned mode)
{
    auto_draft d = { 0 };

    AR_TRY(draft_open(path, mode, &d));
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(d.fd), text), "'%s'", path);
    return draft_keep(&d);
}

/* Lets the file system share or copy what it can; the rest, also what stands under /proc, goes
 * through our hands. */
static ar_err copy_bytes(int from, const char *name, int to, const char *to_name)
{
    char bytes[READ_STEP];
    loff_t at = 0;
    ssize_t n;

    while (copy_file_range(from, &at, to, NULL, COPY_STEP, 0) > 0) {
    }
    while ((n = pread(from, bytes, sizeof bytes, at)) > 0) {
        AR_TRY_WITH(ar_fd_write_all(to, (ar_str){ bytes, (size_t)n }), "'%s'", to_name);
        at += n;
    }
    if (n < 0) return fail_path("read", ar_str_of(name));
    return ar_ok();
}

ar_err ar_fd_copy(int from, const char *name, const char *to, unsigned mode)
{
    auto_draft d = { 0 };

    AR_TRY(draft_open(to, mode, &d));
    AR_TRY(copy_bytes(from, name, ar_fd_n(d.fd), to));
    return draft_keep(&d);
}

ar_err ar_file_copy(const char *from, const char *to, unsigned mode)
{
    ar_auto(ar_fd) source = { 0 };

    AR_TRY(open_regular(from, &source));
    return ar_fd_copy(ar_fd_n(source), from, to, mode);
}

/* ---- folders ---- */

static ar_err make_one(const char *path, unsigned mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0) return ar_ok();
    if (errno == EEXIST && stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) return ar_ok();
        return ar_fail(AR_CONFLICT, "cannot make the folder '%s': a file is in its place", path);
    }
    return fail_path("make the folder", ar_str_of(path));
}

ar_err ar_dir_make(const char *path, unsigned mode)
{
    ar_auto(ar_arena) arena = { 0 };
    char *whole = ar_arena_take(&arena, strlen(path) + 1);

    memcpy(whole, path, strlen(path));
    for (char *slash = strchr(whole + (*whole == '/'), '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        AR_TRY(make_one(whole, mode));
        *slash = '/';
    }
    return make_one(whole, mode);
}

ar_err ar_dir_sync(const char *path)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

    if (fd.n == 0 || fsync(ar_fd_n(fd)) != 0) return fail_path("sync", ar_str_of(path));
    return ar_ok();
}

static void close_dir(DIR **dir)
{
    if (*dir != NULL) (void)closedir(*dir);
}

#define auto_dir __attribute__((cleanup(close_dir))) DIR *

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

ar_err ar_dir_list(const char *path, ar_arena *arena, ar_str **out_names, size_t *out_n)
{
    auto_dir dir = opendir(path);
    ar_str *names = NULL;
    size_t n = 0, cap = 0;

    if (dir == NULL) return fail_path("list", ar_str_of(path));
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);

        if (entry == NULL && errno != 0) return fail_path("list", ar_str_of(path));
        if (entry == NULL) break;
        if (is_dots(entry->d_name)) continue;
        if (n == AR_DIR_NAMES_MAX)
            return ar_fail(AR_LIMIT, "'%s' has more than %d names", path, (int)AR_DIR_NAMES_MAX);
        ar_grow(arena, names, n, cap);
        names[n++] = ar_arena_copy(arena, ar_str_of(entry->d_name));
    }
    ar_str_sort(names, n);
    *out_names = names;
    *out_n = n;
    return ar_ok();
}

static ar_err remove_below(int folder, const char *name, dev_t device, int depth);

static ar_err remove_entry(int folder, const char *name, dev_t device, int depth)
{
    if (unlinkat(folder, name, 0) == 0) return ar_ok();
    if (errno != EISDIR && errno != EPERM) return fail_path("remove", ar_str_of(name));
    AR_TRY(remove_below(folder, name, device, depth));
    if (unlinkat(folder, name, AT_REMOVEDIR) != 0) return fail_path("remove", ar_str_of(name));
    return ar_ok();
}

/* Empties the folder `name`. Works on descriptors, so that a name that is turned into a link
 * meanwhile leads nowhere. */
static ar_err remove_below(int folder, const char *name, dev_t device, int depth)
{
    ar_auto(ar_fd) fd =
        ar_fd_of(openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    struct stat st;

    if (fd.n == 0 || fstat(ar_fd_n(fd), &st) != 0) return fail_path("remove", ar_str_of(name));
    if (depth > 0 && st.st_dev != device)
        return ar_fail(AR_CONFLICT, "cannot remove '%s': another file system is mounted there",
                       name);
    if (depth >= AR_DIR_DEPTH_MAX)
        return ar_fail(AR_LIMIT, "cannot remove '%s': more than %d folders deep", name,
                       (int)AR_DIR_DEPTH_MAX);

    auto_dir dir = fdopendir(ar_fd_n(fd));

    if (dir == NULL) return fail_path("remove", ar_str_of(name));
    fd = (ar_fd){ 0 }; /* now the DIR's */
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);

        if (entry == NULL && errno != 0) return fail_path("remove", ar_str_of(name));
        if (entry == NULL) return ar_ok();
        if (!is_dots(entry->d_name))
            AR_TRY_WITH(remove_entry(dirfd(dir), entry->d_name, st.st_dev, depth + 1), "%s", name);
    }
}

ar_err ar_dir_remove(const char *path)
{
    AR_TRY(remove_below(AT_FDCWD, path, 0, 0));
    if (rmdir(path) != 0) return fail_path("remove", ar_str_of(path));
    return ar_ok();
}

/* ---- drafts ---- */

static bool is_draft(ar_str name)
{
    if (!ar_str_starts(name, ar_str_of(draft_prefix))) return false;

    ar_str digits = ar_str_cut(name, sizeof draft_prefix - 1, name.len);

    return digits.len == DRAFT_DIGITS && strspn(digits.ptr, "0123456789abcdef") == digits.len;
}

ar_err ar_drafts_remove(const char *folder)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(folder, &arena, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (is_draft(names[i]) && unlink(ar_path_join(&arena, folder, names[i].ptr)) != 0)
            return fail_path("remove", names[i]);
    return ar_ok();
}

/* ---- locks ---- */

static int holder_of(int fd)
{
    char text[16];
    ssize_t n = pread(fd, text, sizeof text, 0);
    int64_t pid = 0;

    if (n <= 0 || !ar_str_int(ar_str_trim((ar_str){ text, (size_t)n }), &pid)) return 0;
    return pid > 0 && pid <= INT_MAX ? (int)pid : 0;
}

ar_err ar_file_lock(const char *path, ar_fd *out_lock, int *out_holder)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char text[16];

    if (fd.n == 0) return fail_path("lock", ar_str_of(path));
    if (fcntl(ar_fd_n(fd), F_OFD_SETLK, &whole) != 0) {
        if (errno != EAGAIN && errno != EACCES) return fail_path("lock", ar_str_of(path));
        *out_holder = holder_of(ar_fd_n(fd));
        return ar_fail(AR_CONFLICT, "'%s' is locked by process %d", path, *out_holder);
    }
    int len = snprintf(text, sizeof text, "%d\n", (int)getpid());

    if (ftruncate(ar_fd_n(fd), 0) != 0 || pwrite(ar_fd_n(fd), text, (size_t)len, 0) != len)
        return fail_path("lock", ar_str_of(path));
    *out_lock = ar_move(fd);
    return ar_ok();
}

/* ---- paths ---- */

const char *ar_path_join(ar_arena *arena, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    bool slash = len > 0 && folder[len - 1] == '/';

    return ar_arena_printf(arena, "%s%s%s", folder, slash || len == 0 ? "" : "/", name).ptr;
}

/* Without ".", ".." and doubled slashes, by text alone. */
static const char *tidy_path(ar_arena *arena, const char *path)
{
    char *tidy = ar_arena_take(arena, strlen(path) + 2);
    ar_str rest = ar_str_of(path), part;
    size_t len = 0;

    while (ar_str_split(&rest, '/', &part)) {
        if (part.len == 0 || ar_str_eq(part, AR_LIT("."))) continue;
        if (ar_str_eq(part, AR_LIT(".."))) {
            while (len > 0 && tidy[--len] != '/') {
            }
            continue;
        }
        tidy[len++] = '/';
        memcpy(tidy + len, part.ptr, part.len);
        len += part.len;
    }
    if (len == 0) tidy[len++] = '/';
    tidy[len] = '\0';
    return tidy;
}

const char *ar_path_absolute(ar_arena *arena, const char *path)
{
    char real[PATH_MAX], here[PATH_MAX];

    if (realpath(path, real) != NULL) return ar_arena_cstr(arena, ar_str_of(real));
    if (path[0] == '/' || getcwd(here, sizeof here) == NULL) return tidy_path(arena, path);
    return tidy_path(arena, ar_path_join(arena, here, path));
}

ar_err ar_path_self(ar_arena *arena, const char **out_program)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);

    if (n < 0) return ar_fail_errno("cannot tell where this program lies");
    *out_program = ar_arena_cstr(arena, (ar_str){ path, (size_t)n });
    return ar_ok();
}
