#include "fetch/message.h"

#include "sys/file.h"

#include <errno.h>
#include <unistd.h>

enum { HEAD_BYTES = 1 + sizeof(uint32_t) };

ar_err ar_message_write(int fd, char tag, ar_str body)
{
    char head[HEAD_BYTES] = { tag };
    uint32_t len = (uint32_t)body.len;

    memcpy(head + 1, &len, sizeof len);
    AR_TRY(ar_fd_write_all(fd, (ar_str){ .ptr = head, .len = sizeof head }));
    return ar_fd_write_all(fd, body);
}

static ar_err read_exactly(int fd, const ar_child *child, char *to, size_t len)
{
    while (len > 0) {
        if (child != NULL) AR_TRY(ar_child_ready(child, "the other side"));

        ssize_t n = read(fd, to, len);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ar_fail_errno("the other side cannot be heard");
        if (n == 0) return ar_fail(AR_UNAVAILABLE, "the other side is gone");
        to += n;
        len -= (size_t)n;
    }
    return ar_ok();
}

ar_err ar_message_read(int fd, const ar_child *child, size_t max, char *out_tag, ar_buf *body)
{
    char head[HEAD_BYTES];
    uint32_t len;

    AR_TRY(read_exactly(fd, child, head, sizeof head));
    memcpy(&len, head + 1, sizeof len);
    if (len > max) return ar_fail(AR_LIMIT, "a message of %u bytes; %zu are the most", len, max);
    ar_buf_clear(body);
    AR_TRY(read_exactly(fd, child, ar_buf_room(body, len + 1), len));
    body->len = len;
    body->ptr[len] = '\0';
    *out_tag = head[0];
    return ar_ok();
}
