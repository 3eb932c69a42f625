#include "inspect/host.h"
#include "inspect/logrotate.h"
#include "inspect/unitfile.h"
#include "inspect/words.h"

#include <endian.h>
#include <unistd.h>
#include <utmp.h>

/* A file that is known to hold events. `habit_hours`: a host that runs writes to it at least so
 * often; 0: no such habit. */
typedef struct log_file {
    const char *path, *class, *format;
    int habit_hours;
} log_file;

static const log_file known[] = {
    { "/var/log/auth.log", "identity", "syslog", 24 },
    { "/var/log/secure", "identity", "syslog", 24 },
    { "/var/log/syslog", "host", "syslog", 24 },
    { "/var/log/messages", "host", "syslog", 24 },
    { "/var/log/cron.log", "host", "syslog", 24 },
    { "/var/log/kern.log", "host", "syslog", 0 },
    { "/var/log/daemon.log", "host", "syslog", 0 },
    { "/var/log/audit/audit.log", "host", "audit", 24 },
    { "/var/log/ufw.log", "network", "syslog", 0 },
    { "/var/log/dpkg.log", "host", "text", 0 },
    { "/var/log/apt/history.log", "host", "text", 0 },
    { "/var/log/wtmp", "identity", "binary", 0 },
    { "/var/log/btmp", "identity", "binary", 0 },
    { "/var/log/nginx/access.log", "application", "text", 0 },
    { "/var/log/apache2/access.log", "application", "text", 0 },
};

typedef struct logs {
    ar_host *host;
    ar_logrotate rotation;
    bool rotation_known;
    ar_map more;          /* files that rsyslog writes */
    ar_value rsyslog_out; /* whether rsyslog sends all it gets to another host */
} logs;

/* ---- rotation ---- */

static ar_err load_rotation(logs *l)
{
    ar_host *host = l->host;
    ar_logrotate *conf = &l->rotation;
    ar_look_file file;

    ar_logrotate_init(conf);
    AR_TRY(ar_look_read(&host->look, "/etc/logrotate.conf", AR_LOOK_FILE_MAX, host->arena, &file));
    AR_TRY(ar_logrotate_parse(file.text, host->arena, conf));
    for (size_t i = 0; i < conf->n_includes; i++) {
        ar_str pattern = conf->includes[i], *paths;
        size_t n;
        struct stat st;

        if (ar_look_stat(&host->look, ar_arena_cstr(host->arena, pattern), &st) &&
            S_ISDIR(st.st_mode))
            pattern = ar_arena_printf(host->arena, "%.*s/*", AR_FMT(pattern));
        AR_TRY(ar_look_glob(&host->look, pattern, host->arena, &paths, &n));
        for (size_t k = 0; k < n; k++) {
            AR_TRY(ar_look_read(&host->look, paths[k].ptr, AR_LOOK_FILE_MAX, host->arena, &file));
            AR_TRY(ar_logrotate_parse(file.text, host->arena, conf));
        }
    }
    l->rotation_known = true;
    return ar_ok();
}

/* ---- rsyslog ---- */

typedef struct rsyslog {
    bool sends_all, sends_some;
} rsyslog;

/* "selector action" of syslog.conf(5) and the two actions of the newer syntax that matter here. */
static void read_rsyslog_line(logs *l, ar_str line, rsyslog *r)
{
    ar_str rest = line, selector = ar_word(&rest), path = { 0 };
    bool is_new;

    rest = ar_str_trim(rest);
    if (selector.len == 0 || selector.ptr[0] == '#') return;
    if (ar_str_contains(line, AR_LIT("omfwd"))) {
        r->sends_all |= !ar_str_contains(line, AR_LIT("if ")) &&
                        (selector.ptr[0] == '*' || ar_str_starts(selector, AR_LIT("action(")));
        r->sends_some = true;
    } else if (rest.len > 0 && rest.ptr[0] == '@') {
        r->sends_all |= ar_str_eq(selector, AR_LIT("*.*"));
        r->sends_some = true;
    } else if (ar_str_starts(rest, AR_LIT("-/"))) {
        path = ar_str_cut(rest, 1, rest.len);
    } else if (ar_str_starts(rest, AR_LIT("/"))) {
        path = rest;
    }
    path = ar_before(ar_before(path, ';'), ' ');
    if (path.len > 0 && ar_str_find(selector, '.') < selector.len)
        (void)ar_map_put(&l->more, l->host->arena, path, &is_new);
}

