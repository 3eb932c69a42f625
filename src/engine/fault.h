/* fault: lets a test ask what happens when the engine fails in the middle of a piece of work. */
#pragma once

#include "base/base.h"

/* The n-th call of engine.h from now on that returns an ar_err fails with AR_IO, in this thread,
 * once; 0 calls it off. A test raises n until the work succeeds: then every place where it could
 * fail was seen to. */
void ar_engine_fail_after(long n);

/* The failure, when it is due. */
ar_err ar_fault(void);
