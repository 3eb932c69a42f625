#include "form/json.h"
#include "op/answers.h"
#include "op/core.h"
#include "op_home.h"

#include <time.h>

/* ---- a small program: one list of operations ---- */

static const ar_migration migrations[] = {
    { 150, "notes", "CREATE TABLE ar.note(text VARCHAR)" },
    { 0 },
};

static const ar_param text_param[] = {
    { "text", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what to note", NULL },
    { 0 },
};
static const ar_column text_column[] = { { "text", AR_TEXT, 0, NULL }, { 0 } };

static ar_err add_note(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value text = ar_text(ar_arg_text(args, "text"));

    AR_TRY(ar_engine_run(ctx->engine, AR_LIT("INSERT INTO ar.note VALUES ($1)"), &text, 1, NULL));
    ar_audit_add(ctx, "length", ar_int((int64_t)text.s.len));
    return ar_reply_row(reply, &text, 1);
}

static ar_err run_fail(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    AR_TRY(add_note(ctx, args, reply));
    return ar_fail(AR_LIMIT, "one note too many");
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine, AR_LIT("SELECT text FROM ar.note ORDER BY text"), NULL, 0,
                           &rows));
    return ar_reply_rows(reply, rows);
}

/* A read that breaks its word. */
static ar_err run_sneak(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args, (void)reply;
    return ar_engine_exec(ctx->engine, "INSERT INTO ar.note VALUES ('sneaked')");
}

/* A read that would not end in our time. */
static ar_err run_dawdle(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args, (void)reply;
    return ar_engine_run(ctx->engine,
                         AR_LIT("SELECT sum(hash(i)) FROM range(1000000000000) AS r(i)"), NULL, 0,
                         NULL);
}

/* A read that takes as long as one over a large estate. */
static int surveys;

static ar_err run_survey(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const struct timespec slow = { .tv_nsec = (AR_ANSWERS_SLOW_MS + 5) * 1000000L };
    ar_value n;

    (void)args;
    T_INT(nanosleep(&slow, NULL), 0);
    surveys++;
    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT count(*)::VARCHAR FROM ar.note"), NULL, 0,
                           ctx->arena, &n));
    return ar_reply_row(reply, &n, 1);
}

static ar_err run_whose(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    AR_TRY(run_survey(ctx, args, reply));
    return ar_reply_row(reply, &(ar_value){ .type = AR_TEXT, .s = ctx->who->name }, 1);
}

