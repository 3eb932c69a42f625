#include "act/perform.h"

#include "../op/op_home.h"
#include "daemon/tables.h"
#include "form/yaml.h"
#include "life/cycle.h"
#include "standard/standard.h"

static ar_err parse(home *h, const char *text, ar_action *out)
{
    ar_kinds kinds;

    T_OK(ar_kinds_load(&h->place, &h->arena, &kinds));
    return ar_action_parse(AR_LIT("a.yaml"), (ar_str){ 0 }, ar_str_of(text), &kinds, &h->arena,
                           out);
}

TEST(an_action_that_could_become_another_command_is_refused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "action: a\ntitle: T\nkind: app\ndo: {command: [sh, -c, 'rm {id}']}\n",
          "a.yaml:4:24: 'rm {id}' has a column in it; want it as an argument of its own: '{id}'" },
        { "action: a\ntitle: T\nkind: app\ndo: {command: ['{id}']}\n",
          "want the name of a program first" },
        { "action: a\ntitle: T\nkind: app\ndo: {command: [rm, '{ids}']}\n",
          "kind app has no column 'ids'" },
        { "action: a\ntitle: T\nkind: app\ndo: {command: []}\n", "0 arguments" },
        { "action: a\ntitle: T\nkind: app\n", "'do' is missing" },
        { "action: a\ntitle: T\nkind: ap\ndo: {command: [rm]}\n", "did you mean 'app'?" },
        { "action: a\ntitle: T\nkind: app\ndo: {command: [rm]}\nseconds: 0\n",
          "seconds is 0; want 1 to 3600" },
        { "action: A\ntitle: T\nkind: app\ndo: {command: [rm]}\n", "no name of an action" },
    };
    home h;
    ar_action action;

    home_init(&h, &ar_all_tables);
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(parse(&h, bad[i].text, &action), AR_INVALID, bad[i].says);
    T_OK(parse(&h,
               "action: a\ntitle: T\nkind: app\n"
               "do: {command: [az, --body, '{\"enabled\": false}', '{id}']}\n",
               &action));
    home_done(&h);
}

TEST(a_request_that_is_none_is_refused)
{
    static const struct {
        const char *parts, *says;
    } bad[] = {
        { "system: graph\ndo: {command: [rm]}\n", "a command beside 'system'" },
        { "do: {delete: 'a/{id}'}\n", "a request, and no 'system' that it goes to" },
        { "system: ../graph\ndo: {delete: a}\n", "no name of a system" },
        { "system: graph\ndo: {delete: a}\nseconds: 3\n", "'seconds' is of commands" },
        { "system: graph\ndo: {delete: a, status: [20]}\n", "'20' is no status" },
        { "system: graph\ndo: {delete: a, status: []}\n", "want 1 to 8 statuses" },
        { "system: graph\ndo: {delete: a, key: 'X: y'}\n", "'X: y' is no header" },
        { "system: graph\ndo: {delete: a, holds: {}}\n", "want 1 to 20 values" },
        { "system: graph\ndo: {delete: a, holds: {b: [1]}}\n", "want one value, found a list" },
        { "system: graph\ndo: {delete: a, headers: {X: '{id}'}}\n", "a header is one line" },
        { "system: graph\ndo: {delete: a, statu: [204]}\n", "status" },
    };
    home h;

    home_init(&h, &ar_all_tables);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_action action;

        T_FAILS(
            parse(&h,
                  ar_arena_printf(&h.arena, "action: a\ntitle: T\nkind: app\n%s", bad[i].parts).ptr,
                  &action),
            AR_INVALID, bad[i].says);
    }
    home_done(&h);
}

TEST(a_deed_of_requests_comes_back_as_it_was_printed)
{
    static const ar_str text =
        AR_LIT("{\"action\":\"a\",\"system\":\"graph\",\"seconds\":60,\"do\":{\"method\":\"PATCH\","
               "\"url\":\"apps/7\",\"headers\":\"X: y\\n\",\"body\":\"{\\\"on\\\":false}\","
               "\"key\":\"Idempotency-Key\",\"status\":[204,404]},\"check\":{\"method\":\"GET\","
               "\"url\":\"apps/7\",\"headers\":\"\",\"holds\":{\"on\":false,\"a.b\":\"c\"}},"
               "\"undo\":[]}");
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) again = { 0 }, shown = { 0 };
    ar_deed deed;

    T_OK(ar_deed_parse(text, &arena, &deed));
    ar_deed_print(&deed, &again);
    T_STR(ar_buf_str(&again), text.ptr);
    ar_deed_show(&deed, AR_ACT_DO, &shown);
    T_STR(ar_buf_str(&shown), "graph: PATCH apps/7 {\"on\":false}");
    T_TRUE(ar_deed_has(&deed, AR_ACT_CHECK) && !ar_deed_has(&deed, AR_ACT_UNDO));
}

