#include "daemon/duty_core.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "op/core.h"
#include "sys/clock.h"
#include "sys/ticks.h"

#include <unistd.h>

enum {
    DECISIONS_MS = 10 * 1000,
    FACTS_MS = 100,
    BEHIND_MS = 60, /* when more facts come than that is time for */
    QUIET_MS = 20,  /* or sooner, when nobody asks for so long */
};

static int64_t asked_ms; /* when somebody was answered last */

static ar_err run_one(void *self, const ar_request *request, ar_arena *arena, const ar_sink *sink)
{
    ar_err err = ar_core_run(self, request, arena, sink);

    asked_ms = ar_ticks_ms();
    return err;
}

/* Whoever has the end of an answer may count on the lock. */
static ar_err settle(void *self)
{
    return ar_core_hold(self);
}

static const int64_t every_ms[AR_LOGS] = { DECISIONS_MS, FACTS_MS };

/* When a log is looked at again. */
typedef struct turn {
    int64_t due_ms;
    bool behind; /* more waits already, it is known: as soon as nobody asks */
} turn;

static int64_t left_ms(const turn *t)
{
    int64_t due_ms = t->due_ms;

    if (t->behind && asked_ms + QUIET_MS < due_ms) due_ms = asked_ms + QUIET_MS;
    due_ms -= ar_ticks_ms();
    return due_ms > 0 ? due_ms : 0;
}

/* Whoever waits is served between two transactions of facts. The longer one took, the more facts
 * wait for the next. */
static ar_err enter_some(void *self, enum ar_log which, turn *t)
{
    int64_t from = ar_ticks_ms();
    size_t n = 0;
    ar_err err = which == AR_LOG_FACTS ? ar_logged_enter_some(self, which, &n)
                                       : ar_logged_enter(self, which);
    int64_t now = ar_ticks_ms();

    if (n > 0)
        ar_journal(AR_LEVEL_DEBUG, "entering %zu records of facts took %lld ms", n,
                   (long long)(now - from));
    t->behind = n > 0 && now - from > FACTS_MS;
    t->due_ms = now + (t->behind ? BEHIND_MS : every_ms[which]);
    if (t->behind) asked_ms = now;
    return err;
}

/* What the gate left is entered in peace when nobody asks, facts as they come, and both have room
 * for more at once. What is wrong with decisions is told to who asks. */
static void look_after_log(void *self, enum ar_log which, turn *t)
{
    bool due = left_ms(t) == 0;
    ar_err err = ar_logged_prepare(self, which);

    if (due) *t = (turn){ .due_ms = ar_ticks_ms() + every_ms[which] };
    if (due && err.code == AR_OK) err = enter_some(self, which, t);
    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
}

static int64_t look_after_logs(void *self)
{
    static turn turns[AR_LOGS];
    int64_t least = INT64_MAX;

    for (int i = 0; i < AR_LOGS; i++) look_after_log(self, (enum ar_log)i, &turns[i]);
    for (int i = 0; i < AR_LOGS; i++)
        if (left_ms(&turns[i]) < least) least = left_ms(&turns[i]);
    return least;
}

static ar_err tell_stranger(void *self, int64_t uid, int64_t n, ar_time now, ar_err err)
{
    return ar_core_stranger(self, uid, n, now, err);
}

static void know_front(void *self, int64_t uid)
{
    ar_core *core = self;

    core->front = uid;
}

static ar_err serve(ar_core *core, int channel, int signals)
{
    const ar_socket_host host = { .place = &core->place,
                                  .tables = core->tables,
                                  .name = "core.sock",
                                  .channel = channel,
                                  .front = know_front,
                                  .run = run_one,
                                  .settle = settle,
                                  .tick = look_after_logs,
                                  .stranger = tell_stranger,
                                  .self = core };
    ar_auto(ar_socket) server = { 0 };
    const ar_str ready = AR_LIT("ready\n");

    AR_TRY(ar_socket_open(&host, &server));
    AR_TRY(ar_core_event(core, "core.started", ar_clock_now()));
    AR_TRY_WITH(ar_fd_write_all(STDOUT_FILENO, ready), "telling the supervisor");
    AR_TRY(ar_socket_serve(&server, signals));
    return ar_core_event(core, "core.stopped", ar_clock_now());
}

/* The log's process goes on behind what the estate knows. One that runs already has begun. */
static ar_err begin_log(ar_core *core, enum ar_log which)
{
    ar_auto(ar_logged) logged = { 0 };

    AR_TRY(ar_logged_prepare(core, which));
    ar_err err = ar_logged_of(core, which, &logged);
    return err.code == AR_CONFLICT ? ar_ok() : err;
}

static ar_err run(const ar_tables *tables, const ar_place *place, int channel)
{
    ar_auto(ar_fd) signals = { 0 };
    ar_auto(ar_fd) lock = { 0 };
    ar_own(ar_core) core = NULL;
    static const char *const home_only[] = { NULL };

    AR_TRY(ar_signals_open(false, &signals));
    AR_TRY(ar_home_make(place));
    AR_TRY(ar_home_lock(place, &lock));
    AR_TRY(ar_core_open(place, tables, home_only, &lock, ar_clock_now(), &core));
    core->state = ar_arena_printf(&core->arena, "core, process %d", (int)getpid()).ptr;
    ar_journal_init("core", core->place.config.log_level);
    ar_journal(AR_LEVEL_DEBUG, "given up: %s", core->sandbox);
    core->follows = true;
    for (int i = 0; i < AR_LOGS; i++) AR_TRY(begin_log(core, (enum ar_log)i));
    return serve(core, channel, ar_fd_n(signals));
}

int ar_duty_core(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_place place = { 0 };

    ar_journal_init("core", AR_LIT("info"));
    if (argc < 2 || argc > 3) {
        ar_journal(AR_LEVEL_ERROR, "want HOME and DATA, and whether there is a channel");
        return ar_code_exit(AR_INVALID);
    }
    place.home = argv[0];
    place.data = argv[1];

    ar_err err = ar_path_self(&arena, &place.program);

    if (err.code == AR_OK) err = run(tables, &place, argc == 3 ? AR_CHILD_PASSED : 0);
    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_code_exit(err.code);
}
