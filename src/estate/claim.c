/* claim: a person says that assets are theirs, or their team's. It is the first of all evidence; it
 * stands until it is released, a later claim outweighs it or its owner leaves. */
#include "estate/estate.h"
#include "estate/ops.h"
#include "estate/owner.h"
#include "estate/resolve.h"
#include "op/reply.h"

enum { CLAIM_ASSETS_MAX = 100000 }; /* of one condition */

static const char assign_grant[] = "owner.assign";

/* ---- for whom ---- */

static ar_err check_here(ar_ctx *ctx, ar_str owner)
{
    ar_value args[] = { ar_text(owner), ar_at(ctx->now) }, since;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT since FROM ar.owner_away WHERE owner = $1"
                                  " AND since <= $2"),
                           args, AR_COUNT(args), ctx->arena, &since));
    if (since.type == AR_NULL) return ar_ok();
    return ar_fail(AR_CONFLICT, "%.*s has left and can own nothing; want someone who is here",
                   AR_FMT(owner));
}

/* Whether `unit` is `person`, or a team or division that they are in. */
static ar_err is_in(ar_ctx *ctx, ar_str person, ar_str unit, bool *out_in)
{
    ar_value args[] = { ar_text(person), ar_text(unit) }, in;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT $1 = $2 OR EXISTS (SELECT 1 FROM ar.owner_up"
                                  " WHERE id = $1 AND up = $2)"),
                           args, AR_COUNT(args), ctx->arena, &in));
    *out_in = in.b;
    return ar_ok();
}

/* Themselves, unless they name a unit of theirs. */
static ar_err find_claimer(ar_ctx *ctx, ar_str asked, ar_str *out_owner)
{
    ar_str me, owner;
    bool known, in;

    AR_TRY(ar_owner_known(ctx->engine, ctx->who->name, ctx->arena, &me, &known));
    if (asked.len == 0) {
        *out_owner = me;
        return check_here(ctx, me);
    }
    AR_TRY(ar_owner_known(ctx->engine, asked, ctx->arena, &owner, &known));
    AR_TRY(is_in(ctx, me, owner, &in));
    if (!known && !in)
        return ar_fail(AR_NOT_FOUND, "no owner is known as '%.*s' (`aright owner list` shows them)",
                       AR_FMT(asked));
    if (!in)
        return ar_fail(AR_DENIED,
                       "%.*s is not in %.*s and cannot claim for it; want someone of theirs, or "
                       "`owner assign` by who holds %s",
                       AR_FMT(me), AR_FMT(owner), assign_grant);
    *out_owner = owner;
    return check_here(ctx, owner);
}

static ar_err find_assigned(ar_ctx *ctx, ar_str asked, ar_str *out_owner)
{
    bool known;

    AR_TRY(ar_owner_known(ctx->engine, asked, ctx->arena, out_owner, &known));
    if (!known)
        return ar_fail(AR_NOT_FOUND, "no owner is known as '%.*s' (`aright owner list` shows them)",
                       AR_FMT(asked));
    return check_here(ctx, *out_owner);
}

/* ---- of what ---- */

static ar_err make_list(ar_ctx *ctx)
{
    return ar_engine_exec(ctx->engine, "CREATE OR REPLACE TEMP TABLE claim_asset"
                                       " (kind VARCHAR, id VARCHAR)");
}

static ar_err list_named(ar_ctx *ctx, const ar_kinds *kinds, const ar_str *assets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const ar_kind *kind;
        ar_str id;

        AR_TRY(ar_ops_asset(ctx, kinds, assets[i], &kind, &id));
        if (kind->view)
            return ar_fail(AR_INVALID, "kind %.*s is a view; nobody claims what is in it",
                           AR_FMT(kind->name));
        ar_value row[] = { ar_text(kind->name), ar_text(id) };
        AR_TRY(ar_engine_run(ctx->engine, AR_LIT("INSERT INTO claim_asset VALUES ($1, $2)"), row,
                             AR_COUNT(row), NULL));
    }
    return ar_ok();
}

