#include "standard/tables.h"

#include "standard/owed.h"

/* What homes of the first versions have; `compact` makes of it what there is now. */
static const char first[] =
    "CREATE SCHEMA IF NOT EXISTS ar;"

    "CREATE TABLE ar.standard (id VARCHAR, class VARCHAR, title VARCHAR, statement VARCHAR,"
    " pillar VARCHAR, kind VARCHAR, risk BIGINT, owner VARCHAR, template VARCHAR, gates VARCHAR,"
    " pass VARCHAR, action VARCHAR, due BIGINT, waiver_max BIGINT, place BIGINT, version BIGINT, "
    "hash VARCHAR,"
    " since TIMESTAMP, issued_at TIMESTAMP, shipped BOOLEAN, first_judged TIMESTAMP,"
    " last_judged TIMESTAMP, retired_at TIMESTAMP);"

    "CREATE TABLE ar.standard_version (standard_id VARCHAR, version BIGINT, hash VARCHAR,"
    " since TIMESTAMP, kind VARCHAR, scope VARCHAR, pass VARCHAR, params VARCHAR);"

    "CREATE TABLE ar.verdict_slot (kind VARCHAR, batch BIGINT, slot BIGINT, standard_id VARCHAR);"

    "CREATE TABLE ar.verdict (judged VARCHAR, batch BIGINT, kind VARCHAR, asset_id VARCHAR,"
    " bits BIGINT);"

    "CREATE TABLE ar.evaluation (id BIGINT, judged_at TIMESTAMP, as_of TIMESTAMP, standards BIGINT,"
    " assets BIGINT, scope BIGINT, pass BIGINT, fail BIGINT, unknown BIGINT, opened BIGINT,"
    " closed BIGINT);"

    "CREATE TABLE ar.tally (standard_id VARCHAR, owner_id VARCHAR, domain_id VARCHAR, pass BIGINT,"
    " fail BIGINT, unknown BIGINT, numerator DOUBLE, denominator DOUBLE);"

    "CREATE TABLE ar.tally_history (evaluation BIGINT, standard_id VARCHAR, pass BIGINT,"
    " fail BIGINT, unknown BIGINT, numerator DOUBLE, denominator DOUBLE);"

    "CREATE TABLE ar.finding (id VARCHAR, episode BIGINT, standard_id VARCHAR, kind VARCHAR,"
    " asset_id VARCHAR, state VARCHAR, opened_at TIMESTAMP, since TIMESTAMP, closed_at TIMESTAMP,"
    " reason VARCHAR, version BIGINT, name VARCHAR, owner_id VARCHAR, owner_source VARCHAR,"
    " domain_id VARCHAR, criticality BIGINT);"

    "CREATE TABLE ar.finding_change (finding_id VARCHAR, episode BIGINT, evaluation BIGINT,"
    " changed_at TIMESTAMP, state VARCHAR);"

    "CREATE TABLE ar.waiver (id BIGINT, finding_id VARCHAR, standard_id VARCHAR, kind VARCHAR,"
    " asset_id VARCHAR, reason VARCHAR, compensating VARCHAR, approver VARCHAR,"
    " granted_at TIMESTAMP, until TIMESTAMP, ended_at TIMESTAMP, ended_by VARCHAR,"
    " end_reason VARCHAR);";

/* Verdicts are kept packed, and numbered once: what refers to an asset's verdict does so by its
 * number, and to a time by the number of the evaluation, so that two years of daily changes of ten
 * million assets fit on a small disk. A verdict carries the asset's name, owner, domain and
 * criticality as of the last evaluation: a list of findings needs no join with forty views, and
 * what was deleted keeps its name. `facts` is their hash, by which a change of them is seen.
 *
 *   ar.open_finding    what is open: its state, and the one it opened with
 *   ar.closed_finding  what was, and why it closed
 *   ar.finding_turn    changes of state in between
 *   ar.finding, ar.finding_change   all of it in words, to be read */
