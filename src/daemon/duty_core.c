#include "daemon/duty_core.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "op/core.h"
#include "sys/clock.h"

#include <unistd.h>

static ar_err serve(ar_core *core, int signals)
{
    ar_auto(ar_socket) server = { 0 };
    const ar_str ready = AR_LIT("ready\n");

    AR_TRY(ar_socket_open(core, &server));
    AR_TRY(ar_core_event(core, "core.started", ar_clock_now()));
    AR_TRY_WITH(ar_fd_write_all(STDOUT_FILENO, ready), "telling the supervisor");
    AR_TRY(ar_socket_serve(&server, signals));
    return ar_core_event(core, "core.stopped", ar_clock_now());
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
