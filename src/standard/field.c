#include "standard/field.h"

const char *const ar_pillars[AR_PILLARS] = { "identities", "tenants",  "networks",  "engineering",
                                             "monitoring", "response", "governance" };

int ar_pillar_rank(ar_str pillar)
{
    int rank = 0;

    while (!ar_str_eq(pillar, ar_str_of(ar_pillars[rank]))) rank++;
    return rank;
}

int ar_id_order(ar_str a, ar_str b)
{
    size_t i = 0, k = 0;

    while (i < a.len && k < b.len) {
        int64_t x = 0, y = 0;
        size_t from = i, to = k;

        while (i < a.len && a.ptr[i] >= '0' && a.ptr[i] <= '9') i++;
        while (k < b.len && b.ptr[k] >= '0' && b.ptr[k] <= '9') k++;
        if (i > from && k > to && ar_str_int(ar_str_cut(a, from, i), &x) &&
            ar_str_int(ar_str_cut(b, to, k), &y)) {
            if (x != y) return x < y ? -1 : 1;
            continue;
        }
        if (a.ptr[from] != b.ptr[to]) return a.ptr[from] < b.ptr[to] ? -1 : 1;
        i = from + 1, k = to + 1;
    }
    return (i < a.len) - (k < b.len);
}

/* ---- any field ---- */

ar_err ar_fields_only(const ar_fields *f, const ar_node *map, const char *const *names, size_t n)
{
    ar_str known[32];

    assert(n <= AR_COUNT(known));
    for (size_t i = 0; i < n; i++) known[i] = ar_str_of(names[i]);
    return ar_node_only(f->file, map, known, n);
}

ar_err ar_fields_word(const ar_fields *f, const ar_node *map, const char *key,
                      const char *const *words, size_t n, ar_str *out)
{
    const ar_node *node = ar_node_get(map, ar_str_of(key));
    ar_auto(ar_buf) known = { 0 };

    AR_TRY(ar_node_text(f->file, map, key, true, out));
    for (size_t i = 0; i < n; i++) {
        if (ar_str_eq(*out, ar_str_of(words[i]))) return ar_ok();
        ar_buf_addf(&known, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
    }
    return ar_node_fail(f->file, node, "%s is '%.*s'; want %s", key, AR_FMT(*out), known.ptr);
}

ar_err ar_fields_span(const ar_fields *f, const ar_node *map, const char *key, bool required,
                      int64_t *out)
{
    ar_str text = { 0 };
    ar_err err;

    AR_TRY(ar_node_text(f->file, map, key, required, &text));
    if (text.ptr == NULL) return ar_ok();
    err = ar_span_parse(text, out);
    if (err.code == AR_OK && *out <= 0) err = ar_fail(AR_INVALID, "want a length above zero");
    if (err.code != AR_OK)
        return ar_node_fail(f->file, ar_node_get(map, ar_str_of(key)), "%s: %.*s", key,
                            AR_FMT(ar_err_text(err)));
    return ar_ok();
}

ar_err ar_fields_texts(const ar_fields *f, const ar_node *map, const char *key, bool required,
                       const ar_str **out_texts, size_t *out_n)
{
    const ar_node *list = NULL;
    ar_str *texts;

    AR_TRY(ar_node_list(f->file, map, key, required, &list));
    if (list == NULL) return ar_ok();
    texts = ar_make_n(f->arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i]->kind != AR_NODE_TEXT)
            return ar_node_fail(f->file, list->items[i], "%s: want a text, found %s", key,
                                ar_node_kind_name(list->items[i]->kind));
        texts[i] = list->items[i]->text;
    }
    *out_texts = texts;
    *out_n = list->n;
    return ar_ok();
}

/* ---- fields that both have ---- */

static bool is_id(ar_str id)
{
    size_t dash = ar_str_find(id, '-');

    if (id.len > AR_FIELD_ID_MAX || dash == 0 || dash + 1 >= id.len) return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9',
             lower = c >= 'a' && c <= 'z';

        if (i < dash ? !upper : i > dash && !digit && !lower) return false;
    }
    return true;
}

