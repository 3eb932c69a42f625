#include "access/grant.h"

#include "act/deed.h"
#include "act/door.h"
#include "act/receipt.h"
#include "estate/estate.h"
#include "form/json.h"
#include "op/reply.h"

enum { ROWS = 100, ROWS_MAX = 1000000, BECAUSE_MAX = 400 };

/* A subquery, $1 the time: the grants that are there, and whether a receipt says that one was ended
 * since it was last seen. */
#define GRANTS                                                                                 \
    "(SELECT g.*, (SELECT max(r.number) FROM ar.receipt r WHERE r.area = '" AR_ACCESS_AREA "'" \
    "  AND r.kind = 'role_grant' AND r.asset_id = g.id AND r.step = 'end'"                     \
    "  AND r.happened_at >= g.last_seen AND " AR_RECEIPT_HOLDS ") AS ended,"                   \
    " g.expires_at IS NULL AND coalesce(g.grant_kind, 'standing') = 'standing' AS standing"    \
    " FROM main.role_grant g WHERE NOT g.gone AND (g.deleted_at IS NULL OR g.deleted_at > $1)" \
    " AND (g.expires_at IS NULL OR g.expires_at > $1))"

/* ---- grant list ---- */

const ar_param ar_grant_list_params[] = {
    { "all", AR_PARAM_FLAG, 0, "also those that are not privileged", NULL },
    { "standing", AR_PARAM_FLAG, 0, "only those without an end", NULL },
    { "system", AR_PARAM_TEXT, 0, "only on this system", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { 0 },
};

const ar_column ar_grant_list_columns[] = {
    { "grant", AR_TEXT, 0, "its id" },
    { "who", AR_TEXT, 0, "who holds it" },
    { "role", AR_TEXT, AR_COLUMN_BRIEF, "what it lets them do, in the words of the system" },
    { "system", AR_TEXT, 0, "where" },
    { "scope", AR_TEXT, AR_COLUMN_BRIEF, "over what" },
    { "standing", AR_BOOL, 0, "whether it has no end, and need not be asked for" },
    { "ends_at", AR_TIME, 0, "when it ends by itself" },
    { "since", AR_TIME, 0, "when it was first seen" },
    { "last_used_at", AR_TIME, 0, "when it was last used, where that is known" },
    { "ended", AR_TEXT, 0, "the receipt of its end, until its source is looked at again" },
    { "privileged", AR_BOOL, AR_COLUMN_QUIET, "whether it can change security or other's access" },
    { "grant_kind", AR_TEXT, AR_COLUMN_QUIET, "standing, temporary or eligible" },
    { "owner", AR_TEXT, AR_COLUMN_QUIET, "who answers for it" },
    { "source_path", AR_TEXT, AR_COLUMN_QUIET, "the file that gives it" },
    { 0 },
};

ar_err ar_grant_run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    int64_t limit = ar_arg_int(args, "limit", ROWS);
    ar_value query[] = { ar_at(ctx->asof), ar_bool(ar_arg_flag(args, "all")),
                         ar_bool(ar_arg_flag(args, "standing")),
                         ar_text_or_null(ar_arg_text(args, "system")), ar_int(limit) };
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    if (limit < 1 || limit > ROWS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)limit, ROWS_MAX);
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT id, coalesce(principal_id, name), role, system, scope, standing, expires_at,"
               " first_seen, last_used_at, 'RC-' || ended, privileged, grant_kind, owner_id,"
               " source_path FROM " GRANTS " i WHERE ($2 OR privileged) AND (NOT $3 OR standing)"
               " AND ($4 IS NULL OR system = $4)"
               " ORDER BY NOT standing, system, principal_id, role, id LIMIT $5"),
        query, AR_COUNT(query), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == limit)
        ar_reply_note(reply, "There may be more; --limit takes up to %d.", (int)ROWS_MAX);
    return ar_ok();
}

/* ---- grant plan ---- */

