#include "govern/metric.h"

#include "form/yaml.h"
#include "govern/metric_tests.h"
#include "standard/made.h"
#include "t.h"

typedef struct world {
    ar_arena arena;
    ar_place place;
    ar_kinds kinds;
    ar_engine *engine;
} world;

static void world_done(world *w)
{
    ar_engine_free(&w->engine);
    ar_arena_done(&w->arena);
}

/* The shipped kinds and metrics, and an engine with nothing in it. */
static void world_init(world *w)
{
    ar_engine_options options = { .threads = 1, .memory_bytes = UINT64_C(1) << 28 };

    w->place = (ar_place){ .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    T_TRUE(w->place.data != NULL);
    T_OK(ar_kinds_load(&w->place, &w->arena, &w->kinds));
    T_OK(ar_engine_open(&options, &w->engine));
    T_OK(ar_expr_opened(w->engine));
}

static ar_metrics shipped(world *w)
{
    ar_metrics metrics = { 0 };

    T_OK(ar_metrics_load(&w->place, &w->kinds, &w->arena, &metrics));
    return metrics;
}

/* A metric of tokens; `rest` says what it is and how it is tried. */
static ar_err parse(world *w, const char *rest, ar_metric *out)
{
    ar_str text = ar_arena_printf(&w->arena,
                                  "id: T-1\ntitle: A number\nreport: Some.\npillar: tenants\n"
                                  "kind: pat\nunit: tokens\nexplain: [created_at]\n%s\n",
                                  rest);

    return ar_metric_parse(AR_LIT("T-1.yaml"), AR_LIT("T-1"), text, &w->kinds, &w->arena, out);
}

static ar_metric metric(world *w, const char *rest)
{
    ar_metric m = { 0 };

    T_OK(parse(w, rest, &m));
    return m;
}

/* What the rows of the one test come to, as SQL; the evaluator says the same. */
static ar_measure measure(world *w, const char *rest)
{
    ar_metric m = metric(w, rest);
    ar_metric_result *results = NULL;

    T_OK(ar_metric_run_tests(&m, w->engine, &w->arena, &results));
    T_TRUE(ar_metric_result_ok(&results[0]));
    return results[0].sql;
}

/* ---- what is shipped ---- */

TEST(every_shipped_metric_comes_to_what_its_tests_say_in_c_and_as_sql)
{
    ar_auto(world) w = { 0 };
    ar_metrics metrics;

    world_init(&w);
    metrics = shipped(&w);
    T_INT(metrics.n_bad, 0);
    T_INT(metrics.n, 26);
    for (size_t i = 0; i < metrics.n; i++) {
        const ar_metric *m = &metrics.list[i];
        ar_metric_result *results = NULL;

        T_TRUE(m->shipped);
        T_OK(ar_metric_run_tests(m, w.engine, &w.arena, &results));
        for (size_t k = 0; k < m->n_tests; k++) {
            if (!ar_metric_result_ok(&results[k]))
                printf("# %.*s:%u\n", AR_FMT(m->id), m->tests[k].node->line);
            T_TRUE(ar_metric_result_ok(&results[k]));
        }
    }
}

/* ---- any rows ---- */

static bool is_used(const ar_metric *m, ar_str column)
{
    const ar_expr *exprs[] = { m->rule.where, m->rule.pass, m->part, m->whole, m->value, m->since };

    for (size_t i = 0; i < AR_COUNT(exprs); i++)
        if (exprs[i] != NULL && ar_expr_uses(exprs[i], column)) return true;
    return ar_str_eq(column, AR_LIT("deleted_at")) || ar_str_eq(column, AR_LIT("last_seen"));
}

/* A value that some shipped metric asks for, or none of them. */
static void add_random(ar_buf *out, enum ar_type type, t_random *r)
{
    static const char *const texts[] = { "production", "video",  "legacy",   "eu",
                                         "device",     "weekly", "standard", "x" };
    static const char *const times[] = { "-1h", "-25h", "-10d", "-100d", "-400d", "+6d" };
    static const char *const numbers[] = { "0", "1", "2", "7", "730", "-5", "9223372036854775807" };

    switch (type) {
    case AR_BOOL: return ar_buf_addz(out, t_below(r, 3) > 0 ? "true" : "false");
    case AR_TEXT: return ar_buf_addz(out, texts[t_below(r, AR_COUNT(texts))]);
    case AR_TIME: return ar_buf_addz(out, times[t_below(r, AR_COUNT(times))]);
    case AR_NULL:
    case AR_INT:
    case AR_DOUBLE: break;
    }
    ar_buf_addz(out, numbers[t_below(r, AR_COUNT(numbers))]);
}

static const ar_node *random_rows(world *w, const ar_metric *m, t_random *r)
{
    const ar_kind *kind = m->rule.kind;
    ar_auto(ar_buf) text = { 0 };
    ar_node *rows = NULL;

    for (int i = 0; i < 40; i++) {
        ar_buf_addf(&text, "- {id: row-%d", i);
        for (size_t k = 0; k < kind->n_columns; k++) {
            ar_str name = kind->columns[k].name;
            bool rare = ar_str_eq(name, AR_LIT("deleted_at"));

            if (!is_used(m, name) || t_below(r, 6) < (rare ? 5 : 1)) continue;
            ar_buf_addf(&text, ", %.*s: ", AR_FMT(name));
            add_random(&text, kind->columns[k].type, r);
        }
        ar_buf_addz(&text, "}\n");
    }
    T_OK(ar_yaml_parse(AR_LIT("rows"), ar_arena_copy(&w->arena, ar_buf_str(&text)), NULL, &w->arena,
                       &rows));
    return rows;
}

/* The rows behind a number add up to it. */
static void check_rows(world *w, const ar_metric *m, const ar_measure *want)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_value limit = ar_int(INT64_MAX / 4);
    ar_measure sum = { 0 };

    ar_measure_rows_sql(m, AR_METRIC_TEST_ASOF, true, &w->arena, &sql);
    T_OK(ar_engine_query(w->engine, ar_buf_str(&sql), &limit, 1, &rows));
    while (rows != NULL && ar_rows_next(rows)) {
        T_TRUE(ar_str_starts(ar_rows_get(rows, 0).s, m->rule.kind->name) ||
               ar_str_eq(m->rule.kind->name, AR_LIT("asset")));
        sum.rows++;
        sum.unknown += ar_str_eq(ar_rows_get(rows, 1).s, AR_LIT("unknown"));
        if (__builtin_add_overflow(sum.numerator, ar_rows_get(rows, 3).i, &sum.numerator))
            sum.numerator = INT64_MAX;
        if (__builtin_add_overflow(sum.denominator, ar_rows_get(rows, 4).i, &sum.denominator))
            sum.denominator = INT64_MAX;
    }
    T_INT(sum.rows, want->rows);
    T_INT(sum.unknown, want->unknown);
    T_INT(sum.numerator, want->numerator);
    T_INT(sum.denominator, want->denominator);
    if (m->part == NULL) T_INT(sum.rows, want->denominator);
}

