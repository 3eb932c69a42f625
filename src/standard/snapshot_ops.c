#include "standard/snapshot.h"

#include "form/hash.h"
#include "op/reply.h"
#include "standard/evaluate.h"

enum { ROWS = 100, ROWS_MAX = 1000000 };

/* ---- snapshot take ---- */

static const ar_param take_params[] = {
    { "name", AR_PARAM_TEXT, 0, "what it is called; the ISO week, 2026-W47, when not given", NULL },
    { 0 },
};

static const ar_column take_columns[] = {
    { "snapshot", AR_TEXT, 0, "its name" },
    { "as_of", AR_TIME, 0, "the time that it shows" },
    { "scope", AR_INT, 0, "checks: assets that must meet one of the report's named standards" },
    { "pass", AR_INT, 0, "of them right" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "the part that is right" },
    { "changes", AR_INT, 0, "of them since the snapshot before" },
    { "hash", AR_TEXT, 0, "SHA-256 of its text, in which that of the one before is" },
    { 0 },
};

static ar_err judge(ar_ctx *ctx)
{
    ar_standards standards;
    ar_evaluation e;
    ar_kinds kinds;
    char last[AR_TIME_LEN];

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_standards_load(ctx->place, &kinds, ctx->arena, &standards));
    if (ctx->hooks != NULL && ctx->hooks->judging != NULL) AR_TRY(ctx->hooks->judging(ctx));
    AR_TRY(ar_evaluate(ctx->engine, &kinds, &standards, ctx->now, ctx->asof, NULL, NULL, ctx->arena,
                       &e));
    if (e.id == 0 && ctx->asof > ctx->now)
        return ar_fail(AR_INVALID, "a snapshot shows what was; want a time that has come");
    if (e.id == 0)
        return ar_fail(AR_CONFLICT, "it was judged as of %s already; want a later time",
                       ar_time_print(ar_time_to_second(e.last), last));
    ar_audit_add(ctx, "evaluation", ar_int(e.id));
    return ar_ok();
}

static ar_value share(int64_t part, int64_t whole)
{
    return whole == 0 ? ar_null() : ar_double((double)part / (double)whole);
}

static ar_err run_take(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_snapshot s;

    AR_TRY(judge(ctx));
    AR_TRY(ar_snapshot_take(ctx->engine, ar_arg_text(args, "name"), ctx->asof, ctx->now,
                            ctx->who->name, ctx->arena, &s));
    if (ctx->hooks != NULL && ctx->hooks->snapped != NULL) AR_TRY(ctx->hooks->snapped(ctx, s.id));
    ar_audit_add(ctx, "snapshot", ar_text(s.name));
    ar_audit_add(ctx, "hash", ar_text(s.hash));
    ar_value row[] = { ar_text(s.name),        ar_at(s.as_of),    ar_int(s.scope), ar_int(s.pass),
                       share(s.pass, s.scope), ar_int(s.changes), ar_text(s.hash) };
    AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    if (s.id > 1) ar_reply_note(reply, "`aright snapshot bridge` says what changed.");
    return ar_ok();
}

/* ---- snapshot list, snapshot check ---- */

