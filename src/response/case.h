/* case: one vulnerability or incident on its way to repair, with its owner, its clock and what
 * happened to it when.
 *
 * A case is aright's own record; entry.h shows it to the estate as an asset, where standards judge
 * it. Its due date is kept as it was set: a table that changes later moves no case. */
#pragma once

#include "op/op.h"

/* In this order. The time to mitigate ends with AR_CASE_MITIGATED. */
enum ar_case_stage {
    AR_CASE_OPENED,
    AR_CASE_TRIAGED,
    AR_CASE_READY, /* a mitigation is */
    AR_CASE_DEPLOYING,
    AR_CASE_MITIGATED,
    AR_CASE_CLOSED,
    AR_CASE_STAGES,
};

const char *ar_case_stage_name(enum ar_case_stage stage); /* "opened", "mitigation_ready" */

#define AR_CASE_STAGE_WORDS "opened triaged mitigation_ready deploying mitigated"

/* Why a case missed its due date: a closed list, so that it can be counted (the report's learnings:
 * delay in production deployment comes first). */
#define AR_CASE_REASON_WORDS                                                                   \
    "deployment_delay fix_complexity third_party_dependency ownership_dispute capacity freeze" \
    " wrong_severity waiting_for_customer"

/* The columns of ar.case, in their order. */
enum ar_case_field {
    AR_CASE_ID, /* "VC-1", "IN-1" */
    AR_CASE_KIND,
    AR_CASE_NUMBER,
    AR_CASE_TITLE,
    AR_CASE_DESCRIPTION,
    AR_CASE_REPORTER,
    AR_CASE_CONTACT,
    AR_CASE_ASSET_KIND,
    AR_CASE_ASSET_ID,
    AR_CASE_OWNER, /* as it was opened; who owns it now, the estate says */
    AR_CASE_CRITICALITY,
    AR_CASE_POINTS,   /* "exploitation=poc …" */
    AR_CASE_DECISION, /* "act" */
    AR_CASE_SEVERITY,
    AR_CASE_KEV_DUE_AT,
    AR_CASE_OPENED_AT,
    AR_CASE_DUE_AT,
    AR_CASE_STAGE,
    AR_CASE_STAGE_SINCE,
    AR_CASE_TRIAGED_AT,
    AR_CASE_MITIGATED_AT,
    AR_CASE_CLOSED_AT,
    AR_CASE_SIGNALLED_AT,
    AR_CASE_MISS_REASON,
    AR_CASE_CWE,
    AR_CASE_LEARNING, /* "no", or the id of the draft standard that it became */
    AR_CASE_LEARNING_BECAUSE,
    AR_CASE_FIELDS,
};

typedef struct ar_case {
    ar_value at[AR_CASE_FIELDS];
} ar_case;

/* "VC-1" of the next vulnerability, "IN-1" of the next incident, set with kind and number. */
ar_err ar_case_number(ar_ctx *ctx, ar_str kind, ar_case *c);
/* In ctx->arena. AR_INVALID says what an id looks like; AR_NOT_FOUND. */
ar_err ar_case_read(ar_ctx *ctx, ar_str id, ar_case *out_case);
ar_err ar_case_insert(ar_ctx *ctx, const ar_case *c);
ar_err ar_case_update(ar_ctx *ctx, const ar_case *c);

enum ar_case_stage ar_case_stage_of(const ar_case *c);
/* Whether it was mitigated after its due date, or is not and that has passed. */
bool ar_case_missed(const ar_case *c, ar_time now);

/* Adds a line to the timeline: by who asks, now (or at the time of the line before: the clock was
 * set back), at the stage that the case is in. `what` is "stage", "signal" or "due"; an empty note
 * is none. */
ar_err ar_case_note(ar_ctx *ctx, const ar_case *c, const char *what, ar_str note);

extern const ar_migration ar_case_migrations[]; /* ends with a zero entry */
