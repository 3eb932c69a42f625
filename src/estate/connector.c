#include "estate/connector.h"

#include "estate/estate.h"
#include "estate/evidence.h"
#include "form/yaml.h"
#include "sys/file.h"

enum {
    CONNECTOR_FILE_MAX = 256 * 1024,
    CONNECTOR_COLUMNS_MAX = 250,
    CONNECTOR_OWNERS_MAX = 16,
    BAD_ROWS_MAX = 1000, /* unless the connector says another number */
};

static const char *const formats[] = {
    "auto", "json", "ndjson", "pages", "yaml", "csv", "parquet"
};

const char *ar_payload_name(enum ar_payload format)
{
    return formats[format];
}

bool ar_payload_parse(ar_str name, enum ar_payload *out_format)
{
    for (size_t i = 0; i < AR_COUNT(formats); i++) {
        if (!ar_str_eq(name, ar_str_of(formats[i]))) continue;
        *out_format = (enum ar_payload)i;
        return true;
    }
    return false;
}

/* ---- mappings in a file ---- */

static void no_field(void *self, ar_str name)
{
    (void)self, (void)name;
}

typedef struct known {
    const ar_items_text *items;
    ar_str missing;
} known;

static void find_lookup(void *self, ar_str name)
{
    known *k = self;

    for (size_t i = 0; i < k->items->n_lookups; i++)
        if (ar_str_eq(k->items->lookups[i].name, name)) return;
    k->missing = name;
}

/* The text of a mapping, which parses, and whose lookups are there. */
static ar_err read_mapping(ar_connector *c, ar_str what, const ar_node *node, ar_arena *arena,
                           ar_str *out_text)
{
    static const ar_mapping_visit visit = { .field = no_field, .lookup = find_lookup };
    known k = { .items = &c->items };
    const ar_mapping *mapping;

    if (node->kind == AR_NODE_LIST || node->kind == AR_NODE_MAP || node->kind == AR_NODE_NULL)
        return ar_node_fail(c->file, node, "%.*s is %s (want the text of a mapping)", AR_FMT(what),
                            ar_node_kind_name(node->kind));
    AR_TRY_WITH(ar_mapping_parse(node->text, arena, &mapping), "%.*s:%u:%u: %.*s", AR_FMT(c->file),
                node->line, node->column, AR_FMT(what));
    ar_mapping_walk(mapping, &visit, &k);
    if (k.missing.len > 0)
        return ar_node_fail(c->file, node,
                            "%.*s looks up in '%.*s', which 'lookups' does not "
                            "name above it",
                            AR_FMT(what), AR_FMT(k.missing));
    *out_text = node->text;
    return ar_ok();
}

static ar_str quoted(ar_arena *arena, const char *key)
{
    return ar_arena_printf(arena, "'%s'", key);
}

/* One mapping, or a list of them. */
static ar_err read_mappings(ar_connector *c, const ar_node *map, const char *key, size_t max,
                            ar_arena *arena, const ar_str **out_texts, size_t *out_n)
{
    const ar_node *node = ar_node_get(map, ar_str_of(key));

    if (node == NULL) return ar_ok();
    size_t n = node->kind == AR_NODE_LIST ? node->n : 1;
    if (n == 0 || n > max)
        return ar_node_fail(c->file, node, "'%s' has %zu mappings (want 1 to %zu)", key, n, max);
    ar_str *texts = ar_make_n(arena, ar_str, n);
    for (size_t i = 0; i < n; i++)
        AR_TRY(read_mapping(c, quoted(arena, key),
                            node->kind == AR_NODE_LIST ? node->items[i] : node, arena, &texts[i]));
    *out_texts = texts;
    *out_n = n;
    return ar_ok();
}

static ar_err read_one(ar_connector *c, const ar_node *map, const char *key, ar_arena *arena,
                       ar_str *out_text)
{
    const ar_node *node = ar_node_get(map, ar_str_of(key));

    return node == NULL ? ar_ok() : read_mapping(c, quoted(arena, key), node, arena, out_text);
}

