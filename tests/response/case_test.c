#include "response/case.h"

#include "../op/op_home.h"
#include "daemon/tables.h"

/* A home with an application of a team, and a team without any. */
static void cases_open(home *h)
{
    home_init(h, &ar_all_tables);
    home_write(h, "owners.yaml",
               "owners:\n"
               "  - {id: 'division:cloud', name: Cloud, domain: cloud}\n"
               "  - {id: 'team:web', name: Web, in: 'division:cloud', aliases: [web@example.org]}\n"
               "  - {id: 'team:net', name: Net, in: 'division:cloud'}\n"
               "  - {id: 'person:dee', name: Dee}\n"
               "domains:\n  - {id: cloud, name: Cloud, deputy_ciso: 'person:dee'}\n");
    T_OK(home_open(h));
}

static ar_time hours(double n)
{
    return home_now + (ar_time)(n * (double)AR_HOUR);
}

/* `pairs`: parameter, value, …, NULL; a file's value is its text. */
static ar_err ask(home *h, const char *name, ar_time now, const char *const *pairs, kept *out)
{
    const ar_op *op = ar_tables_find(&ar_all_tables, ar_str_of(name));
    ar_args args = { .op = op, .arena = &h->arena };
    ar_request request = { .args = &args, .now = now, .asof = now, .uid = (int64_t)getuid() };
    ar_sink sink = kept_sink(out);
    ar_auto(ar_fd) file = { 0 };

    for (; *pairs != NULL; pairs += 2) {
        const ar_param *param = ar_param_find(op, ar_str_of(pairs[0]));

        if (param->type == AR_PARAM_FILE) T_OK(ar_fd_holding(ar_str_of(pairs[1]), &file));
        T_OK(ar_args_add(&args, param, ar_str_of(pairs[1]),
                         param->type == AR_PARAM_FILE ? ar_fd_n(file) : -1, now));
    }
    T_OK(ar_args_complete(&args));
    return ar_core_run(h->core, &request, &h->arena, &sink);
}

#define WITH(...)                       \
    (const char *const[])               \
    {                                   \
        __VA_ARGS__ __VA_OPT__(, ) NULL \
    }

/* What it answers, without the line of its columns. */
static ar_str answer(home *h, const char *name, ar_time now, const char *const *pairs)
{
    kept k = { 0 };
    ar_str rows, head;

    T_OK(ask(h, name, now, pairs, &k));
    rows = ar_arena_copy(&h->arena, ar_buf_str(&k.text));
    (void)ar_str_split(&rows, '\n', &head);
    kept_done(&k);
    return rows;
}

#define REFUSED(h, name, now, pairs, code, says)            \
    do {                                                    \
        kept k_ = { 0 };                                    \
        T_FAILS(ask(h, name, now, pairs, &k_), code, says); \
        kept_done(&k_);                                     \
    } while (0)

/* What the estate says. */
static ar_str told(home *h, const char *sql)
{
    ar_value value = ar_null();
    ar_auto(ar_buf) text = { 0 };

    T_OK(ar_engine_value(h->core->engine, ar_str_of(sql), NULL, 0, &h->arena, &value));
    ar_value_print(&text, value);
    return ar_arena_copy(&h->arena, ar_buf_str(&text));
}

static void has(ar_str text, const char *part)
{
    if (ar_str_contains(text, ar_str_of(part))) return;
    t_bad++;
    printf("# '%.*s' lacks '%s'\n", AR_FMT(text), part);
}

/* VC-1: exploited, of team:web, due after three days; its stages may take 18 hours each. */
static void open_critical(home *h)
{
    (void)answer(h, "import", home_now,
                 WITH("connector", "generic", "kind", "app", "source", "cmdb", "file",
                      "{\"id\": \"payroll\", \"owner_id\": \"team:web\", \"criticality\": 5}\n"));
    T_STR(answer(h, "case.open", home_now,
                 WITH("title", "any password opens it", "reporter", "outside", "asset",
                      "app:payroll", "point", "exploitation=active")),
          "VC-1|any password opens it|app:payroll|critical|team:web|opened|2026-11-24T12:00:00Z|"
          "open|2026-11-24T12:00:00Z|false|||act|2026-11-21T12:00:00Z|||cloud|vcase\n");
}

