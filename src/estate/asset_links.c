#include "estate/estate.h"
#include "estate/ops.h"

#include "op/reply.h"

enum { SHOWN = 20 }; /* of one link */

/* One step from an asset: which rows of a kind have the values that it has. */
typedef struct step {
    ar_str link;
    const ar_kind *kind; /* of what is there */
    const ar_str *theirs, *ours;
    size_t n;
} step;

const ar_column ar_asset_link_columns[] = {
    { "link", AR_TEXT, 0, "its name in the kind's file" },
    { "asset", AR_TEXT, 0, "what is there, KIND:ID" },
    { "name", AR_TEXT, 0, "what people call it" },
    { "of", AR_INT, 0, "how many there are by this link; 20 at most are named" },
    { 0 },
};

/* What our columns hold. False where one of them is empty: that leads nowhere. */
static ar_err read_ours(ar_ctx *ctx, const ar_kind *kind, ar_value id, const step *s,
                        ar_value *values, bool *out_all)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    for (size_t i = 0; i < s->n; i++) {
        ar_buf_addz(&sql, i == 0 ? "SELECT " : ", ");
        ar_sql_name(&sql, s->ours[i]);
    }
    ar_buf_addz(&sql, " FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " WHERE id = $1");
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), &id, 1, &rows));
    *out_all = ar_rows_next(rows);
    for (size_t i = 0; i < s->n && *out_all; i++) {
        values[i] = ar_rows_get(rows, i);
        if (values[i].type == AR_TEXT) values[i].s = ar_arena_copy(ctx->arena, values[i].s);
        *out_all = values[i].type != AR_NULL;
    }
    return ar_ok();
}

static ar_err take_step(ar_ctx *ctx, const ar_kind *kind, ar_value id, const step *s,
                        ar_reply *reply)
{
    ar_value *values = ar_make_n(ctx->arena, ar_value, s->n + 1);
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };
    bool all;

    AR_TRY(read_ours(ctx, kind, id, s, values, &all));
    if (!all) return ar_ok();
    values[s->n] = ar_text(s->link);
    ar_buf_addf(&sql, "SELECT $%zu, '%.*s:' || id, name, count(*) OVER () FROM main.", s->n + 1,
                AR_FMT(s->kind->name));
    ar_sql_name(&sql, s->kind->name);
    for (size_t i = 0; i < s->n; i++) {
        ar_buf_addz(&sql, i == 0 ? " WHERE " : " AND ");
        ar_sql_name(&sql, s->theirs[i]);
        ar_buf_addf(&sql, " = $%zu", i + 1);
    }
    ar_buf_addf(&sql, " ORDER BY id LIMIT %d", (int)SHOWN);
    AR_TRY(ar_engine_query(ctx->engine, ar_buf_str(&sql), values, s->n + 1, &rows));
    return ar_reply_rows(reply, rows);
}

/* By the links of its kind. */
static ar_err go_out(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_value id,
                     ar_reply *reply)
{
    for (size_t i = 0; i < kind->scope.n_links; i++) {
        const ar_expr_link *l = &kind->scope.links[i];
        step s = { .link = l->name, .theirs = l->theirs, .ours = l->ours, .n = l->n };

        AR_TRY(ar_kinds_find(kinds, l->table, &s.kind));
        AR_TRY(take_step(ctx, kind, id, &s, reply));
    }
    return ar_ok();
}

/* By those of other kinds, which lead to it. */
static ar_err go_back(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_value id,
                      ar_reply *reply)
{
    for (size_t i = 0; i < kinds->n; i++) {
        const ar_kind *from = &kinds->list[i];

        for (size_t k = 0; k < from->scope.n_links; k++) {
            const ar_expr_link *l = &from->scope.links[k];
            step s = {
                .link = l->name, .kind = from, .theirs = l->ours, .ours = l->theirs, .n = l->n
            };

            if (ar_str_eq(l->table, kind->name)) AR_TRY(take_step(ctx, kind, id, &s, reply));
        }
    }
    return ar_ok();
}

ar_err ar_asset_run_links(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_kind *kind;
    ar_kinds kinds;
    ar_str id;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(ar_ops_asset(ctx, &kinds, ar_arg_text(args, "asset"), &kind, &id));
    AR_TRY(go_out(ctx, &kinds, kind, ar_text(id), reply));
    return go_back(ctx, &kinds, kind, ar_text(id), reply);
}
