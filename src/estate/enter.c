#include "estate/enter.h"

#include "estate/intake.h"

ar_err ar_enter(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec, ar_str what,
                ar_node **items, size_t n, ar_import_result *out_result, ar_str *out_ignored)
{
    ar_connector by_name = { .name = spec->connector };
    ar_own(ar_intake) intake = NULL;
    ar_plan plan;

    ar_plan_make(&by_name, spec->kind, what, ctx->arena, &plan);
    AR_TRY(ar_intake_over(&plan, items, n, &intake));
    AR_TRY(ar_import(ctx, kinds, spec, ar_intake_feed(intake), out_result));
    *out_ignored = ar_arena_copy(ctx->arena, ar_intake_feed(intake)->ignored);
    return ar_ok();
}

ar_err ar_enter_own(ar_ctx *ctx, const ar_kinds *kinds, const ar_kind *kind, ar_str what,
                    ar_node **items, size_t n)
{
    ar_import_spec spec = { .kind = kind,
                            .connector = AR_LIT("aright"),
                            .source = AR_LIT("aright"),
                            .role = AR_ROLE_REGISTER,
                            .delta = true };
    ar_import_result result;
    ar_str ignored;

    return ar_enter(ctx, kinds, &spec, what, items, n, &result, &ignored);
}

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

void ar_enter_items(ar_rows *rows, ar_arena *arena, ar_node ***out_items, size_t *out_n)
{
    ar_node **items = NULL;
    size_t n = 0, cap = 0;

    while (ar_rows_next(rows)) {
        ar_grow(arena, items, n, cap);
        items[n++] = row_of(rows, arena);
    }
    *out_items = items;
    *out_n = n;
}
