#include "sys/proc.h"
#include "base/sanitize.h"
#include "sys/sandbox.h"
#include "sys/ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ABOVE_GIVEN = AR_CHILD_PASSED + 1,
    DRAIN_STEP = 64 * 1024,
    EXIT_UNSTARTED = 127,
};

/* What the child reports before exec; nothing more comes when exec has closed the pipe. */
enum step { NETWORK_IS_CUT, AT_SETUP, AT_DIR, AT_EXEC };

typedef struct report {
    enum step step;
    int number; /* errno */
} report;

/* All that the child needs, made before the fork: after it, only calls that are safe in a copy of a
 * process with threads. */
typedef struct plan {
    const ar_spawn *spawn;
    const char *program;
    char *const *argv;
    char *const *envp;
    int in, out, err, reports; /* descriptors above those that it is given */
    int pass;                  /* -1: none */
    pid_t parent;
} plan;

/* ---- limits ---- */

uint64_t ar_self_space(uint64_t data_bytes, int threads)
{
    /* the engine's library with all that it maps; what malloc reserves for each thread */
    const uint64_t libraries = UINT64_C(1) << 30, per_thread = UINT64_C(160) << 20;

    return AR_SANITIZED ? 0 : data_bytes + libraries + (uint64_t)threads * per_thread;
}

/* ---- in the child ---- */

static void tell(int fd, enum step step)
{
    report r = { .step = step, .number = errno };

    /* a parent that does not read is gone, and then so are we */
    if (write(fd, &r, sizeof r) != sizeof r) _exit(EXIT_UNSTARTED);
}

static bool limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit r;

    if (getrlimit(resource, &r) != 0) return false;
    if (r.rlim_max != RLIM_INFINITY && value > r.rlim_max) value = r.rlim_max;
    r = (struct rlimit){ .rlim_cur = value, .rlim_max = value };
    return setrlimit(resource, &r) == 0;
}

static bool set_up(const plan *p)
{
    const ar_spawn *s = p->spawn;
    sigset_t none;

    (void)sigemptyset(&none);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == p->parent && setsid() > 0 &&
           signal(SIGPIPE, SIG_DFL) != SIG_ERR && sigprocmask(SIG_SETMASK, &none, NULL) == 0 &&
           dup2(p->in, 0) == 0 && dup2(p->out, 1) == 1 && dup2(p->err, 2) == 2 &&
           (p->pass < 0 || dup2(p->pass, AR_CHILD_PASSED) == AR_CHILD_PASSED) &&
           close_range(p->pass < 0 ? AR_CHILD_PASSED : ABOVE_GIVEN, ~0u, CLOSE_RANGE_CLOEXEC) ==
               0 &&
           limit(RLIMIT_CORE, 0) && (s->memory_bytes == 0 || limit(RLIMIT_AS, s->memory_bytes)) &&
           (s->cpu_seconds == 0 || limit(RLIMIT_CPU, (uint64_t)s->cpu_seconds)) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* A namespace of its own has no interface that is up; without the right to one, or in a sandbox,
 * the sockets are refused. */
static void cut_network(const plan *p, bool in_namespace)
{
    if (in_namespace || ar_sandbox_cut_network()) tell(p->reports, NETWORK_IS_CUT);
}

static _Noreturn void become(const plan *p)
{
    bool wanted = p->spawn->no_network;
    bool in_namespace = wanted && unshare(CLONE_NEWNET) == 0;
    bool ready = set_up(p);

    if (!ready) tell(p->reports, AT_SETUP);
    if (ready && wanted) cut_network(p, in_namespace);
    if (ready && chdir(p->spawn->dir == NULL ? "/" : p->spawn->dir) != 0)
        tell(p->reports, AT_DIR);
    else if (ready && execve(p->program, p->argv, p->envp) != 0)
        tell(p->reports, AT_EXEC);
    _exit(EXIT_UNSTARTED);
}

/* vfork, not fork: fork takes the locks of every allocator in a process whose engine has threads,
 * and copies the page tables of all its memory. The child runs on our memory while we wait, until
 * exec or _exit, so signals wait until it has a session of its own. */
static __attribute__((noinline)) ar_err split(const plan *p, int *out_pid)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);

    pid_t pid = vfork();

    if (pid == 0) become(p);

    int number = errno;

    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    if (pid < 0) return ar_fail_errno("cannot start '%s'", p->program);
    *out_pid = pid;
    return ar_ok();
}

/* ---- before the fork ---- */

static ar_err find_program(const char *name, ar_arena *arena, const char **out_program)
{
    static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                           "/usr/bin",        "/sbin",          "/bin" };

    if (name[0] == '/') {
        *out_program = name; /* exec will tell whether it is there */
        return ar_ok();
    }
    for (size_t i = 0; i < AR_COUNT(folders) && strchr(name, '/') == NULL; i++) {
        const char *path = ar_path_join(arena, folders[i], name);

        if (access(path, X_OK) == 0) return *out_program = path, ar_ok();
    }
    return ar_fail(AR_NOT_FOUND, "there is no program '%s' in /usr/bin and its like", name);
}

