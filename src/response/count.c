#include "response/count.h"

#include "op/reply.h"
#include "response/clock.h"
#include "standard/finding.h"

const ar_param ar_case_count_params[] = {
    { "by", AR_PARAM_TEXT, 0, "what a row is about; a domain when not given",
      "domain division team owner" },
    { "owner", AR_PARAM_TEXT, 0, "of this owner, and of those below in the tree; -: of nobody",
      NULL },
    { "since", AR_PARAM_TIME, 0, "of those that are mitigated, only what was due since then",
      NULL },
    { 0 },
};

static const ar_column of[] = {
    { "domain", AR_TEXT, 0, "the domain that is accountable; empty: none" },
    { "division", AR_TEXT, 0, "the division; an owner in none stands alone; empty: nobody's" },
    { "team", AR_TEXT, 0, "the team; an owner in none stands alone; empty: nobody's" },
    { "owner", AR_TEXT, 0, "who answers for them; empty: nobody" },
};

static const ar_column counts[] = {
    { "cases", AR_INT, 0, "all of them" },
    { "open", AR_INT, 0, "not mitigated yet" },
    { "at_risk", AR_INT, 0, "of those: mitigated too late, as long as their stages take" },
    { "overdue", AR_INT, 0, "of those: not mitigated by their due date" },
    { "missed", AR_INT, 0, "not mitigated by their due date, whether they are now or not" },
    { "in_time", AR_DOUBLE, AR_COLUMN_SHARE,
      "of what was mitigated or due: mitigated by its due date" },
};

static const ar_column *column_of(ar_str by)
{
    const ar_column *column = of;

    while (by.len > 0 && !ar_str_eq(by, ar_str_of(column->name))) column++;
    return column;
}

static ar_err say_columns(ar_reply *reply, const ar_column *by)
{
    ar_column columns[1 + AR_COUNT(counts)] = { *by };

    for (size_t i = 0; i < AR_COUNT(counts); i++) columns[i + 1] = counts[i];
    return ar_reply_columns(reply, columns, AR_COUNT(columns));
}

/* $1 the time, $2 owner or NULL, $3 since or NULL. */
static void add_sql(ar_str by, ar_buf *sql)
{
    bool up = ar_str_eq(by, AR_LIT("division")) || ar_str_eq(by, AR_LIT("team"));

    ar_buf_addz(sql, up ? "SELECT coalesce(u.up, i.owner)" : "SELECT i.");
    if (!up) ar_buf_add(sql, by);
    ar_buf_addz(
        sql,
        " AS key, count(*), count(*) FILTER (i.mitigated_at IS NULL), count(*) FILTER (i.state ="
        " 'at_risk') AS at_risk, count(*) FILTER (i.state = 'overdue') AS overdue,"
        " count(*) FILTER (i.missed) AS missed,"
        " count(*) FILTER (NOT i.missed AND i.mitigated_at IS NOT NULL)"
        " / nullif(count(*) FILTER (i.missed OR i.mitigated_at IS NOT NULL), 0)");
    ar_buf_addf(sql, " FROM %s i", ar_case_items);
    if (up) ar_buf_addf(sql, " LEFT JOIN " AR_OWNERS_UP " u ON u.id = i.owner", AR_FMT(by));
    ar_buf_addz(
        sql,
        " WHERE " AR_OWNER_ASKED(
            "i.owner", "$2") " AND ($3 IS NULL OR i.mitigated_at IS NULL OR i.due_at >= $3)"
                             " GROUP BY key ORDER BY overdue DESC, at_risk DESC, missed DESC, key");
}

ar_err ar_case_run_count(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_column *by = column_of(ar_arg_text(args, "by"));
    bool since = ar_arg_has(args, "since");
    ar_value query[] = { ar_at(ctx->asof), ar_text_or_null(ar_arg_text(args, "owner")),
                         since ? ar_at(ar_arg_time(args, "since", 0)) : ar_null() };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(say_columns(reply, by));
    add_sql(ar_str_of(by->name), &sql);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0) ar_reply_note(reply, "There is no such case.");
    return ar_ok();
}
