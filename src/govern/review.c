#include "govern/review.h"

#include "form/hash.h"
#include "govern/agenda.h"
#include "op/reply.h"
#include "standard/finding.h"
#include "standard/snapshot.h"

enum { TEXT_MIN = 5, TEXT_MAX = 400 };

/* An entry is a decision or an action; actions are numbered over all reviews. Whether a review
 * leaves actions open past their date is computed as of the last evaluation. */
const ar_migration ar_review_migrations[] = {
    { 460, "reviews, what they decided and gave out",
      "CREATE TABLE ar.review (id BIGINT, series VARCHAR, due_at TIMESTAMP, opened_at TIMESTAMP,"
      " opened_by VARCHAR, chair VARCHAR, snapshot BIGINT, held_at TIMESTAMP, minutes_hash "
      "VARCHAR);"
      "CREATE TABLE ar.review_attendee (review BIGINT, who VARCHAR);"
      "CREATE TABLE ar.review_entry (review BIGINT, number BIGINT, sort VARCHAR, text VARCHAR,"
      " owner_id VARCHAR, due_at TIMESTAMP, standard_id VARCHAR, who VARCHAR, entered_at TIMESTAMP,"
      " done_at TIMESTAMP, done_by VARCHAR, done_note VARCHAR);"
      "CREATE OR REPLACE VIEW main.review AS"
      " SELECT 'R-' || r.id AS id, r.series || ' ' || strftime(r.due_at, '%G-W%V') AS name,"
      " r.chair AS owner_id, 'review' AS owner_source, NULL::VARCHAR AS domain_id,"
      " NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env, NULL::BIGINT AS criticality,"
      " r.opened_at AS created_at, true AS inventoried, r.opened_at AS inventoried_at,"
      " NULL::BOOLEAN AS discovered, NULL::TIMESTAMP AS adopted_at, r.opened_at AS first_seen,"
      " (SELECT max(e.as_of) FROM ar.evaluation e) AS last_seen, NULL::TIMESTAMP AS deleted_at,"
      " 'aright' AS source, 1::BIGINT AS source_count, r.series AS kind, r.due_at, r.held_at,"
      " r.chair, s.hash AS snapshot_hash, (SELECT count(*) FROM ar.review_attendee a"
      "  WHERE a.review = r.id) AS attendees, (SELECT count(*) FROM ar.review_entry n"
      "  WHERE n.review = r.id AND n.sort = 'action' AND n.done_at IS NULL AND n.due_at <"
      "  (SELECT max(e.as_of) FROM ar.evaluation e)) AS actions_open_overdue"
      " FROM ar.review r JOIN ar.snapshot s ON s.id = r.snapshot;" },
    { 0 },
};

static ar_err ask(ar_ctx *ctx, const char *sql, const ar_value *args, size_t n, ar_value *out)
{
    return ar_engine_value(ctx->engine, ar_str_of(sql), args, n, ctx->arena, out);
}

static ar_err change(ar_ctx *ctx, const char *sql, const ar_value *args, size_t n)
{
    return ar_engine_run(ctx->engine, ar_str_of(sql), args, n, NULL);
}

static ar_err read_number(ar_str text, const char *before, const char *what, int64_t *out)
{
    if (ar_str_starts(text, ar_str_of(before)) &&
        ar_str_int(ar_str_cut(text, strlen(before), text.len), out) && *out > 0)
        return ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no %s; they look like %s12", AR_FMT(text), what, before);
}

