#include "standard/queue.h"

#include "estate/estate.h"
#include "op/reply.h"

enum { PAGE_ROWS = 100, PAGE_ROWS_MAX = 1000000 };

static const ar_param params[] = {
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "team", AR_PARAM_TEXT, 0,
      "of what this team, division or person answers for by default, and those below", NULL },
    { "kind", AR_PARAM_TEXT, 0, "of this kind only", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "name", AR_TEXT, AR_COLUMN_BRIEF, "what people call it" },
    { "domain", AR_TEXT, 0, "in whose queue it is" },
    { "criticality", AR_INT, 0, "1 to 5" },
    { "why", AR_TEXT, 0,
      "none: nobody was ever named; left: who was, has left; default: only its domain's owner" },
    { "owner", AR_TEXT, 0, "who answers for it meanwhile" },
    { "since", AR_TIME, 0, "since when nobody is known" },
    { "due_at", AR_TIME, 0, "by when it should have an owner (PE-3)" },
    { "overdue", AR_BOOL, 0, "whether that has passed" },
    { 0 },
};

/* The time that PE-3 gives; a home may have replaced it by one of another span. */
static const char queue_sql[] =
    "WITH due AS (SELECT max(due) AS span FROM ar.standard WHERE id = 'PE-3'),"
    " waits AS (SELECT o.*, o.unowned_since + to_microseconds(d.span) AS due_at"
    "  FROM main.ownership o, due d WHERE o.state <> 'owned'"
    "  AND ($2 = '' OR o.domain_id = $2 OR ($2 = '-' AND o.domain_id IS NULL))"
    "  AND ($3 = '' OR o.owner_id = $3 OR o.owner_id IN (SELECT id FROM ar.owner_up WHERE up = $3))"
    "  AND ($4 = '' OR o.kind = $4))"
    " SELECT kind || ':' || id, name, domain_id, criticality,"
    "  CASE WHEN state = 'default' THEN 'default' WHEN owner_source = 'left' THEN 'left'"
    "   ELSE 'none' END, owner_id, unowned_since, due_at, due_at <= $1, count(*) OVER () FROM waits"
    " ORDER BY criticality DESC NULLS LAST, due_at NULLS LAST, domain_id, kind, id"
    " LIMIT $5 OFFSET $6";

/* An empty queue is good news, so a name that is nobody's must not pass for one. */
static ar_err check_names(ar_ctx *ctx, const ar_kinds *kinds, const ar_value *query)
{
    const ar_kind *kind;
    ar_value known;

    if (query[3].s.len > 0) AR_TRY(ar_kinds_find(kinds, query[3].s, &kind));
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT $1 IN ('', '-') OR EXISTS (FROM ar.domain WHERE id = $1)"
                                  " OR EXISTS (FROM main.ownership WHERE domain_id = $1)"),
                           &query[1], 1, ctx->arena, &known));
    if (!known.b)
        return ar_fail(AR_NOT_FOUND, "no domain is named '%.*s' (`aright domain list` shows them)",
                       AR_FMT(query[1].s));
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT $1 = '' OR EXISTS (FROM ar.owner WHERE id = $1)"
                                  " OR EXISTS (FROM main.ownership WHERE owner_id = $1)"),
                           &query[2], 1, ctx->arena, &known));
    if (!known.b)
        return ar_fail(AR_NOT_FOUND, "no owner is known as '%.*s' (`aright owner list` shows them)",
                       AR_FMT(query[2].s));
    return ar_ok();
}

static ar_err run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", PAGE_ROWS), skip = ar_arg_int(args, "skip", 0);
    ar_value query[] = { ar_at(ctx->asof),
                         ar_text(ar_arg_text(args, "domain")),
                         ar_text(ar_arg_text(args, "team")),
                         ar_text(ar_arg_text(args, "kind")),
                         ar_int(limit),
                         ar_int(skip) };
    ar_own(ar_rows) rows = NULL;
    ar_value dated;
    ar_kinds kinds;

    if (limit < 1 || limit > PAGE_ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, PAGE_ROWS_MAX);
    if (skip < 0) return ar_fail(AR_INVALID, "--skip is %lld; want 0 or more", (long long)skip);
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(check_names(ctx, &kinds, query));
    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(queue_sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_counted(reply, rows, skip));
    if (reply->rows == 0 && skip == 0) ar_reply_note(reply, "Nothing waits for an owner there.");
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(due) > 0 FROM ar.standard"
                                  " WHERE id = 'PE-3'"),
                           NULL, 0, ctx->arena, &dated));
    if (reply->rows > 0 && !dated.b)
        ar_reply_note(reply, "PE-3 was not judged yet, so nothing is due: run `aright evaluate`.");
    return ar_ok();
}

const ar_op ar_queue_ops[] = {
    { .name = "owner.queue",
      .help = "list what waits for an owner, the weightiest first",
      .more = "What nobody is known to own, or only its domain's own owner answers for: in the "
              "queue of its domain since the day that it lost its owner or came without one, due "
              "when PE-3 is. `owner claim` takes it out.",
      .example = "aright owner queue",
      .effect = AR_READS,
      .surveyed = true,
      .grant = "estate.read",
      .params = params,
      .columns = columns,
      .run = run },
    { 0 },
};
