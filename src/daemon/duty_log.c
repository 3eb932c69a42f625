#include "daemon/duty_log.h"

#include "daemon/journal.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "op/logged.h"
#include "standard/current.h"
#include "sys/clock.h"
#include "sys/sandbox.h"

#include <unistd.h>

static const char *const names[AR_LOGS] = { "gate", "facts" };
static const char *const sockets[AR_LOGS] = { "gate.sock", "facts.sock" };

static ar_err run_one(void *self, const ar_request *request, ar_arena *arena, const ar_sink *sink)
{
    return ar_logged_run(self, request, arena, sink);
}

static ar_err settle(void *self)
{
    return ar_logged_sync(self);
}

static ar_err tell_stranger(void *self, int64_t uid, int64_t n, ar_time now, ar_err err)
{
    return ar_logged_stranger(self, uid, n, now, err);
}

/* The first who asks is not to wait for a hundred files. What is wrong with them, each is told. */
static void read_files(ar_logged *logged)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_ctx ctx = { .now = ar_clock_now(),
                   .place = logged->place,
                   .arena = &arena,
                   .tables = logged->tables,
                   .keep = logged->keep };
    ar_current *current;
    ar_err err = ar_current_open(&ctx, &current);

    (void)err;
}

static ar_err serve(ar_logged *logged, int signals)
{
    const ar_socket_host host = { .place = logged->place,
                                  .tables = logged->tables,
                                  .name = sockets[logged->which],
                                  .groups = true,
                                  .run = run_one,
                                  .settle = settle,
                                  .stranger = tell_stranger,
                                  .self = logged };
    ar_auto(ar_socket) server = { 0 };

    read_files(logged);
    AR_TRY(ar_socket_open(&host, &server));
    AR_TRY_WITH(ar_fd_write_all(STDOUT_FILENO, AR_LIT("ready\n")), "telling the supervisor");
    return ar_socket_serve(&server, signals);
}

/* It writes its log and makes its socket, and starts nothing. */
static ar_err enter_sandbox(const ar_place *place, enum ar_log which, ar_arena *arena)
{
    const char *const writes[] = { ar_logged_folder(place, which, arena),
                                   ar_path_join(arena, place->home, "run"),
                                   ar_path_join(arena, place->home, "tmp"), "/dev/null", NULL };
    const ar_sandbox box = { .write_paths = writes, .all_reads = true, .local = true };
    ar_sandbox_state state;

    return ar_sandbox_enter(&box, &state);
}

static ar_err run(const ar_tables *tables, const ar_place *place, enum ar_log which,
                  ar_arena *arena)
{
    ar_auto(ar_fd) signals = { 0 };
    __attribute__((cleanup(ar_keep_done))) ar_keep keep = { 0 };
    ar_auto(ar_logged) logged = { 0 };
    ar_config config;

    AR_TRY(ar_signals_open(false, &signals));
    AR_TRY(ar_config_load(place->home, arena, &config));
    ar_journal_init(names[which], config.log_level);
    AR_TRY(enter_sandbox(place, which, arena));
    AR_TRY(ar_logged_open(place, tables, which, 1, &keep, &logged));
    return serve(&logged, ar_fd_n(signals));
}

static int serve_log(const ar_tables *tables, enum ar_log which, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_place place = { 0 };

    ar_journal_init(names[which], AR_LIT("info"));
    if (argc != 2) {
        ar_journal(AR_LEVEL_ERROR, "want HOME and DATA");
        return ar_code_exit(AR_INVALID);
    }
    place.home = argv[0];
    place.data = argv[1];

    ar_err err = ar_path_self(&arena, &place.program);

    if (err.code == AR_OK) err = run(tables, &place, which, &arena);
    if (err.code != AR_OK) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_code_exit(err.code);
}

int ar_duty_gate(const ar_tables *tables, int argc, char **argv)
{
    return serve_log(tables, AR_LOG_GATE, argc, argv);
}

int ar_duty_facts(const ar_tables *tables, int argc, char **argv)
{
    return serve_log(tables, AR_LOG_FACTS, argc, argv);
}
