#include "engine/fault.h"

static _Thread_local long calls_left;

void ar_engine_fail_after(long n)
{
    calls_left = n;
}

ar_err ar_fault(void)
{
    if (calls_left == 0 || --calls_left > 0) return ar_ok();
    return ar_fail(AR_IO, "the engine failed because a test asked for it");
}
