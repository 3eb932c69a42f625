#include "inspect/host.h"
#include "inspect/words.h"

#include <unistd.h>
#include <utmp.h>

enum { WTMP_RECORDS_MAX = 1 << 20 };

static const char *const no_login_shells[] = { "nologin", "false",    "sync",
                                               "halt",    "shutdown", "true" };

static bool can_use_shell(const ar_account *a)
{
    ar_str shell = ar_last_part(a->shell);

    for (size_t i = 0; i < AR_COUNT(no_login_shells); i++)
        if (ar_str_eq(shell, ar_str_of(no_login_shells[i]))) return false;
    return true;
}

/* The first number that login.defs(5) gives to people. */
static int64_t first_person_uid(const ar_host *host)
{
    ar_look_file file;
    int64_t uid = 1000, n;
    ar_str line;

    if (ar_look_read(&host->look, "/etc/login.defs", AR_LOOK_FILE_MAX, host->arena, &file).code !=
        AR_OK)
        return uid;
    while (ar_line(&file.text, &line))
        if (ar_str_eq(ar_word(&line), AR_LIT("UID_MIN")) && ar_str_int(ar_word(&line), &n)) uid = n;
    return uid;
}

typedef struct signins {
    ar_fd lastlog;
    ar_map by_name; /* seconds */
} signins;

/* wtmp(5): fixed records; the newest of each account counts. */
static void load_wtmp(ar_host *host, signins *s)
{
    ar_auto(ar_fd) fd = { 0 };
    struct utmp u;

    if (ar_look_fd(&host->look, "/var/log/wtmp", &fd).code != AR_OK) return;
    for (int i = 0; i < WTMP_RECORDS_MAX && read(ar_fd_n(fd), &u, sizeof u) == sizeof u; i++) {
        bool is_new;

        if (u.ut_type != USER_PROCESS) continue;
        ar_str name = { .ptr = u.ut_user, .len = strnlen(u.ut_user, sizeof u.ut_user) };
        ar_map_value *at =
            ar_map_put(&s->by_name, host->arena, ar_arena_copy(host->arena, name), &is_new);
        if (u.ut_tv.tv_sec > at->n) at->n = u.ut_tv.tv_sec;
    }
}

static ar_value last_sign_in(const signins *s, const ar_account *a)
{
    struct lastlog record;
    const ar_map_value *seen = ar_map_get(&s->by_name, a->name);
    int64_t at = seen == NULL ? 0 : seen->n;

    if (ar_fd_n(s->lastlog) >= 0 &&
        pread(ar_fd_n(s->lastlog), &record, sizeof record, a->uid * (off_t)sizeof record) ==
            sizeof record &&
        record.ll_time > at)
        at = record.ll_time;
    return ar_look_time(at);
}

static ar_err load_shadow(ar_host *host, ar_map *out_map)
{
    ar_look_file file;
    ar_str line;

    AR_TRY(ar_look_read(&host->look, "/etc/shadow", 16 << 20, host->arena, &file));
    while (ar_line(&file.text, &line)) {
        ar_shadow s;
        bool is_new;

        if (!ar_shadow_line(line, &s)) continue;
        ar_shadow *kept = ar_make(host->arena, ar_shadow);
        *kept = s;
        ar_map_put(out_map, host->arena, s.name, &is_new)->cptr = kept;
    }
    return ar_ok();
}

static bool is_over(const ar_shadow *s, ar_time now)
{
    return s->expires_day >= 0 && s->expires_day * AR_DAY <= now;
}

static const char *state_name(const ar_shadow *s, ar_time now)
{
    static const char *const names[] = { [AR_PASSWORD_SET] = "set",
                                         [AR_PASSWORD_LOCKED] = "locked",
                                         [AR_PASSWORD_NONE] = "none",
                                         [AR_PASSWORD_EMPTY] = "empty" };

    return s->state == AR_PASSWORD_SET && is_over(s, now) ? "expired" : names[s->state];
}

