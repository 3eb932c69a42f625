/* load: a gate with 31 standards asked through its socket, at a fixed rate whatever it answers, by
 * several at once, with what is proposed and with the id of what the estate has; beside it what the
 * same socket takes for a request that does nothing, and the disk for one durable write in the same
 * seconds. Latency counts from when a question was due. Then
 * all are found again. bench_load [RATE [SECONDS [ASKERS]]]      the program is $ARIGHT_PROGRAM, or
 * build/aright
 */
#include "served.h"

#include "sys/clock.h"

enum { ASKERS_MAX = 64, ASSETS = 100000 };

/* What is proposed, and what the estate has. */
static ar_str thing_of(const char *id, const char *used, const char *created, ar_arena *arena)
{
    return ar_arena_printf(
        arena,
        "{\"id\": \"%s\", \"name\": \"payroll\", \"owner_id\": \"team:pay\", \"env\": "
        "\"production\", \"b1\": true, \"b2\": false, \"b3\": true, \"b4\": false, \"b5\": false, "
        "\"b6\": true, \"b7\": true, \"b8\": true, \"n1\": 0, \"n2\": 30, \"n3\": 2, \"n4\": 3, "
        "\"n5\": 3, \"t1\": \"auto\", \"t2\": \"managed\", \"t3\": \"current\", \"t4\": \"x\", "
        "\"u2\": \"%s\", \"u3\": \"%s\", \"created_at\": \"%s\"}",
        id, used, used, created);
}

/* An estate of such things, judged. */
static void fill_estate(world *w)
{
    char used[AR_TIME_LEN], created[AR_TIME_LEN];
    const char *path = ar_path_join(&w->arena, w->place.data, "things");
    ar_time now = ar_time_to_second(ar_clock_now());
    ar_auto(ar_buf) all = { 0 };

    (void)ar_time_print(now - AR_DAY, used), (void)ar_time_print(now - 2 * AR_DAY, created);
    for (int i = 0; i < ASSETS; i++) {
        ar_auto(ar_arena) arena = { 0 };

        ar_buf_add(&all, thing_of(ar_arena_printf(&arena, "a-%d", i).ptr, used, created, &arena));
        ar_buf_addc(&all, '\n');
    }
    must(ar_file_write(path, ar_buf_str(&all), 0600));
    (void)shell(w, ar_arena_printf(&w->arena,
                                   "export ARIGHT_HOME=%s; %s import generic --kind made %s &&"
                                   " %s evaluate",
                                   w->place.home, program(), path, program()));
}

/* ---- asking ---- */

/* At the gate, with the parameter of that name. */
static ar_str request_of(const char *op, const char *param, const char *value, ar_arena *arena)
{
    ar_args args = { .op = ar_tables_find(&ar_all_tables, ar_str_of(op)), .arena = arena };
    ar_request request = { .args = &args };
    ar_auto(ar_buf) bytes = { 0 };

    if (param != NULL) {
        must(ar_args_add(&args, ar_param_find(args.op, AR_LIT("gate")), AR_LIT("made.create"), -1,
                         0));
        must(ar_args_add(&args, ar_param_find(args.op, ar_str_of(param)), ar_str_of(value), -1, 0));
    }
    ar_wire_request(&bytes, &ar_all_tables, &request);
    return ar_arena_copy(arena, ar_buf_str(&bytes));
}

static int proposal(void)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = thing_of("a-1", "-1d", "-2d", &arena);
    int fd = memfd_create("proposal", MFD_CLOEXEC);

    if (fd < 0 || write(fd, text.ptr, text.len) < 0) exit(1);
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

/* Whether an answer came: a decision has rows, whatever it is. */
static bool ask_once(const asker *a)
{
    char answer[64 * 1024];
    ar_auto(ar_fd) fd = ar_fd_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ssize_t n, all = 0;

    if (connect(ar_fd_n(fd), (const struct sockaddr *)&a->address, sizeof a->address) != 0)
        return false;
    send_request(ar_fd_n(fd), a->request, a->file);
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
    start_daemon(&w, "gate.sock");
    calm_core(&w);
    (void)run(&w, "the socket: a request that does nothing",
              request_of("gate.list", NULL, NULL, &w.arena), false, rate, 5, askers);
    fill_estate(&w);
    ar_str proposed = request_of("gate.decide", "file", "p", &w.arena);
    ar_str known = request_of("gate.decide", "asset", "made:a-77777", &w.arena);
    start_prober(&w, seconds, &disk);
    failures = run(&w, "a decision by 31 standards", proposed, true, rate, seconds, askers);
    (void)pthread_join(disk.thread, NULL);
    report("meanwhile, the disk: 1 KiB made durable", disk.took_ns, disk.n);
    start_prober(&w, seconds, &disk);
    failures +=
        run(&w, "one on what the estate has, by its id", known, false, rate, seconds, askers);
    (void)pthread_join(disk.thread, NULL);
    report("meanwhile, the disk: 1 KiB made durable", disk.took_ns, disk.n);
    int64_t from = ticks_ns();
    kept = count_decisions(&w);
    wanted = 2 * (rate * seconds / askers * askers);
    printf("%lld of %lld decisions found %.2f s later\n", (long long)kept, (long long)wanted,
           (double)(ticks_ns() - from) / 1e9);
    (void)kill(w.daemon, SIGTERM);
    (void)waitpid(w.daemon, NULL, 0);
    must(ar_dir_remove(folder));
    return failures > 0 || kept != wanted;
}