static const char compact[] =
    "ALTER TABLE ar.verdict ADD COLUMN number BIGINT;"
    "ALTER TABLE ar.verdict ADD COLUMN facts UBIGINT;"
    "ALTER TABLE ar.verdict ADD COLUMN name VARCHAR;"
    "ALTER TABLE ar.verdict ADD COLUMN owner_id VARCHAR;"
    "ALTER TABLE ar.verdict ADD COLUMN owner_source VARCHAR;"
    "ALTER TABLE ar.verdict ADD COLUMN domain_id VARCHAR;"
    "ALTER TABLE ar.verdict ADD COLUMN criticality BIGINT;"

    "CREATE TABLE ar.open_finding (verdict BIGINT, standard_id VARCHAR, episode BIGINT,"
    " version BIGINT, opened BIGINT, opened_as VARCHAR, since BIGINT, state VARCHAR);"

    "CREATE TABLE ar.closed_finding (verdict BIGINT, standard_id VARCHAR, episode BIGINT,"
    " version BIGINT, opened BIGINT, opened_as VARCHAR, closed BIGINT, reason VARCHAR);"

    "CREATE TABLE ar.finding_turn (verdict BIGINT, standard_id VARCHAR, episode BIGINT,"
    " evaluation BIGINT, state VARCHAR);"

    /* what findings there are moves over */
    "CREATE TEMP TABLE ar_moved AS SELECT f.*, coalesce(s.kind, f.kind) AS judged,"
    " coalesce(s.batch, 0) AS batch FROM ar.finding f"
    " LEFT JOIN ar.verdict_slot s ON s.standard_id = f.standard_id;"
    "INSERT INTO ar.verdict (judged, batch, kind, asset_id, bits)"
    " SELECT DISTINCT judged, batch, kind, asset_id, 0 FROM ar_moved m WHERE NOT EXISTS"
    " (SELECT 1 FROM ar.verdict v WHERE v.judged = m.judged AND v.batch = m.batch"
    "  AND v.kind = m.kind AND v.asset_id = m.asset_id);"
    "UPDATE ar.verdict SET number = rowid;"
    "UPDATE ar.verdict SET name = m.name, owner_id = m.owner_id, owner_source = m.owner_source,"
    " domain_id = m.domain_id, criticality = m.criticality FROM (SELECT DISTINCT ON (judged, batch,"
    " kind, asset_id) * FROM ar_moved ORDER BY since DESC) m WHERE ar.verdict.judged = m.judged"
    " AND ar.verdict.batch = m.batch AND ar.verdict.kind = m.kind"
    " AND ar.verdict.asset_id = m.asset_id;"
    "CREATE TEMP TABLE ar_change_moved AS SELECT v.number AS verdict, m.standard_id, m.episode,"
    " m.version, c.evaluation, c.state, m.closed_at IS NOT NULL AS closed,"
    " row_number() OVER w AS place, count(*) OVER (PARTITION BY m.id, m.episode) AS places"
    " FROM ar_moved m JOIN ar.finding_change c ON c.finding_id = m.id AND c.episode = m.episode"
    " JOIN ar.verdict v ON v.judged = m.judged AND v.batch = m.batch AND v.kind = m.kind"
    "  AND v.asset_id = m.asset_id"
    " WINDOW w AS (PARTITION BY m.id, m.episode ORDER BY c.evaluation);"
    "INSERT INTO ar.open_finding SELECT o.verdict, o.standard_id, o.episode, o.version,"
    " o.evaluation, o.state, n.evaluation, n.state FROM ar_change_moved o JOIN ar_change_moved n"
    " USING (verdict, standard_id, episode) WHERE NOT o.closed AND o.place = 1"
    " AND n.place = n.places;"
    "INSERT INTO ar.closed_finding SELECT o.verdict, o.standard_id, o.episode, o.version,"
    " o.evaluation, o.state, n.evaluation, n.state FROM ar_change_moved o JOIN ar_change_moved n"
    " USING (verdict, standard_id, episode) WHERE o.closed AND o.place = 1"
    " AND n.place = n.places;"
    "INSERT INTO ar.finding_turn SELECT verdict, standard_id, episode, evaluation, state"
    " FROM ar_change_moved WHERE place > 1 AND (place < places OR NOT closed);"
    "DROP TABLE ar_moved; DROP TABLE ar_change_moved;"
    "DROP VIEW IF EXISTS main.finding; DROP VIEW IF EXISTS main.waiver;"
    "DROP TABLE ar.finding; DROP TABLE ar.finding_change;"

    "CREATE VIEW ar.finding AS"
    " SELECT f.standard_id || '/' || v.kind || ':' || v.asset_id AS id, f.episode, f.standard_id,"
    " v.kind, v.asset_id, f.state, o.as_of AS opened_at, s.as_of AS since,"
    " NULL::TIMESTAMP AS closed_at, NULL::VARCHAR AS reason, f.version, v.name, v.owner_id,"
    " v.owner_source, v.domain_id, v.criticality"
    " FROM ar.open_finding f JOIN ar.verdict v ON v.number = f.verdict"
    " JOIN ar.evaluation o ON o.id = f.opened JOIN ar.evaluation s ON s.id = f.since"
    " UNION ALL"
    " SELECT f.standard_id || '/' || v.kind || ':' || v.asset_id, f.episode, f.standard_id,"
    " v.kind, v.asset_id, 'closed', o.as_of, c.as_of, c.as_of, f.reason, f.version, v.name,"
    " v.owner_id, v.owner_source, v.domain_id, v.criticality"
    " FROM ar.closed_finding f JOIN ar.verdict v ON v.number = f.verdict"
    " JOIN ar.evaluation o ON o.id = f.opened JOIN ar.evaluation c ON c.id = f.closed;"

    "CREATE VIEW ar.finding_change AS"
    " SELECT f.standard_id, v.kind, v.asset_id, f.episode, f.evaluation, e.as_of AS changed_at,"
    " f.state FROM ("
    "  SELECT verdict, standard_id, episode, opened AS evaluation, opened_as AS state"
    "  FROM ar.open_finding UNION ALL"
    "  SELECT verdict, standard_id, episode, opened, opened_as FROM ar.closed_finding UNION ALL"
    "  SELECT verdict, standard_id, episode, evaluation, state FROM ar.finding_turn UNION ALL"
    "  SELECT verdict, standard_id, episode, closed, reason FROM ar.closed_finding) f"
    " JOIN ar.verdict v ON v.number = f.verdict JOIN ar.evaluation e ON e.id = f.evaluation;"

    "CREATE OR REPLACE VIEW main.finding AS"
    " SELECT f.id, f.episode, f.standard_id, s.title, s.pillar, s.class, s.risk, f.kind,"
    " f.asset_id, f.name, f.owner_id, f.owner_source, f.domain_id, f.criticality, f.state,"
    " f.opened_at, f.since, f.opened_at + to_microseconds(s.due) AS due_at, f.closed_at,"
    " f.reason AS close_reason, f.version AS standard_version,"
    " (SELECT max(w.until) FROM ar.waiver w WHERE w.finding_id = f.id AND w.ended_at IS NULL)"
    " AS waived_until"
    " FROM ar.finding f JOIN ar.standard s ON s.id = f.standard_id;";

