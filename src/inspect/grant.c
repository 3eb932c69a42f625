#include "inspect/host.h"
#include "inspect/sudoers.h"
#include "inspect/words.h"

/* Groups whose members can become root without being asked, and those that only see more. */
static const struct {
    const char *name;
    bool becomes_root;
} known_groups[] = {
    { "adm", false },    { "disk", true },
    { "docker", true },  { "incus-admin", true },
    { "kmem", true },    { "libvirt", true },
    { "lxd", true },     { "podman", true },
    { "shadow", false }, { "systemd-journal", false },
};

static bool word_means(const ar_host *host, ar_str word, const ar_account *account)
{
    int64_t n;

    if (word.len == 0) return false;
    if (ar_str_eq(word, AR_LIT("ALL")) || ar_str_eq(word, account->name)) return true;
    if (word.ptr[0] == '#')
        return ar_str_int(ar_str_cut(word, 1, word.len), &n) && n == account->uid;
    if (word.ptr[0] != '%') return false;
    word = ar_str_cut(word, 1, word.len);
    for (size_t i = 0; i < host->n_groups; i++) {
        const ar_group *g = &host->groups[i];
        bool named = word.len > 1 && word.ptr[0] == '#'
                         ? ar_str_int(ar_str_cut(word, 1, word.len), &n) && n == g->gid
                         : ar_str_eq(word, g->name);

        if (named) return ar_group_has(g, account);
    }
    return false;
}

static bool rule_means(const ar_host *host, const ar_sudo_rule *rule, const ar_account *account)
{
    bool means = false;

    for (size_t i = 0; i < rule->users.n; i++)
        if (word_means(host, rule->users.words[i].text, account))
            means = !rule->users.words[i].negated;
    return means;
}

/* A name that only another directory knows: an unknown account, group or netgroup. */
static bool is_foreign(const ar_host *host, ar_str word)
{
    if (ar_str_eq(word, AR_LIT("ALL")) || word.ptr[0] == '#') return false;
    if (word.ptr[0] == '+') return true;
    if (word.ptr[0] != '%') return ar_host_account(host, word) == NULL;
    for (size_t i = 0; i < host->n_groups; i++)
        if (ar_str_eq(host->groups[i].name, ar_str_cut(word, 1, word.len))) return false;
    return word.len > 1 && word.ptr[1] != '#';
}

static void note_privileged(ar_host *host, ar_str name, bool for_sure)
{
    bool is_new;
    ar_map_value *v = ar_map_put(&host->privileged, host->arena, name, &is_new);

    v->n |= for_sure;
}

static void report_sudo(ar_host *host, const ar_sudo_rule *rule, ar_str who)
{
    ar_str scope =
        ar_arena_printf(host->arena, "(%.*s) %.*s", AR_FMT(rule->runas), AR_FMT(rule->commands));
    ar_str what = ar_arena_printf(host->arena, "%.*s %d %.*s", AR_FMT(rule->path), rule->nopasswd,
                                  AR_FMT(scope));
    ar_str hash = ar_short_hash(host->arena, what);
    ar_str id = ar_host_id(host, "sudo/%.*s/%.*s", AR_FMT(who), AR_FMT(hash));

    AR_ROW(host->report, "role_grant", id, { "name", ar_text(who) },
           { "principal_id", ar_host_account_id(host, who) }, { "role", ar_textz("sudo") },
           { "system", ar_text(host->id) }, { "device_id", ar_text(host->id) },
           { "privileged", ar_bool(rule->as_root) },
           { "grant_kind", ar_textz(rule->until == 0 ? "standing" : "temporary") },
           { "expires_at", rule->until == 0 ? ar_null() : ar_at(rule->until) },
           { "source_path", ar_text(rule->path) }, { "nopasswd", ar_bool(rule->nopasswd) },
           { "scope", ar_text(scope) });
    if (rule->as_root) note_privileged(host, who, rule->all_commands);
}

static void report_rule(ar_host *host, const ar_sudo_rule *rule)
{
    for (size_t i = 0; i < host->n_accounts; i++)
        if (host->accounts[i].uid != 0 && rule_means(host, rule, &host->accounts[i]))
            report_sudo(host, rule, host->accounts[i].name);
    for (size_t i = 0; i < rule->users.n; i++)
        if (!rule->users.words[i].negated && is_foreign(host, rule->users.words[i].text))
            report_sudo(host, rule, rule->users.words[i].text);
}

static ar_err report_sudoers(ar_host *host)
{
    ar_sudoers sudoers;
    ar_sudo_rule *rules;
    size_t n;
    ar_err err = ar_sudoers_load(&host->look, host->id, host->arena, &sudoers);

    if (err.code == AR_NOT_FOUND) return ar_ok(); /* no sudo here */
    AR_TRY(err);
    AR_TRY(ar_sudoers_rules(&sudoers, host->id, host->arena, &rules, &n));
    if (sudoers.n_bad > 0)
        ar_report_could_not(host->report, "role_grant.scope",
                            ar_arena_printf(host->arena,
                                            "/etc/sudoers: %zu lines are not understood",
                                            sudoers.n_bad));
    for (size_t i = 0; i < n; i++) report_rule(host, &rules[i]);
    return ar_ok();
}

static void report_plain(ar_host *host, const char *how, const ar_account *account, ar_str role,
                         bool privileged, const char *path, ar_value nopasswd)
{
    ar_str id = ar_host_id(host, "%s/%.*s/%.*s", how, AR_FMT(role), AR_FMT(account->name));

    AR_ROW(host->report, "role_grant", id, { "name", ar_text(account->name) },
           { "principal_id", ar_host_account_id(host, account->name) }, { "role", ar_text(role) },
           { "system", ar_text(host->id) }, { "device_id", ar_text(host->id) },
           { "privileged", ar_bool(privileged) }, { "grant_kind", ar_textz("standing") },
           { "source_path", ar_textz(path) }, { "nopasswd", nopasswd });
    if (privileged) note_privileged(host, account->name, true);
}

static void report_group(ar_host *host, const ar_group *group, bool becomes_root)
{
    for (size_t i = 0; i < host->n_accounts; i++)
        if (ar_group_has(group, &host->accounts[i]) && host->accounts[i].uid != 0)
            report_plain(host, "group", &host->accounts[i], group->name, becomes_root, "/etc/group",
                         ar_bool(becomes_root));
}

/* Groups sudo, wheel and admin give what sudoers says they give; those rows name the group's
 * members one by one. */
ar_err ar_host_grants(ar_host *host)
{
    for (size_t i = 0; i < host->n_accounts; i++)
        if (host->accounts[i].uid == 0)
            report_plain(host, "uid", &host->accounts[i], AR_LIT("root"), true, "/etc/passwd",
                         ar_null());
    for (size_t g = 0; g < host->n_groups; g++)
        for (size_t k = 0; k < AR_COUNT(known_groups); k++)
            if (ar_str_eq(host->groups[g].name, ar_str_of(known_groups[k].name)))
                report_group(host, &host->groups[g], known_groups[k].becomes_root);
    ar_err err = report_sudoers(host);

    if (err.code != AR_OK) ar_report_unread(host->report, "role_grant", ar_err_text(err));
    host->privileged_known = err.code == AR_OK;
    ar_report_seen(host->report, "role_grant");
    return ar_ok();
}
