#include "sys/user.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whom systemd gives to services for as long as they run (DynamicUser): no account is made here. */
enum { PASSING_FIRST = 61184, PASSING_LAST = 65519 };

typedef struct identity {
    uid_t user;
    gid_t group;
} identity;

/* Those that some process has now. */
static ar_err mark_taken(bool taken[static PASSING_LAST - PASSING_FIRST + 1])
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    struct stat st;

    if (processes == NULL) return ar_fail_errno("/proc");
    while ((entry = readdir(processes)) != NULL)
        if (fstatat(dirfd(processes), entry->d_name, &st, 0) == 0 && st.st_uid >= PASSING_FIRST &&
            st.st_uid <= PASSING_LAST)
            taken[st.st_uid - PASSING_FIRST] = true;
    (void)closedir(processes);
    return ar_ok();
}

static ar_err find_passing(identity *out)
{
    bool taken[PASSING_LAST - PASSING_FIRST + 1] = { 0 };

    AR_TRY(mark_taken(taken));
    for (uid_t user = PASSING_FIRST; user <= PASSING_LAST; user++) {
        if (taken[user - PASSING_FIRST] || getpwuid(user) != NULL || getgrgid(user) != NULL)
            continue;
        return *out = (identity){ user, user }, ar_ok();
    }
    return ar_fail(AR_IO, "every user from %d to %d is taken", (int)PASSING_FIRST,
                   (int)PASSING_LAST);
}

static ar_err find(const char *name, identity *out)
{
    const struct passwd *account = getpwnam(name);

    if (account == NULL) return find_passing(out);
    if (account->pw_uid == 0) return ar_fail(AR_IO, "the user %s is root", name);
    *out = (identity){ account->pw_uid, account->pw_gid };
    return ar_ok();
}

/* False where the kernel knows no such user here; nothing was changed then. */
static bool become(const identity *who)
{
    return setgroups(0, NULL) == 0 && setresgid(who->group, who->group, who->group) == 0 &&
           setresuid(who->user, who->user, who->user) == 0;
}

ar_err ar_user_become(const char *name, int64_t *out_user)
{
    pid_t parent = getppid();
    int signal = 0;
    identity who;

    *out_user = (int64_t)geteuid();
    if (geteuid() != 0) return ar_ok();
    AR_TRY(find(name, &who));
    (void)prctl(PR_GET_PDEATHSIG, &signal);
    if (!become(&who)) return getuid() == 0 ? ar_ok() : ar_fail_errno("becoming uid %d", who.user);
    *out_user = (int64_t)who.user;

    /* another user loses the wish to end with its parent */
    if (prctl(PR_SET_PDEATHSIG, signal) != 0) return ar_fail_errno("prctl");
    return getppid() == parent ? ar_ok() : ar_fail(AR_IO, "whoever started this is gone");
}
