#include "estate/child.h"
#include "home.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- any sequence of imports, against a model ---- */

enum { IDS = 6, SOURCES = 2, STEPS = 60 };

typedef struct fact {
    bool known, gone;
    int users, first, seen; /* days */
    bool has_users;
} fact;

static void model_import(fact *f, int day, bool delta, const int *shown, const int *users)
{
    for (int i = 0; i < IDS; i++) {
        if (shown[i]) {
            if (!f[i].known) f[i] = (fact){ .known = true, .first = day };
            f[i].gone = false;
            f[i].seen = day;
            f[i].users = users[i];
            f[i].has_users = users[i] >= 0;
        } else if (f[i].known && !delta) {
            f[i].gone = true;
        }
    }
}

static int live(const fact *f)
{
    int n = 0;

    for (int i = 0; i < IDS; i++) n += f[i].known && !f[i].gone;
    return n;
}

/* What the view must say: source 0 is believed first; the gone have no say beside the living. */
static ar_str model_text(home *h, fact all[SOURCES][IDS])
{
    ar_auto(ar_buf) out = { 0 };

    for (int i = 0; i < IDS; i++) {
        bool any = false, alive = false;
        int first = 0, seen = 0, n = 0;
        const fact *users = NULL;
        for (int s = 0; s < SOURCES; s++) alive = alive || (all[s][i].known && !all[s][i].gone);
        for (int s = 0; s < SOURCES; s++) {
            const fact *f = &all[s][i];
            if (!f->known || (alive && f->gone)) continue;
            if (!any || f->first < first) first = f->first;
            if (!any || f->seen > seen) seen = f->seen;
            any = true;
            n += !f->gone;
            if (users == NULL && f->has_users) users = f;
        }
        if (!any) continue;
        ar_buf_addf(&out, "i%d|", i);
        if (users != NULL) ar_buf_addf(&out, "%d", users->users);
        ar_buf_addf(&out, "|%d|%d|%d|%s;", first, seen, n, alive ? "false" : "true");
    }
    return ar_arena_copy(&h->arena, ar_buf_str(&out));
}

TEST(any_sequence_of_snapshots_and_deltas_leaves_what_a_plain_model_says)
{
    for (int seed = 1; seed <= t_rounds(6, 50); seed++) {
        t_random random = { .state = (uint64_t)seed };
        fact all[SOURCES][IDS] = { 0 };
        ar_import_result r;
        ar_import_spec spec;
        home h;
        home_open(&h, NULL);

        /* both sources exist from the start, so that their order is known */
        T_OK(import_text(&h, "s0", true, "[]", &r));
        T_OK(import_text(&h, "s1", true, "[]", &r));
        for (int day = 1; day <= STEPS; day++) {
            size_t s = t_below(&random, SOURCES);
            bool delta = t_below(&random, 3) == 0;
            int shown[IDS], users[IDS], n = 0, before = live(all[s]);
            ar_auto(ar_buf) text = { 0 };
            ar_buf_addz(&text, "[");
            for (int i = 0; i < IDS; i++) {
                shown[i] = t_below(&random, 4) > 0;
                users[i] = (int)t_below(&random, 4) - 1;
                if (!shown[i]) continue;
                ar_buf_addf(&text, "%s{\"id\":\"i%d\",\"name\":\"n\"", n++ > 0 ? "," : "", i);
                if (users[i] >= 0)
                    ar_buf_addf(&text, ",\"users\":%d}", users[i]);
                else
                    ar_buf_addz(&text, ",\"users\":null}");
            }
            ar_buf_addz(&text, "]");
            h.ctx.now = (1000 + day) * AR_DAY;
            T_OK(import_text(&h, s == 0 ? "s0" : "s1", delta, text.ptr, &r));
            T_INT(r.state, !delta && n * 2 < before ? AR_IMPORT_HELD : AR_IMPORT_OK);
            if (r.state == AR_IMPORT_HELD)
                T_OK(ar_import_confirm(&h.ctx, &h.kinds, r.run, &spec, &r));
            model_import(all[s], day, delta, shown, users);

            ar_str want = model_text(&h, all);
            T_STR(text_of(&h, "SELECT id, users, date_diff('day', TIMESTAMP '1972-09-27',"
                              " first_seen), date_diff('day', TIMESTAMP '1972-09-27', last_seen),"
                              " source_count, gone FROM app ORDER BY id"),
                  ar_arena_cstr(&h.arena, want));
            T_STR(text_of(&h, "SELECT s.source FROM ar.source s WHERE size <> (SELECT count(*)"
                              " FROM ar.said_app t WHERE t._source = s.number"
                              " AND t._gone_at IS NULL)"),
                  "");
        }
        home_done(&h);
    }
}

/* ---- the child ---- */

