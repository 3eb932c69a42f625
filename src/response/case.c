#include "response/case.h"

enum { ID_MAX = 20 };

const ar_migration ar_case_migrations[] = {
    { 440, "cases of vulnerabilities and incidents, and what happened to them when",
      "CREATE TABLE ar.case (id VARCHAR, kind VARCHAR, number BIGINT, title VARCHAR,"
      " description VARCHAR, reporter VARCHAR, contact VARCHAR, asset_kind VARCHAR,"
      " asset_id VARCHAR, owner_id VARCHAR, criticality BIGINT, points VARCHAR, decision VARCHAR,"
      " severity VARCHAR, kev_due_at TIMESTAMP, opened_at TIMESTAMP, due_at TIMESTAMP,"
      " stage VARCHAR, stage_since TIMESTAMP, triaged_at TIMESTAMP, mitigated_at TIMESTAMP,"
      " closed_at TIMESTAMP, at_risk_signalled_at TIMESTAMP, miss_reason VARCHAR,"
      " cwe_id VARCHAR, learning VARCHAR, learning_because VARCHAR);"
      "CREATE TABLE ar.case_event (case_id VARCHAR, number BIGINT, happened_at TIMESTAMP, who "
      "VARCHAR,"
      " what VARCHAR, stage VARCHAR, note VARCHAR);" },
    { 0 },
};

static const char *const fields[] = {
    "id",
    "kind",
    "number",
    "title",
    "description",
    "reporter",
    "contact",
    "asset_kind",
    "asset_id",
    "owner_id",
    "criticality",
    "points",
    "decision",
    "severity",
    "kev_due_at",
    "opened_at",
    "due_at",
    "stage",
    "stage_since",
    "triaged_at",
    "mitigated_at",
    "closed_at",
    "at_risk_signalled_at",
    "miss_reason",
    "cwe_id",
    "learning",
    "learning_because",
};
static_assert(AR_COUNT(fields) == AR_CASE_FIELDS);

/* ---- stages ---- */

const char *ar_case_stage_name(enum ar_case_stage stage)
{
    static const char *const names[] = { "opened",    "triaged",   "mitigation_ready",
                                         "deploying", "mitigated", "closed" };

    static_assert(AR_COUNT(names) == AR_CASE_STAGES);
    return names[stage];
}

enum ar_case_stage ar_case_stage_of(const ar_case *c)
{
    enum ar_case_stage stage = AR_CASE_OPENED;

    while (!ar_str_eq(c->at[AR_CASE_STAGE].s, ar_str_of(ar_case_stage_name(stage)))) {
        stage++;
        assert(stage < AR_CASE_STAGES); /* ar.case has names of stages only */
    }
    return stage;
}

bool ar_case_missed(const ar_case *c, ar_time now)
{
    const ar_value *mitigated = &c->at[AR_CASE_MITIGATED_AT];

    return (mitigated->type == AR_TIME ? mitigated->i : now) > c->at[AR_CASE_DUE_AT].i;
}

/* ---- the table ---- */

ar_err ar_case_number(ar_ctx *ctx, ar_str kind, ar_case *c)
{
    const char *prefix = ar_str_eq(kind, AR_LIT("incident")) ? "IN" : "VC";
    ar_value arg = ar_text(kind), *number = &c->at[AR_CASE_NUMBER];

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT 1 + coalesce(max(number), 0) FROM ar.case"
                                  " WHERE kind = $1"),
                           &arg, 1, ctx->arena, number));
    c->at[AR_CASE_KIND] = arg;
    c->at[AR_CASE_ID] =
        ar_text(ar_arena_printf(ctx->arena, "%s-%lld", prefix, (long long)number->i));
    return ar_ok();
}

static void add_fields(ar_buf *sql)
{
    for (size_t i = 0; i < AR_CASE_FIELDS; i++)
        ar_buf_addf(sql, "%s%s", i > 0 ? ", " : "", fields[i]);
}

static bool is_id(ar_str id)
{
    int64_t n;

    return id.len > 3 && id.len <= ID_MAX &&
           (ar_str_starts(id, AR_LIT("VC-")) || ar_str_starts(id, AR_LIT("IN-"))) &&
           ar_str_int(ar_str_cut(id, 3, id.len), &n) && n > 0;
}

ar_err ar_case_read(ar_ctx *ctx, ar_str id, ar_case *out_case)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text(id);
    ar_auto(ar_buf) sql = { 0 };

    if (!is_id(id))
        return ar_fail(AR_INVALID, "'%.*s' is no case; they look like VC-12 or IN-3", AR_FMT(id));
    ar_buf_addz(&sql, "SELECT ");
    add_fields(&sql);
    ar_buf_addz(&sql, " FROM ar.case WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no case %.*s; `aright case list` shows them",
                       AR_FMT(id));
    for (size_t i = 0; i < AR_CASE_FIELDS; i++)
        out_case->at[i] = ar_value_copy(ctx->arena, ar_rows_get(rows, i));
    return ar_ok();
}

ar_err ar_case_insert(ar_ctx *ctx, const ar_case *c)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "INSERT INTO ar.case (");
    add_fields(&sql);
    ar_buf_addz(&sql, ") VALUES (");
    for (size_t i = 0; i < AR_CASE_FIELDS; i++)
        ar_buf_addf(&sql, "%s$%zu", i > 0 ? ", " : "", i + 1);
    ar_buf_addc(&sql, ')');
    return ar_engine_run(ctx->engine, ar_buf_str(&sql), c->at, AR_CASE_FIELDS, NULL);
}

ar_err ar_case_update(ar_ctx *ctx, const ar_case *c)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "UPDATE ar.case SET ");
    for (size_t i = 1; i < AR_CASE_FIELDS; i++)
        ar_buf_addf(&sql, "%s%s = $%zu", i > 1 ? ", " : "", fields[i], i + 1);
    ar_buf_addz(&sql, " WHERE id = $1");
    return ar_engine_run(ctx->engine, ar_buf_str(&sql), c->at, AR_CASE_FIELDS, NULL);
}

ar_err ar_case_note(ar_ctx *ctx, const ar_case *c, const char *what, ar_str note)
{
    ar_value args[] = { c->at[AR_CASE_ID], ar_at(ctx->now),      ar_text(ctx->who->name),
                        ar_textz(what),    c->at[AR_CASE_STAGE], ar_text_or_null(note) };

    return ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.case_event SELECT $1, 1 + coalesce(max(number), 0),"
                                " greatest($2, max(happened_at)), $3, $4, $5, $6 FROM ar.case_event"
                                " WHERE case_id = $1"),
                         args, AR_COUNT(args), NULL);
}
