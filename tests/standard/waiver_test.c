#include "standard/waiver.h"

#include "judged.h"

TEST(waivers_that_are_refused_say_why_and_leave_nothing)
{
    static const char long_reason[] = "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "----------------------------------------------------------"
                                      "-----------------------------------------------------------";
    static const struct {
        const char *finding, *until, *reason, *who;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "T-1", "+10d", "it is being moved", "person:o", AR_INVALID, "want STANDARD/KIND:ID" },
        { "T-1/thing:a", "+10d", "it is being moved", "person:o", AR_NOT_FOUND, "no finding" },
        { "T-1/thing:b", "+10d", "soon", "person:o", AR_INVALID,
          "too short, 4 of at least 10 characters" },
        { "T-1/thing:b", "+10d", "          soon ", "person:o", AR_INVALID, "too short, 4 of" },
        { "T-1/thing:b", "+10d", long_reason, "person:o", AR_LIMIT, "400 is the most" },
        { "T-1/thing:b", "+0d", "it is being moved", "person:o", AR_INVALID, "which is past" },
        { "T-1/thing:b", "+91d", "it is being moved", "person:o", AR_LIMIT,
          "the standard allows 90d" },
        { "T-1/thing:b", "+9d", "it is being moved", "person:kim", AR_DENIED,
          "want the approval of someone else" },
    };
    ar_auto(world) w = judged();

    T_TRUE(sizeof long_reason - 1 > AR_WAIVER_REASON_MAX);
    ANSWERS(ASK(&w, "evaluate", day(0) + 1, NULL), "thing|3|4|3|2|2|0|0\n");
    REFUSES(ASK(&w, "waiver.grant", day(0) + 1, "finding", "T-1/thing:b", "until", "+91d", "reason",
                "it is being moved", NULL),
            AR_LIMIT,
            "until 2026-04-02T00:00:00Z; the standard allows 90d, until 2026-04-01T00:00:00Z");
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        w.who = ar_str_of(bad[i].who);
        REFUSES(ASK(&w, "waiver.grant", day(1), "finding", bad[i].finding, "until", bad[i].until,
                    "reason", bad[i].reason, NULL),
                bad[i].code, bad[i].says);
    }
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver"), 0);
}

static const char tree[] =
    "INSERT INTO ar.owner (id, parent, team, left_at) VALUES"
    " ('division:eng', NULL, NULL, NULL), ('team:web', 'division:eng', 'team:web', NULL),"
    " ('team:db', 'division:eng', 'team:db', NULL),"
    " ('person:kim', 'team:web', 'team:web', NULL),"
    " ('person:lee', 'team:web', 'team:web', NULL),"
    " ('person:max', 'team:web', 'team:web', NULL),"
    " ('person:eve', 'team:db', 'team:db', NULL),"
    " ('person:ada', 'team:db', 'team:db', NULL),"
    " ('person:old', 'team:db', 'team:db', $$2026-01-01$$)";

typedef struct approval {
    const char *owner, *domain, *approver;
    bool may;
    const char *says;
} approval;

static void check_approvals(world *w, const approval *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ar_waiver_subject subject = { AR_LIT("thing:b"), ar_str_of(rows[i].owner),
                                      ar_str_of(rows[i].domain) };
        ar_err err = ar_waiver_check_approver(w->engine, ar_str_of(rows[i].approver), &subject,
                                              day(1), &w->arena);

        if (rows[i].may)
            T_OK(err);
        else
            T_FAILS(err, AR_DENIED, rows[i].says);
    }
}