TEST(a_case_at_risk_is_signalled_and_once_missed_closes_with_a_reason_and_the_scorecard_shows_both)
{
    home h;
    ar_str log, score;

    cases_open(&h);
    open_critical(&h);
    T_STR(answer(&h, "case.signal", hours(17), WITH()), "");
    T_STR(answer(&h, "case.list", hours(19), WITH("state", "at_risk", "owner", "division:cloud")),
          "VC-1|any password opens it|app:payroll|critical|team:web|opened|2026-11-24T12:00:00Z|"
          "at_risk|2026-11-24T13:00:00Z|false|||act|2026-11-21T12:00:00Z|||cloud|vcase\n");
    has(answer(&h, "case.signal", hours(19), WITH()), "|2026-11-22T07:00:00Z||act|");
    T_STR(answer(&h, "case.signal", hours(20), WITH()), "");

    (void)answer(&h, "case.stage", hours(24), WITH("case", "VC-1", "stage", "deploying"));
    has(answer(&h, "case.list", hours(73), WITH("state", "overdue")), "VC-1|");
    (void)answer(&h, "case.stage", hours(80), WITH("case", "VC-1", "stage", "mitigated"));
    REFUSED(&h, "case.close", hours(81),
            WITH("case", "VC-1", "learning", "no", "because", "known class", "cwe", "CWE-287"),
            AR_INVALID,
            "VC-1 was due at 2026-11-24T12:00:00Z and was not mitigated by then; it closes with "
            "--reason, one of deployment_delay, fix_complexity, third_party_dependency, "
            "ownership_dispute, capacity, freeze, wrong_severity, waiting_for_customer");
    has(answer(&h, "case.close", hours(81),
               WITH("case", "VC-1", "learning", "no", "because", "known class", "cwe", "CWE-287",
                    "reason", "deployment_delay")),
        "|closed|");

    (void)answer(&h, "evaluate", hours(82), WITH());
    score = answer(&h, "score", hours(82), WITH("owner", "team:web", "class", "all"));
    has(score, "RR-1|Critical vulnerabilities are mitigated in time|response|standard|1|0|1|0|0|");
    has(score,
        "RR-1b|Risk of missing a date is signalled before the miss|response|practice|1|1|0|0|0|");
    has(answer(&h, "score", hours(82), WITH("by", "team")), "team:web|");
    log = home_read(&h, "log/events.ndjson");
    T_INT(count_of(log, "\"event\":\"case.staged\",\"outcome\":\"ok\""), 2);
    T_INT(count_of(log, "\"event\":\"case.closed\",\"outcome\":\"failed\""), 1);
    T_INT(count_of(log, "\"event\":\"case.closed\",\"outcome\":\"ok\""), 1);
    T_INT(count_of(log, "\"event\":\"case.signalled\",\"outcome\":\"ok\""), 3);
    home_done(&h);
}

TEST(a_case_is_an_asset_that_standards_judge_and_signal_keeps_its_facts_fresh)
{
    static const char *const unknown = "SELECT count(*) FROM ar.finding WHERE closed_at IS NULL"
                                       " AND standard_id = 'RR-4' AND state = 'unknown'";
    home h;

    cases_open(&h);
    open_critical(&h);
    T_STR(told(&h, "SELECT source || inventoried || owner_id || app_id || criticality"
                   " FROM main.vcase WHERE id = 'VC-1'"),
          "arighttrueteam:webpayroll5");
    (void)answer(&h, "evaluate", hours(49), WITH());
    T_STR(told(&h, unknown), "1");
    (void)answer(&h, "case.signal", hours(50), WITH());
    (void)answer(&h, "evaluate", hours(51), WITH());
    T_STR(told(&h, unknown), "0");
    home_done(&h);
}