static ar_err through_child_as(home *h, ar_str payload, const char *text, ar_import_result *out)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_spec spec = { .source = AR_LIT("s"), .connector = generic.name };
    ar_own(ar_intake_child) child = NULL;
    ar_auto(ar_fd) fd = payload_of(ar_str_of(text));
    ar_plan plan;

    AR_TRY(ar_kinds_find(&h->kinds, AR_LIT("app"), &spec.kind));
    ar_plan_make(&generic, spec.kind, payload, &h->arena, &plan);
    AR_TRY(ar_intake_child_open(&h->place, &plan, ar_fd_n(fd), &child));
    return ar_import(&h->ctx, &h->kinds, &spec, ar_intake_child_feed(child), out);
}

static ar_err through_child(home *h, const char *text, ar_import_result *out)
{
    return through_child_as(h, AR_LIT("payload"), text, out);
}

#define NINE(s) s s s s s s s s s

TEST(a_payload_is_read_in_a_child_whose_refusals_arrive_word_for_word)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r = { 0 };

    h.place.program = getenv("ARIGHT_PROGRAM");
    T_TRUE(h.place.program != NULL);
    T_FAILS(through_child(&h, "id,users\na,1\nb,many\n", &r), AR_INVALID,
            "payload:3: column 'users': 'many'");
    T_FAILS(through_child(&h, "{\"id\":\"a\"}\n{\"id\":7,\"users\":[]}\n", &r), AR_INVALID,
            "payload:2: column 'users'");
    T_FAILS(through_child(&h, "id,users\na," NINE("aaaaaa") "aaaaaé\n", &r), AR_INVALID,
            "aaaaa\ufffd' is not an int"); /* of which 60 bytes are shown */
    /* a field that is no column, of which 80 bytes are shown */
    T_OK(through_child(&h, "id," NINE("bbbbbbbb") "bbbbbbbé\na,3\n", &r));
    T_OK(through_child(&h, "id,users,name\na,1,é\nb,2,\n", &r));
    T_INT(r.rows, 2);
    T_STR(text_of(&h, "SELECT id, users, name FROM app ORDER BY id"), "a|1|é;b|2|;");

    /* a plan that is longer than an argument may be */
    ar_auto(ar_buf) name = { 0 };
    while (name.len < 300 * 1024) ar_buf_addf(&name, "%zu/", name.len);
    T_OK(through_child_as(&h, ar_buf_str(&name), "id,users,name\na,1,é\nb,2,\n", &r));
    T_INT(r.rows, 2);

    h.place.program = "/bin/true"; /* ends and says nothing */
    T_FAILS(through_child(&h, "id\na\n", &r), AR_UNAVAILABLE, "less than it began");
    h.place.program = "/bin/false";
    T_FAILS(through_child(&h, "id\na\n", &r), AR_UNAVAILABLE, "the reader of the payload");
    h.place.program = "/bin/echo";
    T_FAILS(through_child(&h, "id\na\n", &r), AR_UNAVAILABLE, "more at once than it may");
    T_STR(text_of(&h, "SELECT count(*) FROM app"), "2;");
    home_done(&h);
}

static ar_err import_file(home *h, const char *source, int fd)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_spec spec = { .source = ar_str_of(source), .connector = generic.name };
    ar_own(ar_intake_child) child = NULL;
    ar_import_result r;
    ar_plan plan;

    AR_TRY(ar_kinds_find(&h->kinds, AR_LIT("app"), &spec.kind));
    ar_plan_make(&generic, spec.kind, AR_LIT("payload"), &h->arena, &plan);
    AR_TRY(ar_intake_child_open(&h->place, &plan, fd, &child));
    return ar_import(&h->ctx, &h->kinds, &spec, ar_intake_child_feed(child), &r);
}

TEST(parquet_is_read_like_every_other_format_also_from_a_pipe)
{
    home h;
    home_open(&h, NULL);
    ar_own(ar_engine) writer = NULL;
    const char *path = ar_path_join(&h.arena, h.place.home, "apps.parquet");
    const char *files[] = { path, NULL };

    h.place.program = getenv("ARIGHT_PROGRAM");
    T_OK(ar_engine_open(&(ar_engine_options){ .files = files, .threads = 1 }, &writer));
    T_OK(ar_engine_exec(writer,
                        ar_arena_printf(&h.arena,
                                        "COPY (SELECT 'a' AS id, 3 AS users, 0.5::DOUBLE AS share,"
                                        " TIMESTAMP '2026-11-21 09:30:00' AS used_at, true AS multi"
                                        " UNION ALL SELECT 'b', NULL, NULL, NULL, NULL) TO '%s'"
                                        " (FORMAT parquet)",
                                        path)
                            .ptr));
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC)), spooled = { 0 };
    T_OK(import_file(&h, "s", ar_fd_n(fd)));
    T_STR(text_of(&h, "SELECT id, users, share, used_at, multi FROM app ORDER BY id"),
          "a|3|0.5|2026-11-21T09:30:00Z|true;b||||;");
    T_OK(ar_fd_spool(ar_fd_n(fd), AR_LIT("-"), 1 << 20, &spooled)); /* what the doors do */
    T_OK(import_file(&h, "piped", ar_fd_n(spooled)));
    T_STR(text_of(&h, "SELECT id, source FROM app ORDER BY id"), "a|piped,s;b|piped,s;");
    home_done(&h);
}

