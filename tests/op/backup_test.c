#include "form/cbor.h"
#include "op/backup.h"
#include "op/home.h"
#include "op_home.h"

static const ar_op *const all_ops[] = { ar_home_ops, NULL };
static const ar_migration *const migrations[] = { ar_core_migrations, NULL };
static const ar_migration later[] = { { 900, "later", "CREATE TABLE later(n BIGINT)" }, { 0 } };
static const ar_migration *const more_migrations[] = { ar_core_migrations, later, NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables tables = {
    .version = "test", .ops = all_ops, .migrations = migrations, .opened = opened
};
static const ar_tables newer = {
    .version = "newer", .ops = all_ops, .migrations = more_migrations, .opened = opened
};

static ar_err run_op_as(home *h, int64_t uid, const char *name, const char *param,
                        const char *value, kept *k)
{
    ar_args args = { .op = ar_tables_find(h->tables, ar_str_of(name)), .arena = &h->arena };
    ar_request request = { .args = &args, .now = home_now, .asof = home_now, .uid = uid };
    ar_sink sink = kept_sink(k);

    if (value != NULL)
        T_OK(ar_args_add(&args, ar_param_find(args.op, ar_str_of(param)), ar_str_of(value), -1,
                         home_now));
    if (args.op->runs_in == AR_IN_DOOR)
        return ar_door_run(&h->place, h->tables, &request, &h->arena, &sink);
    return ar_core_run(h->core, &request, &h->arena, &sink);
}

static ar_err run_op(home *h, const char *name, const char *param, const char *value, kept *k)
{
    return run_op_as(h, (int64_t)getuid(), name, param, value, k);
}

/* Makes a backup and says its folder. */
static const char *back_up(home *h)
{
    kept k = { 0 };
    ar_str newest;

    T_OK(run_op(h, "backup", NULL, NULL, &k));
    kept_done(&k);
    T_OK(ar_backup_newest(&h->place, &h->arena, &newest));
    return ar_path_join(&h->arena, home_path(h, "backup"), newest.ptr);
}

static ar_err restore(home *h, const char *from)
{
    kept k = { 0 };
    ar_err err = run_op(h, "restore", "backup", from, &k);

    kept_done(&k);
    return err;
}

static void set_note(home *h, const char *text)
{
    T_OK(ar_engine_exec(h->core->engine, "CREATE TABLE IF NOT EXISTS note(text VARCHAR)"));
    T_OK(ar_engine_exec(h->core->engine, "DELETE FROM note"));

    ar_value value = ar_textz(text);

    T_OK(ar_engine_run(h->core->engine, AR_LIT("INSERT INTO note VALUES ($1)"), &value, 1, NULL));
}

static ar_str note(home *h)
{
    ar_value value = ar_null();

    T_OK(ar_engine_value(h->core->engine, AR_LIT("SELECT text FROM note"), NULL, 0, &h->arena,
                         &value));
    return value.s;
}

static ar_str only_before(home *h)
{
    ar_str *names;
    size_t n;

    T_OK(ar_dir_list(home_path(h, "backup"), &h->arena, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (ar_str_starts(names[i], AR_LIT("before-restore-"))) return names[i];
    return (ar_str){ 0 };
}

TEST(a_restored_home_is_what_was_backed_up_and_the_log_goes_on)
{
    home h;

    home_init(&h, &tables);
    T_OK(ar_home_make(&h.place));
    T_OK(ar_dir_make(home_path(&h, "kinds"), 0700));
    home_write(&h, "aright.yaml", "threads: 1\n");
    home_write(&h, "kinds/robot.yaml", "kind: robot\n");
    T_OK(home_open(&h));
    set_note(&h, "before");

    const char *backup = back_up(&h);

    set_note(&h, "after");
    ar_core_free(&h.core);
    home_write(&h, "aright.yaml", "threads: 2\n");
    home_write(&h, "kinds/other.yaml", "kind: other\n");
    T_OK(restore(&h, backup));

    T_OK(home_open(&h));
    T_STR(note(&h), "before");
    T_STR(home_read(&h, "aright.yaml"), "threads: 1\n");
    T_STR(home_read(&h, "kinds/robot.yaml"), "kind: robot\n");
    T_TRUE(!ar_file_exists(home_path(&h, "kinds/other.yaml")));
    T_INT(h.core->outbox.estate.epoch, 2);

    ar_str log = home_read(&h, "log/events.ndjson");

    T_INT(count_of(log, "\"event\":\"home.backed_up\",\"outcome\":\"ok\""), 1);
    T_INT(count_of(log, "\"epoch\":2,\"seq\":1"), 1);
    T_INT(count_of(log, "\"event\":\"home.restored\""), 1);

    const char *aside = ar_path_join(&h.arena, "backup", only_before(&h).ptr);

    T_STR(home_read(&h, ar_path_join(&h.arena, aside, "aright.yaml")), "threads: 2\n");
    T_TRUE(ar_file_exists(home_path(&h, ar_path_join(&h.arena, aside, "estate.duckdb"))));
    home_done(&h);
}

TEST(an_estate_behind_its_log_is_brought_back_by_restore)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));

    const char *backup = back_up(&h);

    (void)back_up(&h);
    ar_core_free(&h.core);
    T_OK(ar_file_copy(ar_path_join(&h.arena, backup, "estate.duckdb"),
                      home_path(&h, "estate.duckdb"), 0600));
    T_FAILS(home_open(&h), AR_CONFLICT, "older than its log");
    T_OK(restore(&h, backup));
    T_OK(home_open(&h));
    home_done(&h);
}

