#include "govern/metric.h"

#include "form/yaml.h"
#include "standard/field.h"
#include "standard/row.h"

static const char *const forms[] = { "ratio", "count", "cap", "floor", "cadence", "sum" };

const char *ar_metric_form_name(enum ar_metric_form form)
{
    return forms[form];
}

/* ---- reading ---- */

typedef struct reader {
    ar_fields fields;
    ar_arena *arena;
    ar_metric *to;
} reader;

/* Keys that only some forms have, and must have where they are needed. */
static const struct own_key {
    const char *key;
    unsigned forms, needed; /* bits of enum ar_metric_form */
    const char *of;
} own_keys[] = {
    { "numerator", 1 << AR_METRIC_RATIO | 1 << AR_METRIC_COUNT, 1 << AR_METRIC_RATIO,
      "a ratio or a count" },
    { "denominator", 1 << AR_METRIC_RATIO, 0, "a ratio" },
    { "value", 1 << AR_METRIC_CAP | 1 << AR_METRIC_FLOOR | 1 << AR_METRIC_SUM,
      1 << AR_METRIC_CAP | 1 << AR_METRIC_FLOOR | 1 << AR_METRIC_SUM, "a cap, a floor or a sum" },
    { "per", 1 << AR_METRIC_SUM, 0, "a sum" },
    { "since", 1 << AR_METRIC_CAP | 1 << AR_METRIC_FLOOR, 0, "a cap or a floor" },
    { "on_time", 1 << AR_METRIC_CADENCE, 1 << AR_METRIC_CADENCE, "a cadence" },
    { "target", ~0U, 1 << AR_METRIC_CAP | 1 << AR_METRIC_FLOOR, "any metric" },
};

static const ar_node *field(const reader *r, const char *key)
{
    return ar_node_get(r->fields.root, ar_str_of(key));
}

static ar_err check_keys(const reader *r)
{
    const char *form = ar_metric_form_name(r->to->form);
    unsigned bit = 1U << r->to->form;

    for (size_t i = 0; i < AR_COUNT(own_keys); i++) {
        const struct own_key *own = &own_keys[i];
        const ar_node *node = field(r, own->key);

        if (node != NULL && (own->forms & bit) == 0)
            return ar_node_fail(r->fields.file, node, "'%s' is for %s; this one is a %s", own->key,
                                own->of, form);
        if (node == NULL && (own->needed & bit) != 0)
            return ar_node_fail(r->fields.file, r->fields.root, "'%s' is missing; a %s has one",
                                own->key, form);
    }
    return ar_ok();
}

static ar_err read_identity(const reader *r, ar_str name)
{
    const ar_fields *f = &r->fields;
    ar_metric *m = r->to;
    ar_str form;

    AR_TRY(ar_fields_id(f, name, "a metric", &m->id));
    AR_TRY(ar_node_text(f->file, f->root, "title", true, &m->title));
    AR_TRY(ar_node_text(f->file, f->root, "report", true, &m->report));
    AR_TRY(ar_node_text(f->file, f->root, "unit", true, &m->unit));
    AR_TRY(ar_fields_word(f, f->root, "pillar", ar_pillars, AR_PILLARS, &m->pillar));
    AR_TRY(ar_fields_word(f, f->root, "form", forms, AR_COUNT(forms), &form));
    while (!ar_str_eq(form, ar_str_of(forms[m->form]))) m->form++;
    return check_keys(r);
}

/* A share is a part of 1: 0.95, not 95. */
static ar_err read_target(const reader *r)
{
    const ar_node *node = field(r, "target");
    bool share = r->to->form == AR_METRIC_RATIO || r->to->form == AR_METRIC_CADENCE;
    double target;

    if (node == NULL) return ar_ok();
    if (node->kind != AR_NODE_INT && node->kind != AR_NODE_DOUBLE)
        return ar_node_fail(r->fields.file, node, "target: want a number, found %s",
                            ar_node_kind_name(node->kind));
    r->to->target = node->kind == AR_NODE_INT ? ar_int(node->i) : ar_double(node->d);
    target = node->kind == AR_NODE_INT ? (double)node->i : node->d;
    if (share && !(target >= 0 && target <= 1))
        return ar_node_fail(r->fields.file, node, "target is %.*s; want a share from 0 to 1",
                            AR_FMT(node->text));
    return ar_ok();
}

