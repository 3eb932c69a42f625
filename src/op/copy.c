#include "op/copy.h"

#include "sys/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20 };

const char ar_copy_database[] = "estate.duckdb";
const char ar_copy_log[] = "log/events.ndjson";

/* ---- files, copied and hashed at once ---- */

static void hash_free(EVP_MD_CTX **hash)
{
    EVP_MD_CTX_free(*hash);
}

static ar_err copy_all(int in, int out, const char *name, EVP_MD_CTX *hash, int64_t *out_bytes)
{
    ar_auto(ar_arena) arena = { 0 };
    char *chunk = ar_arena_take(&arena, COPY_BYTES);
    ssize_t n;

    while ((n = pread(in, chunk, COPY_BYTES, *out_bytes)) > 0) {
        if (EVP_DigestUpdate(hash, chunk, (size_t)n) != 1) return ar_fail(AR_IO, "SHA-256 failed");
        AR_TRY_WITH(ar_fd_write_all(out, (ar_str){ chunk, (size_t)n }), "%s", name);
        *out_bytes += n;
    }
    return n < 0 ? ar_fail_errno("%s", name) : ar_ok();
}

ar_err ar_copy_open(int in, const char *from, const char *to, ar_copied *out)
{
    __attribute__((cleanup(hash_free))) EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len;
    ar_auto(ar_fd) made = ar_fd_of(open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

    if (ar_fd_n(made) < 0) return ar_fail_errno("%s", to);
    if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        return ar_fail(AR_IO, "SHA-256 failed");
    *out = (ar_copied){ 0 };
    AR_TRY(copy_all(in, ar_fd_n(made), from, hash, &out->bytes));
    if (EVP_DigestFinal_ex(hash, digest, &digest_len) != 1) return ar_fail(AR_IO, "SHA-256 failed");
    if (fsync(ar_fd_n(made)) != 0) return ar_fail_errno("%s", to);
    ar_hex(digest, digest_len, out->sha256);
    return ar_ok();
}

ar_err ar_copy_file(const char *from, const char *to, ar_copied *out)
{
    /* without O_NONBLOCK a pipe that nobody writes to would hold us up */
    ar_auto(ar_fd) in = ar_fd_of(open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat st;

    if (ar_fd_n(in) < 0 || fstat(ar_fd_n(in), &st) != 0) return ar_fail_errno("%s", from);
    if (!S_ISREG(st.st_mode)) return ar_fail(AR_INVALID, "%s is no regular file", from);
    return ar_copy_open(ar_fd_n(in), from, to, out);
}

/* ---- what a home consists of ---- */

bool ar_copy_skips(ar_str name)
{
    static const ar_str names[] = { AR_LIT("run"), AR_LIT("tmp"), AR_LIT("backup"),
                                    AR_LIT("restoring") };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (ar_str_eq(name, names[i])) return true;
    return false;
}

bool ar_copy_takes(ar_str path)
{
    ar_str rest = path, part, first = { 0 };
    size_t n = 0;

    if (ar_str_eq(path, ar_str_of(ar_copy_database)) || ar_str_eq(path, ar_str_of(ar_copy_log)))
        return true;
    if (!ar_str_ends(path, AR_LIT(".yaml")) || memchr(path.ptr, '\0', path.len) != NULL)
        return false;
    while (ar_str_split(&rest, '/', &part)) {
        if (part.len == 0 || part.ptr[0] == '.') return false;
        if (n++ == 0) first = part;
    }
    return n == 1 || (n == 2 && !ar_copy_skips(first) && !ar_str_eq(first, AR_LIT("log")));
}

ar_err ar_copy_parent(ar_arena *arena, const char *base, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) return ar_ok();
    return ar_dir_make(
        ar_path_join(arena, base, ar_arena_cstr(arena, (ar_str){ path, (size_t)(slash - path) })),
        0700);
}

/* ---- names ---- */

/* "2026-11-21T093000Z": sorts by time, and is a file name everywhere. */
static ar_str stamp(ar_arena *arena, ar_time now)
{
    char text[AR_TIME_LEN];
    ar_auto(ar_buf) name = { 0 };

    (void)ar_time_print(ar_time_to_second(now), text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != ':') ar_buf_addc(&name, *c);
    return ar_arena_copy(arena, ar_buf_str(&name));
}

const char *ar_copy_name(ar_arena *arena, const char *folder, const char *before, ar_time now,
                         const char *after)
{
    ar_str when = stamp(arena, now);
    ar_str name = ar_arena_printf(arena, "%s%.*s%s", before, AR_FMT(when), after);

    for (int i = 2; ar_file_exists(ar_path_join(arena, folder, name.ptr)); i++)
        name = ar_arena_printf(arena, "%s%.*s-%d%s", before, AR_FMT(when), i, after);
    return ar_path_join(arena, folder, name.ptr);
}