static ar_err list_where(ar_ctx *ctx, const ar_kinds *kinds, ar_str name, ar_str where)
{
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;
    int64_t n;

    AR_TRY(ar_kinds_find(kinds, name, &kind));
    if (kind->view)
        return ar_fail(AR_INVALID, "kind %.*s is a view; nobody claims what is in it",
                       AR_FMT(kind->name));
    ar_buf_addz(&sql, "INSERT INTO claim_asset SELECT ");
    ar_sql_text(&sql, kind->name);
    ar_buf_addz(&sql, ", t.id FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " t");
    AR_TRY(ar_ops_where(ctx, kind, where, &sql));
    ar_buf_addf(&sql, " LIMIT %d", CLAIM_ASSETS_MAX + 1);
    AR_TRY(ar_engine_run(ctx->engine, ar_buf_str(&sql), NULL, 0, &n));
    if (n > CLAIM_ASSETS_MAX)
        return ar_fail(AR_LIMIT, "more than %d assets fit; want a narrower --where",
                       CLAIM_ASSETS_MAX);
    return ar_ok();
}

/* Named one by one, or by a condition: never all of a kind for want of a word. */
static ar_err list_assets(ar_ctx *ctx, const ar_kinds *kinds, const ar_args *args)
{
    ar_str kind = ar_arg_text(args, "kind"), where = ar_arg_text(args, "where");
    const ar_str *assets;
    size_t n = ar_arg_texts(args, "asset", &assets);

    if ((kind.len > 0) != (where.len > 0))
        return ar_fail(AR_INVALID, "--kind and --where go together");
    if ((n > 0) == (kind.len > 0))
        return ar_fail(AR_INVALID, "want KIND:ID …, or --kind with --where%s",
                       n > 0 ? ", not both" : "");
    AR_TRY(make_list(ctx));
    return n > 0 ? list_named(ctx, kinds, assets, n) : list_where(ctx, kinds, kind, where);
}

/* ---- what follows ---- */

static const ar_column claim_columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "name", AR_TEXT, AR_COLUMN_BRIEF, "what people call it" },
    { "was", AR_TEXT, 0, "who owned it" },
    { "was_by", AR_TEXT, 0, "how that was known" },
    { "owner", AR_TEXT, 0, "who owns it now" },
    { "owner_source", AR_TEXT, 0, "how that is known" },
    { 0 },
};

/* The kinds of the list, with how many assets each. */
static ar_err kinds_of_list(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind ***out_list,
                            size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;

    *out_list = ar_make_n(ctx->arena, const ar_kind *, kinds->n);
    *out_n = 0;
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT DISTINCT kind FROM claim_asset ORDER BY kind"), NULL, 0,
                           &rows));
    while (ar_rows_next(rows))
        AR_TRY(ar_kinds_find(kinds, ar_rows_get(rows, 0).s, &(*out_list)[(*out_n)++]));
    return ar_ok();
}

static ar_err add_owners(ar_ctx *ctx, const ar_kind *kind, const char *table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "INSERT INTO %s SELECT c.kind, c.id, t.name, t.owner_id, t.owner_source"
                " FROM claim_asset c JOIN main.",
                table);
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " t ON t.id = c.id WHERE c.kind = ");
    ar_sql_text(&sql, kind->name);
    return ar_engine_run(ctx->engine, ar_buf_str(&sql), NULL, 0, NULL);
}

/* What is so before, and after when `sql` has changed the claims and the assets are resolved again.
 * Without it, a dry run: a new claim is the first of all evidence. */
static ar_err change(ar_ctx *ctx, const ar_kinds *kinds, const char *sql, const ar_value *args,
                     size_t n_args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;
    const ar_kind **list;
    size_t n;

    AR_TRY(kinds_of_list(ctx, kinds, &list, &n));
    AR_TRY(ar_engine_exec(ctx->engine,
                          "CREATE OR REPLACE TEMP TABLE claim_was (kind VARCHAR, id VARCHAR,"
                          " name VARCHAR, owner VARCHAR, how VARCHAR);"
                          "CREATE OR REPLACE TEMP TABLE claim_is AS SELECT * FROM claim_was"));
    for (size_t i = 0; i < n; i++) AR_TRY(add_owners(ctx, list[i], "claim_was"));
    if (sql != NULL) AR_TRY(ar_engine_run(ctx->engine, ar_str_of(sql), args, n_args, NULL));
    for (size_t i = 0; i < n && sql != NULL; i++) {
        ar_auto(ar_buf) ids = { 0 };

        ar_buf_addz(&ids, "SELECT id FROM claim_asset WHERE kind = ");
        ar_sql_text(&ids, list[i]->name);
        AR_TRY(ar_owners_resolve(ctx->engine, kinds, list[i], ids.ptr, ctx->now));
        AR_TRY(add_owners(ctx, list[i], "claim_is"));
    }
    if (sql == NULL)
        AR_TRY(ar_engine_run(ctx->engine,
                             AR_LIT("INSERT INTO claim_is SELECT kind, id, name, $1, 'claim'"
                                    " FROM claim_was"),
                             args, 1, NULL));
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT w.kind || ':' || w.id, w.name, w.owner, w.how, i.owner,"
                                  " i.how FROM claim_was w JOIN claim_is i USING (kind, id)"
                                  " ORDER BY w.kind, w.id"),
                           NULL, 0, &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    return ar_engine_exec(ctx->engine, "DROP TABLE claim_was; DROP TABLE claim_is;"
                                       " DROP TABLE claim_asset");
}

