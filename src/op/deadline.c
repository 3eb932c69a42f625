#include "op/deadline.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { AGAIN_MS = 50 }; /* between interrupts after the end: a read may run many statements */

static void *watch(void *self)
{
    ar_deadline *d = self;
    struct pollfd stop = { .fd = ar_fd_n(d->stop), .events = POLLIN };
    int n = poll(&stop, 1, (int)(d->seconds * 1000));

    for (; n <= 0; n = poll(&stop, 1, AGAIN_MS)) {
        if (n < 0) continue;
        d->over = true;
        ar_engine_interrupt(d->engine);
    }
    return NULL;
}

ar_err ar_deadline_start(ar_deadline *d, ar_engine *engine, int64_t seconds)
{
    *d = (ar_deadline){ .engine = engine, .seconds = seconds };
    assert(seconds > 0 && seconds <= INT32_MAX / 1000);
    d->stop = ar_fd_of(eventfd(0, EFD_CLOEXEC));
    if (ar_fd_n(d->stop) < 0) return ar_fail_errno("eventfd");
    if (pthread_create(&d->thread, NULL, watch, d) == 0) return ar_ok();
    ar_fd_done(&d->stop);
    return ar_fail(AR_UNAVAILABLE, "no thread is left to watch how long this takes");
}

bool ar_deadline_stop(ar_deadline *d)
{
    uint64_t one = 1;

    (void)!write(ar_fd_n(d->stop), &one, sizeof one);
    (void)pthread_join(d->thread, NULL);
    ar_fd_done(&d->stop);
    return d->over;
}
