/* deed: an action with the facts of one asset filled in: what will be run, word for word. It goes
 * to who runs it, and stays in the receipt, so that what is undone is what was done. */
#pragma once

#include "act/action.h"
#include "form/node.h"

typedef struct ar_deed {
    ar_str action; /* its name */
    ar_command parts[AR_ACT_PARTS];
    int64_t seconds;
} ar_deed;

/* The facts of the asset "KIND:ID" that the action's arguments name.
 *   AR_INVALID   one of them is not known, begins like an option, or holds what is no text of one
 *                line
 *   AR_NOT_FOUND there is no such asset */
ar_err ar_deed_fill(ar_ctx *ctx, const ar_action *action, ar_str id, ar_deed *out_deed);

/* As a person would type it: "az ad app delete --id 'a b'". Nothing when there is no such part. */
void ar_command_print(const ar_command *command, ar_buf *out);

/* JSON, and back. AR_INVALID: not what was printed. */
void ar_deed_print(const ar_deed *deed, ar_buf *out);
ar_err ar_deed_parse(ar_str text, ar_arena *arena, ar_deed *out_deed);