static ar_err read_params(const reader *r)
{
    ar_standard *rule = &r->to->rule;
    ar_expr_param given[] = { { AR_LIT("asof"), ar_at(0) }, { AR_LIT("target"), r->to->target } };
    size_t n_given = r->to->target.type == AR_NULL ? 1 : 2;

    return ar_fields_params(&r->fields, given, n_given, &rule->params, &rule->n_params);
}

/* ---- expressions ---- */

/* NULL stays where the key is missing. */
static ar_err read_expr(const reader *r, const char *key, bool condition, const ar_expr **out)
{
    const ar_fields *f = &r->fields;
    const ar_standard *rule = &r->to->rule;
    const ar_node *node = field(r, key);
    ar_str text = { 0 };

    AR_TRY(ar_node_text(f->file, f->root, key, false, &text));
    if (text.ptr == NULL) return ar_ok();

    ar_expr_place place = { f->file, node->line, node->column };

    if (!condition)
        return ar_expr_parse(&rule->kind->scope, rule->params, rule->n_params, place, text,
                             f->arena, out);
    return ar_expr_parse_as(AR_BOOL, &rule->kind->scope, rule->params, rule->n_params, place, text,
                            f->arena, out);
}

/* An expression made of others that were read from `key`: how it is put together cannot fail, but
 * together they may be too long. */
static ar_err compose(const reader *r, const char *key, ar_str text, const ar_expr **out)
{
    const ar_standard *rule = &r->to->rule;
    const ar_node *node = field(r, key);
    ar_expr_place place = { r->fields.file, r->fields.root->line, r->fields.root->column };

    if (node != NULL) place.line = node->line, place.column = node->column;
    return ar_expr_parse(&rule->kind->scope, rule->params, rule->n_params, place, text, r->arena,
                         out);
}

static bool is_number(const ar_expr *expr)
{
    return ar_expr_type(expr) == AR_INT || ar_expr_type(expr) == AR_DOUBLE;
}

static ar_err want(const reader *r, const char *key, const ar_expr *expr, bool right,
                   const char *what)
{
    if (right) return ar_ok();
    return ar_node_fail(r->fields.file, field(r, key), "%s is %s; want %s", key,
                        ar_type_name(ar_expr_type(expr)), what);
}

/* A row says of itself how much of how much. It counts when that is all, and is not known when it
 * cannot be: what is more than the whole or below nothing. What is not known of it is in the whole
 * all the same. */
static ar_err read_weights(const reader *r)
{
    ar_metric *m = r->to;
    ar_str part = ar_standard_expr_text(m->part, r->arena), whole;

    AR_TRY(read_expr(r, "denominator", false, &m->whole));
    AR_TRY(want(r, "denominator", m->whole, ar_expr_type(m->whole) == AR_INT, "an int"));
    whole = ar_standard_expr_text(m->whole, r->arena);
    AR_TRY(compose(
        r, "numerator",
        ar_arena_printf(r->arena, "CASE WHEN (%.*s) BETWEEN 0 AND (%.*s) THEN (%.*s) >= (%.*s) END",
                        AR_FMT(part), AR_FMT(whole), AR_FMT(part), AR_FMT(whole)),
        &m->rule.pass));
    return compose(
        r, "denominator",
        ar_arena_printf(r->arena, "greatest((%.*s), (%.*s), 0)", AR_FMT(part), AR_FMT(whole)),
        &m->whole);
}

static ar_err read_ratio(const reader *r)
{
    ar_metric *m = r->to;
    const ar_node *denominator = field(r, "denominator");

    if (denominator == NULL) return read_expr(r, "numerator", true, &m->rule.pass);
    AR_TRY(read_expr(r, "numerator", false, &m->part));
    AR_TRY(want(r, "numerator", m->part, ar_expr_type(m->part) == AR_INT,
                "an int, or leave out the denominator: then rows are counted"));
    return read_weights(r);
}

static ar_err read_count(const reader *r)
{
    if (field(r, "numerator") != NULL) return read_expr(r, "numerator", true, &r->to->rule.pass);
    return compose(r, "where", AR_LIT("TRUE"), &r->to->rule.pass);
}

