#include "sys/proc.h"
#include "sys/ticks.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static ar_err shell(const char *script, ar_spawn spawn, int seconds, ar_arena *arena,
                    ar_str *out_text, int *out_status)
{
    const char *const argv[] = { "sh", "-c", script, NULL };

    spawn.argv = argv;
    return ar_run(&spawn, 100000, seconds, arena, out_text, out_status);
}

TEST(what_a_child_prints_and_how_it_ends_comes_back)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int status = -1;

    T_OK(shell("echo out; echo err >&2; exit 3", (ar_spawn){ 0 }, 10, &arena, &text, &status));
    T_STR(text, "out\n");
    T_INT(status, 3);
    T_OK(shell("kill -TERM $$", (ar_spawn){ 0 }, 10, &arena, &text, &status));
    T_INT(status, 128 + SIGTERM);
}

TEST(a_child_starts_with_little)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int status = -1, leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

    T_TRUE(setenv("SECRET", "s3", 1) == 0);
    T_OK(shell("pwd; ls -1 /proc/self/fd | tr '\\n' ' '; ulimit -c; echo [$SECRET] $LANG; cat; "
               "grep NoNewPrivs /proc/self/status",
               (ar_spawn){ 0 }, 10, &arena, &text, &status));
    /* 3 is the folder that ls itself has open */
    T_STR(text, "/\n0 1 2 3 0\n[] C.UTF-8\nNoNewPrivs:\t1\n");
    (void)close(leak);
}

TEST(a_child_reads_the_file_it_is_given)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) in = ar_fd_of(open("/proc/self/comm", O_RDONLY | O_CLOEXEC));
    ar_str text = { 0 };
    int status = -1;

    T_OK(shell("cat", (ar_spawn){ .in_fd = in, .dir = "/tmp" }, 10, &arena, &text, &status));
    T_TRUE(text.len > 1);
    T_TRUE(fcntl(ar_fd_n(in), F_GETFD) >= 0);
}

TEST(what_is_not_there_is_not_started)
{
    static const struct {
        const char *program, *dir;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "no-such-program", NULL, AR_NOT_FOUND, "no program 'no-such-program'" },
        { "../bin/sh", NULL, AR_NOT_FOUND, "no program '../bin/sh'" },
        { "/no/such/program", NULL, AR_NOT_FOUND, "cannot start '/no/such/program'" },
        { "/etc/passwd", NULL, AR_DENIED, "cannot start '/etc/passwd': Permission denied" },
        { "sh", "/no/such/folder", AR_NOT_FOUND, "in '/no/such/folder'" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        const char *const argv[] = { bad[i].program, NULL };
        ar_spawn spawn = { .argv = argv, .dir = bad[i].dir };
        ar_child child = { .pid = -7 };

        T_FAILS(ar_child_start(&spawn, &child), bad[i].code, bad[i].says);
        T_INT(child.pid, -7);
    }
    T_TRUE(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

TEST(time_and_output_have_limits)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int status = -1;

    T_FAILS(shell("sleep 60", (ar_spawn){ 0 }, 1, &arena, &text, &status), AR_UNAVAILABLE,
            "sh did not end within 1 seconds");
    T_FAILS(shell("while :; do echo more; done", (ar_spawn){ 0 }, 10, &arena, &text, &status),
            AR_LIMIT, "more than 100000 bytes");
    T_INT(status, -1);
    T_TRUE(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

TEST(a_grandchild_that_keeps_the_pipe_delays_nothing_and_dies)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int status = -1;
    int64_t pid = 0;

    T_OK(shell("sleep 60 & echo $!", (ar_spawn){ 0 }, 10, &arena, &text, &status));
    T_TRUE(ar_str_int(ar_str_trim(text), &pid) && pid > 0);
    for (int i = 0; i < 200 && kill((pid_t)pid, 0) == 0; i++) {
        ar_str path = ar_arena_printf(&arena, "/proc/%d/stat", (int)pid), stat = { 0 };

        /* dead, even where nobody reaps orphans */
        if (ar_file_read(path.ptr, 4096, &arena, &stat).code == AR_OK &&
            ar_str_contains(stat, AR_LIT(") Z ")))
            return;
        (void)usleep(10000);
    }
    T_TRUE(kill((pid_t)pid, 0) != 0);
}

TEST(memory_and_processor_time_have_limits)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    int status = -1;

    T_OK(shell("ulimit -v; ulimit -t", (ar_spawn){ .memory_bytes = 200 << 20, .cpu_seconds = 7 },
               10, &arena, &text, &status));
    T_STR(text, "204800\n7\n");
}

TEST(without_a_network_there_is_only_a_loopback_that_is_down)
{
    const char *const argv[] = { "sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1", NULL };
    ar_spawn spawn = { .argv = argv, .no_network = true };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_child) child = { 0 };
    ar_str text = { 0 };
    int status = -1;

    T_OK(shell("unshare -n true", (ar_spawn){ 0 }, 10, &arena, &text, &status));

    bool may = status == 0;

    T_OK(ar_child_start(&spawn, &child));
    T_OK(ar_fd_read_all(ar_fd_n(child.out), AR_LIT("sh"), 4096, &arena, &text));
    T_OK(ar_child_wait(&child, "sh"));
    if (may) T_STR(ar_str_trim(text), "lo");
    if (may) T_TRUE(child.no_network);
    if (!may) printf("# skipped: needs the right to make a network namespace\n");
}