TEST(any_rows_come_to_the_same_in_c_and_as_sql_and_are_listed_behind_the_number)
{
    ar_auto(world) w = { 0 };
    t_random random = { 7 };
    ar_metrics metrics;

    world_init(&w);
    metrics = shipped(&w);
    for (int round = 0; round < t_rounds(2, 40); round++)
        for (size_t i = 0; i < metrics.n; i++) {
            ar_metric m = metrics.list[i];
            ar_metric_test test = { .rows = random_rows(&w, &m, &random) };
            ar_metric_result *results = NULL;

            m.tests = &test;
            m.n_tests = 1;
            T_OK(ar_metric_run_tests(&m, w.engine, &w.arena, &results));
            test.value = results[0].row.value;
            T_TRUE(ar_metric_result_ok(&results[0]));
            check_rows(&w, &m, &results[0].sql);
        }
}

/* ---- forms ---- */

TEST(a_bound_is_met_when_all_is_known_and_broken_by_one_row)
{
    static const char cap[] =
        "form: cap\nvalue: expires_at\nsince: created_at\ntarget: 7\ntests: [{value: ";
    ar_auto(world) w = { 0 };
    static const struct {
        const char *rows;
        ar_value met;
    } cases[] = {
        { "null, rows: []}]", { AR_NULL, { 0 } } },
        { "6, rows: [{created_at: 0d, expires_at: +6d}]}]", { AR_BOOL, { true } } },
        { "6, rows: [{created_at: 0d, expires_at: +6d}, {created_at: 0d}]}]", { AR_NULL, { 0 } } },
        { "8, rows: [{created_at: 0d, expires_at: +8d}, {created_at: 0d}]}]",
          { AR_BOOL, { false } } },
    };

    world_init(&w);
    for (size_t i = 0; i < AR_COUNT(cases); i++)
        T_TRUE(
            ar_value_eq(measure(&w, ar_arena_printf(&w.arena, "%s%s", cap, cases[i].rows).ptr).met,
                        cases[i].met));
}

