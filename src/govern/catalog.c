#include "govern/catalog.h"

#include "base/map.h"
#include "form/yaml.h"
#include "op/definitions.h"
#include "standard/field.h"

enum { NAME_MAX = 40, REF_MAX = 40 };

/* Lower-case letters, digits, '-' and '.': it stands in the id "csrb/6". */
static bool is_word(ar_str text, size_t max)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return text.len > 0 && text.len <= max;
}

static ar_err read_ref(const ar_fields *f, const ar_node *map, ar_str *out_ref)
{
    const ar_node *node = ar_node_get(map, AR_LIT("id"));

    if (node == NULL) return ar_node_fail(f->file, map, "'id' is missing");
    *out_ref = node->text; /* 6 is a number to YAML */
    if (is_word(*out_ref, REF_MAX)) return ar_ok();
    return ar_node_fail(f->file, node, "'%.*s' is no id of an obligation; want one like 6 or ac-2",
                        AR_FMT(*out_ref));
}

static ar_err read_declared(const ar_fields *f, const ar_node *map, ar_catalog_item *item)
{
    ar_str at = { 0 };
    ar_err err;

    if (ar_node_get(map, AR_LIT("declared")) == NULL) return ar_ok();
    AR_TRY(AR_FIELDS_WORD(f, map, "declared", &item->declared, "complete", "in_progress",
                          "not_applicable"));
    AR_TRY(ar_node_text(f->file, map, "at", true, &at));
    item->at = ar_at(0);
    err = ar_time_parse(at, &item->at.i);
    if (err.code == AR_OK) return ar_ok();
    return ar_node_fail(f->file, ar_node_get(map, AR_LIT("at")), "at: %.*s",
                        AR_FMT(ar_err_text(err)));
}

static ar_err read_item(const ar_fields *f, const ar_node *map, ar_str owner, ar_catalog_item *out)
{
    ar_catalog_item item = { .owner = owner };

    AR_TRY(AR_FIELDS_ONLY(f, map, "id", "group", "text", "owner", "declared", "at", "note"));
    AR_TRY(read_ref(f, map, &item.ref));
    AR_TRY(ar_node_text(f->file, map, "group", false, &item.group));
    AR_TRY(ar_node_text(f->file, map, "text", true, &item.text));
    AR_TRY(ar_node_text(f->file, map, "owner", false, &item.owner));
    AR_TRY(ar_node_text(f->file, map, "note", false, &item.note));
    if (item.text.len > AR_CATALOG_TEXT_MAX)
        return ar_node_fail(f->file, map, "the text has %zu characters, %d is the most",
                            item.text.len, (int)AR_CATALOG_TEXT_MAX);
    AR_TRY(read_declared(f, map, &item));
    *out = item;
    return ar_ok();
}

static ar_err read_items(const ar_fields *f, ar_catalog *to)
{
    const ar_node *list = NULL;
    ar_str owner = { 0 };
    ar_catalog_item *items;
    ar_map seen = { 0 };

    AR_TRY(ar_node_text(f->file, f->root, "owner", false, &owner));
    AR_TRY(ar_node_list(f->file, f->root, "obligations", true, &list));
    if (list->n > AR_CATALOG_ITEMS_MAX)
        return ar_node_fail(f->file, list, "%zu obligations; %d are the most", list->n,
                            (int)AR_CATALOG_ITEMS_MAX);
    to->items = items = ar_make_n(f->arena, ar_catalog_item, list->n);
    for (; to->n < list->n; to->n++) {
        bool is_new;

        AR_TRY(read_item(f, list->items[to->n], owner, &items[to->n]));
        (void)ar_map_put(&seen, f->arena, items[to->n].ref, &is_new);
        if (!is_new)
            return ar_node_fail(f->file, list->items[to->n], "'%.*s' is there twice",
                                AR_FMT(items[to->n].ref));
    }
    return ar_ok();
}

ar_err ar_catalog_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_catalog *out_catalog)
{
    ar_form_limits limits = { .bytes_max = AR_CATALOG_BYTES_MAX };
    ar_fields f = { ar_arena_copy(arena, file), NULL, arena };
    ar_catalog to = { 0 };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    f.root = root;
    AR_TRY(AR_FIELDS_ONLY(&f, root, "catalog", "title", "source", "owner", "obligations"));
    AR_TRY(ar_node_text(f.file, root, "catalog", true, &to.name));
    if (!is_word(to.name, NAME_MAX) || (name.len > 0 && !ar_str_eq(name, to.name)))
        return ar_node_fail(f.file, ar_node_get(root, AR_LIT("catalog")),
                            "the catalog is '%.*s'; want the name of the file, in small letters",
                            AR_FMT(to.name));
    AR_TRY(ar_node_text(f.file, root, "title", true, &to.title));
    AR_TRY(ar_node_text(f.file, root, "source", false, &to.source));
    AR_TRY(read_items(&f, &to));
    *out_catalog = to;
    return ar_ok();
}

static ar_err read_catalog(const ar_place_file *file, ar_str text, const void *with,
                           ar_arena *arena, void *out_one)
{
    ar_catalog *one = out_one;

    (void)with;
    AR_TRY(ar_catalog_parse(ar_str_of(file->path), file->name, text, arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type catalog_type = {
    .folder = "obligations",
    .one = "catalog",
    .file_max = AR_CATALOG_BYTES_MAX,
    .size = sizeof(ar_catalog),
    .name_at = offsetof(ar_catalog, name),
    .read = read_catalog,
};

ar_err ar_catalogs_load(const ar_place *place, ar_arena *arena, const ar_catalog **out_catalogs,
                        size_t *out_n)
{
    ar_definitions all;

    AR_TRY(ar_definitions_load(&catalog_type, place, NULL, arena, &all));
    if (all.n_bad > 0) return ar_fail(AR_INVALID, "%.*s", AR_FMT(all.bad[0].error));
    *out_catalogs = all.list;
    *out_n = all.n;
    return ar_ok();
}
