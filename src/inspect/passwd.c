#include "inspect/passwd.h"

#include "inspect/words.h"

/* Cuts a line at colons into at most `max` fields; returns how many there are. */
static size_t fields(ar_str line, ar_str *out, size_t max)
{
    size_t n = 0;
    ar_str part;

    while (n < max && ar_str_split(&line, ':', &part)) out[n++] = part;
    return n;
}

static bool id_number(ar_str text, int64_t *out_n)
{
    return ar_str_int(text, out_n) && *out_n >= 0 && *out_n <= UINT32_MAX;
}

/* '+' and '-' begin NIS entries, which name no account of this host. */
static bool good_name(ar_str name)
{
    return name.len > 0 && name.ptr[0] != '+' && name.ptr[0] != '-' && name.ptr[0] != '#';
}

bool ar_passwd_line(ar_str line, ar_account *out_account)
{
    ar_str f[7];
    ar_account a = { 0 };

    if (fields(line, f, 7) != 7 || !good_name(f[0])) return false;
    if (!id_number(f[2], &a.uid) || !id_number(f[3], &a.gid)) return false;
    a.name = f[0];
    a.home = f[5];
    a.shell = ar_str_trim(f[6]);
    if (a.shell.len == 0) a.shell = AR_LIT("/bin/sh"); /* passwd(5) */
    *out_account = a;
    return true;
}

bool ar_group_line(ar_str line, ar_group *out_group)
{
    ar_str f[4];
    ar_group g = { 0 };

    if (fields(line, f, 4) != 4 || !good_name(f[0]) || !id_number(f[2], &g.gid)) return false;
    g.name = f[0];
    g.members = ar_str_trim(f[3]);
    *out_group = g;
    return true;
}

/* crypt(5). */
static const struct {
    const char *prefix;
    const char *name;
} algorithms[] = {
    { "$y$", "yescrypt" },    { "$gy$", "gost-yescrypt" }, { "$7$", "scrypt" },
    { "$2", "bcrypt" },       { "$6$", "sha512crypt" },    { "$5$", "sha256crypt" },
    { "$sha1", "sha1crypt" }, { "$md5", "sunmd5" },        { "$1$", "md5crypt" },
    { "_", "bsdicrypt" },
};

static const char *algorithm_of(ar_str hash)
{
    for (size_t i = 0; i < AR_COUNT(algorithms); i++)
        if (ar_str_starts(hash, ar_str_of(algorithms[i].prefix))) return algorithms[i].name;
    return hash.len == 13 ? "descrypt" : NULL;
}

static void judge_hash(ar_str hash, ar_shadow *s)
{
    bool locked = hash.len > 0 && hash.ptr[0] == '!';

    while (hash.len > 0 && hash.ptr[0] == '!') hash = ar_str_cut(hash, 1, hash.len);
    s->algorithm = algorithm_of(hash);
    if (locked)
        s->state = AR_PASSWORD_LOCKED;
    else if (hash.len == 0)
        s->state = AR_PASSWORD_EMPTY;
    else
        s->state = s->algorithm == NULL ? AR_PASSWORD_NONE : AR_PASSWORD_SET;
}

bool ar_shadow_line(ar_str line, ar_shadow *out_shadow)
{
    ar_str f[9];
    size_t n = fields(line, f, 9);
    ar_shadow s = { .changed_day = -1, .expires_day = -1 };

    if (n < 2 || !good_name(f[0])) return false;
    s.name = f[0];
    judge_hash(f[1], &s);
    if (n > 2 && !id_number(f[2], &s.changed_day)) s.changed_day = -1;
    if (n > 7 && !id_number(f[7], &s.expires_day)) s.expires_day = -1;
    *out_shadow = s;
    return true;
}

ar_err ar_passwd_load(const ar_look *look, ar_arena *arena, ar_account **out_accounts,
                      size_t *out_n)
{
    ar_look_file file;
    ar_account *list = NULL;
    size_t n = 0, cap = 0;
    ar_str line;

    AR_TRY(ar_look_read(look, "/etc/passwd", 16 << 20, arena, &file));
    while (ar_line(&file.text, &line)) {
        ar_account a;

        if (!ar_passwd_line(line, &a)) continue;
        if (n == AR_ACCOUNTS_MAX)
            return ar_fail(AR_LIMIT, "/etc/passwd: more than %d accounts", (int)AR_ACCOUNTS_MAX);
        ar_grow(arena, list, n, cap);
        list[n++] = a;
    }
    *out_accounts = list;
    *out_n = n;
    return ar_ok();
}

ar_err ar_group_load(const ar_look *look, ar_arena *arena, ar_group **out_groups, size_t *out_n)
{
    ar_look_file file;
    ar_group *list = NULL;
    size_t n = 0, cap = 0;
    ar_str line;

    AR_TRY(ar_look_read(look, "/etc/group", 16 << 20, arena, &file));
    while (ar_line(&file.text, &line)) {
        ar_group g;

        if (!ar_group_line(line, &g)) continue;
        if (n == AR_ACCOUNTS_MAX)
            return ar_fail(AR_LIMIT, "/etc/group: more than %d groups", (int)AR_ACCOUNTS_MAX);
        ar_grow(arena, list, n, cap);
        list[n++] = g;
    }
    *out_groups = list;
    *out_n = n;
    return ar_ok();
}

bool ar_group_has(const ar_group *group, const ar_account *account)
{
    ar_str rest = group->members;
    ar_str name;

    if (group->gid == account->gid) return true;
    while (ar_str_split(&rest, ',', &name))
        if (ar_str_eq(ar_str_trim(name), account->name)) return true;
    return false;
}
