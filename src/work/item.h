/* item: SQL over what is to be done; ops.c asks, digest.c tells each owner. */
#pragma once

#include "op/op.h"

enum {
    AR_WORK_TO_MANAGER_DAYS = 7, /* overdue: then it goes one up */
    AR_WORK_TO_DEPUTY_DAYS = 14, /* then to the Deputy CISO of its domain */
    AR_WORK_RATE_DAYS = 28,      /* how far back an owner's closing rate looks */
};

/* A subquery, $1 the time: item, standard, title, statement, right, pillar, class, owner, domain,
 * open, fail, unknown, reopened, since, due_at, overdue_days, rank, ahead (findings of the owner up
 * to and with these, in the order of rank), per_day (how many the owner fixes), ready_at (when they
 * would be done at that rate), at_risk, level (0 owner, 1 manager, 2 Deputy CISO), whose, hours.
 *
 * At risk: not overdue yet, and at the owner's rate ready after it is due; where the owner fixed
 * nothing in that time, when half of the time to it has gone. */
extern const char ar_work_items[];
/* The same of the owner $2 and of whom is below them; '-': what nobody owns. */
extern const char ar_work_items_owned[];

/* The findings of an item that is $2, $1 the time: asset, name, state, since, due_at, rank,
 * criticality, episode; the weightiest first. */
extern const char ar_work_members[];

/* The same of all items, by item, $2 of each at most: item, the first five of these, and n, from 1
 * in each. */
extern const char ar_work_all_members[];

typedef struct ar_work_id {
    ar_str standard, owner; /* owner "-": nobody's */
} ar_work_id;

/* AR_INVALID says what an id looks like. The parts view `text`. */
ar_err ar_work_id_parse(ar_str text, ar_work_id *out_id);