TEST(a_child_that_fails_is_named)
{
    const char *const fails[] = { "sh", "-c", "exit 4", NULL }, *const echo[] = { "cat", NULL };
    const char *const sleep[] = { "sleep", "60", NULL };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) in = { 0 };
    ar_auto(ar_child) child = { 0 };
    ar_str text = { 0 };

    T_OK(ar_child_start(&(ar_spawn){ .argv = fails }, &child));
    T_FAILS(ar_child_wait(&child, "the inspector"), AR_UNAVAILABLE,
            "the inspector ended with status 4");
    ar_child_done(&child);

    T_OK(ar_fd_holding(AR_LIT("hello"), &in));
    T_OK(ar_child_start(&(ar_spawn){ .argv = echo, .in_fd = in }, &child));
    T_OK(ar_fd_read_all(ar_fd_n(child.out), AR_LIT("cat"), 100, &arena, &text));
    T_STR(text, "hello");
    T_OK(ar_child_wait(&child, "cat"));
    ar_child_done(&child);

    T_OK(ar_child_start(&(ar_spawn){ .argv = sleep }, &child));
    ar_child_done(&child); /* while it runs */
    T_TRUE(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

TEST(a_child_dies_with_us)
{
    int ends[2];
    char byte;

    T_TRUE(pipe2(ends, O_CLOEXEC) == 0);
    pid_t parent = fork();

    if (parent == 0) {
        const char *const argv[] = { "sleep", "60", NULL };
        ar_child child = { 0 };
        /* the child keeps the writing end as its input, so that we see it die */
        ar_err err =
            ar_child_start(&(ar_spawn){ .argv = argv, .in_fd = ar_fd_of(ends[1]) }, &child);

        _exit(err.code == AR_OK ? 0 : 1);
    }
    int status = -1;

    (void)close(ends[1]);
    T_INT(waitpid(parent, &status, 0), parent);
    T_INT(status, 0);
    (void)alarm(20); /* instead of a wait without end */
    T_INT(read(ends[0], &byte, 1), 0);
    (void)alarm(0);
    (void)close(ends[0]);
}

TEST(a_child_that_outlives_its_time_keeps_nobody_waiting)
{
    const char *const hangs[] = { "sleep", "60", NULL };
    const char *const closes[] = { "sh", "-c", "exec >&-; sleep 60", NULL };
    ar_auto(ar_child) child = { 0 };

    T_OK(ar_child_start(&(ar_spawn){ .argv = hangs, .seconds = 1 }, &child));
    T_FAILS(ar_child_ready(&child, "the child"), AR_UNAVAILABLE, "the child did not end in its");
    ar_child_done(&child);
    T_OK(ar_child_start(&(ar_spawn){ .argv = closes, .seconds = 1 }, &child));
    T_OK(ar_child_ready(&child, "the child")); /* its output has ended */
    T_FAILS(ar_child_wait(&child, "the child"), AR_UNAVAILABLE, "the child did not end in its");
    T_TRUE(child.pid > 0);
    ar_child_done(&child);
    T_TRUE(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

TEST(a_child_that_closes_its_output_and_stays_is_not_waited_for_long)
{
    const char *const closes[] = { "sh", "-c", "exec >&-; sleep 60", NULL };
    ar_auto(ar_child) child = { 0 };
    int64_t before = ar_ticks_ms();

    T_OK(ar_child_start(&(ar_spawn){ .argv = closes }, &child));
    T_OK(ar_child_ready(&child, "the child")); /* its output has ended */
    T_FAILS(ar_child_wait(&child, "the child"), AR_UNAVAILABLE, "the child did not end in its");
    T_TRUE(ar_ticks_ms() - before < 2 * AR_CHILD_END_MS);
    ar_child_done(&child);
    T_TRUE(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}