static ar_err read_lookup(ar_connector *c, const ar_pair *pair, ar_arena *arena,
                          ar_lookup_text *out)
{
    static const ar_str keys[] = { AR_LIT("items"), AR_LIT("where"), AR_LIT("key"),
                                   AR_LIT("value") };
    ar_lookup_text l = { .name = pair->key, .value = AR_LIT(".") };

    AR_TRY(ar_node_only(c->file, pair->value, keys, AR_COUNT(keys)));
    AR_TRY(read_mappings(c, pair->value, "items", AR_ITEMS_STEPS_MAX, arena, &l.steps, &l.n_steps));
    AR_TRY(read_one(c, pair->value, "where", arena, &l.where));
    AR_TRY(read_one(c, pair->value, "key", arena, &l.key));
    AR_TRY(read_one(c, pair->value, "value", arena, &l.value));
    if (l.n_steps == 0 || l.key.len == 0)
        return ar_node_fail(c->file, pair->value, "lookup '%.*s' wants 'items' and 'key'",
                            AR_FMT(l.name));
    *out = l;
    return ar_ok();
}

static ar_err read_lookups(ar_connector *c, const ar_node *root, ar_arena *arena)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(c->file, root, "lookups", false, &map));
    if (map == NULL) return ar_ok();
    if (map->n > AR_ITEMS_LOOKUPS_MAX)
        return ar_node_fail(c->file, map, "%zu lookups, %d are the most", map->n,
                            AR_ITEMS_LOOKUPS_MAX);
    ar_lookup_text *lookups = ar_make_n(arena, ar_lookup_text, map->n);
    c->items.lookups = lookups;
    for (; c->items.n_lookups < map->n; c->items.n_lookups++)
        AR_TRY(
            read_lookup(c, &map->pairs[c->items.n_lookups], arena, &lookups[c->items.n_lookups]));
    return ar_ok();
}

static ar_err read_refusals(ar_connector *c, const ar_node *root, ar_arena *arena)
{
    static const ar_str keys[] = { AR_LIT("when"), AR_LIT("because") };
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(c->file, root, "refuse", false, &list));
    if (list == NULL) return ar_ok();
    if (list->n > AR_ITEMS_RULES_MAX)
        return ar_node_fail(c->file, list, "'refuse' has %zu rules, %d are the most", list->n,
                            AR_ITEMS_RULES_MAX);
    ar_refusal_text *rules = ar_make_n(arena, ar_refusal_text, list->n);
    for (size_t i = 0; i < list->n; i++) {
        AR_TRY(ar_node_only(c->file, list->items[i], keys, AR_COUNT(keys)));
        AR_TRY(read_one(c, list->items[i], "when", arena, &rules[i].when));
        AR_TRY(ar_node_text(c->file, list->items[i], "because", true, &rules[i].because));
        if (rules[i].when.len == 0)
            return ar_node_fail(c->file, list->items[i], "'when' is missing (want a mapping)");
    }
    c->items.refuse = rules;
    c->items.n_refuse = list->n;
    return ar_ok();
}

static ar_err read_items(ar_connector *c, const ar_node *root, ar_arena *arena)
{
    AR_TRY(read_lookups(c, root, arena));
    AR_TRY(read_refusals(c, root, arena));
    AR_TRY(read_mappings(c, root, "items", AR_ITEMS_STEPS_MAX, arena, &c->items.steps,
                         &c->items.n_steps));
    AR_TRY(read_mappings(c, root, "where", AR_ITEMS_RULES_MAX, arena, &c->items.where,
                         &c->items.n_where));
    return read_one(c, root, "partial", arena, &c->items.partial);
}

/* refuse, skip, or how many to skip at most. */
static ar_err read_bad_rows(ar_connector *c, const ar_node *root)
{
    const ar_node *node = ar_node_get(root, AR_LIT("bad_rows"));

    if (node == NULL || ar_str_eq(node->text, AR_LIT("refuse"))) return ar_ok();
    if (node->kind == AR_NODE_INT && node->i > 0)
        c->bad_rows_max = node->i;
    else if (node->kind == AR_NODE_TEXT && ar_str_eq(node->text, AR_LIT("skip")))
        c->bad_rows_max = BAD_ROWS_MAX;
    else
        return ar_node_fail(c->file, node,
                            "'bad_rows' is refuse, skip (%d at most), or how many may be skipped",
                            BAD_ROWS_MAX);
    return ar_ok();
}

static ar_err read_column(ar_connector *c, ar_str name, const ar_node *node, ar_arena *arena,
                          ar_connector_column *out_column)
{
    ar_str text;

    AR_TRY(
        read_mapping(c, ar_arena_printf(arena, "column '%.*s'", AR_FMT(name)), node, arena, &text));
    *out_column = (ar_connector_column){
        .name = name, .text = text, .line = node->line, .column = node->column
    };
    return ar_ok();
}

