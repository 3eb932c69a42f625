#include "open.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert(file != NULL);
    (void)fputs(text, file);
    (void)fclose(file);
}

TEST(nothing_outside_is_reached_and_the_lock_is_not_undone)
{
    static const struct {
        const char *sql;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "SELECT * FROM read_csv('/etc/passwd')", AR_DENIED, "disabled" },
        { "SELECT * FROM read_text('/etc/passwd')", AR_DENIED, "disabled" },
        { "SELECT * FROM read_blob('/etc/passwd')", AR_DENIED, "disabled" },
        { "SELECT * FROM read_json('/etc/passwd')", AR_DENIED, "disabled" },
        { "SELECT * FROM read_parquet('/etc/passwd')", AR_DENIED, "disabled" },
        { "SELECT * FROM '/etc/passwd.csv'", AR_DENIED, "disabled" },
        { "SELECT * FROM glob('/etc/*')", AR_DENIED, "disabled" },
        { "SELECT * FROM read_csv('http://127.0.0.1:1/x')", AR_DENIED, "" },
        { "COPY (SELECT 1) TO '/tmp/aright-never'", AR_DENIED, "disabled" },
        { "COPY t FROM '/etc/passwd'", AR_DENIED, "disabled" },
        { "EXPORT DATABASE '/tmp/aright-never'", AR_DENIED, "disabled" },
        { "IMPORT DATABASE '/etc'", AR_DENIED, "disabled" },
        { "ATTACH '/tmp/aright-never.db' AS other", AR_DENIED, "disabled" },
        { "INSTALL httpfs", AR_DENIED, "disabled" },
        { "LOAD '/tmp/x.duckdb_extension'", AR_DENIED, "disabled" },
        { "LOAD httpfs", AR_DENIED, "disabled" },
        { "SET enable_external_access = true", AR_DENIED, "locked" },
        { "SET lock_configuration = false", AR_DENIED, "locked" },
        { "RESET lock_configuration", AR_DENIED, "locked" },
        { "SET memory_limit = '1TB'", AR_DENIED, "locked" },
        { "SET GLOBAL threads = 99", AR_DENIED, "locked" },
        { "PRAGMA threads = 99", AR_DENIED, "locked" },
        { "PRAGMA temp_directory = '/tmp'", AR_DENIED, "locked" },
        { "SET autoinstall_known_extensions = true", AR_DENIED, "locked" },
        { "SET allowed_paths = ['/etc/passwd']", AR_DENIED, "locked" },
        { "SET allowed_directories = ['/etc']", AR_DENIED, "locked" },
        { "SELECT getenv('HOME')", AR_NOT_FOUND, "getenv" },
    };
    ar_own(ar_engine) engine = memory_engine();

    T_OK(ar_engine_exec(engine, "CREATE TABLE t (s VARCHAR)"));
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err = ar_engine_exec(engine, bad[i].sql);

        if (err.code != bad[i].code) printf("# %s\n", bad[i].sql);
        T_FAILS(err, bad[i].code, bad[i].says);
    }
    T_TRUE(access("/tmp/aright-never", F_OK) != 0);
    T_TRUE(access("/tmp/aright-never.db", F_OK) != 0);
}

TEST(of_all_files_only_the_named_ones_are_read)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;
    char folder[] = "/tmp/aright-lock-XXXXXX";

    assert(mkdtemp(folder) != NULL);
    const char *named = ar_arena_printf(&arena, "%s/it's.csv", folder).ptr;
    const char *longer = ar_arena_printf(&arena, "%s/it's.csv2", folder).ptr;
    write_file(named, "a\n1\n2\n");
    write_file(longer, "a\n1\n2\n");

    const char *const files[] = { named, NULL };
    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 1, .files = files }, &engine));
    ar_value args[] = { ar_textz(named) };
    ar_value n = ar_null();
    T_OK(ar_engine_value(engine, AR_LIT("SELECT count(*) FROM read_csv($1)"), args, 1, &arena, &n));
    T_INT(n.i, 2);
    args[0] = ar_textz(longer);
    T_FAILS(
        ar_engine_value(engine, AR_LIT("SELECT count(*) FROM read_csv($1)"), args, 1, &arena, &n),
        AR_DENIED, "disabled");
    args[0] = ar_text(ar_arena_printf(&arena, "%s/../%s", named, "it's.csv2"));
    T_FAILS(
        ar_engine_value(engine, AR_LIT("SELECT count(*) FROM read_csv($1)"), args, 1, &arena, &n),
        AR_DENIED, "disabled");
    args[0] = ar_text(ar_arena_printf(&arena, "%s/*", folder));
    T_FAILS(ar_engine_value(engine, AR_LIT("SELECT count(*) FROM glob($1)"), args, 1, &arena, &n),
            AR_DENIED, "disabled");
    T_FAILS(ar_engine_exec(engine, "SET allowed_paths = ['/etc/passwd']"), AR_DENIED, "locked");
    (void)unlink(named), (void)unlink(longer), (void)rmdir(folder);
}