TEST(a_lost_home_comes_back_from_its_backup_alone)
{
    home h, fresh;

    home_init(&h, &tables);
    home_init(&fresh, &tables);
    T_OK(home_open(&h));
    set_note(&h, "mine");
    (void)back_up(&h);

    const char *backup = back_up(&h);

    T_OK(restore(&fresh, backup));
    T_OK(home_open(&fresh));
    T_STR(note(&fresh), "mine");
    T_INT(count_of(home_read(&fresh, "log/events.ndjson"), "home.backed_up"), 1);
    T_INT(count_of(home_read(&fresh, "log/events.ndjson"), "home.restored"), 1);
    home_done(&h);
    home_done(&fresh);
}

static void flip_byte(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char byte;

    T_TRUE(pread(fd, &byte, 1, 5000) == 1);
    byte = (char)(byte ^ 1);
    T_TRUE(pwrite(fd, &byte, 1, 5000) == 1);
    (void)close(fd);
}

TEST(a_damaged_backup_is_refused_and_the_home_stays)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    set_note(&h, "mine");

    const char *backup = back_up(&h);

    ar_core_free(&h.core);
    flip_byte(ar_path_join(&h.arena, backup, "estate.duckdb"));
    T_FAILS(restore(&h, backup), AR_INVALID, "estate.duckdb is damaged: its SHA-256 is");
    T_TRUE(!ar_file_exists(home_path(&h, "restoring")));
    T_OK(home_open(&h));
    T_STR(note(&h), "mine");
    T_INT(only_before(&h).len, 0);
    home_done(&h);
}