static ar_err read_columns(const ar_node *root, ar_arena *arena, ar_connector *c)
{
    const ar_node *id = ar_node_get(root, AR_LIT("id")), *map = NULL;

    map = ar_node_get(root, AR_LIT("columns"));
    if (map != NULL && map->kind == AR_NODE_NULL)
        map = NULL; /* all that stood there may stand in comments yet */
    else
        AR_TRY(ar_node_map(c->file, root, "columns", false, &map));
    if (c->kind.len == 0) {
        if (id != NULL || map != NULL)
            return ar_node_fail(c->file, id != NULL ? id : map,
                                "a connector without 'kind' takes fields by name; give it a kind, "
                                "or leave this out");
        return ar_ok();
    }
    if (id == NULL) return ar_node_fail(c->file, root, "'id' is missing (want a mapping)");
    size_t n = map == NULL ? 0 : map->n;
    if (n > CONNECTOR_COLUMNS_MAX)
        return ar_node_fail(c->file, map, "a connector may have %d columns, this one has %zu",
                            CONNECTOR_COLUMNS_MAX, n);

    ar_connector_column *columns = ar_make_n(arena, ar_connector_column, n + 1);
    AR_TRY(read_column(c, AR_LIT("id"), id, arena, &columns[0]));
    for (size_t i = 0; i < n; i++) {
        if (ar_str_eq(map->pairs[i].key, AR_LIT("id")))
            return ar_node_fail(c->file, map->pairs[i].value, "'id' stands beside 'columns'");
        AR_TRY(read_column(c, map->pairs[i].key, map->pairs[i].value, arena, &columns[i + 1]));
    }
    c->columns = columns;
    c->n_columns = n + 1;
    return ar_ok();
}

/* A connector may be less sure than its class, never surer. */
static ar_err read_confidence(ar_connector *c, const ar_node *map, const ar_evidence_class *class,
                              ar_arena *arena, ar_str *out_text)
{
    const ar_node *node = ar_node_get(map, AR_LIT("confidence"));
    double value = class->confidence;

    if (node != NULL &&
        (!ar_str_double(node->text, &value) || !(value > 0 && value <= class->confidence)))
        return ar_node_fail(c->file, node,
                            "the confidence of '%s' is more than 0 and at most %g, not '%.*s'",
                            class->word, class->confidence, AR_FMT(node->text));
    *out_text = ar_arena_printf(arena, "%g", value);
    return ar_ok();
}

static ar_err read_owner(ar_connector *c, const ar_node *map, ar_arena *arena,
                         ar_connector_owner *out)
{
    static const ar_str keys[] = { AR_LIT("evidence"), AR_LIT("owner"), AR_LIT("at"),
                                   AR_LIT("confidence") };
    const ar_evidence_class *class;

    AR_TRY(ar_node_only(c->file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(c->file, map, "evidence", true, &out->evidence));
    class = ar_evidence_class_find(out->evidence);
    if (class == NULL) {
        ar_str words = ar_evidence_class_words(arena);
        return ar_node_fail(c->file, ar_node_get(map, AR_LIT("evidence")),
                            "'%.*s' is no class of evidence that a source gives (want one of %.*s)",
                            AR_FMT(out->evidence), AR_FMT(words));
    }
    AR_TRY(read_confidence(c, map, class, arena, &out->confidence));
    AR_TRY(read_one(c, map, "owner", arena, &out->owner));
    AR_TRY(read_one(c, map, "at", arena, &out->at));
    if (out->owner.len == 0)
        return ar_node_fail(c->file, map, "'owner' is missing (want a mapping)");
    return ar_ok();
}

static ar_err read_owners(ar_connector *c, const ar_node *root, ar_arena *arena)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(c->file, root, "owners", false, &list));
    if (list == NULL) return ar_ok();
    if (c->kind.len == 0)
        return ar_node_fail(c->file, list,
                            "a connector without 'kind' takes fields by name; give "
                            "it a kind, or leave this out");
    if (list->n > CONNECTOR_OWNERS_MAX)
        return ar_node_fail(c->file, list, "'owners' has %zu entries, %d are the most", list->n,
                            CONNECTOR_OWNERS_MAX);
    ar_connector_owner *owners = ar_make_n(arena, ar_connector_owner, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_owner(c, list->items[i], arena, &owners[i]));
    c->owners = owners;
    c->n_owners = list->n;
    return ar_ok();
}

