#include "standard/score.h"

#include "door/print.h"

#include "judged.h"

#include <fcntl.h>
#include <unistd.h>

TEST(the_score_counts_what_is_waived_apart_and_keeps_it_in_the_scope)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "score", day(1), NULL),
            "T-1|Title of T-1|tenants|standard|4|1|1|2|0|0.25|3\n"
            "T-2|Title of T-2|tenants|standard|3|2|1|0|0|0.6666666666666666|3\n"
            "T-3|Title of T-3|tenants|standard|0|0|0|0|0||3\n");
    grant(&w, "T-1/thing:b", 10);
    grant(&w, "T-1/thing:c", 20);
    ANSWERS(ASK(&w, "score", day(10), "by", "owner", NULL), "person:kim|4|2|1|0|1|0.5|3\n"
                                                            "|2|1|0|1|0|0.5|3\n"
                                                            "person:lee|1|0|0|0|1|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(10) + 1, "by", "domain", NULL), "east|4|2|2|0|0|0.5|3\n"
                                                                 "|2|1|0|1|0|0.5|3\n"
                                                                 "west|1|0|0|0|1|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(20) + 1, "by", "pillar", NULL),
            "tenants|7|3|2|2|0|0.42857142857142855|3\n");
    ANSWERS(ASK(&w, "score", day(1), "class", "practice", NULL), "");
}

/* kim and lee are in team:web of division:eng; the thing without an owner stays without one. */
static world peopled(void)
{
    world w = judged();

    world_sql(&w, "INSERT INTO ar.owner (id, parent, team) VALUES ('division:eng', NULL, NULL),"
                  " ('team:all', 'division:eng', 'team:all'), ('team:web', 'team:all', 'team:web'),"
                  " ('person:kim', 'team:web', 'team:web'),"
                  " ('person:lee', 'division:eng', NULL), ('person:max', NULL, NULL)");
    return w;
}

TEST(the_score_sums_up_along_the_tree_of_owners)
{
    ar_auto(world) w = peopled();

    ANSWERS(ASK(&w, "score", day(1), "by", "team", NULL), "team:web|4|2|2|0|0|0.5|3\n"
                                                          "person:lee|1|0|0|1|0|0.0|3\n"
                                                          "|2|1|0|1|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "division", NULL),
            "division:eng|5|2|2|1|0|0.4|3\n|2|1|0|1|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "owner", "owner", "division:eng", NULL),
            "person:kim|4|2|2|0|0|0.5|3\nperson:lee|1|0|0|1|0|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(1), "by", "pillar", "owner", "team:all", NULL),
            "tenants|4|2|2|0|0|0.5|3\n");
    ANSWERS(ASK(&w, "score", day(1), "owner", "person:lee", NULL),
            "T-1|Title of T-1|tenants|standard|1|0|0|1|0|0.0|3\n");
    ANSWERS(ASK(&w, "score", day(1), "owner", "person:max", NULL), "");
    NOTES(ASK(&w, "score", day(1), "owner", "team:wbe", NULL),
          "Nothing in scope is owned by 'team:wbe', or by anyone below.");
    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b", day(1), "owner", "division:eng", NULL);
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(1), "owner", "team:all", "state", "fail", NULL);
    LISTS(&w, "T-1/thing:d", day(1), "owner", "-", NULL);
    LISTS(&w, "T-1/thing:d", day(1), "domain", "-", NULL);
    ANSWERS(ASK(&w, "score", day(1), "by", "domain", "owner", "-", NULL), "|2|1|0|1|0|0.5|3\n");
}

TEST(the_score_names_its_columns_by_what_a_row_is)
{
    ar_auto(world) w = judged();
    ar_auto(answer) standard = ASK(&w, "score", day(1), NULL);
    ar_auto(answer) owner = ASK(&w, "score", day(1), "by", "owner", NULL);

    T_STR(ar_buf_str(&standard.head),
          "standard|title|pillar|class|scope|pass|fail|unknown|waived|share|risk");
    T_STR(ar_buf_str(&owner.head), "owner|scope|pass|fail|unknown|waived|share|risk");
    T_STR(ar_buf_str(&standard.notes), "1 standard has nothing in scope yet: T-3.\n");
}

TEST(a_score_of_one_standard_counts_what_the_standard_counts)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: n = m\nshare: n / m");
    world_standard(&w, "T-2", "pass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(&w, "INSERT INTO thing (id, owner_id, n, m, ok) VALUES ('a', 'person:kim', 60, 60,"
                  " TRUE), ('b', 'person:kim', 13, 25, TRUE), ('c', 'person:lee', 0, 15, FALSE)");
    (void)world_evaluate(&w, day(0));
    ANSWERS(ASK(&w, "score", day(0), "standard", "T-1", NULL),
            "T-1|Title of T-1|tenants|standard|3|1|2|0|0|0.73|3|73|100\n");
    ANSWERS(ASK(&w, "score", day(0), "standard", "T-1", "by", "owner", NULL),
            "person:kim|2|1|1|0|0|0.8588235294117647|3|73|85\n"
            "person:lee|1|0|1|0|0|0.0|3|0|15\n");
    ANSWERS(ASK(&w, "score", day(0), "standard", "T-2", "by", "pillar", NULL),
            "tenants|3|2|1|0|0|0.6666666666666666|3|2|3\n");
    REFUSES(ASK(&w, "score", day(0), "standard", "T-9", NULL), AR_NOT_FOUND,
            "no standard 'T-9' was judged");
}

