#include "standard/judge.h"

#include "standard/owed.h"

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

bool ar_judge_is_of_all(const ar_kind *kind)
{
    return ar_str_eq(kind->name, AR_LIT("asset")) &&
           ar_kind_column_find(kind, AR_LIT("kind")) != NULL;
}

ar_str ar_judge_some(const ar_judge *j, ar_str kind)
{
    return ar_arena_printf(j->arena, "ar_some_%.*s", AR_FMT(kind));
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

ar_err ar_judge_batch(ar_judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_str table = batch->kind->name;
    ar_scan scan;

    if (!batch->viewed) return judge_nothing(j);
    if (j->some != NULL) table = ar_judge_some(j, table);
    AR_TRY(ar_scan_make(&j->scans, batch->kind, table, batch->slots, AR_SCAN_SLOTS, j->asof,
                        batch->gone, &scan));
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ar_judged AS SELECT ");
    if (ar_judge_is_of_all(batch->kind))
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

/* What is kept of the verdicts of the batch, behind FROM. */
static void add_kept(ar_buf *sql, const ar_judge *j, const ar_roster_batch *batch)
{
    ar_buf_addz(sql, j->some == NULL ? "ar.verdict" : "ar_kept");
    ar_buf_addz(sql, " WHERE judged = ");
    ar_sql_text(sql, batch->kind->name);
    ar_buf_addf(sql, " AND batch = %lld", (long long)batch->number);
}

/* ar_change: one row per asset whose verdict, or what people need to know of it, is another than
 * last time. */
static ar_err find_changes(ar_judge *j, const ar_roster_batch *batch)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ar_change AS SELECT *");
    if (j->some == NULL)
        ar_buf_addz(&sql, " REPLACE (coalesce(number, row_number() OVER () +"
                          " (SELECT coalesce(max(number), 0) FROM ar.verdict)) AS number)");
    ar_buf_addf(&sql,
                " FROM (SELECT o.number, o.number IS NULL AS is_new, %s"
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
                " FROM ar_judged n FULL JOIN (SELECT %s number, kind, asset_id, bits, facts,"
                " there FROM ",
                j->some == NULL ? "" : "o.row, o.owner_id AS was_owner, o.domain_id AS was_domain,",
                (long long)batch->held, j->some == NULL ? "" : "row, owner_id, domain_id,");
    add_kept(&sql, j, batch);
    ar_buf_addz(&sql, ") o ON n.kind = o.kind AND n.asset_id = o.asset_id)"
                      " WHERE new <> old OR retold OR came_or_went");
    return ar_engine_exec(j->engine, sql.ptr);
}

/* The statement's first row, a number each column. */
static ar_err read_numbers(ar_judge *j, const char *sql, int64_t *const *out, size_t n)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(j->engine, ar_str_of(sql), NULL, 0, &rows));
    (void)ar_rows_next(rows);
    for (size_t i = 0; i < n; i++) *out[i] = ar_rows_get(rows, i).i;
    return ar_ok();
}

static ar_err count_changes(ar_judge *j, ar_judge_sum *sum)
{
    return read_numbers(j,
                        "SELECT count(*), count(*) FILTER (new <> old),"
                        " count(*) FILTER (came_or_went), count(*) FILTER (retold),"
                        " count(*) FILTER (vanished), count(*) FILTER (is_new) FROM ar_change",
                        (int64_t *const[]){ &sum->changes, &sum->judged, &sum->moved, &sum->retold,
                                            &sum->vanished, &sum->new },
                        6);
}

static ar_err number_new(ar_judge *j)
{
    return ar_engine_exec(j->engine, "UPDATE ar_change SET number = rowid + 1 +"
                                     " (SELECT coalesce(max(number), 0) FROM ar.verdict)"
                                     " WHERE is_new");
}

/* ar_merged: those among ar_change that are now part of another asset. */
static ar_err find_merged(ar_judge *j, const ar_judge_sum *sum)
{
    if (sum->vanished == 0)
        return ar_engine_exec(j->engine, "CREATE OR REPLACE TEMP TABLE ar_merged (number BIGINT)");
    return ar_engine_exec(j->engine,
                          "CREATE OR REPLACE TEMP TABLE ar_merged AS SELECT DISTINCT c.number"
                          " FROM ar_change c JOIN ar.history h ON h.kind = c.kind AND h.old ="
                          " c.asset_id WHERE c.vanished AND h.col = 'asset'");
}

/* ar_turn: one row per standard and asset whose state is another. */
static ar_err find_turns(ar_judge *j, const ar_roster_batch *batch, ar_judge_sum *sum)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE ar_turn AS SELECT * FROM (SELECT d.number,"
                " s.standard_id, s.version, s.fresh, (d.old >> (2 * s.slot)) & 3 AS old,"
                " (d.new >> (2 * s.slot)) & 3 AS new, d.deleted, m.number IS NOT NULL AS merged,"
                " d.kind, d.asset_id, d.owner_id, d.domain_id, d.criticality"
                " FROM ar_change d LEFT JOIN ar_merged m ON m.number = d.number"
                " JOIN ar_slot s ON s.batch = %lld AND s.kind = ",
                (long long)batch->number);
    ar_sql_text(&sql, batch->kind->name);
    ar_buf_addz(&sql, " WHERE d.new <> d.old) WHERE old <> new AND (old >= 2 OR new >= 2)");
    AR_TRY(ar_engine_exec(j->engine, sql.ptr));
    return read_numbers(j,
                        "SELECT count(*), count(*) FILTER (old < 2), count(*) FILTER (new < 2),"
                        " count(*) FILTER (old >= 2 AND new >= 2) FROM ar_turn",
                        (int64_t *const[]){ &sum->turned, &sum->opened, &sum->closed,
                                            &sum->switched },
                        4);
}

