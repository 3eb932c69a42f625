#include "inspect/blank.h"
#include "inspect/host.h"
#include "inspect/unitfile.h"
#include "inspect/words.h"

/* Where units lie; a file in an earlier folder hides those of later ones. systemd.unit(5). */
static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
                                       "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                       "/lib/systemd/system" };

static const struct {
    const char *end, *kind;
} kinds[] = { { ".service", "service" }, { ".timer", "timer" }, { ".socket", "socket" } };

/* ---- who could change it ---- */

/* Root's own, the account's own, and a folder in which everyone may only touch what is theirs. */
static bool others_may_change(const struct stat *st, int64_t uid)
{
    if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0) return false;
    if (st->st_uid != 0 && st->st_uid != uid) return true;
    return (st->st_mode & S_IWOTH) != 0 || ((st->st_mode & S_IWGRP) != 0 && st->st_gid != 0);
}

/* The file, and every folder on the way to it: who may write a folder may put another file there.
 */
static bool path_changeable(const ar_host *host, ar_str path, int64_t uid)
{
    while (path.len > 0) {
        struct stat st;

        if (ar_look_stat(&host->look, ar_arena_cstr(host->arena, path), &st) &&
            others_may_change(&st, uid))
            return true;
        if (path.len == 1) break;
        path.len -= ar_last_part(path).len;
        if (path.len > 1) path.len--;
    }
    return false;
}

static bool changeable(const ar_host *host, ar_str path, int64_t uid)
{
    ar_str real = ar_look_real(&host->look, ar_arena_cstr(host->arena, path), host->arena);

    return path_changeable(host, path, uid) ||
           (!ar_str_eq(real, path) && path_changeable(host, real, uid));
}

static bool is_interpreter(ar_str program)
{
    static const char *const names[] = { "sh",      "bash",     "dash",   "zsh",  "ksh",
                                         "python*", "perl",     "ruby",   "node", "php*",
                                         "env",     "nice",     "ionice", "sudo", "flock",
                                         "timeout", "run-parts" };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (ar_glob_match(ar_str_of(names[i]), ar_last_part(program))) return true;
    return false;
}

/* Every program that a command names by path, and what an interpreter is given to read. */
static bool command_changeable(const ar_host *host, ar_str command, int64_t uid)
{
    bool after_interpreter = false;

    for (ar_str word; (word = ar_word(&command)).len > 0;) {
        struct stat st;

        if (word.ptr[0] == '"' || word.ptr[0] == '\'')
            word = ar_before(ar_str_cut(word, 1, word.len), word.ptr[0]);
        bool regular = word.len > 0 && word.ptr[0] == '/' &&
                       ar_look_stat(&host->look, ar_arena_cstr(host->arena, word), &st) &&
                       S_ISREG(st.st_mode);
        if (regular && (after_interpreter || (st.st_mode & 0111) != 0) &&
            changeable(host, word, uid))
            return true;
        after_interpreter = is_interpreter(word) || (after_interpreter && !regular);
    }
    return false;
}

/* ---- rows ---- */

typedef struct job {
    ar_str id, name, command, schedule, path;
    const char *kind;
    ar_str user; /* empty: root */
    bool dynamic_user;
    ar_value enabled;
    bool changeable;
} job;

static int64_t uid_of(const ar_host *host, ar_str user)
{
    const ar_account *a = ar_host_account(host, user);
    int64_t uid = -1;

    if (user.len == 0) return 0;
    if (a != NULL) return a->uid;
    return ar_str_int(user, &uid) ? uid : -1;
}

static ar_value is_privileged(const ar_host *host, const job *j)
{
    const ar_map_value *held = ar_map_get(&host->privileged, j->user);

    if (j->dynamic_user) return ar_bool(false);
    if (uid_of(host, j->user) == 0 || (held != NULL && held->n != 0)) return ar_bool(true);
    return host->privileged_known && held == NULL ? ar_bool(false) : ar_null();
}

static void report_job(ar_host *host, const job *j)
{
    ar_str user = j->user.len == 0 ? AR_LIT("root") : j->user;
    ar_str command = ar_command_blank(j->command, host->arena);

    AR_ROW(host->report, "unit", j->id, { "name", ar_text(j->name) },
           { "device_id", ar_text(host->id) }, { "kind", ar_textz(j->kind) },
           { "run_as", j->dynamic_user ? ar_null() : ar_text(user) },
           { "privileged", is_privileged(host, j) }, { "command", ar_text_or_null(command) },
           { "schedule", ar_text_or_null(j->schedule) }, { "enabled", j->enabled },
           { "path", ar_text(j->path) }, { "writable_by_others", ar_bool(j->changeable) });
}

