/* action: what is done to an asset of a kind, by what it is seen to be so, and what takes it back:
 * commands, as data (docs/formats.md). */
#pragma once

#include "estate/kind.h"
#include "op/definitions.h"

enum {
    AR_ACTION_FILE_BYTES_MAX = 64 * 1024,
    AR_ACTION_ARGS_MAX = 64,
    AR_ACTION_ARG_BYTES_MAX = 4096,
    AR_ACTION_SECONDS = 60, /* of one command, unless the file says otherwise */
    AR_ACTION_SECONDS_MAX = 3600,
};

enum ar_act_part { AR_ACT_DO, AR_ACT_CHECK, AR_ACT_UNDO, AR_ACT_PARTS };

const char *ar_act_part_name(enum ar_act_part part); /* "do" */

typedef struct ar_command {
    const ar_str *args; /* the program first */
    size_t n;           /* 0: there is none */
} ar_command;

typedef struct ar_action {
    ar_str name, title;
    const ar_kind *kind;
    ar_command parts[AR_ACT_PARTS]; /* an argument {column} stands for a fact of the asset */
    int64_t seconds;
    ar_str file;
    bool shipped;
} ar_action;

/* Reads and checks one file. `name` is the file's without .yaml, which the action's must be; empty:
 * any. AR_INVALID says file, line, column and what would be right. */
ar_err ar_action_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                       ar_arena *arena, ar_action *out_action);

/* All of them, shipped and of the home: each is an ar_action. */
ar_err ar_actions_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                       ar_definitions *out_actions);
/* As ar_definitions_find. */
ar_err ar_actions_find(const ar_definitions *actions, ar_str name, const ar_action **out_action);

/* The column that an argument stands for; empty: it stands for itself. */
ar_str ar_action_column(ar_str arg);
