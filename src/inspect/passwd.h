/* passwd: the lines of passwd(5), shadow(5) and group(5). */
#pragma once

#include "inspect/look.h"

enum { AR_ACCOUNTS_MAX = 100000 };

typedef struct ar_account {
    ar_str name, home, shell;
    int64_t uid, gid;
} ar_account;

typedef struct ar_group {
    ar_str name;
    int64_t gid;
    ar_str members; /* comma-separated, as written */
} ar_group;

enum ar_password {
    AR_PASSWORD_SET,
    AR_PASSWORD_LOCKED, /* '!' in front: someone switched it off */
    AR_PASSWORD_NONE,   /* '*' or other text that no password gives */
    AR_PASSWORD_EMPTY,  /* anyone may sign in */
};

typedef struct ar_shadow {
    ar_str name;
    enum ar_password state;
    const char *algorithm; /* "yescrypt", "sha512crypt", …; NULL when there is no hash */
    int64_t changed_day;   /* days since 1970; -1 when not said */
    int64_t expires_day;   /* of the account; -1 when never */
} ar_shadow;

/* False for a line that is no entry (empty, comment, NIS, malformed). */
bool ar_passwd_line(ar_str line, ar_account *out_account);
bool ar_group_line(ar_str line, ar_group *out_group);
bool ar_shadow_line(ar_str line, ar_shadow *out_shadow);

/* All entries of /etc/passwd and /etc/group, in `arena`; lines that are none are passed over. As
 * ar_look_read, and AR_LIMIT beyond AR_ACCOUNTS_MAX. */
ar_err ar_passwd_load(const ar_look *look, ar_arena *arena, ar_account **out_accounts,
                      size_t *out_n);
ar_err ar_group_load(const ar_look *look, ar_arena *arena, ar_group **out_groups, size_t *out_n);
bool ar_group_has(const ar_group *group, const ar_account *account); /* by list or primary group */
