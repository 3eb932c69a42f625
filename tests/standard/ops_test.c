#include "standard/ops.h"

#include "engine/guard.h"

#include "judged.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- standards ---- */

TEST(standards_are_listed_with_the_version_that_was_judged)
{
    ar_auto(world) w = judged();

    world_standard(&w, "T-4", "pass: ok");
    ANSWERS(ASK(&w, "standard.list", day(1), NULL),
            "T-1|standard|tenants|thing|Title of T-1|3|team:owners|1|true|\n"
            "T-2|standard|tenants|thing|Title of T-2|3|team:owners|1|true|\n"
            "T-3|standard|tenants|thing|Title of T-3|3|team:owners|1|true|\n"
            "T-4|standard|tenants|thing|Title of T-4|3|team:owners||true|\n");
}

/* The bad copy lies in the home and stands in the place of a shipped file that is right. */
TEST(a_bad_file_is_named_wherever_its_standard_is_missed)
{
    static const char where[] = "home/standards/T-1.yaml:1:1: 'title' is missing";
    ar_auto(world) w = judged();
    const char *folder = ar_path_join(&w.arena, w.place.home, "standards");

    T_OK(ar_dir_make(folder, 0755));
    T_OK(ar_file_write(ar_path_join(&w.arena, folder, "T-1.yaml"),
                       AR_LIT("id: T-1\nclass: standard\n"), 0644));
    NOTES(ASK(&w, "evaluate", day(1), NULL),
          "T-1 was not judged, and what was judged of it last stands: /tmp/");
    ar_auto(answer) list = ASK(&w, "standard.list", day(1), NULL);
    T_TRUE(
        ar_str_contains(ar_buf_str(&list.rows),
                        AR_LIT("T-1|standard|tenants|thing|Title of T-1|3|team:owners|1|false|/")));
    T_TRUE(ar_str_contains(ar_buf_str(&list.rows), ar_str_of(where)));
    NOTES(ASK(&w, "standard.list", day(1), NULL), "T-1 cannot be read: /tmp/");
    NOTES(ASK(&w, "score", day(1), NULL),
          "What is said of T-1 is as of 2026-01-01T00:00:00Z, when it could last be judged: /tmp/");
    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b T-1/thing:d", day(1), NULL);
    NOTES(ASK(&w, "finding.list", day(1), NULL), "What is said of T-1 is as of");
    REFUSES(ASK(&w, "standard.show", day(1), "id", "T-1", NULL), AR_INVALID, where);
    REFUSES(ASK(&w, "finding.explain", day(1), "finding", "T-1/thing:b", NULL), AR_INVALID, where);
    REFUSES(ASK(&w, "standard.test", day(1), "id", "T-1", NULL), AR_INVALID, where);
    ar_auto(answer) other = ASK(&w, "finding.list", day(1), "standard", "T-2", NULL);
    ar_auto(answer) explained = ASK(&w, "finding.explain", day(1), "finding", "T-2/thing:b", NULL);
    ar_auto(answer) tested = ASK(&w, "standard.test", day(1), NULL);
    T_STR(ar_buf_str(&other.notes), "");
    T_OK(explained.err);
    T_FAILS(tested.err, AR_INVALID, "1 standard cannot be read");
    T_TRUE(ar_str_contains(ar_buf_str(&tested.notes), ar_str_of(where)));
    T_TRUE(ar_str_contains(ar_buf_str(&tested.rows), AR_LIT("T-3|3|")));
}

/* The rows that the judge adds to `status`. */
static answer status(world *w)
{
    static const ar_column columns[] = { { "area", AR_TEXT, 0, "" },
                                         { "name", AR_TEXT, 0, "" },
                                         { "value", AR_TEXT, 0, "" },
                                         { "state", AR_TEXT, 0, "" },
                                         { 0 } };
    static const ar_op op = { .name = "status", .columns = columns };
    answer a = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, NULL, &a };
    ar_ctx ctx = { .place = &w->place, .arena = &w->arena };
    ar_reply reply;

    ar_reply_init(&reply, &op, &sink);
    a.err = ar_standard_status(&ctx, &reply);
    return a;
}

TEST(status_warns_of_files_that_are_no_standards)
{
    ar_auto(world) w = judged();

    ANSWERS(status(&w), "");
    world_write(&w, "standards", "T-9.yaml", "id: T-9\n");
    ar_auto(answer) bad = status(&w);
    T_OK(bad.err);
    T_TRUE(ar_str_starts(ar_buf_str(&bad.rows), AR_LIT("estate|standard T-9|/tmp/")));
    T_TRUE(ar_str_ends(ar_buf_str(&bad.rows), AR_LIT("'class' is missing|warn\n")));
    world_write(&w, "kinds", "bad.yaml", "kind: other\n");
    ar_auto(answer) worse = status(&w);
    T_OK(worse.err);
    T_TRUE(ar_str_starts(ar_buf_str(&worse.rows), AR_LIT("estate|kinds|/tmp/")));
}

TEST(a_standard_shows_the_sql_that_judges_as_it_does)
{
    ar_auto(world) w = judged();
    ar_auto(answer) plain = ASK(&w, "standard.show", day(0), "id", "T-1", NULL);
    ar_auto(answer) a = ASK(&w, "standard.show", day(0), "id", "T-1", "sql", "", NULL);
    ar_str sql;

    T_OK(a.err);
    T_STR(field(&plain, "pass"), "ok AND n > 1");
    T_STR(field(&plain, "stale_after"), "7d");
    sql = field(&a, "sql");
    T_TRUE(sql.len > 0);
    sql = ar_arena_printf(&w.arena,
                          "SELECT string_agg(q.id || q.state, ' ' ORDER BY q.id) FROM (%.*s) q",
                          AR_FMT(sql));
    T_STR(world_text(&w, sql.ptr), "a1 b2 c3 d3");
}

