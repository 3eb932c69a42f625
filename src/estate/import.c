#include "estate/import.h"

#include "estate/load.h"
#include "estate/match.h"
#include "estate/merge.h"
#include "estate/resolve.h"
#include "estate/stage.h"
#include "form/utf.h"

enum { RESOLVE_SOME_MAX = 100000 }; /* rows of a new source whose owners are found by themselves */

/* ---- what is known of the source ---- */

static ar_err insert_source(ar_job *j, ar_value snapshot)
{
    ar_value args[] = { ar_int(j->source),
                        ar_text(j->spec->source),
                        ar_text(j->kind->name),
                        ar_text(j->spec->connector),
                        snapshot,
                        ar_at(j->now),
                        ar_int(j->run),
                        ar_int(j->result.rows),
                        ar_job_observes(j) };

    AR_TRY(ar_engine_run(j->engine,
                         AR_LIT("INSERT INTO ar.source SELECT $1, $2, $3, $4,"
                                " coalesce(max(precedence), 0) + 1, $6, $5, $6, $7, $8, $9"
                                " FROM ar.source WHERE kind = $3"),
                         args, AR_COUNT(args), NULL));
    return ar_estate_rank(j->engine, j->kind);
}

static ar_err update_source(ar_job *j, ar_value snapshot)
{
    int64_t size = j->result.rows;

    if (j->spec->delta)
        AR_TRY(ar_job_count(j, "SELECT count(*) FROM %S WHERE _source = %N AND _gone_at IS NULL",
                            &size));

    ar_value args[] = { ar_int(j->source), ar_text(j->spec->connector),
                        snapshot,          ar_at(j->now),
                        ar_int(j->run),    ar_int(size),
                        ar_job_observes(j) };
    return ar_engine_run(j->engine,
                         AR_LIT("UPDATE ar.source SET connector = $2, snapshot_at = $3,"
                                " seen_at = $4, run = $5, size = $6, observes = $7"
                                " WHERE number = $1"),
                         args, AR_COUNT(args), NULL);
}

static ar_err record_source(ar_job *j)
{
    ar_value snapshot = j->spec->delta ? j->snapshot_at : ar_at(j->now);

    return j->known ? update_source(j, snapshot) : insert_source(j, snapshot);
}

/* ---- owners of what changed ---- */

/* Whether only the owners of what changed are found anew: else it is most of the kind. An
 * inspector's evidence is of assets that it shows as they were, too. */
static bool resolves_some(const ar_job *j)
{
    bool few = j->known || (j->table.marked && j->result.rows <= RESOLVE_SOME_MAX);

    return few && !j->spec->witnessed;
}

/* Before merging forgets it. */
static ar_err note_whose(ar_job *j)
{
    if (!resolves_some(j)) return ar_ok();
    return ar_engine_exec(j->engine, "CREATE OR REPLACE TEMP TABLE owner_todo AS"
                                     " SELECT DISTINCT id FROM merge_todo WHERE whose");
}

/* Who left, or is called otherwise now, may have owned anything. */
static ar_err resolve_owners(ar_job *j)
{
    bool some = resolves_some(j), all = false;

    if (ar_str_eq(j->kind->name, AR_LIT("person")))
        AR_TRY(ar_owners_name(j->engine, j->kinds, &all));
    AR_TRY(ar_owners_resolve(j->engine, j->kinds, all ? NULL : j->kind,
                             some && !all ? "SELECT id FROM owner_todo" : NULL, j->now));
    return some ? ar_engine_exec(j->engine, "DROP TABLE owner_todo") : ar_ok();
}

/* ---- runs ---- */

const char *ar_import_state_name(enum ar_import_state state)
{
    static const char *const names[] = { "ok", "held", "dry", "failed", "removed" };

    return names[state];
}

