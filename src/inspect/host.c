#include "inspect/host.h"

#include "inspect/inspect.h"
#include "inspect/words.h"

#include <stdarg.h>
#include <stdio.h>

static bool usual_name(ar_str name)
{
    static const char *const usual[] = { "", "localhost", "localhost.localdomain", "(none)" };

    for (size_t i = 0; i < AR_COUNT(usual); i++)
        if (ar_str_eq(name, ar_str_of(usual[i]))) return true;
    return false;
}

static ar_str first_line(const ar_look *look, const char *path, ar_arena *arena)
{
    ar_look_file file;
    ar_str line;

    if (ar_look_read(look, path, 4096, arena, &file).code != AR_OK) return (ar_str){ 0 };
    return ar_line(&file.text, &line) ? ar_str_trim(line) : (ar_str){ 0 };
}

ar_str ar_host_name(const ar_look *look, ar_arena *arena)
{
    ar_str name = first_line(look, "/proc/sys/kernel/hostname", arena);

    if (usual_name(name)) name = first_line(look, "/etc/hostname", arena);
    if (!usual_name(name)) return name;
    ar_str machine = first_line(look, "/etc/machine-id", arena);
    return machine.len >= 12 ? ar_str_cut(machine, 0, 12) : AR_LIT("localhost");
}

const ar_account *ar_host_account(const ar_host *host, ar_str name)
{
    for (size_t i = 0; i < host->n_accounts; i++)
        if (ar_str_eq(host->accounts[i].name, name)) return &host->accounts[i];
    return NULL;
}

const ar_account *ar_host_account_by_uid(const ar_host *host, int64_t uid)
{
    for (size_t i = 0; i < host->n_accounts; i++)
        if (host->accounts[i].uid == uid) return &host->accounts[i];
    return NULL;
}

ar_str ar_host_id(const ar_host *host, const char *fmt, ...)
{
    ar_auto(ar_buf) out = { 0 };
    va_list ap;

    ar_buf_add(&out, host->id);
    ar_buf_addc(&out, '/');
    va_start(ap, fmt);
    ar_buf_vaddf(&out, fmt, ap);
    va_end(ap);
    return ar_arena_copy(host->arena, ar_buf_str(&out));
}

ar_value ar_host_account_id(const ar_host *host, ar_str name)
{
    return ar_text(ar_host_id(host, "%.*s", AR_FMT(name)));
}

/* In the order in which they need each other: keys lie where sshd says, an account is judged by its
 * keys and grants, units by the accounts they run as. */
static const struct {
    const char *kind;
    ar_err (*look)(ar_host *host);
} parts[] = {
    { "setting", ar_host_settings },  { "credential", ar_host_credentials },
    { "role_grant", ar_host_grants }, { "account", ar_host_accounts },
    { "device", ar_host_device },     { "listener", ar_host_listeners },
    { "package", ar_host_packages },  { "log_source", ar_host_logs },
    { "unit", ar_host_units },        { "netdev", ar_host_neighbours },
};

static void look_around(ar_host *host)
{
    ar_account *accounts = NULL;
    ar_group *groups = NULL;
    ar_err err = ar_passwd_load(&host->look, host->arena, &accounts, &host->n_accounts);

    host->accounts = accounts;
    if (err.code == AR_OK) err = ar_group_load(&host->look, host->arena, &groups, &host->n_groups);
    host->groups = groups;
    ar_str why = err.code == AR_OK ? (ar_str){ 0 } : ar_arena_copy(host->arena, ar_err_text(err));

    for (size_t i = 0; i < AR_COUNT(parts); i++) {
        bool of_accounts = i >= 1 && i <= 3;
        ar_err part = ar_ok();

        if (why.len > 0 && of_accounts)
            ar_report_could_not(host->report, parts[i].kind, why);
        else
            part = parts[i].look(host);
        if (part.code != AR_OK) ar_report_could_not(host->report, parts[i].kind, ar_err_text(part));
    }
}

ar_err ar_inspect_host(const ar_inspect_options *options, int out_fd)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_look) look = { 0 };
    ar_auto(ar_report) report = { .now = options->now };
    ar_host host = { .arena = &arena, .report = &report };

    AR_TRY(ar_look_open(options->root, options->now, &arena, &look));
    host.look = look;
    host.id = ar_host_name(&look, &arena);
    look_around(&host);
    return ar_report_write(&report, "host", host.id, out_fd);
}