TEST(what_is_no_backup_is_refused)
{
    static const struct {
        const char *manifest;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "{}", AR_INVALID, "manifest.json" },
        { "{\"format\":2,\"core\":\"c\",\"files\":[]}", AR_CONFLICT, "newer aright (format 2)" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"../x\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"/x\",\"sha256\":\"\"}]}", AR_INVALID,
          "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"a/./b\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"run/x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"tmp/x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"backup/x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"restoring/"
          "x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"log/note.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"kinds/a/x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"kinds/run\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"estate.duckdb.wal\",\"sha256\":\"\"}"
          "]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\".x.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "not a path of a backup" },
        { "{\"format\":1,\"core\":\"c\",\"files\":[{\"path\":\"pipe.yaml\",\"sha256\":\"\"}]}",
          AR_INVALID, "no regular file" },
        { "not json", AR_INVALID, "manifest.json" },
    };
    home h;

    home_init(&h, &tables);
    T_OK(ar_home_make(&h.place));
    T_INT(mkfifo(home_path(&h, "backup/pipe.yaml"), 0600), 0);
    T_FAILS(restore(&h, home_path(&h, "nowhere")), AR_NOT_FOUND, "is no backup");
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        home_write(&h, "backup/manifest.json", bad[i].manifest);
        T_FAILS(restore(&h, home_path(&h, "backup")), bad[i].code, bad[i].says);
        T_TRUE(!ar_file_exists(home_path(&h, "restoring")));
    }
    home_done(&h);
}

TEST(a_home_that_is_in_use_is_not_restored)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_FAILS(restore(&h, back_up(&h)), AR_CONFLICT, "in use by process");
    home_done(&h);
}

TEST(a_backup_of_a_newer_aright_is_refused_before_anything_moves)
{
    home h;

    home_init(&h, &newer);
    T_OK(home_open(&h));

    const char *backup = back_up(&h);

    ar_core_free(&h.core);
    h.tables = &tables;
    T_FAILS(restore(&h, backup), AR_CONFLICT, "made by a newer aright");
    T_FAILS(home_open(&h), AR_CONFLICT, "made by a newer aright");
    h.tables = &newer;
    T_OK(home_open(&h));
    home_done(&h);
}

TEST(a_restore_that_was_cut_short_is_finished_or_forgotten)
{
    /* what is there, and whether the swap had begun */
    static const struct {
        const char *marker;
        const char *note;
    } cuts[] = { { NULL, "old" }, { "restoring/ready", "new" }, { "restoring/aside", "new" } };

    for (size_t i = 0; i < AR_COUNT(cuts); i++) {
        home h;

        home_init(&h, &tables);
        T_OK(home_open(&h));
        set_note(&h, "new");
        T_OK(ar_engine_checkpoint(h.core->engine));
        T_OK(ar_dir_make(home_path(&h, "restoring/new"), 0700));
        T_OK(ar_file_copy(home_path(&h, "estate.duckdb"),
                          home_path(&h, "restoring/new/estate.duckdb"), 0600));
        set_note(&h, "old");
        ar_core_free(&h.core);
        if (cuts[i].marker != NULL)
            home_write(&h, cuts[i].marker, home_path(&h, "backup/before-restore-x"));
        if (cuts[i].marker != NULL && strstr(cuts[i].marker, "aside") != NULL) {
            T_OK(ar_dir_make(home_path(&h, "backup/before-restore-x"), 0700));
            T_INT(rename(home_path(&h, "estate.duckdb"),
                         home_path(&h, "backup/before-restore-x/estate.duckdb")),
                  0);
        }
        T_OK(home_open(&h));
        T_STR(note(&h), cuts[i].note);
        T_TRUE(!ar_file_exists(home_path(&h, "restoring")));
        T_TRUE(ar_file_exists(home_path(&h, "backup/before-restore-x")) ==
               (cuts[i].marker != NULL));
        home_done(&h);
    }
}

TEST(automatic_backups_are_made_before_migrations_and_only_the_newest_stay)
{
    home h;
    ar_str *names;
    size_t n, automatic = 0;

    home_init(&h, &tables);
    T_OK(ar_home_make(&h.place));
    home_write(&h, "aright.yaml", "keep_backups: 2\n");
    T_OK(home_open(&h));
    for (int i = 0; i < 3; i++) T_OK(ar_backup_automatic(h.core, home_now + i * AR_DAY));
    (void)back_up(&h);
    ar_core_free(&h.core);
    h.tables = &newer;
    T_OK(home_open(&h));
    T_OK(ar_dir_list(home_path(&h, "backup"), &h.arena, &names, &n));
    for (size_t i = 0; i < n; i++) automatic += ar_str_ends(names[i], AR_LIT("-auto"));
    T_INT(automatic, 2);
    T_INT(n, 3);
    home_done(&h);
}

