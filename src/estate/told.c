#include "estate/told_rows.h"

#include "estate/estate.h"
#include "estate/match.h"
#include "estate/merge.h"
#include "estate/owner.h"
#include "estate/resolve.h"
#include "estate/stage.h"
#include "sys/file.h"

#include <stdlib.h>

/* ---- their way in ---- */

static ar_err next_rows(void *self, const ar_vector **out_columns, size_t *out_rows)
{
    ar_teller *t = self;
    const ar_table *table = &t->job->table;

    ar_batch_clear(&t->batch);
    for (; t->next < t->n_rows && !ar_batch_full(&t->batch); t->next++) {
        const ar_told_row *r = &t->rows[t->next];

        if (!r->touched) continue;
        ar_batch_set(&t->batch, 0, ar_text(r->id));
        for (size_t i = 1; i < table->n_facts; i++) ar_batch_set(&t->batch, i, r->is[i]);
        t->batch.n_rows++;
    }
    *out_columns = t->batch.views;
    *out_rows = t->batch.n_rows;
    return ar_ok();
}

static ar_err next_told(void *self, size_t lane, ar_vector_out *out, size_t *out_rows)
{
    ar_teller *t = self;
    size_t n = 0;

    (void)lane;
    for (; n < AR_ENGINE_BATCH && t->next < t->n_rows; t->next++) {
        const ar_told_row *r = &t->rows[t->next];

        if (!r->touched) continue;
        out[0].s[n] = r->id;
        out[1].i[n] = r->seen;
        out[2].s[n++] = r->told;
    }
    *out_rows = n;
    return ar_ok();
}

static ar_err load_stage(ar_teller *t)
{
    ar_job *j = t->job;
    ar_feed_column *columns = ar_make_n(t->arena, ar_feed_column, j->table.n_facts);
    ar_feed feed = {
        .next = next_rows, .self = t, .columns = columns, .n_columns = j->table.n_facts
    };

    for (size_t i = 0; i < j->table.n_facts; i++)
        columns[i] = (ar_feed_column){ j->table.facts[i]->name, j->table.facts[i]->type };
    ar_batch_init(&t->batch, columns, j->table.n_facts, t->arena);
    t->next = 0;
    AR_TRY(ar_stage_make(j));
    ar_err err = ar_stage_load(j, &feed);
    ar_batch_done(&t->batch);
    return err;
}

static ar_err apply_stage(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("id"), AR_LIT("seen_at"), AR_LIT("told") };
    static const enum ar_type types[] = { AR_TEXT, AR_TIME, AR_TEXT };
    ar_source source = {
        .names = names, .types = types, .n_columns = 3, .next = next_told, .self = t
    };
    ar_job *j = t->job;

    t->next = 0;
    j->told = true;
    AR_TRY(ar_engine_source(j->engine, "told_rows", &source));
    ar_err err = ar_stage_apply(j);
    AR_TRY(ar_engine_source(j->engine, "told_rows", NULL));
    return err;
}

/* ---- the history of what was in between ---- */

static bool is_last(const ar_teller *t, size_t i)
{
    for (size_t k = i + 1; k < t->n_steps && t->steps[k].row == t->steps[i].row; k++)
        if (t->steps[k].column == t->steps[i].column) return false;
    return true;
}

/* As the engine writes it. */
static ar_err as_text(ar_teller *t, ar_value *value)
{
    if (value->type == AR_NULL || value->type == AR_TEXT) return ar_ok();
    return ar_engine_value(t->job->engine, AR_LIT("SELECT CAST($1 AS VARCHAR)"), value, 1, t->arena,
                           value);
}

static ar_err add_to_history(ar_teller *t, ar_append *history, const ar_told_step *s)
{
    const ar_job *j = t->job;
    ar_value from = s->from, to = s->to;

    AR_TRY(as_text(t, &from));
    AR_TRY(as_text(t, &to));
    ar_value values[] = { ar_text(j->kind->name),
                          ar_text(t->rows[s->row].id),
                          ar_text(j->spec->source),
                          ar_text(j->table.facts[s->column]->name),
                          from,
                          to,
                          ar_at(j->now),
                          ar_int(j->run) };
    return ar_append_row(history, values, AR_COUNT(values));
}

/* The comparison sees where a column began and where it ended: of its steps the last begins where
 * the one before it ended, and is none where that is where it all began. */
