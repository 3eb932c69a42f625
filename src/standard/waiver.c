#include "standard/waiver.h"

#include "estate/owner.h"
#include "standard/finding.h"

static ar_err check_reason(ar_str reason)
{
    if (reason.len < AR_WAIVER_REASON_MIN)
        return ar_fail(AR_INVALID, "the reason is too short, %zu of at least %d characters",
                       reason.len, (int)AR_WAIVER_REASON_MIN);
    if (reason.len > AR_WAIVER_REASON_MAX)
        return ar_fail(AR_LIMIT, "the reason has %zu characters, %d is the most", reason.len,
                       (int)AR_WAIVER_REASON_MAX);
    return ar_ok();
}

/* What is known of the finding that would be waived. */
typedef struct target {
    ar_waiver_subject asset;
    int64_t waiver_max, verdict;
} target;

static ar_str text_of(ar_rows *rows, size_t column, ar_arena *arena)
{
    ar_value value = ar_rows_get(rows, column);

    return value.type == AR_TEXT ? ar_arena_copy(arena, value.s) : (ar_str){ 0 };
}

/* In force, or it will be: the clock may have been set back since it was granted. */
#define NOT_OVER "v.until >= $1 AND (v.ended_at IS NULL OR v.ended_at > $1)"

static ar_err find_target(ar_engine *engine, const ar_finding_id *id, ar_str finding, ar_time now,
                          ar_arena *arena, target *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { ar_at(now), ar_text(finding), ar_text(id->standard), ar_text(id->kind),
                        ar_text(id->asset) };

    AR_TRY(ar_engine_query(engine,
                           AR_LIT("SELECT s.waiver_max, (SELECT 'W-' || max(v.id) || ' of ' ||"
                                  " arg_max(v.approver, v.id) FROM ar.waiver v"
                                  " WHERE v.finding_id = $2 AND " NOT_OVER
                                  "), f.owner_id, f.domain_id, f.verdict FROM ar.open_finding f"
                                  " JOIN ar.standard s ON s.id = f.standard_id"
                                  " WHERE f.standard_id = $3 AND f.verdict IN (SELECT number"
                                  "  FROM ar.verdict WHERE kind = $4 AND asset_id = $5)"),
                           args, AR_COUNT(args), &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND,
                       "no finding '%.*s' is open; `finding list` shows those that are",
                       AR_FMT(finding));
    if (ar_rows_get(rows, 1).type != AR_NULL)
        return ar_fail(AR_CONFLICT, "'%.*s' has the waiver %.*s already; end it first",
                       AR_FMT(finding), AR_FMT(ar_rows_get(rows, 1).s));
    *out = (target){
        .waiver_max = ar_rows_get(rows, 0).type == AR_NULL ? 0 : ar_rows_get(rows, 0).i,
        .asset = { .name = ar_arena_printf(arena, "%.*s:%.*s", AR_FMT(id->kind), AR_FMT(id->asset)),
                   .owner = text_of(rows, 2, arena),
                   .domain = text_of(rows, 3, arena) },
        .verdict = ar_rows_get(rows, 4).i,
    };
    return ar_ok();
}

/* The finding knows whose the asset was when it was judged; the estate knows whose it is. */
static ar_err read_owner(ar_engine *engine, const ar_finding_id *id, ar_arena *arena,
                         ar_waiver_subject *asset)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[1] = { ar_text(id->asset) };

    ar_buf_addz(&sql, "SELECT owner_id, domain_id FROM main.");
    ar_sql_name(&sql, id->kind);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(engine, ar_buf_str(&sql), args, 1, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    asset->owner = text_of(rows, 0, arena);
    asset->domain = text_of(rows, 1, arena);
    return ar_ok();
}

/* ---- who may allow ---- */

/* SQL: as ar_arena_lower does it. */
#define FOLDED(text) \
    "translate(" text ", 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"

/* clang-format off */
static const char accountable_sql[] =
    "SELECT EXISTS (SELECT 1 FROM ar.domain WHERE deputy_ciso IS NOT NULL),"
    " (SELECT c.who FROM (SELECT 1 AS place, deputy_ciso AS who FROM ar.domain WHERE id = $1"
    "   UNION ALL SELECT 2, reports_to FROM ar.domain WHERE id = $1) c"
    "  WHERE c.who IS NOT NULL AND " FOLDED("c.who") " <> $2"
    "  AND NOT EXISTS (SELECT 1 FROM ar.owner o WHERE o.id = c.who AND o.left_at <= $3)"
    "  ORDER BY c.place LIMIT 1)";

/* The unit that owns and that the approver is in. */
static const char unit_sql[] =
    "WITH RECURSIVE tree AS (SELECT " FOLDED("id") " AS id, " FOLDED("parent") " AS parent, "
    FOLDED("team") " AS team FROM ar.owner),"
    " up(id) AS (SELECT $1::VARCHAR UNION SELECT t.parent FROM up JOIN tree t ON t.id = up.id"
    "  WHERE t.parent IS NOT NULL),"
    " owning(id) AS (SELECT $2::VARCHAR UNION SELECT team FROM tree"
    "  WHERE id = $2 AND id LIKE 'person:%' AND team IS NOT NULL)"
    " SELECT min(o.id) FROM owning o JOIN up ON up.id = o.id";
/* clang-format on */

/* Who is accountable for the subject: the Deputy CISO of its domain; if there is none who is still
 * here, or it is their own, whom they report to. Empty: nobody. Where no domain has a Deputy CISO,
 * *out_governed is false. */
static ar_err find_accountable(ar_engine *engine, const ar_waiver_subject *subject, ar_time now,
                               ar_arena *arena, bool *out_governed, ar_str *out_who)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[3] = { ar_text(subject->domain), ar_text(ar_arena_lower(arena, subject->owner)),
                         ar_at(now) };

    AR_TRY(ar_engine_query(engine, ar_str_of(accountable_sql), args, AR_COUNT(args), &rows));

    bool answered = ar_rows_next(rows);

    assert(answered);
    (void)answered;
    *out_governed = ar_rows_get(rows, 0).b;
    *out_who = text_of(rows, 1, arena);
    return ar_ok();
}

