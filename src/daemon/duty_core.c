#include "daemon/duty_core.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "op/core.h"
#include "sys/clock.h"
#include "sys/ticks.h"

#include <unistd.h>

enum { ENTER_MS = 10 * 1000 };

static ar_err run_one(void *self, const ar_request *request, ar_arena *arena, const ar_sink *sink)
{
    return ar_core_run(self, request, arena, sink);
}

/* Whoever has the end of an answer may count on the lock. */
static ar_err settle(void *self)
{
    return ar_core_hold(self);
}

/* What the gate left is entered in peace when nobody asks, and it has room for more at once. What
 * is wrong with it is told to who asks. */
static void look_after_records(void *self)
{
    static int64_t entered_ms;
    ar_err err = ar_logged_prepare(self);

    if (err.code == AR_OK && ar_ticks_ms() - entered_ms >= ENTER_MS) {
        err = ar_logged_enter(self);
        entered_ms = ar_ticks_ms();
    }
    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
}

static ar_err tell_stranger(void *self, int64_t uid, int64_t n, ar_time now, ar_err err)
{
    return ar_core_stranger(self, uid, n, now, err);
}

static ar_err serve(ar_core *core, int signals)
{
    const ar_socket_host host = { .place = &core->place,
                                  .tables = core->tables,
                                  .name = "core.sock",
                                  .serves = AR_IN_CORE,
                                  .run = run_one,
                                  .settle = settle,
                                  .tick = look_after_records,
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

/* The gate's process goes on behind what the estate knows. One that runs already has begun. */
static ar_err begin_log(ar_core *core)
{
    ar_auto(ar_logged) logged = { 0 };

    AR_TRY(ar_logged_prepare(core));
    ar_err err = ar_logged_of(core, &logged);
    return err.code == AR_CONFLICT ? ar_ok() : err;
}

static ar_err run(const ar_tables *tables, const ar_place *place)
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
    AR_TRY(begin_log(core));
    return serve(core, ar_fd_n(signals));
}

int ar_duty_core(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_place place = { 0 };

    ar_journal_init("core", AR_LIT("info"));
    if (argc != 2) {
        ar_journal(AR_LEVEL_ERROR, "want HOME and DATA");
        return ar_code_exit(AR_INVALID);
    }
    place.home = argv[0];
    place.data = argv[1];

    ar_err err = ar_path_self(&arena, &place.program);

    if (err.code == AR_OK) err = run(tables, &place);
    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_code_exit(err.code);
}