/* A review that is there; `open`: and not held yet. */
static ar_err find_review(ar_ctx *ctx, const ar_args *args, bool open, int64_t *out_id)
{
    ar_str text = ar_arg_text(args, "review");
    ar_own(ar_rows) rows = NULL;
    ar_value arg;

    AR_TRY(read_number(text, "R-", "review", out_id));
    arg = ar_int(*out_id);
    AR_TRY(ar_engine_query(ctx->engine, AR_LIT("SELECT held_at FROM ar.review WHERE id = $1"), &arg,
                           1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no review %.*s; `aright review list` names them",
                       AR_FMT(text));
    if (open && ar_rows_get(rows, 0).type != AR_NULL)
        return ar_fail(AR_CONFLICT, "%.*s was held; what is decided now belongs to the next one",
                       AR_FMT(text));
    return ar_ok();
}

static ar_err check_text(ar_str text, const char *what)
{
    if (text.len < TEXT_MIN)
        return ar_fail(AR_INVALID, "the %s is too short, %zu of at least %d characters", what,
                       text.len, (int)TEXT_MIN);
    if (text.len > TEXT_MAX)
        return ar_fail(AR_LIMIT, "the %s has %zu characters, %d is the most", what, text.len,
                       (int)TEXT_MAX);
    return ar_ok();
}

/* ---- review open ---- */

static const ar_param open_params[] = {
    { "kind", AR_PARAM_TEXT, AR_REQUIRED, "the series that it belongs to",
      "weekly quarterly council team_discussion" },
    { "due", AR_PARAM_TIME, 0, "by when it must be held; the end of this day when not given",
      NULL },
    { "chair", AR_PARAM_TEXT, 0, "who leads it; who opens it when not given", NULL },
    { "snapshot", AR_PARAM_TEXT, 0, "what it looks at; the last snapshot when not given", NULL },
    { 0 },
};

static const ar_column review_columns[] = {
    { "review", AR_TEXT, 0, "its id" },
    { "kind", AR_TEXT, 0, "its series" },
    { "due_at", AR_TIME, 0, "by when it must be held" },
    { "held_at", AR_TIME, 0, "when it was" },
    { "chair", AR_TEXT, 0, "who leads it" },
    { "snapshot", AR_TEXT, 0, "what it looks at" },
    { "decisions", AR_INT, 0, "how many were taken" },
    { "actions", AR_INT, 0, "how many were given out" },
    { "open", AR_INT, 0, "of them not done" },
    { "minutes_hash", AR_TEXT, AR_COLUMN_QUIET, "SHA-256 of its minutes" },
    { 0 },
};

/* $1 a review, or NULL for all. */
static ar_err reply_reviews(ar_ctx *ctx, ar_value id, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT 'R-' || r.id, r.series, r.due_at, r.held_at, r.chair, s.name,"
               " count(e.number) FILTER (e.sort = 'decision'),"
               " count(e.number) FILTER (e.sort = 'action'),"
               " count(e.number) FILTER (e.sort = 'action' AND e.done_at IS NULL), r.minutes_hash"
               " FROM ar.review r JOIN ar.snapshot s ON s.id = r.snapshot"
               " LEFT JOIN ar.review_entry e ON e.review = r.id WHERE $1 IS NULL OR r.id = $1"
               " GROUP BY r.id, r.series, r.due_at, r.held_at, r.chair, s.name, r.minutes_hash"
               " ORDER BY r.id DESC"),
        &id, 1, &rows));
    return ar_reply_rows(reply, rows);
}

static ar_err note_left(ar_ctx *ctx, ar_str series, ar_reply *reply)
{
    ar_value args[] = { ar_text(series), ar_at(ctx->now) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT e.number, e.text, e.owner_id, e.due_at < $2 FROM ar.review_entry e"
               " JOIN ar.review r ON r.id = e.review AND r.series = $1"
               " WHERE e.sort = 'action' AND e.done_at IS NULL ORDER BY e.due_at, e.number"),
        args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows))
        ar_reply_note(reply, "A-%lld of an earlier one is open%s: %.*s (%.*s)",
                      (long long)ar_rows_get(rows, 0).i,
                      ar_rows_get(rows, 3).b ? " and overdue" : "", AR_FMT(ar_rows_get(rows, 1).s),
                      AR_FMT(ar_rows_get(rows, 2).s));
    return ar_ok();
}

