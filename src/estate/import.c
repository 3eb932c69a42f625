#include "estate/import.h"

#include "estate/load.h"
#include "estate/owner.h"
#include "form/utf.h"

/* ---- one import ---- */

typedef struct job {
    ar_ctx *ctx;
    ar_engine *engine;
    const ar_kinds *kinds;
    const ar_import_spec *spec;
    const ar_kind *kind;
    ar_table table;
    const bool *given; /* per fact */
    int64_t run;
    int64_t source;       /* its number */
    bool known;           /* the source has shown this kind before */
    int64_t known_size;   /* live rows then */
    ar_value snapshot_at; /* of its last snapshot */
    ar_import_result result;
} job;

/* SQL with the names of this job: %T its table, %S what the sources said, %N the number of its own,
 * %K its kind as a text; anything else as it is. */
static void add_sql(ar_buf *sql, const job *j, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char name = text.ptr[i] == '%' && i + 1 < text.len ? text.ptr[i + 1] : '\0';

        i++;
        switch (name) {
        case 'T': ar_sql_src(sql, j->kind); break;
        case 'S': ar_sql_said(sql, j->kind); break;
        case 'N': ar_buf_addf(sql, "%lld", (long long)j->source); break;
        case 'K': ar_sql_text(sql, j->kind->name); break;
        default: ar_buf_addc(sql, text.ptr[--i]);
        }
    }
}

/* Arguments in every statement: $1 now, $2 source, $3 run; it binds the first n of them. */
static ar_err run_sql(job *j, ar_str text, size_t n_args)
{
    ar_value args[] = { ar_at(j->ctx->now), ar_text(j->spec->source), ar_int(j->run) };
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, j, text);
    return ar_engine_run(j->engine, ar_buf_str(&sql), args, n_args, NULL);
}

static ar_err value_sql(job *j, const char *text, ar_value *out)
{
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, j, ar_str_of(text));
    return ar_engine_value(j->engine, ar_buf_str(&sql), NULL, 0, j->ctx->arena, out);
}

static ar_err count_sql(job *j, const char *text, int64_t *out_n)
{
    ar_value n;

    AR_TRY(value_sql(j, text, &n));
    *out_n = n.type == AR_INT ? n.i : 0;
    return ar_ok();
}

static ar_err ask_sql(job *j, const char *text, bool *out_yes)
{
    ar_value yes;

    AR_TRY(value_sql(j, text, &yes));
    *out_yes = yes.type == AR_BOOL && yes.b;
    return ar_ok();
}

static ar_err begin(job *j)
{
    ar_value source[] = { ar_text(j->spec->source), ar_text(j->kind->name) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(count_sql(j, "SELECT coalesce(max(run), 0) + 1 FROM ar.run", &j->run));
    AR_TRY(count_sql(j, "SELECT coalesce(max(number), 0) + 1 FROM ar.source", &j->source));
    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT number, size, snapshot_at FROM ar.source"
                                  " WHERE source = $1 AND kind = $2"),
                           source, AR_COUNT(source), &rows));
    j->known = ar_rows_next(rows);
    if (j->known) {
        j->source = ar_rows_get(rows, 0).i;
        j->known_size = ar_rows_get(rows, 1).i;
        j->snapshot_at = ar_rows_get(rows, 2);
    }
    return ar_ok();
}

/* ---- where rows go first ---- */

static void add_fact_names(ar_buf *sql, const job *j, const char *prefix)
{
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (!j->table.stored[i]) continue;
        ar_buf_addz(sql, i > 0 ? ", " : "");
        ar_buf_addz(sql, prefix);
        ar_sql_name(sql, j->table.facts[i]->name);
    }
}

static ar_err make_stage(job *j)
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

/* Whether two rows have one id; `where` holds them. */
static ar_err check_twice(job *j, const char *where)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value id;

    ar_buf_addf(&sql, "SELECT id FROM %s GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1",
                where);
    AR_TRY(value_sql(j, sql.ptr, &id));
    if (id.type != AR_TEXT) return ar_ok();
    return ar_fail(AR_INVALID, "%.*s: id '%.*s' is there twice (want one row for each asset)",
                   AR_FMT(j->spec->source), AR_FMT(id.s));
}

