#include "life/state.h"

#include "estate/table.h"
#include "form/json.h"

/* ---- the subquery ---- */

static void add_span(ar_buf *sql, int64_t microseconds)
{
    ar_buf_addf(sql, "to_microseconds(%lld)", (long long)microseconds);
}

/* What each source says of when it was used; what a life itself added is no evidence. */
static void add_said(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, "said AS (SELECT s.id, max(s.");
    ar_sql_name(sql, c->used);
    ar_buf_addz(sql, ") AS used_at, bool_or(s._gone_at IS NULL AND p.source <> 'aright') AS shown,"
                     " count(DISTINCT s._source) FILTER (s._gone_at IS NULL AND s.");
    ar_sql_name(sql, c->used);
    ar_buf_addz(sql, " <= $1 - ");
    add_span(sql, c->idle);
    ar_buf_addz(sql, " AND coalesce(s._seen_at, p.snapshot_at) >= $1 - ");
    add_span(sql, c->fresh);
    ar_buf_addz(sql, ") AS idle_sources FROM ");
    ar_sql_said(sql, c->kind);
    ar_buf_addz(sql, " s JOIN ar.source p ON p.number = s._source"
                     " WHERE p.source <> '" AR_LIFE_SOURCE "' GROUP BY s.id)");
}

static void add_marks(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, ", done AS (SELECT r.* FROM ar.receipt r WHERE r.area = '" AR_LIFE_AREA
                     "' AND r.kind = ");
    ar_sql_text(sql, c->name);
    ar_buf_addz(sql, " AND " AR_RECEIPT_HOLDS "), marks AS (SELECT asset_id,"
                     " max(happened_at) FILTER (step = 'purge') AS purged_at,"
                     " max(happened_at) FILTER (step = 'soft_delete') AS removed_at,"
                     " max(number) FILTER (step = 'soft_delete') AS removed,"
                     " max(happened_at) FILTER (step = 'quarantine') AS quarantined_at,"
                     " max(happened_at) FILTER (step = 'approve') AS approved_at,"
                     " max(happened_at) FILTER (step = 'keep') AS kept_at,"
                     " max(happened_at) FILTER (step = 'remove') AS answered_at,"
                     " max(happened_at) FILTER (step = 'extend') AS extended_at,"
                     " count(*) FILTER (step = 'extend') AS extensions,"
                     " max(happened_at) FILTER (step = 'undo') AS restored_at,"
                     " max(sources) AS kept_sources FROM done GROUP BY asset_id)"
                     ", latest AS (SELECT r.asset_id, max(r.number) AS unsure,"
                     " max_by(r.step, r.number) AS unsure_step, max_by(r.state, r.number) AS state"
                     " FROM ar.receipt r WHERE r.area = '" AR_LIFE_AREA "' AND r.happened_at <= $1"
                     " AND r.kind = ");
    ar_sql_text(sql, c->name);
    ar_buf_addz(sql, " GROUP BY r.asset_id), unsure AS (SELECT * FROM latest"
                     " WHERE state IN ('begun', 'half'))");
}

static void add_column(const ar_cycle *c, const char *name, ar_buf *sql)
{
    if (ar_kind_column_find(c->kind, ar_str_of(name)) == NULL)
        ar_buf_addz(sql, "NULL::TIMESTAMP");
    else
        ar_buf_addf(sql, "a.\"%s\"", name);
}

/* The earlier of what was registered and what its class allows. */
static void add_end(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, "least(");
    add_column(c, "expires_at", sql);
    ar_buf_addz(sql, ", coalesce(m.extended_at, ");
    add_column(c, "extended_at", sql);
    ar_buf_addz(sql, ", a.created_at) + CASE ");
    if (c->class.len > 0) {
        ar_buf_addz(sql, "a.");
        ar_sql_name(sql, c->class);
    } else {
        ar_buf_addz(sql, "NULL");
    }
    for (size_t i = 0; i < c->n_classes; i++) {
        if (c->classes[i].life == 0) continue;
        ar_buf_addz(sql, " WHEN ");
        ar_sql_text(sql, c->classes[i].name);
        ar_buf_addz(sql, " THEN ");
        add_span(sql, c->classes[i].life);
    }
    ar_buf_addz(sql, " WHEN '' THEN INTERVAL 0 DAY END)");
}