static ar_err run_open(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str series = ar_arg_text(args, "kind"), chair = ar_arg_text(args, "chair");
    ar_time end_of_day = ctx->now - ctx->now % AR_DAY + AR_DAY - AR_SECOND;
    ar_time due = ar_arg_time(args, "due", end_of_day);
    ar_value next;
    int64_t snapshot;

    AR_TRY(ar_snapshot_find(ctx->engine, ar_arg_text(args, "snapshot"), ctx->arena, &snapshot));
    AR_TRY(note_left(ctx, series, reply));
    AR_TRY(ask(ctx, "SELECT 1 + coalesce(max(id), 0) FROM ar.review", NULL, 0, &next));
    ar_value row[] = { next,
                       ar_text(series),
                       ar_at(due),
                       ar_at(ctx->now),
                       ar_text(ctx->who->name),
                       chair.len > 0 ? ar_text(chair) : ar_text(ctx->who->name),
                       ar_int(snapshot) };
    AR_TRY(change(ctx, "INSERT INTO ar.review VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)", row,
                  AR_COUNT(row)));
    ar_audit_add(ctx, "review", next);
    return reply_reviews(ctx, next, reply);
}

static ar_err note_overdue(ar_ctx *ctx, ar_reply *reply)
{
    ar_value now = ar_at(ctx->asof), overdue;

    AR_TRY(ask(ctx,
               "SELECT string_agg('R-' || id, ', ' ORDER BY id) FROM ar.review"
               " WHERE held_at IS NULL AND due_at < $1",
               &now, 1, &overdue));
    if (overdue.type == AR_TEXT)
        ar_reply_note(reply, "Overdue, and not held: %.*s.", AR_FMT(overdue.s));
    return ar_ok();
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args;
    AR_TRY(reply_reviews(ctx, ar_null(), reply));
    if (reply->rows == 0)
        ar_reply_note(reply, "There is none yet; `aright review open --kind weekly` opens one.");
    return note_overdue(ctx, reply);
}

/* ---- review show ---- */

static const ar_param show_params[] = {
    { "review", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "R-12", NULL },
    { 0 },
};

static const ar_column show_columns[] = {
    { "agenda", AR_TEXT, 0, "what there is to look at, and what came of it, as Markdown" },
    { 0 },
};

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };
    int64_t id;

    AR_TRY(find_review(ctx, args, false, &id));
    AR_TRY(ar_agenda_print(ctx->engine, id, ctx->asof, &text));
    return ar_reply_row(reply, (ar_value[]){ ar_text(ar_buf_str(&text)) }, 1);
}

/* ---- review decide, review act ---- */

static const ar_param decide_params[] = {
    { "review", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "R-12", NULL },
    { "text", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what was decided", NULL },
    { "standard", AR_PARAM_TEXT, 0, "the standard that it is about", NULL },
    { 0 },
};

static const ar_column entry_columns[] = {
    { "review", AR_TEXT, 0, "the review" },
    { "entry", AR_TEXT, 0, "D-12, a decision, or A-12, an action" },
    { "text", AR_TEXT, AR_COLUMN_BRIEF, "what it says" },
    { "owner", AR_TEXT, 0, "who does it" },
    { "due_at", AR_TIME, 0, "by when" },
    { "done_at", AR_TIME, 0, "when it was done" },
    { 0 },
};

static ar_err reply_entry(ar_ctx *ctx, ar_str sort, ar_value number, ar_reply *reply)
{
    ar_value args[] = { ar_text(sort), number };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT 'R-' || review, upper(sort[1]) || '-' || number, text, owner_id, due_at,"
               " done_at FROM ar.review_entry WHERE sort = $1 AND number = $2"),
        args, AR_COUNT(args), &rows));
    return ar_reply_rows(reply, rows);
}

/* `owner` empty: a decision. */
static ar_err enter(ar_ctx *ctx, int64_t review, ar_str text, ar_str standard, ar_str owner,
                    ar_value due, ar_reply *reply)
{
    ar_str sort = owner.len > 0 ? AR_LIT("action") : AR_LIT("decision");
    ar_value of_sort = ar_text(sort), next;

    AR_TRY(ask(ctx, "SELECT 1 + coalesce(max(number), 0) FROM ar.review_entry WHERE sort = $1",
               &of_sort, 1, &next));
    ar_value row[] = { ar_int(review),
                       next,
                       of_sort,
                       ar_text(text),
                       ar_text_or_null(owner),
                       due,
                       ar_text_or_null(standard),
                       ar_text(ctx->who->name),
                       ar_at(ctx->now) };
    AR_TRY(change(ctx,
                  "INSERT INTO ar.review_entry VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL,"
                  " NULL, NULL)",
                  row, AR_COUNT(row)));
    ar_audit_add(ctx, "review", ar_int(review));
    ar_audit_add(ctx, "text", ar_text(text));
    return reply_entry(ctx, sort, next, reply);
}