static const ar_op ops[] = {
    { .name = "note.whose",
      .of_who = true,
      .grant = "note.read",
      .columns = text_column,
      .run = run_whose },
    { .name = "note.judge",
      .effect = AR_CHANGES,
      .judges = true,
      .grant = "note.write",
      .event = "note.judged",
      .columns = text_column,
      .run = run_list },
    { .name = "note.survey", .grant = "note.read", .columns = text_column, .run = run_survey },
    { .name = "note.add",
      .effect = AR_CHANGES,
      .grant = "note.write",
      .event = "note.added",
      .params = text_param,
      .columns = text_column,
      .run = add_note },
    { .name = "note.fail",
      .effect = AR_CHANGES,
      .grant = "note.write",
      .event = "note.failed",
      .params = text_param,
      .columns = text_column,
      .run = run_fail },
    { .name = "note.list", .grant = "note.read", .columns = text_column, .run = run_list },
    { .name = "note.sneak", .grant = "note.read", .columns = text_column, .run = run_sneak },
    { .name = "note.dawdle", .grant = "note.read", .columns = text_column, .run = run_dawdle },
    { 0 },
};
static const ar_op *const all_ops[] = { ops, NULL };
static const ar_migration *const all_migrations[] = { ar_core_migrations, migrations, NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables tables = {
    .version = "test", .ops = all_ops, .migrations = all_migrations, .opened = opened
};

static ar_err run_as(home *h, int64_t uid, const char *name, const char *text, kept *out)
{
    ar_args args = { .op = ar_tables_find(&tables, ar_str_of(name)), .arena = &h->arena };
    ar_request request = { .args = &args, .now = home_now, .asof = home_now, .uid = uid };
    ar_sink sink = kept_sink(out);

    if (text != NULL) T_OK(ar_args_add(&args, text_param, ar_str_of(text), -1, home_now));
    return ar_core_run(h->core, &request, &h->arena, &sink);
}

static ar_err run(home *h, const char *name, const char *text, kept *out)
{
    return run_as(h, (int64_t)getuid(), name, text, out);
}

/* What a page is told, as of that time. */
static const char *page_of(home *h, const char *name, int64_t uid, ar_time asof)
{
    ar_args args = { .op = ar_tables_find(&tables, ar_str_of(name)), .arena = &h->arena };
    ar_request request = { .args = &args, .now = home_now, .asof = asof, .uid = uid, .kept = true };
    kept k = { 0 };
    ar_sink sink = kept_sink(&k);

    T_OK(ar_core_run(h->core, &request, &h->arena, &sink));

    const char *text = ar_arena_cstr(&h->arena, ar_buf_str(&k.text));

    kept_done(&k);
    return text;
}

static const char *page(home *h, const char *name)
{
    return page_of(h, name, (int64_t)getuid(), home_now);
}

static const char *notes_of(home *h)
{
    kept k = { 0 };

    T_OK(run(h, "note.list", NULL, &k));

    const char *text = ar_arena_cstr(&h->arena, ar_buf_str(&k.text));

    kept_done(&k);
    return text;
}

static size_t events(home *h, const char *part)
{
    return count_of(home_read(h, "log/events.ndjson"), part);
}

TEST(a_change_is_there_with_its_event_or_not_at_all)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(run(&h, "note.add", "first \"quoted\"", &k));
    T_FAILS(run(&h, "note.fail", "second", &k), AR_LIMIT, "one note too many");
    T_STR(ar_str_of(notes_of(&h)), "text\nfirst \"quoted\"\n");
    T_INT(events(&h, "\n"), 2);
    T_INT(events(&h, "\"event\":\"note.added\",\"outcome\":\"ok\",\"detail\":"
                     "{\"args\":[[\"text\",\"first \\\"quoted\\\"\"]],\"length\":14}}"),
          1);
    T_INT(events(&h, "\"event\":\"note.failed\",\"outcome\":\"failed\""), 1);
    T_INT(events(&h, "\"problem\":\"one note too many\""), 1);
    kept_done(&k);
    home_done(&h);
}

TEST(an_estate_is_a_demo_from_its_making_on_or_never)
{
    home real, demo;

    home_init(&real, &tables);
    T_OK(home_open(&real));
    T_TRUE(!real.core->demo);
    ar_core_free(&real.core);
    real.place.demo = true;
    T_FAILS(home_open(&real), AR_CONFLICT, "holds a real estate");
    real.place.demo = false;
    T_OK(home_open(&real));
    T_TRUE(!real.core->demo);

    home_init(&demo, &tables);
    demo.place.demo = true;
    T_OK(home_open(&demo));
    ar_core_free(&demo.core);
    demo.place.demo = false;
    T_OK(home_open(&demo));
    T_TRUE(demo.core->demo);
    home_done(&real);
    home_done(&demo);
}

TEST(a_read_leaves_neither_event_nor_anything_else)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(run(&h, "note.sneak", NULL, &k));
    T_STR(ar_str_of(notes_of(&h)), "text\n");
    T_INT(home_read(&h, "log/events.ndjson").len, 0);
    kept_done(&k);
    home_done(&h);
}

TEST(a_read_ends_when_its_time_is_over_and_the_next_one_runs)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    home_write(&h, "aright.yaml", "query_seconds: 1\n");
    T_OK(home_open(&h));
    T_FAILS(run(&h, "note.dawdle", NULL, &k), AR_LIMIT, "note.dawdle ran longer than 1 s");
    T_STR(ar_str_of(notes_of(&h)), "text\n");
    kept_done(&k);
    home_done(&h);
}