static ar_err add_step(ar_teller *t, ar_append *history, size_t i)
{
    const ar_told_step *s = &t->steps[i];
    const ar_told_row *r = &t->rows[s->row];
    ar_value args[] = { s->from, ar_text(r->id) };
    ar_auto(ar_buf) sql = { 0 };

    if (!is_last(t, i) || ar_value_eq(s->to, r->was[s->column]))
        return add_to_history(t, history, s);
    if (ar_value_eq(s->from, r->was[s->column])) return ar_ok();
    ar_buf_addf(&sql, "UPDATE import_diff SET o%zu = $1 WHERE o0 = $2", s->column);
    return ar_engine_run(t->job->engine, ar_buf_str(&sql), args, 2, NULL);
}

static ar_err write_steps(ar_teller *t)
{
    ar_own(ar_append) history = NULL;

    AR_TRY(ar_append_open(t->job->engine, "ar.history", &history));
    for (size_t i = 0; i < t->n_steps; i++)
        if (t->rows[t->steps[i].row].there) AR_TRY(add_step(t, history, i));
    return ar_append_close(&history);
}

/* ---- the source and its run ---- */

/* One run a day, source and kind, which goes on. */
static ar_err find_run(ar_job *j, bool *out_known)
{
    ar_value args[] = { ar_text(j->spec->source), ar_text(j->kind->name),
                        ar_at(j->now - j->now % AR_DAY) };
    ar_value run;

    AR_TRY(ar_engine_value(j->engine,
                           AR_LIT("SELECT max(run) FROM ar.run WHERE source = $1 AND kind = $2"
                                  " AND state = 'told' AND started >= $3"),
                           args, AR_COUNT(args), j->ctx->arena, &run));
    *out_known = run.type == AR_INT;
    if (*out_known) j->run = run.i;
    return ar_ok();
}

static ar_err begin_run(ar_job *j)
{
    ar_value args[] = { ar_int(j->run), ar_text(j->spec->connector), ar_text(j->spec->source),
                        ar_text(j->kind->name), ar_at(j->now) };

    return ar_engine_run(
        j->engine,
        AR_LIT("INSERT INTO ar.run (run, connector, source, kind, delta, started,"
               " who, state, rows, new, changed, gone, columns, skipped)"
               " VALUES ($1, $2, $3, $4, true, $5, '', 'told', 0, 0, 0, 0, '', 0)"),
        args, AR_COUNT(args), NULL);
}

static ar_err record_run(ar_teller *t)
{
    ar_job *j = t->job;
    int64_t back;

    AR_TRY(ar_job_count(j, "SELECT count(*) FROM import_changed WHERE back", &back));
    ar_value run[] = { ar_int(j->run),          ar_int((int64_t)t->n),
                       ar_int(j->result.added), ar_int(j->result.changed),
                       ar_int(t->sum.late),     ar_text_or_null(t->sum.problem) };
    ar_value source[] = { ar_int(j->source), ar_at(j->now), ar_int(j->run),
                          ar_int(j->result.added + back) };

    AR_TRY(ar_engine_run(j->engine,
                         AR_LIT("UPDATE ar.run SET rows = rows + $2, new = new + $3,"
                                " changed = changed + $4, skipped = skipped + $5,"
                                " problem = coalesce($6, problem) WHERE run = $1"),
                         run, AR_COUNT(run), NULL));
    return ar_engine_run(j->engine,
                         AR_LIT("UPDATE ar.source SET seen_at = $2, run = $3, size = size + $4"
                                " WHERE number = $1"),
                         source, AR_COUNT(source), NULL);
}

/* ---- what follows ---- */

/* Before merging forgets it. */
static ar_err note_touched(ar_job *j)
{
    AR_TRY(ar_engine_exec(j->engine, "CREATE OR REPLACE TEMP TABLE told_owner AS"
                                     " SELECT DISTINCT id FROM merge_todo WHERE whose"));
    return ar_job_run(j, AR_LIT("INSERT INTO told_asset SELECT DISTINCT %K, id FROM merge_todo"),
                      0);
}

/* Who left, or is called otherwise now, may have owned anything. */
static ar_err resolve_owners(ar_job *j)
{
    bool all = false;

    if (ar_str_eq(j->kind->name, AR_LIT("person")) && j->result.added + j->result.changed > 0)
        AR_TRY(ar_owners_name(j->engine, j->kinds, &all));
    return ar_owners_resolve(j->engine, j->kinds, all ? NULL : j->kind,
                             all ? NULL : "SELECT id FROM told_owner", j->now);
}

static ar_err merge_and_resolve(ar_job *j)
{
    ar_auto(ar_buf) whose = { 0 };
    bool first;

    ar_stage_whose(&whose, j);
    AR_TRY(ar_match(j));
    AR_TRY(ar_merge_touch(j, "t._id IN (SELECT id FROM import_stage)", whose.ptr));
    AR_TRY(note_touched(j));
    AR_TRY(ar_merge_apply(j, &first));
    if (first) AR_TRY(ar_estate_view(j->engine, &j->table));
    return resolve_owners(j);
}

