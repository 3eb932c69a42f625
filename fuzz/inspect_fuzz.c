/* The parsers of the inspectors; the first byte chooses which. */
#include "inspect/blank.h"
#include "inspect/codeowners.h"
#include "inspect/debian.h"
#include "inspect/giturl.h"
#include "inspect/host.h"
#include "inspect/logrotate.h"
#include "inspect/passwd.h"
#include "inspect/pipeline.h"
#include "inspect/sshd.h"
#include "inspect/sshkey.h"
#include "inspect/sudoers.h"
#include "inspect/unitfile.h"
#include "inspect/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void accounts(ar_str text, ar_arena *arena)
{
    ar_account a;
    ar_group g;
    ar_shadow s;
    ar_str line;

    (void)arena;
    while (ar_line(&text, &line)) {
        if (ar_passwd_line(line, &a))
            assert(a.name.len > 0 && a.shell.len > 0 && a.uid >= 0 && a.gid >= 0);
        if (ar_group_line(line, &g)) assert(g.name.len > 0 && g.gid >= 0);
        if (ar_shadow_line(line, &s))
            assert(s.name.len > 0 && (s.state != AR_PASSWORD_SET || s.algorithm != NULL));
    }
}

static void sudoers(ar_str text, ar_arena *arena)
{
    ar_sudoers s = { 0 };
    ar_sudo_rule *rules;
    size_t n;

    if (ar_sudoers_parse(text, AR_LIT("sudoers"), arena, &s).code != AR_OK ||
        ar_sudoers_rules(&s, AR_LIT("mill"), arena, &rules, &n).code != AR_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        assert(rules[i].users.n > 0 && rules[i].users.n <= AR_SUDOERS_WORDS_MAX);
        assert(rules[i].commands.len > 0);
        for (size_t u = 0; u < rules[i].users.n; u++) assert(rules[i].users.words[u].text.len > 0);
    }
}

static void sshd(ar_str text, ar_arena *arena)
{
    ar_str line, keyword, value;

    while (ar_line(&text, &line)) {
        if (!ar_sshd_split(line, arena, &keyword, &value)) continue;
        assert(keyword.len > 0 && keyword.ptr[0] != '#' && value.len <= line.len);
        for (const ar_sshd_rule *r = ar_sshd_rules; r->keyword != NULL; r++)
            (void)ar_sshd_good(r, value);
    }
}

static void keys(ar_str text, ar_arena *arena)
{
    ar_ssh_private p;
    ar_ssh_key key;
    ar_str line;

    if (ar_ssh_private_head(text, arena, &p)) assert(p.encrypted || p.cipher.len == 0);
    if (ar_ssh_key_blob(text, arena, &key)) assert(key.fingerprint.len == 50 && key.bits >= 0);
    while (ar_line(&text, &line))
        if (ar_ssh_key_line(line, arena, &key))
            assert(key.fingerprint.len == 50 && key.algorithm.len > 0 &&
                   key.options.len < line.len);
}

static void packages(ar_str text, ar_arena *arena)
{
    ar_str value = { 0 }, before = AR_LIT("1.0-1");
    ar_deb_package p;

    (void)arena;
    ar_apt_conf_get(text, AR_LIT("APT::Periodic::Unattended-Upgrade"), &value);
    (void)ar_deb_field(text, AR_LIT("Origin"));
    while (ar_deb_next(&text, &p)) {
        int one = ar_deb_compare(p.version, before), other = ar_deb_compare(before, p.version);

        assert(p.package.len > 0 && p.version.len > 0 && p.source.len > 0);
        assert((one > 0) == (other < 0) && (one == 0) == (other == 0));
        assert(ar_deb_compare(p.version, p.version) == 0);
        before = p.version;
    }
}

/* What is shown is shown again as it is, and holds no address. */
static void command(ar_str text, ar_arena *arena)
{
    ar_str shown = ar_command_blank(text, arena), again = ar_command_blank(shown, arena);

    assert(ar_str_eq(shown, again));
    assert(!ar_str_contains(shown, AR_LIT("://")));
}

static void jobs(ar_str text, ar_arena *arena)
{
    ar_unit_file u = { 0 };
    ar_cron_line c;
    ar_str line, value = { 0 };

    ar_unit_file_read(text, arena, &u);
    assert(u.n_commands <= AR_UNIT_COMMANDS_MAX);
    ar_ini_get(text, AR_LIT("Journal"), AR_LIT("Storage"), &value);
    while (ar_line(&text, &line)) {
        if (ar_cron_line_read(line, false, &c)) assert(c.schedule.len > 0 && c.command.len > 0);
        if (ar_cron_line_read(line, true, &c)) assert(c.user.len > 0 && c.command.len > 0);
    }
    command(text, arena);
}

static void rotation(ar_str text, ar_arena *arena)
{
    ar_logrotate conf;
    int64_t days;

    ar_logrotate_init(&conf);
    if (ar_logrotate_parse(text, arena, &conf).code != AR_OK) return;
    for (size_t i = 0; i < conf.n; i++) {
        assert(conf.rules[i].pattern.len > 0);
        if (ar_logrotate_days(&conf.rules[i], &days)) assert(days >= 0);
    }
}

static void code(ar_str text, ar_arena *arena)
{
    ar_str owners[AR_CODEOWNERS_MAX];
    ar_pipeline p;
    size_t n = ar_codeowners_of_all(text, arena, owners);

    assert(n <= AR_CODEOWNERS_MAX);
    for (size_t i = 0; i < n; i++) assert(owners[i].len > strlen("team:"));
    ar_pipeline_read(text, &p);
    assert(p.pinned >= 0 && p.pinned <= p.foreign);
}

static void addresses(ar_str text, ar_arena *arena)
{
    ar_git_url url = ar_git_url_cut(text, arena);
    ar_listener l;

    assert(url.host.len + url.path.len <= text.len);
    assert(ar_git_url_clean(text, arena).len <= text.len);
    for (int tcp = 0; tcp < 2; tcp++)
        if (ar_listener_line(text, tcp != 0, &l)) {
            assert(l.port >= 0 && l.port <= 65535);
            (void)ar_listener_exposed(&l);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parsers[])(ar_str text, ar_arena * arena) = {
        accounts, sudoers, sshd, keys, packages, jobs, rotation, code, addresses,
    };
    ar_auto(ar_arena) arena = { 0 };

    if (size == 0) return 0;
    parsers[data[0] % AR_COUNT(parsers)]((ar_str){ .ptr = (const char *)data + 1, .len = size - 1 },
                                         &arena);
    return 0;
}