static ar_err insert_stage(void *self)
{
    return run_sql(self, AR_LIT("INSERT INTO import_stage SELECT * FROM import_feed()"), 0);
}

static ar_err load_stage(job *j, const ar_feed *feed)
{
    ar_load load = { .table = &j->table, .insert = insert_stage, .self = j };
    bool suspect;

    AR_TRY(ar_load_feed(&load, feed, j->ctx->arena, &j->result.rows, &suspect));
    return suspect ? check_twice(j, "import_stage") : ar_ok();
}

/* ---- compare ---- */

static bool compared(const job *j, size_t i)
{
    if (i == 0) return false;
    if (j->spec->delta) return j->given[i]; /* a delta leaves what it does not speak of */
    return j->given[i] || j->table.stored[i];
}

/* What differs, found in one pass over both: old and new side of each such row, so that history and
 * update need the big table no more. o3 is fact 3 as it was, n3 as it is; fact 0 is the id, without
 * which there was or is no such row. */
static ar_err find_differences(job *j)
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
        ar_buf_addz(&sql, ", t."), ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addz(&sql, ", s."), ar_sql_name(&sql, j->table.facts[i]->name);
    }
    ar_buf_addf(&sql,
                " FROM import_stage s %s JOIN (SELECT * FROM %%S WHERE _source = %%N) t"
                " ON t.id = s.id WHERE CASE WHEN s.id IS NULL THEN t._gone_at IS NULL"
                " ELSE t.id IS NULL OR t._gone_at IS NOT NULL",
                j->spec->delta ? "LEFT" : "FULL"); /* a delta says nothing of the others */
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (!compared(j, i)) continue;
        ar_buf_addz(&sql, " OR t."), ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addz(&sql, " IS DISTINCT FROM s."), ar_sql_name(&sql, j->table.facts[i]->name);
    }
    ar_buf_addz(&sql, " END");
    return run_sql(j, ar_buf_str(&sql), 0);
}

static ar_err compare(job *j)
{
    AR_TRY(find_differences(j));
    AR_TRY(ar_engine_exec(
        j->engine, "CREATE OR REPLACE TEMP VIEW import_changed AS SELECT o0 AS id, * FROM"
                   " import_diff WHERE o0 IS NOT NULL AND n0 IS NOT NULL;"
                   "CREATE OR REPLACE TEMP VIEW import_new AS SELECT n0 AS id FROM import_diff"
                   " WHERE o0 IS NULL;"
                   "CREATE OR REPLACE TEMP VIEW import_gone AS SELECT o0 AS id FROM import_diff"
                   " WHERE n0 IS NULL"));
    AR_TRY(count_sql(j, "SELECT count(*) FROM import_changed", &j->result.changed));
    AR_TRY(count_sql(j, "SELECT count(*) FROM import_new", &j->result.added));
    return count_sql(j, "SELECT count(*) FROM import_gone", &j->result.gone);
}

/* ---- apply ---- */

static ar_err write_history(job *j)
{
    for (size_t i = 0; i < j->table.n_facts; i++) {
        ar_auto(ar_buf) sql = { 0 };
        if (!compared(j, i)) continue;
        ar_buf_addz(&sql, "INSERT INTO ar.history SELECT %K, id, $2, ");
        ar_sql_text(&sql, j->table.facts[i]->name);
        ar_buf_addf(&sql,
                    ", CAST(o%zu AS VARCHAR), CAST(n%zu AS VARCHAR), $1, $3"
                    " FROM import_changed WHERE o%zu IS DISTINCT FROM n%zu",
                    i, i, i, i);
        AR_TRY(run_sql(j, ar_buf_str(&sql), 3));
    }
    return run_sql(
        j,
        AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, 'gone', 'true', 'false', $1, $3"
               " FROM import_changed WHERE back"),
        3);
}

