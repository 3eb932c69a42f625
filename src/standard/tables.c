#include "standard/tables.h"

/* Verdicts are kept packed, so that only what changed since the last evaluation becomes rows.
 * Findings carry the asset's name, owner, domain and criticality as of the last evaluation: a list
 * needs no join with forty views, and what was deleted keeps its name. */
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
    " end_reason VARCHAR);"

    "CREATE OR REPLACE VIEW main.finding AS"
    " SELECT f.id, f.episode, f.standard_id, s.title, s.pillar, s.class, s.risk, f.kind,"
    " f.asset_id, f.name, f.owner_id, f.owner_source, f.domain_id, f.criticality, f.state,"
    " f.opened_at, f.since, f.opened_at + to_microseconds(s.due) AS due_at, f.closed_at,"
    " f.reason AS close_reason, f.version AS standard_version,"
    " (SELECT max(w.until) FROM ar.waiver w WHERE w.finding_id = f.id AND w.ended_at IS NULL)"
    " AS waived_until"
    " FROM ar.finding f JOIN ar.standard s ON s.id = f.standard_id;"

    "CREATE OR REPLACE VIEW main.waiver AS"
    " SELECT 'W-' || w.id AS id, w.finding_id AS name, f.owner_id, 'finding' AS owner_source,"
    " f.domain_id, NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env, f.criticality,"
    " w.granted_at AS created_at, w.granted_at AS inventoried_at, NULL::TIMESTAMP AS adopted_at,"
    " w.granted_at AS first_seen, (SELECT max(e.as_of) FROM ar.evaluation e) AS last_seen,"
    " w.ended_at AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count, w.standard_id,"
    " w.approver, w.reason, w.until AS expires_at, w.compensating"
    " FROM ar.waiver w LEFT JOIN (SELECT g.id, max_by(g.owner_id, g.episode) AS owner_id,"
    " max_by(g.domain_id, g.episode) AS domain_id, max_by(g.criticality, g.episode) AS criticality"
    " FROM ar.finding g GROUP BY g.id) f ON f.id = w.finding_id;"

    "CREATE OR REPLACE VIEW main.standard AS"
    " SELECT s.id, s.title AS name, s.owner AS owner_id, 'standard' AS owner_source,"
    " NULL::VARCHAR AS domain_id, NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env,"
    " s.risk AS criticality, s.issued_at AS created_at, s.first_judged AS inventoried_at,"
    " NULL::TIMESTAMP AS adopted_at, s.first_judged AS first_seen, s.last_judged AS last_seen,"
    " s.retired_at AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count,"
    " CASE WHEN s.retired_at IS NULL THEN rank() OVER (PARTITION BY s.retired_at IS NULL"
    " ORDER BY s.risk DESC, s.place) END AS risk_rank,"
    " s.template AS start_artifact, s.gates AS stay_gate, 'NOT (' || s.pass || ')' AS get_query,"
    " NULL::VARCHAR AS endurance_plan, NULL::TIMESTAMP AS next_review_at,"
    " s.action AS paved_path, NULL::DOUBLE AS target_pct, s.kind AS actionable_kind,"
    " NULL::DOUBLE AS dev_impact_minutes, NULL::DOUBLE AS dev_satisfaction, s.retired_at,"
    " s.class, s.pillar, s.version, s.shipped"
    " FROM ar.standard s;";

const ar_migration ar_standard_migrations[] = {
    { 300, "standards, verdicts, findings, waivers", first },
    { 301, "whose a waived asset was", "ALTER TABLE ar.waiver ADD COLUMN owner_id VARCHAR" },
    { 302, "why a standard cannot be judged", "ALTER TABLE ar.standard ADD COLUMN error VARCHAR" },
    { 0 },
};