static const char *const *small_environment(ar_arena *arena)
{
    const char *home = getenv("HOME");
    const char **env = ar_make_n(arena, const char *, 4);

    env[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    env[1] = "LANG=C.UTF-8";
    env[2] = ar_arena_printf(arena, "HOME=%s", home == NULL ? "/" : home).ptr;
    return env;
}

/* A copy above the descriptors that a child is given, so that none of them is overwritten before it
 * is used. */
static ar_err raise_fd(ar_fd *fd)
{
    if (fd->n != 0 && ar_fd_n(*fd) >= ABOVE_GIVEN) return ar_ok();

    int up = fd->n == 0 ? -1 : fcntl(ar_fd_n(*fd), F_DUPFD_CLOEXEC, ABOVE_GIVEN);

    if (up < 0) return ar_fail_errno("cannot make a descriptor for a child");
    ar_fd_done(fd);
    *fd = ar_fd_of(up);
    return ar_ok();
}

static ar_err open_pipe(ar_fd *out_read, ar_fd *out_write)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return ar_fail_errno("cannot make a pipe");
    *out_read = ar_fd_of(ends[0]);
    *out_write = ar_fd_of(ends[1]);
    AR_TRY(raise_fd(out_read));
    return raise_fd(out_write);
}

static ar_err copy_fd(int fd, ar_fd *out)
{
    *out = ar_fd_of(fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_GIVEN));
    return raise_fd(out);
}

static ar_err open_null(int flags, ar_fd *out)
{
    *out = ar_fd_of(open("/dev/null", flags | O_CLOEXEC));
    return raise_fd(out);
}

/* ---- after it ---- */

/* Waits for the end of the leader, kills what is left of its group while the dead leader still
 * keeps the number taken, and reaps. */
static int reap(ar_child *child)
{
    siginfo_t info;
    int status = 0;

    while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    (void)kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
    return status;
}

static void stop(ar_child *child)
{
    if (child->pid == 0) return;
    (void)kill(child->pid, SIGKILL); /* before setsid it has no group yet */
    (void)kill(-child->pid, SIGKILL);
    (void)reap(child);
}

void ar_child_done(ar_child *child)
{
    stop(child);
    ar_fd_done(&child->out);
}

static ar_err fail_start(const plan *p, report r)
{
    const char *what = r.step == AT_DIR ? p->spawn->dir : p->program;
    enum ar_code code = r.step == AT_SETUP                          ? AR_IO
                        : r.number == ENOENT || r.number == ENOTDIR ? AR_NOT_FOUND
                        : r.number == EACCES || r.number == EPERM   ? AR_DENIED
                                                                    : AR_IO;

    return ar_fail(code, "cannot start '%s'%s%s%s: %s", p->program, r.step == AT_DIR ? " in '" : "",
                   r.step == AT_DIR && what != NULL ? what : "", r.step == AT_DIR ? "'" : "",
                   strerrordesc_np(r.number));
}

/* Reads what the child reports until exec closes the pipe. */
static ar_err hear(const plan *p, int fd, ar_child *child)
{
    for (;;) {
        report r;
        ssize_t n = read(fd, &r, sizeof r);

        if (n < 0 && errno == EINTR) continue;
        if (n == 0) return ar_ok();
        if (n != sizeof r) return ar_fail_errno("cannot start '%s'", p->program);
        if (r.step != NETWORK_IS_CUT) return fail_start(p, r);
        child->no_network = true;
    }
}

ar_err ar_child_start(const ar_spawn *spawn, ar_child *out_child)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_child) child = { 0 };
    ar_auto(ar_fd) in = { 0 }, out = { 0 }, err = { 0 }, pass = { 0 }, heard = { 0 }, said = { 0 };
    plan p = { .spawn = spawn, .parent = getpid(), .pass = -1 };

    assert(spawn->argv != NULL && spawn->argv[0] != NULL);
    AR_TRY(find_program(spawn->argv[0], &arena, &p.program));
    if (spawn->in_fd.n != 0)
        AR_TRY(copy_fd(ar_fd_n(spawn->in_fd), &in));
    else
        AR_TRY(open_null(O_RDONLY, &in));
    AR_TRY(open_pipe(&child.out, &out));
    AR_TRY(spawn->keep_stderr ? copy_fd(2, &err) : open_null(O_WRONLY, &err));
    if (spawn->pass_fd.n != 0) AR_TRY(copy_fd(ar_fd_n(spawn->pass_fd), &pass));
    AR_TRY(open_pipe(&heard, &said));

    const char *const *envp = spawn->envp == NULL ? small_environment(&arena) : spawn->envp;

    /* execve changes neither, its prototype is older than const */
    memcpy(&p.argv, &spawn->argv, sizeof p.argv);
    memcpy(&p.envp, &envp, sizeof p.envp);
    p.in = ar_fd_n(in);
    p.out = ar_fd_n(out);
    p.err = ar_fd_n(err);
    p.reports = ar_fd_n(said);
    if (pass.n != 0) p.pass = ar_fd_n(pass);

    AR_TRY(split(&p, &child.pid));
    ar_fd_done(&said);
    if (spawn->seconds > 0) child.until_ms = ar_ticks_ms() + (int64_t)spawn->seconds * 1000;
    AR_TRY(hear(&p, ar_fd_n(heard), &child));
    *out_child = ar_move(child);
    return ar_ok();
}

