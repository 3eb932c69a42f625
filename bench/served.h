/* served: a home under 31 standards with its daemon, what is asked of its sockets at a fixed rate,
 * and the disk beside it, for the programs of this folder that measure what is served. */
#pragma once

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

enum { SYNCS = 2000, SYNC_BYTES = 1024 };

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

/* 31 of the kind `made`. */
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

/* Returns when the socket is there. */
static void start_daemon(world *w, const char *name)
{
    const char *socket =
        ar_path_join(&w->arena, ar_path_join(&w->arena, w->place.home, "run"), name);

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
[[maybe_unused]] static void calm_core(world *w)
{
    (void)shell(w, ar_arena_printf(&w->arena,
                                   "chrt -a -o -p 0 $(pgrep -f 'process core %s' | head -1)",
                                   w->place.home));
}

/* The request, and a file along with it unless that is -1. */
static void send_request(int fd, ar_str request, int file)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec part = { (void *)(uintptr_t)request.ptr, request.len };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (file >= 0) {
        message.msg_control = space;
        message.msg_controllen = sizeof space;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &file, sizeof(int));
        (void)lseek(file, 0, SEEK_SET);
    }
    if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) perror("sendmsg");
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

static int64_t number(int argc, char **argv, int at, int64_t absent)
{
    int64_t n = absent;

    if (argc > at && (!ar_str_int(ar_str_of(argv[at]), &n) || n < 1)) exit(2);
    return n;
}