TEST(who_is_accountable_for_the_domain_approves_and_nobody_else)
{
    static const approval rows[] = {
        { "person:kim", "eng", "person:max", true, "" }, /* the Deputy CISO, also of kim's team */
        { "team:web", "eng", "Person:Max", true, "" },
        { "division:eng", "eng", "person:max", true, "" },
        { "", "eng", "person:max", true, "" },
        { "person:kim", "eng", "person:officer", false,
          "person:officer may not approve for thing:b: for its domain eng that is person:max's" },
        { "", "eng", "person:officer", false, "person:max's to do" },
        { "person:kim", "eng", "person:kim", false, "person:max's to do" },
        { "person:kim", "eng", "person:eve", false, "person:max's to do" }, /* another domain's */
        { "person:kim", "eng", "person:ada", false, "person:max's to do" }, /* above the Deputy */
        /* what the Deputy CISO owns, whom they report to approves */
        { "person:max", "eng", "person:ada", true, "" },
        { "Person:Max", "eng", "person:ada", true, "" },
        { "person:max", "eng", "person:max", false, "person:ada's to do" },
        /* one who has left is not here to approve */
        { "person:kim", "former", "person:ada", true, "" },
        { "person:kim", "former", "person:old", false, "person:ada's to do" },
        /* nobody is accountable */
        { "person:kim", "empty", "person:max", false, "its domain empty needs a deputy_ciso" },
        { "person:eve", "other", "person:eve", false, "its domain other needs a deputy_ciso" },
        { "person:kim", "unheard", "person:max", false, "its domain unheard needs" },
        { "person:kim", "", "person:max", false, "thing:b is in no domain" },
    };
    ar_auto(world) w = judged();

    world_sql(&w, tree);
    world_sql(&w, "INSERT INTO ar.domain (id, deputy_ciso, reports_to, is_default) VALUES"
                  " ('eng', 'person:max', 'person:ada', TRUE),"
                  " ('former', 'person:old', 'person:ada', FALSE),"
                  " ('other', 'person:eve', NULL, FALSE), ('empty', NULL, NULL, FALSE)");
    check_approvals(&w, rows, AR_COUNT(rows));
}

TEST(while_nobody_is_accountable_whoever_has_nothing_to_do_with_a_thing_approves)
{
    static const approval rows[] = {
        { "person:kim", "eng", "person:officer", true, "" },
        { "person:kim", "eng", "person:kim", false, "person:kim owns thing:b; want the approval" },
        { "person:kim", "eng", "Person:KIM", false, "Person:KIM owns thing:b" },
        { "Person:Kim", "eng", "person:kim", false, "person:kim owns thing:b" },
        { "person:kim", "eng", "person:lee", false, "person:lee is in team:web, to which thing:b" },
        { "person:kim", "eng", "Person:Lee", false, "is in team:web" },
        { "person:kim", "eng", "person:ada", true, "" }, /* same division, another team */
        { "team:web", "eng", "person:kim", false, "person:kim is in team:web" },
        { "Team:Web", "eng", "person:kim", false, "person:kim is in team:web" },
        { "team:web", "eng", "person:ada", true, "" },
        { "division:eng", "eng", "person:kim", false, "person:kim is in division:eng" },
        { "division:eng", "eng", "person:ada", false, "who holds waiver.grant" },
        { "team:gone", "eng", "person:kim", true, "" }, /* not in the tree */
        { "", "", "person:kim", true, "" },
    };
    ar_auto(world) w = judged();

    world_sql(&w, tree);
    world_sql(&w, "INSERT INTO ar.domain (id, reports_to, is_default) VALUES"
                  " ('eng', 'person:lee', TRUE)");
    check_approvals(&w, rows, AR_COUNT(rows));
}

TEST(an_owner_is_known_by_each_of_their_names)
{
    static const approval loose[] = {
        { "person:kim", "eng", "person:k.lee", false, "person:kim owns thing:b" },
        { "k.lee@acme.example", "eng", "person:kim", false, "person:kim owns thing:b" },
        { "team:web", "eng", "Person:K.Lee", false, "person:kim is in team:web" },
    };
    static const approval governed[] = {
        { "person:eve", "eng", "person:k.lee", true, "" },
        { "person:k.lee", "eng", "person:kim", false, "that is person:ada's to do" },
    };
    ar_auto(world) w = judged();

    world_sql(&w, tree);
    world_sql(&w, "INSERT INTO ar.owner_name VALUES ('person:k.lee', 'person:kim'),"
                  " ('k.lee@acme.example', 'person:kim')");
    check_approvals(&w, loose, AR_COUNT(loose));
    world_sql(&w, "INSERT INTO ar.domain (id, deputy_ciso, reports_to, is_default) VALUES"
                  " ('eng', 'person:kim', 'person:ada', TRUE)");
    check_approvals(&w, governed, AR_COUNT(governed));
}

