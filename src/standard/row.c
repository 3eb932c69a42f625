#include "standard/row.h"

/* ---- values of a row ---- */

static ar_err read_value(ar_str file, ar_str name, const ar_node *node, enum ar_type type,
                         ar_time asof, ar_value *out)
{
    ar_err err = ar_ok();

    if (node->kind == AR_NODE_NULL) return *out = ar_null(), ar_ok();
    if (type == AR_BOOL && node->kind == AR_NODE_BOOL) return *out = ar_bool(node->b), ar_ok();
    if (type == AR_INT && node->kind == AR_NODE_INT) return *out = ar_int(node->i), ar_ok();
    if (type == AR_DOUBLE && node->kind == AR_NODE_INT)
        return *out = ar_double((double)node->i), ar_ok();
    if (type == AR_DOUBLE && node->kind == AR_NODE_DOUBLE)
        return *out = ar_double(node->d), ar_ok();
    if (type == AR_TEXT && node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP)
        return *out = ar_text(node->text), ar_ok();
    if (type == AR_TIME && node->kind == AR_NODE_TEXT) {
        ar_time at;

        err = ar_time_parse_from(node->text, asof, &at);
        if (err.code == AR_OK) return *out = ar_at(at), ar_ok();
        return ar_node_fail(file, node, "%.*s: %.*s", AR_FMT(name), AR_FMT(ar_err_text(err)));
    }
    return ar_node_fail(file, node, "'%.*s' is %s, found %s", AR_FMT(name), ar_type_name(type),
                        ar_node_kind_name(node->kind));
}

static ar_err check_columns(ar_str file, const ar_expr_scope *scope, const ar_node *row)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_str *known = ar_make_n(&scratch, ar_str, scope->n_columns + scope->n_links);
    size_t n = 0;
    ar_value value;

    for (size_t i = 0; i < scope->n_columns; i++) known[n++] = scope->columns[i].name;
    for (size_t i = 0; i < scope->n_links; i++) known[n++] = scope->links[i].name;
    AR_TRY_WITH(ar_node_only(file, row, known, n), "a row of %.*s", AR_FMT(scope->what));
    for (size_t i = 0; i < row->n; i++) {
        const ar_pair *pair = &row->pairs[i];
        const ar_expr_column *column = ar_expr_column_find(scope, pair->key);

        if (column != NULL)
            AR_TRY(read_value(file, pair->key, pair->value, column->type, 0, &value));
    }
    return ar_ok();
}

ar_err ar_row_check(ar_str file, const ar_kind *kind, const ar_node *row)
{
    AR_TRY(check_columns(file, &kind->scope, row));
    for (size_t i = 0; i < row->n; i++) {
        const ar_expr_link *link = ar_expr_link_find(&kind->scope, row->pairs[i].key);
        const ar_node *list = row->pairs[i].value;

        if (link == NULL) continue;
        if (list->kind != AR_NODE_LIST)
            return ar_node_fail(file, list, "'%.*s' is a link; want a list of its rows",
                                AR_FMT(link->name));
        for (size_t k = 0; k < list->n; k++)
            AR_TRY(check_columns(file, link->target, list->items[k]));
    }
    return ar_ok();
}

/* ---- one row as values ---- */

ar_err ar_row_read(ar_str file, const ar_expr_scope *scope, const ar_node *node, ar_time asof,
                   ar_arena *arena, ar_row *out_row)
{
    ar_value *values = ar_make_n(arena, ar_value, scope->n_columns);

    for (size_t i = 0; i < scope->n_columns; i++) {
        const ar_expr_column *column = &scope->columns[i];
        const ar_node *value = ar_node_get(node, column->name);

        values[i] = ar_str_eq(column->name, AR_LIT("last_seen")) ? ar_at(asof) : ar_null();
        if (value != NULL)
            AR_TRY(read_value(file, column->name, value, column->type, asof, &values[i]));
    }
    *out_row = (ar_row){ file, scope, node, asof, values };
    return ar_ok();
}

