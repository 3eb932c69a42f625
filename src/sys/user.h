/* user: becoming another user of this machine, for good. */
#pragma once

#include "base/base.h"

/* Root becomes the user `name`, with its group and no other, where there is one; else a user and
 * group that nothing belongs to and no process has. *out_user is whom the process belongs to
 * afterwards: as before where it is not root, or lives in a namespace that has no such user. Call
 * it before there are threads. AR_IO. */
ar_err ar_user_become(const char *name, int64_t *out_user);