static ar_err read_fetch(const ar_node *root, ar_arena *arena, ar_connector *c)
{
    const ar_node *node = NULL;
    ar_errand *errand = ar_make(arena, ar_errand);

    AR_TRY(ar_node_map(c->file, root, "fetch", false, &node));
    if (node == NULL) return ar_ok();
    AR_TRY(ar_errand_read(c->file, node, arena, errand));
    if (errand->paging != AR_PAGING_NONE && c->format != AR_PAYLOAD_JSON &&
        c->format != AR_PAYLOAD_PAGES && c->format != AR_PAYLOAD_AUTO)
        return ar_node_fail(c->file, node, "pages are JSON, and the format is %s",
                            ar_payload_name(c->format));
    errand->json = errand->paging != AR_PAGING_NONE || c->format == AR_PAYLOAD_JSON ||
                   c->format == AR_PAYLOAD_PAGES;
    if (c->items.n_steps > 0) { /* to be counted, where they lie at a plain path */
        const ar_mapping *step;
        AR_TRY(ar_mapping_parse(c->items.steps[0], arena, &step));
        errand->items = ar_mapping_path(step);
    }
    c->fetch = errand;
    return ar_ok();
}

/* By which column a row is the latest must be one that the connector fills. */
static ar_err check_latest(const ar_connector *c, const ar_node *root)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (c->latest.len == 0 || ar_str_eq(c->columns[i].name, c->latest)) return ar_ok();
    if (c->latest.len == 0) return ar_ok();
    return ar_node_fail(c->file, ar_node_get(root, AR_LIT("latest")),
                        "'latest' names '%.*s', which is none of the columns here",
                        AR_FMT(c->latest));
}

static ar_err read_role(const ar_node *root, ar_connector *c)
{
    ar_str role = { 0 };

    AR_TRY(ar_node_text(c->file, root, "role", false, &role));
    if (ar_str_eq(role, AR_LIT("register"))) c->role = AR_ROLE_REGISTER;
    if (ar_str_eq(role, AR_LIT("observation"))) c->role = AR_ROLE_OBSERVATION;
    if (role.len == 0 || c->role != AR_ROLE_NONE) return ar_ok();
    return ar_node_fail(c->file, ar_node_get(root, AR_LIT("role")),
                        "'%.*s' is not a role (want register or observation)", AR_FMT(role));
}

ar_err ar_connector_parse(ar_str file, ar_str text, ar_arena *arena, ar_connector *out_connector)
{
    static const ar_str keys[] = { AR_LIT("connector"), AR_LIT("title"),   AR_LIT("format"),
                                   AR_LIT("items"),     AR_LIT("kind"),    AR_LIT("snapshot"),
                                   AR_LIT("id"),        AR_LIT("columns"), AR_LIT("where"),
                                   AR_LIT("lookups"),   AR_LIT("refuse"),  AR_LIT("partial"),
                                   AR_LIT("bad_rows"),  AR_LIT("latest"),  AR_LIT("fetch"),
                                   AR_LIT("owners"),    AR_LIT("role") };
    ar_connector c = { .file = file, .snapshot = true };
    ar_str format = AR_LIT("auto");
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "connector", true, &c.name));
    AR_TRY(ar_node_text(file, root, "title", true, &c.title));
    AR_TRY(ar_node_text(file, root, "format", false, &format));
    AR_TRY(ar_node_text(file, root, "kind", false, &c.kind));
    AR_TRY(ar_node_bool(file, root, "snapshot", false, &c.snapshot));
    AR_TRY(read_role(root, &c));
    if (!ar_payload_parse(format, &c.format))
        return ar_node_fail(
            file, ar_node_get(root, AR_LIT("format")),
            "'%.*s' is not a format (want auto, json, ndjson, pages, yaml, csv or parquet)",
            AR_FMT(format));
    AR_TRY(ar_node_text(file, root, "latest", false, &c.latest));
    AR_TRY(read_bad_rows(&c, root));
    AR_TRY(read_items(&c, root, arena));
    AR_TRY(read_columns(root, arena, &c));
    AR_TRY(read_owners(&c, root, arena));
    AR_TRY(read_fetch(root, arena, &c));
    AR_TRY(check_latest(&c, root));
    *out_connector = c;
    return ar_ok();
}

ar_err ar_connectors_load(const ar_place *place, ar_arena *arena, ar_connectors *out_connectors)
{
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(place, "connectors", arena, &files, &n));
    ar_connector *list = ar_make_n(arena, ar_connector, n);
    for (size_t i = 0; i < n; i++) {
        ar_str text;
        AR_TRY(ar_file_read(files[i].path, CONNECTOR_FILE_MAX, arena, &text));
        AR_TRY(ar_connector_parse(ar_str_of(files[i].path), text, arena, &list[i]));
        list[i].shipped = files[i].shipped;
        if (!ar_str_eq(list[i].name, files[i].name))
            return ar_fail(AR_INVALID, "%s: the file of connector '%.*s' must be named %.*s.yaml",
                           files[i].path, AR_FMT(list[i].name), AR_FMT(list[i].name));
    }
    *out_connectors = (ar_connectors){ .list = list, .n = n };
    return ar_ok();
}

