#include "op/outbox.h"
#include "op_home.h"

static ar_err change(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)ctx, (void)args, (void)reply;
    return ar_ok();
}

static const ar_column columns[] = { { "n", AR_INT, 0, NULL }, { 0 } };
static const ar_op ops[] = {
    { .name = "tick",
      .effect = AR_CHANGES,
      .grant = "clock.tick",
      .event = "clock.ticked",
      .columns = columns,
      .run = change },
    { 0 },
};
static const ar_op *const all_ops[] = { ops, NULL };
static const ar_migration *const migrations[] = { ar_core_migrations, NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables tables = {
    .version = "test", .ops = all_ops, .migrations = migrations, .opened = opened
};

static void tick(home *h)
{
    kept k = { 0 };
    ar_sink sink = kept_sink(&k);
    ar_args args = { .op = &ops[0], .arena = &h->arena };
    ar_request request = {
        .args = &args, .now = home_now, .asof = home_now, .uid = (int64_t)getuid()
    };

    T_OK(ar_core_run(h->core, &request, &h->arena, &sink));
    kept_done(&k);
}

static void event_without_drain(home *h)
{
    ar_event event = { .at = home_now,
                       .who = AR_LIT("person:sam"),
                       .op = AR_LIT("tick"),
                       .event = AR_LIT("clock.ticked"),
                       .outcome = AR_LIT("ok"),
                       .detail = AR_LIT("{}") };

    T_OK(ar_engine_begin(h->core->engine));
    T_OK(ar_outbox_add(&h->core->outbox, &event));
    T_OK(ar_engine_commit(h->core->engine));
}

static void reopen(home *h)
{
    ar_core_free(&h->core);
    T_OK(home_open(h));
}

/* The numbers of the log's lines, as "1 2 3". */
static ar_str numbers(home *h)
{
    ar_str rest = home_read(h, "log/events.ndjson"), line, text = AR_LIT("");

    while (rest.len > 0 && ar_str_split(&rest, '\n', &line)) {
        const char *seq = line.len > 0 ? strstr(line.ptr, "\"seq\":") : NULL;

        if (seq == NULL) continue;
        text = ar_arena_printf(&h->arena, "%.*s%s%d", AR_FMT(text), text.len > 0 ? " " : "",
                               (int)strtol(seq + 6, NULL, 10));
    }
    return text;
}

static void keep(home *h, const char *as)
{
    T_OK(ar_engine_checkpoint(h->core->engine));
    T_OK(ar_file_copy(home_path(h, "estate.duckdb"), home_path(h, as), 0600));
}

static void put_back(home *h, const char *from)
{
    ar_core_free(&h->core);
    T_OK(ar_file_copy(home_path(h, from), home_path(h, "estate.duckdb"), 0600));
    (void)unlink(home_path(h, "estate.duckdb.wal"));
}

TEST(events_are_numbered_without_a_gap_and_leave_the_estate_when_the_log_has_them)
{
    home h;
    int64_t waiting;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    tick(&h);
    reopen(&h);
    tick(&h);
    T_STR(numbers(&h), "1 2 3");
    T_OK(ar_outbox_waiting(&h.core->outbox, &waiting));
    T_INT(waiting, 0);
    T_TRUE(!h.core->outbox.gap);
    home_done(&h);
}

TEST(killed_before_the_append_the_event_is_sent_by_the_next_start)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    event_without_drain(&h);
    event_without_drain(&h);
    T_STR(numbers(&h), "1");
    reopen(&h);
    T_STR(numbers(&h), "1 2 3");
    home_done(&h);
}

TEST(killed_between_append_and_delete_the_event_is_not_sent_twice)
{
    home h;
    int64_t waiting;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    event_without_drain(&h);
    keep(&h, "kept.duckdb"); /* the row is there */
    T_OK(ar_outbox_drain(&h.core->outbox));
    T_STR(numbers(&h), "1 2"); /* and the line too */
    put_back(&h, "kept.duckdb");
    T_OK(home_open(&h));
    T_STR(numbers(&h), "1 2");
    T_OK(ar_outbox_waiting(&h.core->outbox, &waiting));
    T_INT(waiting, 0);
    tick(&h);
    T_STR(numbers(&h), "1 2 3");
    home_done(&h);
}

