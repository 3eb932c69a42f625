#include "life/read.h"

#include "life/shelf.h"
#include "life/state.h"
#include "op/reply.h"
#include "standard/finding.h"

enum { ROWS = 100, ROWS_MAX = 1000000 };

/* ---- life list ---- */

const ar_param ar_life_list_params[] = {
    { "kind", AR_PARAM_TEXT, 0, "of this kind; of all that have a life cycle when not given",
      NULL },
    { "state", AR_PARAM_TEXT, 0, "only those", AR_LIFE_STATES },
    { "due", AR_PARAM_TEXT, 0, "only those for which it is time for this step; any: for one",
      AR_LIFE_STEPS " approve undo any" },
    { "owner", AR_PARAM_TEXT, 0, "of this owner, and of those below in the tree; -: of nobody",
      NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { 0 },
};

const ar_column ar_life_list_columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "name", AR_TEXT, AR_COLUMN_BRIEF | AR_COLUMN_QUIET, "what people call it" },
    { "class", AR_TEXT, 0, "what it is for, which decides how long it may live" },
    { "owner", AR_TEXT, 0, "who answers for it" },
    { "state", AR_TEXT, 0, "where it is in its life" },
    { "since", AR_TIME, 0, "since when, as far as a receipt tells" },
    { "next", AR_TEXT, 0, "the step that comes next" },
    { "next_at", AR_TIME, 0, "from when on it may; at once when empty" },
    { "why", AR_TEXT, AR_COLUMN_BRIEF, "idle or expired; or why the next step may not be yet" },
    { "ends_at", AR_TIME, 0, "when its life ends, by its facts and its class" },
    { "used_at", AR_TIME, AR_COLUMN_QUIET, "when it was last used, by any source" },
    { "idle_sources", AR_INT, AR_COLUMN_QUIET, "how many sources say that this was long ago" },
    { "notices", AR_INT, AR_COLUMN_QUIET, "without an answer" },
    { "extensions", AR_INT, AR_COLUMN_QUIET, "how often its life was made longer" },
    { "receipt", AR_TEXT, AR_COLUMN_QUIET, "of its removal" },
    { "domain", AR_TEXT, AR_COLUMN_QUIET, "whose Deputy CISO is accountable" },
    { 0 },
};

#define STANDING                                                                                  \
    " i WHERE ($2 IS NULL OR state = $2) AND ($3 IS NULL OR next IS NOT NULL AND hold IS"         \
    " NULL AND coalesce(next_at <= $1, true) AND ($3 = 'any' OR next = $3)) AND " AR_OWNER_ASKED( \
        "owner", "$4")

static ar_err reply_kind(ar_ctx *ctx, const ar_cycle *cycle, const ar_args *args, ar_time at,
                         int64_t limit, ar_reply *reply)
{
    ar_value query[] = { ar_at(at), ar_text_or_null(ar_arg_text(args, "state")),
                         ar_text_or_null(ar_arg_text(args, "due")),
                         ar_text_or_null(ar_arg_text(args, "owner")), ar_int(limit) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT ");
    ar_sql_text(&sql, cycle->name);
    ar_buf_addz(&sql, " || ':' || id, name, class, owner, state, since, next, next_at,"
                      " coalesce('RC-' || unsure || ' was begun and did not end well', hold,"
                      " CASE WHEN next IS NOT NULL THEN reason END), ends_at, used_at, "
                      "idle_sources, notices, extensions,"
                      " 'RC-' || removed, domain FROM ");
    ar_life_items(cycle, &sql);
    ar_buf_addz(&sql, STANDING " ORDER BY next IS NULL, hold IS NOT NULL, next_at NULLS FIRST, id"
                               " LIMIT $5");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), query, AR_COUNT(query), &rows));
    return ar_reply_rows(reply, rows);
}

/* What the metrics count as removed, and how much of it a receipt proves. */
static ar_err note_removed(ar_ctx *ctx, const ar_cycle *cycle, ar_time at, ar_reply *reply)
{
    ar_value arg = ar_at(at);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    int64_t all, proven;

    ar_buf_addz(&sql, "SELECT count(*) FILTER (state IN ('purged', 'soft-deleted', 'deleted')),"
                      " count(*) FILTER (state IN ('purged', 'soft-deleted')) FROM ");
    ar_life_items(cycle, &sql);
    ar_buf_addz(&sql, " i");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    all = ar_rows_get(rows, 0).i;
    proven = ar_rows_get(rows, 1).i;
    if (all > 0)
        ar_reply_note(reply, "%lld of kind %.*s are removed, %lld with a receipt.", (long long)all,
                      AR_FMT(cycle->name), (long long)proven);
    return ar_ok();
}

