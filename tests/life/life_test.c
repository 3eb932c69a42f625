#include "../op/op_home.h"
#include "daemon/tables.h"
#include "life/shelf.h"

/* A home of tenants that two systems look at, with a domain and its Deputy CISO. */
static void lives_open(home *h)
{
    home_init(h, &ar_all_tables);
    home_write(h, "owners.yaml",
               "owners:\n"
               "  - {id: 'team:lab', name: Lab, domain: cloud}\n"
               "  - {id: 'person:ann', name: Ann, in: 'team:lab', aliases: [ann2]}\n"
               "  - {id: 'person:dee', name: Dee}\n"
               "domains:\n  - {id: cloud, name: Cloud, deputy_ciso: 'person:dee'}\n");
    T_OK(home_open(h));
}

static ar_time days(double n)
{
    return home_now + (ar_time)(n * (double)AR_DAY);
}

/* Who asks from now on, by people.yaml. */
static void as(home *h, const char *who)
{
    ar_str text = ar_arena_printf(&h->arena, "people: [{person: '%s', uid: %d, grants: [all]}]\n",
                                  who, (int)getuid());

    home_write(h, "people.yaml", text.ptr);
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

enum { STEP_MAX = 8 };

/* Begins the step and says of all that they are done, as who acts would. */
static void step(home *h, ar_time now, const char *const *pairs, int wanted)
{
    ar_str rows = answer(h, "life.begin", now, pairs), line;
    const char *results[2 * STEP_MAX + 1] = { 0 };
    int n = 0;

    while (n < STEP_MAX && ar_str_split(&rows, '\n', &line) && line.len > 0) {
        ar_str field = { 0 };

        for (int i = 0; i < 4; i++) (void)ar_str_split(&line, '|', &field);
        results[2 * n] = "result";
        results[2 * n + 1] = ar_arena_printf(&h->arena, "%.*s done", AR_FMT(field)).ptr;
        n++;
    }
    if (n > 0) (void)answer(h, "life.record", now, results);
    if (n != wanted) t_bad++, printf("# %d assets, wanted %d\n", n, wanted);
}

static ar_str state(home *h, ar_time now, const char *id)
{
    ar_str rows = answer(h, "life.list", now, WITH("kind", "tenant")), line, field = { 0 };
    ar_str wanted = ar_arena_printf(&h->arena, "tenant:%s|", id);

    while (ar_str_split(&rows, '\n', &line)) {
        if (!ar_str_starts(line, wanted)) continue;
        for (int i = 0; i < 5; i++) (void)ar_str_split(&line, '|', &field);
        ar_str is = field;
        for (int i = 0; i < 2; i++) (void)ar_str_split(&line, '|', &field);
        return ar_arena_printf(&h->arena, "%.*s>%.*s", AR_FMT(is), AR_FMT(field));
    }
    return AR_LIT("none");
}

/* What directory and billing show of the tenants at that time: `idle` ones were last used 100 days
 * before the home began, the one named busy always is. */
static void look(home *h, ar_time now, const char *const *ids)
{
    static const char *const sources[] = { "directory", "billing" };
    ar_auto(ar_buf) rows = { 0 };
    char long_ago[AR_TIME_LEN], today[AR_TIME_LEN];

    (void)ar_time_print(days(-100), long_ago);
    (void)ar_time_print(now, today);
    for (; *ids != NULL; ids++)
        ar_buf_addf(&rows,
                    "{\"id\":\"%s\",\"owner_id\":\"team:lab\",\"class\":\"test\","
                    "\"created_via\":\"governed\",\"inventoried\":true,\"baseline_version\":1,"
                    "\"required_baseline\":1,\"created_at\":\"%s\",\"last_activity_at\":\"%s\"}\n",
                    *ids, long_ago, strcmp(*ids, "busy") == 0 ? today : long_ago);
    for (size_t i = 0; i < AR_COUNT(sources); i++)
        (void)answer(
            h, "import", now,
            WITH("connector", "generic", "kind", "tenant", "source", sources[i], "file", rows.ptr));
}

static const char *const three[] = { "a", "b", "busy", NULL };
static const char *const two[] = { "b", "busy", NULL };

TEST(idle_tenants_pass_warn_quarantine_and_delete_one_comes_back_and_what_is_counted_has_receipts)
{
    home h;

    lives_open(&h);
    look(&h, days(0), three);
    T_STR(state(&h, days(0), "a"), "active>warn");
    T_STR(state(&h, days(0), "busy"), "active>");
    REFUSED(&h, "life.begin", days(0), WITH("step", "quarantine", "asset", "tenant:a"), AR_CONFLICT,
            "next step is warn");
    step(&h, days(0), WITH("step", "warn", "kind", "tenant", "confirm", "true"), 2);
    T_STR(state(&h, days(1), "a"), "idle-warned>warn");
    look(&h, days(13), three);
    REFUSED(&h, "life.begin", days(13), WITH("step", "warn", "asset", "tenant:a"), AR_CONFLICT,
            "may come on 2026-12-05T12:00:00Z");
    step(&h, days(14), WITH("step", "warn", "kind", "tenant", "confirm", "true"), 2);
    T_STR(state(&h, days(15), "a"), "idle-warned>quarantine");
    look(&h, days(28), three);
    step(&h, days(28), WITH("step", "quarantine", "kind", "tenant", "confirm", "true"), 2);
    T_STR(state(&h, days(29), "b"), "quarantined>soft_delete");
    look(&h, days(42), three);
    step(&h, days(42), WITH("step", "soft_delete", "kind", "tenant", "confirm", "true"), 2);
    T_STR(answer(&h, "metric.list", days(42), WITH()).len > 0 ? AR_LIT("") : AR_LIT("?"), "");
    T_STR(told(&h, "SELECT count(*) FROM main.tenant WHERE deleted_at IS NOT NULL"), "2");

    /* b is wanted back: first from the grave, then out of quarantine */
    REFUSED(&h, "life.take_back", days(50), WITH("receipt", "RC-6"), AR_CONFLICT,
            "RC-8 came after it on tenant:b");
    (void)answer(&h, "life.take_back", days(50), WITH("receipt", "RC-8", "confirm", "true"));
    (void)answer(&h, "life.record", days(50), WITH("result", "RC-9 done"));
    T_STR(state(&h, days(50), "b"), "quarantined>soft_delete");
    T_STR(told(&h, "SELECT count(*) FROM main.tenant WHERE deleted_at IS NOT NULL"), "1");
    REFUSED(&h, "life.take_back", days(50), WITH("receipt", "RC-8"), AR_CONFLICT,
            "RC-8 was taken back by RC-9 already");
    (void)answer(&h, "life.take_back", days(51), WITH("receipt", "RC-6", "confirm", "true"));
    (void)answer(&h, "life.record", days(51), WITH("result", "RC-10 done"));
    T_STR(state(&h, days(51), "b"), "active>");

    look(&h, days(71), two);
    /* a is gone for good, by the word of two sources as it stood when it was deleted */
    REFUSED(&h, "life.begin", days(71), WITH("step", "purge", "asset", "tenant:a"), AR_CONFLICT,
            "purge may come on 2027-02-01T12:00:00Z");
    step(&h, days(72), WITH("step", "purge", "kind", "tenant", "confirm", "true"), 1);
    T_STR(state(&h, days(80), "a"), "purged>");
    T_STR(told(&h, "SELECT (SELECT count(*) FROM main.tenant WHERE deleted_at IS NOT NULL) ="
                   " (SELECT count(*) FROM ar.receipt r WHERE step = 'soft_delete' AND NOT EXISTS"
                   " (SELECT 1 FROM ar.receipt b WHERE b.undoes = r.number))"),
          "true");
    REFUSED(&h, "life.take_back", days(80), WITH("receipt", "RC-11"), AR_CONFLICT,
            "nothing brings back");
    home_done(&h);
}

static const char *const six[] = { "a", "b", "c", "d", "e", "f", NULL };

static ar_str with_long_look(home *h, ar_str cycle)
{
    static const char week[] = "fresh: 7d";
    const char *at = strstr(cycle.ptr, week);

    T_TRUE(at != NULL);
    return ar_arena_printf(&h->arena, "%.*sfresh: 89d%s", (int)(at - cycle.ptr), cycle.ptr,
                           at + strlen(week));
}

/* Six idle tenants that were warned twice and may be quarantined from day 28 on; as shipped, but
 * that one look at them holds for long. */
static void six_warned(home *h)
{
    ar_str shipped = { 0 };
    const char *from;

    lives_open(h);
    from = ar_path_join(&h->arena, h->place.data, "lifecycles/tenant.yaml");
    T_OK(ar_file_read(from, 1 << 16, &h->arena, &shipped));
    T_OK(ar_dir_make(home_path(h, "lifecycles"), 0700));
    home_write(h, "lifecycles/tenant.yaml", with_long_look(h, shipped).ptr);
    as(h, "person:ann");
    look(h, days(0), six);
    step(h, days(0), WITH("step", "warn", "kind", "tenant", "confirm", "true"), 6);
    step(h, days(14), WITH("step", "warn", "kind", "tenant", "confirm", "true"), 6);
}

TEST(two_persons_stand_for_a_large_batch_and_one_by_two_names_is_one)
{
    home h;

    six_warned(&h);
    REFUSED(&h, "life.begin", days(28),
            WITH("step", "quarantine", "kind", "tenant", "confirm", "true"), AR_CONFLICT,
            "6 assets at once want two persons: batch B-1 waits");
    T_STR(state(&h, days(28), "a"), "idle-warned>quarantine");
    REFUSED(&h, "life.begin", days(28), WITH("step", "quarantine", "batch", "B-1"), AR_CONFLICT,
            "waits for a second person");
    REFUSED(&h, "life.approve", days(28), WITH("about", "B-1"), AR_DENIED,
            "proposed by person:ann");
    as(&h, "person:ann2");
    REFUSED(&h, "life.approve", days(28), WITH("about", "B-1"), AR_DENIED,
            "proposed by person:ann");
    as(&h, "person:dee");
    (void)answer(&h, "life.approve", days(28), WITH("about", "B-1"));
    REFUSED(&h, "life.approve", days(28), WITH("about", "B-1"), AR_CONFLICT,
            "was approved by person:dee");
    REFUSED(&h, "life.begin", days(28), WITH("step", "purge", "batch", "B-1"), AR_CONFLICT,
            "is for quarantine");
    (void)answer(&h, "life.begin", days(28),
                 WITH("step", "quarantine", "batch", "B-1", "confirm", "true"));
    (void)answer(&h, "life.record", days(28), WITH("result", "RC-13 done"));
    step(&h, days(28), WITH("step", "quarantine", "batch", "B-1", "confirm", "true"), 5);
    T_STR(state(&h, days(28), "f"), "quarantined>soft_delete");

    /* what was approved is done once, also where it is taken back */
    (void)answer(&h, "life.take_back", days(29), WITH("receipt", "RC-13", "confirm", "true"));
    (void)answer(&h, "life.record", days(29), WITH("result", "RC-19 done"));
    REFUSED(&h, "life.begin", days(29), WITH("step", "quarantine", "batch", "B-1"), AR_CONFLICT,
            "B-1 is done");
    home_done(&h);
}

TEST(steps_stand_still_when_too_many_were_taken_back)
{
    home h;

    six_warned(&h);
    step(&h, days(28),
         WITH("step", "quarantine", "asset", "tenant:a", "asset", "tenant:b", "asset", "tenant:c",
              "confirm", "true"),
         3);
    for (int i = 0; i < 3; i++) {
        ar_str back = ar_arena_printf(&h.arena, "RC-%d", 13 + i);
        ar_str result = ar_arena_printf(&h.arena, "RC-%d done", 16 + i);

        (void)answer(&h, "life.take_back", days(29), WITH("receipt", back.ptr, "confirm", "true"));
        (void)answer(&h, "life.record", days(29), WITH("result", result.ptr));
    }
    REFUSED(&h, "life.begin", days(29), WITH("step", "quarantine", "asset", "tenant:d"),
            AR_CONFLICT, "3 of 3 steps within 30d were taken back, more than 10%");
    T_STR(answer(&h, "life.begin", days(60), WITH("step", "quarantine", "asset", "tenant:d")),
          "tenant:d|quarantine|dry||by hand|idle-warned; sources that say idle: 2, notices: 2|\n");
    home_done(&h);
}

TEST(a_clock_that_goes_back_opens_and_closes_nothing)
{
    home h;

    six_warned(&h);
    step(&h, days(28), WITH("step", "quarantine", "asset", "tenant:a", "confirm", "true"), 1);
    T_STR(state(&h, days(28) - AR_HOUR, "a"), "quarantined>soft_delete");
    T_STR(state(&h, days(28) - AR_HOUR, "b"), "idle-warned>quarantine");
    (void)answer(&h, "life.take_back", days(28) - AR_HOUR,
                 WITH("receipt", "RC-13", "confirm", "true"));
    (void)answer(&h, "life.record", days(28) - AR_HOUR, WITH("result", "RC-14 done"));
    T_STR(state(&h, days(28) - AR_HOUR, "a"), "active>");
    T_STR(state(&h, days(28), "a"), "active>");
    home_done(&h);
}

TEST(a_receipt_outlives_its_asset_and_still_takes_back)
{
    home h;

    six_warned(&h);
    step(&h, days(28), WITH("step", "quarantine", "asset", "tenant:a", "confirm", "true"), 1);
    (void)answer(&h, "source.remove", days(28), WITH("source", "directory"));
    (void)answer(&h, "source.remove", days(28), WITH("source", "billing"));
    T_STR(state(&h, days(28), "a"), "none");
    T_TRUE(count_of(answer(&h, "life.show", days(28), WITH("about", "tenant:a")), "\n") == 3);
    (void)answer(&h, "life.take_back", days(28), WITH("receipt", "RC-13", "confirm", "true"));
    (void)answer(&h, "life.record", days(28), WITH("result", "RC-14 done"));
    REFUSED(&h, "life.take_back", days(29), WITH("receipt", "RC-13"), AR_CONFLICT,
            "taken back by RC-14 already");
    REFUSED(&h, "life.show", days(29), WITH("about", "tenant:zzz"), AR_NOT_FOUND,
            "there is no tenant:zzz");
    home_done(&h);
}

TEST(what_was_begun_and_not_heard_of_again_is_named_and_gone_on_with)
{
    home h;

    six_warned(&h);
    (void)answer(&h, "life.begin", days(28),
                 WITH("step", "quarantine", "asset", "tenant:a", "confirm", "true"));
    T_TRUE(ar_str_contains(answer(&h, "life.list", days(29), WITH("due", "quarantine")),
                           AR_LIT("RC-13 was begun and did not end well")));
    step(&h, days(29), WITH("step", "quarantine", "asset", "tenant:a", "confirm", "true"), 1);
    T_STR(told(&h, "SELECT max(number) FROM ar.receipt"), "13");
    T_STR(state(&h, days(29), "a"), "quarantined>soft_delete");
    REFUSED(&h, "life.record", days(29), WITH("result", "RC-13 failed"), AR_CONFLICT,
            "RC-13 was not begun, or has ended");
    REFUSED(&h, "life.record", days(29), WITH("result", "RC-13 perhaps"), AR_INVALID,
            "'perhaps' is no result");
    home_done(&h);
}

TEST(nothing_is_purged_by_the_word_of_one_source_nor_what_was_used_in_quarantine)
{
    home h;

    lives_open(&h);
    as(&h, "person:ann");
    (void)answer(&h, "import", days(0),
                 WITH("connector", "generic", "kind", "tenant", "source", "directory", "file",
                      "[{\"id\":\"a\",\"owner_id\":\"team:lab\","
                      "\"last_activity_at\":\"2026-01-01T00:00:00Z\"}]"));
    (void)answer(&h, "life.answer", days(0),
                 WITH("asset", "tenant:a", "answer", "remove", "because", "nobody needs it"));
    step(&h, days(0), WITH("step", "quarantine", "asset", "tenant:a", "confirm", "true"), 1);
    step(&h, days(14), WITH("step", "soft_delete", "asset", "tenant:a", "confirm", "true"), 1);
    REFUSED(&h, "life.begin", days(44), WITH("step", "purge", "asset", "tenant:a"), AR_CONFLICT,
            "idle by the word of 1 of 2 sources");
    (void)answer(&h, "import", days(44),
                 WITH("connector", "generic", "kind", "tenant", "source", "directory", "file",
                      "[{\"id\":\"a\",\"owner_id\":\"team:lab\","
                      "\"last_activity_at\":\"2026-12-20T00:00:00Z\"}]"));
    REFUSED(&h, "life.begin", days(45), WITH("step", "purge", "asset", "tenant:a"), AR_CONFLICT,
            "used since its quarantine began");
    home_done(&h);
}

TEST(only_its_owner_answers_for_an_asset_and_kept_is_kept)
{
    home h;

    six_warned(&h);
    as(&h, "person:dee");
    REFUSED(&h, "life.answer", days(28),
            WITH("asset", "tenant:a", "answer", "keep", "because", "we need it in May"), AR_DENIED,
            "belongs to team:lab, who answers for it");
    as(&h, "person:ann2");
    REFUSED(&h, "life.answer", days(28),
            WITH("asset", "tenant:a", "answer", "keep", "because", "-"), AR_INVALID,
            "--because in at least 10 characters");
    (void)answer(&h, "life.answer", days(28),
                 WITH("asset", "tenant:a", "answer", "keep", "because", "we need it in May"));
    T_STR(state(&h, days(28), "a"), "active>");
    T_STR(state(&h, days(117.9), "a"), "active>");
    look(&h, days(118), six);
    T_STR(state(&h, days(118), "a"), "active>warn");
    home_done(&h);
}

TEST(a_life_longer_than_its_class_allows_is_refused_and_a_longer_one_is_the_deputys_to_give)
{
    home h;

    lives_open(&h);
    as(&h, "person:ann");
    REFUSED(&h, "template.render", days(0),
            WITH("template", "tenant", "name", "lab", "owner", "team:lab", "class", "ephemeral",
                 "expires", "+91d", "set", "contact=lab@example.org", "set", "purpose=a trial"),
            AR_INVALID, "what is ephemeral lives 90d at most");
    (void)answer(&h, "template.render", days(0),
                 WITH("template", "tenant", "name", "lab", "owner", "team:lab", "class",
                      "ephemeral", "expires", "+60d", "set", "contact=lab@example.org", "set",
                      "purpose=a trial"));
    T_STR(state(&h, days(0), "lab"), "requested>approve");
    REFUSED(&h, "life.approve", days(0), WITH("about", "tenant:lab"), AR_DENIED,
            "person:ann asked for tenant:lab");
    REFUSED(&h, "life.extend", days(10),
            WITH("asset", "tenant:lab", "until", "+70d", "because", "the trial goes on"), AR_DENIED,
            "person:dee's to do");
    as(&h, "person:dee");
    (void)answer(&h, "life.approve", days(0), WITH("about", "tenant:lab"));
    T_STR(state(&h, days(1), "lab"), "approved>");
    REFUSED(&h, "life.extend", days(10),
            WITH("asset", "tenant:lab", "until", "+91d", "because", "the trial goes on"), AR_LIMIT,
            "class ephemeral allows 90d at a time, which is until 2027-03-01T12:00:00Z");
    REFUSED(&h, "life.extend", days(10),
            WITH("asset", "tenant:lab", "until", "+49d", "because", "the trial goes on"),
            AR_INVALID, "it ends on 2027-01-20T12:00:00Z");
    T_STR(answer(&h, "life.extend", days(10),
                 WITH("asset", "tenant:lab", "until", "+90d", "because", "the trial goes on")),
          "tenant:lab|extend|RC-2|person:dee|2027-03-01T12:00:00Z|1\n");
    T_STR(told(&h, "SELECT expires_at FROM main.tenant WHERE id = 'lab'"), "2027-03-01T12:00:00Z");
    T_STR(state(&h, days(99.9), "lab"), "approved>");
    T_STR(state(&h, days(100), "lab"), "approved>warn");
    home_done(&h);
}

TEST(an_iteration_ends_when_every_one_that_was_there_at_its_start_is_decided)
{
    home h;

    lives_open(&h);
    as(&h, "person:ann");
    look(&h, days(0), three);
    T_STR(answer(&h, "life.iterate", days(0), WITH("kind", "tenant")),
          "IT-1|tenant|2026-11-21T12:00:00Z||3|0|0|1|2\n");
    REFUSED(&h, "life.iterate", days(0), WITH("kind", "tenant", "end", "true"), AR_CONFLICT,
            "not all is decided: a, b");
    (void)answer(&h, "life.answer", days(1),
                 WITH("asset", "tenant:a", "answer", "keep", "because", "we need it in May"));
    (void)answer(&h, "life.answer", days(1),
                 WITH("asset", "tenant:b", "answer", "remove", "because", "nobody needs it"));
    step(&h, days(1), WITH("step", "quarantine", "asset", "tenant:b", "confirm", "true"), 1);
    step(&h, days(15), WITH("step", "soft_delete", "asset", "tenant:b", "confirm", "true"), 1);
    T_STR(answer(&h, "life.iterate", days(15), WITH("kind", "tenant", "end", "true")),
          "IT-1|tenant|2026-11-21T12:00:00Z|2026-12-06T12:00:00Z|3|1|1|1|0\n");
    REFUSED(&h, "life.iterate", days(15), WITH("kind", "tenant", "end", "true"), AR_CONFLICT,
            "no iteration over kind tenant is under way");
    home_done(&h);
}

/* ---- files ---- */

#define CYCLE(idle, notice, quarantine, purge, batch, stop)                                  \
    "lifecycle: tenant\ntitle: T\nused: last_activity_at\nidle: " idle "\nnotice: " notice   \
    "\nquarantine: " quarantine "\nsoft_delete: {for: 30d}\npurge: " purge "\nbatch: " batch \
    "\nstop: " stop "\n"
#define IDLE       "{after: 90d, sources: 2, fresh: 7d}"
#define NOTICE     "{times: 2, answer: 14d}"
#define QUARANTINE "{for: 14d}"
#define BATCH      "{most: 50, two_persons_above: 5}"
#define STOP       "{restores: 10%, within: 30d, least: 3}"

TEST(a_life_cycle_whose_guards_could_not_hold_is_refused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { CYCLE("{after: 90d, sources: 0, fresh: 7d}", NOTICE, QUARANTINE, "{}", BATCH, STOP),
          "t.yaml:4:29: sources is 0; want 1 to 8" },
        { CYCLE("{after: 5d, sources: 2, fresh: 7d}", NOTICE, QUARANTINE, "{}", BATCH, STOP),
          "want fresh below after" },
        { CYCLE(IDLE, "{times: 0, answer: 14d}", QUARANTINE, "{}", BATCH, STOP),
          "times is 0; want 1 to 10" },
        { CYCLE(IDLE, "{times: 1, answer: 0d}", QUARANTINE, "{}", BATCH, STOP),
          "answer is '0d'; want a length above zero" },
        { CYCLE(IDLE, NOTICE, QUARANTINE, "{}", "{most: 5, two_persons_above: 5}", STOP),
          "two persons would never be asked" },
        { CYCLE(IDLE, NOTICE, QUARANTINE, "{}", BATCH, "{restores: 100%, within: 30d, least: 3}"),
          "what would never stop" },
        { CYCLE(IDLE, NOTICE, "{for: 14d, action: nothing}", "{}", BATCH, STOP),
          "there is no action 'nothing'" },
        { CYCLE(IDLE, NOTICE, QUARANTINE, "{for: 3d}", BATCH, STOP), "unknown key 'for'" },
        { "lifecycle: tenant\ntitle: T\nused: class\n",
          "'class' is no column of kind tenant with a time" },
        { "lifecycle: asset\ntitle: T\n", "have no life of their own" },
    };
    home h;
    ar_kinds kinds;
    ar_definitions actions;
    ar_cycle cycle;

    home_init(&h, &ar_all_tables);
    T_OK(ar_kinds_load(&h.place, &h.arena, &kinds));
    T_OK(ar_actions_load(&h.place, &kinds, &h.arena, &actions));
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(ar_cycle_parse(AR_LIT("t.yaml"), (ar_str){ 0 }, ar_str_of(bad[i].text), &kinds,
                               &actions, &h.arena, &cycle),
                AR_INVALID, bad[i].says);
    T_OK(ar_cycle_parse(AR_LIT("t.yaml"), (ar_str){ 0 },
                        ar_str_of(CYCLE(IDLE, NOTICE, QUARANTINE, "{}", BATCH, STOP)), &kinds,
                        &actions, &h.arena, &cycle));
    home_done(&h);
}
