#include "cli/cli.h"

#include "cli/help.h"
#include "cli/key.h"
#include "cli/words.h"
#include "door/client.h"
#include "door/print.h"
#include "op/core.h"
#include "sys/clock.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_READER_GONE = 128 + SIGPIPE,
    EXIT_INTERRUPTED = 128 + SIGINT,
    WAIT_MS_MAX = 5000, /* for another command to end */
    WAIT_MS_FIRST = 20,
    SPOOL_MAX = 1 << 30, /* bytes of a pipe */
};

/* Leaves at once: what is not committed is rolled back when the estate is opened next. */
static void on_interrupt(int number)
{
    (void)number;
    _exit(EXIT_INTERRUPTED);
}

static ar_err choose_format(const ar_command *command, enum ar_format *out_format)
{
    const char *from = getenv("ARIGHT_FORMAT");

    *out_format = AR_FORMAT_TABLE;
    if (command->format != NULL) return ar_format_parse(ar_str_of(command->format), out_format);
    if (from != NULL && *from != '\0')
        AR_TRY_WITH(ar_format_parse(ar_str_of(from), out_format), "ARIGHT_FORMAT");
    return ar_ok();
}

static void sleep_ms(int ms)
{
    struct timespec span = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

    (void)nanosleep(&span, NULL);
}

/* What is no regular file, or has no size as those of /proc, is read to its end before the home is
 * asked for: whoever writes into a pipe may be another command that needs it, and a core waits for
 * nobody's pipe. */
static ar_err spool_pipes(ar_args *args)
{
    for (size_t i = 0; i < args->n; i++) {
        ar_arg *arg = &args->list[i];
        ar_auto(ar_fd) held = { 0 };
        ar_fd spooled;
        struct stat st;

        if (arg->fd < 0) continue;
        if (fstat(arg->fd, &st) != 0) return ar_fail_errno("%.*s", AR_FMT(arg->text));
        if (S_ISREG(st.st_mode) && st.st_size > 0) continue;
        AR_TRY(ar_fd_spool(arg->fd, arg->text, SPOOL_MAX, &spooled));
        held = ar_fd_of(arg->fd);
        arg->fd = ar_fd_n(spooled);
    }
    return ar_ok();
}

/* A running core, or the lock of a home that has none. Another command may have it: that ends. */
static ar_err reach(const ar_place *place, const ar_op *op, ar_client *out_client, ar_fd *out_lock)
{
    for (int waited = 0, step = WAIT_MS_FIRST;; waited += step, step *= 2) {
        ar_err err = ar_client_connect(place, op, out_client);

        if (err.code != AR_NOT_FOUND) return err;
        err = ar_home_lock(place, out_lock);
        if (err.code != AR_CONFLICT) return err;
        if (waited >= WAIT_MS_MAX) return ar_context(err, "waited %d s", WAIT_MS_MAX / 1000);
        sleep_ms(step);
    }
}

/* The folders that the operation is told to write in. */
static const char *const *written_paths(const ar_args *args, ar_arena *arena)
{
    const char **paths = ar_make_n(arena, const char *, args->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < args->n; i++)
        if (args->list[i].param->flags & AR_WRITTEN)
            paths[n++] = ar_arena_cstr(arena, args->list[i].text);
    return paths;
}

static ar_err run_here(const ar_place *place, const ar_tables *tables, ar_fd *lock,
                       const ar_request *request, ar_arena *arena, const ar_sink *sink)
{
    ar_own(ar_core) core = NULL;
    const char *const *writes = written_paths(request->args, arena);

    AR_TRY(ar_core_open(place, tables, writes, lock, request->now, &core));
    return ar_core_run(core, request, arena, sink);
}

static ar_err run_in_core(const ar_place *place, const ar_tables *tables, const ar_request *request,
                          ar_arena *arena, const ar_sink *sink)
{
    ar_auto(ar_client) client = { 0 };
    ar_auto(ar_fd) lock = { 0 };

    if (ar_home_owner(place) == (int64_t)geteuid()) {
        AR_TRY(ar_home_make(place));
        AR_TRY(reach(place, request->args->op, &client, &lock));
    } else {
        AR_TRY(
            ar_client_visit(place, request->args->op, &client)); /* nothing else in it is for us */
    }
    if (ar_fd_n(lock) >= 0) return run_here(place, tables, &lock, request, arena, sink);
    return ar_client_run(&client, tables, request, sink);
}

