#include "standard/judge.h"

enum { CHANGES_NOTED_MAX = 1000000 };

ar_err ar_judge_run(ar_judge *j, const char *sql, const ar_value *args, size_t n,
                    int64_t *out_changed)
{
    return ar_engine_run(j->engine, ar_str_of(sql), args, n, out_changed);
}

ar_err ar_judge_number(ar_judge *j, const char *sql, const ar_value *args, size_t n, int64_t *out)
{
    ar_value value;

    AR_TRY(ar_engine_value(j->engine, ar_str_of(sql), args, n, j->arena, &value));
    *out = value.type == AR_NULL ? 0 : value.i;
    return ar_ok();
}

ar_err ar_judge_last(ar_judge *j, ar_time *out_last)
{
    ar_value value;

    AR_TRY(ar_engine_value(j->engine, AR_LIT("SELECT max(as_of) FROM ar.evaluation"), NULL, 0,
                           j->arena, &value));
    *out_last = value.type == AR_NULL ? AR_TIME_MIN : value.i;
    return ar_ok();
}

ar_err ar_judge_next(ar_judge *j)
{
    return ar_judge_number(j, "SELECT 1 + coalesce(max(id), 0) FROM ar.evaluation", NULL, 0,
                           &j->id);
}

ar_err ar_judge_end(ar_judge *j)
{
    return ar_engine_exec(j->engine,
                          "DROP TABLE IF EXISTS ar_judged; DROP TABLE IF EXISTS ar_change;"
                          " DROP TABLE IF EXISTS ar_merged; DROP TABLE IF EXISTS ar_turn;"
                          " DROP TABLE IF EXISTS ar_turned; DROP TABLE IF EXISTS ar_sum;"
                          " DROP TABLE IF EXISTS ar_shift; DROP TABLE ar_slot; DROP TABLE ar_held");
}

/* ---- one batch ---- */

/* The kind whose rows are the assets of all others, each with its own. */
static bool is_of_all(const ar_kind *kind)
{
    return ar_str_eq(kind->name, AR_LIT("asset")) &&
           ar_kind_column_find(kind, AR_LIT("kind")) != NULL;
}

/* A kind whose view is not there yet has nothing in scope. */
static ar_err judge_nothing(ar_judge *j)
{
    return ar_engine_exec(j->engine, "CREATE OR REPLACE TEMP TABLE ar_judged (kind VARCHAR,"
                                     " asset_id VARCHAR, name VARCHAR, owner_id VARCHAR,"
                                     " owner_source VARCHAR, domain_id VARCHAR,"
                                     " criticality BIGINT, facts UBIGINT, deleted BOOLEAN,"
                                     " bits BIGINT)");
}

/* " WORD kind and id are among those that are judged" */
static void add_some(ar_buf *sql, const ar_judge *j, const ar_roster_batch *batch, const char *word,
                     const char *kind, const char *id)
{
    if (j->some == NULL) return;
    if (is_of_all(batch->kind))
        return ar_buf_addf(sql, " %s (%s, %s) IN (SELECT (kind, id) FROM %s)", word, kind, id,
                           j->some);
    ar_buf_addf(sql, " %s %s IN (SELECT id FROM %s WHERE kind = ", word, id, j->some);
    ar_sql_text(sql, batch->kind->name);
    ar_buf_addc(sql, ')');
}

