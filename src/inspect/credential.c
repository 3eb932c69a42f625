#include "inspect/host.h"
#include "inspect/sshkey.h"
#include "inspect/words.h"

enum {
    KEYS_FILE_MAX = 1 << 20,
    PRIVATE_HEAD = 4096,
    KEYS_PER_FILE_MAX = 2000,
};

/* expiry-time: YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z]; without Z it is the host's own zone, taken as
 * UTC, which is off by hours and not by days. */
static ar_value expiry(ar_str text)
{
    int64_t n[6] = { 0 };
    static const struct {
        size_t from, to;
    } at[] = { { 0, 4 }, { 4, 6 }, { 6, 8 }, { 8, 10 }, { 10, 12 }, { 12, 14 } };

    for (size_t i = 0; i < AR_COUNT(at) && at[i].to <= text.len; i++)
        if (!ar_str_int(ar_str_cut(text, at[i].from, at[i].to), &n[i])) return ar_null();
    if (text.len < 8 || n[0] < 1970 || n[0] > 9999 || n[1] < 1 || n[1] > 12) return ar_null();
    return ar_look_time(ar_days_from_civil(n[0], (int)n[1], (int)n[2]) * 86400 + n[3] * 3600 +
                        n[4] * 60 + n[5]);
}

typedef struct found {
    ar_str id;
    ar_value account; /* whom it opens; NULL for a host key */
    const char *path;
    const char *storage; /* where its private half is kept, when that is seen */
    ar_value created_at;
} found;

static void report_key(ar_host *host, const ar_ssh_key *key, const found *f)
{
    AR_ROW(host->report, "credential", f->id,
           { "name", ar_text(key->comment.len > 0 ? key->comment : key->fingerprint) },
           { "kind", ar_textz("ssh_key") }, { "device_id", ar_text(host->id) },
           { "account_id", f->account }, { "path", ar_textz(f->path) },
           { "fingerprint", ar_text_or_null(key->fingerprint) },
           { "algorithm", ar_text_or_null(key->algorithm) },
           { "bits", key->bits == 0 ? ar_null() : ar_int(key->bits) },
           { "restricted", f->storage == NULL ? ar_bool(key->restricted) : ar_null() },
           { "storage", f->storage == NULL ? ar_null() : ar_textz(f->storage) },
           { "not_after", key->expires.len == 0 ? ar_null() : expiry(key->expires) },
           { "derived", ar_bool(false) }, { "created_at", f->created_at });
}

static void note(ar_host *host, ar_map *map, const ar_account *a)
{
    bool is_new;

    (void)ar_map_put(map, host->arena, a->name, &is_new);
}

/* One authorized_keys file; its date is the age of its youngest line, so it is told only where it
 * holds one key. */
static void report_authorized(ar_host *host, const ar_account *a, const ar_look_file *file,
                              const char *path)
{
    ar_ssh_key *keys = ar_make_n(host->arena, ar_ssh_key, KEYS_PER_FILE_MAX);
    ar_str rest = file->text, line;
    size_t n = 0;

    while (n < KEYS_PER_FILE_MAX && ar_line(&rest, &line))
        n += ar_ssh_key_line(line, host->arena, &keys[n]);
    if (rest.len > 0)
        ar_report_unread(
            host->report, "credential",
            ar_arena_printf(host->arena, "%s: more than %d keys", path, (int)KEYS_PER_FILE_MAX));
    for (size_t i = 0; i < n; i++) {
        found f = { .account = ar_host_account_id(host, a->name),
                    .path = path,
                    .created_at = n == 1 ? ar_look_time(file->changed_at / AR_SECOND) : ar_null() };

        f.id = ar_host_id(host, "%.*s/%.*s", AR_FMT(a->name), AR_FMT(keys[i].fingerprint));
        report_key(host, &keys[i], &f);
        note(host, &host->keyed, a);
        if (ar_str_starts(keys[i].algorithm, AR_LIT("sk-"))) note(host, &host->fido, a);
    }
}

/* %h, %u, %U and %% of AuthorizedKeysFile. */
static ar_str expand(ar_host *host, ar_str pattern, const ar_account *a)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < pattern.len; i++) {
        char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';

        if (pattern.ptr[i] != '%') {
            ar_buf_addc(&out, pattern.ptr[i]);
            continue;
        }
        if (next == 'h') ar_buf_add(&out, a->home);
        if (next == 'u') ar_buf_add(&out, a->name);
        if (next == 'U') ar_buf_addf(&out, "%lld", (long long)a->uid);
        if (next == '%') ar_buf_addc(&out, '%');
        i++;
    }
    return ar_arena_copy(host->arena, ar_buf_str(&out));
}

