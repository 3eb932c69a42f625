#include "daemon/socket.h"
#include "daemon/tables.h"
#include "form/cbor.h"
#include "op/wire.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A daemon of its own home, as `aright serve` runs it. */
typedef struct server {
    char root[64];
    pid_t pid;
    ar_arena arena;
} server;

static int connect_to(const server *d)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/run/core.sock", d->root);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    (void)close(fd);
    return -1;
}

static int connect_soon(const server *d)
{
    for (int tries = 0; tries < 600; tries++) {
        int fd = connect_to(d);

        if (fd >= 0) return fd;
        usleep(50000);
    }
    T_STR(ar_str_of("no"), "the core listens within half a minute");
    return -1;
}

static void server_make(server *d)
{
    (void)snprintf(d->root, sizeof d->root, "/tmp/aright-serve-XXXXXX");
    T_TRUE(mkdtemp(d->root) != NULL);
}

static const char *path_in(server *d, const char *name)
{
    return ar_path_join(&d->arena, d->root, name);
}

static void server_run(server *d)
{
    const char *journal = path_in(d, "journal");

    d->pid = fork();
    if (d->pid == 0) {
        (void)dup2(open("/dev/null", O_RDWR), 1);
        (void)dup2(open(journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), 2);
        (void)execl(getenv("ARIGHT_PROGRAM"), "aright", "serve", "--home", d->root, (char *)NULL);
        _exit(127);
    }
    (void)close(connect_soon(d));
}

static void server_start(server *d)
{
    server_make(d);
    server_run(d);
}

static void server_start_with(server *d, const char *people)
{
    server_make(d);
    T_OK(ar_file_write(path_in(d, "people.yaml"), ar_str_of(people), 0600));
    server_run(d);
}

static int server_stop(server *d)
{
    int status = -1;

    (void)kill(d->pid, SIGTERM);
    (void)waitpid(d->pid, &status, 0);
    T_OK(ar_dir_remove(d->root));
    ar_arena_done(&d->arena);
    return status;
}

/* The answer to some bytes, as far as it comes; empty when the core just closes. */
static ar_str say(server *d, int fd, const void *bytes, size_t len)
{
    ar_str text = { 0 };
    struct timeval patience = { .tv_sec = 60 };

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)send(fd, bytes, len, MSG_NOSIGNAL);

    ar_err err = ar_fd_read_all(fd, AR_LIT("answer"), 1 << 20, &d->arena, &text);

    if (err.code != AR_OK) text = (ar_str){ 0 }; /* reset: it closed before it had read all */
    (void)close(fd);
    return text;
}

static void add_request(ar_buf *out, const char *op)
{
    ar_args args = { .op = ar_tables_find(&ar_all_tables, ar_str_of(op)) };
    ar_request request = { .args = &args };

    ar_wire_request(out, &ar_all_tables, &request);
}

static bool answers(server *d)
{
    ar_auto(ar_buf) request = { 0 };

    add_request(&request, "status");
    return ar_str_contains(say(d, connect_soon(d), request.ptr, request.len), AR_LIT("DuckDB"));
}

TEST(what_is_no_request_is_refused_and_the_core_lives)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } bad[] = {
        { "\xff\xff\xff\xff", 4, "4294967295 bytes" },
        { "\0\0\0\0", 4, "error" },
        { "\0\0\0\x01\x80", 5, "error" },
        { "\0\0\0\x05\x81\x63run", 9, "error" },
        { "\0\0\0\x06\x9b\xff\xff\xff\xff\xff", 10, "error" },
        { "GET / HTTP/1.1\r\n\r\n", 18, "is the most" },
        { "\0\0\0\x01\x80\0\0\0\x01\x80", 10, "behind the request" },
    };
    server d = { 0 };

    server_start(&d);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_str answer = say(&d, connect_soon(&d), bad[i].bytes, bad[i].len);

        T_TRUE(ar_str_contains(answer, ar_str_of(bad[i].says)));
        T_TRUE(ar_str_contains(answer, AR_LIT("error")));
    }
    T_TRUE(answers(&d));
    T_INT(server_stop(&d), 0);
}