/* Both are kept: which one stands, those who decide say in words. */
static ar_err note_decided(ar_ctx *ctx, int64_t review, ar_str standard, ar_reply *reply)
{
    ar_value args[] = { ar_int(review), ar_text_or_null(standard), ar_text(ctx->who->name) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT number, text, who FROM ar.review_entry WHERE review = $1"
               " AND sort = 'decision' AND standard_id = $2 AND who <> $3 ORDER BY number"),
        args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows))
        ar_reply_note(reply, "%.*s decided on %.*s in this review too, D-%lld: %.*s",
                      AR_FMT(ar_rows_get(rows, 2).s), AR_FMT(standard),
                      (long long)ar_rows_get(rows, 0).i, AR_FMT(ar_rows_get(rows, 1).s));
    return ar_ok();
}

static ar_err run_decide(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str text = ar_str_trim(ar_arg_text(args, "text")), standard = ar_arg_text(args, "standard");
    int64_t id;

    AR_TRY(find_review(ctx, args, true, &id));
    AR_TRY(check_text(text, "decision"));
    if (standard.len > 0) AR_TRY(ar_standard_judged(ctx, standard));
    AR_TRY(note_decided(ctx, id, standard, reply));
    return enter(ctx, id, text, standard, (ar_str){ 0 }, ar_null(), reply);
}