static void add_base(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, ", base AS (SELECT a.id, a.name, a.owner_id AS owner, a.domain_id AS domain,"
                     " a.deleted_at, a.inventoried, ");
    if (c->class.len > 0) {
        ar_buf_addz(sql, "a.");
        ar_sql_name(sql, c->class);
    } else {
        ar_buf_addz(sql, "NULL::VARCHAR");
    }
    ar_buf_addz(sql, " AS class, ");
    if (c->proven != NULL)
        ar_expr_sql(c->proven, AR_SQL_DUCKDB, NULL, 0, AR_LIT("a"), sql);
    else
        ar_buf_addz(sql, "true");
    ar_buf_addz(sql, " AS proven, ");
    add_end(c, sql);
    ar_buf_addz(sql, " AS ends_at, u.used_at, coalesce(u.idle_sources, 0) AS idle_sources,"
                     " coalesce(u.shown, false) AS shown, m.purged_at, m.removed_at, m.removed,"
                     " m.quarantined_at, m.approved_at, m.kept_at, m.answered_at, m.extended_at,"
                     " coalesce(m.extensions, 0) AS extensions, m.restored_at,"
                     " coalesce(m.kept_sources, 0) AS kept_sources, o.unsure, o.unsure_step"
                     " FROM main.");
    ar_sql_name(sql, c->name);
    ar_buf_addz(sql, " a LEFT JOIN said u ON u.id = a.id LEFT JOIN marks m ON m.asset_id = a.id"
                     " LEFT JOIN unsure o ON o.asset_id = a.id)");
}

/* Why it should end, and since when its notices count. */
static void add_reason(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, ", reasoned AS (SELECT b.*, CASE WHEN ends_at <= $1 THEN 'expired'"
                     " WHEN idle_sources > 0 AND used_at <= $1 - ");
    add_span(sql, c->idle);
    ar_buf_addz(sql, " AND coalesce(greatest(kept_at, restored_at) + ");
    add_span(sql, c->idle);
    ar_buf_addz(sql,
                " <= $1, true) THEN 'idle' END AS reason,"
                " greatest(TIMESTAMP '1970-01-01', kept_at, restored_at, extended_at,"
                "  CASE WHEN ends_at <= $1 THEN NULL ELSE used_at END) AS quiet FROM base b)"
                ", noticed AS (SELECT b.id, count(*) AS notices, max(d.happened_at) AS notice_at"
                "  FROM reasoned b JOIN done d ON d.asset_id = b.id AND d.step = 'warn'"
                "  AND d.happened_at > b.quiet WHERE b.reason IS NOT NULL GROUP BY b.id)");
}

static void add_state(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(
        sql,
        ", stated AS (SELECT b.*, coalesce(n.notices, 0) AS notices, n.notice_at,"
        " CASE WHEN purged_at IS NOT NULL THEN 'purged'"
        "  WHEN removed_at IS NOT NULL THEN 'soft-deleted'"
        "  WHEN quarantined_at IS NOT NULL THEN 'quarantined'"
        "  WHEN deleted_at <= $1 THEN 'deleted'"
        "  WHEN NOT shown THEN CASE WHEN approved_at IS NULL THEN 'requested' ELSE 'approved' END"
        "  WHEN n.notices > 0 THEN 'idle-warned'"
        "  WHEN inventoried IS FALSE AND owner IS NULL THEN 'discovered-unclaimed'"
        "  WHEN inventoried IS FALSE THEN 'claimed'"
        "  WHEN proven IS NOT TRUE THEN 'provisioned' ELSE 'active' END AS state"
        " FROM reasoned b LEFT JOIN noticed n ON n.id = b.id)"
        ", stepped AS (SELECT s.*, CASE WHEN unsure IS NOT NULL THEN unsure_step"
        "  WHEN state IN ('purged', 'deleted') THEN NULL"
        "  WHEN state = 'soft-deleted' THEN 'purge' WHEN state = 'quarantined' THEN 'soft_delete'"
        "  WHEN state = 'requested' THEN 'approve' WHEN reason IS NULL THEN NULL");
    ar_buf_addf(sql,
                "  WHEN answered_at > quiet OR notices >= %lld THEN 'quarantine' ELSE 'warn' END"
                " AS next, CASE state WHEN 'purged' THEN purged_at"
                "  WHEN 'soft-deleted' THEN removed_at"
                "  WHEN 'quarantined' THEN greatest(quarantined_at, restored_at)"
                "  WHEN 'idle-warned' THEN notice_at WHEN 'approved' THEN approved_at"
                "  WHEN 'deleted' THEN deleted_at END AS since FROM stated s)",
                (long long)c->notices);
}