ar_value *ar_row_cell(const ar_row *row, ar_str name)
{
    const ar_expr_column *column = ar_expr_column_find(row->scope, name);

    assert(column != NULL); /* links name columns that exist: the kind was checked */
    return &row->values[column - row->scope->columns];
}

/* ---- the C evaluator ---- */

static ar_err run(const ar_program *program, const ar_row *row, ar_arena *arena, ar_value *results);

/* How many linked rows there are for which the condition, whose parameters are bound, is true. */
static ar_err count_linked(const ar_program_input *input, const ar_row *row, ar_arena *arena,
                           ar_value *out)
{
    const ar_node *list = ar_node_get(row->node, input->link->name);
    const ar_program *where = NULL;
    int64_t n = 0;

    if (input->where != NULL) AR_TRY(ar_program_compile(&input->where, 1, NULL, 0, arena, &where));
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        ar_value truth = ar_bool(true);
        ar_row linked;

        AR_TRY(
            ar_row_read(row->file, input->link->target, list->items[i], row->asof, arena, &linked));
        if (where != NULL) AR_TRY(run(where, &linked, arena, &truth));
        n += truth.type == AR_BOOL && truth.b;
    }
    *out = ar_int(n);
    return ar_ok();
}

static ar_err run(const ar_program *program, const ar_row *row, ar_arena *arena, ar_value *results)
{
    size_t n;
    const ar_program_input *inputs = ar_program_inputs(program, &n);
    ar_value *args = ar_make_n(arena, ar_value, n);

    for (size_t i = 0; i < n; i++)
        if (inputs[i].link == NULL)
            args[i] = *ar_row_cell(row, inputs[i].column);
        else
            AR_TRY(count_linked(&inputs[i], row, arena, &args[i]));
    ar_program_row(program, args, arena, results);
    return ar_ok();
}

ar_err ar_row_eval(const ar_standard *standard, const ar_row *row, const ar_expr *const *exprs,
                   size_t n, ar_arena *arena, ar_value *results)
{
    const ar_expr_param *params = ar_standard_params(standard, row->asof, arena);
    const ar_program *program;

    AR_TRY(ar_program_compile(exprs, n, params, standard->n_params, arena, &program));
    return run(program, row, arena, results);
}

static int tri(ar_value value)
{
    return value.type == AR_NULL ? -1 : value.b;
}

static enum ar_state state_in(const ar_panel *panel, const ar_panel_slot *slot, const ar_row *row,
                              const ar_value *results)
{
    ar_value seen = *ar_row_cell(row, AR_LIT("last_seen"));
    ar_time limit = panel->limits[slot->age];
    bool old = limit != AR_TIME_MIN && (seen.type == AR_NULL || seen.i < limit);
    bool deleted = ar_row_cell(row, AR_LIT("deleted_at"))->type != AR_NULL;

    return ar_state_of(slot->where == AR_PANEL_EXPRS_MAX ? 1 : tri(results[slot->where]),
                       tri(results[slot->pass]), deleted, slot->names_deleted, old);
}

ar_err ar_row_verdict(const ar_panel *panel, const ar_row *row, ar_arena *arena,
                      int64_t *out_verdict)
{
    ar_value results[AR_PANEL_EXPRS_MAX];
    int64_t verdict = 0;

    AR_TRY(run(panel->program, row, arena, results));
    for (size_t i = 0; i < AR_SCAN_SLOTS; i++)
        if (panel->slots[i].used)
            verdict |= (int64_t)state_in(panel, &panel->slots[i], row, results) << (2 * i);
    *out_verdict = verdict;
    return ar_ok();
}

ar_err ar_row_judge(const ar_standard *standard, const ar_row *row, ar_arena *arena,
                    enum ar_state *out_state)
{
    const ar_panel *panel;
    int64_t verdict;

    AR_TRY(ar_panel_make(&standard, 1, row->asof, arena, &panel));
    AR_TRY(ar_row_verdict(panel, row, arena, &verdict));
    *out_state = (enum ar_state)(verdict & 3);
    return ar_ok();
}
