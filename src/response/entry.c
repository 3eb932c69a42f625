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

static ar_err read_rows(ar_ctx *ctx, const char *sql, ar_str id, ar_node ***out_items,
                        size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text_or_null(id);

    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(sql), &arg, 1, &rows));
    ar_enter_items(rows, ctx->arena, out_items, out_n);
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
