#include "act/perform.h"

#include "../op/op_home.h"
#include "daemon/tables.h"

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
        deed.parts[p] = (ar_command){ args, lines[p] == NULL ? 0 : 3 };
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
    ar_runner runner = { 0 };
    ar_deed deed;

    home_init(&h, &ar_all_tables);
    T_OK(ar_runner_start(&h.place, &runner));
    deed = deed_of(&h, "touch it", "test -e it", "rm it");
    ENDS(ar_act_do(&runner, &deed, &h.arena), "done", "");
    T_TRUE(ar_file_exists(home_path(&h, "it")));
    ENDS(ar_act_do(&runner, &deed, &h.arena), "done", "it was so already");
    ENDS(ar_act_undo(&runner, &deed, &h.arena), "done", "");
    T_TRUE(!ar_file_exists(home_path(&h, "it")));
    ENDS(ar_act_undo(&runner, &deed, &h.arena), "half", "undo ended with status 1");

    deed = deed_of(&h, "touch half; exit 3", NULL, "rm half");
    ENDS(ar_act_do(&runner, &deed, &h.arena), "failed", "do ended with status 3; undone");
    T_TRUE(!ar_file_exists(home_path(&h, "half")));
    deed = deed_of(&h, "touch half; exit 3", NULL, "exit 4");
    ENDS(ar_act_do(&runner, &deed, &h.arena), "half",
         "do ended with status 3; and undo ended with status 4");
    deed = deed_of(&h, "exit 3", NULL, NULL);
    ENDS(ar_act_do(&runner, &deed, &h.arena), "half", "do ended with status 3; it has no undo");
    deed = deed_of(&h, "true", "test -e it", "true");
    ENDS(ar_act_do(&runner, &deed, &h.arena), "failed", "check ended with status 1; undone");
    deed = deed_of(&h, "touch it", "test -e it", "true");
    ENDS(ar_act_do(&runner, &deed, &h.arena), "done", "");
    ENDS(ar_act_undo(&runner, &deed, &h.arena), "half",
         "undo ended well, and check says it is still so");
    ar_runner_done(&runner);
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