/* Standards and waivers as kinds. */
static const char kinds[] =
    "CREATE OR REPLACE VIEW main.standard AS"
    " SELECT s.id, s.title AS name, s.owner AS owner_id, 'standard' AS owner_source,"
    " NULL::VARCHAR AS domain_id, NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env,"
    " s.risk AS criticality, s.issued_at AS created_at, s.first_judged AS inventoried_at,"
    " true AS inventoried, NULL::BOOLEAN AS discovered,"
    " NULL::TIMESTAMP AS adopted_at, s.first_judged AS first_seen, s.last_judged AS last_seen,"
    " s.retired_at AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count,"
    " CASE WHEN s.retired_at IS NULL THEN rank() OVER (PARTITION BY s.retired_at IS NULL"
    " ORDER BY s.risk DESC, s.place) END AS risk_rank,"
    " s.template AS start_artifact, s.gates AS stay_gate, 'NOT (' || s.pass || ')' AS get_query,"
    " NULL::VARCHAR AS endurance_plan, NULL::TIMESTAMP AS next_review_at,"
    " s.action AS paved_path, NULL::DOUBLE AS target_pct, s.kind AS actionable_kind,"
    " NULL::DOUBLE AS dev_impact_minutes, NULL::DOUBLE AS dev_satisfaction, s.retired_at,"
    " s.class, s.pillar, s.version, s.shipped"
    " FROM ar.standard s;"

    "CREATE OR REPLACE VIEW main.waiver AS"
    " SELECT 'W-' || w.id AS id, w.finding_id AS name, f.owner_id, 'finding' AS owner_source,"
    " f.domain_id, NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env, f.criticality,"
    " w.granted_at AS created_at, w.granted_at AS inventoried_at, NULL::TIMESTAMP AS adopted_at,"
    " true AS inventoried, NULL::BOOLEAN AS discovered,"
    " w.granted_at AS first_seen, (SELECT max(e.as_of) FROM ar.evaluation e) AS last_seen,"
    " w.ended_at AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count, w.standard_id,"
    " w.approver, w.reason, w.until AS expires_at, w.compensating"
    " FROM ar.waiver w LEFT JOIN (SELECT g.id, max_by(g.owner_id, g.episode) AS owner_id,"
    " max_by(g.domain_id, g.episode) AS domain_id, max_by(g.criticality, g.episode) AS criticality"
    " FROM ar.finding g GROUP BY g.id) f ON f.id = w.finding_id;";