static void read_rsyslog(logs *l)
{
    ar_host *host = l->host;
    ar_look_file file;
    ar_str *paths, line;
    rsyslog r = { 0 };
    size_t n;

    if (ar_look_read(&host->look, "/etc/rsyslog.conf", AR_LOOK_FILE_MAX, host->arena, &file).code !=
        AR_OK)
        return;
    while (ar_line(&file.text, &line)) read_rsyslog_line(l, line, &r);
    if (ar_look_glob(&host->look, AR_LIT("/etc/rsyslog.d/*.conf"), host->arena, &paths, &n).code !=
        AR_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        if (ar_look_read(&host->look, paths[i].ptr, AR_LOOK_FILE_MAX, host->arena, &file).code !=
            AR_OK)
            return;
        while (ar_line(&file.text, &line)) read_rsyslog_line(l, line, &r);
    }
    if (r.sends_all || !r.sends_some) l->rsyslog_out = ar_bool(r.sends_all);
}

/* ---- rows ---- */

typedef struct source {
    ar_str path;
    const char *class, *format;
    ar_value last_event_at, oldest_event_at, schema_ok, retention_days, rotated, forwarded, silent,
        sealed;
} source;

static void report_source(ar_host *host, const source *s)
{
    AR_ROW(host->report, "log_source", ar_host_id(host, "log%.*s", AR_FMT(s->path)),
           { "name", ar_text(s->path) }, { "asset_id", ar_text(host->id) },
           { "asset_kind", ar_textz("device") }, { "path", ar_text(s->path) },
           { "class", ar_textz(s->class) }, { "format", ar_textz(s->format) },
           { "last_event_at", s->last_event_at }, { "oldest_event_at", s->oldest_event_at },
           { "schema_ok", s->schema_ok }, { "retention_days", s->retention_days },
           { "rotated", s->rotated }, { "forwarded", s->forwarded }, { "silent", s->silent },
           { "sealed", s->sealed });
}

static ar_value is_silent(const ar_host *host, ar_value last, int habit_hours)
{
    if (last.type == AR_NULL || habit_hours == 0) return ar_null();
    return ar_bool(host->look.now - last.i > habit_hours * AR_HOUR);
}

/* rsyslog writes RFC 3339 times since Debian 12; a file that is not rotated yet begins with its
 * oldest event. */
static ar_value first_time(const ar_host *host, const char *path)
{
    ar_auto(ar_fd) fd = { 0 };
    char head[64];
    ar_time at;

    if (ar_look_fd(&host->look, path, &fd).code != AR_OK) return ar_null();
    ssize_t n = read(ar_fd_n(fd), head, sizeof head);
    ar_str rest = { .ptr = head, .len = n > 0 ? (size_t)n : 0 };
    return ar_time_parse(ar_word(&rest), &at).code == AR_OK ? ar_at(at) : ar_null();
}

/* "Nov 21 09:30:00 host …", RFC 3164 section 4.1.2, or an RFC 3339 time as RFC 5424 has it. */
static bool is_syslog_line(ar_str line)
{
    static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    ar_str rest = line, word = ar_word(&rest), day = ar_word(&rest), clock = ar_word(&rest);
    int64_t n;
    ar_time at;

    if (ar_time_parse(word, &at).code == AR_OK) return true;
    return word.len == 3 && memmem(months, sizeof months - 1, word.ptr, 3) != NULL &&
           ar_str_int(day, &n) && n >= 1 && n <= 31 && clock.len == 8 && clock.ptr[2] == ':' &&
           clock.ptr[5] == ':';
}

/* The last whole line of a file. */
static ar_str last_line(int fd, off_t size, char *room, size_t room_len)
{
    off_t from = size > (off_t)room_len ? size - (off_t)room_len : 0;
    ssize_t n = pread(fd, room, room_len, from);
    ar_str text = { .ptr = room, .len = n > 0 ? (size_t)n : 0 };

    while (text.len > 0 && text.ptr[text.len - 1] != '\n') text.len--;
    if (text.len > 0) text.len--;
    for (size_t i = text.len; i > 0; i--)
        if (text.ptr[i - 1] == '\n') return ar_str_cut(text, i, text.len);
    return from == 0 ? text : (ar_str){ 0 };
}

/* Whether the newest event has the form that its format promises; NULL where there is no event, or
 * none that can be read, or no form to hold it against. */
static ar_value follows_format(const ar_host *host, const log_file *f, off_t size)
{
    ar_auto(ar_fd) fd = { 0 };
    char room[8192];

    if (size == 0 || ar_look_fd(&host->look, f->path, &fd).code != AR_OK) return ar_null();
    if (strcmp(f->format, "binary") == 0) return ar_bool(size % (off_t)sizeof(struct utmp) == 0);

    ar_str line = last_line(ar_fd_n(fd), size, room, sizeof room);

    if (strcmp(f->format, "syslog") == 0) return ar_bool(is_syslog_line(line));
    if (strcmp(f->format, "audit") == 0) return ar_bool(ar_str_starts(line, AR_LIT("type=")));
    return ar_null();
}