TEST(those_who_connect_and_say_nothing_hold_up_nobody)
{
    server d = { 0 };
    int idle[2 * AR_SOCKET_LINKS_MAX];

    server_start(&d);
    for (size_t i = 0; i < AR_COUNT(idle); i++) {
        idle[i] = connect_soon(&d);
        if (i % 3 == 0) T_TRUE(send(idle[i], "\0\0", 2, MSG_NOSIGNAL) == 2 || errno == EPIPE);
    }
    T_TRUE(answers(&d));
    for (size_t i = 0; i < AR_COUNT(idle); i++) (void)close(idle[i]);
    T_TRUE(answers(&d));
    T_INT(server_stop(&d), 0);
}

TEST(one_who_asks_and_does_not_read_holds_up_nobody)
{
    server d = { 0 };
    ar_auto(ar_buf) request = { 0 };
    int deaf[8];

    server_start(&d);
    add_request(&request, "status");
    for (size_t i = 0; i < AR_COUNT(deaf); i++) {
        deaf[i] = connect_soon(&d);
        T_TRUE(send(deaf[i], request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len);
    }
    T_TRUE(answers(&d));
    for (size_t i = 0; i < AR_COUNT(deaf); i++) (void)close(deaf[i]);
    T_INT(server_stop(&d), 0);
}

static int core_of(const server *d)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int64_t pid = 0;

    T_OK(ar_file_read(ar_path_join(&arena, d->root, "run/lock"), 64, &arena, &text));
    T_TRUE(ar_str_int(ar_str_trim(text), &pid));
    return (int)pid;
}

/* ---- several users; only root can be them ---- */

enum { FIRST_UID = 54321 };

static const char six_people[] =
    "people:\n"
    "  - {person: \"person:owner\", uid: 0, grants: [all]}\n"
    "  - {person: \"person:a\", uid: 54321, grants: [home.read, estate.query]}\n"
    "  - {person: \"person:b\", uid: 54322, grants: [home.read]}\n"
    "  - {person: \"person:c\", uid: 54323, grants: [home.read]}\n"
    "  - {person: \"person:d\", uid: 54324, grants: [home.read]}\n"
    "  - {person: \"person:e\", uid: 54325, grants: [home.read]}\n";

static int connect_as(const server *d, int user)
{
    T_INT(seteuid((uid_t)(FIRST_UID + user)), 0);

    int fd = connect_soon(d);

    T_INT(seteuid(0), 0);
    return fd;
}

static bool answers_to(server *d, int user)
{
    ar_auto(ar_buf) request = { 0 };

    add_request(&request, "status");
    return ar_str_contains(say(d, connect_as(d, user), request.ptr, request.len), AR_LIT("DuckDB"));
}

TEST(who_takes_all_places_has_a_share_of_them)
{
    server d = { 0 };
    int idle[AR_SOCKET_LINKS_MAX];
    size_t users = AR_SOCKET_LINKS_MAX / AR_SOCKET_LINKS_OF_ONE;

    if (getuid() != 0) return;
    server_start_with(&d, six_people);
    for (size_t i = 0; i < AR_COUNT(idle); i++) idle[i] = connect_as(&d, (int)(i % users));
    T_TRUE(answers_to(&d, (int)users)); /* one who holds none yet, while all are taken */
    T_TRUE(answers_to(&d, 0));
    for (size_t i = 0; i < AR_COUNT(idle); i++) (void)close(idle[i]);
    T_INT(server_stop(&d), 0);
}

