#include "daemon/serve.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "op/core.h"
#include "sys/ticks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BACKOFF_MS_FIRST = 100,
    BACKOFF_MS_MAX = 10 * 1000,
    WELL_MS = 60 * 1000, /* after so long a duty counts as well again */
    STOP_MS_MAX = 10 * 1000,
};

enum { CORE, GATE, FACTS, FRONT, DUTIES };

/* The process table. The core makes what the others find: they are started once it was ready. */
static const struct {
    const char *name;
    bool needed; /* the others go on without one that is not */
} duties[] = {
    [CORE] = { "core", true },
    [GATE] = { "gate", true },
    [FACTS] = { "facts", true },
    [FRONT] = { "front", false },
};

typedef struct duty {
    const char *name;
    bool needed;
    bool off; /* it is not to run, or could not start and would not the next time either */
    ar_child child;
    bool ready;       /* since it was started */
    bool ever_ready;  /* since we were */
    int64_t since_ms; /* when it was started, or may be again */
    int backoff_ms;
} duty;

typedef struct supervisor {
    ar_ctx *ctx;
    const ar_place *place;
    bool link; /* to be printed when the pages are there */
    duty duties[DUTIES];
    ar_fd signals;
    ar_fd channel[DUTIES]; /* over which the front process reaches the core: an end for each */
    bool stopping, told_ready, told_link;
    int64_t stop_ms; /* when patience ends */
    ar_err verdict;
} supervisor;

/* ---- the service manager (sd_notify(3)) ---- */

static void notify(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = name == NULL ? 0 : strlen(name);

    if (len == 0 || len >= sizeof address.sun_path) return;
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') address.sun_path[0] = '\0';

    ar_auto(ar_fd) fd = ar_fd_of(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);

    if (ar_fd_n(fd) < 0 || sendto(ar_fd_n(fd), state, strlen(state), MSG_NOSIGNAL,
                                  (struct sockaddr *)&address, size) < 0)
        ar_journal(AR_LEVEL_WARNING, "NOTIFY_SOCKET does not take '%s': %s", state,
                   strerrordesc_np(errno));
}

/* ---- one duty ---- */

static ar_err start(const supervisor *s, duty *d)
{
    ar_fd pass = s->channel[d - s->duties];
    const char *const argv[] = { s->place->program,
                                 "--process",
                                 d->name,
                                 s->place->home,
                                 s->place->data,
                                 pass.n == 0 ? NULL : "channel",
                                 NULL };
    ar_spawn spawn = { .argv = argv, .pass_fd = pass, .keep_stderr = true };

    d->since_ms = ar_ticks_ms();
    d->ready = false;
    AR_TRY_WITH(ar_child_start(&spawn, &d->child), "starting %s", d->name);
    ar_journal(AR_LEVEL_INFO, "%s is process %d", d->name, d->child.pid);
    return ar_ok();
}

/* An end that would repeat itself: bad input, a home in use, a right that is missing. */
static bool is_hopeless(const duty *d, int status, enum ar_code *out_code)
{
    static const enum ar_code codes[] = { AR_INVALID, AR_DENIED, AR_CONFLICT };

    if (d->ever_ready || !WIFEXITED(status)) return false;
    for (size_t i = 0; i < AR_COUNT(codes); i++)
        if (WEXITSTATUS(status) == ar_code_exit(codes[i])) return *out_code = codes[i], true;
    return false;
}

static void begin_stop(supervisor *s)
{
    if (s->stopping) return;
    s->stopping = true;
    s->stop_ms = ar_ticks_ms() + STOP_MS_MAX;
    notify("STOPPING=1");
    for (size_t i = 0; i < DUTIES; i++)
        if (s->duties[i].child.pid > 0) (void)kill(s->duties[i].child.pid, SIGTERM);
}

static void plan_restart(duty *d, int64_t now)
{
    bool was_well = now - d->since_ms >= WELL_MS;

    d->backoff_ms = was_well || d->backoff_ms == 0 ? BACKOFF_MS_FIRST : d->backoff_ms * 2;
    if (d->backoff_ms > BACKOFF_MS_MAX) d->backoff_ms = BACKOFF_MS_MAX;
    d->since_ms = now + d->backoff_ms;
}

