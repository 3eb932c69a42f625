/* mail_ops: each owner's digest goes out as a mail, once a day, over the server that
 * HOME/mail.yaml names. */
#pragma once

#include "op/op.h"

extern const ar_op ar_mail_ops[]; /* ends with a zero entry */