/* ---- one source ---- */

/* The columns of which any fact speaks. */
static const bool *given_by(const ar_teller *t)
{
    bool *given = ar_make_n(t->arena, bool, t->job->table.n_facts);

    given[0] = true;
    for (size_t i = 0; i < t->n; i++) {
        const ar_told *fact = &t->facts[t->order[i]];

        for (size_t k = 0; k < fact->n; k++)
            given[ar_told_column(&t->job->table, fact->values[k].column)] = true;
    }
    return given;
}

static ar_err enter_rows(ar_teller *t)
{
    ar_job *j = t->job;
    bool run_known;

    j->given = given_by(t);
    AR_TRY(find_run(j, &run_known));
    if (!run_known) AR_TRY(begin_run(j));
    AR_TRY(ar_teller_read(t));
    ar_teller_take(t);
    AR_TRY(ar_merge_begin(j));
    AR_TRY(load_stage(t));
    AR_TRY(ar_stage_compare(j));
    AR_TRY(write_steps(t));
    AR_TRY(apply_stage(t));
    AR_TRY(record_run(t));
    AR_TRY(merge_and_resolve(j));
    return ar_stage_drop(j->engine);
}

static ar_err find_connector(ar_ctx *ctx, ar_import_spec *spec)
{
    ar_value args[] = { ar_text(spec->source), ar_text(spec->kind->name) }, connector;

    AR_TRY(ar_engine_value(
        ctx->engine, AR_LIT("SELECT connector FROM ar.source WHERE source = $1 AND kind = $2"),
        args, 2, ctx->arena, &connector));
    if (connector.type == AR_TEXT) spec->connector = connector.s;
    return ar_ok();
}

ar_err ar_told_enter(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_str source,
                     const ar_told *facts, size_t n, ar_told_sum *sum)
{
    ar_import_spec spec = { .kind = kind, .source = source, .delta = true };
    ar_auto(ar_arena) arena = { 0 };
    ar_job j;
    ar_teller t = { .job = &j, .arena = &arena, .facts = facts };

    AR_TRY(find_connector(ctx, &spec));
    AR_TRY(ar_job_start(&j, ctx, kinds, &spec));
    ar_teller_sort(&t, n);
    if (t.n > 0) AR_TRY(enter_rows(&t));
    sum->facts += t.sum.facts;
    sum->added += j.result.added;
    sum->changed += j.result.changed;
    sum->late += t.sum.late;
    sum->dropped += t.sum.dropped;
    if (sum->problem.len == 0) sum->problem = ar_arena_copy(ctx->arena, t.sum.problem);
    return ar_ok();
}

/* ---- all of a kind ---- */

ar_err ar_told_room(ar_ctx *ctx, const ar_kind *kind, const ar_told *facts, size_t n)
{
    ar_table table;

    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    bool *given = ar_make_n(ctx->arena, bool, table.n_facts + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; ar_told_fits(&table, &facts[i]) && k < facts[i].n; k++)
            given[ar_told_column(&table, facts[i].values[k].column)] = true;
    AR_TRY(ar_table_store(&table, given));
    AR_TRY(ar_table_mark(&table));
    return ar_table_tell(&table);
}

ar_err ar_told_begin(ar_engine *engine)
{
    return ar_engine_exec(engine,
                          "CREATE OR REPLACE TEMP TABLE told_asset (kind VARCHAR, id VARCHAR)");
}

/* ---- of whom facts are taken ---- */

ar_err ar_told_publish(ar_ctx *ctx)
{
    ar_auto(ar_buf) text = { 0 };
    ar_own(ar_rows) rows = NULL;
    const char *path = ar_path_join(ctx->arena, ctx->place->home, AR_TOLD_SOURCES);
    ar_str before = { 0 };

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT source, kind FROM ar.source ORDER BY source, kind"), NULL,
                           0, &rows));
    while (ar_rows_next(rows)) {
        ar_str source = ar_rows_get(rows, 0).s;

        ar_buf_addf(&text, "%.*s\t", AR_FMT(source));
        ar_buf_addf(&text, "%.*s\n", AR_FMT(ar_rows_get(rows, 1).s));
    }
    ar_err err = ar_file_read(path, AR_TOLD_SOURCES_MAX, ctx->arena, &before);
    if (err.code == AR_OK && ar_str_eq(before, ar_buf_str(&text))) return ar_ok();
    return ar_file_write(path, ar_buf_str(&text), 0600);
}