/* Whether another process gets a lock on the estate's file. */
static bool others_get_the_estate(home *h)
{
    const char *path = home_path(h, "estate.duckdb");
    int status = -1;
    pid_t other = fork();

    if (other == 0) {
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        int fd = open(path, O_RDWR | O_CLOEXEC);

        _exit(fd < 0 ? 2 : fcntl(fd, F_SETLK, &whole) == 0 ? 1 : 0);
    }
    T_INT(waitpid(other, &status, 0), other);
    T_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

TEST(nobody_else_gets_the_estate_while_it_is_open_whatever_was_run)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_TRUE(!others_get_the_estate(&h));
    (void)back_up(&h);
    T_TRUE(!others_get_the_estate(&h));
    T_OK(run_op(&h, "query", "sql", "SELECT 1 AS one", &k));
    T_STR(ar_buf_str(&k.text), "one\n1\n");
    T_TRUE(!others_get_the_estate(&h));
    ar_core_free(&h.core);
    T_TRUE(others_get_the_estate(&h));
    kept_done(&k);
    home_done(&h);
}

/* What the query child answers about a database. */
static ar_str ask_child(home *h, const char *database)
{
    const char *const argv[] = { h->place.program, "--process", "query", NULL };
    ar_auto(ar_buf) question = { 0 };
    ar_auto(ar_fd) in = { 0 };
    ar_str answer = { 0 };
    int status = -1;

    ar_cbor_array(&question, 5);
    ar_cbor_text(&question, ar_str_of(database));
    ar_cbor_text(&question, AR_LIT("SELECT 'an answer' AS said"));
    ar_cbor_int(&question, 100 << 20);
    ar_cbor_int(&question, 1);
    ar_cbor_int(&question, 10);
    T_OK(ar_fd_holding(ar_buf_str(&question), &in));
    T_OK(
        ar_run(&(ar_spawn){ .argv = argv, .in_fd = in }, 1 << 16, 60, &h->arena, &answer, &status));
    return answer;
}

/* The engine looks for a log beside a database, and opens it when it is there. */
TEST(the_query_child_opens_its_copy_and_nothing_beside_it)
{
    ar_auto(ar_fd) log = { 0 };
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(ar_engine_checkpoint(h.core->engine));
    T_OK(ar_fd_copy(ar_fd_n(h.core->database), "estate", home_path(&h, "run/copy"), 0600));
    set_note(&h, "not in the database yet");
    log = ar_fd_of(open(home_path(&h, "estate.duckdb.wal"), O_RDONLY | O_CLOEXEC));
    T_TRUE(ar_fd_n(log) >= 0);

    T_TRUE(ar_str_contains(ask_child(&h, home_path(&h, "run/copy")), AR_LIT("an answer")));
    T_OK(ar_fd_copy(ar_fd_n(log), "log", home_path(&h, "run/copy.wal"), 0600));

    ar_str answer = ask_child(&h, home_path(&h, "run/copy"));

    T_TRUE(!ar_str_contains(answer, AR_LIT("an answer")));
    T_TRUE(ar_str_contains(answer, AR_LIT("Permission denied")));
    home_done(&h);
}

TEST(a_backup_goes_through_no_link_that_was_laid_for_it)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(ar_dir_make(home_path(&h, "trap"), 0700));
    T_OK(ar_dir_make(home_path(&h, "shared"), 0700));
    T_INT(symlink(home_path(&h, "trap"), home_path(&h, "shared/.partial")), 0);
    T_OK(run_op(&h, "backup", "to", home_path(&h, "shared"), &k));
    T_TRUE(!ar_file_exists(home_path(&h, "trap/estate.duckdb")));
    T_TRUE(ar_file_exists(home_path(&h, "trap")));
    kept_done(&k);
    home_done(&h);
}

