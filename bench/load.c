/* load: a gate with 31 standards asked through its socket, at a fixed rate whatever it answers, by
 * several at once; beside it what the same socket takes for a request that does nothing, and the
 * disk for one durable write in the same seconds. Latency counts from when a question was due. Then
 * all are found again. bench_load [RATE [SECONDS [ASKERS]]]      the program is $ARIGHT_PROGRAM, or
 * build/aright
 */
#include "cli/client.h"
#include "daemon/tables.h"
#include "made.h"
#include "op/wire.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASKERS_MAX = 64, SYNCS = 2000, SYNC_BYTES = 1024 };

static int64_t ticks_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t at_ns)
{
    struct timespec t = { .tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
    }
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(const char *what, int64_t *ns, size_t n)
{
    qsort(ns, n, sizeof *ns, by_size);
    printf("%-44s %8zu  p50 %7.3f ms  p99 %7.3f ms  p99.9 %7.3f ms  max %7.3f ms\n", what, n,
           (double)ns[n / 2] / 1e6, (double)ns[n * 99 / 100] / 1e6,
           (double)ns[n * 999 / 1000] / 1e6, (double)ns[n - 1] / 1e6);
    (void)fflush(stdout);
}

/* ---- a home, and who answers for it ---- */

typedef struct world {
    ar_arena arena;
    ar_place place;
    pid_t daemon;
} world;

static void write_standards(world *w)
{
    const char *folder = ar_path_join(&w->arena, w->place.home, "standards");

    must(ar_dir_make(folder, 0755));
    for (int i = 0; i < STANDARDS; i++) {
        const char *where = shapes[(size_t)i % AR_COUNT(shapes)].where;
        ar_auto(ar_buf) text = { 0 };

        ar_buf_addf(&text,
                    "id: B-%d\nclass: standard\ntitle: T\nstatement: S\npillar: tenants\nright: R\n"
                    "risk: 1\nowner: o\nexplain: []\nkind: made\nparams: {days: %d}\npass: %s\n",
                    i, 30 + i, shapes[(size_t)i % AR_COUNT(shapes)].pass);
        if (where != NULL) ar_buf_addf(&text, "where: %s\n", where);
        ar_buf_addz(&text, "stay: {gate: [made.create], mode: deny, on_error: closed, needs: row}\n"
                           "get: {due: 30d, action: a}\nwaiver: {max: 90d, approver: domain}\n"
                           "tests: {pass: [{}], fail: [{}], unknown: [{}]}\n");
        must(ar_file_write(
            ar_path_join(&w->arena, folder, ar_arena_printf(&w->arena, "B-%d.yaml", i).ptr),
            ar_buf_str(&text), 0644));
    }
}

static const char *program(void)
{
    static ar_arena arena;
    const char *given = getenv("ARIGHT_PROGRAM");

    return ar_path_absolute(&arena, given != NULL ? given : "build/aright");
}

static void start_daemon(world *w)
{
    const char *socket = ar_path_join(&w->arena, w->place.home, "run/gate.sock");

    w->daemon = fork();
    if (w->daemon == 0) {
        (void)setenv("ARIGHT_HOME", w->place.home, 1);
        (void)freopen("/dev/null", "w", stderr);
        (void)execl(program(), "aright", "serve", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 600 && !ar_file_exists(socket); i++) (void)usleep(50000);
}

static ar_str shell(world *w, ar_str command)
{
    const char *const argv[] = { "/bin/sh", "-c", command.ptr, NULL };
    ar_spawn spawn = { .argv = argv };
    ar_str said = { 0 };
    int status;

    must(ar_run(&spawn, 65536, 120, &w->arena, &said, &status));
    return ar_str_trim(said);
}

/* Under a real-time policy (chrt) the engine's threads would not let the gate run: the core is put
 * among the others again. */
static void calm_core(world *w)
{
    (void)shell(w, ar_arena_printf(&w->arena,
                                   "chrt -a -o -p 0 $(pgrep -f 'process core %s' | head -1)",
                                   w->place.home));
}

/* ---- asking ---- */

static ar_str request_of(const char *op, const char *gate, ar_arena *arena)
{
    ar_args args = { .op = ar_tables_find(&ar_all_tables, ar_str_of(op)), .arena = arena };
    ar_request request = { .args = &args };
    ar_auto(ar_buf) bytes = { 0 };

    if (gate != NULL) {
        must(ar_args_add(&args, ar_param_find(args.op, AR_LIT("gate")), ar_str_of(gate), -1, 0));
        must(ar_args_add(&args, ar_param_find(args.op, AR_LIT("file")), AR_LIT("p"), -1, 0));
    }
    ar_wire_request(&bytes, &ar_all_tables, &request);
    return ar_arena_copy(arena, ar_buf_str(&bytes));
}

static int proposal(void)
{
    static const char text[] =
        "{\"id\": \"a-1\", \"name\": \"payroll\", \"owner_id\": \"team:pay\", \"env\": "
        "\"production\", \"b1\": true, \"b2\": false, \"b3\": true, \"b4\": false, \"b5\": false, "
        "\"b6\": true, \"b7\": true, \"b8\": true, \"n1\": 0, \"n2\": 30, \"n3\": 2, \"n4\": 3, "
        "\"n5\": 3, \"t1\": \"auto\", \"t2\": \"managed\", \"t3\": \"current\", \"t4\": \"x\", "
        "\"u2\": \"-1d\", \"u3\": \"-1d\", \"created_at\": \"-2d\"}";
    int fd = memfd_create("proposal", MFD_CLOEXEC);

    if (fd < 0 || write(fd, text, sizeof text - 1) < 0) exit(1);
    return fd;
}

typedef struct asker {
    pthread_t thread;
    struct sockaddr_un address;
    ar_str request;
    int file; /* -1: none goes along */
    int64_t first_ns, step_ns;
    size_t n;
    int64_t *took_ns;
    int64_t failures;
} asker;

static void send_request(int fd, const asker *a)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec part = { (void *)(uintptr_t)a->request.ptr, a->request.len };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (a->file >= 0) {
        message.msg_control = space;
        message.msg_controllen = sizeof space;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &a->file, sizeof(int));
        (void)lseek(a->file, 0, SEEK_SET);
    }
    if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) perror("sendmsg");
}