/* With a password or a key, a shell, and before its end. */
static ar_value login_enabled(const ar_host *host, const ar_account *a, const ar_shadow *s)
{
    bool keyed = ar_map_get(&host->keyed, a->name) != NULL;

    if (!can_use_shell(a)) return ar_bool(false);
    if (s == NULL) return keyed ? ar_bool(true) : ar_null();
    if (is_over(s, host->look.now)) return ar_bool(false);
    if (keyed || s->state == AR_PASSWORD_SET || s->state == AR_PASSWORD_EMPTY) return ar_bool(true);
    return ar_map_get(&host->unread, a->name) != NULL ? ar_null() : ar_bool(false);
}

static ar_value privileged(const ar_host *host, const ar_account *a)
{
    const ar_map_value *held = ar_map_get(&host->privileged, a->name);

    if (a->uid == 0 || (held != NULL && held->n != 0)) return ar_bool(true);
    /* single commands as root may or may not lead to more */
    return host->privileged_known && held == NULL ? ar_bool(false) : ar_null();
}

static void report_account(ar_host *host, const ar_account *a, const ar_shadow *s,
                           const signins *signed_in, bool is_service)
{
    bool has_password = s != NULL && (s->state == AR_PASSWORD_SET || s->state == AR_PASSWORD_EMPTY);
    bool fido = ar_map_get(&host->fido, a->name) != NULL;
    ar_str id = ar_host_id(host, "%.*s", AR_FMT(a->name));

    AR_ROW(host->report, "account", id, { "name", ar_text(a->name) },
           { "device_id", ar_text(host->id) }, { "uid", ar_int(a->uid) },
           { "shell", ar_text(a->shell) }, { "home", ar_text(a->home) },
           { "is_service", ar_bool(is_service) }, { "login_enabled", login_enabled(host, a, s) },
           { "password_state", s == NULL ? ar_null() : ar_textz(state_name(s, host->look.now)) },
           { "weak_method_count", has_password ? ar_int(1) : ar_null() },
           { "pr_enrolled", fido ? ar_bool(true) : ar_null() },
           { "privileged", privileged(host, a) },
           { "last_sign_in_at", last_sign_in(signed_in, a) });
    if (!is_service && a->uid != 0)
        ar_report_owner(host->report, "account", id,
                        ar_arena_printf(host->arena, "person:%.*s", AR_FMT(a->name)), "login", 0.6,
                        host->look.now);
}

/* Where only one person has an account, the machine is probably theirs. */
static void report_only_person(ar_host *host, const ar_account *only, size_t people)
{
    if (people == 1)
        ar_report_owner(host->report, "device", host->id,
                        ar_arena_printf(host->arena, "person:%.*s", AR_FMT(only->name)), "login",
                        0.4, host->look.now);
}

ar_err ar_host_accounts(ar_host *host)
{
    ar_map shadow = { 0 };
    signins signed_in = { 0 };
    int64_t people_from = first_person_uid(host);
    const ar_account *person = NULL;
    size_t people = 0;
    ar_err err = load_shadow(host, &shadow);

    if (err.code != AR_OK)
        ar_report_could_not(host->report, "account.password_state", ar_err_text(err));
    load_wtmp(host, &signed_in);
    err = ar_look_fd(&host->look, "/var/log/lastlog", &signed_in.lastlog);
    if (err.code != AR_OK && err.code != AR_NOT_FOUND)
        ar_report_could_not(host->report, "account.last_sign_in_at", ar_err_text(err));
    for (size_t i = 0; i < host->n_accounts; i++) {
        const ar_account *a = &host->accounts[i];
        const ar_map_value *s = ar_map_get(&shadow, a->name);
        bool is_service = a->uid != 0 && (a->uid < people_from || !can_use_shell(a));

        report_account(host, a, s == NULL ? NULL : s->cptr, &signed_in, is_service);
        if (is_service || a->uid == 0) continue;
        person = a;
        people++;
    }
    report_only_person(host, person, people);
    ar_fd_done(&signed_in.lastlog);
    ar_report_seen(host->report, "account");
    return ar_ok();
}
