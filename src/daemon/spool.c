#include "daemon/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

static ar_str unsent(const ar_spool *s)
{
    return ar_str_cut(ar_buf_str(&s->tail), s->tail_sent, s->tail.len);
}

bool ar_spool_is_empty(const ar_spool *s)
{
    return s->file_sent == s->file_len && s->tail_sent == s->tail.len;
}

void ar_spool_done(ar_spool *s)
{
    ar_buf_done(&s->tail);
    ar_fd_done(&s->file);
    *s = (ar_spool){ 0 };
}

/* ---- out ---- */

static ssize_t send_from_file(ar_spool *s, int fd, size_t most)
{
    off_t at = s->file_sent;
    size_t left = (size_t)(s->file_len - s->file_sent);
    ssize_t n = sendfile(fd, ar_fd_n(s->file), &at, left < most ? left : most);

    if (n > 0) s->file_sent += n;
    if (s->file_sent == s->file_len) {
        ar_fd_done(&s->file);
        s->file_sent = s->file_len = 0;
    }
    return n;
}

static ssize_t send_from_tail(ar_spool *s, int fd, size_t most)
{
    ar_str rest = unsent(s);
    ssize_t n = send(fd, rest.ptr, rest.len < most ? rest.len : most, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n > 0) s->tail_sent += (size_t)n;
    if (s->tail_sent == s->tail.len) {
        ar_buf_clear(&s->tail);
        s->tail_sent = 0;
    }
    return n;
}

ar_err ar_spool_send(ar_spool *s, int fd)
{
    size_t most = AR_SPOOL_TURN;

    while (most > 0 && !ar_spool_is_empty(s)) {
        bool filed = s->file_sent < s->file_len;
        ssize_t n = filed ? send_from_file(s, fd, most) : send_from_tail(s, fd, most);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) return ar_fail(AR_UNAVAILABLE, "whoever asked is gone");
        most -= (size_t)n;
    }
    return ar_ok();
}

/* ---- aside ---- */

static ar_err open_nameless(const char *folder, ar_fd *out_fd)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *name = ar_path_join(&arena, folder, "answer-XXXXXX");
    char *path = ar_arena_take(&arena, strlen(name) + 1);

    memcpy(path, name, strlen(name) + 1);
    *out_fd = ar_fd_of(mkostemp(path, O_CLOEXEC));
    if (out_fd->n == 0 || unlink(path) != 0) return ar_fail_errno("%s", path);
    return ar_ok();
}

/* Gives back what a reader who nearly keeps up has taken. */
static void drop_sent(ar_spool *s)
{
    ar_str rest = unsent(s);

    memmove(s->tail.ptr, rest.ptr, rest.len);
    s->tail.len = rest.len;
    s->tail_sent = 0;
}

ar_err ar_spool_set_aside(ar_spool *s, const char *folder, int64_t room)
{
    ar_str rest = unsent(s);

    if (s->tail.len <= AR_SPOOL_AHEAD) return ar_ok();
    if (rest.len <= AR_SPOOL_AHEAD / 2) return drop_sent(s), ar_ok();
    if ((int64_t)rest.len > room)
        return ar_fail(AR_LIMIT,
                       "whoever asked does not read the answer, and after %lld MiB of it there is "
                       "no room to keep more; ask for less, or read faster",
                       (long long)((s->file_len + (int64_t)rest.len) >> 20));
    if (s->file.n == 0) AR_TRY(open_nameless(folder, &s->file));
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(s->file), rest), "keeping an answer in %s", folder);
    s->file_len += (int64_t)rest.len;
    ar_buf_clear(&s->tail);
    s->tail_sent = 0;
    return ar_ok();
}