static ar_str given_names(const ar_job *j)
{
    ar_auto(ar_buf) names = { 0 };

    for (size_t i = 0; i < j->table.n_facts && j->given != NULL; i++)
        if (j->given[i])
            ar_buf_addf(&names, "%s%.*s", names.len > 0 ? "," : "",
                        AR_FMT(j->table.facts[i]->name));
    return ar_arena_copy(j->ctx->arena, ar_buf_str(&names));
}

/* The other way round. */
static const bool *given_of(const ar_job *j, ar_str names)
{
    bool *given = ar_make_n(j->ctx->arena, bool, j->table.n_facts);
    ar_str name;

    while (ar_str_split(&names, ',', &name))
        for (size_t i = 0; i < j->table.n_facts; i++)
            if (ar_str_eq(name, j->table.facts[i]->name)) given[i] = true;
    return given;
}

static ar_err record_run(ar_job *j, ar_value problem)
{
    ar_value args[] = { ar_int(j->run),
                        ar_text(j->spec->connector),
                        ar_text(j->spec->source),
                        ar_text(j->kind->name),
                        ar_bool(j->spec->delta),
                        ar_at(j->now),
                        ar_text(j->ctx->who == NULL ? AR_LIT("") : j->ctx->who->name),
                        ar_textz(ar_import_state_name(j->result.state)),
                        ar_int(j->result.rows),
                        ar_int(j->result.added),
                        ar_int(j->result.changed),
                        ar_int(j->result.gone),
                        ar_text(given_names(j)),
                        problem,
                        ar_int(j->result.skipped) };

    j->result.run = j->run;
    return ar_engine_run(j->engine,
                         AR_LIT("INSERT INTO ar.run VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                                " $10, $11, $12, $13, $14, $15)"),
                         args, AR_COUNT(args), NULL);
}

/* What was kept aside for this source and kind is out of date now. */
static ar_err drop_held(ar_job *j)
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

static ar_err hold(ar_job *j)
{
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(drop_held(j));
    ar_buf_addf(&sql, "CREATE TABLE ar.held_%lld AS SELECT * FROM import_stage", (long long)j->run);
    AR_TRY(ar_engine_exec(j->engine, sql.ptr));
    j->result.state = AR_IMPORT_HELD;
    return record_run(j, ar_null());
}

/* What came, and what went; a delta shows even what it leaves as it was. The first rows of a kind
 * have nothing to be merged with. */
static ar_err touch_imported(ar_job *j)
{
    ar_auto(ar_buf) whose = { 0 };

    if (!j->known && !j->table.marked) return ar_ok();
    if (!j->known || j->role != j->spec->role) return ar_merge_touch(j, "true", "true");
    ar_stage_whose(&whose, j);
    AR_TRY(ar_merge_touch(j, "t._id IN (SELECT coalesce(n0, o0) FROM import_diff)", whose.ptr));
    if (!j->spec->delta) return ar_ok();
    return ar_merge_touch(j, "t._id IN (SELECT id FROM import_stage)", "false");
}

static ar_err finish(ar_job *j)
{
    bool others, first;

    AR_TRY(drop_held(j));
    AR_TRY(ar_job_ask(j, "SELECT EXISTS (SELECT 1 FROM ar.source WHERE kind = %K AND number <> %N)",
                      &others));
    if (others) AR_TRY(ar_table_mark(&j->table));
    AR_TRY(ar_match(j));
    AR_TRY(record_source(j));
    AR_TRY(touch_imported(j));
    AR_TRY(note_whose(j));
    AR_TRY(ar_merge_apply(j, &first));
    if (!j->known || first) AR_TRY(ar_estate_view(j->engine, &j->table));
    AR_TRY(resolve_owners(j));
    return record_run(j, ar_text_or_null(j->bad_rows));
}

/* Of what could not be read, and of what was not sent, nobody knows whether it is gone. */
static void note_end(ar_job *j, ar_import_spec *spec, const ar_feed *feed)
{
    j->result.skipped = feed->bad;
    j->result.partial = feed->partial;
    j->bad_rows = ar_utf8_cut(feed->bad_rows, AR_IMPORT_PROBLEM_MAX);
    spec->delta = spec->delta || (j->known && (feed->bad > 0 || feed->partial));
}