static ar_err apply_changed(job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    if (j->result.changed == 0) return ar_ok();
    AR_TRY(write_history(j));
    /* the time too: apply_seen takes it away again after a snapshot */
    ar_buf_addz(&sql, "UPDATE %T AS t SET _gone_at = NULL, _seen_at = $1");
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (!compared(j, i)) continue;
        ar_buf_addz(&sql, ", "), ar_sql_name(&sql, j->table.facts[i]->name);
        ar_buf_addf(&sql, " = c.n%zu", i);
    }
    ar_buf_addz(&sql, " FROM import_changed c WHERE c.id = t.id AND t._source = %N");
    return run_sql(j, ar_buf_str(&sql), 1);
}

static ar_err apply_new(job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    if (j->result.added == 0) return ar_ok();
    ar_buf_addz(&sql, "INSERT INTO %T (");
    add_fact_names(&sql, j, "");
    ar_buf_addz(&sql, ", _source, _first_seen) SELECT ");
    add_fact_names(&sql, j, "s.");
    ar_buf_addz(&sql, ", %N, $1 FROM import_stage s WHERE s.id IN (SELECT id FROM import_new)");
    return run_sql(j, ar_buf_str(&sql), 1);
}

/* What was seen in the last snapshot and is gone now keeps the time of that snapshot. */
static ar_err apply_gone(job *j)
{
    if (j->result.gone == 0) return ar_ok();
    AR_TRY(
        run_sql(j,
                AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, 'gone', 'false', 'true', $1, $3"
                       " FROM import_gone"),
                3));
    return run_sql(j,
                   AR_LIT("UPDATE %T AS t SET _gone_at = $1, _seen_at = coalesce(_seen_at,"
                          " (SELECT max(snapshot_at) FROM ar.source WHERE number = %N))"
                          " FROM import_gone g WHERE g.id = t.id AND t._source = %N"),
                   1);
}

/* Rows that the last snapshot showed carry no time of their own: a snapshot that changes nothing
 * writes no row. */
static ar_err apply_seen(job *j)
{
    if (!j->table.marked) return ar_ok();
    if (!j->spec->delta)
        return run_sql(j,
                       AR_LIT("UPDATE %T SET _seen_at = NULL WHERE _source = %N"
                              " AND _gone_at IS NULL AND _seen_at IS NOT NULL"),
                       0);
    return run_sql(j,
                   AR_LIT("UPDATE %T AS t SET _seen_at = $1 FROM import_stage s"
                          " WHERE s.id = t.id AND t._source = %N"),
                   1);
}

static ar_err apply(job *j)
{
    AR_TRY(ar_table_store(&j->table, j->given));
    if (j->result.added > 0 || j->result.changed > 0 || j->result.gone > 0 || j->spec->delta)
        AR_TRY(ar_table_mark(&j->table));
    AR_TRY(apply_gone(j));
    AR_TRY(apply_changed(j));
    AR_TRY(apply_new(j));
    return apply_seen(j);
}

/* ---- what is known of the source ---- */

static ar_err record_source(job *j)
{
    ar_value snapshot = j->spec->delta ? j->snapshot_at : ar_at(j->ctx->now);
    int64_t size = j->result.rows;

    if (!j->known) {
        ar_value args[] = { ar_int(j->source),
                            ar_text(j->spec->source),
                            ar_text(j->kind->name),
                            ar_text(j->spec->connector),
                            snapshot,
                            ar_at(j->ctx->now),
                            ar_int(j->run),
                            ar_int(size) };
        return ar_engine_run(j->engine,
                             AR_LIT("INSERT INTO ar.source SELECT $1, $2, $3, $4,"
                                    " coalesce(max(precedence), 0) + 1, $6, $5, $6, $7, $8"
                                    " FROM ar.source WHERE kind = $3"),
                             args, AR_COUNT(args), NULL);
    }
    if (j->spec->delta)
        AR_TRY(
            count_sql(j, "SELECT count(*) FROM %S WHERE _source = %N AND _gone_at IS NULL", &size));

    ar_value args[] = { ar_int(j->source), ar_text(j->spec->connector),
                        snapshot,          ar_at(j->ctx->now),
                        ar_int(j->run),    ar_int(size) };
    return ar_engine_run(j->engine,
                         AR_LIT("UPDATE ar.source SET connector = $2, snapshot_at = $3,"
                                " seen_at = $4, run = $5, size = $6 WHERE number = $1"),
                         args, AR_COUNT(args), NULL);
}

