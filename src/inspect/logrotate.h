/* logrotate: how long log files are kept, from logrotate.conf(5) and what it includes. */
#pragma once

#include "base/base.h"

enum {
    AR_LOGROTATE_RULES_MAX = 5000,
};

typedef struct ar_logrotate_rule {
    ar_str pattern;
    double period_days;  /* 0: by size alone */
    int64_t rotate;      /* kept beside the present one; -1: all */
    int64_t maxage_days; /* 0: none */
} ar_logrotate_rule;

typedef struct ar_logrotate {
    ar_logrotate_rule global; /* the defaults of the rules that follow */
    ar_logrotate_rule *rules;
    size_t n, cap;
    ar_str *includes;
    size_t n_includes, cap_includes;
} ar_logrotate;

void ar_logrotate_init(ar_logrotate *conf);
/* Adds one file. AR_LIMIT beyond AR_LOGROTATE_RULES_MAX. */
ar_err ar_logrotate_parse(ar_str text, ar_arena *arena, ar_logrotate *conf);
/* The rule for a file, NULL when it is never rotated. */
const ar_logrotate_rule *ar_logrotate_find(const ar_logrotate *conf, ar_str path);
/* How many days back the kept files reach; false when that depends on size. */
bool ar_logrotate_days(const ar_logrotate_rule *rule, int64_t *out_days);