TEST(a_case_goes_forward_by_any_step_and_back_with_a_reason_only)
{
    home h;
    ar_str shown;

    cases_open(&h);
    open_critical(&h);
    (void)answer(&h, "case.stage", hours(1), WITH("case", "VC-1", "stage", "mitigated"));
    REFUSED(&h, "case.stage", hours(2), WITH("case", "VC-1", "stage", "mitigated"), AR_CONFLICT,
            "VC-1 is mitigated already");
    REFUSED(&h, "case.stage", hours(2), WITH("case", "VC-1", "stage", "deploying"), AR_INVALID,
            "going back wants --because");
    (void)answer(&h, "case.stage", hours(2),
                 WITH("case", "VC-1", "stage", "deploying", "because", "one ring was left out"));
    T_STR(told(&h, "SELECT mitigated_at FROM main.vcase"), "");
    (void)answer(&h, "case.stage", hours(-1), WITH("case", "VC-1", "stage", "mitigated"));
    T_STR(told(&h, "SELECT mitigated_at FROM ar.case"), "2026-11-21T14:00:00Z");
    shown = answer(&h, "case.show", hours(3), WITH("case", "VC-1"));
    has(shown, "mission=high: act\n2026-11-21T13:00:00Z person:");
    has(shown, " mitigated\n2026-11-21T14:00:00Z person:");
    has(shown, " deploying: one ring was left out\n2026-11-21T14:00:00Z person:");
    home_done(&h);
}

TEST(a_due_date_only_becomes_earlier_once_a_case_is_triaged_and_kev_dates_are_kept)
{
    static const char *const due = "SELECT due_at FROM ar.case";
    home h;

    cases_open(&h);
    (void)answer(&h, "case.open", home_now, WITH("title", "a", "reporter", "inside"));
    T_STR(told(&h, due), "2026-12-21T12:00:00Z");
    (void)answer(&h, "case.stage", hours(24),
                 WITH("case", "VC-1", "stage", "triaged", "point", "mission=low"));
    T_STR(told(&h, due), "2027-02-19T12:00:00Z"); /* from when it was opened */
    REFUSED(&h, "case.stage", hours(24 * 80),
            WITH("case", "VC-1", "stage", "triaged", "point", "mission=medium", "point",
                 "exploitation=none"),
            AR_CONFLICT, "once a case is triaged, or has missed its due date, that only becomes");
    (void)answer(&h, "case.stage", hours(48),
                 WITH("case", "VC-1", "stage", "triaged", "point", "mission=high", "point",
                      "exploitation=active"));
    T_STR(told(&h, due), "2026-11-26T12:00:00Z"); /* three days from now on */
    (void)answer(&h, "case.stage", hours(49),
                 WITH("case", "VC-1", "stage", "triaged", "kev_due", "2026-11-25"));
    T_STR(told(&h, due), "2026-11-25T00:00:00Z");
    (void)answer(&h, "case.stage", hours(50),
                 WITH("case", "VC-1", "stage", "triaged", "kev_due", "2026-12-25"));
    T_STR(told(&h, due), "2026-11-25T00:00:00Z");
    T_STR(told(&h, "SELECT kev_due_at FROM ar.case"), "2026-11-25T00:00:00Z");
    T_STR(told(&h, "SELECT count(*) FROM ar.case_event WHERE what = 'due'"), "4");
    home_done(&h);
}

/* Four stages of ten days each were twenty of this team's: 5 of its own, as of everybody. */
TEST(the_forecast_is_the_median_of_the_owner_shrunk_to_that_of_all_and_to_the_time_there_is)
{
    static const char *const asked[] = { "case", "VC-2", NULL };
    home h;

    cases_open(&h);
    for (int i = 0; i < 2; i++)
        (void)answer(&h, "case.open", home_now,
                     WITH("title", "a", "reporter", "inside", "owner", "web@example.org"));
    (void)answer(&h, "case.stage", hours(24 * 40), WITH("case", "VC-1", "stage", "mitigated"));
    /* share 7.5 d; N = n = 1 step of 10 d: (10 + 5 * 7.5) / 6 = 7.92, (10 + 5 * 7.92) / 6 = 8.26 */
    has(answer(&h, "case.show", hours(24 * 40), asked), "|8.3|");
    T_STR(told(&h, "SELECT owner_id FROM main.vcase WHERE id = 'VC-2'"), "team:web");
    home_done(&h);
}