static void add_next(const ar_cycle *c, ar_buf *sql)
{
    ar_buf_addz(sql, " SELECT id, name, class, owner, domain, state, since, reason, next,"
                     " CASE WHEN unsure IS NOT NULL THEN NULL WHEN next = 'purge' THEN since + ");
    add_span(sql, c->soft_delete.lasts);
    ar_buf_addz(sql, " WHEN next = 'soft_delete' THEN since + ");
    add_span(sql, c->quarantine.lasts);
    ar_buf_addz(sql, " WHEN next = 'quarantine' AND answered_at > quiet THEN answered_at"
                     " WHEN next IN ('warn', 'quarantine') THEN notice_at + ");
    add_span(sql, c->notice.lasts);
    ar_buf_addf(sql,
                " END AS next_at, CASE WHEN unsure IS NOT NULL THEN NULL"
                " WHEN next IN ('soft_delete', 'purge') AND used_at > quarantined_at"
                "  THEN 'it was used since its quarantine began'"
                " WHEN next = 'purge' AND greatest(idle_sources, kept_sources) < %lld"
                "  THEN 'idle by the word of ' || greatest(idle_sources, kept_sources) || ' of "
                "%lld sources'"
                " END AS hold, used_at, idle_sources, ends_at, extensions,"
                " notices, unsure, removed, kept_at, inventoried FROM stepped",
                (long long)c->sources, (long long)c->sources);
}

void ar_life_items(const ar_cycle *cycle, ar_buf *sql)
{
    ar_buf_addz(sql, "(WITH ");
    add_said(cycle, sql);
    add_marks(cycle, sql);
    add_base(cycle, sql);
    add_reason(cycle, sql);
    add_state(cycle, sql);
    add_next(cycle, sql);
    ar_buf_addc(sql, ')');
}

/* ---- time ---- */

ar_err ar_life_time(ar_ctx *ctx, ar_time *out_time)
{
    ar_value asked = ar_at(ctx->asof), latest;

    if (ctx->asof < ctx->now) return *out_time = ctx->asof, ar_ok();
    AR_TRY(ar_engine_value(
        ctx->engine,
        AR_LIT("SELECT greatest($1::TIMESTAMP, (SELECT max(happened_at) FROM ar.receipt),"
               " (SELECT max(seen_at) FROM ar.source))"),
        &asked, 1, ctx->arena, &latest));
    *out_time = latest.i;
    return ar_ok();
}

/* ---- one of them ---- */

enum {
    COLUMN_ID,
    COLUMN_OWNER,
    COLUMN_DOMAIN,
    COLUMN_CLASS,
    COLUMN_STATE,
    COLUMN_NEXT,
    COLUMN_HOLD,
    COLUMN_NEXT_AT,
    COLUMN_ENDS_AT,
    COLUMN_IDLE_SOURCES,
    COLUMN_NOTICES,
    COLUMN_EXTENSIONS,
    COLUMN_UNSURE,
};

static const char item_columns[] = "id, owner, domain, class, state, next, hold, next_at, ends_at,"
                                   " idle_sources, notices, extensions, unsure, name, since,"
                                   " reason, used_at, removed, kept_at, inventoried";

static ar_str text_of(ar_ctx *ctx, ar_rows *rows, size_t i)
{
    ar_value value = ar_rows_get(rows, i);

    return value.type == AR_TEXT ? ar_arena_copy(ctx->arena, value.s) : (ar_str){ 0 };
}

static int64_t int_of(ar_rows *rows, size_t i)
{
    ar_value value = ar_rows_get(rows, i);

    return value.type == AR_NULL ? 0 : value.i;
}

/* The fields of an object, from that column on. */
static void add_fields(ar_rows *rows, size_t from, ar_buf *out)
{
    for (size_t i = from; i < ar_rows_width(rows); i++) {
        ar_buf_addz(out, i > from ? "," : "");
        ar_json_text(out, ar_rows_name(rows, i));
        ar_buf_addc(out, ':');
        ar_json_value(out, ar_rows_get(rows, i));
    }
}

/* " IN ($3, $4)" */
static void add_ids(ar_buf *sql, size_t first, size_t n)
{
    ar_buf_addz(sql, " IN (");
    for (size_t i = 0; i < n; i++) ar_buf_addf(sql, "%s$%zu", i > 0 ? ", " : "", first + i);
    ar_buf_addc(sql, ')');
}

/* What each source says of their use, which is what idle is judged by: lists in JSON, in their
 * places. */
static ar_err read_sources(ar_ctx *ctx, const ar_cycle *cycle, const ar_value *ids, size_t n,
                           const ar_map *places, ar_str *out_lists)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 }, list = { 0 };

    ar_buf_addz(&sql, "SELECT s.id, p.source, s.");
    ar_sql_name(&sql, cycle->used);
    ar_buf_addz(&sql, " AS used_at, coalesce(s._seen_at, p.snapshot_at) AS seen_at,"
                      " s._gone_at AS gone_at FROM ");
    ar_sql_said(&sql, cycle->kind);
    ar_buf_addz(&sql,
                " s JOIN ar.source p ON p.number = s._source WHERE p.source <> '" AR_LIFE_SOURCE
                "' AND s.id");
    add_ids(&sql, 1, n);
    ar_buf_addz(&sql, " ORDER BY p.source");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), ids, n, &rows));
    while (ar_rows_next(rows)) {
        ar_str *of = &out_lists[ar_map_get(places, ar_rows_get(rows, 0).s)->n];

        ar_buf_clear(&list);
        ar_buf_addf(&list, "%.*s%s{", AR_FMT(*of), of->len > 0 ? "," : "");
        add_fields(rows, 1, &list);
        ar_buf_addc(&list, '}');
        *of = ar_arena_copy(ctx->arena, ar_buf_str(&list));
    }
    return ar_ok();
}

