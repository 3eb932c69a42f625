/* words: a command line, read by the rows of the operations. */
#pragma once

#include "op/args.h"

typedef struct ar_command {
    const ar_op *op; /* NULL: only `help` was asked */
    ar_args args;
    const char *home;   /* --home, or NULL */
    const char *format; /* --format, or NULL */
    ar_time asof;       /* --asof, or `now` */
    bool help;          /* --help */
    bool version;       /* --version */
    ar_str area;        /* with help and without an operation: `aright asset --help` */
} ar_command;

typedef struct ar_global {
    const char *name;
    const char *value; /* NULL: a flag */
    const char *help;
} ar_global;

/* What every operation takes; ends with a zero entry. */
extern const ar_global ar_globals[];

/* Reads `argv` after the program's name. Options may stand anywhere, as --name VALUE or
 * --name=VALUE; "--" ends them. Files are opened and paths made absolute.
 *   AR_INVALID    unknown operation, option or value: names the nearest
 *   AR_NOT_FOUND  a file to read is not there */
ar_err ar_words_read(const ar_tables *tables, int argc, char **argv, ar_time now, ar_arena *arena,
                     ar_command *out_command);
/* Closes the files that were opened. */
void ar_command_done(ar_command *command);

/* "asset.list" as it is typed: "asset list". */
ar_str ar_op_words(ar_arena *arena, const ar_op *op);
/* "due_days" as it is typed: "--due-days". */
ar_str ar_param_word(ar_arena *arena, const char *name);
