/* sshd: the settings of an OpenSSH server as they take effect: sshd_config(5) with Include and
 * Match, the first value of a keyword winning, defaults of OpenSSH 9.2. */
#pragma once

#include "inspect/look.h"

enum {
    AR_SSHD_LINES_MAX = 20000,
    AR_SSHD_FILES_MAX = 200,
};

typedef struct ar_sshd_line {
    ar_str keyword;
    ar_str value; /* all arguments, quotes off, one blank between */
    ar_str match; /* the conditions of the Match block it stands in; empty: it holds for all */
    ar_str path;
} ar_sshd_line;

typedef struct ar_sshd_config {
    ar_sshd_line *lines;
    size_t n, cap;
} ar_sshd_config;

/* Cuts one line into keyword and value; false when it is empty or a comment. */
bool ar_sshd_split(ar_str line, ar_arena *arena, ar_str *out_keyword, ar_str *out_value);
/* /etc/ssh/sshd_config with all it includes. AR_NOT_FOUND, AR_DENIED, AR_LIMIT. */
ar_err ar_sshd_load(const ar_look *look, ar_arena *arena, ar_sshd_config *out_config);
/* The line that decides for a connection that meets `match` (empty: none but "Match all"), or
 * NULL: then the default holds. */
const ar_sshd_line *ar_sshd_find(const ar_sshd_config *config, ar_str keyword, ar_str match);

typedef struct ar_sshd_rule {
    const char *keyword;
    const char *value;       /* when no file says otherwise */
    const char *recommended; /* values that are good, '|' between; the first is what to choose */
    int64_t at_most;         /* or a number from 1 to this; 0: the list counts */
} ar_sshd_rule;

extern const ar_sshd_rule ar_sshd_rules[]; /* ends with a zero entry */
bool ar_sshd_good(const ar_sshd_rule *rule, ar_str value);