ar_err ar_cli_ask(ar_ctx *ctx, const ar_args *args, const ar_sink *sink)
{
    ar_request request = {
        .args = args, .now = ctx->now, .asof = ctx->asof, .uid = (int64_t)getuid()
    };

    return run_in_core(ctx->place, ctx->tables, &request, ctx->arena, sink);
}

static ar_err run(const ar_tables *tables, ar_command *command, ar_time now, ar_arena *arena,
                  const ar_sink *sink)
{
    ar_request request = {
        .args = &command->args,
        .now = now,
        .asof = command->asof,
        .uid = (int64_t)getuid(),
    };
    ar_place place;

    AR_TRY(ar_place_find(command->home, arena, &place));
    if (command->op->runs_in == AR_IN_DOOR)
        return ar_door_run(&place, tables, &request, arena, sink);
    AR_TRY(spool_pipes(&command->args));
    return run_in_core(&place, tables, &request, arena, sink);
}

static int say(ar_err err)
{
    ar_auto(ar_buf) text = { 0 };

    ar_print_safe(&text, ar_err_text(err), false); /* foreign parts make no lines */
    (void)fprintf(stderr, "aright: %s\n", text.ptr == NULL ? "" : text.ptr);
    return ar_code_exit(err.code);
}

static int print_and_end(ar_printer *printer, ar_err err)
{
    ar_err printed = ar_printer_finish(printer);

    if (printer->gone) return EXIT_READER_GONE;
    if (err.code != AR_OK) return say(err);
    return printed.code != AR_OK ? say(printed) : 0;
}

/* The no was said: `what` is what it was about. */
static void ask_whether_right(const ar_tables *tables, const ar_command *command, ar_str what,
                              ar_arena *arena)
{
    const ar_op *op = ar_tables_find(tables, ar_str_of(command->op->judged_by));
    ar_time now = ar_clock_now();
    ar_command answer = { .op = op, .home = command->home, .asof = now };
    ar_receiver nobody = { .row = NULL };
    ar_sink sink = ar_receiver_sink(&nobody);
    bool yes;

    if (what.len == 0 || !ar_key_yes_no(&yes)) return;
    answer.args = (ar_args){ .op = op, .arena = arena };

    ar_err err = ar_args_add(&answer.args, &op->params[0], what, -1, now);

    if (err.code == AR_OK)
        err =
            ar_args_add(&answer.args, &op->params[1], yes ? AR_LIT("yes") : AR_LIT("no"), -1, now);
    if (err.code == AR_OK) err = run(tables, &answer, now, arena, &sink);
    if (err.code != AR_OK)
        (void)say(err);
    else
        (void)fprintf(stderr, "aright: %.*s: kept that it was %s\n", AR_FMT(what),
                      yes ? "right" : "wrong");
}

/* --help and --version become the operations that they stand for. */
static ar_err as_operation(const ar_tables *tables, ar_arena *arena, ar_command *command,
                           ar_time now)
{
    if (command->version) {
        command->op = ar_tables_find(tables, AR_LIT("version"));
        command->args = (ar_args){ .op = command->op, .arena = arena };
    } else if (command->help) {
        AR_TRY(ar_help_of(tables, command->op, command->area, now, arena, &command->args));
        command->op = command->args.op;
    }
    return ar_ok();
}

int ar_cli_main(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_command) command = { 0 };
    ar_auto(ar_printer) printer = { 0 };
    enum ar_format format;
    ar_time now = ar_clock_now();

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, on_interrupt);

    ar_err err = ar_words_read(tables, argc - 1, argv + 1, now, &arena, &command);

    if (err.code == AR_OK) err = as_operation(tables, &arena, &command, now);
    if (err.code == AR_OK) err = choose_format(&command, &format);
    if (err.code != AR_OK) return say(err);

    ar_printer_init(&printer, format, command.op->shape, STDOUT_FILENO, STDERR_FILENO);

    ar_sink printing = ar_printer_sink(&printer);
    ar_about about = { .sink = &printing, .arena = &arena };
    ar_sink sink = ar_about_sink(&about);
    bool refused;

    err = run(tables, &command, now, &arena, &sink);
    refused = err.code == AR_DENIED && command.op->judged_by != NULL && format == AR_FORMAT_TABLE;

    int status = print_and_end(&printer, err);

    if (refused) ask_whether_right(tables, &command, about.what, &arena);
    return status;
}