/* Days from one time to another are compared as times: the language does not subtract them. */
static ar_err read_days(const reader *r)
{
    ar_metric *m = r->to;
    ar_str value = ar_standard_expr_text(m->value, r->arena), since;

    AR_TRY(read_expr(r, "since", false, &m->since));
    AR_TRY(want(r, "since", m->since, ar_expr_type(m->since) == AR_TIME, "a time"));
    AR_TRY(want(r, "value", m->value, ar_expr_type(m->value) == AR_TIME,
                "a time, as there is 'since'"));
    if (m->target.type != AR_INT)
        return ar_node_fail(r->fields.file, field(r, "target"),
                            "target: want whole days, as there is 'since'");
    since = ar_standard_expr_text(m->since, r->arena);
    return compose(r, "value",
                   ar_arena_printf(r->arena, "(%.*s) %s (%.*s) + INTERVAL :target DAY",
                                   AR_FMT(value),
                                   m->form == AR_METRIC_CAP ? "<=" : ">=", AR_FMT(since)),
                   &m->rule.pass);
}

static ar_err read_bound(const reader *r)
{
    ar_metric *m = r->to;
    ar_str value;

    AR_TRY(read_expr(r, "value", false, &m->value));
    if (field(r, "since") != NULL) return read_days(r);
    AR_TRY(want(r, "value", m->value, is_number(m->value), "a number, or a time and 'since'"));
    value = ar_standard_expr_text(m->value, r->arena);
    return compose(r, "value",
                   ar_arena_printf(r->arena, "(%.*s) %s :target", AR_FMT(value),
                                   m->form == AR_METRIC_CAP ? "<=" : ">="),
                   &m->rule.pass);
}

/* A row that says less than nothing, or nothing, is not known. */
static ar_err read_sum(const reader *r)
{
    ar_metric *m = r->to;
    ar_str text;

    AR_TRY(read_expr(r, "value", false, &m->part));
    AR_TRY(want(r, "value", m->part, ar_expr_type(m->part) == AR_INT, "an int"));
    text = ar_standard_expr_text(m->part, r->arena);
    m->per = 1;
    AR_TRY(ar_node_int(r->fields.file, r->fields.root, "per", false, &m->per));
    if (m->per < 1)
        return ar_node_fail(r->fields.file, field(r, "per"), "per: want how many make one, from 1");
    AR_TRY(compose(r, "value", ar_arena_printf(r->arena, "greatest((%.*s), 0)", AR_FMT(text)),
                   &m->whole));
    return compose(r, "value",
                   ar_arena_printf(r->arena, "CASE WHEN (%.*s) >= 0 THEN TRUE END", AR_FMT(text)),
                   &m->rule.pass);
}

static ar_err read_form(const reader *r)
{
    switch (r->to->form) {
    case AR_METRIC_RATIO: return read_ratio(r);
    case AR_METRIC_COUNT: return read_count(r);
    case AR_METRIC_CAP:
    case AR_METRIC_FLOOR: return read_bound(r);
    case AR_METRIC_SUM: return read_sum(r);
    case AR_METRIC_CADENCE: break;
    }
    return read_expr(r, "on_time", true, &r->to->rule.pass);
}

/* ---- tests ---- */

static ar_err read_value(const reader *r, const ar_node *map, ar_value *out)
{
    const ar_node *node = ar_node_get(map, AR_LIT("value"));

    if (node == NULL)
        return ar_node_fail(r->fields.file, map,
                            "tests: 'value' is missing; null says that there is none");
    if (node->kind == AR_NODE_NULL) return ar_ok();
    if (node->kind != AR_NODE_INT && node->kind != AR_NODE_DOUBLE)
        return ar_node_fail(r->fields.file, node, "tests: 'value' is a number or null, found %s",
                            ar_node_kind_name(node->kind));
    *out = ar_double(node->kind == AR_NODE_INT ? (double)node->i : node->d);
    return ar_ok();
}

static ar_err read_int(const reader *r, const ar_node *map, const char *key, ar_value *out)
{
    if (ar_node_get(map, ar_str_of(key)) == NULL) return ar_ok();
    *out = ar_int(0);
    return ar_node_int(r->fields.file, map, key, true, &out->i);
}

