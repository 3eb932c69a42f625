/* serve: the supervisor. It keeps one process a duty running and opens no database itself. */
#pragma once

#include "op/op.h"

extern const ar_op ar_serve_ops[];
