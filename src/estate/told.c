#include "estate/told_rows.h"

#include "estate/estate.h"
#include "estate/match.h"
#include "estate/merge.h"
#include "estate/owner.h"
#include "estate/resolve.h"
#include "estate/stage.h"
#include "sys/file.h"

#include <stdlib.h>

/* ---- rows for the engine ---- */

/* Some of the rows, or of the steps, as a table that a statement reads. */
typedef struct told_feed {
    const ar_teller *teller;
    size_t n, next;
    /* puts the thing of place i into row `at`, unless it is none of those that are wanted */
    bool (*put)(const ar_teller *t, size_t i, ar_vector_out *out, size_t at);
} told_feed;

static ar_err next_rows(void *self, size_t lane, ar_vector_out *out, size_t *out_rows)
{
    told_feed *f = self;
    size_t n = 0;

    (void)lane;
    for (; n < AR_ENGINE_BATCH && f->next < f->n; f->next++)
        n += f->put(f->teller, f->next, out, n);
    *out_rows = n;
    return ar_ok();
}

static void put_value(ar_vector_out *out, size_t at, ar_value value)
{
    switch (value.type) {
    case AR_NULL: ar_vector_clear(out, at); break;
    case AR_BOOL: out->b[at] = value.b; break;
    case AR_INT:
    case AR_TIME: out->i[at] = value.i; break;
    case AR_DOUBLE: out->d[at] = value.d; break;
    case AR_TEXT: out->s[at] = value.s; break;
    }
}

/* Runs the statement, as ar_job_run takes it, while the source `name` has them. */
static ar_err run_with(ar_teller *t, const char *name, const ar_source *columns, told_feed feed,
                       ar_str sql, size_t n_args)
{
    ar_source source = *columns;

    feed.teller = t;
    source.next = next_rows;
    source.self = &feed;
    AR_TRY(ar_engine_source(t->job->engine, name, &source));
    ar_err err = ar_job_run(t->job, sql, n_args);
    AR_TRY(ar_engine_source(t->job->engine, name, NULL));
    return err;
}

#define COLUMNS(of_names, of_types)                                                       \
    (&(const ar_source){                                                                  \
        .names = (of_names), .types = (of_types), .n_columns = AR_COUNT(of_names) })

/* ---- the source's rows ---- */

static bool put_seen(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];

    if (!r->touched || !r->there) return false;
    out[0].i[at] = r->row;
    out[1].i[at] = r->seen;
    out[2].s[at] = r->told;
    return true;
}

static ar_err apply_seen(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("row"), AR_LIT("seen_at"), AR_LIT("told") };
    static const enum ar_type types[] = { AR_INT, AR_TIME, AR_TEXT };

    if (t->touched == t->job->result.added) return ar_ok();
    return run_with(t, "told_seen", COLUMNS(names, types),
                    (told_feed){ .n = t->n_rows, .put = put_seen },
                    AR_LIT("UPDATE %T AS t SET _seen_at = r.seen_at, _told = r.told"
                           " FROM told_seen() r WHERE r.row = t.rowid"),
                    0);
}

static bool put_changed(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];

    if (!r->changed) return false;
    out[0].i[at] = r->row;
    for (size_t k = 0; k < t->n_differing; k++) put_value(&out[k + 1], at, r->is[t->differing[k]]);
    return true;
}

static ar_err apply_changed(ar_teller *t)
{
    const ar_table *table = &t->job->table;
    ar_str *names = ar_make_n(t->arena, ar_str, t->n_differing + 1);
    enum ar_type *types = ar_make_n(t->arena, enum ar_type, t->n_differing + 1);
    ar_source columns = { .names = names, .types = types, .n_columns = t->n_differing + 1 };
    ar_auto(ar_buf) sql = { 0 };

    if (t->changed == 0) return ar_ok();
    names[0] = AR_LIT("row");
    types[0] = AR_INT;
    ar_buf_addz(&sql, "UPDATE %T AS t SET ");
    if (t->back > 0) ar_buf_addz(&sql, "_gone_at = NULL");
    for (size_t k = 0; k < t->n_differing; k++) {
        const ar_kind_column *fact = table->facts[t->differing[k]];

        names[k + 1] = ar_arena_printf(t->arena, "c%zu", k);
        types[k + 1] = fact->type;
        ar_buf_addz(&sql, k > 0 || t->back > 0 ? ", " : "");
        ar_sql_name(&sql, fact->name);
        ar_buf_addf(&sql, " = r.c%zu", k);
    }
    ar_buf_addz(&sql, " FROM told_changed() r WHERE r.row = t.rowid");
    return run_with(t, "told_changed", &columns,
                    (told_feed){ .n = t->n_rows, .put = put_changed }, ar_buf_str(&sql), 0);
}