/* Whether an answer came: a decision has rows, whatever it is. */
static bool ask_once(const asker *a)
{
    char answer[64 * 1024];
    ar_auto(ar_fd) fd = ar_fd_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ssize_t n, all = 0;

    if (connect(ar_fd_n(fd), (const struct sockaddr *)&a->address, sizeof a->address) != 0)
        return false;
    send_request(ar_fd_n(fd), a);
    while ((n = read(ar_fd_n(fd), answer, sizeof answer)) > 0) all += n;
    return n == 0 && all > (a->file >= 0 ? 1000 : 10);
}

static void *ask(void *self)
{
    asker *a = self;

    for (size_t i = 0; i < a->n; i++) {
        int64_t due = a->first_ns + (int64_t)i * a->step_ns;

        sleep_until(due);
        a->failures += !ask_once(a);
        a->took_ns[i] = ticks_ns() - due;
    }
    return NULL;
}

/* Asks `rate` times a second; returns how many were not answered. */
static int64_t run(world *w, const char *what, ar_str request, bool with_file, int64_t rate,
                   int64_t seconds, int64_t n_askers)
{
    size_t each = (size_t)(rate * seconds / n_askers);
    int64_t *took = ar_make_n(&w->arena, int64_t, each * (size_t)n_askers);
    int64_t begin = ticks_ns() + 100000000, failures = 0;
    asker askers[ASKERS_MAX] = { 0 };

    for (int64_t i = 0; i < n_askers; i++) {
        asker *a = &askers[i];

        *a = (asker){ .address = { .sun_family = AF_UNIX },
                      .request = request,
                      .file = with_file ? proposal() : -1,
                      .first_ns = begin + i * (1000000000 / rate),
                      .step_ns = n_askers * (1000000000 / rate),
                      .n = each,
                      .took_ns = took + (size_t)i * each };
        (void)snprintf(a->address.sun_path, sizeof a->address.sun_path, "%s/run/gate.sock",
                       w->place.home);
        if (pthread_create(&a->thread, NULL, ask, a) != 0) exit(1);
    }
    for (int64_t i = 0; i < n_askers; i++) {
        (void)pthread_join(askers[i].thread, NULL);
        failures += askers[i].failures;
        if (with_file) (void)close(askers[i].file);
    }
    report(what, took, each * (size_t)n_askers);
    if (failures > 0) printf("  %lld were not answered\n", (long long)failures);
    return failures;
}

