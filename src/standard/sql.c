#include "standard/standard.h"

static void add_truth(ar_buf *out, const ar_expr *expr, enum ar_dialect dialect,
                      const ar_expr_param *params, size_t n)
{
    ar_buf_addc(out, '(');
    ar_expr_sql(expr, dialect, params, n, AR_LIT("a"), out);
    ar_buf_addc(out, ')');
}

void ar_standard_sql(const ar_standard *standard, enum ar_dialect dialect, ar_time asof, bool gone,
                     ar_arena *arena, ar_buf *out)
{
    const ar_expr_param *params = ar_standard_params(standard, asof, arena);
    size_t n = standard->n_params;
    char at[AR_TIME_LEN];

    ar_buf_addz(out, "CASE");
    if (!ar_standard_names_deleted(standard))
        ar_buf_addz(out, "\n  WHEN a.\"deleted_at\" IS NOT NULL THEN 0");
    if (standard->where != NULL) {
        ar_buf_addz(out, "\n  WHEN NOT ");
        add_truth(out, standard->where, dialect, params, n);
        ar_buf_addz(out, " THEN 0\n  WHEN ");
        add_truth(out, standard->where, dialect, params, n);
        ar_buf_addz(out, " IS NULL THEN 3");
    }
    if (gone) ar_buf_addz(out, "\n  WHEN a.\"deleted_at\" IS NULL AND a.\"gone\" THEN 3");
    if (standard->stale_after > 0)
        ar_buf_addf(out,
                    "\n  WHEN a.\"deleted_at\" IS NULL AND coalesce(a.\"last_seen\" < "
                    "TIMESTAMP '%s', TRUE) THEN 3",
                    ar_time_print(asof - standard->stale_after, at));
    ar_buf_addz(out, "\n  WHEN ");
    add_truth(out, standard->pass, dialect, params, n);
    ar_buf_addz(out, " THEN 1\n  WHEN NOT ");
    add_truth(out, standard->pass, dialect, params, n);
    ar_buf_addz(out, " THEN 2\n  ELSE 3\nEND");
}