/* ---- operations ---- */

/* A claim of the same owner takes the place of the earlier: that is how one is renewed. */
static ar_err claim(ar_ctx *ctx, const ar_kinds *kinds, const ar_args *args, ar_str owner,
                    ar_reply *reply)
{
    ar_value row[] = { ar_text(owner), ar_text(ctx->who->name), ar_at(ctx->now) };
    bool dry = ar_arg_flag(args, "dry_run");

    AR_TRY(list_assets(ctx, kinds, args));
    if (!dry)
        AR_TRY(ar_engine_run(ctx->engine,
                             AR_LIT("DELETE FROM ar.claim WHERE owner = $1 AND (kind, id) IN"
                                    " (SELECT (kind, id) FROM claim_asset)"),
                             row, 1, NULL));
    AR_TRY(change(ctx, kinds,
                  dry ? NULL
                      : "INSERT INTO ar.claim SELECT DISTINCT kind, id, $1, $2, $3"
                        " FROM claim_asset",
                  row, AR_COUNT(row), reply));
    if (reply->rows == 0) ar_reply_note(reply, "There is no such asset; nothing was claimed.");
    if (dry) ar_reply_note(reply, "Nothing was changed: this is what would be.");
    ar_audit_add(ctx, "owner", ar_text(owner));
    ar_audit_add(ctx, "assets", ar_int(dry ? 0 : reply->rows));
    return ar_ok();
}

static ar_err run_claim(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_kinds kinds;
    ar_str owner;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(find_claimer(ctx, ar_arg_text(args, "for"), &owner));
    return claim(ctx, &kinds, args, owner, reply);
}

static ar_err run_assign(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_kinds kinds;
    ar_str owner;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(find_assigned(ctx, ar_arg_text(args, "to"), &owner));
    return claim(ctx, &kinds, args, owner, reply);
}

/* Claims on the list that are neither theirs nor their units'. */
static ar_err check_others(ar_ctx *ctx, ar_str me)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text(me);

    if (ar_person_may(ctx->who, ar_str_of(assign_grant))) return ar_ok();
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT c.kind, c.id, c.owner FROM ar.claim c"
                                  " JOIN claim_asset l ON l.kind = c.kind AND l.id = c.id"
                                  " WHERE c.owner <> $1 AND c.owner NOT IN"
                                  " (SELECT up FROM ar.owner_up WHERE id = $1)"
                                  " ORDER BY c.kind, c.id, c.owner LIMIT 1"),
                           &arg, 1, &rows));
    if (!ar_rows_next(rows)) return ar_ok();

    ar_str kind = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    ar_str id = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s);
    ar_str owner = ar_arena_copy(ctx->arena, ar_rows_get(rows, 2).s);
    return ar_fail(AR_DENIED,
                   "%.*s:%.*s is claimed for %.*s; want someone of theirs to release it, or who "
                   "holds %s",
                   AR_FMT(kind), AR_FMT(id), AR_FMT(owner), assign_grant);
}

static ar_err run_release(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_kinds kinds;
    int64_t free;
    ar_value n;
    bool known;
    ar_str me;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_owner_known(ctx->engine, ctx->who->name, ctx->arena, &me, &known));
    AR_TRY(list_assets(ctx, &kinds, args));
    AR_TRY(check_others(ctx, me));
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("DELETE FROM claim_asset WHERE (kind, id) NOT IN"
                                " (SELECT (kind, id) FROM ar.claim)"),
                         NULL, 0, &free));
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(*) FROM ar.claim WHERE (kind, id) IN"
                                  " (SELECT (kind, id) FROM claim_asset)"),
                           NULL, 0, ctx->arena, &n));
    if (n.i == 0)
        return ar_fail(AR_NOT_FOUND, "nobody claims any of that (`aright owner claims` shows what "
                                     "is claimed)");
    AR_TRY(change(ctx, &kinds,
                  "DELETE FROM ar.claim WHERE (kind, id) IN (SELECT (kind, id) FROM claim_asset)",
                  NULL, 0, reply));
    if (free > 0 && !ar_arg_has(args, "where"))
        ar_reply_note(reply, "%lld of them nobody claims.", (long long)free);
    ar_audit_add(ctx, "claims", n);
    return ar_ok();
}

