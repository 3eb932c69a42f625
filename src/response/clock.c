#include "response/clock.h"

#define SHRUNK(n, median, before) \
    "(coalesce(" n ", 0) * coalesce(" median ", 0) + 5 * (" before ")) / (coalesce(" n ", 0) + 5)"

/* Microseconds are doubles: their sums over many cases would not fit. */
const char ar_case_items[] =
    "(WITH place(stage, place) AS (VALUES ('opened', 0), ('triaged', 1), ('mitigation_ready', 2),"
    "  ('deploying', 3), ('mitigated', 4), ('closed', 5)),"
    " seen AS (SELECT 'vcase' AS kind, id, owner_id, domain_id FROM main.vcase"
    "  UNION ALL SELECT 'incident', id, owner_id, domain_id FROM main.incident),"
    " one AS (SELECT c.*, p.place, v.owner_id AS owner, v.domain_id AS domain,"
    "  greatest(0, epoch_us(c.due_at) - epoch_us(c.opened_at)) / 4.0 AS share FROM ar.case c"
    "  JOIN place p ON p.stage = c.stage LEFT JOIN seen v ON v.kind = c.kind AND v.id = c.id"
    "  WHERE c.opened_at <= $1),"
    " moved AS (SELECT e.case_id, e.happened_at, p.place, p.place - lag(p.place) OVER w AS steps,"
    "  epoch_us(e.happened_at) - lag(epoch_us(e.happened_at)) OVER w AS took FROM ar.case_event e"
    "  JOIN place p ON p.stage = e.stage WHERE e.what = 'stage'"
    "  WINDOW w AS (PARTITION BY e.case_id ORDER BY e.number)),"
    " step AS (SELECT o.kind, o.severity, o.owner, m.took / CAST(m.steps AS DOUBLE) AS took"
    "  FROM moved m JOIN one o ON o.id = m.case_id WHERE m.steps > 0 AND m.place <= 4"
    "  AND m.happened_at <= $1 AND m.happened_at > $1 - INTERVAL 365 DAY),"
    " all_of AS (SELECT kind, severity, count(*) AS n, median(took) AS took FROM step GROUP BY "
    "ALL),"
    " own AS (SELECT kind, severity, owner, count(*) AS n, median(took) AS took FROM step"
    "  GROUP BY ALL),"
    " guessed AS (SELECT o.*, " SHRUNK(
        "w.n", "w.took",
        SHRUNK("a.n", "a.took",
               "o.share")) " AS per"
                           "  FROM one o LEFT JOIN all_of a ON a.kind = o.kind AND a.severity = "
                           "o.severity"
                           "  LEFT JOIN own w ON w.kind = o.kind AND w.severity = o.severity"
                           "   AND w.owner IS NOT DISTINCT FROM o.owner),"
                           " timed AS (SELECT g.*, CASE WHEN g.place < 4 THEN make_timestamp(CAST("
                           "  greatest(epoch_us($1::TIMESTAMP), epoch_us(g.stage_since) + g.per) + "
                           "(3 - g.place) * g.per"
                           "  AS BIGINT)) END AS ready_at FROM guessed g)"
                           " SELECT t.* EXCLUDE (place, share, per), t.per / 86400e6 AS stage_days,"
                           "  coalesce(t.mitigated_at, $1::TIMESTAMP) > t.due_at AS missed,"
                           "  CASE WHEN t.place = 5 THEN 'closed' WHEN t.place = 4 THEN 'mitigated'"
                           "   WHEN t.due_at < $1::TIMESTAMP THEN 'overdue' WHEN t.ready_at > "
                           "t.due_at THEN 'at_risk'"
                           "   ELSE 'open' END AS state FROM timed t)";