/* ---- systemd ---- */

typedef struct units {
    ar_host *host;
    ar_map seen;   /* names; an earlier folder won */
    ar_map wanted; /* names that a .wants or .requires folder holds */
} units;

static void note_wanted(units *u, const char *folder)
{
    ar_str *names;
    size_t n;
    bool is_new;

    if (ar_look_list(&u->host->look, folder, false, u->host->arena, &names, &n).code != AR_OK)
        return;
    for (size_t i = 0; i < n; i++) (void)ar_map_put(&u->wanted, u->host->arena, names[i], &is_new);
}

static void read_drop_ins(units *u, ar_str name, int64_t *uid, ar_unit_file *unit,
                          bool *changeable_)
{
    ar_arena *arena = u->host->arena;

    for (size_t f = AR_COUNT(folders); f-- > 0;) {
        ar_str pattern = ar_arena_printf(arena, "%s/%.*s.d/*.conf", folders[f], AR_FMT(name));
        ar_look_file file;
        ar_str *paths;
        size_t n;

        if (ar_look_glob(&u->host->look, pattern, arena, &paths, &n).code != AR_OK) continue;
        for (size_t i = 0; i < n; i++) {
            if (ar_look_read(&u->host->look, paths[i].ptr, AR_LOOK_FILE_MAX, arena, &file).code !=
                AR_OK)
                continue;
            ar_unit_file_read(file.text, arena, unit);
            *changeable_ |= changeable(u->host, paths[i], *uid);
        }
    }
    *uid = uid_of(u->host, unit->user);
}

static void look_at_unit(units *u, ar_str name, const char *path, const char *kind)
{
    ar_host *host = u->host;
    ar_unit_file unit = { 0 };
    ar_look_file file;
    bool drop_ins = false;

    if (ar_look_read(&host->look, path, AR_LOOK_FILE_MAX, host->arena, &file).code != AR_OK) return;
    ar_unit_file_read(file.text, host->arena, &unit);
    int64_t uid = uid_of(host, unit.user);
    read_drop_ins(u, name, &uid, &unit, &drop_ins);
    bool wanted = ar_map_get(&u->wanted, name) != NULL;

    job j = { .id = ar_host_id(host, "%.*s", AR_FMT(name)),
              .name = name,
              .kind = kind,
              .user = unit.user,
              .dynamic_user = unit.dynamic_user,
              .command = unit.n_commands > 0 ? unit.commands[0] : (ar_str){ 0 },
              .schedule = unit.schedule,
              .path = ar_str_of(path),
              .enabled = ar_bool(wanted),
              .changeable = drop_ins || changeable(host, ar_str_of(path), uid) };
    for (size_t i = 0; i < unit.n_commands && !j.changeable; i++)
        j.changeable = command_changeable(host, unit.commands[i], uid);
    report_job(host, &j);
}

/* Another name of a unit is a link to it; a unit that is switched off for good leads to /dev/null.
 */
static bool is_alias(const ar_host *host, const char *path, ar_str name)
{
    ar_str to = ar_look_link(&host->look, path, host->arena);

    return to.len > 0 && !ar_str_eq(ar_last_part(to), name);
}

static void look_at_folder(units *u, const char *folder)
{
    ar_arena *arena = u->host->arena;
    ar_str *names;
    size_t n;

    if (ar_look_list(&u->host->look, folder, false, arena, &names, &n).code != AR_OK) return;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < AR_COUNT(kinds); k++) {
            const char *path = ar_path_join(arena, folder, names[i].ptr);
            bool is_new;

            if (!ar_str_ends(names[i], ar_str_of(kinds[k].end))) continue;
            (void)ar_map_put(&u->seen, arena, names[i], &is_new);
            if (is_new && !is_alias(u->host, path, names[i]))
                look_at_unit(u, names[i], path, kinds[k].kind);
        }
}

/* Not there, or no regular file, is nothing to run; not readable is not known. Whether it is all
 * there. */
static bool is_read(ar_host *host, ar_err err)
{
    if (err.code != AR_OK && err.code != AR_NOT_FOUND && err.code != AR_INVALID)
        ar_report_unread(host->report, "unit", ar_err_text(err));
    return err.code == AR_OK;
}