TEST(an_answer_is_what_was_expected_or_it_is_said_how_not)
{
    static const struct {
        const char *expected;
        int status;
        const char *body, *says; /* NULL: nothing */
    } cases[] = {
        { "{get: a}", 204, "", NULL },
        { "{get: a, status: [404]}", 404, "", NULL },
        { "{get: a, status: [404]}", 200, "{}", "status 200" },
        { "{get: a, holds: {on: false, x.y: z, none: null}}", 200,
          "{\"on\":false,\"x\":{\"y\":\"z\"}}", NULL },
        { "{get: a, holds: {on: false}}", 200, "{\"on\":true}", "on is true, and not false" },
        { "{get: a, holds: {on: false}}", 200, "{\"on\":\"false\"}", "on is false, and not false" },
        { "{get: a, holds: {on: false}}", 200, "{}", "on is missing, and not false" },
        { "{get: a, holds: {on: false}}", 200, "{\"on\":", "answer" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_request_part part;
        ar_node *root;
        ar_call_answer answer = { .status = cases[i].status,
                                  .code = cases[i].status < 300 ? AR_OK : AR_NOT_FOUND,
                                  .type = AR_LIT("application/json"),
                                  .body = ar_str_of(cases[i].body) };

        T_OK(ar_yaml_parse(AR_LIT("r"), ar_str_of(cases[i].expected), NULL, &arena, &root));
        T_OK(ar_request_read(AR_LIT("r"), root, &arena, &part));
        ar_err err = ar_expected_check(&part.expected, &answer, &arena);
        if (cases[i].says == NULL)
            T_OK(err);
        else
            T_FAILS(err, AR_INVALID, cases[i].says);
    }
}

/* ---- what is shipped ---- */

TEST(each_action_that_is_shipped_asks_a_system_that_is_shipped_for_what_its_kind_has)
{
    ar_definitions actions;
    ar_kinds kinds;
    home h;

    home_init(&h, &ar_all_tables);
    T_OK(ar_kinds_load(&h.place, &h.arena, &kinds));
    T_OK(ar_actions_load(&h.place, &kinds, &h.arena, &actions));
    T_TRUE(actions.n > 0);
    T_INT(actions.n_bad, 0);
    for (size_t i = 0; i < actions.n; i++) {
        const ar_action *a = (const ar_action *)actions.list + i;
        ar_system system;

        T_OK(ar_action_system(a, &h.place, &h.arena, &system));
        T_TRUE(!system.on); /* nobody has given a secret */
        T_TRUE(ar_action_has(a, AR_ACT_UNDO) || ar_str_starts(a->name, AR_LIT("purge-")));
    }
    home_done(&h);
}

TEST(what_ends_apps_and_tenants_by_standard_or_life_cycle_is_shipped)
{
    static const char *const named[] = { "TN-1", "TN-3" };
    ar_definitions actions;
    ar_standards standards;
    const ar_action *action;
    ar_definitions cycles;
    ar_kinds kinds;
    home h;

    home_init(&h, &ar_all_tables);
    T_OK(ar_kinds_load(&h.place, &h.arena, &kinds));
    T_OK(ar_actions_load(&h.place, &kinds, &h.arena, &actions));
    T_OK(ar_standards_load(&h.place, &kinds, &h.arena, &standards));
    T_OK(ar_cycles_load(&h.place, &kinds, &actions, &h.arena, &cycles));
    T_INT(cycles.n_bad, 0); /* a life cycle that names an action there is not is bad */
    for (size_t i = 0; i < AR_COUNT(named); i++) {
        const ar_standard *s = NULL;

        T_OK(ar_standards_find(&standards, ar_str_of(named[i]), &s));
        T_OK(ar_actions_find(&actions, s->action, &action));
        T_TRUE(action->kind == s->kind);
    }
    home_done(&h);
}

/* ---- doing it ---- */

/* A deed of shell lines, which only tests would write. */
static ar_deed deed_of(home *h, const char *todo, const char *check, const char *undo)
{
    const char *const lines[AR_ACT_PARTS] = { todo, check, undo };
    ar_deed deed = { .action = AR_LIT("test"), .seconds = 5 };

    for (int p = 0; p < AR_ACT_PARTS; p++) {
        ar_str *args = ar_make_n(&h->arena, ar_str, 3);

        args[0] = AR_LIT("sh");
        args[1] = AR_LIT("-c");
        args[2] = lines[p] == NULL ? (ar_str){ 0 }
                                   : ar_arena_printf(&h->arena, "cd %s && exec 2>/dev/null; %s",
                                                     h->root, lines[p]);
        deed.parts[p].command = (ar_command){ args, lines[p] == NULL ? 0 : 3 };
    }
    return deed;
}

#define ENDS(result, as, says)                         \
    do {                                               \
        ar_act_result r_ = (result);                   \
        T_STR(ar_str_of(ar_act_end_name(r_.end)), as); \
        T_STR(r_.note, says);                          \
    } while (0)

TEST(a_deed_is_done_and_seen_to_be_so_or_undone_or_named)
{
    home h;
    ar_hands hands = { 0 };
    ar_deed deed;

    home_init(&h, &ar_all_tables);
    T_OK(ar_runner_start(&h.place, &hands.runner));
    deed = deed_of(&h, "touch it", "test -e it", "rm it");
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "done", "");
    T_TRUE(ar_file_exists(home_path(&h, "it")));
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "done", "it was so already");
    ENDS(ar_act_undo(&hands, &deed, AR_LIT("RC-1"), &h.arena), "done", "");
    T_TRUE(!ar_file_exists(home_path(&h, "it")));
    ENDS(ar_act_undo(&hands, &deed, AR_LIT("RC-1"), &h.arena), "half", "undo ended with status 1");

    deed = deed_of(&h, "touch half; exit 3", NULL, "rm half");
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "failed",
         "do ended with status 3; undone");
    T_TRUE(!ar_file_exists(home_path(&h, "half")));
    deed = deed_of(&h, "touch half; exit 3", NULL, "exit 4");
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "half",
         "do ended with status 3; and undo ended with status 4");
    deed = deed_of(&h, "exit 3", NULL, NULL);
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "half",
         "do ended with status 3; it has no undo");
    deed = deed_of(&h, "true", "test -e it", "true");
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "failed",
         "check ended with status 1; undone");
    deed = deed_of(&h, "touch it", "test -e it", "true");
    ENDS(ar_act_do(&hands, &deed, AR_LIT("RC-1"), &h.arena), "done", "");
    ENDS(ar_act_undo(&hands, &deed, AR_LIT("RC-1"), &h.arena), "half",
         "undo ended well, and check says it is still so");
    ar_hands_done(&hands);
    home_done(&h);
}

