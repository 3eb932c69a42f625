#include "standard/evaluate.h"

#include "standard/roster.h"
#include "standard/scan.h"

/* The names of the temporary tables of one evaluation: ar_judged (the verdicts of one batch),
 * ar_change and ar_turn (what changed of it), ar_sum (what will be ar.tally), ar_slot (which
 * standard is where), ar_held (which standards cannot be judged now). */

typedef struct judge {
    ar_engine *engine;
    const ar_standards *standards;
    ar_time asof;
    bool stored;
    int64_t id;
    ar_arena *arena;
    ar_scans scans;
} judge;

static ar_err run(judge *j, const char *sql, const ar_value *args, size_t n, int64_t *out_changed)
{
    return ar_engine_run(j->engine, ar_str_of(sql), args, n, out_changed);
}

static ar_err number(judge *j, const char *sql, const ar_value *args, size_t n, int64_t *out)
{
    ar_value value;

    AR_TRY(ar_engine_value(j->engine, ar_str_of(sql), args, n, j->arena, &value));
    *out = value.type == AR_NULL ? 0 : value.i;
    return ar_ok();
}

/* ---- when ---- */

static ar_err read_last(judge *j, ar_time *out_last)
{
    ar_value value;

    AR_TRY(ar_engine_value(j->engine, AR_LIT("SELECT max(as_of) FROM ar.evaluation"), NULL, 0,
                           j->arena, &value));
    *out_last = value.type == AR_NULL ? AR_TIME_MIN : value.i;
    return ar_ok();
}

static ar_err begin_run(judge *j, ar_time now)
{
    ar_value args[3] = { ar_null(), ar_at(now), ar_at(j->asof) };

    AR_TRY(number(j, "SELECT 1 + coalesce(max(id), 0) FROM ar.evaluation", NULL, 0, &j->id));
    args[0] = ar_int(j->id);
    return run(j, "INSERT INTO ar.evaluation (id, judged_at, as_of) VALUES ($1, $2, $3)", args, 3,
               NULL);
}

/* ---- one batch ---- */

/* A kind whose view is not there yet has nothing in scope. */
static ar_err judge_nothing(judge *j)
{
    return ar_engine_exec(j->engine, "CREATE OR REPLACE TEMP TABLE ar_judged (kind VARCHAR,"
                                     " asset_id VARCHAR, name VARCHAR, owner_id VARCHAR,"
                                     " owner_source VARCHAR, domain_id VARCHAR,"
                                     " criticality BIGINT, facts UBIGINT, deleted BOOLEAN,"
                                     " bits BIGINT)");
}

static ar_err judge_batch(judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_scan scan;

    if (!batch->viewed) return judge_nothing(j);
    AR_TRY(ar_scan_make(&j->scans, batch->kind, batch->slots, AR_SCAN_SLOTS, j->asof, batch->gone,
                        &scan));
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ar_judged AS SELECT ");
    if (ar_kind_column_find(batch->kind, AR_LIT("kind")) != NULL &&
        ar_str_eq(batch->kind->name, AR_LIT("asset")))
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
    return ar_engine_exec(j->engine, sql.ptr);
}

static ar_err sum_batch(judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    return run(j,
               "INSERT INTO ar_sum SELECT s.standard_id, g.owner_id, g.domain_id,"
               " split_part(g.part, ' ', 2)::BIGINT, split_part(g.part, ' ', 3)::BIGINT,"
               " split_part(g.part, ' ', 4)::BIGINT, NULL, NULL"
               " FROM (SELECT owner_id, domain_id,"
               "  unnest(string_split(ar_verdict_count(bits), ';')) AS part"
               "  FROM ar_judged GROUP BY owner_id, domain_id) g"
               " JOIN ar_slot s ON s.slot = split_part(g.part, ' ', 1)::BIGINT"
               " WHERE g.part <> '' AND s.kind = $1 AND s.batch = $2",
               args, 2, NULL);
}

/* Where the report counts something else than assets: both sums over the scope. What is unknown
 * adds to the denominator only, so that not knowing never lifts a share. */