static ar_life_item item_of(ar_ctx *ctx, ar_rows *rows, ar_str sources)
{
    ar_auto(ar_buf) evidence = { 0 };

    ar_buf_addc(&evidence, '{');
    add_fields(rows, 0, &evidence);
    ar_buf_addf(&evidence, ",\"sources\":[%.*s]}", AR_FMT(sources));
    return (ar_life_item){
        .id = text_of(ctx, rows, COLUMN_ID),
        .owner = text_of(ctx, rows, COLUMN_OWNER),
        .domain = text_of(ctx, rows, COLUMN_DOMAIN),
        .class = text_of(ctx, rows, COLUMN_CLASS),
        .state = text_of(ctx, rows, COLUMN_STATE),
        .next = text_of(ctx, rows, COLUMN_NEXT),
        .hold = text_of(ctx, rows, COLUMN_HOLD),
        .next_at = ar_rows_get(rows, COLUMN_NEXT_AT),
        .ends_at = ar_rows_get(rows, COLUMN_ENDS_AT),
        .idle_sources = int_of(rows, COLUMN_IDLE_SOURCES),
        .notices = int_of(rows, COLUMN_NOTICES),
        .extensions = int_of(rows, COLUMN_EXTENSIONS),
        .unsure = int_of(rows, COLUMN_UNSURE),
        .evidence = ar_arena_copy(ctx->arena, ar_buf_str(&evidence)),
    };
}

ar_err ar_life_read(ar_ctx *ctx, const ar_cycle *cycle, const ar_str *ids, size_t n, ar_time at,
                    ar_life_item *out_items)
{
    ar_value *args = ar_make_n(ctx->arena, ar_value, n + 1);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_str *sources = ar_make_n(ctx->arena, ar_str, n);
    ar_map places = { 0 };
    size_t found = 0;

    if (n == 0) return ar_ok();
    args[0] = ar_at(at);
    for (size_t i = 0; i < n; i++) {
        args[i + 1] = ar_text(ids[i]);
        out_items[i] = (ar_life_item){ 0 };
        ar_map_put(&places, ctx->arena, ids[i], NULL)->n = (int64_t)i;
    }
    AR_TRY(read_sources(ctx, cycle, args + 1, n, &places, sources));
    ar_buf_addf(&sql, "SELECT %s FROM ", item_columns);
    ar_life_items(cycle, &sql);
    ar_buf_addz(&sql, " i WHERE id");
    add_ids(&sql, 2, n);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), args, n + 1, &rows));
    while (ar_rows_next(rows)) {
        int64_t place = ar_map_get(&places, ar_rows_get(rows, COLUMN_ID).s)->n;

        out_items[place] = item_of(ctx, rows, sources[place]);
    }
    while (found < n && out_items[found].id.len > 0) found++;
    if (found == n) return ar_ok();
    return ar_fail(AR_NOT_FOUND, "there is no %.*s:%.*s", AR_FMT(cycle->name), AR_FMT(ids[found]));
}

ar_err ar_life_check(const ar_life_item *item, ar_str kind, ar_str step, ar_time at)
{
    char when[AR_TIME_LEN];

    if (item->next.len == 0)
        return ar_fail(AR_CONFLICT, "%.*s:%.*s is %.*s, and no step is next", AR_FMT(kind),
                       AR_FMT(item->id), AR_FMT(item->state));
    if (!ar_str_eq(item->next, step))
        return ar_fail(AR_CONFLICT, "%.*s:%.*s is %.*s, and the next step is %.*s", AR_FMT(kind),
                       AR_FMT(item->id), AR_FMT(item->state), AR_FMT(item->next));
    if (item->next_at.type != AR_NULL && item->next_at.i > at)
        return ar_fail(AR_CONFLICT, "%.*s:%.*s is %.*s, and %.*s may come on %s", AR_FMT(kind),
                       AR_FMT(item->id), AR_FMT(item->state), AR_FMT(step),
                       ar_time_print(ar_time_to_second(item->next_at.i), when));
    if (item->hold.len > 0)
        return ar_fail(AR_CONFLICT, "%.*s:%.*s: no %.*s: %.*s", AR_FMT(kind), AR_FMT(item->id),
                       AR_FMT(step), AR_FMT(item->hold));
    return ar_ok();
}
