#include "work/ops.h"

#include "op/reply.h"
#include "standard/current.h"
#include "standard/finding.h"
#include "sys/file.h"
#include "work/body.h"
#include "work/digest.h"

enum { NOTE_MAX = 400, MINUTES_MAX = 24 * 60, ROWS_MAX = 1000000 };

/* ---- work list ---- */

static const ar_param list_params[] = {
    { "owner", AR_PARAM_TEXT, 0, "of this owner, and of those below in the tree; -: of nobody",
      NULL },
    { "whose", AR_PARAM_TEXT, 0,
      "what this one has to see to now, their own or risen to them; -: nobody", NULL },
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    { "class", AR_PARAM_TEXT, 0,
      "the report's named standards, its other checkable promises, or both; both when not given",
      "standard practice all" },
    { "overdue", AR_PARAM_FLAG, 0, "only what is overdue", NULL },
    { "at_risk", AR_PARAM_FLAG, 0, "only what will be late at its owner's rate", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column list_columns[] = {
    { "item", AR_TEXT, 0, "STANDARD/OWNER" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what must hold, in short" },
    { "open", AR_INT, 0, "findings that are open and not waived" },
    { "fail", AR_INT, AR_COLUMN_QUIET, "of them wrong" },
    { "unknown", AR_INT, AR_COLUMN_QUIET, "of them not known" },
    { "rank", AR_INT, 0, "the highest of them: risk times criticality" },
    { "since", AR_TIME, AR_COLUMN_QUIET, "since when the first of them is open" },
    { "due_at", AR_TIME, 0, "when the first of them is due" },
    { "overdue_days", AR_INT, 0, "how long that is past" },
    { "at_risk", AR_BOOL, 0, "whether it will be late at its owner's rate" },
    { "ready_at", AR_TIME, AR_COLUMN_QUIET, "when it would be done at that rate" },
    { "whose", AR_TEXT, 0,
      "who has to see to it now; who is above once it is a week overdue, the "
      "Deputy CISO after two" },
    { "owner", AR_TEXT, AR_COLUMN_QUIET, "who owns the assets" },
    { "domain", AR_TEXT, AR_COLUMN_QUIET, "that most of them are in" },
    { "reopened", AR_BOOL, AR_COLUMN_QUIET, "whether one of them was right before" },
    { "hours", AR_DOUBLE, AR_COLUMN_QUIET, "of effort logged" },
    { 0 },
};

#define ORDER                                                                             \
    " ORDER BY coalesce(overdue, false) DESC, rank DESC, due_at NULLS LAST, standard_id," \
    " coalesce(owner_id, '-')"

/* How many there are goes with each row. */
static ar_err query_items(ar_ctx *ctx, ar_asked *asked, int64_t limit, int64_t skip,
                          ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value total;

    ar_buf_addf(&sql, "%.*s SELECT count(*) FROM found", AR_FMT(ar_buf_str(&asked->sql)));
    AR_TRY(ar_engine_value(ctx->engine, ar_buf_str(&sql), asked->values, asked->n, ctx->arena,
                           &total));
    ar_buf_clear(&sql);
    ar_buf_addf(
        &sql,
        "%.*s, first AS (FROM found" ORDER " LIMIT %lld OFFSET %lld)"
        " SELECT item, title, open, fail, unknown, rank, since, due_at, overdue_days,"
        " at_risk, ready_at, whose, owner, domain, reopened, hours, %lld"
        " FROM " AR_WORK_WORDS("first") " ORDER BY overdue_days IS NULL, rank DESC,"
                                        " due_at NULLS LAST, standard, coalesce(owner, '-')",
        AR_FMT(ar_buf_str(&asked->sql)), (long long)limit, (long long)skip, (long long)total.i);
    return ar_engine_query(ctx->engine, ar_buf_str(&sql), asked->values, asked->n, out_rows);
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str class = ar_arg_text(args, "class");
    int64_t limit = ar_arg_int(args, "limit", 100), skip = ar_arg_int(args, "skip", 0);
    ar_work_query query = { .owner = ar_arg_text(args, "owner"),
                            .whose = ar_arg_text(args, "whose"),
                            .domain = ar_arg_text(args, "domain"),
                            .standard = ar_arg_text(args, "standard"),
                            .class = ar_str_eq(class, AR_LIT("all")) ? (ar_str){ 0 } : class,
                            .overdue = ar_arg_flag(args, "overdue"),
                            .at_risk = ar_arg_flag(args, "at_risk") };
    ar_auto(ar_asked) asked = { 0 };
    ar_own(ar_rows) rows = NULL;

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    if (skip < 0) return ar_fail(AR_INVALID, "--skip is %lld; want 0 or more", (long long)skip);
    AR_TRY(ar_work_found(ctx->engine, &query, ctx->asof, ctx->arena, &asked));
    AR_TRY(query_items(ctx, &asked, limit, skip, &rows));
    AR_TRY(ar_reply_counted(reply, rows, skip));
    if (reply->rows == 0 && skip == 0) ar_reply_note(reply, "There is nothing to do of that.");
    return ar_finding_note_changed(ctx, reply);
}

/* ---- work count ---- */

static const ar_param count_params[] = {
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column count_columns[] = {
    { "whose", AR_TEXT, 0, "who has to see to them now; empty: nobody" },
    { "items", AR_INT, 0, "how many" },
    { "open", AR_INT, 0, "findings in them" },
    { "overdue", AR_INT, 0, "items that are overdue" },
    { "at_risk", AR_INT, 0, "items that will be late at their owner's rate" },
    { 0 },
};

static ar_err run_count(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", 100), skip = ar_arg_int(args, "skip", 0);
    ar_work_query query = { .domain = ar_arg_text(args, "domain") };
    ar_auto(ar_asked) asked = { 0 };
    ar_own(ar_rows) rows = NULL;

    if (limit < 1 || limit > ROWS_MAX || skip < 0)
        return ar_fail(AR_LIMIT, "want 1 to %d rows, behind none or more", ROWS_MAX);
    AR_TRY(ar_work_found(ctx->engine, &query, ctx->asof, ctx->arena, &asked));
    ar_buf_addf(&asked.sql,
                ", sums AS (SELECT owner_id, domain_id, level, count(*) AS items,"
                " sum(open) AS open, count(*) FILTER (overdue) AS overdue,"
                " count(*) FILTER (at_risk) AS at_risk FROM found"
                " GROUP BY owner_id, domain_id, level)"
                " SELECT " AR_WORK_WHOSE " AS whose, sum(t.items)::BIGINT AS items,"
                " sum(t.open)::BIGINT, sum(t.overdue)::BIGINT AS overdue,"
                " sum(t.at_risk)::BIGINT, count(*) OVER () FROM sums t" AR_WORK_UP
                " GROUP BY whose ORDER BY overdue DESC, items DESC, whose LIMIT %lld OFFSET %lld",
                (long long)limit, (long long)skip);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&asked.sql), asked.values, asked.n, &rows));
    AR_TRY(ar_reply_counted(reply, rows, skip));
    if (reply->rows == 0 && skip == 0) ar_reply_note(reply, "There is nothing to do.");
    return ar_finding_note_changed(ctx, reply);
}

/* ---- work show, work members ---- */

static const ar_param item_param[] = {
    { "item", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "STANDARD/OWNER", NULL },
    { 0 },
};

static const ar_column show_columns[] = {
    { "body", AR_TEXT, 0, "what there is to do, as Markdown" },
    { 0 },
};

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str item = ar_arg_text(args, "item"), text;
    const ar_standards *standards;
    ar_work_id id;

    AR_TRY(ar_work_id_parse(item, &id));
    AR_TRY(ar_standards_current(ctx, &standards));
    AR_TRY(ar_work_body(ctx->engine, standards, item, ctx->asof, ctx->arena, &text));
    return ar_reply_row(reply, (ar_value[]){ ar_text(text) }, 1);
}

