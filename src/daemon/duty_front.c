#include "daemon/duty_front.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "door/client.h"
#include "http/front.h"
#include "sys/proc.h"
#include "sys/sandbox.h"
#include "sys/user.h"

#include <poll.h>
#include <unistd.h>

static ar_err wait_for_end(int signals)
{
    struct pollfd fd = { .fd = signals, .events = POLLIN };

    while (poll(&fd, 1, -1) <= 0) {
    }
    return ar_ok();
}

static const char own_user[] = "aright-front";

/* It listens already, and asks the core over the channel that it was given: it needs no file, no
 * right and no other connection. */
static ar_err give_up_all(void)
{
    const ar_sandbox nothing = { 0 };
    ar_sandbox_state state;
    int64_t user;

    AR_TRY(ar_user_become(own_user, &user));
    ar_journal(AR_LEVEL_DEBUG, "the pages are served by uid %lld", (long long)user);
    return ar_sandbox_enter(&nothing, &state);
}

/* So that `status` of the core can say whose this process is. */
static ar_err greet(int channel)
{
    ar_auto(ar_client) client = { 0 };

    return ar_client_through(channel, &client);
}

static ar_err serve(const ar_tables *tables, const ar_place *place, int signals)
{
    ar_auto(ar_fd) socket = { 0 };
    ar_own(ar_front) front = NULL;
    const ar_str ready = AR_LIT("ready\n");

    AR_TRY(ar_front_listen(place->config.web_listen, &socket));
    AR_TRY(give_up_all());
    AR_TRY(greet(AR_CHILD_PASSED));
    AR_TRY(ar_front_start(tables, place->config.web_listen, AR_CHILD_PASSED, &socket, &front));
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
    if (argc != 3) {
        ar_journal(AR_LEVEL_ERROR, "want HOME and DATA, and a channel to the core");
        return ar_code_exit(AR_INVALID);
    }
    place.home = argv[0];
    place.data = argv[1];

    ar_err err = run(tables, &place, &arena);

    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_code_exit(err.code);
}
