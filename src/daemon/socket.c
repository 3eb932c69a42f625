#include "daemon/socket.h"

#include "daemon/journal.h"
#include "daemon/spool.h"
#include "op/wire.h"
#include "sys/clock.h"
#include "sys/ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, SEND_BYTES = 64 * 1024, BACKLOG = 128 };

struct ar_link {
    int fd; /* 0: free */
    int64_t uid;
    bool front;        /* the front process handed it over */
    int64_t until_ms;  /* when patience with it ends */
    int64_t active_ms; /* when it last sent or took something */
    int64_t asked;     /* the number of its request; 0: that is not whole */
    ar_str request;    /* in `in` */
    ar_buf in;
    ar_spool out;
    int files[AR_WIRE_FILES_MAX];
    size_t n_files;
    bool answered;
};

static void close_files(ar_link *l)
{
    while (l->n_files > 0) (void)close(l->files[--l->n_files]);
}

static void drop(ar_link *l)
{
    close_files(l);
    if (l->fd > 0) (void)close(l->fd);
    ar_buf_done(&l->in);
    ar_spool_done(&l->out);
    *l = (ar_link){ 0 };
}

/* ---- answers ---- */

/* One request being answered. */
typedef struct turn {
    ar_socket *server;
    ar_link *link;
} turn;

static int64_t room_for(const turn *t)
{
    int64_t own = AR_SOCKET_ANSWER_MAX, all = AR_SOCKET_ANSWERS_MAX;

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
        const ar_link *l = &t->server->links[i];

        all -= l->out.file_len;
        if (l->uid == t->link->uid) own -= l->out.file_len;
    }
    return own < all ? own : all;
}

/* Nobody waits for a reader: what it does not take now is kept for it. */
static ar_err flush_answer(void *self, bool urgent)
{
    const turn *t = self;
    ar_spool *out = &t->link->out;

    if (t->server->host->groups) return ar_ok();
    if (!urgent && out->tail.len - out->tail_sent < SEND_BYTES) return ar_ok();
    AR_TRY(ar_spool_send(out, t->link->fd));
    return ar_spool_set_aside(out, t->server->aside, room_for(t));
}

static bool still_waiting(void *self)
{
    struct pollfd fd = { .fd = ((const turn *)self)->link->fd, .events = POLLRDHUP };

    return poll(&fd, 1, 0) == 0 || (fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

/* ---- requests ---- */

static ar_err run_request(ar_socket *server, ar_link *l, ar_arena *arena)
{
    const ar_socket_host *host = server->host;
    turn t = { .server = server, .link = l };
    ar_wire_out wire = {
        .out = &l->out.tail, .flush = flush_answer, .waiting = still_waiting, .self = &t
    };
    ar_sink sink = ar_wire_sink(&wire);
    ar_request request = { .now = ar_clock_now(), .uid = l->uid, .front = l->front };
    ar_args args;

    AR_TRY(ar_wire_request_read(l->request, host->tables, l->files, l->n_files, arena, &args,
                                &request));
    if (strcmp(ar_op_socket(args.op), host->name) != 0)
        return ar_fail(AR_INVALID, "%s is not asked of %s", args.op->name, host->name);

    int64_t before = ar_ticks_ms();
    ar_err err = host->run(host->self, &request, arena, &sink);

    ar_journal(AR_LEVEL_DEBUG, "uid %lld: %s took %lld ms", (long long)l->uid, args.op->name,
               (long long)(ar_ticks_ms() - before));
    return err;
}

/* What ends the answer; it is sent as the other side takes it, and then the connection closes. */
static void end_answer(ar_link *l, enum ar_level level, ar_err err)
{
    if (err.code != AR_OK)
        ar_journal(level, "uid %lld: %.*s", (long long)l->uid, AR_FMT(ar_err_text(err)));
    ar_wire_end(&l->out.tail, err);
    close_files(l);
    l->answered = true;
    l->until_ms = ar_ticks_ms() + AR_SOCKET_TAKE_MS;
}

/* Only regular files are always there to be read: a pipe may keep us waiting for ever. And only one
 * that the sender could read is theirs to show: what merely names a file (O_PATH), or may write it,
 * would become readable if we opened it once more. */
static ar_err check_files(const ar_link *l)
{
    struct stat st;

    for (size_t i = 0; i < l->n_files; i++) {
        int flags = fcntl(l->files[i], F_GETFL);

        if (fstat(l->files[i], &st) != 0 || !S_ISREG(st.st_mode))
            return ar_fail(AR_INVALID, "what came with the request is no regular file");
        if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY)
            return ar_fail(AR_INVALID, "what came with the request is not open for reading");
    }
    return ar_ok();
}

static bool take_files(ar_link *l, struct msghdr *message)
{
    bool fits = (message->msg_flags & MSG_CTRUNC) == 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;

        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            if (l->n_files < AR_WIRE_FILES_MAX)
                l->files[l->n_files++] = fd;
            else
                fits = false, (void)close(fd);
        }
    }
    return fits;
}

