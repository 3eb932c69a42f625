/* blank: a command line that may be shown: what runs, with the names of its options, and of the
 * rest only that there is more. Passwords come in too many forms to be told from other arguments;
 * so what stays is what is known to be none. */
#pragma once

#include "base/base.h"

/* Kept are programs, paths, names of options and variables, and the shell's own signs; each other
 * piece is "***": "mysqldump -p*** --host=*** *** > /var/x.sql". Blanks between words are one. */
ar_str ar_command_blank(ar_str command, ar_arena *arena);
