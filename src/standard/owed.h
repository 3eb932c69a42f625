/* owed: what is open, counted by standard, owner and domain as it is judged, so that whoever asks
 * what there is to do, and of whom, need not look at findings.
 *
 *   ar.owed   open, fail, reopened  how many are open, how many of them wrong, and open once more
 *             opened, at_opened     the first evaluation that opened one, and how many it did
 *             weight, at_weight     the highest criticality (3 where none is said), and of how many
 *   ar.item   what each owner has to do for one standard: the domain that most of it is in, since
 *             when the first is open, by when that is due, the highest rank, and `ahead`: how many
 *             findings the owner has up to and with these, in the order of rank
 *   ar.fixed  how many findings each owner fixed, by evaluation, of the last AR_OWED_FIXED_DAYS
 *
 * Waivers are in none of this: they hold by the time at which somebody asks. */
#pragma once

#include "standard/judge.h"

enum { AR_OWED_FIXED_DAYS = 28 };

/* SQL: rows of ar.owed, of findings counted alike: a table of standard_id, owner_id, domain_id,
 * opened, weight, n, fail, reopened. */
#define AR_OWED_OF(counted)                                                                   \
    "SELECT c.standard_id, c.owner_id, c.domain_id, sum(c.n)::BIGINT, sum(c.fail)::BIGINT,"   \
    " sum(c.reopened)::BIGINT, any_value(m.opened),"                                          \
    " (sum(c.n) FILTER (c.opened = m.opened))::BIGINT, any_value(m.weight),"                  \
    " (sum(c.n) FILTER (c.weight = m.weight))::BIGINT FROM " counted " c JOIN"                \
    " (SELECT standard_id, owner_id, domain_id, min(opened) AS opened, max(weight) AS weight" \
    "  FROM " counted " GROUP BY ALL) m ON m.standard_id = c.standard_id"                     \
    " AND m.owner_id IS NOT DISTINCT FROM c.owner_id"                                         \
    " AND m.domain_id IS NOT DISTINCT FROM c.domain_id"                                       \
    " GROUP BY c.standard_id, c.owner_id, c.domain_id"

/* SQL: that table, of rows of ar.open_finding. */
#define AR_OWED_COUNTED(findings)                                                           \
    "(SELECT standard_id, owner_id, domain_id, opened, coalesce(criticality, 3) AS weight," \
    " count(*) AS n, count(*) FILTER (state = 'fail') AS fail,"                             \
    " count(*) FILTER (episode > 1) AS reopened FROM " findings " GROUP BY ALL)"

/* SQL: rows of ar.item, of all rows of their owners: a table of standard_id, owner_id, domain_id,
 * open, fail, reopened, opened, weight. */
#define AR_ITEMS_OF(rows)                                                                          \
    "SELECT i.*, sum(i.open) OVER (PARTITION BY i.owner_id ORDER BY i.rank DESC,"                  \
    " i.due_at NULLS LAST, i.standard_id ROWS UNBOUNDED PRECEDING)::BIGINT AS ahead FROM"          \
    " (SELECT w.standard_id, w.owner_id, w.domain_id, w.open, w.fail, w.reopened,"                 \
    "  e.as_of AS since, e.as_of + to_microseconds(s.due) AS due_at, s.risk * w.weight AS rank"    \
    "  FROM (SELECT standard_id, owner_id, arg_max(domain_id, (open, domain_id)) AS domain_id,"    \
    "   sum(open)::BIGINT AS open, sum(fail)::BIGINT AS fail, sum(reopened) > 0 AS reopened,"      \
    "   min(opened) AS opened, max(weight) AS weight FROM " rows " GROUP BY standard_id, owner_id" \
    "  ) w JOIN ar.standard s ON s.id = w.standard_id JOIN ar.evaluation e ON e.id = w.opened) i"

/* Makes the temporary table ar_moved: findings as they were and as they are. */
ar_err ar_owed_begin(ar_judge *j);
/* Of ar_turned, before that is acted upon. */
ar_err ar_owed_turned(ar_judge *j);
/* Of what ar_change has of `retold`, once its findings are opened and closed: those that are
 * another's now, or weigh more or less. */
ar_err ar_owed_retold(ar_judge *j);
/* Brings ar.owed and ar.item up to date with what moved and what this evaluation opened. */
ar_err ar_owed_settle(ar_judge *j);
