#include "sys/user.h"

#include "t.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process that tried is afterwards, as its exit status: 0 where all of it holds. */
static int after_becoming(const char *name)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        int64_t user = -1;
        int signal = 0;
        uid_t before = geteuid();

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) _exit(9);
        if (ar_user_become(name, &user).code != AR_OK) _exit(1);
        if (user != (int64_t)getuid() || getuid() != geteuid()) _exit(2);
        if (before == 0 && user == 0) _exit(3);
        if (before == 0 && (getgroups(0, NULL) != 0 || getgid() == 0)) _exit(4);
        if (before != 0 && user != (int64_t)before) _exit(5);
        if (before == 0 && setuid(0) == 0) _exit(6);
        if (prctl(PR_GET_PDEATHSIG, &signal) != 0 || signal != SIGKILL) _exit(7);
        _exit(0);
    }
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(root_becomes_nobody_in_particular_for_good_and_others_stay_who_they_are)
{
    T_INT(after_becoming("aright-no-such-user"), 0);
}

TEST(where_there_is_such_a_user_it_is_that_one)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        int64_t user;
        uid_t before = geteuid();

        if (ar_user_become("nobody", &user).code != AR_OK) _exit(1);
        _exit(user == (int64_t)geteuid() && (before != 0 || user == 65534) ? 0 : 2);
    }
    (void)waitpid(pid, &status, 0);
    T_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(nobody_is_made_root)
{
    int64_t user = -1;

    if (geteuid() == 0) T_FAILS(ar_user_become("root", &user), AR_IO, "is root");
}
