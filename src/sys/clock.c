#include "sys/clock.h"

#include <time.h>

ar_time ar_clock_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* fails only for a clock that does not exist */
    return (ar_time)now.tv_sec * AR_SECOND + now.tv_nsec / 1000;
}