/* A table larger than the memory it may take. */
static ar_err make_much(const char *temp_dir, uint64_t temp_bytes)
{
    ar_own(ar_engine) engine = NULL;

    AR_TRY(ar_engine_open(&(ar_engine_options){ .threads = 2,
                                                .memory_bytes = UINT64_C(48) << 20,
                                                .temp_dir = temp_dir,
                                                .temp_bytes = temp_bytes },
                          &engine));
    return ar_engine_exec(engine, "CREATE TEMP TABLE t AS SELECT md5(i::VARCHAR) || "
                                  "md5((i + 1)::VARCHAR) || i AS s FROM range(1500000) AS r(i)");
}

TEST(memory_and_disk_are_bounded)
{
    char folder[] = "/tmp/aright-spill-XXXXXX";

    assert(mkdtemp(folder) != NULL);
    ar_err err = make_much(NULL, 0);
    T_TRUE(!ar_str_contains(ar_err_text(err), AR_LIT("CREATE"))); /* the statement is not wrong */
    T_FAILS(err, AR_LIMIT, "the memory does not suffice: could not allocate");
    T_FAILS(make_much(folder, 4 << 20), AR_LIMIT, "4.0 MiB used");
    T_OK(make_much(folder, 0));
    T_INT(rmdir(folder), 0); /* the engine leaves nothing behind */
}

TEST(a_result_larger_than_memory_is_read_whole)
{
    enum { N = 400000 };
    char folder[] = "/tmp/aright-spill-XXXXXX";
    ar_own(ar_engine) engine = NULL;
    ar_own(ar_rows) rows = NULL;
    int64_t seen = 0, sum = 0;

    assert(mkdtemp(folder) != NULL);
    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 2,
                                              .memory_bytes = UINT64_C(24) << 20,
                                              .temp_dir = folder },
                        &engine));
    T_OK(ar_engine_query(engine,
                         AR_LIT("SELECT i, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || i AS s "
                                "FROM range(400000) AS r(i)"),
                         NULL, 0, &rows));
    for (; ar_rows_next(rows); seen++) sum += ar_rows_get(rows, 0).i;
    T_INT(seen, N);
    T_INT(sum, (int64_t)N * (N - 1) / 2);
    ar_rows_free(&rows);
    ar_engine_free(&engine);
    T_INT(rmdir(folder), 0);
}

typedef struct timer {
    ar_engine *engine;
    atomic_bool done;
} timer;

static void *interrupt_until_done(void *p)
{
    timer *t = p;

    while (!atomic_load(&t->done)) {
        (void)usleep(20000);
        ar_engine_interrupt(t->engine);
    }
    return NULL;
}

TEST(a_statement_that_runs_too_long_is_ended_and_the_engine_goes_on)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = memory_engine();
    timer t = { .engine = engine };
    pthread_t thread;

    assert(pthread_create(&thread, NULL, interrupt_until_done, &t) == 0);
    T_FAILS(ar_engine_run(engine, AR_LIT("SELECT sum(hash(i)) FROM range(1000000000000) AS r(i)"),
                          NULL, 0, NULL),
            AR_LIMIT, "nterrupted");
    atomic_store(&t.done, true);
    (void)pthread_join(thread, NULL);
    T_INT(value(engine, "SELECT 42", &arena).i, 42);
}
