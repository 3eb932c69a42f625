#include "govern/measure.h"

#include <math.h>

ar_err ar_measure_views(ar_engine *engine, ar_arena *arena, ar_map *out_views)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(engine,
                           AR_LIT("SELECT table_name, bool_or(column_name = 'gone')"
                                  " FROM information_schema.columns WHERE table_schema = 'main'"
                                  " GROUP BY table_name"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_str name = ar_arena_copy(arena, ar_rows_get(rows, 0).s);

        ar_map_put(out_views, arena, name, NULL)->n = ar_rows_get(rows, 1).b;
    }
    return ar_ok();
}

/* ---- from sums to a number ---- */

static bool is_bound(const ar_metric *metric)
{
    return metric->form == AR_METRIC_CAP || metric->form == AR_METRIC_FLOOR;
}

static double target_of(const ar_metric *metric)
{
    return metric->target.type == AR_INT ? (double)metric->target.i : metric->target.d;
}

/* A row that is not known lifts no share, and no count. Of a bound it leaves open whether it holds,
 * unless another row breaks it. */
static ar_value met(const ar_metric *metric, const ar_measure *measure)
{
    if (metric->target.type == AR_NULL || measure->value.type == AR_NULL) return ar_null();
    if (!is_bound(metric)) return ar_bool(measure->value.d >= target_of(metric));
    if (measure->numerator + measure->unknown < measure->denominator) return ar_bool(false);
    return measure->unknown > 0 ? ar_null() : ar_bool(true);
}

void ar_measure_judge(const ar_metric *metric, ar_value extreme, ar_measure *measure)
{
    switch (metric->form) {
    case AR_METRIC_COUNT: measure->value = ar_double((double)measure->numerator); break;
    case AR_METRIC_SUM:
        measure->value = ar_double((double)measure->numerator / (double)metric->per);
        break;
    case AR_METRIC_CAP:
    case AR_METRIC_FLOOR: measure->value = extreme; break;
    case AR_METRIC_RATIO:
    case AR_METRIC_CADENCE:
        measure->value = measure->denominator > 0
                             ? ar_double((double)measure->numerator / (double)measure->denominator)
                             : ar_null();
        break;
    }
    measure->met = met(metric, measure);
}

/* ---- in words ---- */

/* To one digit behind the point, and never to look better than it is: 99.96 % is not all, and 7.04
 * days are more than 7. What a double lacks of its tenth is no difference. */
static void add_number(ar_buf *out, double value, bool up)
{
    double tenths = up ? ceil(value * 10 - 1e-9) : floor(value * 10 + 1e-9);

    ar_buf_addf(out, fmod(tenths, 10) == 0 ? "%.0f" : "%.1f", tenths / 10);
}