static ar_err fail_unaccounted(const ar_waiver_subject *subject)
{
    if (subject->domain.len == 0)
        return ar_fail(AR_DENIED,
                       "%.*s is in no domain, so nobody is accountable for it; give its owner a "
                       "domain in owners.yaml",
                       AR_FMT(subject->name));
    return ar_fail(AR_DENIED,
                   "nobody could approve for %.*s: its domain %.*s needs a deputy_ciso in "
                   "owners.yaml who is here and does not own it, or else a reports_to",
                   AR_FMT(subject->name), AR_FMT(subject->domain));
}

/* Where nobody is accountable yet, the grant is enough for who has nothing to do with the asset. */
static ar_err check_outsider(ar_engine *engine, ar_str approver, const ar_waiver_subject *subject,
                             ar_arena *arena)
{
    ar_value args[2] = { ar_text(ar_arena_lower(arena, approver)),
                         ar_text(ar_arena_lower(arena, subject->owner)) };
    ar_value unit;

    if (subject->owner.len == 0) return ar_ok();
    if (ar_str_same(subject->owner, approver))
        return ar_fail(AR_DENIED,
                       "%.*s owns %.*s; want the approval of someone else who holds waiver.grant",
                       AR_FMT(approver), AR_FMT(subject->name));
    AR_TRY(ar_engine_value(engine, ar_str_of(unit_sql), args, AR_COUNT(args), arena, &unit));
    if (unit.type == AR_NULL) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s is in %.*s, to which %.*s belongs; want the approval of someone outside"
                   " who holds waiver.grant",
                   AR_FMT(approver), AR_FMT(unit.s), AR_FMT(subject->name));
}

ar_err ar_waiver_check_approver(ar_engine *engine, ar_str approver,
                                const ar_waiver_subject *subject, ar_time now, ar_arena *arena)
{
    ar_waiver_subject known = *subject;
    bool governed, is_known;
    ar_str accountable;

    AR_TRY(ar_owner_known(engine, approver, arena, &approver, &is_known));
    AR_TRY(ar_owner_known(engine, known.owner, arena, &known.owner, &is_known));
    subject = &known;
    AR_TRY(find_accountable(engine, subject, now, arena, &governed, &accountable));
    if (!governed) return check_outsider(engine, approver, subject, arena);
    if (accountable.len == 0) return fail_unaccounted(subject);
    if (ar_str_same(accountable, approver)) return ar_ok();
    return ar_fail(
        AR_DENIED, "%.*s may not approve for %.*s: for its domain %.*s that is %.*s's to do",
        AR_FMT(approver), AR_FMT(subject->name), AR_FMT(subject->domain), AR_FMT(accountable));
}