static bool has_answer(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

TEST(who_asks_much_does_not_make_others_wait_for_all_of_it)
{
    server d = { 0 };
    ar_auto(ar_buf) request = { 0 };
    ar_args args = { .op = ar_tables_find(&ar_all_tables, AR_LIT("query")), .arena = &d.arena };
    ar_request query = { .args = &args };
    int asked[AR_SOCKET_LINKS_OF_ONE];
    size_t waiting = 0;

    if (getuid() != 0) return;
    server_start_with(&d, six_people);
    T_OK(ar_args_add(&args, args.op->params, AR_LIT("SELECT 1"), -1, 0));
    ar_wire_request(&request, &ar_all_tables, &query);
    for (size_t i = 0; i < AR_COUNT(asked); i++) {
        asked[i] = connect_as(&d, 0);
        T_TRUE(send(asked[i], request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len);
    }
    T_TRUE(answers_to(&d, 1));
    for (size_t i = 0; i < AR_COUNT(asked); i++) waiting += !has_answer(asked[i]);
    T_TRUE(waiting > AR_COUNT(asked) / 2);
    for (size_t i = 0; i < AR_COUNT(asked); i++) (void)close(asked[i]);
    T_INT(server_stop(&d), 0);
}

TEST(more_requests_of_one_user_than_may_wait_are_refused_and_those_that_wait_are_not)
{
    server d = { 0 };
    ar_auto(ar_buf) request = { 0 };
    int asked[AR_SOCKET_LINKS_OF_ONE + 8];
    size_t answered = 0, refused = 0;

    server_start(&d);
    T_INT(kill(core_of(&d), SIGSTOP), 0); /* all of them are there before the first is heard */
    add_request(&request, "status");
    for (size_t i = 0; i < AR_COUNT(asked); i++) {
        asked[i] = connect_soon(&d);
        T_TRUE(send(asked[i], request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len);
    }
    T_INT(kill(core_of(&d), SIGCONT), 0);
    for (size_t i = 0; i < AR_COUNT(asked); i++) {
        char text[8192];
        ssize_t n = recv(asked[i], text, sizeof text, 0);
        ar_str answer = { text, n < 0 ? 0 : (size_t)n };

        (void)close(asked[i]);
        answered += ar_str_contains(answer, AR_LIT("columns"));
        refused += ar_str_contains(answer, AR_LIT("wait already"));
    }
    T_INT(answered, AR_SOCKET_LINKS_OF_ONE);
    T_INT(refused, 8);
    T_INT(server_stop(&d), 0);
}

TEST(strangers_are_told_so_and_are_one_event)
{
    server d = { 0 };
    ar_str log = { 0 };
    const char *people = "people: [{person: \"person:b\", uid: 54322, grants: [home.read]}]\n";

    if (getuid() != 0) return;
    server_start_with(&d, people);
    for (int i = 0; i < 300; i++)
        T_TRUE(ar_str_contains(say(&d, connect_as(&d, 0), "", 0), AR_LIT("uid 54321 is nobody")));
    T_TRUE(answers_to(&d, 1));
    T_OK(
        ar_file_read(ar_path_join(&d.arena, d.root, "log/events.ndjson"), 1 << 20, &d.arena, &log));

    const char *first = strstr(log.ptr, "\"op\":\"connect\"");

    T_TRUE(first != NULL && strstr(first + 1, "\"op\":\"connect\"") == NULL);
    T_INT(server_stop(&d), 0);
}

static ar_str status_here(ar_arena *arena, const char *home)
{
    const char *const argv[] = { getenv("ARIGHT_PROGRAM"), "status", "--home", home, NULL };
    const char *const envp[] = { "ASAN_OPTIONS=detect_leaks=0", NULL }; /* it traces itself */
    ar_spawn spawn = { .argv = argv, .envp = envp };
    ar_str text = { 0 };
    int status = -1;

    T_OK(ar_run(&spawn, 1 << 16, 60, arena, &text, &status));
    T_INT(status, 0);
    return text;
}

TEST(who_keeps_a_home_has_given_up_all_that_the_kernel_takes)
{
    bool landlock =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
    ar_str whole = landlock ? AR_LIT("no-new-privileges, landlock, seccomp, no-dump")
                            : AR_LIT("no-new-privileges, seccomp, no-dump");
    ar_auto(ar_buf) request = { 0 };
    server d = { 0 };

    server_start(&d);
    add_request(&request, "status");
    T_TRUE(ar_str_contains(say(&d, connect_soon(&d), request.ptr, request.len), whole));
    T_TRUE(kill(d.pid, SIGTERM) == 0 && waitpid(d.pid, NULL, 0) == d.pid);
    T_TRUE(ar_str_contains(status_here(&d.arena, d.root), whole));
    T_OK(ar_dir_remove(d.root));
    ar_arena_done(&d.arena);
}

/* Whether another process than the core gets a lock on the estate's file. */
static bool others_get_the_estate(server *d)
{
    ar_auto(ar_fd) fd =
        ar_fd_of(open(ar_path_join(&d->arena, d->root, "estate.duckdb"), O_RDWR | O_CLOEXEC));
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fcntl(ar_fd_n(fd), F_SETLK, &whole) == 0;
}

TEST(a_request_that_brings_the_estate_itself_does_not_open_it_to_others)
{
    server d = { 0 };
    const char *argv[] = {
        getenv("ARIGHT_PROGRAM"), "import", "generic", "--kind", "app", NULL, "--home", d.root, NULL
    };
    ar_spawn spawn = { .argv = argv };
    ar_str text;
    int status = 0;

    server_start(&d);
    T_TRUE(!others_get_the_estate(&d));
    argv[5] = ar_path_join(&d.arena, d.root, "estate.duckdb");
    T_OK(ar_run(&spawn, 1 << 16, 60, &d.arena, &text, &status));
    T_INT(status, ar_code_exit(AR_INVALID));
    T_TRUE(!others_get_the_estate(&d));
    T_INT(server_stop(&d), 0);
}

/* A request of one byte, with a descriptor. */
static void send_with(int fd, int passed)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof passed)] = { 0 };
    char byte = 0;
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof passed);
    memcpy(CMSG_DATA(head), &passed, sizeof passed);
    T_INT(sendmsg(fd, &message, MSG_NOSIGNAL), 1);
}

