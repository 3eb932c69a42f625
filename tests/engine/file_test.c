#include "open.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Another process, made before the engine has threads: opens the database whose path comes through
 * the pipe, answers with the code, holds it until the pipe closes. */
static int to_other, from_other, other_pid;

__attribute__((constructor)) static void start_other(void)
{
    int in[2], out[2];

    assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    other_pid = fork();
    assert(other_pid >= 0);
    if (other_pid > 0) {
        (void)close(in[0]), (void)close(out[1]);
        to_other = in[1], from_other = out[0];
        return;
    }
    (void)close(in[1]), (void)close(out[0]);

    char path[256] = { 0 };
    char got = 0;
    ar_engine *engine = NULL;
    if (read(in[0], path, sizeof path - 1) > 0) {
        got = ar_engine_open(&(ar_engine_options){ .path = path, .threads = 1 }, &engine).code ==
                      AR_OK
                  ? 'y'
                  : 'n';
        if (write(out[1], &got, 1) == 1) (void)read(in[0], &got, 1);
    }
    ar_engine_free(&engine);
    _exit(0);
}

static const char *new_folder(ar_arena *arena)
{
    char folder[] = "/tmp/aright-file-XXXXXX";

    assert(mkdtemp(folder) != NULL);
    return ar_arena_copy(arena, ar_str_of(folder)).ptr;
}

static ar_err open_file(const char *path, bool read_only, ar_engine **out_engine)
{
    return ar_engine_open(
        &(ar_engine_options){ .path = path, .read_only = read_only, .threads = 1 }, out_engine);
}

/* A database with one row in t. */
static const char *new_database(const char *folder, ar_arena *arena)
{
    ar_own(ar_engine) engine = NULL;
    const char *path = ar_arena_printf(arena, "%s/estate.db", folder).ptr;

    T_OK(open_file(path, false, &engine));
    T_OK(ar_engine_exec(engine, "CREATE TABLE t AS SELECT 7 AS i"));
    return path;
}

static void remove_all(const char *folder, const char *path, ar_arena *arena)
{
    (void)unlink(path);
    (void)unlink(ar_arena_printf(arena, "%s.wal", path).ptr);
    T_INT(rmdir(folder), 0);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    assert(fd >= 0 && pwrite(fd, bytes, n, at) == (ssize_t)n);
    (void)close(fd);
}

TEST(what_was_committed_is_there_when_opened_again)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    const char *path = new_database(folder, &arena);

    for (int turn = 0; turn < 2; turn++) {
        ar_own(ar_engine) engine = NULL;

        T_OK(open_file(path, turn == 1, &engine));
        T_INT(value(engine, "SELECT i FROM t", &arena).i, 7);
        ar_err err = ar_engine_exec(engine, "INSERT INTO t VALUES (8)");
        if (turn == 0) {
            T_OK(err);
            T_OK(ar_engine_exec(engine, "DELETE FROM t WHERE i = 8"));
        } else
            T_FAILS(err, AR_DENIED, "read-only mode");
    }
    remove_all(folder, path, &arena);
}

TEST(after_a_checkpoint_the_file_stands_alone)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    const char *path = new_database(folder, &arena);
    const char *log = ar_arena_printf(&arena, "%s.wal", path).ptr;
    ar_own(ar_engine) engine = NULL;

    T_OK(open_file(path, false, &engine));
    T_OK(ar_engine_exec(engine, "INSERT INTO t VALUES (8)"));
    T_INT(access(log, F_OK), 0);
    T_OK(ar_engine_checkpoint(engine));
    T_TRUE(access(log, F_OK) != 0);
    ar_engine_free(&engine);
    remove_all(folder, path, &arena);
}

TEST(a_database_that_another_process_holds_is_a_conflict)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    const char *path = new_database(folder, &arena);
    ar_own(ar_engine) engine = NULL;
    char got = 0;

    assert(write(to_other, path, strlen(path)) == (ssize_t)strlen(path));
    assert(read(from_other, &got, 1) == 1);
    T_INT(got, 'y');
    T_FAILS(open_file(path, false, &engine), AR_CONFLICT, path);
    T_FAILS(open_file(path, false, &engine), AR_CONFLICT,
            ar_arena_printf(&arena, "PID %d", other_pid).ptr);
    (void)close(to_other);
    T_INT(waitpid(other_pid, NULL, 0), other_pid);
    T_OK(open_file(path, false, &engine));
    ar_engine_free(&engine);
    remove_all(folder, path, &arena);
}