ar_err ar_judge_changes(ar_judge *j, const ar_roster_batch *batch, ar_judge_sum *out_sum)
{
    ar_judge_sum sum = { 0 };

    AR_TRY(find_changes(j, batch));
    AR_TRY(count_changes(j, &sum));
    if (j->some != NULL && sum.new > 0) AR_TRY(number_new(j));
    if (sum.judged > 0) {
        AR_TRY(find_merged(j, &sum));
        AR_TRY(find_turns(j, batch, &sum));
    }
    *out_sum = sum;
    return ar_ok();
}

/* ---- what is kept of it ---- */

/* Of some the rows are known; of all, what is kept is read anyway. */
static ar_err update_verdicts(ar_judge *j, const char *set, const char *where)
{
    return ar_engine_exec(
        j->engine,
        ar_arena_printf(j->arena, "UPDATE ar.verdict SET %s FROM ar_change c WHERE %s AND c.%s",
                        set,
                        j->some == NULL ? "ar.verdict.number = c.number"
                                        : "ar.verdict.rowid = c.row",
                        where)
            .ptr);
}

static ar_err insert_verdicts(ar_judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    return ar_judge_run(
        j,
        "INSERT INTO ar.verdict (number, judged, batch, kind, asset_id, bits, facts, name,"
        " owner_id, owner_source, domain_id, criticality, there) SELECT c.number, $1, $2,"
        " c.kind, c.asset_id, c.new, c.facts, c.name, c.owner_id, c.owner_source,"
        " c.domain_id, c.criticality, c.there FROM ar_change c WHERE c.is_new",
        args, 2, NULL);
}

ar_err ar_judge_keep(ar_judge *j, const ar_roster_batch *batch, const ar_judge_sum *sum)
{
    if (sum->judged > 0)
        AR_TRY(update_verdicts(j, "bits = c.new, deleted = c.deleted", "new <> c.old"));
    if (sum->moved > 0) AR_TRY(update_verdicts(j, "there = c.there", "came_or_went"));
    if (sum->retold > 0)
        AR_TRY(update_verdicts(j,
                               "facts = c.facts, name = c.name, owner_id = c.owner_id,"
                               " owner_source = c.owner_source, domain_id = c.domain_id,"
                               " criticality = c.criticality",
                               "retold"));
    if (sum->retold > 0) AR_TRY(ar_owed_retold(j));
    return sum->new > 0 ? insert_verdicts(j, batch) : ar_ok();
}

/* What is published of verdicts follows; beyond so many, all of it is written anew. */
ar_err ar_judge_note(ar_judge *j, const ar_roster_batch *batch, const ar_judge_sum *sum)
{
    ar_value args[] = { ar_text(ar_arena_printf(j->arena, "%.*s/%lld", AR_FMT(batch->kind->name),
                                                (long long)batch->number)),
                        ar_at(j->asof) };

    if (sum->changes > CHANGES_NOTED_MAX)
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
        " 1 + coalesce(p.episode, 0), t.version, $1, " STATE ", $1, " STATE ", t.owner_id,"
        " t.domain_id, t.criticality FROM ar_turn t"
        " LEFT JOIN (SELECT c.verdict, c.standard_id, max(c.episode) AS episode"
        "  FROM ar.closed_finding c SEMI JOIN ar_turn o ON o.number = c.verdict"
        "  GROUP BY ALL) p ON p.verdict = t.number AND p.standard_id = t.standard_id"
        " WHERE t.old < 2 AND t.new >= 2 ORDER BY t.standard_id, t.number",
        &id, 1, out_n);
}

/* A waiver that outlasts its finding is about the one that opens again, whatever its number. */
static ar_err follow_waivers(ar_judge *j)
{
    return ar_engine_exec(j->engine, "UPDATE ar.waiver SET verdict = t.number FROM ar_turn t"
                                     " WHERE t.old < 2 AND t.new >= 2 AND t.kind = ar.waiver.kind"
                                     " AND t.standard_id = ar.waiver.standard_id"
                                     " AND t.asset_id = ar.waiver.asset_id");
}

ar_err ar_judge_turn(ar_judge *j, const ar_judge_sum *sum, ar_evaluated *total)
{
    int64_t opened = 0, closed = 0;

    if (sum->closed + sum->switched > 0) {
        AR_TRY(find_open(j));
        AR_TRY(ar_owed_turned(j));
    }
    if (sum->switched > 0) AR_TRY(switch_findings(j));
    if (sum->closed > 0) AR_TRY(close_findings(j, &closed));
    if (sum->opened > 0) {
        AR_TRY(open_findings(j, &opened));
        AR_TRY(follow_waivers(j));
    }
    j->moved = j->moved || sum->turned > 0;
    total->opened += opened;
    total->closed += closed;
    return ar_ok();
}