/* A snapshot counts; what changed since the one before is kept asset by asset, and how each was
 * then, once, for the next. */
static const char snapshots[] =
    "ALTER TABLE ar.verdict ADD COLUMN deleted BOOLEAN;"

    "CREATE TABLE ar.snapshot (id BIGINT, name VARCHAR, as_of TIMESTAMP, taken_at TIMESTAMP,"
    " who VARCHAR, evaluation BIGINT, hash VARCHAR);"

    "CREATE TABLE ar.snapshot_count (snapshot BIGINT, standard_id VARCHAR, version BIGINT,"
    " domain_id VARCHAR, pass BIGINT, fail BIGINT, unknown BIGINT, waived BIGINT,"
    " numerator DOUBLE, denominator DOUBLE);"

    "CREATE TABLE ar.snapshot_change (snapshot BIGINT, verdict BIGINT, standard_id VARCHAR,"
    " version BIGINT, domain_id VARCHAR, cause VARCHAR, was TINYINT, now TINYINT);"

    "CREATE TABLE ar.snapshot_now (verdict BIGINT, bits BIGINT, domain_id VARCHAR);"
    "CREATE TABLE ar.snapshot_slot (judged VARCHAR, batch BIGINT, slot BIGINT,"
    " standard_id VARCHAR, version BIGINT);"
    "CREATE TABLE ar.snapshot_waived (verdict BIGINT, standard_id VARCHAR);";

/* What is published outside of the database (lookup/publish.h) and has changed since: an asset's
 * verdict, or until when it may miss a standard. `part` says which, NULL: everything is to be
 * published anew. `there`: the estate has the asset and it is not deleted. */
static const char changes[] =
    "ALTER TABLE ar.verdict ADD COLUMN there BOOLEAN;"
    "CREATE TABLE ar.verdict_change (part VARCHAR, kind VARCHAR, asset_id VARCHAR, bits BIGINT,"
    " since TIMESTAMP, there BOOLEAN);";

/* An open finding says whose it is, as its verdict does, so that those of one owner or domain are
 * found among the findings, and not among all verdicts; a waiver which verdict it is about. */
