/* perform: a deed is done, or taken back, and seen to be so; what fails half-way is stopped, and
 * undone where it can be, else named. */
#pragma once

#include "act/deed.h"
#include "act/hands.h"

enum ar_act_end {
    AR_ACT_DONE,   /* it is so now, or was so before */
    AR_ACT_FAILED, /* nothing of it is left */
    AR_ACT_HALF,   /* something of it may be left */
};

const char *ar_act_end_name(enum ar_act_end end); /* "done" */

typedef struct ar_act_result {
    enum ar_act_end end;
    ar_str note; /* what there is to say; empty: nothing */
} ar_act_result;

/* `receipt` is the one it is done under: by it a system knows a request again that it was asked
 * before. */
ar_act_result ar_act_do(ar_hands *hands, const ar_deed *deed, ar_str receipt, ar_arena *arena);
ar_act_result ar_act_undo(ar_hands *hands, const ar_deed *deed, ar_str receipt, ar_arena *arena);
