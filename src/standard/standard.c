#include "standard/standard.h"

#include "form/hash.h"
#include "form/yaml.h"
#include "standard/field.h"
#include "standard/row.h"

const char *ar_state_name(enum ar_state state)
{
    static const char *const names[] = { "out", "pass", "fail", "unknown" };

    return names[state];
}

enum ar_state ar_state_of(int where, int pass, bool deleted, bool names_deleted, bool old)
{
    if (where == 0 || (deleted && !names_deleted)) return AR_OUT;
    if (where < 0 || pass < 0 || (old && !deleted)) return AR_UNKNOWN;
    return pass ? AR_PASS : AR_FAIL;
}

/* ---- reading ---- */

typedef struct reader {
    ar_fields fields;
    ar_str file;
    const ar_node *root;
    ar_arena *arena;
    ar_standard *to;
} reader;

static ar_err read_identity(reader *r, ar_str name)
{
    ar_standard *s = r->to;
    ar_str class;

    AR_TRY(ar_fields_id(&r->fields, name, "a standard", &s->id));
    AR_TRY(AR_FIELDS_WORD(&r->fields, r->root, "class", &class, "standard", "practice"));
    s->practice = ar_str_eq(class, AR_LIT("practice"));
    AR_TRY(ar_node_text(r->file, r->root, "title", true, &s->title));
    AR_TRY(ar_node_text(r->file, r->root, "statement", true, &s->statement));
    AR_TRY(ar_node_text(r->file, r->root, "right", true, &s->right));
    AR_TRY(ar_node_text(r->file, r->root, "owner", true, &s->owner));
    return ar_fields_word(&r->fields, r->root, "pillar", ar_pillars, AR_PILLARS, &s->pillar);
}

static ar_err read_risk(reader *r)
{
    ar_standard *s = r->to;

    AR_TRY(ar_node_int(r->file, r->root, "risk", true, &s->risk));
    if (s->risk < 1 || s->risk > AR_STANDARD_RISK_MAX)
        return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("risk")),
                            "risk is %lld; want 1 (low) to %d", (long long)s->risk,
                            (int)AR_STANDARD_RISK_MAX);
    return ar_ok();
}

static ar_err read_issued(reader *r)
{
    ar_str text = { 0 };
    ar_err err;

    AR_TRY(ar_node_text(r->file, r->root, "issued", false, &text));
    if (text.ptr == NULL) return ar_ok();
    r->to->has_issued = true;
    err = ar_time_parse(text, &r->to->issued);
    if (err.code != AR_OK)
        return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("issued")), "issued: %.*s",
                            AR_FMT(ar_err_text(err)));
    return ar_ok();
}

static ar_err read_retired(reader *r)
{
    const ar_node *map = NULL;
    ar_str at = { 0 };
    ar_err err;

    AR_TRY(ar_node_map(r->file, r->root, "retired", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "at", "because"));
    AR_TRY(ar_node_text(r->file, map, "at", true, &at));
    AR_TRY(ar_node_text(r->file, map, "because", true, &r->to->retired_because));
    err = ar_time_parse(at, &r->to->retired);
    if (err.code != AR_OK)
        return ar_node_fail(r->file, ar_node_get(map, AR_LIT("at")), "retired: %.*s",
                            AR_FMT(ar_err_text(err)));
    r->to->has_retired = true;
    return ar_ok();
}

static ar_err read_params(reader *r)
{
    ar_expr_param given[] = { { AR_LIT("asof"), ar_at(0) },
                              { AR_LIT("issued"), ar_at(r->to->issued) } };

    return ar_fields_params(&r->fields, given, r->to->has_issued ? 2 : 1, &r->to->params,
                            &r->to->n_params);
}

static ar_err parse_expr(reader *r, const ar_node *node, ar_str text, const ar_expr **out)
{
    ar_expr_place place = { r->file, node->line, node->column };

    return ar_expr_parse(&r->to->kind->scope, r->to->params, r->to->n_params, place, text, r->arena,
                         out);
}

static ar_err read_condition(reader *r, const char *key, bool required, const ar_expr **out)
{
    const ar_node *node = ar_node_get(r->root, ar_str_of(key));
    ar_str text = { 0 };

    AR_TRY(ar_node_text(r->file, r->root, key, required, &text));
    if (text.ptr == NULL) return ar_ok();
    return ar_expr_parse_as(AR_BOOL, &r->to->kind->scope, r->to->params, r->to->n_params,
                            (ar_expr_place){ r->file, node->line, node->column }, text, r->arena,
                            out);
}