ar_err ar_connectors_find(const ar_connectors *connectors, ar_str name,
                          const ar_connector **out_connector)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_str *names = ar_make_n(&scratch, ar_str, connectors->n + 1);

    for (size_t i = 0; i < connectors->n; i++) {
        names[i] = connectors->list[i].name;
        if (!ar_str_eq(names[i], name)) continue;
        *out_connector = &connectors->list[i];
        return ar_ok();
    }
    ar_str near = ar_str_nearest(name, names, connectors->n);
    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND, "no connector is named '%.*s'; '%.*s' is", AR_FMT(name),
                       AR_FMT(near));
    return ar_fail(AR_NOT_FOUND,
                   "no connector is named '%.*s' (`aright connector list` shows them; yours lie in "
                   "the folder connectors of the home)",
                   AR_FMT(name));
}

static ar_err no_such_fact(const ar_connector *c, const ar_connector_column *column,
                           const ar_kind *kind)
{
    ar_auto(ar_arena) scratch = { 0 };
    const ar_kind_column **facts;
    size_t n;

    ar_kind_facts(kind, &scratch, &facts, &n);
    ar_str *names = ar_make_n(&scratch, ar_str, n);
    size_t n_names = 0;
    for (size_t i = 0; i < n; i++)
        if (facts[i]->name.ptr[0] != '_') names[n_names++] = facts[i]->name;
    ar_str near = ar_str_nearest(column->name, names, n_names);
    if (ar_kind_column_find(kind, column->name) != NULL)
        return ar_fail(AR_INVALID, "%.*s:%u:%u: aright itself fills column '%.*s'", AR_FMT(c->file),
                       column->line, column->column, AR_FMT(column->name));
    if (near.len > 0)
        return ar_fail(AR_INVALID, "%.*s:%u:%u: the kind has no column '%.*s'; it has '%.*s'",
                       AR_FMT(c->file), column->line, column->column, AR_FMT(column->name),
                       AR_FMT(near));
    return ar_fail(AR_INVALID,
                   "%.*s:%u:%u: the kind has no column '%.*s' (`aright kind show %.*s` lists them)",
                   AR_FMT(c->file), column->line, column->column, AR_FMT(column->name),
                   AR_FMT(kind->name));
}

ar_err ar_connector_check(const ar_connector *connector, const ar_kinds *kinds)
{
    const ar_kind *kind;

    if (connector->kind.len == 0) return ar_ok();
    AR_TRY_WITH(ar_kinds_find(kinds, connector->kind, &kind), "%.*s", AR_FMT(connector->file));
    if (kind->view)
        return ar_fail(AR_INVALID,
                       "%.*s: kind %.*s is a view of aright's own tables; nothing can "
                       "be imported into it",
                       AR_FMT(connector->file), AR_FMT(kind->name));
    for (size_t i = 0; i < connector->n_columns; i++) {
        const ar_kind_column *column = ar_kind_column_find(kind, connector->columns[i].name);
        if (column == NULL || !ar_column_is_fact(column))
            return no_such_fact(connector, &connector->columns[i], kind);
    }
    return ar_ok();
}

ar_err ar_connector_kind(const ar_connector *connector, const ar_kinds *kinds, ar_str asked,
                         const ar_kind **out_kind)
{
    if (connector->kind.len == 0 && asked.len == 0)
        return ar_fail(AR_INVALID, "connector %.*s does not know the kind (want --kind)",
                       AR_FMT(connector->name));
    if (connector->kind.len > 0 && asked.len > 0 && !ar_str_eq(connector->kind, asked))
        return ar_fail(AR_INVALID, "connector %.*s gives kind %.*s, not %.*s",
                       AR_FMT(connector->name), AR_FMT(connector->kind), AR_FMT(asked));
    AR_TRY(ar_kinds_find(kinds, asked.len > 0 ? asked : connector->kind, out_kind));
    if ((*out_kind)->view)
        return ar_fail(AR_INVALID,
                       "kind %.*s is a view of aright's own tables; nothing can be "
                       "imported into it",
                       AR_FMT((*out_kind)->name));
    return ar_connector_check(connector, kinds);
}
