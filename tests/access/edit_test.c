#include "access/edit.h"

#include "t.h"

static ar_err edit(ar_arena *arena, const char *text, const ar_edit_grant *grant, ar_str *out)
{
    ar_sudoers all = { 0 };

    AR_TRY(ar_sudoers_parse(ar_str_of(text), AR_LIT("s"), arena, &all));
    return ar_edit_sudoers(&all, AR_LIT("mill"), grant, ar_str_of(text), arena, out);
}

TEST(a_rule_without_one_of_its_users_is_as_it_was_for_the_others)
{
    static const struct {
        const char *text, *scope, *after;
    } cases[] = {
        { "ada ALL=(ALL) ALL\n", "(ALL) ALL", "" },
        { "ada ALL=(ALL) ALL", "(ALL) ALL", "" },
        { "# keep\nada ALL=(ALL) ALL\nbob ALL=ALL\n", "(ALL) ALL", "# keep\nbob ALL=ALL\n" },
        { "ada,bob ALL=(ALL) ALL\n", "(ALL) ALL", "bob ALL=(ALL) ALL\n" },
        { "ada , bob ALL=(ALL) ALL\n", "(ALL) ALL", "bob ALL=(ALL) ALL\n" },
        { "bob, ada ALL=(ALL) ALL # both\n", "(ALL) ALL", "bob ALL=(ALL) ALL # both\n" },
        { "bob, ada, eve ALL=(ALL) ALL\n", "(ALL) ALL", "bob, eve ALL=(ALL) ALL\n" },
        { "  ada ALL=(ALL) \\\n  ALL\nbob ALL=ALL\n", "(ALL) ALL", "bob ALL=ALL\n" },
        { "ada ALL=/bin/a\nada ALL=/bin/b\n", "(root) /bin/b", "ada ALL=/bin/a\n" },
        { "Cmnd_Alias C = /bin/a, /bin/b\nada ALL = C\n", "(root) /bin/a, /bin/b",
          "Cmnd_Alias C = /bin/a, /bin/b\n" },
        { "ada ALL=ALL\nada ALL=ALL\n", "(root) ALL", "" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_edit_grant grant = { .who = AR_LIT("ada"), .scope = ar_str_of(cases[i].scope) };
        ar_str after = AR_LIT("?");

        T_OK(edit(&arena, cases[i].text, &grant, &after));
        T_STR(after, cases[i].after);
    }
}

TEST(what_cannot_be_taken_out_alone_is_refused)
{
    static const struct {
        const char *text;
        enum ar_code code;
        const char *says;
        ar_time until;
    } cases[] = {
        { "%ops ALL=(ALL) ALL\n", AR_NOT_FOUND, "by an alias, by ALL or by a group", 0 },
        { "User_Alias U = ada\nU ALL=(ALL) ALL\n", AR_NOT_FOUND, "by an alias", 0 },
        { "ALL ALL=(ALL) ALL\n", AR_NOT_FOUND, "by ALL", 0 },
        { "ada ALL=(ALL) NOPASSWD: ALL\n", AR_NOT_FOUND, "no rule names ada", 0 },
        { "ada ALL=(ALL) ALL, NOPASSWD: /bin/a\n", AR_CONFLICT, "gives more than this", 0 },
        { "\"ada\", bob ALL=(ALL) ALL\n", AR_CONFLICT, "in quotes or escapes", 0 },
        { "ada, bob ALL=(ALL) ALL\n", AR_CONFLICT, "is for others too", 1 },
        { "ada ALL=(ALL) NOTAFTER=20300101000000Z ALL\n", AR_CONFLICT, "has an end already", 1 },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_edit_grant grant = { .who = AR_LIT("ada"),
                                .scope = AR_LIT("(ALL) ALL"),
                                .until = cases[i].until };
        ar_str after = AR_LIT("untouched");

        T_FAILS(edit(&arena, cases[i].text, &grant, &after), cases[i].code, cases[i].says);
        T_STR(after, "untouched");
    }
}

TEST(an_end_is_one_that_sudo_keeps_and_we_read_again)
{
    static const struct {
        const char *text, *after;
    } cases[] = {
        { "ada ALL=(ALL) ALL\n", "ada ALL=(ALL) NOTAFTER=20270102030405Z ALL\n" },
        { "ada ALL = (ALL)ALL\n", "ada ALL = (ALL) NOTAFTER=20270102030405Z ALL\n" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_edit_grant grant = { .who = AR_LIT("ada"), .scope = AR_LIT("(ALL) ALL") };
    ar_str after = { 0 };

    T_OK(ar_time_parse(AR_LIT("2027-01-02T03:04:05.9Z"), &grant.until));
    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_sudoers all = { 0 };
        ar_sudo_rule *rules = NULL;
        size_t n = 0;

        T_OK(edit(&arena, cases[i].text, &grant, &after));
        T_STR(after, cases[i].after);
        T_OK(ar_sudoers_parse(after, AR_LIT("s"), &arena, &all));
        T_OK(ar_sudoers_rules(&all, AR_LIT("mill"), &arena, &rules, &n));
        T_TRUE(n == 1 && rules[0].until == ar_time_to_second(grant.until));
    }
    grant.scope = AR_LIT("(root) /bin/a");
    T_OK(edit(&arena, "ada ALL=/bin/a\n", &grant, &after));
    T_STR(after, "ada ALL= NOTAFTER=20270102030405Z /bin/a\n");
}

TEST(a_member_leaves_one_group_and_no_other)
{
    static const char text[] = "root:x:0:\nops:x:10:ada,bob,eve\nopsx:x:11:ada\nlast:x:12:ada";
    ar_auto(ar_arena) arena = { 0 };
    ar_str after = { 0 };

    T_OK(ar_edit_group(AR_LIT(text), AR_LIT("ops"), AR_LIT("bob"), &arena, &after));
    T_STR(after, "root:x:0:\nops:x:10:ada,eve\nopsx:x:11:ada\nlast:x:12:ada");
    T_OK(ar_edit_group(AR_LIT(text), AR_LIT("last"), AR_LIT("ada"), &arena, &after));
    T_STR(after, "root:x:0:\nops:x:10:ada,bob,eve\nopsx:x:11:ada\nlast:x:12:");
    T_FAILS(ar_edit_group(AR_LIT(text), AR_LIT("ops"), AR_LIT("cy"), &arena, &after), AR_NOT_FOUND,
            "group ops does not list cy");
    T_FAILS(ar_edit_group(AR_LIT(text), AR_LIT("none"), AR_LIT("ada"), &arena, &after),
            AR_NOT_FOUND, "group none does not list ada");
}