/* `share: numerator / denominator`; the first slash outside parentheses and quotes parts them. */
static ar_err read_share(reader *r)
{
    const ar_node *node = ar_node_get(r->root, AR_LIT("share"));
    ar_str text = { 0 };
    size_t slash = 0;
    int depth = 0;
    bool quoted = false;

    AR_TRY(ar_node_text(r->file, r->root, "share", false, &text));
    if (text.ptr == NULL) return ar_ok();
    for (; slash < text.len; slash++) {
        char c = text.ptr[slash];

        if (c == '\'') quoted = !quoted;
        if (!quoted && c == '(') depth++;
        if (!quoted && c == ')') depth--;
        if (!quoted && depth == 0 && c == '/') break;
    }
    if (slash == text.len)
        return ar_node_fail(r->file, node, "share: want 'numerator / denominator'");
    AR_TRY(parse_expr(r, node, ar_str_cut(text, 0, slash), &r->to->numerator));
    AR_TRY(parse_expr(r, node, ar_str_cut(text, slash + 1, text.len), &r->to->denominator));
    for (int part = 0; part < 2; part++) {
        enum ar_type type = ar_expr_type(part == 0 ? r->to->numerator : r->to->denominator);

        if (type != AR_INT && type != AR_DOUBLE)
            return ar_node_fail(r->file, node, "share: the %s is %s; want a number",
                                part == 0 ? "numerator" : "denominator", ar_type_name(type));
    }
    return ar_ok();
}

/* ---- start, stay, get, waiver, maps ---- */

static ar_err read_start(reader *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "start", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "template"));
    return ar_node_text(r->file, map, "template", true, &r->to->template);
}

static ar_err read_stay(reader *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "stay", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "gate", "mode", "on_error", "needs"));
    AR_TRY(AR_FIELDS_WORD(&r->fields, map, "needs", &r->to->needs, "row", "lookup", "none"));
    if (ar_str_eq(r->to->needs, AR_LIT("none")) && map->n == 1) return ar_ok();
    AR_TRY(ar_fields_texts(&r->fields, map, "gate", true, &r->to->gates, &r->to->n_gates));
    AR_TRY(AR_FIELDS_WORD(&r->fields, map, "mode", &r->to->mode, "deny", "warn", "audit"));
    return AR_FIELDS_WORD(&r->fields, map, "on_error", &r->to->on_error, "closed", "open");
}

static ar_err read_get(reader *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "get", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "due", "action"));
    AR_TRY(ar_fields_span(&r->fields, map, "due", true, &r->to->due));
    return ar_node_text(r->file, map, "action", true, &r->to->action);
}

static ar_err read_waiver(reader *r)
{
    const ar_node *map = NULL;
    ar_str approver;

    AR_TRY(ar_node_map(r->file, r->root, "waiver", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "max", "approver"));
    AR_TRY(ar_fields_span(&r->fields, map, "max", true, &r->to->waiver_max));
    AR_TRY(ar_node_text(r->file, map, "approver", true, &approver));
    if (ar_str_eq(approver, AR_LIT("domain"))) return ar_ok();
    return ar_node_fail(
        r->file, ar_node_get(map, AR_LIT("approver")),
        "approver is '%.*s'; want domain: who is accountable for the asset's domain",
        AR_FMT(approver));
}

/* The items of one catalog, behind those of the others. */
static ar_err read_map(reader *r, const ar_pair *catalog, ar_standard_map *maps)
{
    const ar_node *list = catalog->value;

    if (list->kind != AR_NODE_LIST)
        return ar_node_fail(r->file, list, "maps: want a list of numbers or names, found %s",
                            ar_node_kind_name(list->kind));
    for (size_t i = 0; i < list->n; i++) {
        const ar_node *item = list->items[i];

        if (item->kind != AR_NODE_INT && item->kind != AR_NODE_TEXT)
            return ar_node_fail(r->file, item, "maps: want a number or a name, found %s",
                                ar_node_kind_name(item->kind));
        if (r->to->n_maps == AR_STANDARD_MAPS_MAX)
            return ar_node_fail(r->file, item, "maps: %d are the most", (int)AR_STANDARD_MAPS_MAX);
        maps[r->to->n_maps++] = (ar_standard_map){ catalog->key, item->text };
    }
    return ar_ok();
}

