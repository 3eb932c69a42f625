#include "gate/proposal.h"

#include "estate/intake.h"

ar_err ar_proposal_read(ar_str what, const ar_kind *kind, const ar_node *document, ar_time asof,
                        ar_arena *arena, ar_row *out_row)
{
    AR_TRY(ar_row_check(what, kind, document));
    return ar_row_read(what, &kind->scope, document, asof, arena, out_row);
}

static ar_err check_kind(const ar_kind *kind, const ar_connector *connector, const ar_kinds *kinds)
{
    ar_str asked = connector->kind.len == 0 ? kind->name : (ar_str){ 0 };
    const ar_kind *brings;

    AR_TRY(ar_connector_kind(connector, kinds, asked, &brings));
    if (ar_str_eq(brings->name, kind->name)) return ar_ok();
    return ar_fail(AR_INVALID, "connector %.*s brings the kind %.*s, and the gate judges %.*s",
                   AR_FMT(connector->name), AR_FMT(brings->name), AR_FMT(kind->name));
}

static void take_row(const ar_feed *feed, const ar_vector *columns, ar_arena *arena, ar_row *row)
{
    for (size_t i = 0; i < feed->n_columns; i++) {
        const ar_expr_column *to = ar_expr_column_find(row->scope, feed->columns[i].name);

        if (to == NULL || !ar_vector_has(&columns[i], 0)) continue;
        row->values[to - row->scope->columns] =
            ar_value_copy(arena, ar_vector_value(&columns[i], 0));
    }
}

/* The one row of the feed. */
static ar_err take_only(const ar_feed *feed, ar_str what, const ar_connector *connector,
                        ar_arena *arena, ar_row *row)
{
    const ar_vector *columns;
    size_t n, rows = 0;

    do {
        AR_TRY(feed->next(feed->self, &columns, &n));
        if (rows == 0 && n > 0) take_row(feed, columns, arena, row);
        rows += n;
    } while (n > 0);
    if (rows == 1) return ar_ok();
    return ar_fail(AR_INVALID, "%.*s: connector %.*s finds %zu things in it; a gate judges one",
                   AR_FMT(what), AR_FMT(connector->name), rows);
}

ar_err ar_proposal_map(ar_str what, const ar_kind *kind, const ar_connector *connector,
                       const ar_kinds *kinds, const ar_node *document, ar_time asof,
                       ar_arena *arena, ar_row *out_row)
{
    const ar_node *nothing = ar_make(arena, ar_node);
    ar_own(ar_intake) intake = NULL;
    ar_plan plan;

    AR_TRY(check_kind(kind, connector, kinds));
    ar_plan_make(connector, kind, what, arena, &plan);
    plan.bad_rows_max = 0; /* what cannot be read is not passed over here */
    AR_TRY(ar_row_read(what, &kind->scope, nothing, asof, arena, out_row));
    AR_TRY(ar_intake_of(&plan, document, &intake));
    return take_only(ar_intake_feed(intake), what, connector, arena, out_row);
}