static ar_err sum_share(judge *j, const ar_roster_batch *batch, size_t slot)
{
    const ar_standard *s = batch->slots[slot];
    const ar_expr_param *params = ar_standard_params(s, j->asof, j->arena);
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[1] = { ar_text(s->id) };

    ar_buf_addz(&sql, "UPDATE ar_sum SET numerator = p.numerator, denominator = p.denominator FROM "
                      "(SELECT v.owner_id, v.domain_id, coalesce(sum(CASE WHEN v.state <> 3 THEN ");
    ar_expr_sql(s->numerator, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("a"), &sql);
    ar_buf_addz(&sql, " END), 0)::DOUBLE AS numerator, coalesce(sum(");
    ar_expr_sql(s->denominator, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("a"), &sql);
    ar_buf_addf(&sql,
                "), 0)::DOUBLE AS denominator FROM (SELECT asset_id, owner_id, domain_id,"
                " (bits >> %zu) & 3 AS state FROM ar_judged) v JOIN ",
                2 * slot);
    ar_sql_name(&sql, batch->kind->name);
    ar_buf_addz(&sql, " a ON a.\"id\" = v.asset_id WHERE v.state <> 0 GROUP BY v.owner_id,"
                      " v.domain_id) p WHERE ar_sum.standard_id = $1"
                      " AND ar_sum.owner_id IS NOT DISTINCT FROM p.owner_id"
                      " AND ar_sum.domain_id IS NOT DISTINCT FROM p.domain_id");
    return ar_engine_run(j->engine, ar_buf_str(&sql), args, 1, NULL);
}