const ar_param ar_grant_plan_params[] = {
    { "grant", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id", NULL },
    { 0 },
};

const ar_column ar_grant_plan_columns[] = {
    [AR_GRANT_ID] = { "grant", AR_TEXT, 0, "its id" },
    [AR_GRANT_WHO] = { "who", AR_TEXT, 0, "who holds it" },
    [AR_GRANT_HOST] = { "host", AR_TEXT, 0, "the host that it was found on" },
    [AR_GRANT_ROLE] = { "role", AR_TEXT, 0, "what it lets them do" },
    [AR_GRANT_PATH] = { "path", AR_TEXT, 0, "the file that gives it" },
    [AR_GRANT_SCOPE] = { "scope", AR_TEXT, 0, "over what" },
    [AR_GRANT_NOPASSWD] = { "nopasswd", AR_BOOL, 0, "whether it asks for no password" },
    [AR_GRANT_DEED] = { "deed", AR_TEXT, AR_COLUMN_QUIET, "the commands that end it, as JSON" },
    [AR_GRANT_FIELDS] = { 0 },
};

typedef struct found {
    ar_value row[AR_GRANT_FIELDS];
    int64_t ended;
    bool full, another; /* an administrator's; there is another one on the system */
    ar_str system;
} found;

/* Rights over everything; a rule for some commands makes nobody an administrator. Root's own are
 * not counted: nobody signs in as root to give others access. */
#define FULL(g)                                                                        \
    "(" g ".privileged AND (" g ".role <> 'sudo' OR " g ".scope LIKE '%) ALL') AND " g \
    ".role <> 'root')"

static ar_err find(ar_ctx *ctx, ar_str id, found *out)
{
    ar_value query[] = { ar_at(ctx->now), ar_text(id) };
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT g.id, coalesce(g.name, g.principal_id), g.device_id, g.role, g.source_path,"
               " coalesce(g.scope, ''), coalesce(g.nopasswd, false), NULL::VARCHAR,"
               " coalesce(g.ended, 0), coalesce(" FULL(
                   "g") ", false), EXISTS (SELECT 1 FROM " GRANTS
                        " o WHERE o.system = g.system AND o.ended IS NULL AND " FULL(
                            "o") " AND o.principal_id <> g.principal_id), coalesce(g.system, '') "
                                 "FROM " GRANTS " g WHERE g.id = $2"),
        query, AR_COUNT(query), &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no grant %.*s; `aright grant list --all` names them",
                       AR_FMT(id));
    for (size_t i = 0; i < AR_GRANT_FIELDS; i++)
        out->row[i] = ar_value_copy(ctx->arena, ar_rows_get(rows, i));
    out->ended = ar_rows_get(rows, AR_GRANT_FIELDS).i;
    out->full = ar_rows_get(rows, AR_GRANT_FIELDS + 1).b;
    out->another = ar_rows_get(rows, AR_GRANT_FIELDS + 2).b;
    out->system = ar_arena_copy(ctx->arena, ar_rows_get(rows, AR_GRANT_FIELDS + 3).s);
    return ar_ok();
}

static ar_err check(const found *f, ar_str id)
{
    if (f->ended > 0)
        return ar_fail(AR_CONFLICT, "%.*s was ended by RC-%lld; look at its system again",
                       AR_FMT(id), (long long)f->ended);
    if (f->full && !f->another)
        return ar_fail(AR_CONFLICT,
                       "%.*s holds the last administrator's access to %.*s that is known; give "
                       "somebody else theirs first",
                       AR_FMT(f->row[AR_GRANT_WHO].s), AR_FMT(f->system));
    return ar_ok();
}

/* What no file of a host gives, an action ends. */
static ar_err fill_deed(ar_ctx *ctx, ar_str id, found *f)
{
    ar_auto(ar_buf) text = { 0 };
    const ar_action *action;
    ar_definitions actions;
    ar_kinds kinds;
    ar_deed deed;

    if (f->row[AR_GRANT_PATH].type == AR_TEXT && f->row[AR_GRANT_HOST].type == AR_TEXT)
        return ar_ok();
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_actions_load(ctx->place, &kinds, ctx->arena, &actions));
    AR_TRY_WITH(ar_actions_find(&actions, AR_LIT(AR_ACCESS_ACTION), &action),
                "%.*s is given by %.*s, no file of a host", AR_FMT(id), AR_FMT(f->system));
    AR_TRY(ar_deed_fill(ctx, action, id, &deed));
    ar_deed_print(&deed, &text);
    f->row[AR_GRANT_DEED] = ar_text(ar_arena_copy(ctx->arena, ar_buf_str(&text)));
    return ar_ok();
}

