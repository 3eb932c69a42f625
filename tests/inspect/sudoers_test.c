#include "inspect/sudoers.h"

#include "t.h"

/* The rules of `text` on host "mill", one a line: "users -> (runas) commands [nopasswd] [root]". */
static ar_str spell_rules(ar_arena *arena, const char *text, size_t *out_bad)
{
    ar_auto(ar_buf) out = { 0 };
    ar_sudoers s = { 0 };
    ar_sudo_rule *rules = NULL;
    size_t n = 0;

    T_OK(ar_sudoers_parse(ar_str_of(text), AR_LIT("sudoers"), arena, &s));
    T_OK(ar_sudoers_rules(&s, AR_LIT("mill.example.org"), arena, &rules, &n));
    for (size_t i = 0; i < n; i++) {
        for (size_t u = 0; u < rules[i].users.n; u++)
            ar_buf_addf(&out, "%s%s%.*s", u > 0 ? "," : "",
                        rules[i].users.words[u].negated ? "!" : "",
                        AR_FMT(rules[i].users.words[u].text));
        ar_buf_addf(&out, " -> (%.*s) %.*s%s%s\n", AR_FMT(rules[i].runas),
                    AR_FMT(rules[i].commands), rules[i].nopasswd ? " nopasswd" : "",
                    rules[i].as_root ? " root" : "");
    }
    *out_bad = s.n_bad;
    return ar_arena_copy(arena, ar_buf_str(&out));
}

TEST(a_line_of_sudoers_means_what_sudo_takes_it_for)
{
    static const struct {
        const char *text, *rules;
    } cases[] = {
        { "root ALL=(ALL:ALL) ALL", "root -> (ALL:ALL) ALL root\n" },
        { "ada ALL = ALL", "ada -> (root) ALL root\n" },
        { "%ops mill=NOPASSWD: ALL", "%ops -> (root) ALL nopasswd root\n" },
        { "%ops MILL2=NOPASSWD: ALL", "" },
        { "ada mill.example.org=ALL", "ada -> (root) ALL root\n" },
        { "ada ALL,!mill=ALL", "" },
        { "ada 10.0.0.0/8=ALL", "ada -> (root) ALL root\n" },
        { "ada, #1000, %#27, +net ALL=/bin/ls", "ada,#1000,%#27,+net -> (root) /bin/ls root\n" },
        { "ada ALL=(bob) /bin/ls -l /tmp", "ada -> (bob) /bin/ls -l /tmp\n" },
        { "ada ALL=(bob) /bin/a, (root) /bin/b",
          "ada -> (bob) /bin/a\nada -> (root) /bin/b root\n" },
        { "ada ALL=/bin/a, NOPASSWD: /bin/b, /bin/c, PASSWD: /bin/d",
          "ada -> (root) /bin/a root\nada -> (root) /bin/b, /bin/c nopasswd root\n"
          "ada -> (root) /bin/d root\n" },
        { "ada ALL=NOEXEC:NOPASSWD: SETENV: ALL", "ada -> (root) ALL nopasswd root\n" },
        { "ada ALL=(ALL) ALL, !/bin/su", "ada -> (ALL) ALL, !/bin/su root\n" },
        { "ada ALL=(:audio) /bin/play", "ada -> (:audio) /bin/play\n" },
        { "ada ALL=TIMEOUT=10m /bin/ls", "ada -> (root) /bin/ls root\n" },
        { "ada ALL=sha256:abc= /bin/a -x", "ada -> (root) /bin/a -x root\n" },
        { "ada ALL=(ALL,!root) ALL", "ada -> (ALL, !root) ALL\n" },
        { "ada mill=/bin/a : rye=/bin/b", "ada -> (root) /bin/a root\n" },
        { "ada ALL=/bin/x a\\,b\\:c\\=d", "ada -> (root) /bin/x a,b:c=d root\n" },
        { "ada ALL=\\\n  ALL # note", "ada -> (root) ALL root\n" },
        { "# ada ALL=ALL\n#1000 ALL=ALL", "#1000 -> (root) ALL root\n" },
        { "\"dom user\" ALL=ALL", "dom user -> (root) ALL root\n" },
        { "Defaults !authenticate\nada ALL=ALL", "ada -> (root) ALL nopasswd root\n" },
        { "Defaults:bob !authenticate\nada ALL=ALL", "ada -> (root) ALL root\n" },
        { "Defaults secure_path=\"/bin:/sbin\", !lecture\nDefaults:ada !authenticate\nada ALL=ALL",
          "ada -> (root) ALL nopasswd root\n" },
        { "ada ALL=ALL\nUser_Alias X=y", "ada -> (root) ALL root\n" },
        { "OPS HERE=(AS) TOOLS\nUser_Alias OPS=ada,%wheel:DEV=eve\nHost_Alias HERE=mill\n"
          "Runas_Alias AS=root\nCmnd_Alias TOOLS=/bin/a, !/bin/b",
          "ada,%wheel -> (root) /bin/a, !/bin/b root\n" },
        { "User_Alias A=ada,!bob\n!A ALL=ALL", "!ada,bob -> (root) ALL root\n" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        size_t bad = 1;

        T_STR(spell_rules(&arena, cases[i].text, &bad), cases[i].rules);
        T_INT(bad, 0);
    }
}

TEST(a_line_that_sudo_refuses_is_counted_and_grants_nothing)
{
    static const char *const lines[] = {
        "ada",  "ada ALL",        "ada ALL=",      "ada ALL=(root ALL",
        "=ALL", "ada ALL=ALL : ", "User_Alias =x", "@include"
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(lines); i++) {
        size_t bad = 0;
        ar_str rules = spell_rules(&arena, lines[i], &bad);

        T_INT(bad, 1);
        if (i != 5) T_STR(rules, "");
    }
}

TEST(aliases_that_name_each_other_end)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_sudoers s = { 0 };
    ar_sudo_rule *rules;
    size_t n;

    T_OK(ar_sudoers_parse(AR_LIT("User_Alias A=B\nUser_Alias B=A\nA ALL=ALL"), AR_LIT("x"), &arena,
                          &s));
    T_FAILS(ar_sudoers_rules(&s, AR_LIT("mill"), &arena, &rules, &n), AR_LIMIT, "deeper than 16");
}

TEST(aliases_that_double_do_not_eat_the_machine)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_sudoers s = { 0 };
    ar_sudo_rule *rules;
    size_t n;

    ar_buf_addz(&text, "User_Alias A0=x,y\n");
    for (int i = 1; i < 16; i++) ar_buf_addf(&text, "User_Alias A%d=A%d,A%d\n", i, i - 1, i - 1);
    ar_buf_addz(&text, "A15 ALL=ALL\n");
    T_OK(ar_sudoers_parse(ar_buf_str(&text), AR_LIT("x"), &arena, &s));
    T_FAILS(ar_sudoers_rules(&s, AR_LIT("mill"), &arena, &rules, &n), AR_LIMIT, "more than");
}