static const ar_param member_params[] = {
    { "item", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "STANDARD/OWNER", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column member_columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "name", AR_TEXT, AR_COLUMN_BRIEF, "what people call it" },
    { "state", AR_TEXT, 0, "fail or unknown" },
    { "since", AR_TIME, 0, "since when" },
    { "due_at", AR_TIME, 0, "by when it should be right" },
    { "rank", AR_INT, 0, "risk times criticality" },
    { "criticality", AR_INT, AR_COLUMN_QUIET, "of the asset, 1 to 5" },
    { "episode", AR_INT, AR_COLUMN_QUIET, "1, or more when it was right in between" },
    { 0 },
};

static ar_err reply_member(void *self, const ar_value *member)
{
    return ar_reply_row(self, member, AR_WORK_MEMBER_N);
}

static ar_err run_members(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS_MAX), skip = ar_arg_int(args, "skip", 0), total;
    ar_str item = ar_arg_text(args, "item");
    ar_work_id id;

    if (limit < 1 || limit > ROWS_MAX || skip < 0)
        return ar_fail(AR_LIMIT, "want 1 to %d rows, behind none or more", ROWS_MAX);
    AR_TRY(ar_work_id_parse(item, &id));
    AR_TRY(ar_work_members(ctx->engine, item, ctx->asof, limit, skip, reply_member, reply, &total));
    ar_reply_total(reply, total, skip);
    if (total == 0)
        ar_reply_note(reply, "Nothing of it is open; `aright work list` shows what is.");
    return ar_ok();
}