ar_err ar_judge_batch(ar_judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_scan scan;

    if (!batch->viewed) return judge_nothing(j);
    AR_TRY(ar_scan_make(&j->scans, batch->kind, batch->slots, AR_SCAN_SLOTS, j->asof, batch->gone,
                        &scan));
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ar_judged AS SELECT ");
    if (is_of_all(batch->kind))
        ar_buf_addz(&sql, "a.\"kind\"");
    else
        ar_sql_text(&sql, batch->kind->name);
    ar_buf_addf(&sql,
                " AS kind, a.\"id\" AS asset_id, a.\"name\" AS name, a.\"owner_id\" AS owner_id,"
                " a.\"owner_source\" AS owner_source, a.\"domain_id\" AS domain_id,"
                " a.\"criticality\" AS criticality, hash(a.\"name\", a.\"owner_id\","
                " a.\"owner_source\", a.\"domain_id\", a.\"criticality\") AS facts,"
                " a.\"deleted_at\" IS NOT NULL AS deleted, %.*s AS bits FROM %.*s",
                AR_FMT(scan.verdict), AR_FMT(scan.from));
    add_some(&sql, j, batch, "WHERE", "a.\"kind\"", "a.\"id\"");
    return ar_engine_exec(j->engine, sql.ptr);
}

/* All verdicts of the batch; those of some are kept by now. */
static void add_judged(ar_buf *sql, const ar_judge *j, const ar_roster_batch *batch)
{
    if (j->some == NULL) return ar_buf_addz(sql, "ar_judged");
    ar_buf_addz(sql, "ar.verdict WHERE judged = ");
    ar_sql_text(sql, batch->kind->name);
    ar_buf_addf(sql, " AND batch = %lld", (long long)batch->number);
}

/* Where the report counts something else than assets: both sums over the scope. What is unknown
 * adds to the denominator only, so that not knowing never lifts a share. */
static ar_err sum_share(ar_judge *j, const ar_roster_batch *batch, size_t slot)
{
    const ar_standard *s = batch->slots[slot];
    const ar_expr_param *params = ar_standard_params(s, j->asof, j->arena);
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[1] = { ar_text(s->id) };

    ar_buf_addf(&sql,
                "UPDATE %s AS t SET numerator = p.numerator, denominator = p.denominator FROM "
                "(SELECT v.owner_id, v.domain_id, coalesce(sum(CASE WHEN v.state <> 3 THEN ",
                j->some == NULL ? "ar_sum" : "ar.tally");
    ar_expr_sql(s->numerator, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("a"), &sql);
    ar_buf_addz(&sql, " END), 0)::DOUBLE AS numerator, coalesce(sum(");
    ar_expr_sql(s->denominator, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("a"), &sql);
    ar_buf_addf(&sql,
                "), 0)::DOUBLE AS denominator FROM (SELECT asset_id, owner_id, domain_id,"
                " (bits >> %zu) & 3 AS state FROM ",
                2 * slot);
    add_judged(&sql, j, batch);
    ar_buf_addz(&sql, ") v JOIN ");
    ar_sql_name(&sql, batch->kind->name);
    ar_buf_addz(&sql, " a ON a.\"id\" = v.asset_id WHERE v.state <> 0 GROUP BY v.owner_id,"
                      " v.domain_id) p WHERE t.standard_id = $1"
                      " AND t.owner_id IS NOT DISTINCT FROM p.owner_id"
                      " AND t.domain_id IS NOT DISTINCT FROM p.domain_id");
    return ar_engine_run(j->engine, ar_buf_str(&sql), args, 1, NULL);
}

ar_err ar_judge_shares(ar_judge *j, const ar_roster_batch *batch)
{
    for (size_t i = 0; i < AR_SCAN_SLOTS; i++)
        if (batch->viewed && batch->slots[i] != NULL && batch->slots[i]->numerator != NULL)
            AR_TRY(sum_share(j, batch, i));
    return ar_ok();
}

/* ---- what changed ---- */

/* ar_change: one row per asset whose verdict, or what people need to know of it, is another than
 * last time. ar_merged: those among them that are now part of another asset. ar_turn: one row per
 * standard and asset whose state is another. */