static ar_err plan(ar_ctx *ctx, ar_str id, found *out)
{
    AR_TRY(find(ctx, id, out));
    AR_TRY(check(out, id));
    return fill_deed(ctx, id, out);
}

ar_err ar_grant_run_plan(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    found f;

    AR_TRY(plan(ctx, ar_arg_text(args, "grant"), &f));
    return ar_reply_row(reply, f.row, AR_GRANT_FIELDS);
}

/* ---- grant begin, grant take_back, grant record ---- */

const ar_param ar_grant_begin_params[] = {
    { "grant", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id", NULL },
    { "deed", AR_PARAM_TEXT, AR_REQUIRED, "what will be done, as JSON", NULL },
    { "at", AR_PARAM_TIME, 0, "when it will end by itself; at once when not given", NULL },
    { "because", AR_PARAM_TEXT, 0, "why", NULL },
    { 0 },
};

ar_str ar_grant_facts(const ar_value *row, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < AR_GRANT_DEED; i++) {
        ar_buf_addz(&text, i == 0 ? "{" : ",");
        ar_json_text(&text, ar_str_of(ar_grant_plan_columns[i].name));
        ar_buf_addc(&text, ':');
        ar_json_value(&text, row[i]);
    }
    ar_buf_addc(&text, '}');
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* Who acts knows the deed. */
static ar_err reply_receipt(ar_ctx *ctx, const ar_receipt *r, ar_reply *reply)
{
    ar_value row[AR_DOOR_COLUMNS] = {
        [AR_DOOR_ASSET] = ar_text(ar_arena_printf(ctx->arena, "role_grant:%.*s", AR_FMT(r->asset))),
        [AR_DOOR_STEP] = ar_text(r->step),
        [AR_DOOR_EFFECT] = ar_text(r->state),
        [AR_DOOR_RECEIPT] = ar_text(ar_arena_printf(ctx->arena, "RC-%lld", (long long)r->number)),
    };

    return ar_reply_row(reply, row, AR_DOOR_COLUMNS);
}

/* Commands are those of the action, whatever who asks says; of a file, what it was and will be. */
static ar_err check_deed(ar_ctx *ctx, const found *f, ar_str *deed)
{
    static const ar_str keys[] = { AR_LIT("path"), AR_LIT("before"), AR_LIT("after"),
                                   AR_LIT("until") };
    ar_str file = AR_LIT("deed");
    ar_node *node;

    if (f->row[AR_GRANT_DEED].type == AR_TEXT) return *deed = f->row[AR_GRANT_DEED].s, ar_ok();
    AR_TRY(ar_json_parse(file, *deed, NULL, ctx->arena, &node));
    return ar_node_only(file, node, keys, AR_COUNT(keys));
}

ar_err ar_grant_run_begin(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_receipt receipt = { .area = AR_LIT(AR_ACCESS_AREA),
                           .kind = AR_LIT("role_grant"),
                           .asset = ar_arg_text(args, "grant"),
                           .step = ar_arg_has(args, "at") ? AR_LIT("until") : AR_LIT("end"),
                           .note = ar_str_trim(ar_arg_text(args, "because")),
                           .deed = ar_arg_text(args, "deed") };
    found f;

    if (receipt.note.len > BECAUSE_MAX)
        return ar_fail(AR_LIMIT, "--because has %zu bytes, %d is the most", receipt.note.len,
                       (int)BECAUSE_MAX);
    AR_TRY(plan(ctx, receipt.asset, &f));
    AR_TRY(check_deed(ctx, &f, &receipt.deed));
    receipt.evidence = ar_grant_facts(f.row, ctx->arena);
    AR_TRY(ar_receipt_begin(ctx, &receipt));
    ar_audit_add(ctx, "grant", ar_text(receipt.asset));
    ar_audit_add(ctx, "receipt", ar_int(receipt.number));
    return reply_receipt(ctx, &receipt, reply);
}

const ar_param ar_grant_undo_params[] = {
    { "receipt", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "RC-12", NULL },
    { "confirm", AR_PARAM_FLAG, 0, "do it; else only what would be done is shown", NULL },
    { "root", AR_PARAM_PATH, 0, "the tree of the host; / when not given", NULL },
    { 0 },
};

const ar_column ar_grant_back_columns[] = {
    [AR_BACK_RECEIPT] = { "receipt", AR_TEXT, 0, "what proves it; nothing when nothing is begun" },
    [AR_BACK_GRANT] = { "grant", AR_TEXT, 0, "its id" },
    [AR_BACK_DEED] = { "deed", AR_TEXT, 0, "what was done, as JSON" },
    [AR_BACK_FACTS] = { "facts", AR_TEXT, 0, "what was known of the grant then, as JSON" },
    [AR_BACK_FIELDS] = { 0 },
};

static ar_err reply_back(ar_ctx *ctx, const ar_receipt *back, const ar_receipt *r, ar_reply *reply)
{
    ar_value row[] = {
        [AR_BACK_RECEIPT] = ar_null(),
        [AR_BACK_GRANT] = ar_text(r->asset),
        [AR_BACK_DEED] = ar_text(r->deed),
        [AR_BACK_FACTS] = ar_text(r->evidence),
    };

    if (back->number > 0)
        row[AR_BACK_RECEIPT] =
            ar_text(ar_arena_printf(ctx->arena, "RC-%lld", (long long)back->number));
    return ar_reply_row(reply, row, AR_COUNT(row));
}

ar_err ar_grant_run_take_back(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_receipt r, back = { .area = AR_LIT(AR_ACCESS_AREA),
                           .kind = AR_LIT("role_grant"),
                           .step = AR_LIT("undo") };
    int64_t number;

    AR_TRY(ar_receipt_number(ar_arg_text(args, "receipt"), &number));
    AR_TRY(ar_receipt_read(ctx, number, &r));
    if (!ar_str_eq(r.area, back.area) || ar_str_eq(r.step, back.step))
        return ar_fail(AR_CONFLICT, "RC-%lld is no end of a grant", (long long)number);
    if (r.undone > 0)
        return ar_fail(AR_CONFLICT, "RC-%lld was taken back by RC-%lld already", (long long)number,
                       (long long)r.undone);
    if (ar_str_eq(r.state, AR_LIT("failed")))
        return ar_fail(AR_CONFLICT, "RC-%lld failed, and nothing of it is left", (long long)number);
    back.asset = r.asset;
    back.evidence = r.evidence;
    back.undoes = number;
    if (ar_arg_flag(args, "confirm")) AR_TRY(ar_receipt_begin(ctx, &back));
    ar_audit_add(ctx, "undoes", ar_int(number));
    return reply_back(ctx, &back, &r, reply);
}

const ar_param ar_grant_record_params[] = {
    { "result", AR_PARAM_TEXT, AR_REQUIRED,
      "RC-12 and done, failed or half, and what there is to "
      "say",
      NULL },
    { 0 },
};

ar_err ar_grant_run_record(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str state, note;
    ar_receipt receipt;
    int64_t number;

    AR_TRY(ar_door_result(ar_arg_text(args, "result"), &number, &state, &note));
    AR_TRY(ar_receipt_read(ctx, number, &receipt));
    if (!ar_str_eq(receipt.area, AR_LIT(AR_ACCESS_AREA)))
        return ar_fail(AR_CONFLICT, "RC-%lld is no end of a grant", (long long)number);
    AR_TRY(ar_receipt_end(ctx, number, state, note));
    ar_audit_add(ctx, "receipt", ar_int(number));
    ar_audit_add(ctx, "state", ar_text(state));
    return reply_receipt(ctx, &receipt, reply);
}
