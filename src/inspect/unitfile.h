/* unitfile: systemd's unit files and cron's tables: what runs, as whom, when. systemd.syntax(7),
 * crontab(5). */
#pragma once

#include "base/base.h"

enum { AR_UNIT_COMMANDS_MAX = 64 };

typedef struct ar_unit_file {
    ar_str user; /* empty: root */
    bool dynamic_user;
    bool installable;                      /* it has an [Install] section */
    ar_str commands[AR_UNIT_COMMANDS_MAX]; /* of ExecStart= and its like, prefixes off */
    size_t n_commands;
    ar_str schedule; /* "OnCalendar=daily" */
} ar_unit_file;

/* Adds one file: first the unit, then its drop-ins in their order. */
void ar_unit_file_read(ar_str text, ar_arena *arena, ar_unit_file *unit);
/* The last value of `key` in `section` over several files of this syntax; *value stays when there
 * is none. */
void ar_ini_get(ar_str text, ar_str section, ar_str key, ar_str *value);

typedef struct ar_cron_line {
    ar_str schedule, user, command;
} ar_cron_line;

/* False for comments, settings and what is no entry. `with_user`: of /etc/crontab and cron.d. */
bool ar_cron_line_read(ar_str line, bool with_user, ar_cron_line *out_line);
