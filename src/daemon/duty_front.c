#include "daemon/duty_front.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "http/front.h"
#include "sys/sandbox.h"

#include <poll.h>
#include <unistd.h>

static ar_err wait_for_end(int signals)
{
    struct pollfd fd = { .fd = signals, .events = POLLIN };

    while (poll(&fd, 1, -1) <= 0) {
    }
    return ar_ok();
}

/* It listens already, and asks the core through a socket in a folder that it may open. */
static ar_err enter_sandbox(const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *const reads[] = { ar_path_join(&arena, place->home, "run"), NULL };
    const ar_sandbox box = { .read_paths = reads, .local = true };
    ar_sandbox_state state;

    return ar_sandbox_enter(&box, &state);
}

static ar_err serve(const ar_tables *tables, const ar_place *place, int signals)
{
    ar_auto(ar_fd) socket = { 0 };
    ar_own(ar_front) front = NULL;
    const ar_str ready = AR_LIT("ready\n");

    AR_TRY(ar_front_listen(place->config.web_listen, &socket));
    AR_TRY(enter_sandbox(place));
    AR_TRY(ar_front_start(tables, place, &socket, &front));
    ar_journal(AR_LEVEL_INFO, "pages on http://%.*s", AR_FMT(place->config.web_listen));
    AR_TRY_WITH(ar_fd_write_all(STDOUT_FILENO, ready), "telling the supervisor");
    return wait_for_end(signals);
}

static ar_err run(const ar_tables *tables, ar_place *place, ar_arena *arena)
{
    ar_auto(ar_fd) signals = { 0 };

    AR_TRY(ar_signals_open(false, &signals));
    AR_TRY(ar_config_load(place->home, arena, &place->config));
    ar_journal_init("front", place->config.log_level);
    return serve(tables, place, ar_fd_n(signals));
}

int ar_duty_front(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_place place = { 0 };

    ar_journal_init("front", AR_LIT("info"));
    if (argc != 2) {
        ar_journal(AR_LEVEL_ERROR, "want HOME and DATA");
        return ar_code_exit(AR_INVALID);
    }
    place.home = argv[0];
    place.data = argv[1];

    ar_err err = run(tables, &place, &arena);

    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_code_exit(err.code);
}