TEST(what_is_not_known_lifts_no_share_and_nothing_of_nothing_has_no_value)
{
    ar_auto(world) w = { 0 };
    ar_measure m;

    world_init(&w);
    m = measure(&w, "form: ratio\nnumerator: never_expires\ntarget: 0.5\n"
                    "tests: [{value: 0.25, rows: [{never_expires: true}, {}, {}, {}]}]");
    T_INT(m.unknown, 3);
    T_INT(m.denominator, 4);
    T_TRUE(m.met.type == AR_BOOL && !m.met.b);
    m = measure(&w, "form: ratio\nnumerator: never_expires\ntarget: 0.5\n"
                    "tests: [{value: null, rows: []}]");
    T_TRUE(m.value.type == AR_NULL && m.met.type == AR_NULL);
}

TEST(a_sum_is_what_is_known_of_each_row_in_the_unit_that_it_is_told_in)
{
    static const char days[] = "form: sum\nvalue: CASE WHEN never_expires THEN 90 WHEN NOT"
                               " never_expires THEN 30 END\nper: 60\n";
    ar_auto(world) w = { 0 };
    ar_measure m;

    world_init(&w);
    m = measure(&w, ar_arena_printf(&w.arena,
                                    "%starget: 3\ntests: [{value: 2, rows: [{never_expires: true},"
                                    " {never_expires: false}, {}]}]",
                                    days)
                        .ptr);
    T_INT(m.numerator, 120);
    T_INT(m.unknown, 1);
    T_TRUE(m.met.type == AR_BOOL && !m.met.b);
    m = measure(&w, ar_arena_printf(&w.arena, "%stests: [{value: 0, rows: []}]", days).ptr);
    T_TRUE(m.met.type == AR_NULL);
    m = measure(&w, "form: sum\nvalue: 0 - 5\n"
                    "tests: [{value: 0, unknown: 2, rows: [{}, {}]}]"); /* less than nothing */
    T_INT(m.numerator, 0);
}

TEST(facts_that_are_too_old_are_unknown_and_deletion_is_the_last_fact)
{
    ar_auto(world) w = { 0 };
    ar_measure m;

    world_init(&w);
    m = measure(&w, "form: ratio\nnumerator: never_expires\nstale_after: 24h\n"
                    "tests: [{value: 0.5, rows: [{never_expires: true},"
                    " {never_expires: true, last_seen: -2d}, {never_expires: true,"
                    " deleted_at: -1d}]}]");
    T_INT(m.unknown, 1);
    T_INT(m.rows, 2);
}

TEST(a_value_is_never_shown_better_than_it_is)
{
    ar_auto(world) w = { 0 };
    ar_metric ratio, cap;

    world_init(&w);
    ratio = metric(&w, "form: ratio\nnumerator: never_expires\ntarget: 1\n"
                       "tests: [{value: null, rows: []}]");
    cap = metric(&w, "form: cap\nvalue: expires_at\nsince: created_at\ntarget: 7\n"
                     "tests: [{value: null, rows: []}]");
    T_STR(ar_measure_text(&ratio, ar_double(0.99999), &w.arena), "99.9 %");
    T_STR(ar_measure_text(&ratio, ar_double(0.973), &w.arena), "97.3 %");
    T_STR(ar_measure_text(&ratio, ar_double(1), &w.arena), "100 %");
    T_STR(ar_measure_text(&ratio, ar_null(), &w.arena), "");
    T_STR(ar_measure_text(&cap, ar_double(7.01), &w.arena), "7.1 tokens");
    T_STR(ar_measure_target_text(&cap, &w.arena), "at most 7 tokens");
    T_STR(ar_measure_target_text(&ratio, &w.arena), "100 %");
}

/* ---- files ---- */

