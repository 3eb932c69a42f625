#include "govern/train.h"

#include "estate/estate.h"
#include "op/reply.h"
#include "standard/finding.h"

enum { ROWS = 100, ROWS_MAX = 1000000 };

/* $1 asof: each course that somebody who works here has to take. A course counts as long as it is
 * valid; who it is belongs to the tree of owners by any of its names. */
static const char trainings[] =
    "(SELECT t.id, t.person_id, p.name AS person, coalesce(t.course_id, t.name) AS course,"
    " t.name AS title, t.assigned_at, t.due_at, t.completed_at, t.valid_until,"
    " coalesce(n.owner, 'person:' || t.person_id) AS owner, o.team, o.domain_id AS domain,"
    " (SELECT min(u.up) FROM ar.owner_up u WHERE u.id = n.owner AND starts_with(u.up, 'division:'))"
    " AS division, CASE WHEN t.completed_at IS NOT NULL AND coalesce(t.valid_until > $1, true)"
    "  THEN 'done' WHEN t.due_at <= $1 THEN 'overdue' ELSE 'due' END AS state"
    " FROM main.training t LEFT JOIN main.person p ON p.id = t.person_id"
    " LEFT JOIN ar.owner_name n ON n.alias = 'person:' || lower(t.person_id)"
    " LEFT JOIN ar.owner o ON o.id = n.owner WHERE t.deleted_at IS NULL AND NOT t.gone"
    " AND p.deleted_at IS NULL AND p.active IS DISTINCT FROM false)";

static ar_err query(ar_ctx *ctx, const char *select, const char *rest, const ar_value *args,
                    size_t n, ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    ar_buf_addf(&sql, "%s FROM %s t %s", select, trainings, rest);
    return ar_engine_query(ctx->engine, ar_buf_str(&sql), args, n, out_rows);
}

static void note_empty(ar_reply *reply)
{
    if (reply->rows == 0)
        ar_reply_note(reply,
                      "There is no such course; `aright import training-records FILE` brings "
                      "in what people have to take.");
}

/* ---- train list ---- */

static const ar_param list_params[] = {
    { "state", AR_PARAM_TEXT, 0, "only those", "overdue due done" },
    { "course", AR_PARAM_TEXT, 0, "only this one", NULL },
    { "owner", AR_PARAM_TEXT, 0, "of this person, or of those below this team or division", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { 0 },
};

static const ar_column list_columns[] = {
    { "person", AR_TEXT, 0, "who has to take it" },
    { "course", AR_TEXT, 0, "which" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it is called" },
    { "state", AR_TEXT, 0, "overdue, due or done" },
    { "due_at", AR_TIME, 0, "by when" },
    { "completed_at", AR_TIME, 0, "when it was done" },
    { "valid_until", AR_TIME, AR_COLUMN_QUIET, "until when that counts" },
    { "team", AR_TEXT, 0, "of the person" },
    { "division", AR_TEXT, 0, "of the person" },
    { "assigned_at", AR_TIME, AR_COLUMN_QUIET, "since when it has to be" },
    { "name", AR_TEXT, AR_COLUMN_QUIET, "of the person" },
    { 0 },
};

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS);
    ar_value asked[] = { ar_at(ctx->asof), ar_text_or_null(ar_arg_text(args, "state")),
                         ar_text_or_null(ar_arg_text(args, "course")),
                         ar_text_or_null(ar_arg_text(args, "owner")), ar_int(limit) };
    ar_own(ar_rows) rows = NULL;

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    AR_TRY(query(ctx,
                 "SELECT person_id, course, title, state, due_at, completed_at, valid_until, team,"
                 " division, assigned_at, person",
                 "WHERE ($2 IS NULL OR state = $2) AND ($3 IS NULL OR course = $3)"
                 " AND " AR_OWNER_ASKED("owner", "$4") " ORDER BY state <> 'overdue',"
                                                       " state <> 'due', due_at, person_id, course"
                                                       " LIMIT $5",
                 asked, AR_COUNT(asked), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    note_empty(reply);
    if (reply->rows == limit)
        ar_reply_note(reply, "There may be more; --limit takes up to %d.", ROWS_MAX);
    return ar_ok();
}

/* ---- train status ---- */

static const ar_param status_params[] = {
    { "by", AR_PARAM_TEXT, 0, "what to sum by; course when not given",
      "course team division domain" },
    { "owner", AR_PARAM_TEXT, 0, "of this person, or of those below this team or division", NULL },
    { 0 },
};

static const ar_column status_columns[] = {
    { "of", AR_TEXT, 0, "the course, team, division or domain; empty: none is known" },
    { "people", AR_INT, 0, "who have to take courses" },
    { "assigned", AR_INT, 0, "courses they have to take, together" },
    { "done", AR_INT, 0, "of them, and still valid" },
    { "due", AR_INT, 0, "of them, and not yet due" },
    { "overdue", AR_INT, 0, "of them" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "of what is done or overdue, the part that is done" },
    { 0 },
};

static ar_err run_status(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str by = ar_arg_text(args, "by");
    ar_value asked[] = { ar_at(ctx->asof), ar_text_or_null(ar_arg_text(args, "owner")) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) select = { 0 };

    if (by.len == 0) by = AR_LIT("course");
    ar_buf_addf(
        &select,
        "SELECT %.*s, count(DISTINCT person_id), count(*), count(*) FILTER (state = 'done'),"
        " count(*) FILTER (state = 'due'), count(*) FILTER (state = 'overdue'),"
        " count(*) FILTER (state = 'done') / nullif(count(*) FILTER (state <> 'due'), 0)",
        AR_FMT(by));
    AR_TRY(query(ctx, select.ptr,
                 "WHERE " AR_OWNER_ASKED("owner", "$2") " GROUP BY 1 ORDER BY 6 DESC, 1", asked,
                 AR_COUNT(asked), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    note_empty(reply);
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_train_ops[] = {
    { .name = "train.list",
      .help = "list who has to take which course, what is overdue first",
      .more = "The records come in with `aright import training-records FILE`, as they are in the "
              "learning system; whoever no longer works here is left out.",
      .example = "aright train list --state overdue",
      .grant = "train.read",
      .params = list_params,
      .columns = list_columns,
      .run = run_list },
    { .name = "train.status",
      .help = "show how much of the training that is due was done",
      .example = "aright train status --by division",
      .grant = "train.read",
      .params = status_params,
      .columns = status_columns,
      .run = run_status },
    { 0 },
};
