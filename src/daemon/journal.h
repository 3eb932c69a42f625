/* journal: what the daemon tells on standard error: one JSON object a line. */
#pragma once

#include "base/base.h"

enum ar_level { AR_LEVEL_ERROR, AR_LEVEL_WARNING, AR_LEVEL_INFO, AR_LEVEL_DEBUG };

/* Whose lines these are, and from which level of log_level on they are written. */
void ar_journal_init(const char *process, ar_str log_level);
void ar_journal(enum ar_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
