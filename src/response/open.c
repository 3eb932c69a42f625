#include "response/open.h"

#include "estate/ops.h"
#include "estate/owner.h"
#include "response/due.h"
#include "response/entry.h"
#include "response/read.h"

const ar_param ar_case_open_params[] = {
    { "title", AR_PARAM_TEXT, AR_POSITIONAL | AR_REQUIRED, "what is wrong, in a line", NULL },
    { "reporter", AR_PARAM_TEXT, AR_REQUIRED, "who reports it, inside or outside", NULL },
    { "kind", AR_PARAM_TEXT, 0, "a vulnerability, which it is when not given, or an incident",
      "vcase incident" },
    { "contact", AR_PARAM_TEXT, 0, "how the reporter is reached", NULL },
    { "asset", AR_PARAM_TEXT, 0, "what it is in, KIND:ID", NULL },
    { "description", AR_PARAM_TEXT, 0, "what was found, and how it can be seen", NULL },
    { "owner", AR_PARAM_TEXT, 0, "who answers for the case; the asset's owner when not given",
      NULL },
    AR_CASE_DUE_PARAMS,
    { 0 },
};

/* ---- what the reporter says ---- */

static const struct {
    const char *name;
    enum ar_case_field field;
    size_t max; /* bytes */
} said[] = {
    { "title", AR_CASE_TITLE, 200 },
    { "reporter", AR_CASE_REPORTER, 320 },
    { "contact", AR_CASE_CONTACT, 320 },
    { "description", AR_CASE_DESCRIPTION, 16 * 1024 },
};

static ar_err take_said(const ar_args *args, ar_case *c)
{
    for (size_t i = 0; i < AR_COUNT(said); i++) {
        ar_str text = ar_str_trim(ar_arg_text(args, said[i].name));

        if (text.len > said[i].max)
            return ar_fail(AR_LIMIT, "the %s has %zu bytes, %zu is the most", said[i].name,
                           text.len, said[i].max);
        if (text.len == 0 && ar_arg_has(args, said[i].name))
            return ar_fail(AR_INVALID, "the %s is empty", said[i].name);
        c->at[said[i].field] = ar_text_or_null(text);
    }
    return ar_ok();
}

/* ---- whose it is ---- */

/* An owner who is only a domain's default answers for the asset until one is found, not for what
 * is wrong with it (docs/formats.md). */
static ar_err take_asset(ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    ar_str asset = ar_arg_text(args, "asset"), id;
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    ar_kinds kinds;
    ar_value arg;

    if (asset.len == 0) return ar_ok();
    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_ops_asset(ctx, &kinds, asset, &kind, &id));
    if (kind->view)
        return ar_fail(AR_INVALID, "kind %.*s is a view; want what the asset itself is",
                       AR_FMT(kind->name));
    arg = ar_text(id);
    ar_buf_addz(&sql, "SELECT criticality, CASE WHEN owner_source IS DISTINCT FROM 'default'"
                      " THEN owner_id END FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &arg, 1, &rows));
    if (!ar_rows_next(rows)) return ar_fail(AR_NOT_FOUND, "%.*s has gone", AR_FMT(asset));
    c->at[AR_CASE_ASSET_KIND] = ar_text(kind->name);
    c->at[AR_CASE_ASSET_ID] = arg;
    c->at[AR_CASE_CRITICALITY] = ar_value_copy(ctx->arena, ar_rows_get(rows, 0));
    c->at[AR_CASE_OWNER] = ar_value_copy(ctx->arena, ar_rows_get(rows, 1));
    return ar_ok();
}

/* Where the home has owners, it is one of them. */
static ar_err take_owner(ar_ctx *ctx, const ar_args *args, ar_case *c)
{
    ar_str name = ar_str_trim(ar_arg_text(args, "owner"));
    ar_str owner;
    ar_value any;
    bool known;

    if (name.len == 0) return ar_ok();
    AR_TRY(ar_owner_known(ctx->engine, name, ctx->arena, &owner, &known));
    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT count(*) > 0 FROM ar.owner"), NULL, 0,
                           ctx->arena, &any));
    if (!known && any.b)
        return ar_fail(AR_NOT_FOUND, "no owner is known as '%.*s' (`aright owner list` shows them)",
                       AR_FMT(name));
    c->at[AR_CASE_OWNER] = ar_text(owner);
    return ar_ok();
}

/* ---- the case ---- */

static ar_str first_note(ar_ctx *ctx, const ar_case *c)
{
    ar_str points = c->at[AR_CASE_POINTS].s, decision = c->at[AR_CASE_DECISION].s;

    return ar_arena_printf(ctx->arena, "%.*s: %.*s", AR_FMT(points), AR_FMT(decision));
}

ar_err ar_case_run_open(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str kind = ar_arg_text(args, "kind");
    ar_case c = { 0 };

    AR_TRY(take_said(args, &c));
    AR_TRY(take_asset(ctx, args, &c));
    AR_TRY(take_owner(ctx, args, &c));
    AR_TRY(ar_case_number(ctx, kind.len > 0 ? kind : AR_LIT("vcase"), &c));
    c.at[AR_CASE_OPENED_AT] = c.at[AR_CASE_STAGE_SINCE] = ar_at(ctx->now);
    c.at[AR_CASE_STAGE] = ar_textz(ar_case_stage_name(AR_CASE_OPENED));
    AR_TRY(ar_case_decide(ctx, args, &c));
    AR_TRY(ar_case_insert(ctx, &c));
    AR_TRY(ar_case_note(ctx, &c, "stage", first_note(ctx, &c)));
    AR_TRY(ar_case_enter(ctx, c.at[AR_CASE_ID].s));
    ar_audit_add(ctx, "case", c.at[AR_CASE_ID]);
    ar_audit_add(ctx, "decision", c.at[AR_CASE_DECISION]);
    ar_audit_add(ctx, "due_at", c.at[AR_CASE_DUE_AT]);
    return ar_case_reply(ctx, c.at[AR_CASE_ID].s, reply);
}