TEST(this_process_opens_a_database_once)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    const char *path = new_database(folder, &arena);
    const char *link_to = ar_arena_printf(&arena, "%s/link", folder).ptr;
    ar_own(ar_engine) first = NULL;
    ar_own(ar_engine) second = NULL;

    assert(symlink(path, link_to) == 0);
    T_OK(open_file(path, false, &first));
    T_FAILS(open_file(path, false, &second), AR_CONFLICT, "this process");
    T_FAILS(open_file(link_to, true, &second), AR_CONFLICT, "this process");
    ar_engine_free(&first);
    T_OK(open_file(path, false, &second));
    ar_engine_free(&second);
    (void)unlink(link_to);
    remove_all(folder, path, &arena);
}

TEST(what_is_no_database_of_ours_is_refused_and_left_as_it_was)
{
    static const struct {
        off_t at;
        const char *bytes;
        size_t n;
        const char *says;
    } damage[] = {
        { 0, "name: not a database at all, but a text\n", 40, "not a valid DuckDB database file" },
        { 8, "KCUD", 4, "not a valid DuckDB database file" },
        { 12, "\xe7\x03\0\0\0\0\0\0", 8, "Corrupt database file" },
        { 4096 + 20, "\x55\x55\x55\x55", 4, "" },
    };

    for (size_t i = 0; i < AR_COUNT(damage); i++) {
        ar_auto(ar_arena) arena = { 0 };
        const char *folder = new_folder(&arena);
        const char *path = new_database(folder, &arena);
        ar_own(ar_engine) engine = NULL;

        overwrite(path, damage[i].at, damage[i].bytes, damage[i].n);
        if (damage[i].at > 4096) overwrite(path, 8192 + 20, damage[i].bytes, damage[i].n);
        ar_err err = open_file(path, false, &engine);
        T_FAILS(err, AR_INVALID, damage[i].says);
        T_FAILS(err, AR_INVALID, path);
        remove_all(folder, path, &arena);
    }
}

/* The sum over the first header, behind itself: DuckDB's checksum.cpp. */
static uint64_t header_sum(const char *header)
{
    uint64_t sum = 5381, word;

    for (size_t i = 8; i < 4096; i += 8) {
        memcpy(&word, header + i, 8);
        sum ^= word * UINT64_C(0xbf58476d1ce4e5b9);
    }
    return sum;
}

TEST(a_database_of_a_newer_engine_is_told_apart_from_a_damaged_one)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    const char *path = new_database(folder, &arena);
    ar_own(ar_engine) engine = NULL;
    char header[4096];
    uint64_t newer = 999, sum;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert(fd >= 0 && pread(fd, header, sizeof header, 0) == sizeof header);
    (void)close(fd);
    memcpy(&sum, header, 8);
    T_TRUE(sum == header_sum(header));
    memcpy(header + 12, &newer, 8);
    sum = header_sum(header);
    memcpy(header, &sum, 8);
    overwrite(path, 0, header, sizeof header);
    T_FAILS(open_file(path, false, &engine), AR_INVALID, "version number 999");
    remove_all(folder, path, &arena);
}

TEST(a_database_that_cannot_be_there_says_so)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = new_folder(&arena);
    ar_own(ar_engine) engine = NULL;
    const char *path = ar_arena_printf(&arena, "%s/none.db", folder).ptr;

    T_FAILS(open_file(path, true, &engine), AR_NOT_FOUND, path);
    T_FAILS(open_file(ar_arena_printf(&arena, "%s/none/none.db", folder).ptr, false, &engine),
            AR_NOT_FOUND, "none.db");
    T_TRUE(engine == NULL);
    T_INT(rmdir(folder), 0);
}