/* An id of this source that another source of the kind shows too: the view has to merge now. */
static ar_err find_shared(job *j, bool *out_shared)
{
    bool others, shared;

    *out_shared = false;
    AR_TRY(ask_sql(j,
                   "SELECT NOT EXISTS (SELECT 1 FROM ar.shared_kind WHERE kind = %K)"
                   " AND EXISTS (SELECT 1 FROM ar.source WHERE kind = %K AND number <> %N)",
                   &others));
    if (!others) return ar_ok();
    AR_TRY(ask_sql(j,
                   "SELECT EXISTS (SELECT 1 FROM %T a JOIN %T b ON a.id = b.id"
                   " WHERE a._source = %N AND b._source <> %N)",
                   &shared));
    if (!shared) return ar_ok();
    *out_shared = true;
    return run_sql(j, AR_LIT("INSERT INTO ar.shared_kind VALUES (%K)"), 0);
}

static ar_err resolve_owners(job *j)
{
    if (!ar_str_eq(j->kind->name, AR_LIT("person")))
        return ar_owners_resolve(j->engine, j->kinds, j->kind, j->ctx->now);
    for (size_t i = 0; i < j->kinds->n; i++) /* who left, may have owned anything */
        if (!j->kinds->list[i].view)
            AR_TRY(ar_owners_resolve(j->engine, j->kinds, &j->kinds->list[i], j->ctx->now));
    return ar_ok();
}

/* ---- runs ---- */

const char *ar_import_state_name(enum ar_import_state state)
{
    static const char *const names[] = { "ok", "held", "dry", "failed" };

    return names[state];
}

static ar_str given_names(const job *j)
{
    ar_auto(ar_buf) names = { 0 };

    for (size_t i = 0; i < j->table.n_facts && j->given != NULL; i++)
        if (j->given[i])
            ar_buf_addf(&names, "%s%.*s", names.len > 0 ? "," : "",
                        AR_FMT(j->table.facts[i]->name));
    return ar_arena_copy(j->ctx->arena, ar_buf_str(&names));
}

static ar_err record_run(job *j, ar_value problem)
{
    ar_value args[] = { ar_int(j->run),
                        ar_text(j->spec->connector),
                        ar_text(j->spec->source),
                        ar_text(j->kind->name),
                        ar_bool(j->spec->delta),
                        ar_at(j->ctx->now),
                        ar_text(j->ctx->who == NULL ? AR_LIT("") : j->ctx->who->name),
                        ar_textz(ar_import_state_name(j->result.state)),
                        ar_int(j->result.rows),
                        ar_int(j->result.added),
                        ar_int(j->result.changed),
                        ar_int(j->result.gone),
                        ar_text(given_names(j)),
                        problem };

    j->result.run = j->run;
    return ar_engine_run(j->engine,
                         AR_LIT("INSERT INTO ar.run VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                                " $10, $11, $12, $13, $14)"),
                         args, AR_COUNT(args), NULL);
}

/* What was kept aside for this source and kind is out of date now. */
static ar_err drop_held(job *j)
{
    ar_value args[] = { ar_text(j->spec->source), ar_text(j->kind->name) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT run FROM ar.run WHERE state = 'held' AND source = $1"
                                  " AND kind = $2"),
                           args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows)) {
        ar_auto(ar_buf) sql = { 0 };
        long long run = (long long)ar_rows_get(rows, 0).i;
        ar_buf_addf(&sql,
                    "DROP TABLE ar.held_%lld; UPDATE ar.run SET state = 'dropped'"
                    " WHERE run = %lld",
                    run, run);
        AR_TRY(ar_engine_exec(j->engine, sql.ptr));
    }
    return ar_ok();
}