static void look_at_authorized(ar_host *host, const ar_account *a)
{
    ar_str patterns = ar_str_of(host->keys_files);
    const char *home = ar_arena_cstr(host->arena, a->home);

    for (ar_str word; (word = ar_word(&patterns)).len > 0;) {
        ar_str path = expand(host, word, a);
        ar_look_file file;
        ar_str whole = path;
        ar_err err;

        if (ar_str_eq(path, AR_LIT("none")) || path.len == 0) continue;
        if (path.ptr[0] != '/') whole = ar_str_of(ar_path_join(host->arena, home, path.ptr));
        if (ar_str_starts(whole, a->home) && whole.len > a->home.len)
            err = ar_look_read_own(&host->look, home, whole.ptr + a->home.len, KEYS_FILE_MAX, false,
                                   host->arena, &file);
        else
            err = ar_look_read(&host->look, whole.ptr, KEYS_FILE_MAX, host->arena, &file);
        if (err.code == AR_OK) report_authorized(host, a, &file, whole.ptr);
        if (err.code == AR_OK || err.code == AR_NOT_FOUND) continue;
        ar_report_unread(host->report, "credential", ar_err_text(err));
        note(host, &host->unread, a);
    }
}

static void report_private(ar_host *host, const ar_account *a, const ar_look_file *file,
                           const char *path, const ar_ssh_private *p)
{
    ar_str setting = ar_host_id(host, "ssh-key%s", path);
    const char *value = p->encrypted ? "encrypted" : "in clear";
    found f = { .account = ar_null(),
                .path = path,
                .storage = "file",
                .created_at = ar_look_time(file->changed_at / AR_SECOND) };

    f.id = ar_host_id(host, "%.*s/private%s", AR_FMT(a->name), path);
    report_key(host, &p->key, &f);
    AR_ROW(host->report, "setting", setting,
           { "name", ar_text(ar_arena_printf(host->arena, "private key %s", path)) },
           { "device_id", ar_text(host->id) }, { "area", ar_textz("ssh-key") },
           { "key", ar_textz("private key file") }, { "value", ar_textz(value) },
           { "recommended", ar_textz("encrypted") }, { "ok", ar_bool(p->encrypted) },
           { "path", ar_textz(path) });
}

/* A private key is a setting too: whether it is encrypted. */
static void private_unread(ar_host *host, ar_err err)
{
    if (err.code == AR_OK || err.code == AR_NOT_FOUND) return;
    ar_str why = ar_arena_copy(host->arena, ar_err_text(err));

    ar_report_unread(host->report, "credential", why);
    ar_report_unread(host->report, "setting", why);
}

/* Files in ~/.ssh that begin like a private key; nothing beyond their head is read. */
static void look_at_private(ar_host *host, const ar_account *a)
{
    const char *home = ar_arena_cstr(host->arena, a->home);
    const char *folder = ar_path_join(host->arena, home, ".ssh");
    ar_str *names;
    size_t n = 0;

    private_unread(host, ar_look_list(&host->look, folder, true, host->arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *below = ar_path_join(host->arena, ".ssh", names[i].ptr);
        ar_look_file file;
        ar_ssh_private p;

        ar_err err =
            ar_look_read_own(&host->look, home, below, PRIVATE_HEAD, true, host->arena, &file);
        if (err.code != AR_INVALID) private_unread(host, err); /* a link or socket is no key */
        if (err.code != AR_OK) continue;
        if (ar_ssh_private_head(file.text, host->arena, &p))
            report_private(host, a, &file, ar_path_join(host->arena, home, below), &p);
    }
}

static void look_at_host_keys(ar_host *host)
{
    ar_str *paths;
    size_t n = 0;
    ar_err err =
        ar_look_glob(&host->look, AR_LIT("/etc/ssh/ssh_host_*_key.pub"), host->arena, &paths, &n);

    if (err.code != AR_OK) ar_report_unread(host->report, "credential", ar_err_text(err));
    for (size_t i = 0; i < n; i++) {
        ar_look_file file;
        ar_ssh_key key;

        err = ar_look_read(&host->look, paths[i].ptr, KEYS_FILE_MAX, host->arena, &file);
        if (err.code != AR_OK) ar_report_unread(host->report, "credential", ar_err_text(err));
        if (err.code != AR_OK || !ar_ssh_key_line(file.text, host->arena, &key)) continue;
        found f = { .id = ar_host_id(host, "ssh-host-key/%.*s", AR_FMT(key.fingerprint)),
                    .account = ar_null(),
                    .path = paths[i].ptr,
                    .storage = "file",
                    .created_at = ar_look_time(file.changed_at / AR_SECOND) };
        report_key(host, &key, &f);
    }
}

/* Accounts that share a home (/nonexistent, /) are looked at one by one: sshd does the same. */
ar_err ar_host_credentials(ar_host *host)
{
    look_at_host_keys(host);
    for (size_t i = 0; i < host->n_accounts; i++) {
        const ar_account *a = &host->accounts[i];

        if (a->home.len < 2 || a->home.ptr[0] != '/') continue;
        look_at_authorized(host, a);
        look_at_private(host, a);
    }
    ar_report_seen(host->report, "credential");
    return ar_ok();
}
