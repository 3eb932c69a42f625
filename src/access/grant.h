/* grant: standing access as the estate tells it: who holds which privilege where, since when, until
 * when; and what ends it, with its receipts. */
#pragma once

#include "op/op.h"

#define AR_ACCESS_AREA "access"
/* The action that ends grants of other systems than hosts (actions/NAME.yaml). */
#define AR_ACCESS_ACTION "remove-standing-grant"

extern const ar_param ar_grant_list_params[];
extern const ar_column ar_grant_list_columns[];
ar_err ar_grant_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);

/* What who ends it has to know; AR_CONFLICT when it is the last administrator's. */
enum {
    AR_GRANT_ID,
    AR_GRANT_WHO,
    AR_GRANT_HOST,
    AR_GRANT_ROLE,
    AR_GRANT_PATH,
    AR_GRANT_SCOPE,
    AR_GRANT_NOPASSWD,
    AR_GRANT_DEED, /* of a system that is no host */
    AR_GRANT_FIELDS,
};
extern const ar_param ar_grant_plan_params[];
extern const ar_column ar_grant_plan_columns[];
ar_err ar_grant_run_plan(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
/* The fields before the deed as an object, as they stand in receipts. */
ar_str ar_grant_facts(const ar_value *row, ar_arena *arena);

/* Begins the receipt; replies it as act/door.h has it. */
extern const ar_param ar_grant_begin_params[];
ar_err ar_grant_run_begin(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_grant_undo_params[];
enum { AR_BACK_RECEIPT, AR_BACK_GRANT, AR_BACK_DEED, AR_BACK_FACTS, AR_BACK_FIELDS };
extern const ar_column ar_grant_back_columns[];
ar_err ar_grant_run_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_param ar_grant_record_params[];
ar_err ar_grant_run_record(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
