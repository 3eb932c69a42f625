#include "daemon/duty_inspect.h"

#include "form/json.h"
#include "inspect/inspect.h"
#include "sys/sandbox.h"

#include <unistd.h>

enum {
    HEAD_ARGS = 2,         /* time, inspector */
    CPU_SECONDS = 15 * 60, /* a machine with thousands of repositories takes minutes */
    DATA_BYTES = 1 << 30,
};

static ar_err look(const ar_inspect_options *options, const char *inspector, const ar_str *paths,
                   size_t n_paths)
{
    if (strcmp(inspector, "host") == 0) return ar_inspect_host(options, STDOUT_FILENO);
    if (strcmp(inspector, "repos") == 0)
        return ar_inspect_repos(options, paths, n_paths, STDOUT_FILENO);
    return ar_fail(AR_INVALID, "there is no inspector '%s' (want host or repos)", inspector);
}

static ar_err run(int argc, char **argv)
{
    /* It asks the firewall and the package lists through their own programs, and hears of
     * neighbours by netlink; internet sockets stay shut. */
    static const char *const write_paths[] = { "/dev/null", NULL };
    static const ar_sandbox box = {
        .write_paths = write_paths, .all_reads = true, .exec = true, .netlink = true
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_inspect_options options = { 0 };
    ar_sandbox_state state;

    if (argc < HEAD_ARGS) return ar_fail(AR_INVALID, "want TIME and INSPECTOR");
    AR_TRY(ar_time_parse(ar_str_of(argv[0]), &options.now));

    size_t n_paths = (size_t)(argc - HEAD_ARGS);
    ar_str *paths = ar_make_n(&arena, ar_str, n_paths);

    for (size_t i = 0; i < n_paths; i++) paths[i] = ar_str_of(argv[HEAD_ARGS + i]);
    AR_TRY(ar_sandbox_enter(&box, &state));
    return look(&options, argv[1], paths, n_paths);
}

/* The failure is a line like the others: what a path holds reaches no terminal and no log raw. */
static ar_err say_failure(ar_err err)
{
    ar_auto(ar_buf) line = { 0 };

    ar_buf_addz(&line, "{\"failed\":");
    ar_json_text(&line, ar_err_text(err));
    ar_buf_addf(&line, ",\"code\":%d}\n", (int)err.code);
    return ar_fd_write_all(STDOUT_FILENO, ar_buf_str(&line));
}

int ar_duty_inspect(const ar_tables *tables, int argc, char **argv)
{
    (void)tables;
    ar_err err = run(argc, argv);

    return ar_code_exit(err.code == AR_OK ? AR_OK : say_failure(err).code);
}

ar_err ar_start_inspect(ar_ctx *ctx, ar_str inspector, const ar_str *args, size_t n_args,
                        ar_child *out_child)
{
    enum { FIXED = 5 };
    char now[AR_TIME_LEN];
    const char **argv = ar_make_n(ctx->arena, const char *, FIXED + n_args + 1);

    argv[0] = ctx->place->program;
    argv[1] = "--process";
    argv[2] = "inspect";
    argv[3] = ar_time_print(ctx->now, now);
    argv[4] = ar_arena_cstr(ctx->arena, inspector);
    for (size_t i = 0; i < n_args; i++) argv[FIXED + i] = ar_arena_cstr(ctx->arena, args[i]);

    ar_spawn spawn = {
        .argv = argv,
        .memory_bytes = ar_self_space(DATA_BYTES, 1),
        .cpu_seconds = CPU_SECONDS,
        .seconds = 2 * CPU_SECONDS,
    };
    return ar_child_start(&spawn, out_child);
}
