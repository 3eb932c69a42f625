/* clock: how the cases stand against their due dates, and which will miss theirs, computed as it is
 * read.
 *
 * The forecast is one that a person can check. Of cases of the same kind and severity, over the
 * last year, a stage took in the median (a step over several stages counts as that many equal
 * ones):
 *
 *     share = (due - opened) / 4              what this case has for each of its four stages
 *     org   = (N * median of all + 5 * share) / (N + 5)       N such steps
 *     stage = (n * median of its owner + 5 * org) / (n + 5)   n of its owner
 *     ready = max(now, when the present stage began + stage) + (stages left - 1) * stage
 *
 * so that few cases say little, and a home without history goes by each case's own time. A case is
 * at risk when it is not due yet and ready after that (network-response-web 2.3). */
#pragma once

/* A subquery, $1 the time: the columns of ar.case, and owner and domain as the estate says now,
 * stage_days (what a stage is thought to take), ready_at, missed, and state: closed, mitigated,
 * overdue, at_risk or open. */
extern const char ar_case_items[];