static ar_err read_maps(reader *r)
{
    const ar_node *map = NULL;
    ar_standard_map *maps;

    AR_TRY(ar_node_map(r->file, r->root, "maps", false, &map));
    if (map == NULL) return ar_ok();
    r->to->maps = maps = ar_make_n(r->arena, ar_standard_map, AR_STANDARD_MAPS_MAX);
    for (size_t i = 0; i < map->n; i++) AR_TRY(read_map(r, &map->pairs[i], maps));
    return ar_ok();
}

static ar_err read_tests_of(reader *r, const ar_node *map, enum ar_state want,
                            ar_standard_test *tests, size_t *n)
{
    const ar_node *list = NULL;
    const char *key = ar_state_name(want);

    AR_TRY(ar_node_list(r->file, map, key, want != AR_OUT, &list));
    if (list == NULL) return ar_ok();
    if (list->n == 0) return ar_node_fail(r->file, list, "tests: want a row under '%s'", key);
    if (*n + list->n > AR_STANDARD_TESTS_MAX)
        return ar_node_fail(r->file, list, "tests: %d rows are the most",
                            (int)AR_STANDARD_TESTS_MAX);
    for (size_t i = 0; i < list->n; i++) {
        tests[(*n)++] = (ar_standard_test){ want, list->items[i] };
        AR_TRY(ar_row_check(r->file, r->to->kind, list->items[i]));
    }
    return ar_ok();
}

static ar_err read_tests(reader *r)
{
    ar_standard_test *tests = ar_make_n(r->arena, ar_standard_test, AR_STANDARD_TESTS_MAX);
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "tests", true, &map));
    AR_TRY(AR_FIELDS_ONLY(&r->fields, map, "pass", "fail", "unknown", "out"));
    for (int want = AR_OUT; want <= AR_UNKNOWN; want++)
        AR_TRY(read_tests_of(r, map, (enum ar_state)want, tests, &r->to->n_tests));
    r->to->tests = tests;
    return ar_ok();
}

/* ---- the hash of what decides a verdict ---- */

static void add_part(ar_buf *text, const char *name, const ar_expr *expr)
{
    ar_buf_addf(text, "%s ", name);
    if (expr != NULL) ar_expr_print(expr, text);
    ar_buf_addc(text, '\n');
}

static ar_str hash_of(const ar_standard *s, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "kind %.*s\nstale %lld\n", AR_FMT(s->kind->name), (long long)s->stale_after);
    add_part(&text, "where", s->where);
    add_part(&text, "pass", s->pass);
    add_part(&text, "numerator", s->numerator);
    add_part(&text, "denominator", s->denominator);
    for (size_t i = 1; i < s->n_params; i++) { /* without :asof */
        ar_buf_addf(&text, "%.*s %s ", AR_FMT(s->params[i].name),
                    ar_type_name(s->params[i].value.type));
        ar_value_print(&text, s->params[i].value);
        ar_buf_addc(&text, '\n');
    }
    return ar_sha256(ar_buf_str(&text), arena);
}

ar_err ar_standard_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                         ar_arena *arena, ar_standard *out_standard)
{
    ar_form_limits limits = { .bytes_max = AR_STANDARD_BYTES_MAX };
    ar_standard to = { .file = ar_arena_copy(arena, file) };
    reader r = { .file = to.file, .arena = arena, .to = &to };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    r.root = root;
    r.fields = (ar_fields){ to.file, root, arena };
    AR_TRY(AR_FIELDS_ONLY(&r.fields, root, "id", "class", "title", "statement", "pillar", "kind",
                          "where", "pass", "params", "explain", "right", "share", "issued",
                          "stale_after", "risk", "owner", "start", "stay", "get", "waiver", "maps",
                          "tests", "retired"));
    AR_TRY(read_identity(&r, name));
    AR_TRY(ar_fields_kind(&r.fields, kinds, &to.kind));
    AR_TRY(read_risk(&r));
    AR_TRY(read_issued(&r));
    AR_TRY(read_retired(&r));
    AR_TRY(ar_fields_span(&r.fields, root, "stale_after", false, &to.stale_after));
    AR_TRY(read_params(&r));
    AR_TRY(read_condition(&r, "where", false, &to.where));
    AR_TRY(read_condition(&r, "pass", true, &to.pass));
    AR_TRY(read_share(&r));
    AR_TRY(ar_fields_explain(&r.fields, to.kind, &to.explain, &to.n_explain));
    AR_TRY(read_start(&r));
    AR_TRY(read_stay(&r));
    AR_TRY(read_get(&r));
    AR_TRY(read_waiver(&r));
    AR_TRY(read_maps(&r));
    AR_TRY(read_tests(&r));
    to.hash = hash_of(&to, arena);
    *out_standard = to;
    return ar_ok();
}

