#include "estate/stage.h"

#include "estate/load.h"
#include "estate/merge.h"

ar_err ar_stage_make(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE import_stage (");
    for (size_t i = 0; i < j->table.n_facts; i++) {
        ar_buf_addz(&sql, i > 0 ? ", " : "");
        ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addf(&sql, " %s", ar_sql_type(j->table.facts[i]->type));
    }
    ar_buf_addz(&sql, ")");
    return ar_engine_exec(j->engine, sql.ptr);
}

ar_err ar_stage_check(ar_job *j, const char *where)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value id;

    ar_buf_addf(&sql, "SELECT id FROM %s GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1",
                where);
    AR_TRY(ar_job_value(j, sql.ptr, &id));
    if (id.type != AR_TEXT) return ar_ok();
    return ar_fail(AR_INVALID, "%.*s: id '%.*s' is there twice (want one row for each asset)",
                   AR_FMT(j->spec->source), AR_FMT(id.s));
}

/* Of rows of one id the one with the greatest value of spec->latest stays; of equal ones the first
 * in the order of all that they say, so that the same payload always gives the same. */
static ar_err keep_latest(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };
    int64_t gone;

    ar_buf_addz(&sql, "DELETE FROM import_stage WHERE rowid IN (SELECT r FROM (SELECT rowid AS r,"
                      " row_number() OVER (PARTITION BY id ORDER BY ");
    ar_sql_name(&sql, j->spec->latest);
    ar_buf_addz(&sql, " DESC NULLS LAST");
    for (size_t i = 1; i < j->table.n_facts; i++)
        ar_buf_addz(&sql, ", "), ar_sql_name(&sql, j->table.facts[i]->name);
    ar_buf_addz(&sql, ") AS place FROM import_stage) WHERE place > 1)");
    AR_TRY(ar_engine_run(j->engine, ar_buf_str(&sql), NULL, 0, &gone));
    j->result.rows -= gone;
    return ar_ok();
}

static ar_err insert_stage(void *self)
{
    return ar_job_run(self, AR_LIT("INSERT INTO import_stage SELECT * FROM import_feed()"), 0);
}

ar_err ar_stage_load(ar_job *j, const ar_feed *feed)
{
    ar_load load = { .table = &j->table, .insert = insert_stage, .self = j };
    bool suspect;

    AR_TRY(ar_load_feed(&load, feed, j->ctx->arena, &j->result.rows, &suspect));
    if (!suspect) return ar_ok();
    return j->spec->latest.len > 0 ? keep_latest(j) : ar_stage_check(j, "import_stage");
}

ar_err ar_stage_drop(ar_engine *engine)
{
    return ar_engine_exec(engine, "DROP VIEW IF EXISTS import_changed;"
                                  "DROP VIEW IF EXISTS import_new;"
                                  "DROP VIEW IF EXISTS import_gone;"
                                  "DROP TABLE IF EXISTS import_diff;"
                                  "DROP TABLE IF EXISTS import_stage");
}

/* ---- compare ---- */

static bool compared(const ar_job *j, size_t i)
{
    if (i == 0) return false;
    if (j->spec->delta) return j->given[i]; /* a delta leaves what it does not speak of */
    return j->given[i] || j->table.stored[i];
}

/* What differs, found in one pass over both: old and new side of each such row, so that history and
 * update need the big table no more. o3 is fact 3 as it was, n3 as it is; fact 0 is the id, without
 * which there was or is no such row. */