ar_str ar_measure_text(const ar_metric *metric, ar_value value, ar_arena *arena)
{
    bool share = metric->form == AR_METRIC_RATIO || metric->form == AR_METRIC_CADENCE;
    ar_auto(ar_buf) out = { 0 };

    if (value.type == AR_NULL) return (ar_str){ 0 };
    add_number(&out, share ? value.d * 100 : value.d, metric->form == AR_METRIC_CAP);
    ar_buf_addf(&out, " %.*s", AR_FMT(share ? AR_LIT("%") : metric->unit));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

ar_str ar_measure_target_text(const ar_metric *metric, ar_arena *arena)
{
    ar_str text;

    if (metric->target.type == AR_NULL) return (ar_str){ 0 };
    text = ar_measure_text(metric, ar_double(target_of(metric)), arena);
    if (!is_bound(metric)) return text;
    return ar_arena_printf(arena, "at %s %.*s", metric->form == AR_METRIC_CAP ? "most" : "least",
                           AR_FMT(text));
}

/* ---- SQL ---- */

typedef struct printer {
    const ar_metric *metric;
    enum ar_dialect dialect;
    ar_time asof;
    const ar_expr_param *params;
    ar_buf *out;
} printer;

static void add_expr(const printer *p, const ar_expr *expr)
{
    ar_expr_sql(expr, p->dialect, p->params, p->metric->rule.n_params, AR_LIT("a"), p->out);
}

static void add_measured(const printer *p)
{
    const ar_metric *m = p->metric;

    if (m->value == NULL) return ar_buf_addz(p->out, "NULL");
    if (m->since == NULL) return add_expr(p, m->value);
    ar_buf_addz(p->out, "(epoch_us(");
    add_expr(p, m->value);
    ar_buf_addz(p->out, ") - epoch_us(");
    add_expr(p, m->since);
    ar_buf_addz(p->out, ")) / 86400e6");
}

/* A subquery of the rows in scope; `facts` also has their columns. Names of ours begin as no column
 * of a kind may. */
static void add_rows(const printer *p, bool facts, bool gone, ar_arena *arena)
{
    const ar_metric *m = p->metric;

    ar_buf_addz(p->out, "(SELECT * FROM (SELECT ");
    ar_standard_sql(&m->rule, p->dialect, p->asof, gone, arena, p->out);
    ar_buf_addz(p->out, " AS _state,\n  ");
    if (m->part == NULL)
        ar_buf_addz(p->out, "1 AS _part, 1 AS _whole");
    else {
        add_expr(p, m->part);
        ar_buf_addz(p->out, " AS _part, ");
        add_expr(p, m->whole);
        ar_buf_addz(p->out, " AS _whole");
    }
    ar_buf_addz(p->out, ",\n  ");
    add_measured(p);
    ar_buf_addz(p->out, " AS _measured");
    if (facts) ar_buf_addz(p->out, ", a.*");
    ar_buf_addz(p->out, "\nFROM ");
    ar_sql_name(p->out, m->rule.kind->name);
    ar_buf_addz(p->out, " a) WHERE _state <> 0)");
}

/* What the row adds to the numerator: where rows are counted, it counts or not; else what it says
 * of itself, if that can be. */
static const char *part_sql(const ar_metric *metric)
{
    return metric->part == NULL ? "CASE WHEN _state = 1 THEN 1 ELSE 0 END"
                                : "CASE WHEN _state < 3 THEN _part ELSE 0 END";
}

static void add_value(const ar_metric *metric, ar_buf *out)
{
    switch (metric->form) {
    case AR_METRIC_COUNT: return ar_buf_addz(out, "CAST(numerator AS DOUBLE)");
    case AR_METRIC_SUM: return ar_buf_addf(out, "numerator / %llde0", (long long)metric->per);
    case AR_METRIC_CAP:
    case AR_METRIC_FLOOR: return ar_buf_addz(out, "extreme");
    case AR_METRIC_RATIO:
    case AR_METRIC_CADENCE: break;
    }
    ar_buf_addz(out, "numerator / nullif(denominator, 0)");
}

/* It ends at the largest int, as in no estate that is. */
static void add_sum(const char *what, const char *name, ar_buf *out)
{
    ar_buf_addf(out, "CAST(least(coalesce(sum(%s), 0), 9223372036854775807) AS BIGINT) AS %s,\n  ",
                what, name);
}

static printer printer_of(const ar_metric *metric, enum ar_dialect dialect, ar_time asof,
                          ar_arena *arena, ar_buf *out)
{
    return (printer){ metric, dialect, asof, ar_standard_params(&metric->rule, asof, arena), out };
}

void ar_measure_sql(const ar_metric *metric, enum ar_dialect dialect, ar_time asof, bool gone,
                    ar_arena *arena, ar_buf *out)
{
    printer p = printer_of(metric, dialect, asof, arena, out);

    ar_buf_addz(out, "SELECT ");
    add_value(metric, out);
    ar_buf_addz(out, " AS value, numerator, denominator, unknown, rows\nFROM (SELECT ");
    add_sum(part_sql(metric), "numerator", out);
    add_sum("_whole", "denominator", out);
    ar_buf_addf(out,
                "  count(*) FILTER (WHERE _state = 3) AS unknown, count(*) AS rows,\n"
                "  CAST(%s(CASE WHEN _state < 3 THEN _measured END) AS DOUBLE) AS extreme\nFROM ",
                metric->form == AR_METRIC_CAP ? "max" : "min");
    add_rows(&p, false, gone, arena);
    ar_buf_addz(out, ")");
}

/* The rows of the kind `asset` are of many kinds. */
static void add_asset(const ar_metric *metric, ar_buf *out)
{
    const ar_kind *kind = metric->rule.kind;

    if (ar_str_eq(kind->name, AR_LIT("asset")))
        return ar_buf_addz(out, "\"kind\" || ':' || \"id\"");
    ar_sql_text(out, kind->name);
    ar_buf_addz(out, " || ':' || \"id\"");
}

void ar_measure_rows_sql(const ar_metric *metric, ar_time asof, bool gone, ar_arena *arena,
                         ar_buf *out)
{
    printer p = printer_of(metric, AR_SQL_DUCKDB, asof, arena, out);

    ar_buf_addz(out, "SELECT ");
    add_asset(metric, out);
    ar_buf_addf(out,
                ", CASE _state WHEN 1 THEN 'yes' WHEN 2 THEN 'no' ELSE 'unknown' END,"
                " \"owner_id\", %s, _whole,"
                " CASE WHEN _state < 3 THEN CAST(_measured AS DOUBLE) END",
                part_sql(metric));
    for (size_t i = 0; i < metric->n_explain; i++) {
        ar_buf_addz(out, ", ");
        ar_sql_name(out, metric->explain[i]);
    }
    ar_buf_addz(out, " FROM ");
    add_rows(&p, true, gone, arena);
    ar_buf_addf(out, " ORDER BY _state = 1, _state, _measured %s NULLS LAST, 1 LIMIT $1",
                metric->form == AR_METRIC_CAP ? "DESC" : "ASC");
}

/* ---- running it ---- */

ar_err ar_measure_run(const ar_metric *metric, ar_engine *engine, const ar_map *views, ar_time asof,
                      ar_arena *arena, ar_measure *out_measure)
{
    const ar_map_value *view = ar_map_get(views, metric->rule.kind->name);
    ar_value extreme = ar_null();
    ar_measure measure = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    if (view != NULL) {
        ar_measure_sql(metric, AR_SQL_DUCKDB, asof, view->n != 0, arena, &sql);
        AR_TRY(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
        ar_rows_next(rows);
        extreme = ar_rows_get(rows, 0);
        measure.numerator = ar_rows_get(rows, 1).i;
        measure.denominator = ar_rows_get(rows, 2).i;
        measure.unknown = ar_rows_get(rows, 3).i;
        measure.rows = ar_rows_get(rows, 4).i;
    }
    ar_measure_judge(metric, extreme, &measure);
    *out_measure = measure;
    return ar_ok();
}