TEST(who_lacks_the_grant_is_told_so_and_the_log_too)
{
    home h;
    kept k = { 0 };
    const int64_t sam = 4711;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    home_write(&h, "people.yaml",
               "people: [{person: \"person:sam\", uid: 4711, grants: [note.read]}]\n");
    T_OK(run_as(&h, sam, "note.list", NULL, &k));
    T_FAILS(run_as(&h, sam, "note.add", "x", &k), AR_DENIED,
            "person:sam may not note.add: it takes the grant note.write");
    T_FAILS(run_as(&h, 9, "note.list", NULL, &k), AR_DENIED, "uid 9 is nobody here");
    T_INT(events(&h, "\"event\":\"operation.denied\",\"outcome\":\"denied\""), 2);
    T_INT(events(&h, "\"who\":\"person:sam\",\"uid\":4711,\"op\":\"note.add\""), 1);
    T_INT(events(&h, "\"who\":\"uid:9\",\"uid\":9,\"op\":\"note.list\""), 1);

    /* a grant that is taken away is gone at once */
    home_write(&h, "people.yaml", "people: [{person: \"person:sam\", uid: 4711, grants: []}]\n");
    T_FAILS(run_as(&h, sam, "note.list", NULL, &k), AR_DENIED, "note.read");
    kept_done(&k);
    home_done(&h);
}

TEST(a_change_that_nobody_waits_for_any_more_is_not_made)
{
    home h;
    kept gone = { .gone = true }, left = { .left = true };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_FAILS(run(&h, "note.add", "a", &gone), AR_IO, "nobody reads");
    T_FAILS(run(&h, "note.add", "b", &left), AR_UNAVAILABLE, "nothing was changed");
    T_STR(ar_str_of(notes_of(&h)), "text\n");
    kept_done(&gone);
    kept_done(&left);
    home_done(&h);
}

TEST(long_arguments_are_cut_in_the_event_and_the_event_stays_well_formed)
{
    home h;
    kept k = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_node *root;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    while (text.len < 5000)
        ar_buf_addz(&text, "…"); /* three bytes, so that the cut is inside one */
    T_OK(run(&h, "note.add", text.ptr, &k));

    ar_str log = home_read(&h, "log/events.ndjson");

    T_TRUE(log.len < 2000);
    T_OK(ar_json_parse(AR_LIT("log"), log, NULL, &h.arena, &root));
    T_STR(ar_node_at(root, AR_LIT("event"))->text, "note.added");
    kept_done(&k);
    home_done(&h);
}

TEST(a_log_that_cannot_be_written_delays_the_event_and_not_the_change)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    ar_fd_done(&h.core->outbox.log);
    h.core->outbox.log = ar_fd_of(open("/dev/full", O_RDWR | O_CLOEXEC));
    T_OK(run(&h, "note.add", "kept", &k));
    T_INT(k.notes, 1);
    ar_core_free(&h.core);
    T_INT(home_read(&h, "log/events.ndjson").len, 0);
    T_OK(home_open(&h));
    T_STR(ar_str_of(notes_of(&h)), "text\nkept\n");
    T_INT(events(&h, "note.added"), 1);
    kept_done(&k);
    home_done(&h);
}

TEST(two_cores_on_one_home_cannot_be)
{
    home h;
    ar_auto(ar_fd) lock = { 0 };
    ar_auto(ar_arena) arena = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_FAILS(ar_home_lock(&h.place, &lock), AR_CONFLICT,
            ar_arena_printf(&arena, "in use by process %d", (int)getpid()).ptr);
    home_done(&h);
}

TEST(a_home_is_for_its_owner_alone)
{
    static const char *const names[] = { ".", "run", "log", "tmp", "backup" };
    static const char *const files[] = { "estate.duckdb", "log/events.ndjson", "run/lock" };
    home h;
    struct stat st;

    home_init(&h, &tables);
    (void)umask(077);
    T_OK(home_open(&h));
    for (size_t i = 0; i < AR_COUNT(names); i++)
        T_TRUE(stat(home_path(&h, names[i]), &st) == 0 && (st.st_mode & 0777) == 0700);
    for (size_t i = 0; i < AR_COUNT(files); i++)
        T_TRUE(stat(home_path(&h, files[i]), &st) == 0 && (st.st_mode & 0777) == 0600);
    home_done(&h);
}

