/* deed: an action with the facts of one asset filled in: what will be run, word for word. It goes
 * to who runs it, and stays in the receipt, so that what is undone is what was done. */
#pragma once

#include "act/action.h"
#include "form/node.h"

/* A command or a request, or neither. */
typedef struct ar_deed_part {
    ar_command command;
    ar_request_filled request;
} ar_deed_part;

typedef struct ar_deed {
    ar_str action; /* its name */
    ar_str system; /* that its requests go to; empty: it has commands */
    ar_deed_part parts[AR_ACT_PARTS];
    int64_t seconds; /* of a command */
} ar_deed;

/* The facts of the asset "KIND:ID" that the action names, and the settings of its system.
 *   AR_INVALID   one of them is not known, begins like an option where it is an argument, or holds
 *                what is no text of one line
 *   AR_NOT_FOUND there is no such asset, or the home has no file of the system */
ar_err ar_deed_fill(ar_ctx *ctx, const ar_action *action, ar_str id, ar_deed *out_deed);
/* Whether it can be done here: it has commands, or the home has a file of its system. */
ar_err ar_deed_is_on(ar_ctx *ctx, const ar_action *action, bool *out_on);

bool ar_deed_has(const ar_deed *deed, enum ar_act_part part);

/* As a person would type it: "az ad app delete --id 'a b'". Nothing when there is no such part. */
void ar_command_print(const ar_command *command, ar_buf *out);
/* The same of a part, or "graph: PATCH servicePrincipals/7 {…}". */
void ar_deed_show(const ar_deed *deed, enum ar_act_part part, ar_buf *out);

/* JSON, and back. AR_INVALID: not what was printed. */
void ar_deed_print(const ar_deed *deed, ar_buf *out);
ar_err ar_deed_parse(ar_str text, ar_arena *arena, ar_deed *out_deed);