static ar_err list_kind(ar_ctx *ctx, const ar_cycle *cycle, const ar_args *args, ar_time at,
                        int64_t limit, ar_reply *reply)
{
    AR_TRY(reply_kind(ctx, cycle, args, at, limit - reply->rows, reply));
    return note_removed(ctx, cycle, at, reply);
}

ar_err ar_life_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS);
    ar_str kind = ar_arg_text(args, "kind");
    ar_life_shelf shelf;
    const ar_cycle *one;
    ar_time at;

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    AR_TRY(ar_life_time(ctx, &at));
    if (kind.len > 0) {
        AR_TRY(ar_cycles_find(&shelf.cycles, kind, &one));
        return list_kind(ctx, one, args, at, limit, reply);
    }
    one = shelf.cycles.list;
    for (size_t i = 0; i < shelf.cycles.n && reply->rows < limit; i++)
        AR_TRY(list_kind(ctx, &one[i], args, at, limit, reply));
    for (size_t i = 0; i < shelf.cycles.n_bad; i++)
        ar_reply_note(reply, "%.*s", AR_FMT(shelf.cycles.bad[i].error));
    if (reply->rows == limit)
        ar_reply_note(reply, "There may be more; --limit takes up to %d.", (int)ROWS_MAX);
    return ar_ok();
}

/* ---- life show ---- */

const ar_param ar_life_show_params[] = {
    { "about", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "KIND:ID, or a receipt, RC-12", NULL },
    { 0 },
};

const ar_column ar_life_show_columns[] = {
    { "receipt", AR_TEXT, 0, "its id" },
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "step", AR_TEXT, 0, "what was done, or said" },
    { "at", AR_TIME, 0, "when" },
    { "who", AR_TEXT, 0, "by whom" },
    { "state", AR_TEXT, 0, "begun, done, failed, half; or undone" },
    { "batch", AR_TEXT, AR_COLUMN_QUIET, "which it was a part of" },
    { "note", AR_TEXT, AR_COLUMN_BRIEF, "why, or how it went" },
    { "undoes", AR_TEXT, AR_COLUMN_QUIET, "the receipt that it takes back" },
    { "undone_by", AR_TEXT, AR_COLUMN_QUIET, "the receipt that takes it back" },
    { "evidence", AR_TEXT, AR_COLUMN_QUIET, "what was known then, as JSON" },
    { "evidence_hash", AR_TEXT, AR_COLUMN_QUIET, "SHA-256 of it" },
    { "deed", AR_TEXT, AR_COLUMN_QUIET, "the commands that did it, as JSON" },
    { 0 },
};

/* What stands in a receipt is there also when its asset is gone. */
static ar_err note_state(ar_ctx *ctx, ar_str asset, ar_reply *reply)
{
    ar_life_shelf shelf;
    const ar_cycle *cycle;
    ar_life_item item;
    ar_err err;
    ar_str id;
    ar_time at;

    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    AR_TRY(ar_life_shelf_asset(&shelf, asset, &cycle, &id));
    AR_TRY(ar_life_time(ctx, &at));
    err = ar_life_read(ctx, cycle, &id, 1, at, &item);
    if (err.code == AR_NOT_FOUND && reply->rows > 0) {
        ar_reply_note(reply, "%.*s is not in the estate any more.", AR_FMT(asset));
        return ar_ok();
    }
    AR_TRY(err);
    ar_reply_note(reply, "%.*s is %.*s%s%.*s%s%.*s.", AR_FMT(asset), AR_FMT(item.state),
                  item.next.len > 0 ? "; next is " : "", AR_FMT(item.next),
                  item.hold.len > 0 ? ", but " : "", AR_FMT(item.hold));
    return ar_ok();
}

ar_err ar_life_run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str about = ar_arg_text(args, "about");
    bool one = ar_str_starts(about, AR_LIT("RC-"));
    ar_own(ar_rows) rows = NULL;
    ar_receipt receipt;
    ar_value arg = ar_text(about);
    int64_t number;

    if (one) {
        AR_TRY(ar_receipt_number(about, &number));
        AR_TRY(ar_receipt_read(ctx, number, &receipt));
    }
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT(
            "SELECT 'RC-' || r.number, r.kind || ':' || r.asset_id, r.step, r.happened_at, r.who,"
            " CASE WHEN b.number IS NULL THEN r.state ELSE 'undone' END, 'B-' || r.batch,"
            " r.note, 'RC-' || r.undoes, 'RC-' || b.number, r.evidence, r.evidence_hash, r.deed"
            " FROM ar.receipt r LEFT JOIN ar.receipt b ON b.undoes = r.number"
            "  AND b.state = 'done'"
            " WHERE 'RC-' || r.number = $1 OR r.kind || ':' || r.asset_id = $1"
            " ORDER BY r.number"),
        &arg, 1, &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    return one ? ar_ok() : note_state(ctx, about, reply);
}
