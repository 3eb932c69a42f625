/* state: where each asset of a kind is in its life, and what comes next: computed as it is read,
 * from facts, receipts and time, so that nothing has to run for a state to change. */
#pragma once

#include "act/receipt.h"
#include "life/cycle.h"

/* The source of what a life adds to the facts of an asset: when it was removed, how long it may
 * live. */
#define AR_LIFE_SOURCE "life"
#define AR_LIFE_AREA   "life"

#define AR_LIFE_STATES                                                               \
    "requested approved provisioned active discovered-unclaimed claimed idle-warned" \
    " quarantined soft-deleted purged deleted"
#define AR_LIFE_STEPS "warn quarantine soft_delete purge"

/* Adds a subquery; $1 is the time. A row for each asset:
 *   id, name, class, owner, domain
 *   state         as above; deleted: elsewhere, without a receipt of ours
 *   since         when the state began, as far as a receipt tells
 *   reason        idle, expired, or NULL: nothing speaks against it
 *   next, next_at the step that comes next, and from when on it may; NULL: none; at once
 *   hold          why it may not even then; NULL: it may
 *   used_at       when any source says that it was last used
 *   idle_sources  how many of those that looked lately say that this was long ago
 *   ends_at       when its life ends, by its facts and its class; extensions: how often it was more
 *   notices       without an answer, since it was last used or kept
 *   unsure        the receipt that was begun and did not end; NULL: none
 *   removed       the receipt that removed it, if it is */
void ar_life_items(const ar_cycle *cycle, ar_buf *sql);

/* What holds now is not undone by a clock that was set back: the latest of now, the last receipt
 * and the last import. An --asof in the past stays what it is. */
ar_err ar_life_time(ar_ctx *ctx, ar_time *out_time);

typedef struct ar_life_item {
    ar_str id, owner, domain, class, state, next, hold;
    ar_value next_at, ends_at;
    int64_t idle_sources, notices, extensions, unsure;
    ar_str evidence; /* all of it, and what each source says, as JSON */
} ar_life_item;

/* Of n assets, no id among them twice, in their order; in ctx->arena. AR_NOT_FOUND names the first
 * that is not there. */
ar_err ar_life_read(ar_ctx *ctx, const ar_cycle *cycle, const ar_str *ids, size_t n, ar_time at,
                    ar_life_item *out_items);

/* Whether the step may be taken at that time; the failure says why not. */
ar_err ar_life_check(const ar_life_item *item, ar_str kind, ar_str step, ar_time at);