TEST(the_sql_that_a_standard_shows_runs_as_a_query)
{
    ar_auto(world) w = judged();

    world_standard(&w, "T-5", "pass: name LIKE 'A!__' ESCAPE '!' OR name LIKE '_n%'");
    ar_auto(answer) a = ASK(&w, "standard.show", day(0), "id", "T-5", "sql", "", NULL);
    ar_str sql = field(&a, "sql");

    T_OK(a.err);
    T_OK(ar_engine_guard(w.engine, sql));
    sql = ar_arena_printf(&w.arena,
                          "SELECT string_agg(q.id || q.state, ' ' ORDER BY q.id)"
                          " FROM (%.*s) q",
                          AR_FMT(sql));
    T_STR(world_text(&w, sql.ptr), "a1 b2 c2 d2");
}

static answer check_file(world *w, const char *text)
{
    const char *path = ar_path_join(&w->arena, w->place.home, "one.yaml");
    const ar_op *op = find_op("standard.check");
    answer a = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, NULL, &a };
    ar_ctx ctx = { .place = &w->place, .arena = &w->arena };
    ar_args args = { .op = op, .arena = &w->arena };
    ar_reply reply;
    int fd;

    T_OK(ar_file_write(path, ar_str_of(text), 0644));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    T_OK(ar_args_add(&args, ar_param_find(op, AR_LIT("file")), AR_LIT("one.yaml"), fd, 0));
    ar_reply_init(&reply, op, &sink);
    a.err = op->run(&ctx, &args, &reply);
    (void)close(fd);
    return a;
}

TEST(a_file_is_checked_and_its_rows_are_judged)
{
    ar_auto(world) w = judged();
    const char *good = "id: X-1\nclass: practice\ntitle: T\nstatement: S.\npillar: networks\n"
                       "kind: thing\npass: n > 3 OR EXISTS parts WHERE good\nright: R.\nrisk: 1\n"
                       "owner: team:x\nexplain: [n]\ntests:\n  pass: [{n: 4}, {n: 1, parts: "
                       "[{good: true}, {good: false}]}]\n  fail: [{n: 3}, {n: 1, parts: [{good: "
                       "false}]}]\n  unknown: [{}]\n";
    const char *bad = "id: X-1\nclass: practice\ntitle: T\nstatement: S.\npillar: networks\n"
                      "kind: thing\npass: n > 3\nright: R.\nrisk: 1\n"
                      "owner: team:x\nexplain: [n]\ntests:\n  pass: [{n: 3}]\n  fail: [{n: 3}]\n"
                      "  unknown: [{}]\n";

    ANSWERS(check_file(&w, good), "X-1|5|5\n");
    ar_auto(answer) a = check_file(&w, bad);
    T_FAILS(a.err, AR_INVALID, "1 test row is judged otherwise than said");
    T_STR(ar_buf_str(&a.rows), "X-1|3|2\n");
    T_STR(ar_buf_str(&a.notes),
          "one.yaml:13: the row under 'pass' is fail by the evaluator, fail as "
          "SQL, fail in a scan.\n");
    REFUSES(check_file(&w, "id: X-1\n"), AR_INVALID, "one.yaml:1:1");
}

/* ---- evaluate ---- */

TEST(evaluate_says_what_it_saw_and_what_it_did_not_store)
{
    ar_auto(world) w = judged();
    ar_auto(answer) before = ASK(&w, "evaluate", day(0) - 1, NULL);

    T_OK(before.err);
    T_STR(ar_buf_str(&before.rows), "thing|3|4|3|2|2|0|0\n");
    T_STR(ar_buf_str(&before.notes), "Nothing was stored: 2025-12-31T23:59:59Z is before the "
                                     "last evaluation, as of 2026-01-01T00:00:00Z.\n");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.evaluation"), 1);
    world_sql(&w, "UPDATE thing SET ok = TRUE");
    ANSWERS(ASK(&w, "evaluate", day(1), NULL), "thing|3|4|5|1|1|0|2\n");
}

/* ---- the rows of the operations ---- */

TEST(every_operation_says_who_may_run_it_and_what_it_records)
{
    for (const ar_op *op = ar_standard_ops; op->name != NULL; op++) {
        T_TRUE(op->grant != NULL && op->help != NULL && op->run != NULL);
        T_TRUE((op->effect == AR_CHANGES) == (op->event != NULL));
        T_TRUE(op->columns != NULL || op->run == find_op("score")->run);
    }
}

/* The views that `query` shows have every column that their kind promises. */
TEST(the_views_have_the_columns_of_their_kinds)
{
    static const char *const names[] = { "standard", "waiver" };
    ar_auto(world) w = { 0 };
    ar_place shipped = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };

    world_files(&w);
    world_load(&w);
    world_engine(&w, NULL);
    T_OK(ar_kinds_load(&shipped, &w.arena, &w.kinds));
    for (size_t i = 0; i < AR_COUNT(names); i++) {
        const ar_kind *kind = NULL;

        T_OK(ar_kinds_find(&w.kinds, ar_str_of(names[i]), &kind));
        for (size_t k = 0; kind != NULL && k < kind->n_columns; k++) {
            ar_str sql = ar_arena_printf(
                &w.arena,
                "SELECT data_type FROM information_schema.columns WHERE table_schema ="
                " 'main' AND table_name = '%s' AND column_name = '%.*s'",
                names[i], AR_FMT(kind->columns[k].name));

            T_STR(world_text(&w, sql.ptr), ar_sql_type(kind->columns[k].type));
        }
    }
    T_INT(world_int(&w, "SELECT count(*) FROM finding"), 0);
}
