#include "sys/secret.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void ar_secret_done(ar_secret *secret)
{
    if (secret->ptr != NULL) explicit_bzero(secret->ptr, secret->len);
    free(secret->ptr);
    *secret = (ar_secret){ 0 };
}

void ar_secret_set(ar_secret *secret, ar_str text)
{
    char *copy = malloc(text.len + 1);

    if (copy == NULL) abort();
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    ar_secret_done(secret);
    *secret = (ar_secret){ .ptr = copy, .len = text.len };
}

static ar_err check_file(int fd, const char *path, bool handed_over)
{
    unsigned others = handed_over ? 07 : 077;
    struct stat st;

    if (fstat(fd, &st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISREG(st.st_mode))
        return ar_fail(AR_INVALID, "%s is no regular file (want one that holds the secret)", path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return ar_fail(AR_DENIED, "%s belongs to uid %u (want a secret of your own, or root's)",
                       path, st.st_uid);
    if ((st.st_mode & others) != 0)
        return ar_fail(AR_DENIED, "%s is open to others (mode %04o; `chmod 600 %s` closes it)",
                       path, st.st_mode & 07777, path);
    if (st.st_size > AR_SECRET_MAX)
        return ar_fail(AR_LIMIT, "%s has %lld bytes, %d are the most of a secret", path,
                       (long long)st.st_size, AR_SECRET_MAX);
    return ar_ok();
}

static ar_err check_text(ar_str text, const char *path)
{
    if (text.len == 0) return ar_fail(AR_INVALID, "%s is empty (want the secret)", path);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return ar_fail(AR_INVALID,
                           "%s holds more than one line of text (want the secret alone)", path);
    return ar_ok();
}

ar_err ar_secret_read(const char *path, bool handed_over, ar_secret *out_secret)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    ar_auto(ar_secret) all = { .ptr = calloc(1, AR_SECRET_MAX + 1), .len = AR_SECRET_MAX };

    if (all.ptr == NULL) abort();
    if (fd.n == 0 && errno == ENOENT) return ar_fail(AR_NOT_FOUND, "%s is not there", path);
    if (fd.n == 0) return ar_fail_errno("%s", path);
    AR_TRY(check_file(ar_fd_n(fd), path, handed_over));

    ssize_t n = read(ar_fd_n(fd), all.ptr, AR_SECRET_MAX);

    if (n < 0) return ar_fail_errno("%s", path);

    ar_str text = ar_str_trim((ar_str){ .ptr = all.ptr, .len = (size_t)n });

    AR_TRY(check_text(text, path));
    ar_secret_set(out_secret, text);
    return ar_ok();
}
