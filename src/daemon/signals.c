#include "daemon/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

ar_err ar_signals_open(bool children, ar_fd *out_signals)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    if (children) (void)sigaddset(&set, SIGCHLD);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return ar_fail_errno("sigprocmask");
    *out_signals = ar_fd_of(signalfd(-1, &set, SFD_CLOEXEC));
    return ar_fd_n(*out_signals) < 0 ? ar_fail_errno("signalfd") : ar_ok();
}