static ar_err find_differences(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE import_diff (back BOOLEAN");
    for (size_t i = 0; i < j->table.n_facts; i++) {
        const char *type = ar_sql_type(j->table.facts[i]->type);

        if (i == 0 || compared(j, i)) ar_buf_addf(&sql, ", o%zu %s, n%zu %s", i, type, i, type);
    }
    ar_buf_addz(&sql, ")");
    AR_TRY(ar_engine_exec(j->engine, sql.ptr));

    ar_buf_clear(&sql);
    ar_buf_addz(&sql, "INSERT INTO import_diff SELECT t._gone_at IS NOT NULL");
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (i > 0 && !compared(j, i)) continue;
        ar_buf_addz(&sql, ", t.");
        ar_sql_name(&sql, i == 0 ? AR_LIT("_id") : j->table.facts[i]->name);
        ar_buf_addz(&sql, ", s."), ar_sql_name(&sql, j->table.facts[i]->name);
    }
    ar_buf_addf(&sql,
                " FROM import_stage s %s JOIN (SELECT * FROM %%S WHERE _source = %%N) t"
                " ON t._id = s.id WHERE CASE WHEN s.id IS NULL THEN t._gone_at IS NULL"
                " ELSE t._id IS NULL OR t._gone_at IS NOT NULL",
                j->spec->delta ? "LEFT" : "FULL"); /* a delta says nothing of the others */
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (!compared(j, i)) continue;
        ar_buf_addz(&sql, " OR t."), ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addz(&sql, " IS DISTINCT FROM s."), ar_sql_name(&sql, j->table.facts[i]->name);
    }
    ar_buf_addz(&sql, " END");
    return ar_job_run(j, ar_buf_str(&sql), 0);
}

/* How many are changed, new and gone, and which facts the changed differ in. */
static ar_err count_differences(ar_job *j)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_import_result *r = &j->result;
    bool *differs = ar_make_n(j->ctx->arena, bool, j->table.n_facts);
    size_t at = 3;

    ar_buf_addz(&sql, "SELECT count(*) FILTER (o0 = n0), count(*) FILTER (o0 IS NULL),"
                      " count(*) FILTER (n0 IS NULL), coalesce(bool_or(back AND o0 = n0), false)");
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (compared(j, i))
            ar_buf_addf(&sql, ", coalesce(bool_or(o%zu IS DISTINCT FROM n%zu AND o0 = n0), false)",
                        i, i);
    ar_buf_addz(&sql, " FROM import_diff");
    AR_TRY(ar_engine_query(j->engine, ar_buf_str(&sql), NULL, 0, &rows));
    (void)ar_rows_next(rows);
    r->changed = ar_rows_get(rows, 0).i;
    r->added = ar_rows_get(rows, 1).i;
    r->gone = ar_rows_get(rows, 2).i;
    for (size_t i = 0; i < j->table.n_facts; i++)
        if (i == 0 || compared(j, i)) differs[i] = ar_rows_get(rows, at++).b;
    j->differs = differs;
    return ar_ok();
}

ar_err ar_stage_compare(ar_job *j)
{
    AR_TRY(find_differences(j));
    AR_TRY(ar_engine_exec(
        j->engine, "CREATE OR REPLACE TEMP VIEW import_changed AS SELECT o0 AS id, * FROM"
                   " import_diff WHERE o0 IS NOT NULL AND n0 IS NOT NULL;"
                   "CREATE OR REPLACE TEMP VIEW import_new AS SELECT n0 AS id FROM import_diff"
                   " WHERE o0 IS NULL;"
                   "CREATE OR REPLACE TEMP VIEW import_gone AS SELECT o0 AS id FROM import_diff"
                   " WHERE n0 IS NULL"));
    return count_differences(j);
}

bool ar_stage_names_owner(const ar_kind *kind, ar_str fact)
{
    if (ar_str_eq(fact, AR_LIT("owner_id")) || ar_str_eq(fact, AR_LIT("domain_id")) ||
        ar_str_eq(fact, AR_LIT("_owners")))
        return true;
    for (size_t i = 0; i < kind->n_leads; i++)
        if (ar_str_eq(fact, kind->leads[i].by)) return true;
    return false;
}

void ar_stage_whose(ar_buf *sql, const ar_job *j)
{
    ar_buf_addz(sql, "t._id IN (SELECT coalesce(n0, o0) FROM import_diff WHERE o0 IS NULL"
                     " OR n0 IS NULL OR back");
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (j->differs[i] && ar_stage_names_owner(j->kind, j->table.facts[i]->name))
            ar_buf_addf(sql, " OR o%zu IS DISTINCT FROM n%zu", i, i);
    ar_buf_addz(sql, ")");
}

/* ---- apply ---- */