TEST(a_waiver_of_a_domain_is_granted_by_its_deputy_only)
{
    ar_auto(world) w = judged();

    world_sql(&w, "INSERT INTO ar.domain (id, deputy_ciso, is_default) VALUES"
                  " ('east', 'person:max', FALSE)");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_DENIED, "person:officer may not approve for thing:b");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver"), 0);
    w.who = AR_LIT("person:max");
    ar_auto(answer) a = ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d",
                            "reason", "it is being moved", NULL);

    T_OK(a.err);
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver WHERE approver = 'person:max'"), 1);
}

TEST(an_approver_is_held_against_who_owns_the_thing_now)
{
    ar_auto(world) w = judged();

    world_sql(&w, "UPDATE thing SET owner_id = 'person:officer' WHERE id = 'b'");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_DENIED, "person:officer owns thing:b");
    world_sql(&w, "UPDATE thing SET owner_id = NULL WHERE id = 'b'");

    ar_auto(answer) a = ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d",
                            "reason", "it is being moved", NULL);

    T_OK(a.err);
    T_STR(ar_buf_str(&a.notes), "Nobody owns what W-1 is for; the waiver says so.\n");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver WHERE owner_id IS NULL"), 1);
}

TEST(a_waiver_is_granted_listed_ended_and_then_over)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "2026-02-01",
                "reason", "it is being moved", NULL),
            "W-1|T-1/thing:b|in_force|2026-02-01T00:00:00Z|person:officer|it is being moved||"
            "2026-01-02T00:00:00Z||||person:kim\n");
    REFUSES(ASK(&w, "waiver.grant", day(2), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_CONFLICT, "has the waiver W-1 of person:officer already; end it first");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "W-2", "reason", "no longer needed", NULL),
            AR_NOT_FOUND, "there is no waiver W-2");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "1", "reason", "no longer needed", NULL),
            AR_INVALID, "want one like W-12");
    REFUSES(ASK(&w, "waiver.end", day(2), "id", "W-1", "reason", "no", NULL), AR_INVALID,
            "of at least 10 characters");
    ANSWERS(ASK(&w, "waiver.end", day(3), "id", "W-1", "reason", "no longer needed", NULL),
            "W-1|T-1/thing:b|ended|2026-02-01T00:00:00Z|person:officer|it is being moved||"
            "2026-01-02T00:00:00Z|2026-01-04T00:00:00Z|person:officer|no longer needed|"
            "person:kim\n");
    REFUSES(ASK(&w, "waiver.end", day(3), "id", "W-1", "reason", "no longer needed", NULL),
            AR_CONFLICT, "is over");
    ANSWERS(ASK(&w, "waiver.list", day(3), NULL), "");
    T_INT(world_int(&w, "SELECT count(*) FROM waiver WHERE deleted_at IS NOT NULL"), 1);
}

TEST(who_waives_second_is_told_of_the_first_also_while_the_clock_is_an_hour_behind)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            "W-1|T-1/thing:b|in_force|2026-01-07T00:00:00Z|person:officer|it is being moved||"
            "2026-01-02T00:00:00Z||||person:kim\n");
    w.who = AR_LIT("person:second");
    for (int hours = 0; hours < 2; hours++)
        REFUSES(ASK(&w, "waiver.grant", day(1) - hours * AR_HOUR, "finding", "T-1/thing:b", "until",
                    "+9d", "reason", "it is being sold", NULL),
                AR_CONFLICT, "has the waiver W-1 of person:officer already; end it first");
    T_INT(world_int(&w, "SELECT count(*) FROM ar.waiver"), 1);
}

TEST(a_standard_without_waivers_grants_none)
{
    ar_auto(world) w = judged();

    world_sql(&w, "UPDATE ar.standard SET waiver_max = NULL");
    REFUSES(ASK(&w, "waiver.grant", day(1), "finding", "T-1/thing:b", "until", "+5d", "reason",
                "it is being moved", NULL),
            AR_CONFLICT, "allows no waivers");
}
