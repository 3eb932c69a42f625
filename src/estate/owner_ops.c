#include "estate/estate.h"
#include "estate/heard.h"
#include "estate/ops.h"
#include "estate/resolve.h"
#include "estate/table.h"
#include "op/reply.h"

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
    { "evidence", AR_TEXT, 0, "its class; fact: the owner_id of a source" },
    { "confidence", AR_DOUBLE, 0, "0 to 1; facts of a source need none" },
    { "source", AR_TEXT, 0, "who says so" },
    { "observed_at", AR_TIME, 0, "when it was seen" },
    { "why", AR_TEXT, 0, "why it decides, or does not" },
    { "recorded_at", AR_TIME, AR_COLUMN_QUIET, "when it was entered here" },
    { "said", AR_TEXT, AR_COLUMN_QUIET, "how the source calls the owner" },
    { "known", AR_BOOL, AR_COLUMN_QUIET, "whether anybody is known by that name" },
    { 0 },
};

/* clang-format off */
static const char explain_sql[] =
    ", living AS (SELECT 1 FROM word WHERE live),"
    " said AS (SELECT coalesce(owner, named) AS owner, shown AS said, 'fact' AS evidence,"
    "   CAST(NULL AS DOUBLE) AS confidence, teller AS source, seen AS observed_at,"
    "   CAST(NULL AS TIMESTAMP) AS recorded_at, 3 AS rank, 0 AS lack, precedence AS place,"
    "   0 AS nth, owner IS NOT NULL AS here, live OR NOT EXISTS (FROM living) AS speaks"
    "  FROM word WHERE shown IS NOT NULL"
    " UNION ALL SELECT owner, said, evidence, confidence, source, coalesce(observed_at, seen),"
    "   recorded_at, rank, 2 - confidence, place, nth, here, true FROM heard"
    " UNION ALL SELECT d.owner, d.owner, 'default', NULL, 'owners.yaml', NULL, NULL, 100, 0, 0, 0,"
    "   d.owner NOT IN (SELECT owner FROM away), true"
    "  FROM it JOIN ar.domain d ON d.id = it.domain_id WHERE d.owner IS NOT NULL),"
    " placed AS (SELECT *, here AND speaks AND 1 = row_number() OVER"
    "   (ORDER BY here AND speaks DESC, rank, lack, place, observed_at DESC NULLS LAST, nth, owner)"
    "   AS wins FROM said),"
    " winner AS (SELECT p.*, o.team FROM placed p LEFT JOIN ar.owner o ON o.id = p.owner"
    "  WHERE wins)"
    " SELECT p.wins, p.owner, p.evidence, p.confidence, p.source, p.observed_at,"
    "  CASE WHEN NOT p.here THEN 'has left' WHEN NOT p.speaks THEN 'no longer shown by its source'"
    "   WHEN p.wins AND p.rank = 100 THEN 'nobody is known' WHEN p.wins THEN 'the first of all'"
    "   ELSE CASE WHEN p.owner = w.owner THEN 'agrees'"
    "    WHEN p.rank <= 3 AND w.rank <= 3 AND p.source <> w.source"
    "     AND (x.team IS NULL OR x.team IS DISTINCT FROM w.team)"
    "     AND NOT EXISTS (SELECT 1 FROM ar.owner_up u WHERE (u.id = p.owner AND u.up = w.owner)"
    "      OR (u.id = w.owner AND u.up = p.owner)) THEN 'disputes it' ELSE 'differs' END"
    "    || CASE WHEN p.rank = 100 THEN ', for want of better'"
    "     WHEN p.rank > w.rank THEN ', a weaker class'"
    "     WHEN p.lack > w.lack THEN ', less sure' WHEN p.place > w.place THEN ', a later source'"
    "     WHEN p.observed_at < w.observed_at THEN ', older' ELSE '' END"
    "  END || CASE WHEN k.owner IS NULL THEN '; nobody is known by that name' ELSE '' END,"
    "  p.recorded_at, p.said, k.owner IS NOT NULL"
    " FROM placed p LEFT JOIN winner w ON true LEFT JOIN ar.owner x ON x.id = p.owner"
    " LEFT JOIN (SELECT DISTINCT owner FROM ar.owner_name) k ON k.owner = p.owner"
    " ORDER BY p.wins DESC, p.rank, p.lack, p.place, p.observed_at DESC NULLS LAST, p.nth, p.owner";
/* clang-format on */

/* The same evidence as the resolver weighs, with the reason for which each piece lost. */
static ar_err run_owner_explain(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_owner_scope scope = { .ids = "SELECT $1", .now = ctx->now, .all_leads = true };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    ar_table table;
    ar_kinds kinds;
    ar_str id;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_ops_asset(ctx, &kinds, ar_arg_text(args, "asset"), &kind, &id));
    if (kind->view)
        return ar_fail(AR_INVALID, "kind %.*s is a view; its owners are not found by evidence",
                       AR_FMT(kind->name));
    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    scope.shared = table.shares;
    ar_value query[] = { ar_text(id) };
    ar_buf_addz(&sql, "WITH ");
    ar_sql_heard(&sql, kind, &scope);
    ar_buf_addz(&sql, ", it AS (SELECT domain_id FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addf(&sql, " WHERE id = $1)%s", explain_sql);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0)
        ar_reply_note(reply, "Nothing speaks for anybody, and its domain has no owner of its own.");
    return ar_ok();
}