static ar_err hold(job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(drop_held(j));
    ar_buf_addf(&sql, "CREATE TABLE ar.held_%lld AS SELECT * FROM import_stage", (long long)j->run);
    AR_TRY(ar_engine_exec(j->engine, sql.ptr));
    j->result.state = AR_IMPORT_HELD;
    return record_run(j, ar_null());
}

static ar_err finish(job *j)
{
    bool shared;

    AR_TRY(drop_held(j));
    AR_TRY(record_source(j));
    AR_TRY(find_shared(j, &shared));
    if (!j->known || shared) AR_TRY(ar_estate_view(j->engine, j->kind));
    AR_TRY(resolve_owners(j));
    return record_run(j, ar_null());
}

/* ---- the two ways in ---- */

static ar_err insert_first(void *self)
{
    job *j = self;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "INSERT INTO %T (");
    add_fact_names(&sql, j, "");
    ar_buf_addz(&sql, j->spec->delta ? ", _source, _seen_at) SELECT " : ", _source) SELECT ");
    add_fact_names(&sql, j, "");
    ar_buf_addz(&sql, j->spec->delta ? ", %N, $1 FROM import_feed()" : ", %N FROM import_feed()");
    return run_sql(j, ar_buf_str(&sql), j->spec->delta);
}

/* A source that has shown nothing yet has nothing to be compared with: its rows go straight in. */
static ar_err import_first(job *j, const ar_feed *feed)
{
    ar_load load = { .table = &j->table, .grows = true, .insert = insert_first, .self = j };
    bool suspect;

    if (j->spec->delta) AR_TRY(ar_table_mark(&j->table));
    AR_TRY(ar_load_feed(&load, feed, j->ctx->arena, &j->result.rows, &suspect));
    if (suspect) AR_TRY(check_twice(j, "%T WHERE _source = %N"));
    j->result.added = j->result.rows;
    return finish(j);
}

static ar_err import_stage(job *j)
{
    bool shrunk =
        !j->spec->delta && !j->spec->witnessed && j->result.rows < j->known_size - j->result.rows;

    AR_TRY(compare(j));
    if (j->spec->dry_run) {
        j->result.state = AR_IMPORT_DRY;
        return ar_ok();
    }
    if (shrunk) return hold(j);
    AR_TRY(apply(j));
    return finish(j);
}

static ar_err drop_stage(ar_engine *engine)
{
    return ar_engine_exec(engine, "DROP VIEW IF EXISTS import_changed;"
                                  "DROP VIEW IF EXISTS import_new;"
                                  "DROP VIEW IF EXISTS import_gone;"
                                  "DROP TABLE IF EXISTS import_diff;"
                                  "DROP TABLE IF EXISTS import_stage");
}

static ar_err start(job *j, ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec)
{
    *j = (job){
        .ctx = ctx, .engine = ctx->engine, .kinds = kinds, .spec = spec, .kind = spec->kind
    };
    return ar_table_open(ctx->engine, spec->kind, ctx->arena, &j->table);
}

ar_err ar_import(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                 const ar_feed *feed, ar_import_result *out_result)
{
    job j;

    AR_TRY(start(&j, ctx, kinds, spec));
    assert(feed->n_columns == j.table.n_facts);
    j.given = feed->given;
    AR_TRY(begin(&j));
    if (!j.known && !spec->dry_run) {
        AR_TRY(import_first(&j, feed));
    } else {
        AR_TRY(make_stage(&j));
        AR_TRY(load_stage(&j, feed));
        AR_TRY(import_stage(&j));
        AR_TRY(drop_stage(ctx->engine));
    }
    *out_result = j.result;
    return ar_ok();
}