static ar_err print_first(void *self, const ar_value *values, size_t n)
{
    (void)self;
    if (n > 0 && values[0].type == AR_TEXT) printf("\nThe pages: %.*s\n", AR_FMT(values[0].s));
    (void)fflush(stdout);
    return ar_ok();
}

/* As whoever started this would ask for it. */
static void print_link(const supervisor *s)
{
    ar_args args = { .op = ar_tables_find(s->ctx->tables, AR_LIT("web.link")),
                     .arena = s->ctx->arena };
    ar_receiver receiver = { .row = print_first };
    ar_sink sink = ar_receiver_sink(&receiver);
    ar_err err = s->ctx->hooks->ask(s->ctx, &args, &sink);

    if (err.code != AR_OK) ar_journal(AR_LEVEL_WARNING, "web link: %.*s", AR_FMT(ar_err_text(err)));
}

/* Whether nothing is to be waited for: it is ready, or not needed and cannot be for now. */
static bool has_settled(const duty *d)
{
    return d->ready || (!d->needed && (d->off || d->backoff_ms > 0));
}

static void tell_ready(supervisor *s)
{
    for (size_t i = 0; i < DUTIES; i++)
        if (!has_settled(&s->duties[i])) return;
    if (!s->told_ready) {
        s->told_ready = true;
        ar_journal(AR_LEVEL_INFO, "serving %s", s->place->home);
        notify("READY=1");
    }
    if (!s->link || s->told_link || !s->duties[FRONT].ready) return;
    s->told_link = true;
    print_link(s);
}

static void on_end(supervisor *s, duty *d, int status)
{
    enum ar_code code;
    int pid = d->child.pid;

    d->child.pid = 0; /* reaped already */
    ar_child_done(&d->child);
    if (s->stopping) return;
    if (is_hopeless(d, status, &code) && !d->needed) {
        ar_journal(AR_LEVEL_WARNING, "%s could not start; the rest goes on without it", d->name);
        d->off = true;
        return tell_ready(s);
    }
    if (is_hopeless(d, status, &code)) {
        s->verdict = ar_fail(code, "%s could not start; it said why", d->name);
        begin_stop(s);
        return;
    }
    plan_restart(d, ar_ticks_ms());
    if (WIFSIGNALED(status))
        ar_journal(AR_LEVEL_WARNING, "%s (process %d) ended by signal %d; again in %d ms", d->name,
                   pid, WTERMSIG(status), d->backoff_ms);
    else
        ar_journal(AR_LEVEL_WARNING, "%s (process %d) ended with status %d; again in %d ms",
                   d->name, pid, WEXITSTATUS(status), d->backoff_ms);
    if (!d->needed) tell_ready(s);
}

static void reap(supervisor *s)
{
    int status;

    for (size_t i = 0; i < DUTIES; i++) {
        duty *d = &s->duties[i];

        if (d->child.pid > 0 && waitpid(d->child.pid, &status, WNOHANG) == d->child.pid)
            on_end(s, d, status);
    }
}

/* A duty says one thing on its standard output: that it is ready. */
static void on_output(supervisor *s, duty *d)
{
    char text[64];
    ssize_t n = read(ar_fd_n(d->child.out), text, sizeof text);

    if (n <= 0) return ar_fd_done(&d->child.out);
    d->ready = d->ever_ready = true;
    ar_journal(AR_LEVEL_DEBUG, "%s is ready after %lld ms", d->name,
               (long long)(ar_ticks_ms() - d->since_ms));
    tell_ready(s);
}

static void on_signal(supervisor *s)
{
    struct signalfd_siginfo info;

    if (read(ar_fd_n(s->signals), &info, sizeof info) != sizeof info) return;
    ar_journal(AR_LEVEL_DEBUG, "signal %u (%s) from process %u", info.ssi_signo,
               sigdescr_np((int)info.ssi_signo), info.ssi_pid);
    if (info.ssi_signo == SIGCHLD) return reap(s);
    if (info.ssi_signo != SIGHUP) return begin_stop(s);
    for (size_t i = 0; i < DUTIES;
         i++) /* new configuration: each ends in order, and is restarted */
        if (s->duties[i].child.pid > 0) (void)kill(s->duties[i].child.pid, SIGTERM);
}