static const ar_column list_columns[] = {
    { "snapshot", AR_TEXT, 0, "its name" },
    { "as_of", AR_TIME, 0, "the time that it shows" },
    { "standards", AR_INT, 0, "with something in scope" },
    { "scope", AR_INT, 0, "checks: assets that must meet one of the report's named standards" },
    { "pass", AR_INT, 0, "of them right" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "the part that is right" },
    { "taken_at", AR_TIME, AR_COLUMN_QUIET, "when it was taken" },
    { "who", AR_TEXT, 0, "who took it" },
    { "hash", AR_TEXT, AR_COLUMN_QUIET, "SHA-256 of its text" },
    { 0 },
};

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT s.name, s.as_of, count(DISTINCT c.standard_id),"
               " coalesce(sum(c.pass + c.fail + c.unknown + c.waived), 0)::BIGINT,"
               " coalesce(sum(c.pass), 0)::BIGINT,"
               " sum(c.pass) / nullif(sum(c.pass + c.fail + c.unknown + c.waived), 0),"
               " s.taken_at, s.who, s.hash FROM ar.snapshot s"
               " LEFT JOIN ar.snapshot_count c ON c.snapshot = s.id AND c.standard_id IN"
               " (SELECT id FROM ar.standard WHERE class = 'standard')"
               " GROUP BY s.id, s.name, s.as_of, s.taken_at, s.who, s.hash ORDER BY s.id DESC"),
        NULL, 0, &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0)
        ar_reply_note(reply, "There is none yet; `aright snapshot take` takes one.");
    return ar_ok();
}

static const ar_column check_columns[] = {
    { "snapshot", AR_TEXT, 0, "its name" },
    { "whole", AR_BOOL, 0, "whether its text still has the hash that it had" },
    { "hash", AR_TEXT, 0, "that hash" },
    { 0 },
};

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    int64_t bad = 0;

    (void)args;
    AR_TRY(ar_engine_query(
        ctx->engine, AR_LIT("SELECT id, name, hash FROM ar.snapshot ORDER BY id"), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_value id = ar_rows_get(rows, 0), name = ar_rows_get(rows, 1),
                 hash = ar_rows_get(rows, 2);
        ar_str text;

        AR_TRY(ar_snapshot_text(ctx->engine, id.i, ctx->arena, &text));
        bool whole = hash.type == AR_TEXT && ar_str_eq(ar_sha256(text, ctx->arena), hash.s);
        ar_value row[] = { name, ar_bool(whole), hash };
        bad += !whole;
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    if (bad > 0)
        ar_reply_note(reply, "%lld of them %s not what was taken.", (long long)bad,
                      bad == 1 ? "is" : "are");
    return ar_ok();
}

/* ---- snapshot show ---- */

/* Which part of a snapshot. */
#define SCOPE_PARAMS                                                                               \
    { "domain", AR_PARAM_TEXT, 0, "of this domain only; -: of none", NULL },                       \
    {                                                                                              \
        "class", AR_PARAM_TEXT, 0,                                                                 \
            "the report's named standards, its other checkable promises, or both; standards when " \
            "not given",                                                                           \
            "standard practice all"                                                                \
    }

static const ar_param show_params[] = {
    { "snapshot", AR_PARAM_TEXT, AR_POSITIONAL, "its name; the last when not given", NULL },
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    SCOPE_PARAMS,
    { 0 },
};

static const ar_column show_columns[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "version", AR_INT, AR_COLUMN_QUIET, "of its text" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it says, in short" },
    { "pillar", AR_TEXT, AR_COLUMN_QUIET, "the pillar it belongs to" },
    { "scope", AR_INT, 0, "assets that had to meet it" },
    { "pass", AR_INT, 0, "of them right" },
    { "fail", AR_INT, 0, "of them wrong" },
    { "unknown", AR_INT, 0, "of them not known well enough to say" },
    { "waived", AR_INT, 0, "of them wrong or unknown, and allowed to be" },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, "the part that was right" },
    { "numerator", AR_INT, AR_COLUMN_QUIET, "what of that which the standard counts was right" },
    { "denominator", AR_INT, AR_COLUMN_QUIET, "all of it: assets, where it counts nothing else" },
    { 0 },
};

/* $1 the snapshot, $2 a domain, "-" or nothing, $3 a class or "all". */
#define OF_CLASS  " AND ($3 = 'all' OR s.class = $3)"
#define OF_DOMAIN " AND ($2 = '' OR c.domain_id = $2 OR ($2 = '-' AND c.domain_id IS NULL))"