static const ar_column claims_columns[] = {
    { "asset", AR_TEXT, 0, "KIND:ID" },
    { "owner", AR_TEXT, 0, "for whom it is claimed" },
    { "state", AR_TEXT, 0,
      "holds; outweighed by a later one; ageing: older than 180 days, or who made it has left; "
      "void: its owner has left" },
    { "who", AR_TEXT, 0, "who said so" },
    { "claimed_at", AR_TIME, 0, "when" },
    { 0 },
};

static ar_err run_claims(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value query[] = { ar_at(ctx->now), ar_at(ctx->now - AR_OWNER_CURRENT_DAYS * AR_DAY),
                         ar_text(ar_arg_text(args, "state")) };
    ar_own(ar_rows) rows = NULL;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("WITH away AS (SELECT owner FROM ar.owner_away WHERE since <= $1),"
               " judged AS (SELECT c.*, CASE WHEN c.owner IN (FROM away) THEN 'void'"
               "  WHEN c.claimed_at < max(c.claimed_at) FILTER (c.owner NOT IN (FROM away))"
               "   OVER (PARTITION BY c.kind, c.id) THEN 'outweighed'"
               "  WHEN c.claimed_at <= $2 OR coalesce(n.owner, c.who) IN (FROM away)"
               "  THEN 'ageing' ELSE 'holds' END AS state"
               "  FROM ar.claim c LEFT JOIN ar.owner_name n ON n.alias = lower(c.who))"
               " SELECT kind || ':' || id, owner, state, who, claimed_at FROM judged"
               " WHERE $3 = '' OR state = $3 ORDER BY claimed_at, kind, id, owner"),
        query, AR_COUNT(query), &rows));
    return ar_reply_rows(reply, rows);
}

#define ASSETS                                                                        \
    { "asset", AR_PARAM_TEXT, AR_POSITIONAL | AR_REPEATED, "KIND:ID", NULL },         \
        { "kind", AR_PARAM_TEXT, 0, "the kind of those that --where chooses", NULL }, \
    {                                                                                 \
        "where", AR_PARAM_TEXT, 0, "a condition in the expression language", NULL     \
    }
#define DRY_RUN                                                                      \
    {                                                                                \
        "dry_run", AR_PARAM_FLAG, 0, "say what would change and store nothing", NULL \
    }

static const ar_param claim_params[] = {
    { "for", AR_PARAM_TEXT, 0, "a team or division of yours; yourself when not given", NULL },
    DRY_RUN,
    ASSETS,
    { 0 },
};

static const ar_param assign_params[] = {
    { "to", AR_PARAM_TEXT, AR_REQUIRED, "a person, a team or a division", NULL },
    DRY_RUN,
    ASSETS,
    { 0 },
};

static const ar_param release_params[] = { ASSETS, { 0 } };

static const ar_param claims_params[] = {
    { "state", AR_PARAM_TEXT, 0, "in this state only", "holds outweighed ageing void" },
    { 0 },
};

const ar_op ar_claim_ops[] = {
    { .name = "owner.claim",
      .help = "say that assets are yours, or your team's",
      .more = "A claim is the first of all evidence. It stands until it is released, someone makes "
              "a later one, or its owner leaves; after 180 days it shows as ageing and wants to be "
              "made again. What else speaks for somebody is kept and shown.",
      .example = "aright owner claim app:payroll --for team:web",
      .effect = AR_CHANGES,
      .grant = "owner.claim",
      .event = "owner.claimed",
      .params = claim_params,
      .columns = claim_columns,
      .run = run_claim },
    { .name = "owner.assign",
      .help = "say whose assets are, for others",
      .example = "aright owner assign app:payroll --to team:web",
      .effect = AR_CHANGES,
      .grant = "owner.assign",
      .event = "owner.assigned",
      .params = assign_params,
      .columns = claim_columns,
      .run = run_assign },
    { .name = "owner.release",
      .help = "take back what was claimed or assigned",
      .more = "The owner is then found by what other evidence there is.",
      .example = "aright owner release app:payroll",
      .effect = AR_CHANGES,
      .grant = "owner.claim",
      .event = "owner.released",
      .params = release_params,
      .columns = claim_columns,
      .run = run_release },
    { .name = "owner.claims",
      .help = "list what is claimed, the oldest first",
      .none = "Nothing is claimed like that.",
      .example = "aright owner claims --state ageing",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = claims_params,
      .columns = claims_columns,
      .run = run_claims },
    { 0 },
};