TEST(a_file_that_the_sender_could_not_read_is_refused)
{
    static const int ways[] = { O_PATH, O_WRONLY, O_PATH | O_NOFOLLOW };
    server d = { 0 };

    server_start(&d);

    const char *path = path_in(&d, "payload");

    T_OK(ar_file_write(path, AR_LIT("[]"), 0600));
    for (size_t i = 0; i < AR_COUNT(ways); i++) {
        ar_auto(ar_fd) passed = ar_fd_of(open(path, ways[i] | O_CLOEXEC));
        int fd = connect_soon(&d);

        send_with(fd, ar_fd_n(passed));
        T_TRUE(ar_str_contains(say(&d, fd, "", 0), AR_LIT("not open for reading")));
    }
    T_TRUE(answers(&d));
    T_INT(server_stop(&d), 0);
}

TEST(a_pipe_is_refused_by_the_core_and_spooled_by_the_command)
{
    server d = { 0 };
    int ends[2];

    server_start(&d);
    T_INT(pipe2(ends, O_CLOEXEC), 0);

    int fd = connect_soon(&d);

    send_with(fd, ends[0]);
    T_TRUE(ar_str_contains(say(&d, fd, "", 0), AR_LIT("no regular file")));

    ar_fd in = ar_fd_of(ends[0]);
    const char *const argv[] = {
        getenv("ARIGHT_PROGRAM"), "import", "generic", "-", "--kind", "app", "--home", d.root, NULL
    };
    ar_spawn spawn = { .argv = argv, .in_fd = in };
    ar_str text = { 0 };
    int status = -1;

    T_OK(ar_fd_write_all(ends[1], AR_LIT("{\"id\":\"a\",\"name\":\"A\"}\n")));
    (void)close(ends[1]);
    T_OK(ar_run(&spawn, 1 << 16, 60, &d.arena, &text, &status));
    T_INT(status, 0);
    ar_fd_done(&in);
    T_INT(server_stop(&d), 0);
}

TEST(a_core_that_is_killed_is_started_again)
{
    server d = { 0 };

    server_start(&d);

    int first = core_of(&d);

    T_TRUE(first > 0 && first != d.pid);
    T_INT(kill(first, SIGKILL), 0);
    while (kill(first, 0) == 0) usleep(10000); /* its socket takes nobody any more */
    T_TRUE(answers(&d));
    T_TRUE(core_of(&d) != first);
    T_INT(server_stop(&d), 0);
}

