#include "access/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RULES_MAX = 20, USERS_MAX = 5 };

static const ar_str host = AR_LIT("mill");

static size_t bad_lines(ar_str text, ar_arena *arena)
{
    ar_sudoers all = { 0 };

    return ar_sudoers_parse(text, AR_LIT("s"), arena, &all).code == AR_OK ? all.n_bad : SIZE_MAX;
}

/* What is left has no line that sudo would not take and took before, and is shorter. */
static void try_one(const ar_sudoers *all, const ar_sudo_rule *rule, ar_str who, ar_str text,
                    ar_arena *arena)
{
    ar_edit_grant grant = { .who = who, .nopasswd = rule->nopasswd };
    ar_str after = { 0 };

    grant.scope =
        ar_arena_printf(arena, "(%.*s) %.*s", AR_FMT(rule->runas), AR_FMT(rule->commands));
    if (ar_edit_sudoers(all, host, &grant, text, arena, &after).code != AR_OK) return;
    assert(after.len < text.len && bad_lines(after, arena) <= bad_lines(text, arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { (const char *)data, size }, after;
    ar_sudoers all = { 0 };
    ar_sudo_rule *rules;
    size_t n;

    if (ar_edit_group(text, AR_LIT("ops"), AR_LIT("ada"), &arena, &after).code == AR_OK)
        assert(after.len < text.len);
    if (ar_sudoers_parse(text, AR_LIT("s"), &arena, &all).code != AR_OK ||
        ar_sudoers_rules(&all, host, &arena, &rules, &n).code != AR_OK)
        return 0;
    for (size_t i = 0; i < n && i < RULES_MAX; i++)
        for (size_t u = 0; u < rules[i].users.n && u < USERS_MAX; u++)
            try_one(&all, &rules[i], rules[i].users.words[u].text, text, &arena);
    return 0;
}
