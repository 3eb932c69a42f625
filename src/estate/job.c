#include "estate/job.h"

static void add_sql(ar_buf *sql, const ar_job *j, ar_str text)
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

ar_err ar_job_run(ar_job *j, ar_str text, size_t n_args)
{
    ar_value args[] = { ar_at(j->now), ar_text(j->spec->source), ar_int(j->run) };
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, j, text);
    return ar_engine_run(j->engine, ar_buf_str(&sql), args, n_args, NULL);
}

ar_err ar_job_value(ar_job *j, const char *text, ar_value *out)
{
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, j, ar_str_of(text));
    return ar_engine_value(j->engine, ar_buf_str(&sql), NULL, 0, j->ctx->arena, out);
}

ar_err ar_job_count(ar_job *j, const char *text, int64_t *out_n)
{
    ar_value n;

    AR_TRY(ar_job_value(j, text, &n));
    *out_n = n.type == AR_INT ? n.i : 0;
    return ar_ok();
}

ar_err ar_job_ask(ar_job *j, const char *text, bool *out_yes)
{
    ar_value yes;

    AR_TRY(ar_job_value(j, text, &yes));
    *out_yes = yes.type == AR_BOOL && yes.b;
    return ar_ok();
}

ar_value ar_job_observes(const ar_job *j)
{
    if (j->spec->role == AR_ROLE_NONE) return ar_null();
    return ar_bool(j->spec->role == AR_ROLE_OBSERVATION);
}

enum ar_role ar_job_role(ar_value observes)
{
    if (observes.type == AR_NULL) return AR_ROLE_NONE;
    return observes.b ? AR_ROLE_OBSERVATION : AR_ROLE_REGISTER;
}

static ar_err know_source(ar_job *j)
{
    ar_value source[] = { ar_text(j->spec->source), ar_text(j->kind->name) };
    ar_own(ar_rows) rows = NULL;
    ar_value latest;

    AR_TRY(ar_job_value(j, "SELECT max(seen_at) FROM ar.source", &latest));
    j->now = latest.type == AR_TIME && latest.i > j->ctx->now ? latest.i : j->ctx->now;
    AR_TRY(ar_job_count(j, "SELECT coalesce(max(run), 0) + 1 FROM ar.run", &j->run));
    AR_TRY(ar_job_count(j, "SELECT coalesce(max(number), 0) + 1 FROM ar.source", &j->source));
    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT number, size, snapshot_at, observes FROM ar.source"
                                  " WHERE source = $1 AND kind = $2"),
                           source, AR_COUNT(source), &rows));
    j->known = ar_rows_next(rows);
    if (j->known) {
        j->source = ar_rows_get(rows, 0).i;
        j->known_size = ar_rows_get(rows, 1).i;
        j->snapshot_at = ar_rows_get(rows, 2);
        j->role = ar_job_role(ar_rows_get(rows, 3));
    }
    return ar_ok();
}

ar_err ar_job_start(ar_job *j, ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec)
{
    *j = (ar_job){
        .ctx = ctx, .engine = ctx->engine, .kinds = kinds, .spec = spec, .kind = spec->kind
    };
    AR_TRY(ar_table_open(ctx->engine, spec->kind, ctx->arena, &j->table));
    return know_source(j);
}

void ar_job_fact_names(ar_buf *sql, const ar_job *j, const char *prefix)
{
    for (size_t i = 0; i < j->table.n_facts; i++) {
        if (!j->table.stored[i]) continue;
        ar_buf_addz(sql, i > 0 ? ", " : "");
        ar_buf_addz(sql, prefix);
        ar_sql_name(sql, j->table.facts[i]->name);
    }
}
