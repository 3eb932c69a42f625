/* waiver: a dated, reasoned permission for one asset to miss one standard.
 *
 * A waiver always ends. Whether one is in force is computed from the time at which somebody asks,
 * so nothing has to run for it to end. */
#pragma once

#include "op/op.h"

enum {
    AR_WAIVER_REASON_MIN = 10,  /* shorter says nothing */
    AR_WAIVER_REASON_MAX = 400, /* longer is a document; link to it */
};

/* SQL: whether the row v of ar.waiver is in force at $1. It holds through its last instant. */
#define AR_WAIVER_IN_FORCE \
    "v.granted_at <= $1 AND v.until >= $1 AND (v.ended_at IS NULL OR v.ended_at > $1)"

/* Whose an asset is, as far as an approver must know. Empty: nobody's, in no domain. */
typedef struct ar_waiver_subject {
    ar_str name;  /* "thing:b", for the sentence */
    ar_str owner; /* "person:kim", "team:web", "division:engineering" */
    ar_str domain;
} ar_waiver_subject;

/* AR_DENIED, naming who could, unless `approver` may allow something to this subject: who is
 * accountable for its domain, which is its Deputy CISO; if that one has left by `now` or owns it,
 * it is whom they report to. While no domain has a Deputy CISO, anybody may but its owner, and
 * those of the team or division that owns it (of the owner's team, where a person does). Two names
 * of one owner are one (ar_owner_known), and equal but for the case of ASCII letters. */
ar_err ar_waiver_check_approver(ar_engine *engine, ar_str approver,
                                const ar_waiver_subject *subject, ar_time now, ar_arena *arena);

typedef struct ar_waiver_request {
    ar_str finding;
    ar_time until;
    ar_str reason;
    ar_str compensating; /* what lowers the risk in the meantime; may be empty */
    ar_str approver;
} ar_waiver_request;

typedef struct ar_waiver_granted {
    int64_t id;
    ar_str owner; /* of the asset now, kept in the waiver; empty: it has none */
} ar_waiver_granted;

/* Grants one at `now`.
 *   AR_INVALID    the finding's id, the reason or the end is not right
 *   AR_NOT_FOUND  there is no such finding open
 *   AR_DENIED     ar_waiver_check_approver, by what the estate says now
 *   AR_LIMIT      it would last longer than the standard allows
 *   AR_CONFLICT   one is in force already, or the standard allows none */
ar_err ar_waiver_grant(ar_engine *engine, const ar_waiver_request *request, ar_time now,
                       ar_arena *arena, ar_waiver_granted *out_granted);

ar_err ar_waiver_run_grant(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_waiver_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
ar_err ar_waiver_run_end(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_column ar_waiver_columns[];