/* ---- all of them ---- */

static int standard_order(const void *left, const void *right)
{
    const ar_standard *a = left, *b = right;
    int pillar = ar_pillar_rank(a->pillar) - ar_pillar_rank(b->pillar);

    if (a->practice != b->practice) return a->practice - b->practice;
    return pillar != 0 ? pillar : ar_id_order(a->id, b->id);
}

static ar_err read_standard(const ar_place_file *file, ar_str text, const void *kinds,
                            ar_arena *arena, void *out_one)
{
    ar_standard *one = out_one;

    AR_TRY(ar_standard_parse(ar_str_of(file->path), file->name, text, kinds, arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type standard_type = {
    .folder = "standards",
    .one = "standard",
    .file_max = AR_STANDARD_BYTES_MAX,
    .size = sizeof(ar_standard),
    .name_at = offsetof(ar_standard, id),
    .order = standard_order,
    .read = read_standard,
};

/* Those that are retired go behind the others, out of the list. */
static ar_standards part_retired(const ar_definitions *all, ar_arena *arena)
{
    const ar_standard *from = all->list;
    ar_standard *list = ar_make_n(arena, ar_standard, all->n), *retired = list + all->n;
    ar_standards to = { .list = list, .bad = all->bad, .n_bad = all->n_bad };

    for (size_t i = 0; i < all->n; i++)
        if (!from[i].has_retired) list[to.n++] = from[i];
    for (size_t i = all->n; i-- > 0;)
        if (from[i].has_retired) *--retired = from[i];
    to.retired = retired;
    to.n_retired = all->n - to.n;
    return to;
}

ar_err ar_standards_load(const ar_place *place, const ar_kinds *kinds, ar_arena *arena,
                         ar_standards *out_standards)
{
    ar_definitions all;

    AR_TRY(ar_definitions_load(&standard_type, place, kinds, arena, &all));
    *out_standards = part_retired(&all, arena);
    return ar_ok();
}

const ar_definition_bad *ar_standards_bad(const ar_standards *standards, ar_str id)
{
    return ar_definitions_bad(&(ar_definitions){ .bad = standards->bad, .n_bad = standards->n_bad },
                              id);
}

ar_err ar_standards_find(const ar_standards *standards, ar_str id, const ar_standard **out_one)
{
    ar_definitions all = { standards->list, standards->n, standards->bad, standards->n_bad };
    const void *one;

    for (size_t i = 0; i < standards->n_retired; i++) {
        const ar_standard *s = &standards->retired[i];
        char at[AR_TIME_LEN];

        if (ar_str_eq(s->id, id))
            return ar_fail(AR_NOT_FOUND, "%.*s was retired on %.10s: %.*s", AR_FMT(id),
                           ar_time_print(s->retired, at), AR_FMT(s->retired_because));
    }
    AR_TRY(ar_definitions_find(&standard_type, &all, id, &one));
    *out_one = one;
    return ar_ok();
}

const ar_expr_param *ar_standard_params(const ar_standard *standard, ar_time asof, ar_arena *arena)
{
    ar_expr_param *params = ar_make_n(arena, ar_expr_param, standard->n_params);

    memcpy(params, standard->params, standard->n_params * sizeof *params);
    params[0].value = ar_at(asof);
    return params;
}

ar_str ar_standard_expr_text(const ar_expr *expr, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    if (expr != NULL) ar_expr_print(expr, &text);
    return ar_arena_copy(arena, ar_buf_str(&text));
}

ar_str ar_standard_params_text(const ar_standard *standard, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 1; i < standard->n_params; i++) {
        ar_buf_addf(&text, "%s%.*s = ", i > 1 ? ", " : "", AR_FMT(standard->params[i].name));
        ar_value_print(&text, standard->params[i].value);
    }
    return ar_arena_copy(arena, ar_buf_str(&text));
}

bool ar_standard_names_deleted(const ar_standard *standard)
{
    return standard->where != NULL && ar_expr_uses(standard->where, AR_LIT("deleted_at"));
}