TEST(a_score_that_is_older_than_a_day_says_so)
{
    ar_auto(world) w = judged();
    ar_auto(answer) fresh = ASK(&w, "score", day(1), "by", "owner", NULL);

    T_STR(ar_buf_str(&fresh.notes), "");
    NOTES(
        ASK(&w, "score", day(1) + 1, "by", "owner", NULL),
        "This is as of 2026-01-01T00:00:00Z, the last evaluation; `aright evaluate` judges anew.");
}

TEST(a_score_and_its_findings_say_when_an_import_changed_something_after_them)
{
    static const struct {
        const char *run; /* started, state, new, changed, gone */
        bool says;
    } table[] = {
        { "$$2025-12-31$$, 'ok', 1, 1, 1", false },
        { "$$2026-01-02$$, 'held', 1, 1, 1", false },
        { "$$2026-01-02$$, 'ok', 0, 0, 0", false },
        { "$$2026-01-02$$, 'ok', 0, 0, 1", true },
    };
    ar_auto(world) w = judged();

    for (size_t i = 0; i < AR_COUNT(table); i++) {
        ar_auto(ar_buf) sql = { 0 };

        ar_buf_addf(&sql,
                    "INSERT INTO ar.run (started, state, new, changed, gone, run, connector,"
                    " source, kind, delta, who, rows, columns) VALUES"
                    " (%s, 1, 'c', 's', 'thing', FALSE, 'me', 1, '')",
                    table[i].run);
        world_sql(&w, sql.ptr);

        ar_auto(answer) score = ASK(&w, "score", day(1), "by", "owner", NULL);
        ar_auto(answer) list = ASK(&w, "finding.list", day(1), NULL);
        const char *want = table[i].says ? "Imports have changed the estate since the last "
                                           "evaluation; `aright evaluate` judges anew.\n"
                                         : "";
        T_STR(ar_buf_str(&score.notes), want);
        T_STR(ar_buf_str(&list.notes), want);
    }
}

TEST(before_the_first_evaluation_the_score_says_what_to_do)
{
    ar_auto(world) w = { 0 };

    world_files(&w);
    world_load(&w);
    world_engine(&w, NULL);
    ar_auto(answer) a = ASK(&w, "score", day(1), NULL);
    T_OK(a.err);
    T_STR(ar_buf_str(&a.notes), "Nothing was judged yet: run `aright evaluate`.\n");
}

/* Every number leads to the rows behind it, and their count equals it. */
TEST(the_score_and_the_list_of_findings_agree)
{
    static const char *const states[] = { "fail", "unknown", "waived" };
    ar_auto(world) w = judged();

    grant(&w, "T-1/thing:d", 10);
    for (size_t i = 0; i < AR_COUNT(states); i++) {
        ar_auto(answer) list = ASK(&w, "finding.list", day(1), "state", states[i], NULL);
        ar_auto(answer) score = ASK(&w, "score", day(1), "by", "pillar", NULL);
        ar_str rest = ar_buf_str(&score.rows), part = { 0 };
        int64_t want = -1, lines = 0;

        for (size_t k = 0; k < 4 + i; k++) T_TRUE(ar_str_split(&rest, '|', &part));
        T_TRUE(ar_str_int(part, &want));
        for (size_t k = 0; k < list.rows.len; k++) lines += list.rows.ptr[k] == '\n';
        T_INT(lines, want);
    }
}

static ar_str printed(world *w, enum ar_format format)
{
    const char *path = ar_path_join(&w->arena, w->place.home, "printed");
    int out = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    ar_ctx ctx = { .now = day(1), .asof = day(1), .engine = w->engine, .arena = &w->arena };
    const ar_op *op = find_op("score");
    ar_args args = { .op = op, .arena = &w->arena };
    ar_printer printer;
    ar_sink sink;
    ar_reply reply;
    ar_str text = { 0 };

    ar_printer_init(&printer, format, op->shape, out, out);
    sink = ar_printer_sink(&printer);
    ar_reply_init(&reply, op, &sink);
    T_OK(op->run(&ctx, &args, &reply));
    T_OK(ar_reply_finish(&reply));
    T_OK(ar_printer_finish(&printer));
    ar_printer_done(&printer);
    (void)close(out);
    T_OK(ar_file_read(path, 1 << 20, &w->arena, &text));
    return text;
}

TEST(a_card_for_people_names_what_has_nothing_in_scope_once_and_programs_get_every_row)
{
    ar_auto(world) w = judged();
    ar_str table = printed(&w, AR_FORMAT_TABLE), json = printed(&w, AR_FORMAT_JSON);

    T_TRUE(ar_str_contains(table, AR_LIT("Title of T-2")));
    T_TRUE(!ar_str_contains(table, AR_LIT("Title of T-3")));
    T_TRUE(ar_str_contains(table, AR_LIT("1 standard has nothing in scope yet: T-3.")));
    T_TRUE(ar_str_contains(json, AR_LIT("\"title\":\"Title of T-3\"")));
}