static void look_at_systemd(ar_host *host)
{
    units u = { .host = host };

    for (size_t f = 0; f < AR_COUNT(folders); f++) {
        ar_str *names;
        size_t n;

        if (!is_read(host, ar_look_list(&host->look, folders[f], false, host->arena, &names, &n)))
            continue;
        for (size_t i = 0; i < n; i++)
            if (ar_str_ends(names[i], AR_LIT(".wants")) ||
                ar_str_ends(names[i], AR_LIT(".requires")))
                note_wanted(&u, ar_path_join(host->arena, folders[f], names[i].ptr));
    }
    for (size_t f = 0; f < AR_COUNT(folders); f++) look_at_folder(&u, folders[f]);
}

/* ---- cron ---- */

/* `seen`: what this table ran so far. Lines that differ only in what is not shown keep ids of their
 * own, and no id is made of a password. */
static void report_cron(ar_host *host, const ar_cron_line *c, ar_str user, const char *path,
                        ar_map *seen)
{
    int64_t uid = uid_of(host, user);
    ar_str shown = ar_command_blank(c->command, host->arena);
    ar_str what = ar_arena_printf(host->arena, "%.*s %.*s", AR_FMT(c->schedule), AR_FMT(shown));
    ar_str hash = ar_short_hash(host->arena, what);
    bool is_new;
    int64_t number = ++ar_map_put(seen, host->arena, hash, &is_new)->n;

    job j = { .id = is_new ? ar_host_id(host, "cron%s/%.*s", path, AR_FMT(hash))
                           : ar_host_id(host, "cron%s/%.*s-%lld", path, AR_FMT(hash),
                                        (long long)number),
              .name = ar_arena_printf(host->arena, "%s: %.*s", path, AR_FMT(shown)),
              .kind = "cron",
              .user = user,
              .command = c->command,
              .schedule = c->schedule,
              .path = ar_str_of(path),
              .enabled = ar_bool(true),
              .changeable = changeable(host, ar_str_of(path), uid) ||
                            command_changeable(host, c->command, uid) };

    report_job(host, &j);
}

/* `owner`: whose table it is; empty where each line names its user. */
static ar_err look_at_crontab(ar_host *host, const char *path, ar_str owner)
{
    ar_look_file file;
    ar_cron_line c;
    ar_str line;
    ar_map seen = { 0 };

    AR_TRY(ar_look_read(&host->look, path, AR_LOOK_FILE_MAX, host->arena, &file));
    while (ar_line(&file.text, &line))
        if (ar_cron_line_read(line, owner.len == 0, &c))
            report_cron(host, &c, owner.len == 0 ? c.user : owner, path, &seen);
    return ar_ok();
}

/* cron.daily and its like run every file whose name has no dot (run-parts(8)). */
static void look_at_run_parts(ar_host *host, const char *folder, const char *schedule)
{
    ar_str *names;
    size_t n;
    ar_err err = ar_look_list(&host->look, folder, false, host->arena, &names, &n);

    if (!is_read(host, err)) return;
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(host->arena, folder, names[i].ptr);
        ar_cron_line c = { .schedule = ar_str_of(schedule), .command = ar_str_of(path) };
        ar_map seen = { 0 };
        struct stat st;

        if (ar_str_find(names[i], '.') < names[i].len || !ar_look_stat(&host->look, path, &st) ||
            !S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
            continue;
        report_cron(host, &c, AR_LIT("root"), path, &seen);
    }
}

static void look_at_tables(ar_host *host, const char *folder, bool of_users)
{
    ar_str *names;
    size_t n;
    ar_err err = ar_look_list(&host->look, folder, false, host->arena, &names, &n);

    if (!is_read(host, err)) return;
    for (size_t i = 0; i < n; i++) {
        if (!of_users && ar_str_find(names[i], '.') < names[i].len) continue; /* cron(8) */
        err = look_at_crontab(host, ar_path_join(host->arena, folder, names[i].ptr),
                              of_users ? names[i] : (ar_str){ 0 });
        (void)is_read(host, err);
    }
}

ar_err ar_host_units(ar_host *host)
{
    look_at_systemd(host);
    (void)is_read(host, look_at_crontab(host, "/etc/crontab", (ar_str){ 0 }));
    look_at_tables(host, "/etc/cron.d", false);
    look_at_tables(host, "/var/spool/cron/crontabs", true);
    look_at_run_parts(host, "/etc/cron.hourly", "@hourly");
    look_at_run_parts(host, "/etc/cron.daily", "@daily");
    look_at_run_parts(host, "/etc/cron.weekly", "@weekly");
    look_at_run_parts(host, "/etc/cron.monthly", "@monthly");
    ar_report_seen(host->report, "unit");
    return ar_ok();
}