static const ar_column owner_status_columns[] = {
    { "domain", AR_TEXT, 0, "its id" },
    { "assets", AR_INT, 0, "how many assets it has" },
    { "owned", AR_INT, 0, "how many have an owner by evidence" },
    { "by_default", AR_INT, 0, "how many only the domain's own owner answers for" },
    { "unowned", AR_INT, 0, "how many nobody answers for" },
    { "current", AR_INT, 0,
      "how many have an owner who is here, by evidence of the last 180 days" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "current of all" },
    { "disputed", AR_INT, 0, "of how many another source names another owner as firmly" },
    { "unknown", AR_INT, 0,
      "how many have an owner by whose name nobody is known, or a team that all have left" },
    { 0 },
};

static ar_err run_owner_status(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value since = ar_at(ctx->asof - AR_OWNER_CURRENT_DAYS * AR_DAY);
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    (void)args;
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH held AS (SELECT domain_id, count(*) AS n,"
               " count(*) FILTER (WHERE state = 'owned') AS owned,"
               " count(*) FILTER (WHERE state = 'default') AS by_default,"
               " count(*) FILTER (WHERE state = 'unowned') AS unowned,"
               " count(*) FILTER (WHERE state = 'owned' AND owner_here AND observed_at > $1)"
               " AS now, count(*) FILTER (WHERE disputed) AS disputed,"
               " count(*) FILTER (WHERE state = 'owned' AND NOT owner_here) AS unknown"
               " FROM main.ownership GROUP BY domain_id)"
               " SELECT coalesce(d.id, h.domain_id, '(none)'), coalesce(n, 0), coalesce(owned, 0),"
               " coalesce(by_default, 0), coalesce(unowned, 0), coalesce(now, 0),"
               " now / nullif(n, 0), coalesce(disputed, 0), coalesce(unknown, 0)"
               " FROM ar.domain d FULL JOIN held h ON h.domain_id = d.id ORDER BY 1"),
        &since, 1, &rows));
    return ar_reply_rows(reply, rows);
}

static const ar_column domain_list_columns[] = {
    { "domain", AR_TEXT, 0, "its id" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "deputy_ciso", AR_TEXT, 0, "who is accountable" },
    { "assets", AR_INT, 0, "how many assets it has" },
    { "unowned", AR_INT, 0, "how many of them wait for an owner" },
    { "kind", AR_TEXT, AR_COLUMN_QUIET, "division or function" },
    { "vacant", AR_BOOL, 0, "whether nobody who works here is" },
    { "council", AR_BOOL, 0, "whether it has a seat in the governance council" },
    { "appointed_at", AR_TIME, AR_COLUMN_QUIET, "since when that Deputy CISO is" },
    { "reports_to", AR_TEXT, AR_COLUMN_QUIET, "whom that Deputy CISO reports to" },
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
               " coalesce(h.n, 0), coalesce(h.unowned, 0), d.kind, CASE WHEN d.id IS NOT NULL"
               "  THEN d.deputy_ciso IS NULL OR NOT coalesce(d.deputy_active, true) END,"
               " CASE WHEN d.id IS NOT NULL THEN coalesce(d.council_member, false) END,"
               " d.appointed_at, d.reports_to FROM main.domain d FULL JOIN held h"
               " ON h.domain_id = d.id ORDER BY 1"),
        NULL, 0, &rows));
    return ar_reply_rows(reply, rows);
}

const ar_op ar_owner_ops[] = {
    { .name = "owner.list",
      .help = "list who owns assets",
      .none = "Nobody is known yet; HOME/owners.yaml names owners, and so do the sources.",
      .example = "aright owner list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = owner_list_columns,
      .run = run_owner_list },
    { .name = "owner.explain",
      .help = "show how the owner of an asset was found",
      .more = "All evidence there is, the strongest first: what decides, and for what reason the "
              "rest does not. Who left has no say; the class decides before the confidence, that "
              "before the order of sources, that before the date.",
      .example = "aright owner explain app:payroll",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = ar_asset_param,
      .columns = owner_explain_columns,
      .run = run_owner_explain },
    { .name = "owner.status",
      .help = "show how much of each domain has an owner, and by how fresh evidence",
      .none = "There are no assets yet.",
      .more =
          "Current is what a person or team that is here owns by evidence of the last 180 days. "
          "The same is in the view main.ownership for `query`, asset by asset.",
      .example = "aright owner status",
      .effect = AR_READS,
      .surveyed = true,
      .grant = "estate.read",
      .columns = owner_status_columns,
      .run = run_owner_status },
    { .name = "domain.list",
      .help = "list the domains and what waits in them for an owner",
      .none = "There is no domain yet; HOME/owners.yaml names them.",
      .example = "aright domain list",
      .effect = AR_READS,
      .surveyed = true,
      .grant = "estate.read",
      .columns = domain_list_columns,
      .run = run_domain_list },
    { 0 },
};