TEST(what_was_learnt_is_a_draft_standard_that_is_there_or_no_with_words)
{
    home h;

    cases_open(&h);
    (void)answer(&h, "case.open", home_now,
                 WITH("title", "a", "reporter", "inside", "kind", "incident", "point",
                      "severity=critical", "owner", "team:net"));
    REFUSED(&h, "case.close", hours(1), WITH("case", "IN-1", "learning", "no"), AR_CONFLICT,
            "IN-1 is opened; it closes when it is mitigated");
    (void)answer(&h, "case.stage", hours(1), WITH("case", "IN-1", "stage", "mitigated"));
    REFUSED(&h, "case.close", hours(2), WITH("case", "IN-1", "learning", "no"), AR_INVALID,
            "--learning no wants --because");
    REFUSED(&h, "case.close", hours(2), WITH("case", "IN-1", "learning", "RR-1"), AR_NOT_FOUND,
            "there is no draft RR-1.yaml in");
    REFUSED(&h, "case.close", hours(2),
            WITH("case", "IN-1", "learning", "no", "because", "known class", "reason", "capacity"),
            AR_CONFLICT, "there is no reason to give");
    T_OK(ar_dir_make(home_path(&h, "standards"), 0700));
    home_write(&h, "standards/OUR-1.yaml", "id: OUR-1\n");
    (void)answer(&h, "case.close", hours(2), WITH("case", "IN-1", "learning", "OUR-1"));
    T_STR(told(&h, "SELECT severity || learnings_to_standard || owner_id"
                   " FROM main.incident WHERE closed_at IS NOT NULL"),
          "critical1team:net");
    REFUSED(&h, "case.close", hours(3), WITH("case", "IN-1", "learning", "OUR-1"), AR_CONFLICT,
            "IN-1 is closed already");
    home_done(&h);
}

TEST(reasons_are_counted_the_most_frequent_first)
{
    static const char *const reasons[] = { "freeze", "capacity", "freeze", "freeze" };
    home h;

    cases_open(&h);
    for (size_t i = 0; i < AR_COUNT(reasons); i++) {
        const char *id = ar_arena_printf(&h.arena, "VC-%zu", i + 1).ptr;

        (void)answer(&h, "case.open", home_now,
                     WITH("title", "a", "reporter", "inside", "kev_due", "2026-11-01"));
        (void)answer(&h, "case.stage", hours(1),
                     WITH("case", id, "stage", "mitigated", "reason", reasons[i]));
    }
    (void)answer(&h, "case.open", home_now,
                 WITH("title", "a", "reporter", "inside", "kev_due", "2026-11-01"));
    T_STR(answer(&h, "case.reasons", hours(2), WITH()),
          "freeze|3|0.75|0.75\ncapacity|1|0.25|1.0\n");
    T_STR(answer(&h, "case.reasons", hours(2), WITH("owner", "team:web")), "");
    T_STR(answer(&h, "case.reasons", hours(2), WITH("since", "2026-11-02")), "");
    home_done(&h);
}

TEST(what_is_refused_says_what_would_be_right_and_leaves_no_case)
{
    static const struct {
        const char *param, *value, *says;
        enum ar_code code;
    } bad[] = {
        { "asset", "payroll", "payroll", AR_INVALID },
        { "asset", "app:none", "none", AR_NOT_FOUND },
        { "owner", "team:none", "no owner is known as 'team:none'", AR_NOT_FOUND },
        { "contact", " ", "the contact is empty", AR_INVALID },
        { "point", "mission=huge", "(want low, medium or high)", AR_INVALID },
    };
    home h;

    cases_open(&h);
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        REFUSED(&h, "case.open", home_now,
                WITH("title", "a", "reporter", "b", bad[i].param, bad[i].value), bad[i].code,
                bad[i].says);
    T_STR(told(&h, "SELECT count(*) FROM ar.case"), "0");
    REFUSED(&h, "case.show", home_now, WITH("case", "VC-1"), AR_NOT_FOUND, "there is no case VC-1");
    REFUSED(&h, "case.show", home_now, WITH("case", "1"), AR_INVALID, "they look like VC-12");
    open_critical(&h);
    (void)answer(&h, "case.stage", hours(1), WITH("case", "VC-1", "stage", "mitigated"));
    REFUSED(&h, "case.close", hours(2),
            WITH("case", "VC-1", "learning", "no", "because", "known class"), AR_INVALID,
            "want --cwe CWE-79");
    REFUSED(&h, "case.close", hours(2),
            WITH("case", "VC-1", "learning", "no", "because", "known class", "cwe", "CWE-x"),
            AR_INVALID, "'CWE-x' is no root cause");
    home_done(&h);
}