/* Several threads read these at once: none may be lost, and none come twice. */
TEST(what_is_wrong_far_into_a_payload_is_found_and_nothing_of_it_stays)
{
    home h;
    home_open(&h, NULL);
    h.place.program = getenv("ARIGHT_PROGRAM");
    ar_auto(ar_buf) good = { 0 }, bad = { 0 };
    ar_import_result r;

    for (int i = 0; i < 20000; i++)
        ar_buf_addf(&good, "{\"id\":\"i%d\",\"users\":%d,\"name\":\"the app with number %d\"}\n", i,
                    i, i);
    ar_buf_add(&bad, ar_buf_str(&good));
    ar_buf_addz(&bad, "{\"id\":\"i7\"}\n");
    T_OK(ar_engine_begin(h.ctx.engine));
    T_FAILS(through_child(&h, bad.ptr, &r), AR_INVALID, "id 'i7' is there twice");
    ar_engine_rollback(h.ctx.engine);
    ar_buf_clear(&bad);
    ar_buf_add(&bad, ar_buf_str(&good));
    ar_buf_addz(&bad, "{\"id\":\"new\",\"users\":\"many\"}\n");
    T_OK(ar_engine_begin(h.ctx.engine));
    T_FAILS(through_child(&h, bad.ptr, &r), AR_INVALID, ":20001: column 'users'");
    ar_engine_rollback(h.ctx.engine);
    T_STR(text_of(&h, "SELECT count(*) FROM app"), "0;");

    T_OK(through_child(&h, good.ptr, &r));
    T_INT(r.added, 20000);
    T_STR(text_of(&h, "SELECT count(DISTINCT id), sum(users) FROM app"
                      " WHERE name = 'the app with number ' || users AND id = 'i' || users"),
          "20000|199990000;");
    home_done(&h);
}

/* A kind's table has the columns that were given: one that comes after a quarter of a million rows
 * finds its place among them, and all is on disk. */
TEST(a_column_that_comes_late_in_a_payload_loses_nothing_of_it)
{
    char dir[] = "/tmp/aright-late-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_import_result r;

    for (int i = 0; i < 300000; i++)
        ar_buf_addf(&text, "{\"id\":\"i%d\",\"users\":%d%s%s}\n", i, i,
                    i == 260000 || i > 299000 ? ",\"env\":\"production and more\"" : "",
                    i == 299999 ? ",\"share\":0.5,\"used_at\":\"2026-11-21T09:30:00Z\"" : "");
    if (mkdtemp(dir) == NULL) abort();
    const char *path = ar_path_join(&arena, dir, "estate");
    for (int in_child = 0; in_child < 2; in_child++) {
        const char *source = in_child ? "s" : "other";
        home h;
        home_open(&h, path);

        h.place.program = getenv("ARIGHT_PROGRAM");
        T_OK(ar_engine_begin(h.ctx.engine));
        if (in_child)
            T_OK(through_child(&h, text.ptr, &r));
        else
            T_OK(import_with(&h, &(ar_connector){ .name = AR_LIT("generic") }, "app", source, false,
                             false, ar_buf_str(&text), &r));
        T_OK(ar_engine_commit(h.ctx.engine));
        T_OK(ar_engine_checkpoint(h.ctx.engine));
        ar_engine_free(&h.ctx.engine);
        T_OK(ar_engine_open(&(ar_engine_options){ .path = path }, &h.ctx.engine));

        T_STR(text_of(&h, ar_arena_printf(&h.arena,
                                          "SELECT count(*), sum(users), count(env), count(share),"
                                          " max(used_at), count(DISTINCT id), min(env),"
                                          " count(*) FILTER (WHERE id <> 'i' || users)"
                                          " FROM ar.said_app t JOIN ar.source p"
                                          " ON p.number = t._source WHERE p.source = '%s'",
                                          source)
                              .ptr),
              "300000|44999850000|1000|1|2026-11-21T09:30:00Z|300000|production and more|0;");
        home_done(&h);
    }
    T_OK(ar_dir_remove(dir));
}

/* Batches of one row that give an id and one column more. */
typedef struct dealt {
    int next;
    size_t n_columns, column;
} dealt;