static bool any_match(const ar_host *host, ar_str path, const char *end)
{
    ar_str *paths;
    size_t n = 0;
    ar_str pattern = ar_arena_printf(host->arena, "%.*s%s", AR_FMT(path), end);

    return ar_look_glob(&host->look, pattern, host->arena, &paths, &n).code == AR_OK && n > 0;
}

static bool has_rotated(const ar_host *host, ar_str path)
{
    return any_match(host, path, ".*") || any_match(host, path, "-*");
}

static void look_at_file(logs *l, const log_file *f)
{
    ar_host *host = l->host;
    ar_str path = ar_str_of(f->path);
    const ar_logrotate_rule *rule = ar_logrotate_find(&l->rotation, path);
    bool syslog = strcmp(f->format, "syslog") == 0;
    source s = { .path = path, .class = f->class, .format = f->format };
    struct stat st;
    int64_t days;

    if (!ar_look_stat(&host->look, f->path, &st) || !S_ISREG(st.st_mode)) return;
    if (st.st_size > 0) s.last_event_at = ar_look_time(st.st_mtim.tv_sec);
    if (syslog && !has_rotated(host, path)) s.oldest_event_at = first_time(host, f->path);
    if (l->rotation_known) s.rotated = ar_bool(rule != NULL);
    if (rule != NULL && ar_logrotate_days(rule, &days)) s.retention_days = ar_int(days);
    if (syslog) s.forwarded = l->rsyslog_out;
    s.schema_ok = follows_format(host, f, st.st_size);
    s.silent = is_silent(host, s.last_event_at, f->habit_hours);
    report_source(host, &s);
}

/* ---- the journal ---- */

/* Offsets in the head of a journal file; systemd, JOURNAL_FILE_FORMAT. */
enum { HEAD_LEN = 208, AT_FLAGS = 8, AT_FIRST = 184, AT_LAST = 192, FLAG_SEALED = 1 };

static uint64_t number_at(const unsigned char *head, size_t at)
{
    uint64_t n;

    memcpy(&n, head + at, sizeof n);
    return le64toh(n);
}

typedef struct journal {
    ar_time first, last;
    size_t files;
    bool all_sealed;
} journal;

static ar_err read_journal_file(const ar_host *host, const char *path, journal *j)
{
    ar_auto(ar_fd) fd = { 0 };
    unsigned char head[HEAD_LEN];

    ar_err err = ar_look_fd(&host->look, path, &fd);

    if (err.code == AR_DENIED) return err;
    if (err.code != AR_OK || pread(ar_fd_n(fd), head, sizeof head, 0) != sizeof head ||
        memcmp(head, "LPKSHHRH", 8) != 0)
        return ar_ok();
    uint64_t first = number_at(head, AT_FIRST), last = number_at(head, AT_LAST);

    j->all_sealed = (j->files == 0 || j->all_sealed) && (head[AT_FLAGS] & FLAG_SEALED) != 0;
    j->files++;
    if (first > 0 && first < AR_TIME_MAX && (j->first == 0 || (ar_time)first < j->first))
        j->first = (ar_time)first;
    if (last < AR_TIME_MAX && (ar_time)last > j->last) j->last = (ar_time)last;
    return ar_ok();
}

/* One folder for each machine id, whose files may belong to users too. */
static ar_err read_journal(const ar_host *host, const char *folder, journal *j)
{
    ar_str *machines, *names;
    size_t n, n_names;

    AR_TRY(ar_look_list(&host->look, folder, false, host->arena, &machines, &n));
    for (size_t i = 0; i < n; i++) {
        const char *below = ar_path_join(host->arena, folder, machines[i].ptr);
        ar_err err = ar_look_list(&host->look, below, false, host->arena, &names, &n_names);

        if (err.code == AR_DENIED) return err;
        for (size_t k = 0; err.code == AR_OK && k < n_names; k++)
            if (ar_str_ends(names[k], AR_LIT(".journal")))
                AR_TRY(read_journal_file(host, ar_path_join(host->arena, below, names[k].ptr), j));
    }
    return ar_ok();
}

