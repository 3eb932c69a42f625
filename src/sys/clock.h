/* clock: the one place that asks the system what time it is. Only the doors call it. */
#pragma once

#include "base/time.h"

ar_time ar_clock_now(void);
/* Microseconds on a clock that nobody sets, to tell how long something took. */
int64_t ar_clock_ticks(void);