/* False when nothing more comes. */
static ar_err read_some(ar_link *l, bool *out_open)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int) * AR_WIRE_FILES_MAX)];
    struct iovec part = { .iov_base = ar_buf_room(&l->in, READ_BYTES), .iov_len = READ_BYTES };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space
    };
    ssize_t n = recvmsg(l->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    *out_open = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
    if (n <= 0) return ar_ok();
    l->in.len += (size_t)n;
    if (!take_files(l, &message))
        return ar_fail(AR_LIMIT, "more than %d files at once", (int)AR_WIRE_FILES_MAX);
    return check_files(l);
}

static void on_input(ar_socket *server, ar_link *l)
{
    bool open;
    ar_str frame = { 0 };
    ar_err err = read_some(l, &open);

    if (!open) return drop(l);

    ar_str rest = ar_buf_str(&l->in);

    if (err.code == AR_OK) err = ar_frame_next(&rest, AR_WIRE_REQUEST_MAX, &frame);
    if (err.code == AR_OK && frame.ptr != NULL && rest.len > 0)
        err = ar_fail(AR_INVALID, "%zu bytes behind the request", rest.len);
    if (err.code != AR_OK) return end_answer(l, AR_LEVEL_WARNING, err);
    if (frame.ptr == NULL) return;
    l->request = frame;
    l->asked = ++server->asked;
    l->until_ms = INT64_MAX; /* its turn comes */
}

static bool waits_for_turn(const ar_link *l)
{
    return l->fd > 0 && l->asked > 0 && !l->answered;
}

/* Sends what is left of an answer; the connection ends with it. */
static void send_rest(ar_link *l)
{
    ar_err err = ar_spool_send(&l->out, l->fd);

    if (err.code != AR_OK || ar_spool_is_empty(&l->out)) drop(l);
}

static ar_err settle(ar_socket *server)
{
    return server->host->settle(server->host->self);
}

static ar_err settle_and_send(ar_socket *server, ar_link *l)
{
    AR_TRY(settle(server));
    return send_rest(l), ar_ok();
}

static ar_err on_ready(ar_socket *server, ar_link *l)
{
    l->active_ms = ar_ticks_ms();
    if (waits_for_turn(l)) return drop(l), ar_ok(); /* whoever asked is gone */
    if (!l->answered) on_input(server, l);
    return l->answered ? settle_and_send(server, l) : ar_ok();
}

/* ---- turns ---- */

static bool is_first_of_its_user(const ar_socket *server, const ar_link *l)
{
    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
        const ar_link *other = &server->links[i];

        if (waits_for_turn(other) && other->uid == l->uid && other->asked < l->asked) return false;
    }
    return true;
}

