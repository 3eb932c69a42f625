/* door: how an operation acts: in the process and with the rights of who asks. The estate is asked
 * what is to be done and keeps a receipt of each as begun; it is done; the estate is told how it
 * ended. Without `confirm` the first part only, and nothing is begun. */
#pragma once

#include "op/op.h"

/* The columns of such an operation, and of the one of the estate that begins. */
enum {
    AR_DOOR_ASSET,
    AR_DOOR_STEP,
    AR_DOOR_EFFECT,
    AR_DOOR_RECEIPT,
    AR_DOOR_DOES,
    AR_DOOR_WHY,
    AR_DOOR_DEED,
    AR_DOOR_COLUMNS,
};
extern const ar_column ar_door_columns[]; /* ends with a zero entry */

/* The row of an asset of which something is begun, or would be: `receipt` 0. An empty deed: it is
 * done by hand, or is a person's word. */
ar_err ar_door_reply(ar_reply *reply, ar_str asset, ar_str step, int64_t receipt, ar_str why,
                     ar_str deed);

/* `begin` takes the parameters of the same names. `record` takes `result`, repeated: "RC-1 done",
 * and what there is to say behind it. One that fails ends it: those behind it fail untouched. */
ar_err ar_door_act(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const char *begin,
                   const char *record);
/* The same, where what is begun is taken back. */
ar_err ar_door_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const char *begin,
                         const char *record);

/* AR_DENIED unless the home is ours, or root's: who keeps it says what is run, with our rights. */
ar_err ar_door_check_home(const ar_ctx *ctx);

/* Of the operation that records: the next result. AR_INVALID: not as above. */
ar_err ar_door_result(ar_str text, int64_t *out_receipt, ar_str *out_state, ar_str *out_note);
