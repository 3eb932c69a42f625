#include "response/entry.h"

#include "estate/enter.h"

/* The columns of each kind, by name. What another system knows of a case (its CVE, its item in the
 * tracker, when customers were told), that system's connector brings. $1 the case, or NULL. */
static const struct {
    const char *kind, *sql;
} rows_of[] = {
    { "vcase", "SELECT id, title AS name, owner_id, criticality, opened_at AS created_at,"
               " CASE WHEN asset_kind = 'app' THEN asset_id END AS app_id, severity, opened_at,"
               " mitigated_at, due_at, at_risk_signalled_at, miss_reason, cwe_id, reporter"
               " FROM ar.case WHERE kind = 'vcase' AND ($1 IS NULL OR id = $1) ORDER BY number" },
    { "incident",
      "SELECT id, title AS name, owner_id, criticality, opened_at AS created_at, severity,"
      " opened_at AS declared_at, closed_at, learning_because AS no_learning_reason,"
      " CASE WHEN learning <> 'no' THEN 1 WHEN learning = 'no' THEN 0 END AS learnings_to_standard"
      " FROM ar.case WHERE kind = 'incident' AND ($1 IS NULL OR id = $1) ORDER BY number" },
};

/* Text may hold a value of any type; what is not known is nothing. */
static ar_node *node_of(ar_value value, ar_arena *arena)
{
    ar_node *node = ar_make(arena, ar_node);
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_NULL) return node;
    ar_value_print(&text, value);
    node->kind = AR_NODE_TEXT;
    node->text = ar_arena_copy(arena, ar_buf_str(&text));
    return node;
}

static ar_node *row_of(ar_rows *rows, ar_arena *arena)
{
    size_t n = ar_rows_width(rows);
    ar_node *row = ar_make(arena, ar_node);

    *row = (ar_node){ .kind = AR_NODE_MAP, .pairs = ar_make_n(arena, ar_pair, n), .n = n };
    for (size_t i = 0; i < n; i++)
        row->pairs[i] = (ar_pair){ .key = ar_arena_copy(arena, ar_rows_name(rows, i)),
                                   .value = node_of(ar_rows_get(rows, i), arena) };
    return row;
}

static ar_err read_rows(ar_ctx *ctx, const char *sql, ar_str id, ar_node ***out_items,
                        size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text_or_null(id);
    ar_node **items = NULL;
    size_t n = 0, cap = 0;

    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(sql), &arg, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(ctx->arena, items, n, cap);
        items[n++] = row_of(rows, ctx->arena);
    }
    *out_items = items;
    *out_n = n;
    return ar_ok();
}

ar_err ar_case_enter(ar_ctx *ctx, ar_str id)
{
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    for (size_t i = 0; i < AR_COUNT(rows_of); i++) {
        const ar_kind *kind;
        ar_node **items;
        size_t n;

        AR_TRY(read_rows(ctx, rows_of[i].sql, id, &items, &n));
        AR_TRY(ar_kinds_find(&kinds, ar_str_of(rows_of[i].kind), &kind));
        if (n > 0) AR_TRY(ar_enter_own(ctx, &kinds, kind, AR_LIT("cases"), items, n));
    }
    return ar_ok();
}