/* ---- the disk ---- */

typedef struct prober {
    pthread_t thread;
    const char *path;
    int64_t step_ns, *took_ns;
    size_t n;
} prober;

/* One durable write each step, into a file that was written before. */
static void *probe(void *self)
{
    static const char zeros[SYNCS * SYNC_BYTES];
    prober *p = self;
    ar_auto(ar_fd) fd = ar_fd_of(open(p->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    char bytes[SYNC_BYTES] = { 1 };

    must(ar_fd_write_all(ar_fd_n(fd), (ar_str){ zeros, sizeof zeros }));
    if (fsync(ar_fd_n(fd)) != 0) exit(1);
    for (size_t i = 0; i < p->n; i++) {
        int64_t from = ticks_ns();

        if (pwrite(ar_fd_n(fd), bytes, sizeof bytes, (off_t)i * SYNC_BYTES) < 0 ||
            fdatasync(ar_fd_n(fd)) != 0)
            exit(1);
        p->took_ns[i] = ticks_ns() - from;
        sleep_until(from + p->step_ns);
    }
    return NULL;
}

static void start_prober(world *w, int64_t seconds, prober *out)
{
    *out = (prober){ .path = ar_path_join(&w->arena, w->place.data, "disk"),
                     .step_ns = seconds * 1000000000 / SYNCS,
                     .took_ns = ar_make_n(&w->arena, int64_t, SYNCS),
                     .n = SYNCS };
    if (pthread_create(&out->thread, NULL, probe, out) != 0) exit(1);
}

/* ---- what is there afterwards ---- */

static int64_t count_decisions(world *w)
{
    int64_t n = -1;

    (void)ar_str_int(shell(w, ar_arena_printf(&w->arena,
                                              "ARIGHT_HOME=%s %s gate cost --format csv |"
                                              " sed -n 2p | cut -d, -f2",
                                              w->place.home, program())),
                     &n);
    return n;
}

static int64_t number(int argc, char **argv, int at, int64_t absent)
{
    int64_t n = absent;

    if (argc > at && (!ar_str_int(ar_str_of(argv[at]), &n) || n < 1)) exit(2);
    return n;
}

int main(int argc, char **argv)
{
    int64_t rate = number(argc, argv, 1, 5000), seconds = number(argc, argv, 2, 20);
    int64_t askers = number(argc, argv, 3, 48), failures, kept, wanted;
    char folder[] = "/tmp/aright-bench-XXXXXX";
    world w = { 0 };
    prober disk;

    if (mkdtemp(folder) == NULL || askers > ASKERS_MAX) return 1;
    w.place.data = folder;
    w.place.home = ar_path_join(&w.arena, folder, "home");
    must(ar_dir_make(w.place.home, 0700));
    write_kind(ar_path_join(&w.arena, w.place.home, "kinds"), "made", "", &w.arena);
    write_standards(&w);
    start_daemon(&w);
    calm_core(&w);
    (void)run(&w, "the socket: a request that does nothing",
              request_of("gate.list", NULL, &w.arena), false, rate, 5, askers);
    ar_str question = request_of("gate.decide", "made.create", &w.arena);
    start_prober(&w, seconds, &disk);
    failures = run(&w, "a decision by 31 standards", question, true, rate, seconds, askers);
    (void)pthread_join(disk.thread, NULL);
    report("meanwhile, the disk: 1 KiB made durable", disk.took_ns, disk.n);
    int64_t from = ticks_ns();
    kept = count_decisions(&w);
    wanted = rate * seconds / askers * askers;
    printf("%lld of %lld decisions found %.2f s later\n", (long long)kept, (long long)wanted,
           (double)(ticks_ns() - from) / 1e9);
    (void)kill(w.daemon, SIGTERM);
    (void)waitpid(w.daemon, NULL, 0);
    must(ar_dir_remove(folder));
    return failures > 0 || kept != wanted;
}