static ar_err check_end(const ar_waiver_request *request, ar_time now, const target *to,
                        ar_arena *arena)
{
    char text[AR_TIME_LEN];

    if (request->until <= now)
        return ar_fail(AR_INVALID, "it would end on %s, which is past; want a later time",
                       ar_time_print(ar_time_to_second(request->until), text));
    if (to->waiver_max == 0)
        return ar_fail(AR_CONFLICT, "the standard of '%.*s' allows no waivers",
                       AR_FMT(request->finding));
    if (request->until - now <= to->waiver_max) return ar_ok();

    ar_str most = ar_span_print(to->waiver_max, arena);
    char last[AR_TIME_LEN];
    return ar_fail(AR_LIMIT, "it would last until %s; the standard allows %.*s, until %s",
                   ar_time_print(ar_time_to_second(request->until), text), AR_FMT(most),
                   ar_time_print(ar_time_to_second(now + to->waiver_max), last));
}

/* What is published of verdicts follows. */
static ar_err note_change(ar_engine *engine, ar_value id)
{
    return ar_engine_run(engine,
                         AR_LIT("INSERT INTO ar.verdict_change SELECT 'waived ' || standard_id,"
                                " kind, asset_id, epoch_us(until), granted_at, ended_at IS NULL"
                                " FROM ar.waiver WHERE id = $1"),
                         &id, 1, NULL);
}

ar_err ar_waiver_grant(ar_engine *engine, const ar_waiver_request *request, ar_time now,
                       ar_arena *arena, ar_waiver_granted *out_granted)
{
    ar_finding_id id;
    target to = { 0 };
    ar_value next;

    AR_TRY(ar_finding_id_parse(request->finding, &id));
    AR_TRY(check_reason(request->reason));
    AR_TRY(find_target(engine, &id, request->finding, now, arena, &to));
    AR_TRY(check_end(request, now, &to, arena));
    AR_TRY(read_owner(engine, &id, arena, &to.asset));
    AR_TRY(ar_waiver_check_approver(engine, request->approver, &to.asset, now, arena));
    AR_TRY(ar_engine_value(engine, AR_LIT("SELECT 1 + coalesce(max(id), 0) FROM ar.waiver"), NULL,
                           0, arena, &next));
    AR_TRY(ar_engine_run(
        engine,
        AR_LIT("INSERT INTO ar.waiver (id, finding_id, standard_id, kind, asset_id, reason,"
               " compensating, approver, granted_at, until, owner_id, verdict)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"),
        (ar_value[]){ next, ar_text(request->finding), ar_text(id.standard), ar_text(id.kind),
                      ar_text(id.asset), ar_text(request->reason),
                      ar_text_or_null(request->compensating), ar_text(request->approver),
                      ar_at(now), ar_at(request->until), ar_text_or_null(to.asset.owner),
                      ar_int(to.verdict) },
        12, NULL));
    *out_granted = (ar_waiver_granted){ .id = next.i, .owner = to.asset.owner };
    return note_change(engine, next);
}

/* Ends one that is in force at `now`. AR_NOT_FOUND, AR_CONFLICT when it is over. */
static ar_err end(ar_engine *engine, int64_t id, ar_str reason, ar_str who, ar_time now)
{
    ar_value args[4] = { ar_at(now), ar_int(id), ar_text(who), ar_text(reason) };
    int64_t n;
    ar_value any;
    ar_auto(ar_arena) scratch = { 0 };

    AR_TRY(check_reason(reason));
    AR_TRY(ar_engine_run(engine,
                         AR_LIT("UPDATE ar.waiver v SET ended_at = $1, ended_by = $3,"
                                " end_reason = $4 WHERE v.id = $2 AND " AR_WAIVER_IN_FORCE),
                         args, 4, &n));
    if (n == 1) return note_change(engine, args[1]);
    AR_TRY(ar_engine_value(engine, AR_LIT("SELECT id FROM ar.waiver WHERE id = $1"), &args[1], 1,
                           &scratch, &any));
    if (any.type == AR_NULL)
        return ar_fail(AR_NOT_FOUND, "there is no waiver W-%lld", (long long)id);
    return ar_fail(AR_CONFLICT, "the waiver W-%lld is over", (long long)id);
}

/* "W-12" to 12. */
static ar_err parse_id(ar_str text, int64_t *out_id)
{
    if (!ar_str_starts(text, AR_LIT("W-")) || !ar_str_int(ar_str_cut(text, 2, text.len), out_id))
        return ar_fail(AR_INVALID, "'%.*s' is no id of a waiver; want one like W-12", AR_FMT(text));
    return ar_ok();
}