ar_err ar_judge_changes(ar_judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE ar_change AS SELECT * REPLACE (coalesce(number,"
                " row_number() OVER () + (SELECT coalesce(max(number), 0) FROM ar.verdict))"
                " AS number) FROM (SELECT o.number,"
                " coalesce(n.kind, o.kind) AS kind, coalesce(n.asset_id, o.asset_id) AS asset_id,"
                " coalesce(o.bits, 0) AS old,"
                " coalesce(n.bits, 0) | (coalesce(o.bits, 0) & %lld) AS new,"
                " coalesce(n.deleted, TRUE) AS deleted, n.asset_id IS NULL AS vanished,"
                " NOT coalesce(n.deleted, TRUE) AS there,"
                " (NOT coalesce(n.deleted, TRUE)) IS DISTINCT FROM o.there AS came_or_went,"
                " n.facts,"
                " n.name, n.owner_id,"
                " n.owner_source, n.domain_id, n.criticality,"
                " n.facts IS DISTINCT FROM o.facts AND n.facts IS NOT NULL"
                "  AND o.number IS NOT NULL AS retold"
                " FROM ar_judged n FULL JOIN (SELECT number, kind, asset_id, bits, facts,"
                " there FROM ar.verdict WHERE judged = ",
                (long long)batch->held);
    ar_sql_text(&sql, batch->kind->name);
    add_some(&sql, j, batch, "AND", "kind", "asset_id");
    ar_buf_addf(&sql,
                " AND batch = %lld) o ON n.kind = o.kind AND n.asset_id = o.asset_id)"
                " WHERE new <> old OR retold OR came_or_went;"
                "CREATE OR REPLACE TEMP TABLE ar_merged AS SELECT DISTINCT c.number"
                " FROM ar_change c JOIN ar.history h ON h.kind = c.kind AND h.old = c.asset_id"
                " WHERE c.vanished AND h.col = 'asset';"
                "CREATE OR REPLACE TEMP TABLE ar_turn AS SELECT * FROM (SELECT d.number,"
                " s.standard_id, s.version, s.fresh, (d.old >> (2 * s.slot)) & 3 AS old,"
                " (d.new >> (2 * s.slot)) & 3 AS new, d.deleted, m.number IS NOT NULL AS merged"
                " FROM ar_change d LEFT JOIN ar_merged m ON m.number = d.number"
                " JOIN ar_slot s ON s.batch = %lld AND s.kind = ",
                (long long)batch->number, (long long)batch->number);
    ar_sql_text(&sql, batch->kind->name);
    ar_buf_addz(&sql, " WHERE d.new <> d.old) WHERE old <> new AND (old >= 2 OR new >= 2)");
    return ar_engine_exec(j->engine, sql.ptr);
}

ar_err ar_judge_keep(ar_judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    AR_TRY(ar_engine_exec(
        j->engine,
        "UPDATE ar.verdict SET bits = c.new, deleted = c.deleted FROM ar_change c"
        " WHERE ar.verdict.number = c.number AND c.new <> c.old;"
        "UPDATE ar.verdict SET there = c.there FROM ar_change c"
        " WHERE ar.verdict.number = c.number AND c.came_or_went;"
        "UPDATE ar.verdict SET facts = c.facts, name = c.name, owner_id = c.owner_id,"
        " owner_source = c.owner_source, domain_id = c.domain_id, criticality = c.criticality"
        " FROM ar_change c WHERE ar.verdict.number = c.number AND c.retold"));
    return ar_judge_run(
        j,
        "INSERT INTO ar.verdict (number, judged, batch, kind, asset_id, bits, facts, name,"
        " owner_id, owner_source, domain_id, criticality, there) SELECT c.number, $1, $2,"
        " c.kind, c.asset_id, c.new, c.facts, c.name, c.owner_id, c.owner_source,"
        " c.domain_id, c.criticality, c.there FROM ar_change c ANTI JOIN ar.verdict v ON "
        "v.number = c.number",
        args, 2, NULL);
}

/* What is published of verdicts follows; beyond so many, all of it is written anew. */
ar_err ar_judge_note(ar_judge *j, const ar_roster_batch *batch, int64_t changes)
{
    ar_value args[] = { ar_text(ar_arena_printf(j->arena, "%.*s/%lld", AR_FMT(batch->kind->name),
                                                (long long)batch->number)),
                        ar_at(j->asof) };

    if (changes > CHANGES_NOTED_MAX)
        return ar_judge_run(j, "INSERT INTO ar.verdict_change (part) VALUES (NULL)", NULL, 0, NULL);
    return ar_judge_run(j,
                        "INSERT INTO ar.verdict_change SELECT $1, kind, asset_id, new, $2, there"
                        " FROM ar_change WHERE new <> old OR came_or_went",
                        args, AR_COUNT(args), NULL);
}

/* SQL: the name of a state that is not right. */
#define STATE "CASE t.new WHEN 2 THEN 'fail' ELSE 'unknown' END"

/* ar_turned: what is open of that, found once. */
static ar_err find_open(ar_judge *j)
{
    return ar_engine_exec(
        j->engine, "CREATE OR REPLACE TEMP TABLE ar_turned AS SELECT f.rowid AS row, f.*, t.new,"
                   " t.deleted, t.fresh, t.merged FROM ar.open_finding f JOIN ar_turn t"
                   " ON t.number = f.verdict AND t.standard_id = f.standard_id WHERE t.old >= 2");
}

static ar_err switch_findings(ar_judge *j)
{
    ar_value id = ar_int(j->id);

    AR_TRY(ar_judge_run(
        j,
        "INSERT INTO ar.finding_turn SELECT t.verdict, t.standard_id, t.episode, $1, " STATE
        " FROM ar_turned t WHERE t.new >= 2 ORDER BY t.standard_id, t.verdict",
        &id, 1, NULL));
    return ar_judge_run(j,
                        "UPDATE ar.open_finding SET since = $1, state = " STATE " FROM ar_turned t"
                        " WHERE t.row = ar.open_finding.rowid AND t.new >= 2",
                        &id, 1, NULL);
}

static ar_err close_findings(ar_judge *j, int64_t *out_n)
{
    ar_value id = ar_int(j->id);

    AR_TRY(ar_judge_run(
        j,
        "INSERT INTO ar.closed_finding SELECT t.verdict, t.standard_id, t.episode, t.version,"
        " t.opened, t.opened_as, $1, CASE WHEN t.merged THEN 'merged'"
        " WHEN t.deleted THEN 'deleted' WHEN t.fresh THEN 'standard_changed'"
        " WHEN t.new = 0 THEN 'out_of_scope' ELSE 'fixed' END FROM ar_turned t"
        " WHERE t.new < 2 ORDER BY t.standard_id, t.verdict",
        &id, 1, out_n));
    return ar_judge_run(j,
                        "DELETE FROM ar.open_finding WHERE rowid IN"
                        " (SELECT row FROM ar_turned WHERE new < 2)",
                        NULL, 0, NULL);
}

static ar_err open_findings(ar_judge *j, int64_t *out_n)
{
    ar_value id = ar_int(j->id);

    return ar_judge_run(
        j,
        "INSERT INTO ar.open_finding SELECT t.number, t.standard_id,"
        " 1 + coalesce(p.episode, 0), t.version, $1, " STATE ", $1, " STATE " FROM ar_turn t"
        " LEFT JOIN (SELECT c.verdict, c.standard_id, max(c.episode) AS episode"
        "  FROM ar.closed_finding c SEMI JOIN ar_turn o ON o.number = c.verdict"
        "  GROUP BY ALL) p ON p.verdict = t.number AND p.standard_id = t.standard_id"
        " WHERE t.old < 2 AND t.new >= 2 ORDER BY t.standard_id, t.number",
        &id, 1, out_n);
}

ar_err ar_judge_turn(ar_judge *j, ar_evaluated *sum)
{
    int64_t opened, closed;

    AR_TRY(find_open(j));
    AR_TRY(switch_findings(j));
    AR_TRY(close_findings(j, &closed));
    AR_TRY(open_findings(j, &opened));
    sum->opened += opened;
    sum->closed += closed;
    return ar_ok();
}