ar_err ar_import_failed(ar_ctx *ctx, const ar_import_spec *spec, ar_str problem)
{
    ar_value most = ar_int(AR_IMPORT_FAILED_MAX);
    ar_auto(ar_buf) words = { 0 };
    job j;

    AR_TRY(start(&j, ctx, NULL, spec));
    j.result.state = AR_IMPORT_FAILED;
    AR_TRY(begin(&j));
    ar_utf8_put(&words, problem); /* which may quote the name of a file */
    AR_TRY(record_run(&j, ar_text(ar_utf8_cut(ar_buf_str(&words), AR_IMPORT_PROBLEM_MAX))));
    return ar_engine_run(ctx->engine,
                         AR_LIT("DELETE FROM ar.run WHERE state = 'failed' AND run <= (SELECT run"
                                " FROM ar.run WHERE state = 'failed' ORDER BY run DESC"
                                " LIMIT 1 OFFSET $1)"),
                         &most, 1, NULL);
}

/* ---- releasing what was held ---- */

static ar_err find_held(ar_ctx *ctx, const ar_kinds *kinds, int64_t run, ar_import_spec *out_spec,
                        ar_str *out_columns)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_int(run);

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT connector, source, kind, columns FROM ar.run"
                                  " WHERE run = $1 AND state = 'held'"),
                           &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND,
                       "no import numbered %lld is held (`aright import list` shows "
                       "them)",
                       (long long)run);
    AR_TRY(ar_kinds_find(kinds, ar_rows_get(rows, 2).s, &out_spec->kind));
    out_spec->connector = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    out_spec->source = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s);
    *out_columns = ar_arena_copy(ctx->arena, ar_rows_get(rows, 3).s);
    return ar_ok();
}

/* The kind may have got other columns since: those that both know are taken. */
static ar_err refill_stage(job *j, int64_t run)
{
    ar_auto(ar_buf) sql = { 0 }, names = { 0 };
    ar_value table = ar_text(ar_arena_printf(j->ctx->arena, "held_%lld", (long long)run));
    ar_own(ar_rows) rows = NULL;

    AR_TRY(make_stage(j));
    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT column_name FROM information_schema.columns"
                                  " WHERE table_schema = 'ar' AND table_name = $1"),
                           &table, 1, &rows));
    while (ar_rows_next(rows)) {
        const ar_kind_column *column = ar_kind_column_find(j->kind, ar_rows_get(rows, 0).s);
        if (column == NULL) continue;
        if (names.len > 0) ar_buf_addz(&names, ", ");
        ar_sql_name(&names, column->name);
    }
    ar_buf_addf(&sql, "INSERT INTO import_stage (%.*s) SELECT %.*s FROM ar.held_%lld",
                AR_FMT(ar_buf_str(&names)), AR_FMT(ar_buf_str(&names)), (long long)run);
    return ar_engine_run(j->engine, ar_buf_str(&sql), NULL, 0, &j->result.rows);
}

ar_err ar_import_confirm(ar_ctx *ctx, const ar_kinds *kinds, int64_t run, ar_import_spec *out_spec,
                         ar_import_result *out_result)
{
    ar_import_spec spec = { 0 };
    ar_str columns, name;
    job j;

    AR_TRY(find_held(ctx, kinds, run, &spec, &columns));
    AR_TRY(start(&j, ctx, kinds, &spec));
    bool *given = ar_make_n(ctx->arena, bool, j.table.n_facts);
    while (ar_str_split(&columns, ',', &name))
        for (size_t i = 0; i < j.table.n_facts; i++)
            if (ar_str_eq(name, j.table.facts[i]->name)) given[i] = true;
    j.given = given;
    AR_TRY(begin(&j));
    AR_TRY(refill_stage(&j, run));
    AR_TRY(compare(&j));
    AR_TRY(apply(&j));
    AR_TRY(finish(&j));
    AR_TRY(drop_stage(ctx->engine));
    *out_spec = spec;
    *out_result = j.result;
    return ar_ok();
}