static const char owed[] =
    "CREATE TABLE ar.open_now AS SELECT f.*, v.owner_id, v.domain_id, v.criticality"
    " FROM ar.open_finding f JOIN ar.verdict v ON v.number = f.verdict"
    " ORDER BY f.standard_id, f.verdict;"
    "DROP TABLE ar.open_finding; ALTER TABLE ar.open_now RENAME TO open_finding;"

    "ALTER TABLE ar.waiver ADD COLUMN verdict BIGINT;"
    "UPDATE ar.waiver SET verdict = v.number FROM ar.verdict v JOIN ar.open_finding f"
    " ON f.verdict = v.number WHERE f.standard_id = ar.waiver.standard_id"
    " AND v.kind = ar.waiver.kind AND v.asset_id = ar.waiver.asset_id;"

    "CREATE TABLE ar.owed (standard_id VARCHAR, owner_id VARCHAR, domain_id VARCHAR, open BIGINT,"
    " fail BIGINT, reopened BIGINT, opened BIGINT, at_opened BIGINT, weight BIGINT,"
    " at_weight BIGINT);"
    "INSERT INTO ar.owed " AR_OWED_OF(AR_OWED_COUNTED(
        "ar.open_finding")) ";"

                            "CREATE TABLE ar.item (standard_id VARCHAR, owner_id VARCHAR, "
                            "domain_id VARCHAR, open BIGINT,"
                            " fail BIGINT, reopened BOOLEAN, since TIMESTAMP, due_at TIMESTAMP, "
                            "rank BIGINT,"
                            " ahead BIGINT);"
                            "INSERT INTO ar.item " AR_ITEMS_OF(
                                "ar.owed") " ORDER BY owner_id, standard_id;"

                                           "CREATE TABLE ar.fixed (evaluation BIGINT, owner_id "
                                           "VARCHAR, n BIGINT);"
                                           "INSERT INTO ar.fixed SELECT c.closed, v.owner_id, "
                                           "count(*) FROM ar.closed_finding c"
                                           " JOIN ar.verdict v ON v.number = c.verdict JOIN "
                                           "ar.evaluation e ON e.id = c.closed"
                                           " WHERE c.reason = 'fixed' AND e.as_of > (SELECT "
                                           "max(as_of) FROM ar.evaluation)"
                                           "  - INTERVAL 28 DAY GROUP BY ALL;"

                                           "CREATE OR REPLACE VIEW ar.finding AS"
                                           " SELECT f.standard_id || '/' || v.kind || ':' || "
                                           "v.asset_id AS id, f.episode, "
                                           "f.standard_id,"
                                           " v.kind, v.asset_id, f.state, o.as_of AS opened_at, "
                                           "s.as_of AS since,"
                                           " NULL::TIMESTAMP AS closed_at, NULL::VARCHAR AS "
                                           "reason, f.version, v.name, f.owner_id,"
                                           " v.owner_source, f.domain_id, f.criticality"
                                           " FROM ar.open_finding f JOIN ar.verdict v ON v.number "
                                           "= f.verdict"
                                           " JOIN ar.evaluation o ON o.id = f.opened JOIN "
                                           "ar.evaluation s ON s.id = f.since"
                                           " UNION ALL"
                                           " SELECT f.standard_id || '/' || v.kind || ':' || "
                                           "v.asset_id, f.episode, f.standard_id,"
                                           " v.kind, v.asset_id, 'closed', o.as_of, c.as_of, "
                                           "c.as_of, f.reason, f.version, v.name,"
                                           " v.owner_id, v.owner_source, v.domain_id, v.criticality"
                                           " FROM ar.closed_finding f JOIN ar.verdict v ON "
                                           "v.number = f.verdict"
                                           " JOIN ar.evaluation o ON o.id = f.opened JOIN "
                                           "ar.evaluation c ON c.id = f.closed;";

const ar_migration ar_standard_migrations[] = {
    { 300, "standards, verdicts, findings, waivers", first },
    { 301, "whose a waived asset was", "ALTER TABLE ar.waiver ADD COLUMN owner_id VARCHAR" },
    { 302, "why a standard cannot be judged", "ALTER TABLE ar.standard ADD COLUMN error VARCHAR" },
    { 303, "findings by number, so that years of them take little room", compact },
    { 304, "standards and waivers with the columns of every kind", kinds },
    { 305, "snapshots, and what led from one to the next", snapshots },
    { 310, "what is published of verdicts", changes },
    { 311, "evaluations of a part of the estate",
      "ALTER TABLE ar.evaluation ADD COLUMN part BOOLEAN" },
    { 312, "what is open, counted by owner and domain", owed },
    { 0 },
};