static void run_turn(ar_socket *server, ar_link *l)
{
    ar_auto(ar_arena) arena = { 0 };

    end_answer(l, AR_LEVEL_INFO, run_request(server, l, &arena));
}

/* One request of each user who waits; of a group, all. */
static ar_err take_turns(ar_socket *server)
{
    ar_link *turns[AR_SOCKET_LINKS_MAX];
    bool groups = server->host->groups;
    size_t n = 0;

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
        ar_link *l = &server->links[i];

        if (waits_for_turn(l) && (groups || is_first_of_its_user(server, l))) turns[n++] = l;
    }
    for (size_t i = 0; i < n; i++) {
        run_turn(server, turns[i]);
        if (!groups) AR_TRY(settle_and_send(server, turns[i]));
    }
    if (!groups || n == 0) return ar_ok();
    AR_TRY(settle(server));
    for (size_t i = 0; i < n; i++) send_rest(turns[i]);
    return ar_ok();
}

/* ---- connections ---- */

static size_t links_of(const ar_socket *server, int64_t uid)
{
    size_t n = 0;

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++)
        n += server->links[i].fd > 0 && server->links[i].uid == uid;
    return n;
}

/* Whoever waits for a turn has said all. */
static bool is_longer_silent(const ar_link *a, const ar_link *b)
{
    if (waits_for_turn(a) != waits_for_turn(b)) return waits_for_turn(b);
    return a->active_ms < b->active_ms;
}

/* The connection that is dropped for a new one of that uid: the one that has been silent longest,
 * of that uid if it has its share, else of whoever has most. */
static ar_link *find_victim(ar_socket *server, int64_t uid)
{
    bool own = links_of(server, uid) >= AR_SOCKET_LINKS_OF_ONE;
    size_t most = 0;
    ar_link *victim = NULL;

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
        ar_link *l = &server->links[i];
        size_t n = l->fd > 0 && (!own || l->uid == uid) ? links_of(server, l->uid) : 0;

        if (n > most || (n > 0 && n == most && is_longer_silent(l, victim))) victim = l;
        if (n > most) most = n;
    }
    return own && waits_for_turn(victim) ? NULL : victim;
}

/* A place for one more of that uid. NULL: all it may have hold requests that wait. */
static ar_link *make_room(ar_socket *server, int64_t uid)
{
    ar_link *room = NULL;

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX && room == NULL; i++)
        if (server->links[i].fd == 0) room = &server->links[i];
    if (room != NULL && links_of(server, uid) < AR_SOCKET_LINKS_OF_ONE) return room;
    room = find_victim(server, uid);
    if (room != NULL) drop(room);
    return room;
}

/* One who gets no place is told why, as far as they listen now. */
static void refuse(int fd, ar_err err)
{
    ar_auto(ar_buf) out = { 0 };

    ar_wire_end(&out, err);
    (void)send(fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
}

static void refuse_stranger(ar_socket *server, int fd, int64_t uid, ar_err err)
{
    refuse(fd, err);
    server->strangers.uid = uid;
    server->strangers.times++;
}

static ar_err seat(ar_socket *server, int fd, int64_t uid, bool front)
{
    ar_link *l = make_room(server, uid);

    if (l == NULL) {
        refuse(fd, ar_fail(AR_LIMIT, "%d requests of uid %lld wait already; ask again later",
                           (int)AR_SOCKET_LINKS_OF_ONE, (long long)uid));
        return ar_ok();
    }
    *l = (ar_link){ .fd = fd,
                    .uid = uid,
                    .front = front,
                    .active_ms = ar_ticks_ms(),
                    .until_ms = ar_ticks_ms() + AR_SOCKET_IDLE_MS };
    /* at once: of a user's places, one with a whole request is the last to go */
    on_input(server, l);
    return l->answered ? settle_and_send(server, l) : ar_ok();
}

static ar_err admit(ar_socket *server, int fd, int64_t uid)
{
    ar_err err = ar_known_check(&server->known, uid);

    if (err.code == AR_OK) return seat(server, fd, uid, false);
    return refuse_stranger(server, fd, uid, err), ar_ok();
}

/* What the front process hands over is looked at as if it meant harm: one end of a connection whose
 * other end it made itself, and nothing else. */
static ar_err take_over(ar_socket *server, int fd)
{
    struct ucred peer;
    int domain = 0, type = 0;
    socklen_t len = sizeof peer, int_len = sizeof domain;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &int_len) != 0 || domain != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &int_len) != 0 || type != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
        return (void)close(fd), ar_ok();
    if (server->host->front != NULL) server->host->front(server->host->self, (int64_t)peer.uid);
    return seat(server, fd, (int64_t)peer.uid, true);
}