/* ---- work log ---- */

static const ar_param log_params[] = {
    { "item", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "STANDARD/OWNER", NULL },
    { "minutes", AR_PARAM_INT, AR_REQUIRED, "how long it took, 1 to 1440", NULL },
    { "note", AR_PARAM_TEXT, 0, "what was done", NULL },
    { 0 },
};

static const ar_column log_columns[] = {
    { "item", AR_TEXT, 0, "the item" },
    { "hours", AR_DOUBLE, 0, "of effort logged on it, together" },
    { 0 },
};

static ar_err run_log(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str item = ar_arg_text(args, "item"), note = ar_str_trim(ar_arg_text(args, "note"));
    int64_t minutes = ar_arg_int(args, "minutes", 0);
    ar_value hours;
    ar_work_id id;

    AR_TRY(ar_work_id_parse(item, &id));
    AR_TRY(ar_standard_judged(ctx, id.standard));
    if (minutes < 1 || minutes > MINUTES_MAX)
        return ar_fail(AR_INVALID, "--minutes is %lld; want 1 to %d", (long long)minutes,
                       MINUTES_MAX);
    if (note.len > NOTE_MAX)
        return ar_fail(AR_LIMIT, "the note has %zu characters, %d is the most", note.len, NOTE_MAX);
    ar_value query[] = {
        ar_text(id.standard),    ar_str_eq(id.owner, AR_LIT("-")) ? ar_null() : ar_text(id.owner),
        ar_text(ctx->who->name), ar_double((double)minutes / 60),
        ar_text_or_null(note),   ar_at(ctx->now)
    };
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.effort VALUES ($1, $2, $3, $4, $5, $6)"), query,
                         AR_COUNT(query), NULL));
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT sum(hours) FROM ar.effort WHERE standard_id = $1"
                                  " AND owner_id IS NOT DISTINCT FROM $2"),
                           query, 2, ctx->arena, &hours));
    ar_audit_add(ctx, "item", ar_text(item));
    ar_audit_add(ctx, "minutes", ar_int(minutes));
    return ar_reply_row(reply, (ar_value[]){ ar_text(item), hours }, 2);
}

/* ---- work digest ---- */

static const ar_column digest_columns[] = {
    { "owner", AR_TEXT, 0, "who has something to do" },
    { "items", AR_INT, 0, "how much" },
    { "file", AR_TEXT, 0, "where it was written" },
    { 0 },
};

/* "person:kim" is "person+kim.md"; what is no letter, digit or one of "._@-" is %XX: no two owners
 * share a file, and none leaves the folder. */