/* ---- the loop ---- */

static int64_t until(int64_t then, int64_t now, int64_t least)
{
    int64_t left = then > now ? then - now : 0;

    return least < 0 || left < least ? left : least;
}

static bool may_start(const supervisor *s, const duty *d)
{
    return d->child.pid == 0 && !d->off && (d == &s->duties[CORE] || s->duties[CORE].ever_ready);
}

static int timeout_ms(const supervisor *s)
{
    int64_t now = ar_ticks_ms(), least = -1;

    if (s->stopping) return (int)until(s->stop_ms, now, -1);
    for (size_t i = 0; i < DUTIES; i++)
        if (may_start(s, &s->duties[i])) least = until(s->duties[i].since_ms, now, least);
    return (int)least;
}

static ar_err start_due(supervisor *s)
{
    int64_t now = ar_ticks_ms();

    for (size_t i = 0; i < DUTIES && !s->stopping; i++)
        if (may_start(s, &s->duties[i]) && s->duties[i].since_ms <= now)
            AR_TRY(start(s, &s->duties[i]));
    return ar_ok();
}

static bool any_runs(const supervisor *s)
{
    for (size_t i = 0; i < DUTIES; i++)
        if (s->duties[i].child.pid > 0) return true;
    return false;
}

static void wait_once(supervisor *s)
{
    struct pollfd fds[DUTIES + 1] = { { .fd = ar_fd_n(s->signals), .events = POLLIN } };

    for (size_t i = 0; i < DUTIES; i++)
        fds[i + 1] = (struct pollfd){ .fd = ar_fd_n(s->duties[i].child.out), .events = POLLIN };
    if (poll(fds, DUTIES + 1, timeout_ms(s)) <= 0) return;
    for (size_t i = 0; i < DUTIES; i++)
        if (fds[i + 1].revents != 0) on_output(s, &s->duties[i]);
    if (fds[0].revents != 0) on_signal(s);
}

static ar_err supervise(supervisor *s)
{
    while (!s->stopping || any_runs(s)) {
        AR_TRY(start_due(s));
        wait_once(s);
        if (s->stopping && ar_ticks_ms() >= s->stop_ms) break;
    }
    return s->verdict;
}

/* Both ends stay ours too: whichever process is started again goes on with what waits in it. */
static ar_err open_channel(supervisor *s)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return ar_fail_errno("socketpair");
    s->channel[CORE] = ar_fd_of(ends[0]);
    s->channel[FRONT] = ar_fd_of(ends[1]);
    return ar_ok();
}

static ar_err run_serve(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    supervisor s = { .ctx = ctx, .place = ctx->place, .link = ar_arg_flag(args, "link") };
    ar_config config;

    (void)reply;
    AR_TRY(ar_config_load(ctx->place->home, ctx->arena, &config));
    ar_journal_init("supervisor", config.log_level);
    AR_TRY(ar_signals_open(true, &s.signals));
    for (size_t i = 0; i < DUTIES; i++)
        s.duties[i] = (duty){ .name = duties[i].name, .needed = duties[i].needed };
    s.duties[FRONT].off = config.web_listen.len == 0;
    if (!s.duties[FRONT].off) AR_TRY(open_channel(&s));

    ar_err err = supervise(&s);

    for (size_t i = 0; i < DUTIES; i++) {
        ar_child_done(&s.duties[i].child);
        ar_fd_done(&s.channel[i]);
    }
    ar_fd_done(&s.signals);
    return err;
}

static const ar_param serve_params[] = {
    { "link", AR_PARAM_FLAG, 0, "print a link to the pages when they are there", NULL },
    { 0 },
};

const ar_op ar_serve_ops[] = {
    { .name = "serve",
      .help = "run the daemon until it is told to stop",
      .more = "A supervisor keeps the core running, and the front process that serves the pages; "
              "commands then go to the core's socket, also those "
              "of other users if people.yaml names some when the core starts. It logs "
              "JSON lines on standard error, tells the service manager when it is ready, ends "
              "on SIGTERM and SIGINT and takes new configuration on SIGHUP.",
      .runs_in = AR_IN_DOOR,
      .grant = "home.serve",
      .params = serve_params,
      .run = run_serve },
    { 0 },
};