static ar_err write_history(ar_job *j)
{
    for (size_t i = 1; i < j->table.n_facts; i++) {
        ar_auto(ar_buf) sql = { 0 };
        if (!j->differs[i]) continue;
        ar_buf_addz(&sql, "INSERT INTO ar.history SELECT %K, id, $2, ");
        ar_sql_text(&sql, j->table.facts[i]->name);
        ar_buf_addf(&sql,
                    ", CAST(o%zu AS VARCHAR), CAST(n%zu AS VARCHAR), $1, $3"
                    " FROM import_changed WHERE o%zu IS DISTINCT FROM n%zu",
                    i, i, i, i);
        AR_TRY(ar_job_run(j, ar_buf_str(&sql), 3));
    }
    if (!j->differs[0]) return ar_ok();
    return ar_job_run(
        j,
        AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, 'gone', 'true', 'false', $1, $3"
               " FROM import_changed WHERE back"),
        3);
}

static ar_err apply_changed(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    if (j->result.changed == 0) return ar_ok();
    AR_TRY(write_history(j));
    /* the time too: apply_seen takes it away again after a snapshot */
    ar_buf_addz(&sql, "UPDATE %T AS t SET _gone_at = NULL, _seen_at = $1");
    for (size_t i = 1; i < j->table.n_facts; i++) {
        if (!j->differs[i]) continue;
        ar_buf_addz(&sql, ", "), ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addf(&sql, " = c.n%zu", i);
    }
    ar_buf_addz(&sql, " FROM import_changed c WHERE c.id = t.id AND t._source = %N");
    return ar_job_run(j, ar_buf_str(&sql), 1);
}

static ar_err apply_new(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    if (j->result.added == 0) return ar_ok();
    ar_buf_addz(&sql, "INSERT INTO %T (");
    ar_job_fact_names(&sql, j, "");
    ar_buf_addz(&sql, ", _source, _first_seen) SELECT ");
    ar_job_fact_names(&sql, j, "s.");
    ar_buf_addz(&sql, ", %N, $1 FROM import_stage s WHERE s.id IN (SELECT id FROM import_new)");
    return ar_job_run(j, ar_buf_str(&sql), 1);
}

/* What was seen in the last snapshot and is gone now keeps the time of that snapshot. */
static ar_err apply_gone(ar_job *j)
{
    if (j->result.gone == 0) return ar_ok();
    AR_TRY(ar_job_run(
        j,
        AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, 'gone', 'false', 'true', $1, $3"
               " FROM import_gone"),
        3));
    return ar_job_run(j,
                      AR_LIT("UPDATE %T AS t SET _gone_at = $1, _seen_at = coalesce(_seen_at,"
                             " (SELECT max(snapshot_at) FROM ar.source WHERE number = %N))"
                             " FROM import_gone g WHERE g.id = t.id AND t._source = %N"),
                      1);
}

/* Rows that the last snapshot showed carry no time of their own: a snapshot that changes nothing
 * writes no row. */
static ar_err apply_seen(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };
    const char *untold = j->table.tells ? ", _told = NULL" : "";

    if (!j->table.marked) return ar_ok();
    if (!j->spec->delta && j->table.shares)
        AR_TRY(ar_merge_touch(j, "t._shared AND t._gone_at IS NULL AND t._seen_at IS NOT NULL",
                              "false"));
    if (!j->spec->delta)
        ar_buf_addf(&sql,
                    "UPDATE %%T SET _seen_at = NULL%s WHERE _source = %%N"
                    " AND _gone_at IS NULL AND _seen_at IS NOT NULL",
                    untold);
    else
        ar_buf_addf(&sql,
                    "UPDATE %%T AS t SET _seen_at = $1%s FROM import_stage s"
                    " WHERE s.id = t.id AND t._source = %%N",
                    untold);
    return ar_job_run(j, ar_buf_str(&sql), j->spec->delta);
}

ar_err ar_stage_apply(ar_job *j)
{
    AR_TRY(ar_table_store(&j->table, j->given));
    if (j->result.added > 0 || j->result.changed > 0 || j->result.gone > 0 || j->spec->delta)
        AR_TRY(ar_table_mark(&j->table));
    AR_TRY(apply_gone(j));
    AR_TRY(apply_changed(j));
    AR_TRY(apply_new(j));
    return apply_seen(j);
}