static ar_value class_of(const ar_args *args)
{
    ar_str class = ar_arg_text(args, "class");

    return class.len == 0 ? ar_textz("standard") : ar_text(class);
}

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    int64_t id;

    AR_TRY(ar_snapshot_find(ctx->engine, ar_arg_text(args, "snapshot"), ctx->arena, &id));
    ar_str standard = ar_arg_text(args, "standard");
    ar_value query[] = { ar_int(id), ar_text(ar_arg_text(args, "domain")),
                         standard.len > 0 ? ar_textz("all") : class_of(args), ar_text(standard) };
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT g.* EXCLUDE (place, n, d), g.n / nullif(g.d, 0), g.n::BIGINT, g.d::BIGINT "
               "FROM ("
               "SELECT c.standard_id, c.version, s.title, s.pillar, s.place,"
               " sum(c.pass + c.fail + c.unknown + c.waived)::BIGINT AS scope,"
               " sum(c.pass)::BIGINT, sum(c.fail)::BIGINT, sum(c.unknown)::BIGINT,"
               " sum(c.waived)::BIGINT, sum(coalesce(c.numerator, c.pass)) AS n,"
               " sum(coalesce(c.denominator, c.pass + c.fail + c.unknown + c.waived)) AS d"
               " FROM ar.snapshot_count c JOIN ar.standard s ON s.id = c.standard_id"
               " WHERE c.snapshot = $1" OF_DOMAIN OF_CLASS " AND ($4 = '' OR c.standard_id = $4)"
               " GROUP BY c.standard_id, c.version, s.title, s.pillar, s.place) g"
               " ORDER BY g.place, g.standard_id"),
        query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0) ar_reply_note(reply, "Nothing of that was in scope.");
    return ar_ok();
}

/* ---- snapshot bridge ---- */

static const ar_param bridge_params[] = {
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    SCOPE_PARAMS,
    { "from", AR_PARAM_TEXT, 0,
      "the snapshot that it begins with; that before the last when not "
      "given",
      NULL },
    { "to", AR_PARAM_TEXT, 0, "the snapshot that it ends with; the last when not given", NULL },
    { "each", AR_PARAM_FLAG, 0, "a bridge for each standard, instead of one over all", NULL },
    { 0 },
};

static const ar_column bridge_columns[] = {
    { "standard", AR_TEXT, 0, "the standard; empty: all of them" },
    { "line", AR_TEXT, 0, "a snapshot, or what changed until the next" },
    { "assets", AR_INT, 0, "to which that happened" },
    { "scope", AR_INT, 0, "how many were in scope, or came into it" },
    { "pass", AR_INT, 0, "of them right" },
    { "fail", AR_INT, 0, "of them wrong" },
    { "unknown", AR_INT, 0, "of them not known well enough to say" },
    { "waived", AR_INT, 0, "of them wrong or unknown, and allowed to be" },
    { 0 },
};

typedef struct stretch {
    int64_t from, to;
} stretch;

static ar_err find_stretch(ar_ctx *ctx, const ar_args *args, stretch *out)
{
    ar_str from = ar_arg_text(args, "from");

    AR_TRY(ar_snapshot_find(ctx->engine, ar_arg_text(args, "to"), ctx->arena, &out->to));
    out->from = out->to - 1;
    if (from.len > 0) AR_TRY(ar_snapshot_find(ctx->engine, from, ctx->arena, &out->from));
    if (out->from < 1)
        return ar_fail(AR_NOT_FOUND, "there is no snapshot before that one; a bridge needs two");
    if (out->from >= out->to)
        return ar_fail(AR_INVALID,
                       "--from is not before --to; `aright snapshot list` has the order");
    return ar_ok();
}

/* $1 from, $2 a domain, $3 a class, $4 to, $5 a standard, $6 each. The order of lines is that in
 * which people ask. */