enum { DEALT = 12, WIDE = AR_SANITIZED ? 50 : 150 };

static ar_err deal(void *self, ar_buf *packed)
{
    dealt *d = self;

    ar_buf_clear(packed);
    if (d->next < DEALT) ar_buf_addf(packed, "i%d", d->next++);
    return ar_ok();
}

static ar_err unpack(const void *self, ar_str packed, ar_vector_out *columns, size_t *out_rows)
{
    const dealt *d = self;

    (void)sched_yield(); /* so that the lanes meet in any order */
    for (size_t i = 1; i < d->n_columns; i++) columns[i].valid[0] = i == d->column;
    columns[0].s[0] = packed;
    columns[d->column].i[0] = 1;
    *out_rows = 1;
    return ar_ok();
}

static ar_err import_dealt(home *h, int i, ar_import_result *out)
{
    ar_import_spec spec = { .source = ar_arena_printf(&h->arena, "s%d", i),
                            .connector = AR_LIT("generic") };
    ar_str name = ar_arena_printf(&h->arena, "c%d", i);
    const ar_kind_column **facts;
    dealt d = { 0 };

    AR_TRY(ar_kinds_find(&h->kinds, AR_LIT("wide"), &spec.kind));
    ar_kind_facts(spec.kind, &h->arena, &facts, &d.n_columns);
    ar_feed_column *columns = ar_make_n(&h->arena, ar_feed_column, d.n_columns);
    bool *given = ar_make_n(&h->arena, bool, d.n_columns);
    for (size_t k = 0; k < d.n_columns; k++) {
        columns[k] = (ar_feed_column){ facts[k]->name, facts[k]->type };
        if (ar_str_eq(facts[k]->name, name)) d.column = k;
        given[k] = true;
    }
    ar_feed feed = { .take = deal,
                     .read = unpack,
                     .self = &d,
                     .columns = columns,
                     .n_columns = d.n_columns,
                     .given = given };
    return ar_import(&h->ctx, &h->kinds, &spec, &feed, out);
}

TEST(a_row_that_waited_for_room_comes_once_whichever_thread_takes_it)
{
    ar_auto(ar_buf) kind = { 0 };
    ar_import_result r;
    home h;

    home_open(&h, NULL);
    ar_buf_addz(&kind, "kind: wide\ntitle: Wide\nmeaning: All.\ncolumns:\n");
    for (int i = 0; i < WIDE; i++)
        ar_buf_addf(&kind, "  c%d: {type: int, meaning: A number.}\n", i);
    put_file(&h, "kinds", "wide.yaml", kind.ptr);
    reopen(&h);
    for (int i = 0; i < WIDE; i++) {
        T_OK(import_dealt(&h, i, &r));
        T_INT(r.rows, DEALT);
    }
    home_done(&h);
}

/* ---- kill -9 ---- */

enum { MANY = 3000 };

static void import_many(const char *path, const char *source, int version)
{
    ar_auto(ar_buf) text = { 0 };
    home h;
    home_open(&h, path);
    ar_import_result r;

    h.ctx.now += version * AR_DAY;
    for (int i = 0; i < MANY; i++)
        ar_buf_addf(&text, "{\"id\":\"i%d\",\"users\":%d,\"name\":\"v%d\"}\n", i, version, version);
    if (import_text(&h, source, false, text.ptr, &r).code != AR_OK) _exit(1);
    home_done(&h);
}

TEST(an_import_that_is_killed_leaves_the_old_state_or_the_new_one_whole)
{
    int kills = t_rounds(4, 50), last = 1;
    char dir[] = "/tmp/aright-kill-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };

    if (mkdtemp(dir) == NULL) abort();
    const char *path = ar_path_join(&arena, dir, "estate");
    import_many(path, "s", 1);
    import_many(path, "behind", 0); /* with which each import is merged */
    for (int k = 0; k < kills; k++) {
        pid_t pid = fork();
        if (pid == 0) {
            import_many(path, "s", last + 1);
            _exit(0);
        }
        (void)usleep((useconds_t)(20000 + k * 400000 / kills));
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);

        home h;
        home_open(&h, path);
        ar_str state = text_of(&h, "SELECT min(users), max(users), count(*), count(DISTINCT name),"
                                   " min(source_count) FROM app");
        ar_str old = ar_arena_printf(&arena, "%d|%d|%d|1|2;", last, last, MANY);
        ar_str new = ar_arena_printf(&arena, "%d|%d|%d|1|2;", last + 1, last + 1, MANY);
        if (ar_str_eq(state, new))
            last++;
        else
            T_STR(state, old.ptr);
        T_STR(text_of(&h, "SELECT max(run) = (SELECT max(run) FROM ar.source) FROM ar.run"),
              "true;");
        home_done(&h);
    }
    T_OK(ar_dir_remove(dir));
}
