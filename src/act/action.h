/* action: what is done to an asset of a kind, by what it is seen to be so, and what takes it back:
 * commands, or requests to one system, as data (docs/formats.md). */
#pragma once

#include "act/request.h"
#include "act/system.h"
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

/* A command or a request, or neither: then there is no such part. */
typedef struct ar_action_part {
    ar_command command; /* an argument {column} stands for a fact of the asset */
    ar_request_part request;
} ar_action_part;

typedef struct ar_action {
    ar_str name, title;
    const ar_kind *kind;
    ar_str system; /* that its requests go to; empty: it has commands */
    ar_action_part parts[AR_ACT_PARTS];
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

bool ar_action_has(const ar_action *action, enum ar_act_part part);

/* Reads the system that the action's requests go to, and checks that each name in braces of them is
 * a column of its kind or a setting of the system. As ar_system_load. Of an action with commands:
 * nothing, and it is on. */
ar_err ar_action_system(const ar_action *action, const ar_place *place, ar_arena *arena,
                        ar_system *out_system);

/* The column that an argument stands for; empty: it stands for itself. */
ar_str ar_action_column(ar_str arg);