TEST(files_that_are_refused_say_where_and_what_would_be_right)
{
    static const char tests[] = "\ntests: [{value: 1, rows: []}]";
    static const struct {
        const char *rest, *says;
    } bad[] = {
        { "form: share",
          "T-1.yaml:8:7: form is 'share'; want ratio, count, cap, floor, cadence or sum" },
        { "form: ratio", "'numerator' is missing; a ratio has one" },
        { "form: cap\nvalue: 1", "'target' is missing; a cap has one" },
        { "form: cadence\nvalue: 1", "T-1.yaml:9:8: 'value' is for a cap, a floor or a sum; this "
                                     "one is a cadence" },
        { "form: ratio\nnumerator: never_expires\ntarget: 95", "want a share from 0 to 1" },
        { "form: ratio\nnumerator: never_expires\ntarget: all", "target: want a number" },
        { "form: ratio\nnumerator: never_expire", "did you mean 'never_expires'?" },
        { "form: ratio\nnumerator: scopes", "T-1.yaml:9:12:" },
        { "form: ratio\nnumerator: never_expires\ndenominator: 1",
          "numerator is bool; want an int" },
        { "form: ratio\nnumerator: 1 + 1\ndenominator: 1.0 * 2",
          "denominator is double; want an int" },
        { "form: ratio\nnumerator: 1 +\ndenominator: 1", "T-1.yaml:9:15:" },
        { "form: cap\ntarget: 1\nvalue: scopes", "value is text; want a number, or a time" },
        { "form: cap\ntarget: 1\nvalue: expires_at", "want a number, or a time and 'since'" },
        { "form: cap\ntarget: 1\nvalue: 1 + 1\nsince: created_at",
          "want a time, as there is 'since'" },
        { "form: cap\ntarget: 1.5\nvalue: expires_at\nsince: created_at", "want whole days" },
        { "form: sum", "'value' is missing; a sum has one" },
        { "form: sum\nvalue: 1.0 * 2", "value is double; want an int" },
        { "form: sum\nvalue: 1 + 1\nper: 0", "per: want how many make one, from 1" },
        { "form: count\nper: 2", "'per' is for a sum; this one is a count" },
        { "form: count\nparams: {target: 1}\ntarget: 2", "'target' is given already" },
        { "form: count\nwhere: scopes = :scope", "scope" },
        { "form: count\ngoal: 1", "'goal'" },
        { "form: count\nstale_after: soon", "stale_after" },
    };
    static const struct {
        const char *rest, *says;
    } bad_tests[] = {
        { "", "'tests' is missing" },
        { "tests: []", "tests: want at least one" },
        { "tests: [{rows: []}]", "'value' is missing; null says that there is none" },
        { "tests: [{value: 1}]", "'rows' is missing" },
        { "tests: [{value: some, rows: []}]", "'value' is a number or null" },
        { "tests: [{value: 1, numerator: 0.5, rows: []}]", "numerator" },
        { "tests: [{value: 1, rows: [{scope: 1}]}]", "did you mean 'scopes'?" },
        { "tests: [{value: 1, raws: []}]", "did you mean 'rows'?" },
    };
    ar_auto(world) w = { 0 };
    ar_metric m = { .n_tests = 77 };

    world_init(&w);
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(parse(&w, ar_arena_printf(&w.arena, "%s%s", bad[i].rest, tests).ptr, &m),
                AR_INVALID, bad[i].says);
    for (size_t i = 0; i < AR_COUNT(bad_tests); i++)
        T_FAILS(parse(&w, ar_arena_printf(&w.arena, "form: count\n%s", bad_tests[i].rest).ptr, &m),
                AR_INVALID, bad_tests[i].says);
    T_INT(m.n_tests, 77); /* a failure leaves the result alone */
}

TEST(a_metric_is_found_by_its_id_or_the_nearest_is_named)
{
    ar_auto(world) w = { 0 };
    const ar_metric *one = NULL;
    ar_metrics metrics;

    world_init(&w);
    metrics = shipped(&w);
    T_OK(ar_metrics_find(&metrics, AR_LIT("N-22b"), &one));
    T_STR(one->id, "N-22b");
    T_STR(metrics.list[1].id, "N-1"); /* as people count */
    T_STR(metrics.list[10].id, "N-10");
    T_FAILS(ar_metrics_find(&metrics, AR_LIT("N-22x"), &one), AR_NOT_FOUND, "did you mean 'N-22");
    T_FAILS(ar_metrics_find(&metrics, AR_LIT("tenants"), &one), AR_NOT_FOUND,
            "there is no metric 'tenants'");
}