static bool put_new(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];
    size_t column = 3;

    if (!r->touched || r->there) return false;
    out[0].s[at] = r->id;
    out[1].i[at] = r->seen;
    out[2].s[at] = r->told;
    for (size_t k = 1; k < t->job->table.n_facts; k++)
        if (t->job->given[k]) put_value(&out[column++], at, r->is[k]);
    return true;
}

static ar_err apply_new(ar_teller *t)
{
    const ar_table *table = &t->job->table;
    ar_str *names = ar_make_n(t->arena, ar_str, table->n_facts + 2);
    enum ar_type *types = ar_make_n(t->arena, enum ar_type, table->n_facts + 2);
    ar_source columns = { .names = names, .types = types, .n_columns = 3 };
    ar_auto(ar_buf) sql = { 0 }, values = { 0 };

    if (t->job->result.added == 0) return ar_ok();
    names[0] = AR_LIT("id"), names[1] = AR_LIT("seen_at"), names[2] = AR_LIT("told");
    types[0] = AR_TEXT, types[1] = AR_TIME, types[2] = AR_TEXT;
    ar_buf_addz(&sql, "INSERT INTO %T (id, _source, _first_seen, _seen_at, _told");
    ar_buf_addz(&values, ") SELECT id, %N, $1, seen_at, told");
    for (size_t i = 1; i < table->n_facts; i++) {
        if (!t->job->given[i]) continue;
        names[columns.n_columns] = ar_arena_printf(t->arena, "c%zu", columns.n_columns);
        types[columns.n_columns] = table->facts[i]->type;
        ar_buf_addz(&sql, ", "), ar_sql_name(&sql, table->facts[i]->name);
        ar_buf_addf(&values, ", c%zu", columns.n_columns++);
    }
    ar_buf_add(&sql, ar_buf_str(&values));
    ar_buf_addz(&sql, " FROM told_new()");
    return run_with(t, "told_new", &columns, (told_feed){ .n = t->n_rows, .put = put_new },
                    ar_buf_str(&sql), 1);
}

/* ---- their history ---- */

enum { STEP_FROM = 2, STEP_TYPES = 5, STEP_TO = STEP_FROM + STEP_TYPES };

/* Each value in the column of its type, so that the engine writes it as it writes those of an
 * import. */
static void put_typed(ar_vector_out *out, size_t at, ar_value value)
{
    static const enum ar_type types[STEP_TYPES] = { AR_BOOL, AR_INT, AR_DOUBLE, AR_TIME, AR_TEXT };

    for (size_t i = 0; i < STEP_TYPES; i++)
        put_value(&out[i], at, value.type == types[i] ? value : ar_null());
}

static bool put_step(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_step *s = &t->steps[i];

    if (!t->rows[s->row].there) return false;
    out[0].s[at] = t->rows[s->row].id;
    out[1].s[at] = t->job->table.facts[s->column]->name;
    put_typed(out + STEP_FROM, at, s->from);
    put_typed(out + STEP_TO, at, s->to);
    return true;
}

static bool put_back(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];

    if (!r->touched || !r->there || !r->gone) return false;
    out[0].s[at] = r->id;
    return true;
}

static ar_err write_steps(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("id"), AR_LIT("col"), AR_LIT("fb"), AR_LIT("fi"),
                                    AR_LIT("fd"), AR_LIT("fa"),  AR_LIT("fs"), AR_LIT("tb"),
                                    AR_LIT("ti"), AR_LIT("td"),  AR_LIT("ta"), AR_LIT("ts") };
    static const enum ar_type types[] = { AR_TEXT, AR_TEXT, AR_BOOL, AR_INT, AR_DOUBLE,
                                          AR_TIME, AR_TEXT, AR_BOOL, AR_INT, AR_DOUBLE,
                                          AR_TIME, AR_TEXT };

    if (t->n_steps == 0) return ar_ok();
    return run_with(t, "told_steps", COLUMNS(names, types),
                    (told_feed){ .n = t->n_steps, .put = put_step },
                    AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, col, coalesce(CAST(fb AS"
                           " VARCHAR), CAST(fi AS VARCHAR), CAST(fd AS VARCHAR), CAST(fa AS"
                           " VARCHAR), fs), coalesce(CAST(tb AS VARCHAR), CAST(ti AS VARCHAR),"
                           " CAST(td AS VARCHAR), CAST(ta AS VARCHAR), ts), $1, $3"
                           " FROM told_steps()"),
                    3);
}