/* ---- the two ways in ---- */

static ar_err insert_first(void *self)
{
    ar_job *j = self;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "INSERT INTO %T (");
    ar_job_fact_names(&sql, j, "");
    ar_buf_addz(&sql, j->spec->delta ? ", _source, _seen_at) SELECT " : ", _source) SELECT ");
    ar_job_fact_names(&sql, j, "");
    ar_buf_addz(&sql, j->spec->delta ? ", %N, $1 FROM import_feed()" : ", %N FROM import_feed()");
    return ar_job_run(j, ar_buf_str(&sql), j->spec->delta);
}

/* A source that has shown nothing yet has nothing to be compared with: its rows go straight in. */
static ar_err import_first(ar_job *j, ar_import_spec *spec, const ar_feed *feed)
{
    ar_load load = { .table = &j->table, .grows = true, .insert = insert_first, .self = j };
    bool suspect;

    if (j->spec->delta) AR_TRY(ar_table_mark(&j->table));
    AR_TRY(ar_merge_begin(j));
    AR_TRY(ar_load_feed(&load, feed, j->ctx->arena, &j->result.rows, &suspect));
    note_end(j, spec, feed);
    if (suspect) AR_TRY(ar_stage_check(j, "%T WHERE _source = %N"));
    j->result.added = j->result.rows;
    return finish(j);
}

static ar_err apply_stage(ar_job *j)
{
    AR_TRY(ar_merge_begin(j));
    AR_TRY(ar_stage_apply(j));
    return finish(j);
}

static ar_err import_stage(ar_job *j)
{
    bool shrunk =
        !j->spec->delta && !j->spec->witnessed && j->result.rows < j->known_size - j->result.rows;

    AR_TRY(ar_stage_compare(j));
    if (j->spec->dry_run) {
        j->result.state = AR_IMPORT_DRY;
        return ar_ok();
    }
    return shrunk ? hold(j) : apply_stage(j);
}

ar_err ar_import(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                 const ar_feed *feed, ar_import_result *out_result)
{
    ar_import_spec used = *spec;
    ar_job j;

    AR_TRY(ar_job_start(&j, ctx, kinds, &used));
    assert(feed->n_columns == j.table.n_facts);
    j.given = feed->given;
    if (!j.known && !spec->dry_run && spec->latest.len == 0) {
        AR_TRY(import_first(&j, &used, feed));
    } else {
        AR_TRY(ar_stage_make(&j));
        AR_TRY(ar_stage_load(&j, feed));
        note_end(&j, &used, feed);
        AR_TRY(import_stage(&j));
        AR_TRY(ar_stage_drop(ctx->engine));
    }
    j.result.at = j.now;
    *out_result = j.result;
    return ar_ok();
}

static ar_err remove_rows(ar_job *j)
{
    bool first;

    AR_TRY(ar_table_mark(&j->table));
    AR_TRY(drop_held(j));
    AR_TRY(ar_merge_begin(j));
    AR_TRY(ar_merge_touch(j, "true", "true"));
    AR_TRY(ar_job_run(j, AR_LIT("DELETE FROM %T WHERE _source = %N"), 0));
    AR_TRY(ar_job_run(j, AR_LIT("DELETE FROM ar.conflict WHERE kind = %K AND source = %N"), 0));
    AR_TRY(ar_job_run(j, AR_LIT("DELETE FROM ar.source WHERE number = %N"), 0));
    AR_TRY(ar_merge_apply(j, &first));
    AR_TRY(ar_estate_view(j->engine, &j->table));
    return ar_owners_resolve(j->engine, j->kinds, NULL, NULL, j->now);
}