TEST(a_home_that_others_could_have_written_in_is_not_opened)
{
    home h;

    home_init(&h, &tables);
    T_INT(chmod(h.root, 0770), 0);
    T_FAILS(home_open(&h), AR_CONFLICT, "chmod 700");
    T_TRUE(!ar_file_exists(home_path(&h, "run")));
    T_INT(chmod(h.root, 0700), 0);
    T_OK(ar_dir_make(home_path(&h, "elsewhere"), 0700));
    T_INT(symlink(home_path(&h, "elsewhere"), home_path(&h, "run")), 0);
    T_FAILS(home_open(&h), AR_CONFLICT, "is a link");
    T_INT(unlink(home_path(&h, "run")), 0);
    T_OK(home_open(&h));
    ar_core_free(&h.core);
    if (geteuid() == 0) {
        T_INT(chown(h.root, 12345, 12345), 0);
        T_FAILS(home_open(&h), AR_CONFLICT, "belongs to uid 12345");
    }
    home_done(&h);
}

TEST(what_a_crash_left_is_swept_up_when_a_home_opens)
{
    home h;

    home_init(&h, &tables);
    T_OK(ar_home_make(&h.place));
    home_write(&h, ".aright-0123456789abcdef", "half");
    home_write(&h, "run/.aright-0123456789abcdef", "half");
    T_OK(home_open(&h));
    T_TRUE(!ar_file_exists(home_path(&h, ".aright-0123456789abcdef")));
    T_TRUE(!ar_file_exists(home_path(&h, "run/.aright-0123456789abcdef")));
    home_done(&h);
}

TEST(a_slow_answer_is_kept_for_pages_until_something_changes_and_made_ahead_by_who_judges)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    surveys = 0;
    T_STR(ar_str_of(page(&h, "note.survey")), "text\n0\n");
    T_STR(ar_str_of(page(&h, "note.survey")), "text\n0\n");
    T_INT(surveys, 1);
    T_OK(run(&h, "note.survey", NULL, &k)); /* the command line looks itself */
    T_INT(surveys, 2);
    T_OK(run(&h, "note.add", "one", &k));
    T_STR(ar_str_of(page(&h, "note.survey")), "text\n1\n");
    T_INT(surveys, 3);
    T_OK(run(&h, "note.judge", NULL, &k));
    T_INT(surveys, 4);
    T_STR(ar_str_of(page(&h, "note.survey")), "text\n1\n");
    T_INT(surveys, 4);
    kept_done(&k);
    home_done(&h);
}

TEST(what_is_kept_for_others_is_of_now_and_of_nobody)
{
    home h;
    kept k = { 0 };

    home_init(&h, &tables);
    T_OK(home_open(&h));
    home_write(&h, "people.yaml",
               "people:\n  - {person: \"person:sam\", uid: 4711, grants: [note.read]}\n"
               "  - {person: \"person:ada\", uid: 4712, grants: [all]}\n");
    T_STR(ar_str_of(page_of(&h, "note.whose", 4711, home_now)), "text\n0\nperson:sam\n");
    T_STR(ar_str_of(page_of(&h, "note.whose", 4712, home_now)), "text\n0\nperson:ada\n");
    T_STR(ar_str_of(page_of(&h, "note.survey", 4711, home_now + AR_DAY)), "text\n0\n");
    surveys = 0;
    T_STR(ar_str_of(page_of(&h, "note.survey", 4712, home_now)), "text\n0\n");
    T_INT(surveys, 1);
    T_OK(run_as(&h, 4712, "note.judge", NULL, &k)); /* nobody asks ahead whose it is */
    T_INT(surveys, 2);
    h.core->ahead_ms = 0;
    T_OK(run_as(&h, 4712, "note.judge", NULL, &k));
    T_INT(surveys, 2);
    kept_done(&k);
    home_done(&h);
}
