/* item: SQL over what is to be done; ops.c asks, digest.c tells each owner. */
#pragma once

#include "op/op.h"
#include "standard/asked.h"

enum {
    AR_WORK_TO_MANAGER_DAYS = 7, /* overdue: then it goes one up */
    AR_WORK_TO_DEPUTY_DAYS = 14, /* then to the Deputy CISO of its domain */
    AR_WORK_RATE_DAYS = 28,      /* how far back an owner's closing rate looks: ar.fixed */
};

/* A subquery, $1 the time: item, standard, title, statement, pillar, class, action, owner, domain,
 * open, fail, unknown, reopened, since, due_at, overdue_days, rank, ahead (findings of the owner up
 * to and with these, in the order of rank), per_day (how many the owner fixes), ready_at (when they
 * would be done at that rate), at_risk, level (0 owner, 1 manager, 2 Deputy CISO), whose, hours.
 *
 * At risk: not overdue yet, and at the owner's rate ready after it is due; where the owner fixed
 * nothing in that time, when half of the time to it has gone. */
extern const char ar_work_items[];

typedef struct ar_work_query {
    ar_str owner; /* and of whom is below them; '-': what nobody owns */
    ar_str whose; /* '-': nobody */
    ar_str domain, standard, class;
    ar_str exactly; /* of this owner and nobody below; '-' as above */
    bool overdue, at_risk;
} ar_work_query;

/* Those that are asked for, as of `asof`: "WITH …, found AS (…)" and its values. Of ar_work_items
 * found has what needs no words: standard_id, owner_id, domain_id, open, fail, reopened, since,
 * due_at, rank, ahead, per_day, ready_at, late, overdue, at_risk, level. */
ar_err ar_work_found(ar_engine *engine, const ar_work_query *query, ar_time asof, ar_arena *arena,
                     ar_asked *out);
/* SQL: ar_work_items without $1, of a table that has what `found` has; and whose, where o is the
 * owner of t in ar.owner, m its domain in ar.domain. */
#define AR_WORK_WORDS(found)                                                                       \
    "(SELECT t.standard_id || '/' || coalesce(t.owner_id, '-') AS item, t.standard_id AS "         \
    "standard, s.title, s.statement, s.pillar, s.class, s.action, t.owner_id AS owner,"            \
    "  t.domain_id AS domain, t.open, t.fail, t.open - t.fail AS unknown, t.reopened, t.since,"    \
    "  t.due_at, CASE WHEN t.overdue THEN t.late END AS overdue_days, t.rank, t.ahead, t.per_day," \
    "  t.ready_at, t.at_risk, t.level, " AR_WORK_WHOSE " AS whose, coalesce(h.hours, 0) AS hours"  \
    " FROM " found " t JOIN ar.standard s ON s.id = t.standard_id" AR_WORK_UP                      \
    " LEFT JOIN (SELECT standard_id, owner_id, sum(hours) AS hours FROM ar.effort GROUP BY ALL) h" \
    "  ON h.standard_id = t.standard_id AND h.owner_id IS NOT DISTINCT FROM t.owner_id)"
#define AR_WORK_WHOSE                             \
    "CASE t.level WHEN 0 THEN t.owner_id"         \
    " WHEN 1 THEN coalesce(o.parent, t.owner_id)" \
    " ELSE coalesce(m.deputy_ciso, m.reports_to, o.parent, t.owner_id) END"
#define AR_WORK_UP \
    " LEFT JOIN ar.owner o ON o.id = t.owner_id LEFT JOIN ar.domain m ON m.id = t.domain_id"

enum { AR_WORK_MEMBER_N = 8 };

/* A finding of an item: asset, name, state, since, due_at, rank, criticality, episode. */
typedef ar_err ar_work_member_fn(void *self, const ar_value *member);
/* Shows the findings of the item as of `asof`, the weightiest first: `limit` of them at most,
 * without the first `skip`. *out_total: how many there are. */
ar_err ar_work_members(ar_engine *engine, ar_str item, ar_time asof, int64_t limit, int64_t skip,
                       ar_work_member_fn *see, void *self, int64_t *out_total);

/* SQL: the same of all items, by item, $1 the time, $2 of each at most: item, the first five of
 * these, and n, from 1 in each. */
extern const char ar_work_all_members[];

typedef struct ar_work_id {
    ar_str standard, owner; /* owner "-": nobody's */
} ar_work_id;

/* AR_INVALID says what an id looks like. The parts view `text`. */
ar_err ar_work_id_parse(ar_str text, ar_work_id *out_id);