static const ar_param act_params[] = {
    { "review", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "R-12", NULL },
    { "text", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what is to be done", NULL },
    { "owner", AR_PARAM_TEXT, AR_REQUIRED, "who does it", NULL },
    { "due", AR_PARAM_TIME, AR_REQUIRED, "by when", NULL },
    { "standard", AR_PARAM_TEXT, 0, "the standard that it is about", NULL },
    { 0 },
};

static ar_err run_act(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str text = ar_str_trim(ar_arg_text(args, "text")), standard = ar_arg_text(args, "standard");
    ar_time due = ar_arg_time(args, "due", 0);
    int64_t id;

    AR_TRY(find_review(ctx, args, true, &id));
    AR_TRY(check_text(text, "action"));
    if (standard.len > 0) AR_TRY(ar_standard_judged(ctx, standard));
    if (due <= ctx->now)
        return ar_fail(AR_INVALID, "--due has passed; want a time that is to come");
    return enter(ctx, id, text, standard, ar_arg_text(args, "owner"), ar_at(due), reply);
}

/* ---- review done ---- */

static const ar_param done_params[] = {
    { "action", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "A-12", NULL },
    { "note", AR_PARAM_TEXT, 0, "what came of it", NULL },
    { 0 },
};

static ar_err run_done(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str note = ar_str_trim(ar_arg_text(args, "note"));
    ar_value known;
    int64_t number;

    AR_TRY(read_number(ar_arg_text(args, "action"), "A-", "action", &number));
    ar_value row[] = { ar_int(number), ar_at(ctx->now), ar_text(ctx->who->name),
                       ar_text_or_null(note) };
    AR_TRY(ask(ctx,
               "SELECT max(done_at IS NULL) FROM ar.review_entry WHERE sort = 'action'"
               " AND number = $1",
               row, 1, &known));
    if (known.type == AR_NULL)
        return ar_fail(AR_NOT_FOUND, "there is no action A-%lld; `aright review show` lists them",
                       (long long)number);
    if (!known.b) return ar_fail(AR_CONFLICT, "A-%lld is done already", (long long)number);
    AR_TRY(change(ctx,
                  "UPDATE ar.review_entry SET done_at = $2, done_by = $3, done_note = $4"
                  " WHERE sort = 'action' AND number = $1",
                  row, AR_COUNT(row)));
    ar_audit_add(ctx, "action", row[0]);
    return reply_entry(ctx, AR_LIT("action"), row[0], reply);
}

/* ---- review close ---- */

static const ar_param close_params[] = {
    { "review", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "R-12", NULL },
    { "attended", AR_PARAM_TEXT, AR_REQUIRED | AR_REPEATED, "who took part", NULL },
    { 0 },
};

/* The minutes are what the agenda says once it is held. */
static ar_err seal(ar_ctx *ctx, int64_t id)
{
    ar_auto(ar_buf) minutes = { 0 };

    AR_TRY(ar_agenda_print(ctx->engine, id, ctx->now, &minutes));
    ar_value row[] = { ar_int(id), ar_text(ar_sha256(ar_buf_str(&minutes), ctx->arena)) };
    ar_audit_add(ctx, "minutes_hash", row[1]);
    return change(ctx, "UPDATE ar.review SET minutes_hash = $2 WHERE id = $1", row, AR_COUNT(row));
}

/* Who sits in the council and was not at its meeting. */
static ar_err note_absent(ar_ctx *ctx, ar_value id, ar_reply *reply)
{
    ar_value absent;

    AR_TRY(ask(ctx,
               "SELECT string_agg(DISTINCT d.deputy_ciso, ', ' ORDER BY d.deputy_ciso)"
               " FROM ar.domain d, ar.review r WHERE r.id = $1 AND r.series = 'council'"
               " AND d.council_member AND d.deputy_ciso NOT IN (SELECT a.who FROM"
               " ar.review_attendee a WHERE a.review = r.id)",
               &id, 1, &absent));
    if (absent.type == AR_TEXT)
        ar_reply_note(reply, "Of the council these were not there: %.*s.", AR_FMT(absent.s));
    return ar_ok();
}

static ar_err run_close(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_str *who;
    size_t n = ar_arg_texts(args, "attended", &who);
    int64_t id;

    AR_TRY(find_review(ctx, args, true, &id));
    ar_value held[] = { ar_int(id), ar_at(ctx->now) };
    for (size_t i = 0; i < n; i++)
        AR_TRY(change(ctx,
                      "INSERT INTO ar.review_attendee SELECT $1, $2 WHERE NOT EXISTS"
                      " (SELECT 1 FROM ar.review_attendee WHERE review = $1 AND who = $2)",
                      (ar_value[]){ held[0], ar_text(who[i]) }, 2));
    AR_TRY(change(ctx, "UPDATE ar.review SET held_at = $2 WHERE id = $1", held, AR_COUNT(held)));
    ar_audit_add(ctx, "review", held[0]);
    AR_TRY(seal(ctx, id));
    AR_TRY(note_absent(ctx, held[0], reply));
    return reply_reviews(ctx, held[0], reply);
}

/* ---- the rows ---- */

const ar_op ar_review_ops[] = {
    { .name = "review.open",
      .help = "open a review over a frozen snapshot",
      .more = "The actions of its series that are still open are told first; what is decided and "
              "given out goes into it until it is closed, which is when it was held.",
      .effect = AR_CHANGES,
      .grant = "review.hold",
      .event = "review.opened",
      .params = open_params,
      .columns = review_columns,
      .run = run_open },
    { .name = "review.list",
      .help = "list the reviews, latest first",
      .example = "aright review list",
      .grant = "review.read",
      .columns = review_columns,
      .run = run_list },
    { .name = "review.show",
      .help = "show what a review has to look at, and what came of it",
      .shape = AR_SHAPE_TEXT,
      .grant = "review.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "review.decide",
      .help = "record a decision of a review",
      .effect = AR_CHANGES,
      .grant = "review.hold",
      .event = "review.decided",
      .params = decide_params,
      .columns = entry_columns,
      .run = run_decide },
    { .name = "review.act",
      .help = "give out an action of a review",
      .effect = AR_CHANGES,
      .grant = "review.hold",
      .event = "review.acted",
      .params = act_params,
      .columns = entry_columns,
      .run = run_act },
    { .name = "review.done",
      .help = "say that an action is done",
      .effect = AR_CHANGES,
      .grant = "review.done",
      .event = "review.done",
      .params = done_params,
      .columns = entry_columns,
      .run = run_done },
    { .name = "review.close",
      .help = "close a review: it was held, and by whom",
      .effect = AR_CHANGES,
      .grant = "review.hold",
      .event = "review.closed",
      .params = close_params,
      .columns = review_columns,
      .run = run_close },
    { 0 },
};
