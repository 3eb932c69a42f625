#include "door/client.h"

#include "op/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Nothing is said to one who answers in the name of the home's owner and is someone else. */
static ar_err check_peer(int fd, const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };
    int64_t owner = ar_home_owner(place);
    struct ucred peer;
    socklen_t len = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return ar_fail_errno("asking who answers for %s", place->home);
    if ((int64_t)peer.uid == owner) return ar_ok();

    ar_str home_of = ar_uid_name(owner, &arena);
    ar_str answers = ar_uid_name((int64_t)peer.uid, &arena);

    return ar_fail(AR_DENIED, "%s belongs to %.*s, and %.*s answers for it; nothing was said there",
                   place->home, AR_FMT(home_of), AR_FMT(answers));
}

static ar_err fail_to_connect(const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };

    if (errno == ENOENT || errno == ECONNREFUSED)
        return ar_fail(AR_NOT_FOUND, "no core runs for %s", place->home);
    if (errno != EACCES) return ar_fail_errno("%s/run/core.sock", place->home);

    ar_str owner = ar_uid_name(ar_home_owner(place), &arena);

    return ar_fail(AR_DENIED,
                   "%s belongs to %.*s and is closed to others; those whom its people.yaml names "
                   "get in once `aright serve` has been started with it",
                   place->home, AR_FMT(owner));
}

ar_err ar_client_connect(const ar_place *place, const ar_op *op, ar_client *out_client)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) folder = { 0 };
    ar_auto(ar_fd) fd = { 0 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *run = ar_path_join(&arena, place->home, "run");

    folder = ar_fd_of(open(run, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (ar_fd_n(folder) < 0) return fail_to_connect(place);
    fd = ar_fd_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (ar_fd_n(fd) < 0) return ar_fail_errno("socket");

    /* through the open folder: a home may have a longer path than an address has room */
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
                   ar_fd_n(folder), ar_op_socket(op));
    if (connect(ar_fd_n(fd), (struct sockaddr *)&address, sizeof address) != 0)
        return fail_to_connect(place);
    AR_TRY(check_peer(ar_fd_n(fd), place));
    out_client->socket = ar_move(fd);
    return ar_ok();
}

ar_err ar_client_visit(const ar_place *place, const ar_op *op, ar_client *out_client)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str owner = ar_uid_name(ar_home_owner(place), &arena);
    ar_err err = ar_client_connect(place, op, out_client);

    if (err.code != AR_NOT_FOUND) return err;
    return ar_fail(AR_UNAVAILABLE,
                   "%s belongs to %.*s, and no core runs there; %.*s must start `aright serve`",
                   place->home, AR_FMT(owner), AR_FMT(owner));
}

/* One byte, and descriptors beside it. */
static ar_err send_byte(int fd, char byte, const int *files, size_t n_files)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int) * AR_WIRE_FILES_MAX)] = { 0 };
    struct iovec first = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &first, .msg_iovlen = 1 };

    if (n_files > 0) {
        message.msg_control = space;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * n_files);

        struct cmsghdr *head = CMSG_FIRSTHDR(&message);

        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * n_files);
        memcpy(CMSG_DATA(head), files, sizeof(int) * n_files);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL) == 1 ? ar_ok() : ar_fail_errno("asking the core");
}

ar_err ar_client_through(int channel, ar_client *out_client)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ar_fail_errno("asking the core");

    ar_auto(ar_fd) ours = ar_fd_of(ends[0]);
    ar_auto(ar_fd) theirs = ar_fd_of(ends[1]);

    if (send_byte(channel, 0, &(int){ ar_fd_n(theirs) }, 1).code != AR_OK)
        return ar_fail(AR_UNAVAILABLE, "the core does not answer");
    out_client->socket = ar_move(ours);
    return ar_ok();
}

static ar_err send_all(int fd, ar_str bytes, const int *files, size_t n_files)
{
    AR_TRY(send_byte(fd, bytes.ptr[0], files, n_files));
    return ar_fd_write_all(fd, ar_str_cut(bytes, 1, bytes.len));
}

static ar_err pack(const ar_args *args, int *files, size_t *out_n)
{
    size_t n = 0;

    for (size_t i = 0; i < args->n; i++) {
        if (args->list[i].fd < 0) continue;
        if (n == AR_WIRE_FILES_MAX)
            return ar_fail(AR_LIMIT, "more than %d files at once", (int)AR_WIRE_FILES_MAX);
        files[n++] = args->list[i].fd;
    }
    *out_n = n;
    return ar_ok();
}

ar_err ar_client_ask(ar_client *client, const ar_tables *tables, const ar_request *request)
{
    ar_auto(ar_buf) bytes = { 0 };
    int files[AR_WIRE_FILES_MAX];
    size_t n_files = 0;

    AR_TRY(pack(request->args, files, &n_files));
    ar_wire_request(&bytes, tables, request);
    return send_all(ar_fd_n(client->socket), ar_buf_str(&bytes), files, n_files);
}

int ar_client_fd(const ar_client *client)
{
    return ar_fd_n(client->socket);
}

ar_err ar_client_run(ar_client *client, const ar_tables *tables, const ar_request *request,
                     const ar_sink *sink)
{
    ar_err sent = ar_client_ask(client, tables, request);

    if (sent.code != AR_OK) (void)shutdown(ar_fd_n(client->socket), SHUT_WR);

    ar_err got = ar_wire_relay(ar_fd_n(client->socket), NULL, sink);

    /* a core that refuses early has said why before it closed: that is worth more than our EPIPE */
    return sent.code != AR_OK && got.code == AR_UNAVAILABLE ? sent : got;
}

void ar_client_done(ar_client *client)
{
    ar_fd_done(&client->socket);
}