#define ADDS(state) "sum((c.now = " #state ")::INT - (c.was = " #state ")::INT)::BIGINT"
#define ENDS(id, place)                                                                        \
    "SELECT CASE WHEN $6 THEN c.standard_id END AS standard, " #place " AS place,"             \
    " (SELECT name FROM ar.snapshot WHERE id = " id ") AS line, NULL::BIGINT AS assets,"       \
    " sum(c.pass + c.fail + c.unknown + c.waived)::BIGINT AS scope, sum(c.pass)::BIGINT AS p," \
    " sum(c.fail)::BIGINT AS f, sum(c.unknown)::BIGINT AS u, sum(c.waived)::BIGINT AS w"       \
    " FROM ar.snapshot_count c JOIN ar.standard s ON s.id = c.standard_id"                     \
    " WHERE c.snapshot = " id OF_DOMAIN OF_CLASS OF_STANDARD " GROUP BY ALL"
#define OF_STANDARD " AND ($5 = '' OR c.standard_id = $5)"

static const char bridge_sql[] =
    "SELECT l.standard, l.line, l.assets, l.scope, l.p, l.f, l.u, l.w FROM (" ENDS(
        "$1",
        0) " UNION ALL " ENDS("$4",
                              100) " UNION ALL"
                                   " SELECT CASE WHEN $6 THEN c.standard_id END, 1 + "
                                   "list_position(['fixed', 'regressed',"
                                   " 'born right', 'born wrong', 'born unknown', "
                                   "'removed', 're-scoped', 'waiver started',"
                                   " 'waiver ended', 'unknown resolved', 'became unknown', "
                                   "'moved', 'new version'], c.cause),"
                                   " c.cause, count(DISTINCT (c.verdict, c.standard_id)),"
                                   " sum((c.now > 0)::INT - (c.was > "
                                   "0)::INT)::BIGINT, " ADDS(1) ", " ADDS(2) ", " ADDS(3) ", " ADDS(
                                       4) " FROM ar.snapshot_change c JOIN "
                                          "ar.standard s ON s.id = "
                                          "c.standard_id"
                                          " WHERE c.snapshot > $1 AND "
                                          "c.snapshot <= $4" OF_DOMAIN OF_CLASS OF_STANDARD
                                          " GROUP BY ALL) l LEFT JOIN "
                                          "ar.standard s ON s.id = l.standard"
                                          " ORDER BY s.place, l.standard, "
                                          "l.place";

static ar_err run_bridge(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str standard = ar_arg_text(args, "standard");
    ar_own(ar_rows) rows = NULL;
    stretch of;

    AR_TRY(find_stretch(ctx, args, &of));
    ar_value query[] = { ar_int(of.from),
                         ar_text(ar_arg_text(args, "domain")),
                         standard.len > 0 ? ar_textz("all") : class_of(args),
                         ar_int(of.to),
                         ar_text(standard),
                         ar_bool(standard.len > 0 || ar_arg_flag(args, "each")) };
    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(bridge_sql), query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    ar_reply_note(reply, reply->rows == 0 ? "Nothing was in scope of that in either snapshot."
                                          : "`aright snapshot changes` names the assets.");
    return ar_ok();
}

/* ---- snapshot changes ---- */

static const ar_param changes_params[] = {
    { "standard", AR_PARAM_TEXT, 0, "of this standard only", NULL },
    SCOPE_PARAMS,
    { "line", AR_PARAM_TEXT, 0, "of this line of the bridge only: fixed, regressed, …", NULL },
    { "from", AR_PARAM_TEXT, 0, "since this snapshot; that before the last when not given", NULL },
    { "to", AR_PARAM_TEXT, 0, "until this snapshot; the last when not given", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "skip", AR_PARAM_INT, 0, "without the first so many", NULL },
    { 0 },
};

static const ar_column changes_columns[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "line", AR_TEXT, 0, "what happened" },
    { "was", AR_TEXT, 0, "its state before; empty: not in scope" },
    { "now", AR_TEXT, 0, "its state after" },
    { "domain", AR_TEXT, 0, "whose count it changed" },
    { "owner", AR_TEXT, 0, "who answers for it" },
    { "snapshot", AR_TEXT, AR_COLUMN_QUIET, "the first that shows it" },
    { 0 },
};