ar_err ar_import_remove(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                        ar_import_result *out_result)
{
    ar_job j;

    AR_TRY(ar_job_start(&j, ctx, kinds, spec));
    if (!j.known)
        return ar_fail(
            AR_NOT_FOUND,
            "source '%.*s' says nothing of kind %.*s (`aright source list` shows who does)",
            AR_FMT(spec->source), AR_FMT(spec->kind->name));
    AR_TRY(ar_job_count(&j, "SELECT count(*) FROM %S WHERE _source = %N", &j.result.rows));
    j.result.gone = j.known_size;
    j.result.state = spec->dry_run ? AR_IMPORT_DRY : AR_IMPORT_REMOVED;
    if (!spec->dry_run) {
        AR_TRY(remove_rows(&j));
        AR_TRY(record_run(&j, ar_null()));
    }
    *out_result = j.result;
    return ar_ok();
}

ar_err ar_import_failed(ar_ctx *ctx, const ar_import_spec *spec, ar_str problem)
{
    ar_value most = ar_int(AR_IMPORT_FAILED_MAX);
    ar_auto(ar_buf) words = { 0 };
    ar_job j;

    AR_TRY(ar_job_start(&j, ctx, NULL, spec));
    j.result.state = AR_IMPORT_FAILED;
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
                           AR_LIT("SELECT r.connector, r.source, r.kind, r.columns, s.observes"
                                  " FROM ar.run r JOIN ar.source s ON s.source = r.source"
                                  " AND s.kind = r.kind WHERE r.run = $1 AND r.state = 'held'"),
                           &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND,
                       "no import numbered %lld is held (`aright import list` shows "
                       "them)",
                       (long long)run);
    AR_TRY(ar_kinds_find(kinds, ar_rows_get(rows, 2).s, &out_spec->kind));
    out_spec->connector = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    out_spec->source = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s);
    out_spec->role = ar_job_role(ar_rows_get(rows, 4));
    *out_columns = ar_arena_copy(ctx->arena, ar_rows_get(rows, 3).s);
    return ar_ok();
}

/* The kind may have got other columns since: those that both know are taken. */
static ar_err refill_stage(ar_job *j, int64_t run)
{
    ar_auto(ar_buf) sql = { 0 }, names = { 0 };
    ar_value table = ar_text(ar_arena_printf(j->ctx->arena, "held_%lld", (long long)run));
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_stage_make(j));
    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT column_name FROM information_schema.columns"
                                  " WHERE table_schema = 'ar' AND table_name = $1"),
                           &table, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_str name = ar_rows_get(rows, 0).s;
        for (size_t i = 0; i < j->table.n_facts; i++) {
            if (!ar_str_eq(name, j->table.facts[i]->name)) continue;
            if (names.len > 0) ar_buf_addz(&names, ", ");
            ar_sql_name(&names, name);
        }
    }
    ar_buf_addf(&sql, "INSERT INTO import_stage (%.*s) SELECT %.*s FROM ar.held_%lld",
                AR_FMT(ar_buf_str(&names)), AR_FMT(ar_buf_str(&names)), (long long)run);
    return ar_engine_run(j->engine, ar_buf_str(&sql), NULL, 0, &j->result.rows);
}

ar_err ar_import_confirm(ar_ctx *ctx, const ar_kinds *kinds, int64_t run, ar_import_spec *out_spec,
                         ar_import_result *out_result)
{
    ar_import_spec spec = { 0 };
    ar_str columns;
    ar_job j;

    AR_TRY(find_held(ctx, kinds, run, &spec, &columns));
    AR_TRY(ar_job_start(&j, ctx, kinds, &spec));
    j.given = given_of(&j, columns);
    AR_TRY(refill_stage(&j, run));
    AR_TRY(ar_stage_compare(&j));
    AR_TRY(apply_stage(&j));
    AR_TRY(ar_stage_drop(ctx->engine));
    *out_spec = spec;
    j.result.at = j.now;
    *out_result = j.result;
    return ar_ok();
}