ar_err ar_fields_id(const ar_fields *f, ar_str name, const char *what, ar_str *out_id)
{
    const ar_node *node = ar_node_get(f->root, AR_LIT("id"));

    AR_TRY(ar_node_text(f->file, f->root, "id", true, out_id));
    if (!is_id(*out_id))
        return ar_node_fail(f->file, node, "'%.*s' is no id of %s; want one like TN-3 or RR-1c",
                            AR_FMT(*out_id), what);
    if (name.len > 0 && !ar_str_eq(name, *out_id))
        return ar_node_fail(f->file, node,
                            "the id is '%.*s' and the file is named %.*s.yaml; want "
                            "the same name",
                            AR_FMT(*out_id), AR_FMT(name));
    return ar_ok();
}

ar_err ar_fields_kind(const ar_fields *f, const ar_kinds *kinds, const ar_kind **out_kind)
{
    ar_str name;
    ar_err err;

    AR_TRY(ar_node_text(f->file, f->root, "kind", true, &name));
    err = ar_kinds_find(kinds, name, out_kind);
    if (err.code != AR_OK)
        return ar_node_fail(f->file, ar_node_get(f->root, AR_LIT("kind")), "%.*s",
                            AR_FMT(ar_err_text(err)));
    return ar_ok();
}

/* A text that reads as a time is one: params have no other way to say so. */
static ar_err param_value(const ar_fields *f, const ar_pair *pair, ar_value *out)
{
    const ar_node *node = pair->value;
    ar_time at;

    switch (node->kind) {
    case AR_NODE_INT: *out = ar_int(node->i); return ar_ok();
    case AR_NODE_DOUBLE: *out = ar_double(node->d); return ar_ok();
    case AR_NODE_TEXT:
        *out = ar_time_parse(node->text, &at).code == AR_OK ? ar_at(at) : ar_text(node->text);
        return ar_ok();
    case AR_NODE_NULL:
    case AR_NODE_BOOL:
    case AR_NODE_LIST:
    case AR_NODE_MAP: break;
    }
    return ar_node_fail(f->file, node,
                        "the parameter '%.*s' is %s; want a number, a text or a time",
                        AR_FMT(pair->key), ar_node_kind_name(node->kind));
}

/* Whether it is given without the file's naming it. */
static bool is_given(const ar_expr_param *given, size_t n_given, ar_str name)
{
    for (size_t i = 0; i < n_given; i++)
        if (ar_str_eq(given[i].name, name)) return true;
    return false;
}

ar_err ar_fields_params(const ar_fields *f, const ar_expr_param *given, size_t n_given,
                        const ar_expr_param **out_params, size_t *out_n)
{
    const ar_node *map = NULL;
    ar_expr_param *params;
    size_t n = n_given;

    AR_TRY(ar_node_map(f->file, f->root, "params", false, &map));
    params = ar_make_n(f->arena, ar_expr_param, n_given + (map == NULL ? 0 : map->n));
    memcpy(params, given, n_given * sizeof *params);
    for (size_t i = 0; map != NULL && i < map->n; i++) {
        ar_str name = map->pairs[i].key;

        if (is_given(given, n_given, name))
            return ar_node_fail(f->file, map->pairs[i].value,
                                "the parameter '%.*s' is given already; name it otherwise",
                                AR_FMT(name));
        params[n].name = name;
        AR_TRY(param_value(f, &map->pairs[i], &params[n++].value));
    }
    *out_params = params;
    *out_n = n;
    return ar_ok();
}

ar_err ar_fields_explain(const ar_fields *f, const ar_kind *kind, const ar_str **out_columns,
                         size_t *out_n)
{
    const ar_node *list = ar_node_get(f->root, AR_LIT("explain"));
    const ar_str *columns = NULL;
    ar_str *names, hint;
    size_t n = 0;

    AR_TRY(ar_fields_texts(f, f->root, "explain", true, &columns, &n));
    names = ar_make_n(f->arena, ar_str, kind->n_columns);
    for (size_t i = 0; i < kind->n_columns; i++) names[i] = kind->columns[i].name;
    for (size_t i = 0; i < n; i++) {
        ar_str near;

        if (ar_kind_column_find(kind, columns[i]) != NULL) continue;
        near = ar_str_nearest(columns[i], names, kind->n_columns);
        hint = near.len > 0
                   ? ar_arena_printf(f->arena, "did you mean '%.*s'?", AR_FMT(near))
                   : ar_arena_printf(f->arena, "`%.*s` names them", AR_FMT(kind->scope.shown_by));
        return ar_node_fail(f->file, list->items[i], "explain: '%.*s' is no column of %.*s; %.*s",
                            AR_FMT(columns[i]), AR_FMT(kind->scope.what), AR_FMT(hint));
    }
    *out_columns = columns;
    *out_n = n;
    return ar_ok();
}