/* The connections that were handed over; -1 in *out_fd where there is none. */
static void receive(ar_socket *server, int *out_fd)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int))];
    char byte;
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space
    };
    ssize_t n = recvmsg(server->channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;

    *out_fd = -1;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) server->channel = 0;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof *out_fd))
        memcpy(out_fd, CMSG_DATA(c), sizeof *out_fd);
}

static ar_err accept_handed(ar_socket *server)
{
    for (int i = 0, fd; i < BACKLOG && server->channel != 0; i++) {
        receive(server, &fd);
        if (fd < 0) return ar_ok();
        AR_TRY(take_over(server, fd));
    }
    return ar_ok();
}

/* All who wait: strangers in front of one must not cost a turn each. */
static ar_err accept_all(ar_socket *server)
{
    for (int i = 0; i < BACKLOG; i++) {
        int fd = accept4(ar_fd_n(server->listening), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct ucred peer;
        socklen_t len = sizeof peer;

        if (fd < 0) return ar_ok();
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
            (void)close(fd);
        else
            AR_TRY(admit(server, fd, (int64_t)peer.uid));
    }
    return ar_ok();
}

/* Strangers come as often as they like; what is written of them is bounded. */
static void tell_strangers(ar_socket *server)
{
    int64_t now = ar_ticks_ms(), uid = server->strangers.uid, times = server->strangers.times;
    const ar_person *who;

    if (times == 0 || now < server->strangers.due_ms) return;

    ar_err err = server->host->stranger(server->host->self, uid, times, ar_clock_now(),
                                        ar_people_by_uid(&(ar_people){ 0 }, uid, &who));

    server->strangers.times = 0;
    server->strangers.due_ms = now + AR_SOCKET_STRANGERS_MS;
    ar_journal(AR_LEVEL_WARNING, "refused %lld times: %.*s", (long long)times,
               AR_FMT(ar_err_text(err)));
}

static void drop_late(ar_socket *server)
{
    int64_t now = ar_ticks_ms();

    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++)
        if (server->links[i].fd > 0 && server->links[i].until_ms <= now) drop(&server->links[i]);
}

static int64_t sooner(int64_t then, int64_t now, int64_t least)
{
    int64_t left = then > now ? then - now : 0;

    return least < 0 || left < least ? left : least;
}

static int64_t next_tick(const ar_socket_host *host)
{
    int64_t ms = host->tick(host->self);

    return ms < AR_SOCKET_TICK_MS ? ms : AR_SOCKET_TICK_MS;
}

static int timeout_ms(const ar_socket *server)
{
    int64_t now = ar_ticks_ms(), least = server->host->tick == NULL ? -1 : server->tick_ms;

    if (server->strangers.times > 0) least = sooner(server->strangers.due_ms, now, least);
    for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
        const ar_link *l = &server->links[i];

        if (waits_for_turn(l)) return 0;
        if (l->fd > 0) least = sooner(l->until_ms, now, least);
    }
    return (int)least;
}

static short events_of(const ar_link *l)
{
    if (l->answered) return POLLOUT;
    return l->asked > 0 ? 0 : POLLIN; /* that it is gone is always told */
}