static ar_err write_back(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("id") };
    static const enum ar_type types[] = { AR_TEXT };

    if (t->back == 0) return ar_ok();
    return run_with(t, "told_back", COLUMNS(names, types),
                    (told_feed){ .n = t->n_rows, .put = put_back },
                    AR_LIT("INSERT INTO ar.history SELECT %K, id, $2, 'gone', 'true', 'false', $1,"
                           " $3 FROM told_back()"),
                    3);
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
    ar_value run[] = { ar_int(j->run),          ar_int((int64_t)t->n),
                       ar_int(j->result.added), ar_int(j->result.changed),
                       ar_int(t->sum.late),     ar_text_or_null(t->sum.problem) };
    ar_value source[] = { ar_int(j->source), ar_at(j->now), ar_int(j->run),
                          ar_int(j->result.added + t->back) };

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

static bool put_asked(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    if (!t->rows[i].asked) return false;
    out[0].s[at] = t->rows[i].id;
    out[1].b[at] = !t->rows[i].there;
    return true;
}

/* match_asked: the rows that the facts make ask for their asset. */
static ar_err note_asked(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("row"), AR_LIT("is_new") };
    static const enum ar_type types[] = { AR_TEXT, AR_BOOL };

    t->job->told = true;
    t->job->asks = t->asked > 0;
    if (t->asked == 0) return ar_ok();
    return run_with(t, "told_asked", COLUMNS(names, types),
                    (told_feed){ .n = t->n_rows, .put = put_asked },
                    AR_LIT("CREATE OR REPLACE TEMP TABLE match_asked AS SELECT * FROM"
                           " told_asked()"),
                    0);
}

static bool put_merged(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];

    if (!r->touched || (!r->asked && !r->shared)) return false;
    out[0].s[at] = r->id;
    out[1].b[at] = r->whose;
    return true;
}

/* Of a row that was there, that kept its asset and is all that is said of it, nothing is merged. */
static ar_err touch_merged(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("id"), AR_LIT("whose") };
    static const enum ar_type types[] = { AR_TEXT, AR_BOOL };

    if (t->asked + t->shared == 0) return ar_ok();
    return run_with(t, "told_merged", COLUMNS(names, types),
                    (told_feed){ .n = t->n_rows, .put = put_merged },
                    AR_LIT("INSERT INTO merge_todo SELECT t.id, r.whose FROM told_merged() r"
                           " JOIN %S t ON t._id = r.id AND t._source = %N"),
                    0);
}

static bool put_touched(const ar_teller *t, size_t i, ar_vector_out *out, size_t at)
{
    const ar_told_row *r = &t->rows[i];

    if (!r->touched || !r->there) return false;
    out[0].s[at] = r->asset;
    out[1].b[at] = r->whose;
    return true;
}

/* What merging forgets: told_touched, the assets of the rows, as they were and as they are now. */
static ar_err note_touched(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("id"), AR_LIT("whose") };
    static const enum ar_type types[] = { AR_TEXT, AR_BOOL };

    AR_TRY(run_with(t, "told_touched", COLUMNS(names, types),
                    (told_feed){ .n = t->n_rows, .put = put_touched },
                    AR_LIT("CREATE OR REPLACE TEMP TABLE told_touched AS SELECT id, bool_or(whose)"
                           " AS whose FROM (FROM told_touched() UNION ALL FROM merge_todo)"
                           " GROUP BY id"),
                    0));
    return ar_job_run(t->job, AR_LIT("INSERT INTO told_asset SELECT %K, id FROM told_touched"), 0);
}

/* Who left, or is called otherwise now, may have owned anything. */
static ar_err resolve_owners(ar_job *j)
{
    bool all = false;

    if (ar_str_eq(j->kind->name, AR_LIT("person")) && j->result.added + j->result.changed > 0)
        AR_TRY(ar_owners_name(j->engine, j->kinds, &all));
    return ar_owners_resolve(j->engine, j->kinds, all ? NULL : j->kind,
                             all ? NULL : "SELECT id FROM told_touched WHERE whose",
                             j->now);
}

static ar_err merge_and_resolve(ar_teller *t)
{
    ar_job *j = t->job;
    bool first;

    AR_TRY(note_asked(t));
    AR_TRY(ar_match(j));
    AR_TRY(touch_merged(t));
    AR_TRY(note_touched(t));
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
    AR_TRY(write_back(t));
    AR_TRY(write_steps(t));
    AR_TRY(apply_seen(t));
    AR_TRY(apply_changed(t));
    AR_TRY(apply_new(t));
    AR_TRY(record_run(t));
    return merge_and_resolve(t);
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
