#include "act/runner.h"

#include "fetch/message.h"
#include "form/json.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* To the runner: C, a command as JSON, and I, its standard input. From it: T, what it printed, and
 * R, how it ended as JSON. */
enum { MESSAGE_MAX = 2 * AR_RUNNER_TEXT_MAX, PATIENCE_SECONDS = 24 * 3600 };

/* ---- in the runner ---- */

static ar_err read_command(ar_str text, ar_arena *arena, const char ***out_argv, int64_t *seconds)
{
    ar_str file = AR_LIT("command");
    const ar_node *list = NULL;
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_list(file, root, "command", true, &list));
    AR_TRY(ar_node_int(file, root, "seconds", true, seconds));
    if (list->n == 0) return ar_fail(AR_INVALID, "a command without a program");
    *out_argv = ar_make_n(arena, const char *, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        (*out_argv)[i] = ar_arena_cstr(arena, list->items[i]->text);
    return ar_ok();
}

static ar_err run(ar_str command, ar_str in, ar_arena *arena, ar_str *out_text, int *out_status)
{
    ar_auto(ar_fd) holding = { 0 };
    const char **argv = NULL;
    int64_t seconds = 0;

    AR_TRY(read_command(command, arena, &argv, &seconds));
    AR_TRY(ar_fd_holding(in, &holding));

    ar_spawn spawn = { .argv = argv, .in_fd = holding, .keep_stderr = true };

    return ar_run(&spawn, AR_RUNNER_TEXT_MAX, (int)seconds, arena, out_text, out_status);
}

static ar_err answer(ar_err err, ar_str text, int status)
{
    ar_auto(ar_buf) end = { 0 };

    ar_buf_addf(&end, "{\"code\":%d,\"status\":%d,\"sentence\":", (int)err.code, status);
    ar_json_text(&end, err.code == AR_OK ? AR_LIT("") : ar_err_text(err));
    ar_buf_addc(&end, '}');
    AR_TRY(ar_message_write(STDOUT_FILENO, 'T', text));
    return ar_message_write(STDOUT_FILENO, 'R', ar_buf_str(&end));
}

static ar_err serve_one(ar_buf *command)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) in = { 0 };
    ar_str text = { 0 };
    int status = 0;
    char tag;

    AR_TRY(ar_message_read(STDIN_FILENO, NULL, MESSAGE_MAX, &tag, &in));
    ar_err err = run(ar_buf_str(command), ar_buf_str(&in), &arena, &text, &status);

    return answer(err, text, status);
}

int ar_runner_main(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_buf) command = { 0 };
    char tag;

    (void)tables, (void)argc, (void)argv;
    while (ar_message_read(STDIN_FILENO, NULL, MESSAGE_MAX, &tag, &command).code == AR_OK)
        if (serve_one(&command).code != AR_OK) return ar_code_exit(AR_UNAVAILABLE);
    return 0;
}

/* ---- who speaks to it ---- */

ar_err ar_runner_start(const ar_place *place, ar_runner *out_runner)
{
    const char *const argv[] = { place->program, "--process", "act", NULL };
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return ar_fail_errno("cannot make a pipe");

    ar_auto(ar_fd) in = ar_fd_of(ends[0]);
    ar_spawn spawn = {
        .argv = argv, .in_fd = in, .keep_stderr = true, .seconds = PATIENCE_SECONDS
    };

    *out_runner = (ar_runner){ .to = ar_fd_of(ends[1]) };
    return ar_child_start(&spawn, &out_runner->child);
}

static ar_err ask(const ar_runner *runner, const ar_command *command, ar_str in, int64_t seconds)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, "{\"command\":[");
    for (size_t i = 0; i < command->n; i++) {
        if (i > 0) ar_buf_addc(&text, ',');
        ar_json_text(&text, command->args[i]);
    }
    ar_buf_addf(&text, "],\"seconds\":%lld}", (long long)seconds);
    AR_TRY(ar_message_write(ar_fd_n(runner->to), 'C', ar_buf_str(&text)));
    return ar_message_write(ar_fd_n(runner->to), 'I', in);
}

static ar_err read_end(ar_str text, ar_arena *arena, int *out_status)
{
    int64_t code = 0, status = 0;
    ar_str file = AR_LIT("runner"), sentence = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_int(file, root, "code", true, &code));
    AR_TRY(ar_node_int(file, root, "status", true, &status));
    AR_TRY(ar_node_text(file, root, "sentence", true, &sentence));
    *out_status = (int)status;
    return code == AR_OK ? ar_ok() : ar_fail((enum ar_code)code, "%.*s", AR_FMT(sentence));
}

ar_err ar_runner_run(ar_runner *runner, const ar_command *command, ar_str in, int64_t seconds,
                     ar_arena *arena, ar_str *out_text, int *out_status)
{
    ar_auto(ar_buf) body = { 0 };
    int fd = ar_fd_n(runner->child.out);
    char tag;

    AR_TRY(ask(runner, command, in, seconds));
    AR_TRY(ar_message_read(fd, &runner->child, MESSAGE_MAX, &tag, &body));
    *out_text = ar_arena_copy(arena, ar_buf_str(&body));
    AR_TRY(ar_message_read(fd, &runner->child, MESSAGE_MAX, &tag, &body));
    return read_end(ar_buf_str(&body), arena, out_status);
}

/* It ends by itself; who has entered a sandbox since may not be allowed to end it. */
void ar_runner_done(ar_runner *runner)
{
    ar_fd_done(&runner->to);
    if (runner->child.pid != 0) (void)ar_child_wait(&runner->child, "the runner");
    ar_child_done(&runner->child);
}