/* Until fd has something to read, or the child's time is over. */
static ar_err await(const ar_child *child, int fd, const char *name)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    while (child->until_ms != 0) {
        int64_t left = child->until_ms - ar_ticks_ms();
        int n = left <= 0 ? 0 : poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);

        if (n == 0) return ar_fail(AR_UNAVAILABLE, "%s did not end in its time", name);
        if (n > 0) break;
        if (errno != EINTR) return ar_fail_errno("cannot watch %s", name);
    }
    return ar_ok();
}

ar_err ar_child_ready(const ar_child *child, const char *name)
{
    return await(child, ar_fd_n(child->out), name);
}

static ar_err await_end(ar_child *child, const char *name)
{
    ar_auto(ar_fd) ended = { 0 };
    int64_t until_ms = ar_ticks_ms() + AR_CHILD_END_MS;

    ended = ar_fd_of(pidfd_open(child->pid, 0));
    if (ended.n == 0) return ar_fail_errno("cannot watch %s", name);
    if (child->until_ms == 0 || child->until_ms > until_ms) child->until_ms = until_ms;
    return await(child, ar_fd_n(ended), name);
}

ar_err ar_child_wait(ar_child *child, const char *name)
{
    AR_TRY(await_end(child, name));

    int status = reap(child);

    if (WIFSIGNALED(status))
        return ar_fail(AR_UNAVAILABLE, "%s was ended by signal %d (%s)", name, WTERMSIG(status),
                       sigdescr_np(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return ar_fail(AR_UNAVAILABLE, "%s ended with status %d", name, WEXITSTATUS(status));
    return ar_ok();
}

/* ---- running to the end ---- */

/* Takes what there is to read; *out_open is false at its end. */
static ar_err drain(ar_child *child, const char *name, size_t max, ar_buf *text, bool *out_open)
{
    ssize_t n = read(ar_fd_n(child->out), ar_buf_room(text, DRAIN_STEP), DRAIN_STEP);

    if (n < 0 && errno == EINTR) return ar_ok();
    if (n < 0) return ar_fail_errno("cannot read from %s", name);
    text->len += (size_t)n;
    if (text->len > max) return ar_fail(AR_LIMIT, "%s printed more than %zu bytes", name, max);
    *out_open = n > 0;
    return ar_ok();
}

/* Until the child has ended and nothing is left in the pipe. The end of the pipe alone does not
 * tell: the child may close it early, or leave it to a grandchild. */
static ar_err follow(ar_child *child, const char *name, size_t max, int seconds, ar_buf *text)
{
    ar_auto(ar_fd) ended = ar_fd_of(pidfd_open(child->pid, 0));
    int64_t deadline = ar_ticks_ms() + (int64_t)seconds * 1000;
    bool open = true;

    if (ended.n == 0) return ar_fail_errno("cannot watch %s", name);
    for (;;) {
        struct pollfd p[] = {
            { .fd = ar_fd_n(ended), .events = POLLIN },
            { .fd = open ? ar_fd_n(child->out) : -1, .events = POLLIN },
        };
        int64_t left = deadline - ar_ticks_ms();

        if (left <= 0 || poll(p, AR_COUNT(p), (int)left) == 0)
            return ar_fail(AR_UNAVAILABLE, "%s did not end within %d seconds", name, seconds);
        if (p[1].revents != 0)
            AR_TRY(drain(child, name, max, text, &open));
        else if (p[0].revents != 0)
            return ar_ok();
    }
}

ar_err ar_run(const ar_spawn *spawn, size_t max, int seconds, ar_arena *arena, ar_str *out_text,
              int *out_status)
{
    ar_auto(ar_child) child = { 0 };
    ar_auto(ar_buf) text = { 0 };

    AR_TRY(ar_child_start(spawn, &child));
    AR_TRY(follow(&child, spawn->argv[0], max, seconds, &text));

    int status = reap(&child);

    *out_text = ar_arena_copy(arena, ar_buf_str(&text));
    *out_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ar_ok();
}
