#include "estate/estate.h"
#include "estate/ops.h"
#include "estate/table.h"

static const ar_column owner_list_columns[] = {
    { "owner", AR_TEXT, 0, "person:…, team:… or division:…" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "in", AR_TEXT, 0, "what it is part of" },
    { "domain_id", AR_TEXT, 0, "the domain it is in" },
    { "assets", AR_INT, 0, "how many assets it owns" },
    { "left_at", AR_TIME, 0, "when a person left; empty: here" },
    { 0 },
};

static ar_err run_owner_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH owned AS (SELECT owner_id, count(*) AS n FROM main.asset"
               " WHERE owner_id IS NOT NULL AND deleted_at IS NULL GROUP BY owner_id)"
               " SELECT coalesce(w.id, o.owner_id), w.name, w.parent, w.domain_id,"
               " coalesce(o.n, 0), w.left_at FROM ar.owner w FULL JOIN owned o"
               " ON o.owner_id = w.id ORDER BY 1"),
        NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

static const ar_column owner_explain_columns[] = {
    { "wins", AR_BOOL, 0, "whether it decides" },
    { "owner", AR_TEXT, 0, "whom it names" },
    { "evidence", AR_TEXT, 0, "what speaks for it" },
    { "confidence", AR_DOUBLE, 0, "0 to 1; facts of a source need none" },
    { "source", AR_TEXT, 0, "who says so" },
    { "observed_at", AR_TIME, 0, "when it was seen" },
    { 0 },
};

static ar_err run_owner_explain(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    ar_kinds kinds;
    ar_str id;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_asset_find(&kinds, ar_arg_text(args, "asset"), &kind, &id));
    if (kind->view)
        return ar_fail(AR_INVALID, "kind %.*s is a view; its owners are not found by evidence",
                       AR_FMT(kind->name));
    ar_value query[] = { ar_text(kind->name), ar_text(id) };
    ar_buf_addz(&sql, "WITH it AS (SELECT owner_id, owner_source FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $2), said AS (SELECT t.owner_id AS owner, 'fact' AS evidence,"
                      " CAST(NULL AS DOUBLE) AS confidence, p.source,"
                      " coalesce(t._seen_at, p.snapshot_at) AS observed_at FROM ");
    ar_sql_said(&sql, kind);
    ar_buf_addz(&sql,
                " t JOIN ar.source p ON p.number = t._source"
                " WHERE t.id = $2 AND t.owner_id IS NOT NULL"
                " UNION ALL SELECT owner, evidence, confidence, source, observed_at"
                " FROM ar.evidence WHERE kind = $1 AND id = $2"
                " UNION ALL SELECT owner_id, 'default', NULL, 'owners.yaml', NULL FROM it"
                " WHERE owner_source = 'default')"
                " SELECT s.owner = it.owner_id AND it.owner_source IN (s.evidence, s.source),"
                " s.owner, s.evidence, s.confidence, s.source, s.observed_at"
                " FROM said s CROSS JOIN it"
                " ORDER BY 1 DESC, s.confidence DESC NULLS FIRST, s.observed_at DESC, s.owner");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    ar_reply_note(reply, "Who left has no say. What the sources say comes first; then the best "
                         "evidence; then the domain's own owner.");
    return ar_ok();
}

static const ar_column domain_list_columns[] = {
    { "domain", AR_TEXT, 0, "its id" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "deputy_ciso", AR_TEXT, 0, "who is accountable" },
    { "assets", AR_INT, 0, "how many assets it has" },
    { "unowned", AR_INT, 0, "how many of them wait for an owner" },
    { 0 },
};

static ar_err run_domain_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH held AS (SELECT domain_id, count(*) AS n,"
               " count(*) FILTER (WHERE owner_id IS NULL OR owner_source = 'default') AS unowned"
               " FROM main.asset WHERE deleted_at IS NULL GROUP BY domain_id)"
               " SELECT coalesce(d.id, h.domain_id, '(none)'), d.name, d.deputy_ciso,"
               " coalesce(h.n, 0), coalesce(h.unowned, 0) FROM ar.domain d FULL JOIN held h"
               " ON h.domain_id = d.id ORDER BY 1"),
        NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

const ar_op ar_owner_ops[] = {
    { .name = "owner.list",
      .help = "list who owns assets",
      .example = "aright owner list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = owner_list_columns,
      .run = run_owner_list },
    { .name = "owner.explain",
      .help = "show how the owner of an asset was found",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = ar_asset_param,
      .columns = owner_explain_columns,
      .run = run_owner_explain },
    { .name = "domain.list",
      .help = "list the domains and what waits in them for an owner",
      .example = "aright domain list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = domain_list_columns,
      .run = run_domain_list },
    { 0 },
};
