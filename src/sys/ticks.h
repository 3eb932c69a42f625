/* ticks: time that only runs forward, for waits and deadlines. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t ar_ticks_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
