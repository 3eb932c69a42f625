#include "work/tables.h"

/* Items as assets, as of the last evaluation: what is open, what closed in the last 90 days, and
 * what was worked on in the last seven. What is about items themselves makes none, or each item
 * would make another. */
static const char work_item[] =
    "CREATE OR REPLACE VIEW main.work_item AS"
    " WITH last AS (SELECT max(as_of) AS at FROM ar.evaluation),"
    " member AS ("
    "  SELECT true AS open, f.standard_id, v.owner_id, v.domain_id, v.criticality, f.episode,"
    "   o.as_of AS from_at, NULL::TIMESTAMP AS to_at, NULL::DOUBLE AS hours"
    "  FROM ar.open_finding f JOIN ar.verdict v ON v.number = f.verdict"
    "  JOIN ar.evaluation o ON o.id = f.opened"
    "  ANTI JOIN (SELECT w.standard_id, w.kind, w.asset_id FROM ar.waiver w, last"
    "   WHERE w.granted_at <= last.at AND w.until >= last.at"
    "   AND (w.ended_at IS NULL OR w.ended_at > last.at)) w"
    "  ON w.standard_id = f.standard_id AND w.kind = v.kind AND w.asset_id = v.asset_id"
    "  WHERE v.kind <> 'work_item'"
    "  UNION ALL SELECT false, f.standard_id, v.owner_id, v.domain_id, v.criticality, f.episode,"
    "   o.as_of, c.as_of, NULL FROM ar.closed_finding f JOIN ar.verdict v ON v.number = f.verdict"
    "  JOIN ar.evaluation o ON o.id = f.opened JOIN ar.evaluation c ON c.id = f.closed, last"
    "  WHERE v.kind <> 'work_item' AND c.as_of > last.at - INTERVAL 90 DAY"
    "  UNION ALL SELECT false, e.standard_id, e.owner_id, NULL, NULL, NULL, e.logged_at,"
    "   e.logged_at, e.hours FROM ar.effort e, last WHERE e.logged_at > last.at - INTERVAL 7 DAY),"
    " item AS (SELECT standard_id, owner_id, min(domain_id) AS domain_id,"
    "  max(criticality) AS criticality, max(coalesce(criticality, 3)) AS weight,"
    "  count(*) FILTER (open) AS asset_count, max(episode) FILTER (open) - 1 AS reopened,"
    "  coalesce(min(from_at) FILTER (open), min(from_at)) AS from_at, coalesce(max(to_at) FILTER "
    "(hours IS NULL), max(to_at)) AS to_at,"
    "  round(60 * coalesce(sum(hours), 0))::BIGINT AS minutes FROM member"
    "  GROUP BY standard_id, owner_id),"
    " timed AS (SELECT i.*, s.title, s.risk * i.weight AS rank, last.at,"
    "  i.from_at + CASE WHEN i.asset_count > 0 THEN to_microseconds(s.due) END AS due_at"
    "  FROM item i JOIN ar.standard s ON s.id = i.standard_id, last)"
    " SELECT t.standard_id || '/' || coalesce(t.owner_id, '-') AS id, t.title AS name, t.owner_id,"
    " 'finding' AS owner_source, coalesce(o.domain_id, t.domain_id) AS domain_id,"
    " NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env, t.criticality, t.from_at AS created_at,"
    " true AS inventoried, t.from_at AS inventoried_at, NULL::BOOLEAN AS discovered,"
    " NULL::TIMESTAMP AS adopted_at, t.from_at AS first_seen, t.at AS last_seen,"
    " NULL::TIMESTAMP AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count,"
    " t.standard_id, t.due_at, CASE WHEN t.asset_count = 0 THEN t.to_at END AS closed_at,"
    " CASE WHEN t.asset_count = 0 THEN true END AS closed_by_evidence, t.asset_count,"
    " coalesce(t.reopened, 0) AS reopened,"
    " t.asset_count > 0 AND (t.owner_id IS NULL OR coalesce(date_diff('day', t.due_at, t.at) >= 7,"
    "  false)) AS escalated,"
    " CASE WHEN t.asset_count > 0 THEN row_number() OVER (PARTITION BY t.asset_count > 0"
    "  ORDER BY coalesce(t.due_at < t.at, false) DESC, t.rank DESC, t.due_at NULLS LAST,"
    "  t.standard_id, t.owner_id) END AS priority_rank, t.minutes AS effort_minutes_7d"
    " FROM timed t LEFT JOIN ar.owner o ON o.id = t.owner_id;";

const ar_migration ar_work_migrations[] = {
    { 420, "effort spent on what is to be done, and digests sent",
      "CREATE TABLE ar.effort (standard_id VARCHAR, owner_id VARCHAR, who VARCHAR, hours DOUBLE,"
      " note VARCHAR, logged_at TIMESTAMP);"
      "CREATE TABLE ar.digest (owner_id VARCHAR, day DATE, items BIGINT, file VARCHAR);" },
    { 421, "items in trackers, and when it was looked what was closed there",
      "CREATE TABLE ar.ticket (project VARCHAR, item VARCHAR, key VARCHAR, page VARCHAR,"
      " state VARCHAR, sent VARCHAR, level BIGINT, round BIGINT, told BIGINT,"
      " tried_at TIMESTAMP, opened_at TIMESTAMP, problem VARCHAR);"
      "CREATE TABLE ar.project_look (project VARCHAR, looked_at TIMESTAMP);" },
    { 422, "when digests were mailed", "ALTER TABLE ar.digest ADD COLUMN mailed_at TIMESTAMP;" },
    { 423, "items as assets", work_item },
    { 0 },
};