/* ---- operations ---- */

const ar_column ar_waiver_columns[] = {
    { "id", AR_TEXT, 0, "the waiver, W-NUMBER" },
    { "finding", AR_TEXT, 0, "what it allows, STANDARD/KIND:ID" },
    { "state", AR_TEXT, 0, "in_force, ended or expired" },
    { "until", AR_TIME, 0, "through when it holds" },
    { "approver", AR_TEXT, 0, "who allowed it" },
    { "reason", AR_TEXT, AR_COLUMN_BRIEF, "why it is allowed" },
    { "compensating", AR_TEXT, AR_COLUMN_QUIET, "what lowers the risk in the meantime" },
    { "granted_at", AR_TIME, AR_COLUMN_QUIET, "since when" },
    { "ended_at", AR_TIME, AR_COLUMN_QUIET, "when it was ended early" },
    { "ended_by", AR_TEXT, AR_COLUMN_QUIET, "who ended it" },
    { "end_reason", AR_TEXT, AR_COLUMN_QUIET, "why it was ended" },
    { "owner", AR_TEXT, AR_COLUMN_QUIET, "whose the asset was then; nothing: nobody's" },
    { 0 },
};

static ar_err show(ar_ctx *ctx, const char *where, ar_value extra, ar_reply *reply)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_value args[2] = { ar_at(ctx->asof), extra };

    ar_buf_addf(&sql,
                "SELECT 'W-' || v.id, v.finding_id, CASE WHEN %s THEN 'in_force'"
                " WHEN v.ended_at <= $1 THEN 'ended' WHEN v.granted_at > $1 THEN 'later'"
                " ELSE 'expired' END, v.until, v.approver, v.reason, v.compensating, v.granted_at,"
                " v.ended_at, v.ended_by, v.end_reason, v.owner_id FROM ar.waiver v WHERE %s"
                " ORDER BY v.until, v.id",
                AR_WAIVER_IN_FORCE, where);
    AR_TRY(
        ar_engine_query(ctx->engine, ar_buf_str(&sql), args, extra.type == AR_NULL ? 1 : 2, &rows));
    return ar_reply_rows(reply, rows);
}

ar_err ar_waiver_run_grant(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_waiver_request request = {
        .finding = ar_arg_text(args, "finding"),
        .until = ar_arg_time(args, "until", 0),
        .reason = ar_str_trim(ar_arg_text(args, "reason")),
        .compensating = ar_str_trim(ar_arg_text(args, "compensating")),
        .approver = ctx->who->name,
    };
    ar_waiver_granted granted;

    AR_TRY(ar_waiver_grant(ctx->engine, &request, ctx->now, ctx->arena, &granted));
    ar_audit_add(ctx, "waiver",
                 ar_text(ar_arena_printf(ctx->arena, "W-%lld", (long long)granted.id)));
    ar_audit_add(ctx, "until", ar_at(request.until));
    ar_audit_add(ctx, "owner", ar_text_or_null(granted.owner));
    if (granted.owner.len == 0)
        ar_reply_note(reply, "Nobody owns what W-%lld is for; the waiver says so.",
                      (long long)granted.id);
    return show(ctx, "v.id = $2", ar_int(granted.id), reply);
}

ar_err ar_waiver_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    return show(ctx, ar_arg_flag(args, "all") ? "TRUE" : AR_WAIVER_IN_FORCE, ar_null(), reply);
}

/* So that the log of the finding's asset has it. */
static ar_err note_finding(ar_ctx *ctx, int64_t id)
{
    ar_value args[] = { ar_int(id) }, finding;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT standard_id || '/' || kind || ':' || asset_id"
                                  " FROM ar.waiver WHERE id = $1"),
                           args, AR_COUNT(args), ctx->arena, &finding));
    ar_audit_add(ctx, "finding", finding);
    return ar_ok();
}

ar_err ar_waiver_run_end(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str reason = ar_str_trim(ar_arg_text(args, "reason"));
    int64_t id;

    AR_TRY(parse_id(ar_arg_text(args, "id"), &id));
    AR_TRY(end(ctx->engine, id, reason, ctx->who->name, ctx->now));
    AR_TRY(note_finding(ctx, id));
    return show(ctx, "v.id = $2", ar_int(id), reply);
}