ar_err ar_socket_serve(ar_socket *server, int signals)
{
    enum { SIGNALS, LISTENING, CHANNEL, LINKS };
    struct pollfd fds[LINKS + AR_SOCKET_LINKS_MAX];

    for (;;) {
        fds[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
        fds[LISTENING] = (struct pollfd){ .fd = ar_fd_n(server->listening), .events = POLLIN };
        fds[CHANNEL] =
            (struct pollfd){ .fd = server->channel == 0 ? -1 : server->channel, .events = POLLIN };
        for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++) {
            const ar_link *l = &server->links[i];

            fds[LINKS + i] =
                (struct pollfd){ .fd = l->fd == 0 ? -1 : l->fd, .events = events_of(l) };
        }
        if (poll(fds, AR_COUNT(fds), timeout_ms(server)) < 0 && errno != EINTR)
            return ar_fail_errno("poll");
        if (fds[SIGNALS].revents != 0) return ar_ok();
        for (size_t i = 0; i < AR_SOCKET_LINKS_MAX; i++)
            if (fds[LINKS + i].fd >= 0 && fds[LINKS + i].revents != 0)
                AR_TRY(on_ready(server, &server->links[i]));
        drop_late(server);
        if (fds[LISTENING].revents != 0) AR_TRY(accept_all(server));
        if (fds[CHANNEL].revents != 0) AR_TRY(accept_handed(server));
        AR_TRY(take_turns(server));
        tell_strangers(server);
        AR_TRY(settle(server));
        if (server->host->tick != NULL) server->tick_ms = next_tick(server->host);
    }
}

ar_err ar_socket_open(const ar_socket_host *host, ar_socket *out_socket)
{
    ar_auto(ar_socket)
        server = { .host = host, .channel = host->channel, .known = { .home = host->place->home } };
    ar_auto(ar_arena) arena = { 0 };
    ar_people people;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *run = ar_path_join(&arena, host->place->home, "run");

    AR_TRY(ar_people_load(host->place->home, &arena, &people));

    bool others = ar_people_others(&people, ar_home_owner(host->place)) > 0;

    AR_TRY(ar_home_let_in(host->place, others));
    server.aside = ar_path_join(&server.arena, host->place->home, "tmp");
    server.links = calloc(AR_SOCKET_LINKS_MAX, sizeof *server.links);
    if (server.links == NULL) abort();
    server.folder = ar_fd_of(open(run, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (ar_fd_n(server.folder) < 0) return ar_fail_errno("%s", run);
    if (unlinkat(ar_fd_n(server.folder), host->name, 0) != 0 && errno != ENOENT)
        return ar_fail_errno("%s/%s", run, host->name);
    server.listening = ar_fd_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (ar_fd_n(server.listening) < 0) return ar_fail_errno("socket");

    /* through the open folder: a home may have a longer path than an address has room */
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
                   ar_fd_n(server.folder), host->name);
    if (bind(ar_fd_n(server.listening), (struct sockaddr *)&address, sizeof address) != 0 ||
        fchmodat(ar_fd_n(server.folder), host->name, others ? 0666 : 0600, 0) != 0 ||
        listen(ar_fd_n(server.listening), BACKLOG) != 0)
        return ar_fail_errno("%s/%s", run, host->name);
    *out_socket = ar_move(server);
    return ar_ok();
}

void ar_socket_done(ar_socket *server)
{
    for (size_t i = 0; server->links != NULL && i < AR_SOCKET_LINKS_MAX; i++)
        drop(&server->links[i]);
    free(server->links);
    if (ar_fd_n(server->folder) >= 0)
        (void)unlinkat(ar_fd_n(server->folder), server->host->name, 0);
    ar_fd_done(&server->listening);
    ar_fd_done(&server->folder);
    ar_known_done(&server->known);
    ar_arena_done(&server->arena);
    *server = (ar_socket){ 0 };
}