TEST(killed_within_the_append_the_torn_line_is_written_whole)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    event_without_drain(&h);
    keep(&h, "kept.duckdb");
    T_OK(ar_outbox_drain(&h.core->outbox));
    put_back(&h, "kept.duckdb");

    ar_str log = home_read(&h, "log/events.ndjson");

    for (size_t cut = 1; cut < 150; cut += 49) {
        T_INT(truncate(home_path(&h, "log/events.ndjson"), (off_t)(log.len - cut)), 0);
        put_back(&h, "kept.duckdb");
        T_OK(home_open(&h));
        T_TRUE(ar_str_eq(home_read(&h, "log/events.ndjson"), log));
    }
    home_done(&h);
}

/* Until the log has grown by so many lines; a minute at most. */
static void wait_for_lines(home *h, off_t lines)
{
    const char *path = home_path(h, "log/events.ndjson");
    struct stat before = { 0 }, now = { 0 };

    (void)stat(path, &before);
    for (int i = 0; i < 12000 && now.st_size < before.st_size + lines * 100; i++) {
        usleep(5000);
        (void)stat(path, &now);
    }
}

TEST(a_child_killed_at_any_moment_leaves_each_event_once)
{
    home h;

    home_init(&h, &tables);
    for (int i = 0; i < 6; i++) {
        pid_t child = fork();

        if (child == 0) {
            T_OK(home_open(&h));
            for (;;) tick(&h);
        }
        wait_for_lines(&h, 3);
        usleep((unsigned)i * 1700);
        T_INT(kill(child, SIGKILL), 0);
        T_INT(waitpid(child, NULL, 0), child);
    }
    T_OK(home_open(&h));

    ar_str rest = home_read(&h, "log/events.ndjson"), line;
    int64_t n = 0;

    while (rest.len > 0 && ar_str_split(&rest, '\n', &line))
        if (line.len > 0) {
            const char *seq = strstr(line.ptr, "\"seq\":");

            T_TRUE(seq != NULL && strtol(seq + 6, NULL, 10) == ++n);
        }

    ar_mark mark;

    T_OK(ar_mark_of_estate(h.core->engine, &mark));
    T_INT(mark.seq, n);
    T_TRUE(n > 0);
    home_done(&h);
}

TEST(an_estate_older_than_its_log_is_refused_and_the_way_out_is_named)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    keep(&h, "kept.duckdb");
    tick(&h);
    put_back(&h, "kept.duckdb");
    T_FAILS(home_open(&h), AR_CONFLICT, "the estate is older than its log (event 1.1 against 1.2");
    T_FAILS(home_open(&h), AR_CONFLICT, "aright restore");
    T_STR(numbers(&h), "1 2");
    home_done(&h);
}

TEST(the_log_of_another_estate_is_refused)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    ar_core_free(&h.core);
    T_INT(unlink(home_path(&h, "estate.duckdb")), 0);
    (void)unlink(home_path(&h, "estate.duckdb.wal"));
    T_FAILS(home_open(&h), AR_CONFLICT, "belongs to another estate");
    home_done(&h);
}

TEST(a_log_that_lost_lines_is_seen)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    tick(&h);
    tick(&h);
    ar_core_free(&h.core);

    ar_str log = home_read(&h, "log/events.ndjson");

    T_INT(truncate(home_path(&h, "log/events.ndjson"), (off_t)(ar_str_find(log, '\n') + 1)), 0);
    T_OK(home_open(&h));
    T_TRUE(h.core->outbox.gap);
    home_done(&h);
}

TEST(a_last_line_that_is_no_event_is_refused_with_its_place)
{
    static const char *const bad[] = { "hello\n", "{\"core\":\"x\",\"epoch\":1}\n", "\n",
                                       "{\"core\":\"x\",\"epoch\":\"1\",\"seq\":2}\n" };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        home h;

        home_init(&h, &tables);
        T_OK(ar_home_make(&h.place));
        home_write(&h, "log/events.ndjson", bad[i]);
        T_FAILS(home_open(&h), AR_INVALID, "the last line of the event log is no event");
        T_TRUE(ar_str_eq(home_read(&h, "log/events.ndjson"), ar_str_of(bad[i])));
        home_done(&h);
    }
}