/* systemd.time(7), as far as whole days go: "1month", "2week", "30day", "604800". */
static bool span_days(ar_str text, int64_t *out_days)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = { { "year", 31557600 },
                  { "years", 31557600 },
                  { "y", 31557600 },
                  { "month", 2629800 },
                  { "months", 2629800 },
                  { "M", 2629800 },
                  { "week", 604800 },
                  { "weeks", 604800 },
                  { "w", 604800 },
                  { "day", 86400 },
                  { "days", 86400 },
                  { "d", 86400 },
                  { "h", 3600 },
                  { "hour", 3600 },
                  { "hours", 3600 },
                  { "min", 60 },
                  { "s", 1 },
                  { "sec", 1 },
                  { "", 1 } };
    size_t digits = 0;
    int64_t n;

    text = ar_str_trim(text);
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') digits++;
    ar_str unit = ar_str_trim(ar_str_cut(text, digits, text.len));
    if (!ar_str_int(ar_str_cut(text, 0, digits), &n) || n <= 0 || n > INT32_MAX) return false;
    for (size_t i = 0; i < AR_COUNT(units); i++)
        if (ar_str_eq(unit, ar_str_of(units[i].unit))) {
            *out_days = (int64_t)((double)n * units[i].seconds / 86400);
            return true;
        }
    return false;
}

static ar_str journald_setting(const ar_host *host, ar_str key)
{
    static const char *const patterns[] = { "/usr/lib/systemd/journald.conf.d/*.conf",
                                            "/run/systemd/journald.conf.d/*.conf",
                                            "/etc/systemd/journald.conf.d/*.conf" };
    ar_str value = { 0 };
    ar_look_file file;

    if (ar_look_read(&host->look, "/etc/systemd/journald.conf", AR_LOOK_FILE_MAX, host->arena,
                     &file)
            .code == AR_OK)
        ar_ini_get(file.text, AR_LIT("Journal"), key, &value);
    for (size_t p = 0; p < AR_COUNT(patterns); p++) {
        ar_str *paths;
        size_t n;

        if (ar_look_glob(&host->look, ar_str_of(patterns[p]), host->arena, &paths, &n).code !=
            AR_OK)
            continue;
        for (size_t i = 0; i < n; i++)
            if (ar_look_read(&host->look, paths[i].ptr, AR_LOOK_FILE_MAX, host->arena, &file)
                    .code == AR_OK)
                ar_ini_get(file.text, AR_LIT("Journal"), key, &value);
    }
    return value;
}

static void look_at_journal(logs *l, const char *folder)
{
    ar_host *host = l->host;
    source s = { .path = ar_str_of(folder), .class = "host", .format = "journal" };
    journal j = { 0 };
    int64_t days;
    bool uploads = ar_look_exists(
        &host->look, "/etc/systemd/system/multi-user.target.wants/systemd-journal-upload.service");
    ar_err err = read_journal(host, folder, &j);

    if (err.code != AR_OK && err.code != AR_NOT_FOUND)
        ar_report_unread(host->report, "log_source", ar_err_text(err));
    if (err.code != AR_OK || j.files == 0) return; /* half of it would tell wrong times */
    s.last_event_at = ar_look_time(j.last / AR_SECOND);
    s.oldest_event_at = ar_look_time(j.first / AR_SECOND);
    if (span_days(journald_setting(host, AR_LIT("MaxRetentionSec")), &days))
        s.retention_days = ar_int(days);
    s.schema_ok = ar_bool(true); /* only files with the journal's own head were read */
    s.rotated = ar_bool(true);
    s.forwarded = uploads ? ar_bool(true) : l->rsyslog_out;
    s.silent = is_silent(host, s.last_event_at, 24);
    s.sealed = ar_bool(j.all_sealed);
    report_source(host, &s);
}

static bool is_known(ar_str path)
{
    for (size_t i = 0; i < AR_COUNT(known); i++)
        if (ar_str_eq(ar_str_of(known[i].path), path)) return true;
    return false;
}

static void look_at_more(logs *l)
{
    ar_host *host = l->host;
    ar_str *paths;
    size_t n;
    ar_err err = ar_look_glob(&host->look, AR_LIT("/var/log/*"), host->arena, &paths, &n);

    if (err.code != AR_OK) ar_report_unread(host->report, "log_source", ar_err_text(err));
    for (size_t i = 0; i < n; i++) {
        log_file f = { paths[i].ptr, "host", "syslog", 0 };

        if (ar_map_get(&l->more, paths[i]) != NULL && !is_known(paths[i])) look_at_file(l, &f);
    }
}

ar_err ar_host_logs(ar_host *host)
{
    logs l = { .host = host };
    ar_err err = load_rotation(&l);

    if (err.code != AR_OK && err.code != AR_NOT_FOUND)
        ar_report_could_not(host->report, "log_source.retention_days", ar_err_text(err));
    if (err.code == AR_NOT_FOUND) l.rotation_known = true; /* nothing rotates */
    read_rsyslog(&l);
    look_at_journal(&l, "/var/log/journal");
    look_at_journal(&l, "/run/log/journal");
    for (size_t i = 0; i < AR_COUNT(known); i++) look_at_file(&l, &known[i]);
    look_at_more(&l);
    ar_report_seen(host->report, "log_source");
    return ar_ok();
}