static const char *file_of(ar_str owner, ar_arena *arena)
{
    ar_auto(ar_buf) name = { 0 };

    for (size_t i = 0; i < owner.len; i++) {
        unsigned char c = (unsigned char)owner.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (i > 0 && c != '\0' && strchr("._@-", c) != NULL);

        if (c == ':')
            ar_buf_addc(&name, '+');
        else if (plain)
            ar_buf_addc(&name, (char)c);
        else
            ar_buf_addf(&name, "%%%02X", c);
    }
    ar_buf_addz(&name, ".md");
    return ar_arena_cstr(arena, ar_buf_str(&name));
}

typedef struct digests {
    ar_ctx *ctx;
    const char *folder;
    ar_reply *reply;
    int64_t n;
} digests;

static ar_err make_folder(digests *d)
{
    const char *all = ar_path_join(d->ctx->arena, d->ctx->place->home, "digest");
    char day[AR_TIME_LEN];

    (void)ar_time_print(d->ctx->asof, day);
    day[10] = '\0';
    d->folder = ar_path_join(d->ctx->arena, all, day);
    AR_TRY(ar_dir_make(all, 0700));
    return ar_dir_make(d->folder, 0700);
}

static ar_err write_digest(void *self, ar_str owner, int64_t items, ar_str text)
{
    digests *d = self;
    ar_ctx *ctx = d->ctx;
    const char *path;

    ar_reply_progress(d->reply, "writing digests", d->n, 0);
    if (d->folder == NULL) AR_TRY(make_folder(d));
    path = ar_path_join(ctx->arena, d->folder, file_of(owner, ctx->arena));
    ar_value args[] = { ar_text(owner), ar_at(ctx->asof), ar_int(items), ar_textz(path) };
    AR_TRY(ar_file_write(path, text, 0600));
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.digest (owner_id, day, items, file)"
                                " VALUES ($1, CAST($2 AS DATE), $3, $4)"),
                         args, AR_COUNT(args), NULL));
    d->n++;
    return ar_reply_row(d->reply, (ar_value[]){ args[0], args[2], args[3] }, 3);
}

static ar_err run_digest(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    digests d = { .ctx = ctx, .reply = reply };
    const ar_standards *standards;

    (void)args;
    AR_TRY(ar_standards_current(ctx, &standards));
    AR_TRY(ar_digests(ctx->engine, standards, ctx->asof, write_digest, &d));
    if (d.n == 0) {
        ar_reply_note(reply, "Nobody has anything to be told today that they were not told.");
        return ar_ok();
    }
    ar_audit_add(ctx, "owners", ar_int(d.n));
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_work_ops[] = {
    { .name = "work.list",
      .help = "list what is to be done, what is overdue first",
      .more = "One item holds all that an owner has to do for one standard. It is due when its "
              "first finding is, and closes when none is open: nobody closes it by hand. It is at "
              "risk when the owner, at the rate of the last four weeks, will be done after that.",
      .example = "aright work list --overdue",
      .grant = "finding.read",
      .params = list_params,
      .columns = list_columns,
      .run = run_list },
    { .name = "work.count",
      .help = "count what is to be done by who has to see to it now",
      .example = "aright work count",
      .grant = "finding.read",
      .params = count_params,
      .columns = count_columns,
      .run = run_count },
    { .name = "work.show",
      .help = "show an item in words: what misses what, and what would be right",
      .shape = AR_SHAPE_TEXT,
      .grant = "finding.read",
      .params = item_param,
      .columns = show_columns,
      .run = run_show },
    { .name = "work.members",
      .help = "list the findings of an item",
      .grant = "finding.read",
      .params = member_params,
      .columns = member_columns,
      .run = run_members },
    { .name = "work.log",
      .help = "say how long was worked on an item",
      .effect = AR_CHANGES,
      .grant = "work.log",
      .event = "work.logged",
      .params = log_params,
      .columns = log_columns,
      .run = run_log },
    { .name = "work.digest",
      .help = "write for each owner what they have to do, once a day",
      .more = "A file for each into HOME/digest/DAY, as Markdown. Who was told on that day is not "
              "told again.",
      .effect = AR_CHANGES,
      .grant = "work.digest",
      .event = "work.digested",
      .columns = digest_columns,
      .run = run_digest },
    { 0 },
};