static ar_err sum_shares(judge *j, const ar_roster_batch *batch)
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
static ar_err find_changes(judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE ar_change AS SELECT * REPLACE (coalesce(number,"
                " row_number() OVER () + (SELECT coalesce(max(number), 0) FROM ar.verdict))"
                " AS number) FROM (SELECT o.number,"
                " coalesce(n.kind, o.kind) AS kind, coalesce(n.asset_id, o.asset_id) AS asset_id,"
                " coalesce(o.bits, 0) AS old,"
                " coalesce(n.bits, 0) | (coalesce(o.bits, 0) & %lld) AS new,"
                " coalesce(n.deleted, TRUE) AS deleted, n.asset_id IS NULL AS vanished, n.facts,"
                " n.name, n.owner_id,"
                " n.owner_source, n.domain_id, n.criticality,"
                " n.facts IS DISTINCT FROM o.facts AND n.facts IS NOT NULL"
                "  AND o.number IS NOT NULL AS retold"
                " FROM ar_judged n FULL JOIN (SELECT number, kind, asset_id, bits, facts"
                " FROM ar.verdict WHERE judged = ",
                (long long)batch->held);
    ar_sql_text(&sql, batch->kind->name);
    ar_buf_addf(&sql,
                " AND batch = %lld) o ON n.kind = o.kind AND n.asset_id = o.asset_id)"
                " WHERE new <> old OR retold;"
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

static ar_err keep_verdicts(judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    AR_TRY(ar_engine_exec(
        j->engine,
        "UPDATE ar.verdict SET bits = c.new, deleted = c.deleted FROM ar_change c"
        " WHERE ar.verdict.number = c.number AND c.new <> c.old;"
        "UPDATE ar.verdict SET facts = c.facts, name = c.name, owner_id = c.owner_id,"
        " owner_source = c.owner_source, domain_id = c.domain_id, criticality = c.criticality"
        " FROM ar_change c WHERE ar.verdict.number = c.number AND c.retold"));
    return run(j,
               "INSERT INTO ar.verdict (number, judged, batch, kind, asset_id, bits, facts, name,"
               " owner_id, owner_source, domain_id, criticality) SELECT c.number, $1, $2, c.kind,"
               " c.asset_id, c.new, c.facts, c.name, c.owner_id, c.owner_source, c.domain_id,"
               " c.criticality FROM ar_change c ANTI JOIN ar.verdict v ON v.number = c.number",
               args, 2, NULL);
}

/* SQL: the name of a state that is not right. */
#define STATE "CASE t.new WHEN 2 THEN 'fail' ELSE 'unknown' END"

static ar_err switch_findings(judge *j)
{
    ar_value id = ar_int(j->id);

    AR_TRY(run(j,
               "INSERT INTO ar.finding_turn SELECT f.verdict, f.standard_id, f.episode, $1, " STATE
               " FROM ar.open_finding f JOIN ar_turn t ON t.number = f.verdict"
               " AND t.standard_id = f.standard_id WHERE t.old >= 2 AND t.new >= 2"
               " ORDER BY f.standard_id, f.verdict",
               &id, 1, NULL));
    return run(j,
               "UPDATE ar.open_finding SET since = $1, state = " STATE " FROM ar_turn t"
               " WHERE t.number = ar.open_finding.verdict"
               " AND t.standard_id = ar.open_finding.standard_id AND t.old >= 2 AND t.new >= 2",
               &id, 1, NULL);
}

static ar_err close_findings(judge *j, int64_t *out_n)
{
    ar_value id = ar_int(j->id);

    AR_TRY(
        run(j,
            "INSERT INTO ar.closed_finding SELECT f.verdict, f.standard_id, f.episode, f.version,"
            " f.opened, f.opened_as, $1, CASE WHEN t.merged THEN 'merged'"
            " WHEN t.deleted THEN 'deleted' WHEN t.fresh THEN 'standard_changed'"
            " WHEN t.new = 0 THEN 'out_of_scope' ELSE 'fixed' END FROM ar.open_finding f"
            " JOIN ar_turn t ON t.number = f.verdict"
            " AND t.standard_id = f.standard_id WHERE t.old >= 2 AND t.new < 2"
            " ORDER BY f.standard_id, f.verdict",
            &id, 1, out_n));
    return run(j,
               "DELETE FROM ar.open_finding f USING ar_turn t WHERE t.number = f.verdict"
               " AND t.standard_id = f.standard_id AND t.old >= 2 AND t.new < 2",
               NULL, 0, NULL);
}

static ar_err open_findings(judge *j, int64_t *out_n)
{
    ar_value id = ar_int(j->id);

    return run(j,
               "INSERT INTO ar.open_finding SELECT t.number, t.standard_id,"
               " 1 + coalesce(p.episode, 0), t.version, $1, " STATE ", $1, " STATE " FROM ar_turn t"
               " LEFT JOIN (SELECT c.verdict, c.standard_id, max(c.episode) AS episode"
               "  FROM ar.closed_finding c SEMI JOIN ar_turn o ON o.number = c.verdict"
               "  GROUP BY ALL) p ON p.verdict = t.number AND p.standard_id = t.standard_id"
               " WHERE t.old < 2 AND t.new >= 2 ORDER BY t.standard_id, t.number",
               &id, 1, out_n);
}

static ar_err turn_findings(judge *j, ar_evaluated *sum)
{
    int64_t opened, closed;

    AR_TRY(switch_findings(j));
    AR_TRY(close_findings(j, &closed));
    AR_TRY(open_findings(j, &opened));
    sum->opened += opened;
    sum->closed += closed;
    return ar_ok();
}

static ar_err count_batch(judge *j, const ar_roster_batch *batch, ar_evaluated *sum)
{
    int64_t assets;

    AR_TRY(number(j, "SELECT count(*) FROM ar_judged", NULL, 0, &assets));
    if (batch->number == 0) sum->assets = assets;
    return ar_ok();
}

static ar_err evaluate_batch(judge *j, const ar_roster_batch *batch, ar_evaluated *sum)
{
    int64_t changes;

    if (batch->idle) return ar_ok();
    AR_TRY(judge_batch(j, batch));
    AR_TRY(sum_batch(j, batch));
    AR_TRY(sum_shares(j, batch));
    AR_TRY(count_batch(j, batch, sum));
    if (!j->stored) return ar_ok();
    AR_TRY(find_changes(j, batch));
    AR_TRY(number(j, "SELECT count(*) FROM ar_change", NULL, 0, &changes));
    if (changes == 0) return ar_ok(); /* most days, of most kinds */
    AR_TRY(turn_findings(j, sum));
    return keep_verdicts(j, batch);
}

/* ---- after all kinds ---- */

static ar_err keep_sums(judge *j, const ar_roster *roster, const ar_evaluation *e)
{
    ar_value args[2] = { ar_int(j->id), ar_int((int64_t)j->standards->n) };
    int64_t assets = 0, opened = 0, closed = roster->closed;

    for (size_t i = 0; i < e->n; i++) {
        assets += ar_str_eq(e->kinds[i].kind->name, AR_LIT("asset")) ? 0 : e->kinds[i].assets;
        opened += e->kinds[i].opened;
        closed += e->kinds[i].closed;
    }
    AR_TRY(ar_engine_exec(j->engine,
                          "INSERT INTO ar_sum SELECT t.* FROM ar.tally t"
                          " JOIN ar_held h ON h.standard_id = t.standard_id;"
                          "DELETE FROM ar.tally; INSERT INTO ar.tally SELECT * FROM ar_sum"));
    AR_TRY(run(j,
               "INSERT INTO ar.tally_history SELECT $1, n.* FROM (SELECT standard_id,"
               " sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,"
               " sum(unknown)::BIGINT AS unknown, sum(numerator) AS numerator,"
               " sum(denominator) AS denominator FROM ar_sum GROUP BY standard_id) n"
               " LEFT JOIN (SELECT standard_id, arg_max(h, h.evaluation) AS h"
               "  FROM ar.tally_history h GROUP BY standard_id) o"
               " ON o.standard_id = n.standard_id"
               " WHERE (n.pass, n.fail, n.unknown, n.numerator, n.denominator) IS DISTINCT FROM"
               " (o.h.pass, o.h.fail, o.h.unknown, o.h.numerator, o.h.denominator)",
               args, 1, NULL));
    AR_TRY(run(j,
               "UPDATE ar.evaluation SET standards = $2, assets = $3, scope = s.pass + s.fail +"
               " s.unknown, pass = s.pass, fail = s.fail, unknown = s.unknown FROM (SELECT"
               " coalesce(sum(pass), 0)::BIGINT AS pass, coalesce(sum(fail), 0)::BIGINT AS fail,"
               " coalesce(sum(unknown), 0)::BIGINT AS unknown FROM ar_sum) s WHERE id = $1",
               (ar_value[]){ args[0], args[1], ar_int(assets) }, 3, NULL));
    return run(j, "UPDATE ar.evaluation SET opened = $2, closed = $3 WHERE id = $1",
               (ar_value[]){ args[0], ar_int(opened), ar_int(closed) }, 3, NULL);
}

static ar_err count_states(judge *j, ar_evaluation *e)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT s.kind, sum(t.pass)::BIGINT, sum(t.fail)::BIGINT,"
                                  " sum(t.unknown)::BIGINT FROM ar_sum t JOIN ar_slot s"
                                  " ON s.standard_id = t.standard_id GROUP BY s.kind"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        size_t i = 0;

        while (!ar_str_eq(e->kinds[i].kind->name, ar_rows_get(rows, 0).s)) i++;
        e->kinds[i].pass = ar_rows_get(rows, 1).i;
        e->kinds[i].fail = ar_rows_get(rows, 2).i;
        e->kinds[i].unknown = ar_rows_get(rows, 3).i;
    }
    return ar_ok();
}

static ar_err evaluate_all(judge *j, const ar_roster *roster, ar_evaluate_fn *tell, void *self,
                           ar_evaluation *e)
{
    ar_evaluated *sum = NULL;

    e->kinds = ar_make_n(j->arena, ar_evaluated, roster->n_batches);
    for (size_t i = 0; i < roster->n_batches; i++) {
        const ar_roster_batch *batch = &roster->batches[i];

        if (sum == NULL || sum->kind != batch->kind) {
            sum = &e->kinds[e->n++];
            sum->kind = batch->kind;
            if (tell != NULL) tell(self, batch->kind, i, roster->n_batches);
        }
        for (size_t k = 0; k < AR_SCAN_SLOTS; k++) sum->standards += batch->slots[k] != NULL;
        AR_TRY_WITH(evaluate_batch(j, batch, sum), "judging %.*s", AR_FMT(batch->kind->name));
    }
    return count_states(j, e);
}

ar_err ar_evaluate(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                   ar_time now, ar_time asof, ar_evaluate_fn *tell, void *self, ar_arena *arena,
                   ar_evaluation *out_evaluation)
{
    judge j = { .engine = engine, .standards = standards, .asof = asof, .arena = arena };
    ar_evaluation e = { 0 };
    ar_roster roster;

    AR_TRY(read_last(&j, &e.last));
    j.stored = asof >= e.last && asof <= now;
    if (j.stored) AR_TRY(begin_run(&j, now));
    AR_TRY(ar_roster_open(engine, kinds, standards, asof, j.stored ? j.id : 0, arena, &roster));
    AR_TRY(ar_scans_open(engine, arena, &j.scans));
    AR_TRY(ar_engine_exec(engine, "CREATE OR REPLACE TEMP TABLE ar_sum AS"
                                  " SELECT * FROM ar.tally LIMIT 0"));
    AR_TRY(evaluate_all(&j, &roster, tell, self, &e));
    if (j.stored) AR_TRY(keep_sums(&j, &roster, &e));
    AR_TRY(ar_engine_exec(engine, "DROP TABLE IF EXISTS ar_judged; DROP TABLE IF EXISTS ar_change;"
                                  " DROP TABLE IF EXISTS ar_turn; DROP TABLE ar_sum;"
                                  " DROP TABLE ar_slot; DROP TABLE ar_held"));
    e.id = j.id;
    *out_evaluation = e;
    return ar_ok();
}