TEST(a_command_gets_no_more_than_is_stated_and_no_longer_than_it_has)
{
    static const ar_str show[] = { AR_LIT("env") }, wait[] = { AR_LIT("sleep"), AR_LIT("9") },
                        copy[] = { AR_LIT("cat") },
                        open[] = { AR_LIT("ls"), AR_LIT("/proc/self/fd") };
    home h;
    ar_runner runner = { 0 };
    ar_str text = { 0 };
    int status = 77;

    home_init(&h, &ar_all_tables);
    T_TRUE(setenv("SECRET_OF_TEST", "x", 1) == 0);
    T_OK(ar_runner_start(&h.place, &runner));
    T_OK(ar_runner_run(&runner, &(ar_command){ show, 1 }, (ar_str){ 0 }, 5, &h.arena, &text,
                       &status));
    T_TRUE(status == 0 && !ar_str_contains(text, AR_LIT("SECRET_OF_TEST")));
    T_OK(ar_runner_run(&runner, &(ar_command){ copy, 1 }, AR_LIT("in"), 5, &h.arena, &text,
                       &status));
    T_STR(text, "in");
    T_OK(ar_runner_run(&runner, &(ar_command){ open, 2 }, (ar_str){ 0 }, 5, &h.arena, &text,
                       &status));
    T_STR(text, "0\n1\n2\n3\n");
    T_FAILS(ar_runner_run(&runner, &(ar_command){ wait, 2 }, (ar_str){ 0 }, 1, &h.arena, &text,
                          &status),
            AR_UNAVAILABLE, "sleep");
    ar_runner_done(&runner);
    home_done(&h);
}