/* A name in the abstract space, on which a service manager would listen. */
static int notify_socket(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = { .tv_sec = 60 };

    memcpy(address.sun_path, name, strlen(name));
    address.sun_path[0] = '\0';
    T_INT(bind(fd, (struct sockaddr *)&address, len), 0);
    T_INT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    T_INT(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static ar_str notified(int fd, ar_arena *arena)
{
    char text[64];
    ssize_t n = recv(fd, text, sizeof text, 0);

    return ar_arena_copy(arena, (ar_str){ text, n < 0 ? 0 : (size_t)n });
}

TEST(the_service_manager_is_told_when_it_serves_and_when_it_stops)
{
    server d = { 0 };
    ar_auto(ar_arena) arena = { 0 };
    char name[64];

    (void)snprintf(name, sizeof name, "@aright-test-%d", (int)getpid());

    int fd = notify_socket(name);

    server_start(&d);
    (void)unsetenv("NOTIFY_SOCKET");
    T_STR(notified(fd, &arena), "READY=1");
    T_INT(server_stop(&d), 0);
    T_STR(notified(fd, &arena), "STOPPING=1");
    (void)close(fd);
}

/* Reads to the end of an answer; how many bytes came. */
static size_t read_slowly(int fd, char *last, size_t n_last)
{
    char bytes[4096];
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        len += (size_t)n;
        if ((size_t)n >= n_last) memcpy(last, bytes + (size_t)n - n_last, n_last);
    }
    T_INT(n, 0);
    return len;
}

TEST(one_who_reads_a_large_answer_late_holds_up_nobody_and_loses_nothing)
{
    enum { ROWS = 100000, TEXT = 300 };
    server d = { 0 };
    ar_auto(ar_buf) request = { 0 }, done = { 0 };
    ar_args args = { .op = ar_tables_find(&ar_all_tables, AR_LIT("query")), .arena = &d.arena };
    ar_request query = { .args = &args };
    char last[16];

    server_start(&d);
    T_OK(ar_args_add(&args, args.op->params,
                     ar_arena_printf(&d.arena,
                                     "WITH d AS (SELECT '%0*d' AS x FROM (VALUES (0), (1), (2), "
                                     "(3), (4), (5), (6), (7), (8), (9))) "
                                     "SELECT a.x FROM d a, d b, d c, d e, d f",
                                     TEXT, 0),
                     -1, 0));
    ar_wire_request(&request, &ar_all_tables, &query);
    ar_wire_end(&done, ar_ok());

    int late = connect_soon(&d);

    T_TRUE(send(late, request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len);
    T_TRUE(answers(&d)); /* after the query, of which nothing has been read */
    T_TRUE(read_slowly(late, last, done.len) > ROWS * TEXT);
    T_TRUE(memcmp(last, done.ptr, done.len) == 0);
    (void)close(late);
    T_INT(server_stop(&d), 0);
}

TEST(a_second_core_on_one_home_says_who_has_it_and_ends)
{
    server d = { 0 };
    const char *argv[] = { getenv("ARIGHT_PROGRAM"), "serve", "--home", NULL, NULL };
    ar_spawn spawn = { .argv = argv };
    ar_str text;
    int status = 0;

    server_start(&d);
    argv[3] = d.root;
    T_OK(ar_run(&spawn, 1 << 16, 60, &d.arena, &text, &status));
    T_INT(status, ar_code_exit(AR_CONFLICT));
    T_TRUE(answers(&d));
    T_INT(server_stop(&d), 0);
}

static bool journal_has(server *d, const char *words)
{
    ar_str text = { 0 };

    T_OK(ar_file_read(path_in(d, "journal"), 1 << 20, &d->arena, &text));
    return ar_str_contains(text, ar_str_of(words));
}

TEST(what_each_request_took_is_told_to_who_asks_for_that_much)
{
    static const struct {
        const char *config;
        bool tells;
    } levels[] = { { "log_level: info\n", false }, { "log_level: debug\n", true } };

    for (size_t i = 0; i < AR_COUNT(levels); i++) {
        server d = { 0 };

        server_make(&d);
        T_OK(ar_file_write(path_in(&d, "aright.yaml"), ar_str_of(levels[i].config), 0600));
        server_run(&d);
        T_TRUE(answers(&d));
        for (int k = 0; k < 600 && !journal_has(&d, "serving "); k++) (void)usleep(50000);
        T_TRUE(journal_has(&d, "serving "));
        T_INT(journal_has(&d, "core is ready after "), levels[i].tells);
        T_INT(journal_has(&d, "given up: no-new-privileges"), levels[i].tells);
        T_INT(journal_has(&d, "status took "), levels[i].tells);
        T_INT(server_stop(&d), 0);
    }
}