static ar_err read_test(const reader *r, const ar_node *node, ar_metric_test *out)
{
    const ar_fields *f = &r->fields;
    ar_metric_test test = { .node = node };

    AR_TRY(AR_FIELDS_ONLY(f, node, "rows", "value", "numerator", "denominator", "unknown"));
    AR_TRY(ar_node_list(f->file, node, "rows", true, &test.rows));
    if (test.rows->n > AR_METRIC_TEST_ROWS_MAX)
        return ar_node_fail(f->file, test.rows, "tests: %d rows of one test are the most",
                            (int)AR_METRIC_TEST_ROWS_MAX);
    for (size_t i = 0; i < test.rows->n; i++)
        AR_TRY(ar_row_check(f->file, r->to->rule.kind, test.rows->items[i]));
    AR_TRY(read_value(r, node, &test.value));
    AR_TRY(read_int(r, node, "numerator", &test.numerator));
    AR_TRY(read_int(r, node, "denominator", &test.denominator));
    AR_TRY(read_int(r, node, "unknown", &test.unknown));
    *out = test;
    return ar_ok();
}

static ar_err read_tests(const reader *r)
{
    const ar_node *list = NULL;
    ar_metric_test *tests;

    AR_TRY(ar_node_list(r->fields.file, r->fields.root, "tests", true, &list));
    if (list->n == 0) return ar_node_fail(r->fields.file, list, "tests: want at least one");
    if (list->n > AR_METRIC_TESTS_MAX)
        return ar_node_fail(r->fields.file, list, "tests: %d are the most",
                            (int)AR_METRIC_TESTS_MAX);
    tests = ar_make_n(r->arena, ar_metric_test, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_test(r, list->items[i], &tests[i]));
    r->to->tests = tests;
    r->to->n_tests = list->n;
    return ar_ok();
}

ar_err ar_metric_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                       ar_arena *arena, ar_metric *out_metric)
{
    ar_form_limits limits = { .bytes_max = AR_STANDARD_BYTES_MAX };
    ar_metric to = { .file = ar_arena_copy(arena, file) };
    reader r = { .arena = arena, .to = &to };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    r.fields = (ar_fields){ to.file, root, arena };
    AR_TRY(AR_FIELDS_ONLY(&r.fields, root, "id", "title", "report", "pillar", "kind", "form",
                          "where", "numerator", "denominator", "value", "since", "on_time", "per",
                          "target", "unit", "params", "stale_after", "explain", "tests"));
    AR_TRY(read_identity(&r, name));
    AR_TRY(ar_fields_kind(&r.fields, kinds, &to.rule.kind));
    AR_TRY(read_target(&r));
    AR_TRY(read_params(&r));
    AR_TRY(ar_fields_span(&r.fields, root, "stale_after", false, &to.rule.stale_after));
    AR_TRY(read_expr(&r, "where", true, &to.rule.where));
    AR_TRY(read_form(&r));
    AR_TRY(ar_fields_explain(&r.fields, to.rule.kind, &to.explain, &to.n_explain));
    AR_TRY(read_tests(&r));
    *out_metric = to;
    return ar_ok();
}

/* ---- all of them ---- */

static int metric_order(const void *left, const void *right)
{
    const ar_metric *a = left, *b = right;

    return ar_id_order(a->id, b->id);
}

static ar_err read_metric(const ar_place_file *file, ar_str text, const void *kinds,
                          ar_arena *arena, void *out_one)
{
    ar_metric *one = out_one;

    AR_TRY(ar_metric_parse(ar_str_of(file->path), file->name, text, kinds, arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type metric_type = {
    .folder = "metrics",
    .one = "metric",
    .file_max = AR_STANDARD_BYTES_MAX,
    .size = sizeof(ar_metric),
    .name_at = offsetof(ar_metric, id),
    .order = metric_order,
    .read = read_metric,
};

ar_err ar_metrics_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                       ar_metrics *out_metrics)
{
    ar_definitions all;

    AR_TRY(ar_definitions_load(&metric_type, place, kinds, arena, &all));
    *out_metrics = (ar_metrics){ all.list, all.n, all.bad, all.n_bad };
    return ar_ok();
}

ar_err ar_metrics_find(const ar_metrics *metrics, ar_str id, const ar_metric **out_one)
{
    ar_definitions all = { metrics->list, metrics->n, metrics->bad, metrics->n_bad };
    const void *one;

    AR_TRY(ar_definitions_find(&metric_type, &all, id, &one));
    *out_one = one;
    return ar_ok();
}
