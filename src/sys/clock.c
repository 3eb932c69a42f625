#include "sys/clock.h"

#include <time.h>

static int64_t microseconds(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now); /* fails only for a clock that does not exist */
    return (int64_t)now.tv_sec * AR_SECOND + now.tv_nsec / 1000;
}

ar_time ar_clock_now(void)
{
    return microseconds(CLOCK_REALTIME);
}

int64_t ar_clock_ticks(void)
{
    return microseconds(CLOCK_MONOTONIC);
}
