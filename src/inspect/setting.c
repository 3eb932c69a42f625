#include "inspect/host.h"
#include "inspect/sshd.h"
#include "inspect/words.h"

static void report_sshd(ar_host *host, const ar_sshd_rule *rule, const ar_sshd_line *line,
                        ar_str match)
{
    ar_str value = line == NULL ? ar_str_of(rule->value) : line->value;
    ar_str recommended = ar_before(ar_str_of(rule->recommended), '|');
    ar_str key = match.len == 0
                     ? ar_str_of(rule->keyword)
                     : ar_arena_printf(host->arena, "%s for %.*s", rule->keyword, AR_FMT(match));

    AR_ROW(host->report, "setting", ar_host_id(host, "sshd/%.*s", AR_FMT(key)),
           { "name", ar_text(ar_arena_printf(host->arena, "sshd %.*s", AR_FMT(key))) },
           { "device_id", ar_text(host->id) }, { "area", ar_textz("sshd") },
           { "key", ar_text(key) }, { "value", ar_text(value) },
           { "recommended", ar_text(recommended) }, { "ok", ar_bool(ar_sshd_good(rule, value)) },
           { "path", line == NULL ? ar_null() : ar_text(line->path) });
}

/* One row for everyone, and one for each Match block that says something else. */
static void report_rule(ar_host *host, const ar_sshd_config *config, const ar_sshd_rule *rule)
{
    ar_str keyword = ar_str_of(rule->keyword);

    report_sshd(host, rule, ar_sshd_find(config, keyword, (ar_str){ 0 }), (ar_str){ 0 });
    for (size_t i = 0; i < config->n; i++) {
        const ar_sshd_line *line = &config->lines[i];

        if (line->match.len > 0 && !ar_str_same(line->match, AR_LIT("all")) &&
            ar_sshd_find(config, keyword, line->match) == line)
            report_sshd(host, rule, line, line->match);
    }
}

/* The older name of a keyword is as good as the newer one. */
static void rename_old(ar_sshd_config *config)
{
    for (size_t i = 0; i < config->n; i++)
        if (ar_str_same(config->lines[i].keyword, AR_LIT("ChallengeResponseAuthentication")) ||
            ar_str_same(config->lines[i].keyword, AR_LIT("SkeyAuthentication")))
            config->lines[i].keyword = AR_LIT("KbdInteractiveAuthentication");
}

ar_err ar_host_settings(ar_host *host)
{
    ar_sshd_config config = { 0 };
    bool installed = ar_look_exists(&host->look, "/usr/sbin/sshd");
    ar_err err = ar_sshd_load(&host->look, host->arena, &config);

    host->keys_files = ".ssh/authorized_keys .ssh/authorized_keys2";
    if (err.code != AR_OK && err.code != AR_NOT_FOUND) { /* nor is it known where keys lie */
        ar_str why = ar_arena_copy(host->arena, ar_err_text(err));

        ar_report_unread(host->report, "setting", why);
        ar_report_unread(host->report, "credential", why);
    } else if (err.code == AR_OK || installed) {
        rename_old(&config);
        for (const ar_sshd_rule *r = ar_sshd_rules; r->keyword != NULL; r++)
            report_rule(host, &config, r);
    }
    const ar_sshd_line *keys = ar_sshd_find(&config, AR_LIT("AuthorizedKeysFile"), (ar_str){ 0 });
    if (keys != NULL) host->keys_files = ar_arena_cstr(host->arena, keys->value);
    ar_report_seen(host->report, "setting");
    return ar_ok();
}