#define STATE(of) "['pass', 'fail', 'unknown', 'waived'][" of "]"

static ar_err run_changes(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS), skip = ar_arg_int(args, "skip", 0);
    ar_str standard = ar_arg_text(args, "standard");
    ar_own(ar_rows) rows = NULL;
    stretch of;

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    if (skip < 0) return ar_fail(AR_INVALID, "--skip is %lld; want 0 or more", (long long)skip);
    AR_TRY(find_stretch(ctx, args, &of));
    ar_value query[] = { ar_int(of.from),
                         ar_text(ar_arg_text(args, "domain")),
                         standard.len > 0 ? ar_textz("all") : class_of(args),
                         ar_int(of.to),
                         ar_text(standard),
                         ar_text(ar_arg_text(args, "line")),
                         ar_int(limit),
                         ar_int(skip) };
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT c.standard_id, v.kind || ':' || v.asset_id, c.cause, " STATE(
            "c.was") ", " STATE("c.now") ", c.domain_id, v.owner_id, n.name, count(*) OVER () FROM "
                                         "ar.snapshot_change c"
                                         " JOIN ar.verdict v ON v.number = c.verdict"
                                         " JOIN ar.standard s ON s.id = c.standard_id JOIN "
                                         "ar.snapshot n ON n.id = c.snapshot"
                                         " WHERE c.snapshot > $1 AND c.snapshot <= $4" OF_DOMAIN
                                             OF_CLASS OF_STANDARD " AND ($6 = '' OR c.cause = $6)"
                                         " ORDER BY c.snapshot, s.place, c.standard_id, c.cause, "
                                         "v.kind, v.asset_id, c.now"
                                         " LIMIT $7 OFFSET $8"),
        query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_counted(reply, rows, skip));
    if (reply->rows == 0 && skip == 0) ar_reply_note(reply, "Nothing like that changed.");
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_snapshot_ops[] = {
    { .name = "snapshot.take",
      .help = "judge, and freeze how every standard stands",
      .more = "A snapshot cannot be changed: its text has a hash, which includes that of the one "
              "before. Reviews and reports are made from snapshots only. One a week is usual; the "
              "name is then that of the week.",
      .example = "aright snapshot take",
      .effect = AR_CHANGES,
      .shape = AR_SHAPE_RECORD,
      .judges = true,
      .grant = "snapshot.take",
      .event = "snapshot.taken",
      .params = take_params,
      .columns = take_columns,
      .run = run_take },
    { .name = "snapshot.list",
      .help = "list the snapshots, latest first",
      .example = "aright snapshot list",
      .grant = "snapshot.read",
      .columns = list_columns,
      .run = run_list },
    { .name = "snapshot.show",
      .help = "show how every standard stood in a snapshot",
      .grant = "snapshot.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "snapshot.bridge",
      .help = "say what led from one snapshot to another",
      .more = "The first line is the snapshot that it begins with, the last the one that it ends "
              "with, and those between sum exactly to the difference. What another version of a "
              "standard counts is told apart: all of it leaves with the old one and comes with the "
              "new.",
      .grant = "snapshot.read",
      .params = bridge_params,
      .columns = bridge_columns,
      .run = run_bridge },
    { .name = "snapshot.changes",
      .help = "name the assets behind a bridge",
      .none = "Nothing changed.",
      .grant = "snapshot.read",
      .params = changes_params,
      .columns = changes_columns,
      .run = run_changes },
    { .name = "snapshot.check",
      .help = "say whether the snapshots are what was taken",
      .none = "There is none yet; `aright snapshot take` takes one.",
      .grant = "snapshot.read",
      .columns = check_columns,
      .run = run_check },
    { 0 },
};