TEST(only_the_owner_of_a_home_says_where_else_a_backup_goes)
{
    static const char *const elsewhere[] = { "restoring/ready", "standards", "backup/../restoring",
                                             "backups", "out/ready" };
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(ar_dir_make(home_path(&h, "restoring"), 0700));
    T_INT(symlink(home_path(&h, "restoring"), home_path(&h, "out")), 0);
    home_write(&h, "people.yaml",
               ar_arena_printf(&h.arena,
                               "people: [{person: \"person:sam\", uid: %u, grants: [home.backup]}]",
                               getuid() + 1)
                   .ptr);
    for (size_t i = 0; i < AR_COUNT(elsewhere); i++) {
        T_FAILS(run_op_as(&h, getuid() + 1, "backup", "to", home_path(&h, elsewhere[i]), &k),
                AR_DENIED, "only its owner says where else");
        T_TRUE(!ar_file_exists(home_path(&h, "restoring/ready")));
    }
    T_OK(run_op_as(&h, getuid() + 1, "backup", "to", home_path(&h, "backup/weekly"), &k));
    T_TRUE(ar_file_exists(home_path(&h, "backup/weekly")));
    T_OK(run_op_as(&h, getuid() + 1, "backup", NULL, NULL, &k));
    kept_done(&k);
    home_done(&h);
}

TEST(events_that_wait_in_a_backup_do_not_enter_the_log)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(ar_engine_exec(h.core->engine,
                        "INSERT INTO ar.outbox VALUES (1000000, 1, now()::TIMESTAMP, 'person:ada', "
                        "0, 'waiver.grant', 'waiver.forged', 'ok', '{}')"));

    const char *backup = back_up(&h);

    ar_core_free(&h.core);
    T_OK(ar_dir_remove(home_path(&h, "log")));
    T_OK(restore(&h, backup));
    T_INT(count_of(home_read(&h, "log/events.ndjson"), "waiver.forged"), 0);
    T_INT(count_of(home_read(&h, "log/events.ndjson"), "home.restored"), 1);
    home_done(&h);
}

TEST(a_restore_that_did_not_happen_is_an_event_too)
{
    home h;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    ar_core_free(&h.core);
    T_FAILS(restore(&h, home_path(&h, "nowhere")), AR_NOT_FOUND, "is no backup");
    T_INT(count_of(home_read(&h, "log/events.ndjson"),
                   "\"event\":\"home.restored\",\"outcome\":\"failed\""),
          1);
    home_write(&h, "people.yaml", "people: []\n");
    T_FAILS(restore(&h, home_path(&h, "nowhere")), AR_DENIED, "");
    T_INT(count_of(home_read(&h, "log/events.ndjson"),
                   "\"event\":\"operation.denied\",\"outcome\":\"denied\""),
          1);
    home_done(&h);
}

TEST(the_event_of_a_restore_that_did_not_happen_names_who_asked)
{
    home h;
    char people[128];

    home_init(&h, &tables);
    T_OK(home_open(&h));
    ar_core_free(&h.core);
    (void)snprintf(people, sizeof people,
                   "people: [{person: \"person:sam\", uid: %u, grants: []}]\n", getuid());
    home_write(&h, "people.yaml", people);
    T_FAILS(restore(&h, home_path(&h, "nowhere")), AR_DENIED, "person:sam may not restore");
    T_INT(count_of(home_read(&h, "log/events.ndjson"), "\"who\":\"person:sam\""), 1);
    T_INT(count_of(home_read(&h, "log/events.ndjson"), "person:sam may not restore"), 1);
    home_done(&h);
}
