#include "estate/kind.h"

#include "estate/evidence.h"
#include "form/yaml.h"
#include "sys/file.h"

enum {
    KIND_FILE_MAX = 256 * 1024,
    KIND_COLUMNS_MAX = 200,
    KIND_LINKS_MAX = 16,
    KIND_LEADS_MAX = 8,
    KIND_KEYS_MAX = 8,
    KIND_SOURCES_MAX = 100,
    KEY_COLUMNS_MAX = 4,
};

/* docs/formats.md holds the same list. */
static const ar_kind_column common[] = {
#define C(name_, type_, meaning_)                                                         \
    {                                                                                     \
        .name = AR_LIT(name_), .type = type_, .meaning = AR_LIT(meaning_), .common = true \
    }
    C("id", AR_TEXT, "unique within the kind"),
    C("name", AR_TEXT, "what people call it"),
    C("owner_id", AR_TEXT, "who answers for it: person:…, team:…, division:…"),
    C("owner_source", AR_TEXT, "how that is known: the evidence that won"),
    C("domain_id", AR_TEXT, "the domain whose Deputy CISO is accountable"),
    C("tenant_id", AR_TEXT, "the tenant it lives in"),
    C("env", AR_TEXT, "production, productivity, test, …"),
    C("criticality", AR_INT, "1 (low) to 5 (crown jewel)"),
    C("created_at", AR_TIME, "when the thing came to be"),
    C("inventoried", AR_BOOL, "whether a register has it"),
    C("inventoried_at", AR_TIME, "when it was entered in a register"),
    C("discovered", AR_BOOL, "whether it was seen, not only recorded"),
    C("adopted_at", AR_TIME, "when an older thing was taken into governance by its owner"),
    C("first_seen", AR_TIME, "when a source first showed it"),
    C("last_seen", AR_TIME, "when a source last showed it"),
    C("deleted_at", AR_TIME, "when it was removed"),
    C("source", AR_TEXT, "the sources that show it, comma-separated"),
    C("source_count", AR_INT, "how many sources show it"),
#undef C
};

/* Small letters, digits and '_', a letter first: what needs no thought in SQL, YAML or a shell. */
static bool is_name(ar_str name)
{
    if (name.len == 0 || name.len > 60 || name.ptr[0] < 'a' || name.ptr[0] > 'z') return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

static ar_err read_column(ar_str file, const ar_pair *pair, ar_kind_column *out_column)
{
    static const ar_str keys[] = { AR_LIT("type"), AR_LIT("meaning"), AR_LIT("personal") };
    ar_kind_column column = { .name = pair->key };
    ar_str type = { 0 };

    if (!is_name(pair->key))
        return ar_fail(AR_INVALID,
                       "%.*s:%u:%u: '%.*s' is not a column name (want small letters, "
                       "digits and '_')",
                       AR_FMT(file), pair->line, pair->column, AR_FMT(pair->key));
    for (size_t i = 0; i < AR_COUNT(common); i++)
        if (ar_str_eq(pair->key, common[i].name))
            return ar_fail(AR_INVALID, "%.*s:%u:%u: every kind has a column '%.*s' already",
                           AR_FMT(file), pair->line, pair->column, AR_FMT(pair->key));
    if (ar_str_eq(pair->key, AR_LIT("gone")))
        return ar_fail(AR_INVALID, "%.*s:%u:%u: 'gone' is aright's own column; take another name",
                       AR_FMT(file), pair->line, pair->column);
    AR_TRY(ar_node_only(file, pair->value, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, pair->value, "type", true, &type));
    AR_TRY(ar_node_text(file, pair->value, "meaning", true, &column.meaning));
    AR_TRY(ar_node_bool(file, pair->value, "personal", false, &column.personal));
    if (!ar_type_parse(type, &column.type) || column.type == AR_NULL)
        return ar_node_fail(file, ar_node_get(pair->value, AR_LIT("type")),
                            "'%.*s' is not a type (want bool, int, double, text or time)",
                            AR_FMT(type));
    *out_column = column;
    return ar_ok();
}

static ar_err read_columns(ar_str file, const ar_node *map, ar_arena *arena, ar_kind *kind)
{
    size_t own = map == NULL ? 0 : map->n;
    size_t n = AR_COUNT(common) + own;
    ar_kind_column *columns = ar_make_n(arena, ar_kind_column, n);
    ar_expr_column *names = ar_make_n(arena, ar_expr_column, n);

    if (own > KIND_COLUMNS_MAX)
        return ar_fail(AR_LIMIT, "%.*s: a kind may have %d columns, this one has %zu", AR_FMT(file),
                       KIND_COLUMNS_MAX, own);
    memcpy(columns, common, sizeof common);
    for (size_t i = 0; i < own; i++)
        AR_TRY(read_column(file, &map->pairs[i], &columns[AR_COUNT(common) + i]));
    for (size_t i = 0; i < n; i++)
        names[i] = (ar_expr_column){ .name = columns[i].name, .type = columns[i].type };
    kind->columns = columns;
    kind->n_columns = n;
    kind->scope.columns = names;
    kind->scope.n_columns = n;
    return ar_ok();
}

static ar_err read_head(const ar_place_file *found, ar_str file, const ar_node *root,
                        ar_arena *arena, ar_kind *kind)
{
    static const ar_str keys[] = { AR_LIT("kind"),           AR_LIT("title"), AR_LIT("meaning"),
                                   AR_LIT("infrastructure"), AR_LIT("view"),  AR_LIT("part_of"),
                                   AR_LIT("owner_from"),     AR_LIT("match"), AR_LIT("precedence"),
                                   AR_LIT("columns"),        AR_LIT("links") };
    const ar_node *columns = NULL;

    kind->file = file;
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "kind", true, &kind->name));
    AR_TRY(ar_node_text(file, root, "title", true, &kind->title));
    AR_TRY(ar_node_text(file, root, "meaning", true, &kind->meaning));
    AR_TRY(ar_node_bool(file, root, "infrastructure", false, &kind->infrastructure));
    AR_TRY(ar_node_bool(file, root, "view", false, &kind->view));
    AR_TRY(ar_node_map(file, root, "columns", false, &columns));
    if (!is_name(kind->name))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("kind")),
                            "'%.*s' is not a kind's name (want small letters, digits and '_')",
                            AR_FMT(kind->name));
    if (!ar_str_eq(kind->name, found->name))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("kind")),
                            "the file of kind '%.*s' must be named %.*s.yaml", AR_FMT(kind->name),
                            AR_FMT(kind->name));
    kind->scope.what = ar_arena_printf(arena, "kind %.*s", AR_FMT(kind->name));
    kind->scope.shown_by = ar_arena_printf(arena, "aright kind show %.*s", AR_FMT(kind->name));
    return read_columns(file, columns, arena, kind);
}

/* One side of a link's pair must be a column of the kind on that side, and both of one type. */
static ar_err check_pair(ar_str file, const ar_pair *pair, const ar_kind *target,
                         const ar_kind *kind)
{
    const ar_kind_column *theirs = ar_kind_column_find(target, pair->key);
    const ar_kind_column *ours = ar_kind_column_find(kind, pair->value->text);

    if (theirs == NULL || ours == NULL) {
        const ar_kind *lacking = theirs == NULL ? target : kind;
        ar_str name = theirs == NULL ? pair->key : pair->value->text;
        return ar_fail(AR_INVALID, "%.*s:%u:%u: kind %.*s has no column '%.*s'", AR_FMT(file),
                       pair->line, pair->column, AR_FMT(lacking->name), AR_FMT(name));
    }
    if (theirs->type != ours->type)
        return ar_fail(AR_INVALID,
                       "%.*s:%u:%u: '%.*s' is %s and '%.*s' is %s; they cannot be equal",
                       AR_FMT(file), pair->line, pair->column, AR_FMT(theirs->name),
                       ar_type_name(theirs->type), AR_FMT(ours->name), ar_type_name(ours->type));
    return ar_ok();
}

static ar_err read_link(const ar_kinds *kinds, const ar_kind *kind, const ar_pair *pair,
                        ar_arena *arena, ar_expr_link *link)
{
    static const ar_str keys[] = { AR_LIT("kind"), AR_LIT("on") };
    const ar_node *on = NULL;
    const ar_kind *target;
    ar_str name = { 0 };

    AR_TRY(ar_node_only(kind->file, pair->value, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(kind->file, pair->value, "kind", true, &name));
    AR_TRY(ar_node_map(kind->file, pair->value, "on", true, &on));
    AR_TRY_WITH(ar_kinds_find(kinds, name, &target), "%.*s:%u:%u: link '%.*s'", AR_FMT(kind->file),
                pair->line, pair->column, AR_FMT(pair->key));
    if (on->n == 0) return ar_node_fail(kind->file, on, "a link needs a column to meet on");

    ar_str *theirs = ar_make_n(arena, ar_str, on->n), *ours = ar_make_n(arena, ar_str, on->n);
    for (size_t i = 0; i < on->n; i++) {
        AR_TRY(check_pair(kind->file, &on->pairs[i], target, kind));
        theirs[i] = on->pairs[i].key;
        ours[i] = on->pairs[i].value->text;
    }
    *link = (ar_expr_link){ .name = pair->key,
                            .target = &target->scope,
                            .table = target->name,
                            .theirs = theirs,
                            .ours = ours,
                            .n = on->n };
    return ar_ok();
}

static ar_err read_links(const ar_kinds *kinds, const ar_node *root, ar_arena *arena, ar_kind *kind)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(kind->file, root, "links", false, &map));
    if (map == NULL) return ar_ok();
    if (map->n > KIND_LINKS_MAX)
        return ar_node_fail(kind->file, map, "a kind may have %d links, this one has %zu",
                            KIND_LINKS_MAX, map->n);

    ar_expr_link *links = ar_make_n(arena, ar_expr_link, map->n);
    for (size_t i = 0; i < map->n; i++)
        AR_TRY(read_link(kinds, kind, &map->pairs[i], arena, &links[i]));
    kind->scope.links = links;
    kind->scope.n_links = map->n;
    return ar_ok();
}

/* The whole is a kind with sources that is no part itself, so that ownership comes down one step.
 */
static ar_err read_part_of(const ar_kinds *kinds, const ar_node *root, ar_kind *kind)
{
    static const ar_str keys[] = { AR_LIT("kind"), AR_LIT("by") };
    const ar_node *part_of = NULL;
    const ar_kind *whole;

    AR_TRY(ar_node_map(kind->file, root, "part_of", false, &part_of));
    if (part_of == NULL) return ar_ok();
    AR_TRY(ar_node_only(kind->file, part_of, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(kind->file, part_of, "kind", true, &kind->whole));
    AR_TRY(ar_node_text(kind->file, part_of, "by", true, &kind->whole_by));
    AR_TRY_WITH(ar_kinds_find(kinds, kind->whole, &whole), "%.*s:%u:%u: part_of",
                AR_FMT(kind->file), part_of->line, part_of->column);

    const ar_kind_column *by = ar_kind_column_find(kind, kind->whole_by);

    if (by == NULL || by->type != AR_TEXT)
        return ar_node_fail(kind->file, ar_node_get(part_of, AR_LIT("by")),
                            "kind %.*s has no text column '%.*s'", AR_FMT(kind->name),
                            AR_FMT(kind->whole_by));
    if (kind->view || whole->view || whole->whole.len > 0 || whole == kind)
        return ar_node_fail(
            kind->file, part_of,
            "%.*s cannot be part of %.*s (want a kind with sources that is no part)",
            AR_FMT(kind->name), AR_FMT(kind->whole));
    return ar_ok();
}

static ar_err read_key_column(const ar_kind *kind, const ar_node *node,
                              const ar_kind_column **out_column)
{
    const ar_kind_column *column = ar_kind_column_find(kind, node->text);

    if (column == NULL)
        return ar_node_fail(kind->file, node, "kind %.*s has no column '%.*s'", AR_FMT(kind->name),
                            AR_FMT(node->text));
    if (!ar_column_is_fact(column) || ar_str_eq(column->name, AR_LIT("id")) ||
        (column->type != AR_TEXT && column->type != AR_INT))
        return ar_node_fail(kind->file, node,
                            "'%.*s' cannot tell things apart (want facts of type text or int, "
                            "other than id)",
                            AR_FMT(column->name));
    *out_column = column;
    return ar_ok();
}

/* A key is one column, or a list of them. */
static ar_err read_key(const ar_kind *kind, const ar_node *node, ar_arena *arena,
                       ar_kind_key *out_key)
{
    const ar_node *const *names =
        node->kind == AR_NODE_LIST ? (const ar_node *const *)node->items : &node;
    size_t n = node->kind == AR_NODE_LIST ? node->n : 1;
    const ar_kind_column **columns = ar_make_n(arena, const ar_kind_column *, n);
    ar_auto(ar_buf) text = { 0 };

    if (n == 0 || n > KEY_COLUMNS_MAX)
        return ar_node_fail(kind->file, node, "a key has 1 to %d columns, this one has %zu",
                            KEY_COLUMNS_MAX, n);
    for (size_t i = 0; i < n; i++) {
        AR_TRY(read_key_column(kind, names[i], &columns[i]));
        ar_buf_addf(&text, "%s%.*s", i > 0 ? ", " : "", AR_FMT(columns[i]->name));
    }
    *out_key = (ar_kind_key){ ar_arena_copy(arena, ar_buf_str(&text)), columns, n };
    return ar_ok();
}

static ar_err read_match(const ar_node *root, ar_arena *arena, ar_kind *kind)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(kind->file, root, "match", false, &list));
    if (list == NULL) return ar_ok();
    if (kind->view)
        return ar_node_fail(kind->file, list, "%.*s has no sources that could be matched",
                            AR_FMT(kind->name));
    if (list->n > KIND_KEYS_MAX)
        return ar_node_fail(kind->file, list, "a kind may have %d match keys, this one has %zu",
                            KIND_KEYS_MAX, list->n);

    ar_kind_key *keys = ar_make_n(arena, ar_kind_key, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_key(kind, list->items[i], arena, &keys[i]));
    kind->match = keys;
    kind->n_match = list->n;
    return ar_ok();
}

/* Who is led to must not be led back. */
static bool leads_to(const ar_kinds *kinds, const ar_kind *from, ar_str name, size_t depth)
{
    for (size_t i = 0; i < from->n_leads && depth < kinds->n; i++) {
        const ar_kind_lead *lead = &from->leads[i];

        if (ar_str_eq(lead->kind, AR_LIT("person"))) continue; /* ends there */
        if (ar_str_eq(lead->kind, name)) return true;
        for (size_t k = 0; k < kinds->n; k++)
            if (ar_str_eq(kinds->list[k].name, lead->kind) &&
                leads_to(kinds, &kinds->list[k], name, depth + 1))
                return true;
    }
    return false;
}

static ar_err read_lead(const ar_kinds *kinds, const ar_kind *kind, const ar_node *node,
                        ar_kind_lead *out)
{
    static const ar_str keys[] = { AR_LIT("evidence"), AR_LIT("kind"), AR_LIT("by") };
    const ar_kind *target;

    AR_TRY(ar_node_only(kind->file, node, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(kind->file, node, "evidence", true, &out->evidence));
    AR_TRY(ar_node_text(kind->file, node, "kind", true, &out->kind));
    AR_TRY(ar_node_text(kind->file, node, "by", true, &out->by));
    AR_TRY_WITH(ar_kinds_find(kinds, out->kind, &target), "%.*s:%u:%u: owner_from",
                AR_FMT(kind->file), node->line, node->column);

    const ar_kind_column *by = ar_kind_column_find(kind, out->by);

    if (by == NULL || by->type != AR_TEXT)
        return ar_node_fail(kind->file, ar_node_get(node, AR_LIT("by")),
                            "kind %.*s has no text column '%.*s'", AR_FMT(kind->name),
                            AR_FMT(out->by));
    if (ar_evidence_class_find(out->evidence) == NULL || target->view)
        return ar_node_fail(kind->file, node,
                            "want a class of evidence, as 'parent' or 'pipeline', and a kind with "
                            "sources");
    return ar_ok();
}

/* Behind all others what it lives in: its tenant. */
static ar_err read_leads(const ar_kinds *kinds, const ar_node *root, ar_arena *arena, ar_kind *kind)
{
    const ar_node *list = NULL;
    size_t n = 0;

    AR_TRY(ar_node_list(kind->file, root, "owner_from", false, &list));
    if (kind->view && list != NULL)
        return ar_node_fail(kind->file, list, "a view has no owners of its own");
    if (list != NULL && list->n > KIND_LEADS_MAX)
        return ar_node_fail(kind->file, list, "a kind may have %d leads, this one has %zu",
                            KIND_LEADS_MAX, list->n);

    ar_kind_lead *leads = ar_make_n(arena, ar_kind_lead, KIND_LEADS_MAX + 2);
    if (kind->whole.len > 0)
        leads[n++] = (ar_kind_lead){ AR_LIT("whole"), kind->whole, kind->whole_by };
    for (size_t i = 0; list != NULL && i < list->n; i++)
        AR_TRY(read_lead(kinds, kind, list->items[i], &leads[n++]));
    for (size_t i = 0; i < kinds->n && !kind->view && kind->whole.len == 0; i++)
        if (ar_str_eq(kinds->list[i].name, AR_LIT("tenant")) && &kinds->list[i] != kind)
            leads[n++] = (ar_kind_lead){ AR_LIT("parent"), AR_LIT("tenant"), AR_LIT("tenant_id") };
    kind->leads = leads;
    kind->n_leads = n;
    return ar_ok();
}

static ar_err read_precedence(const ar_node *root, ar_arena *arena, ar_kind *kind)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(kind->file, root, "precedence", false, &list));
    if (list == NULL) return ar_ok();
    if (list->n > KIND_SOURCES_MAX)
        return ar_node_fail(kind->file, list, "at most %d sources, not %zu", KIND_SOURCES_MAX,
                            list->n);

    ar_str *names = ar_make_n(arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i]->kind != AR_NODE_TEXT)
            return ar_node_fail(kind->file, list->items[i],
                                "want the name of a source or connector");
        names[i] = list->items[i]->text;
    }
    kind->precedence = names;
    kind->n_precedence = list->n;
    return ar_ok();
}

/* ---- references ---- */

static void add_ref(ar_kind *kind, ar_kind_ref *refs, ar_str column, const ar_kind *to)
{
    if (to->n_match == 0 || ar_str_eq(column, AR_LIT("id"))) return;
    for (size_t i = 0; i < kind->n_refs; i++)
        if (refs[i].kind == to && ar_str_eq(refs[i].column, column)) return;
    refs[kind->n_refs++] = (ar_kind_ref){ .column = column, .kind = to };
}

static void add_link_refs(ar_kind *kind, ar_kind_ref *refs, const ar_kinds *kinds,
                          const ar_kind *from, const ar_expr_link *link)
{
    const ar_kind *target = NULL;

    for (size_t i = 0; i < kinds->n; i++)
        if (&kinds->list[i].scope == link->target) target = &kinds->list[i];
    for (size_t i = 0; i < link->n; i++) {
        if (target == kind && ar_str_eq(link->ours[i], AR_LIT("id")))
            add_ref(kind, refs, link->theirs[i], from);
        if (from == kind && ar_str_eq(link->theirs[i], AR_LIT("id")))
            add_ref(kind, refs, link->ours[i], target);
    }
}

static void find_refs(const ar_kinds *kinds, ar_kind *kind, ar_arena *arena)
{
    size_t most = kind->n_leads;

    for (size_t i = 0; i < kinds->n; i++)
        for (size_t k = 0; k < kinds->list[i].scope.n_links; k++)
            most += 2 * kinds->list[i].scope.links[k].n;
    ar_kind_ref *refs = ar_make_n(arena, ar_kind_ref, most);
    for (size_t i = 0; i < kinds->n; i++)
        for (size_t k = 0; k < kinds->list[i].scope.n_links; k++)
            add_link_refs(kind, refs, kinds, &kinds->list[i], &kinds->list[i].scope.links[k]);
    for (size_t i = 0; i < kind->n_leads; i++)
        for (size_t k = 0; k < kinds->n; k++)
            if (ar_str_eq(kinds->list[k].name, kind->leads[i].kind))
                add_ref(kind, refs, kind->leads[i].by, &kinds->list[k]);
    kind->refs = refs;
}

ar_err ar_kinds_load(const ar_place *place, ar_arena *arena, ar_kinds *out_kinds)
{
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(place, "kinds", arena, &files, &n));

    ar_kind *list = ar_make_n(arena, ar_kind, n);
    ar_node **roots = ar_make_n(arena, ar_node *, n);
    for (size_t i = 0; i < n; i++) {
        ar_str file = ar_str_of(files[i].path), text;
        AR_TRY(ar_file_read(files[i].path, KIND_FILE_MAX, arena, &text));
        AR_TRY(ar_yaml_parse(file, text, NULL, arena, &roots[i]));
        AR_TRY(read_head(&files[i], file, roots[i], arena, &list[i]));
    }

    ar_kinds kinds = { .list = list, .n = n };
    for (size_t i = 0; i < n; i++) {
        AR_TRY(read_links(&kinds, roots[i], arena, &list[i]));
        AR_TRY(read_part_of(&kinds, roots[i], &list[i]));
        AR_TRY(read_match(roots[i], arena, &list[i]));
        AR_TRY(read_precedence(roots[i], arena, &list[i]));
    }
    for (size_t i = 0; i < n; i++) AR_TRY(read_leads(&kinds, roots[i], arena, &list[i]));
    for (size_t i = 0; i < n; i++)
        if (leads_to(&kinds, &list[i], list[i].name, 0))
            return ar_node_fail(list[i].file, roots[i],
                                "kind %.*s is led to its own owner: its 'owner_from' comes back "
                                "to it",
                                AR_FMT(list[i].name));
    for (size_t i = 0; i < n; i++) find_refs(&kinds, &list[i], arena);
    *out_kinds = kinds;
    return ar_ok();
}

ar_err ar_kinds_find(const ar_kinds *kinds, ar_str name, const ar_kind **out_kind)
{
    ar_auto(ar_arena) scratch = { 0 };

    for (size_t i = 0; i < kinds->n; i++) {
        if (!ar_str_eq(kinds->list[i].name, name)) continue;
        *out_kind = &kinds->list[i];
        return ar_ok();
    }

    ar_str *names = ar_make_n(&scratch, ar_str, kinds->n + 1);
    for (size_t i = 0; i < kinds->n; i++) names[i] = kinds->list[i].name;
    ar_str near = ar_str_nearest(name, names, kinds->n);
    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND,
                       "no kind is named '%.*s'; did you mean '%.*s'? (`aright kind list` shows "
                       "all)",
                       AR_FMT(name), AR_FMT(near));
    return ar_fail(AR_NOT_FOUND, "no kind is named '%.*s' (`aright kind list` shows them)",
                   AR_FMT(name));
}

const ar_kind_column *ar_kind_column_find(const ar_kind *kind, ar_str name)
{
    for (size_t i = 0; i < kind->n_columns; i++)
        if (ar_str_eq(kind->columns[i].name, name)) return &kind->columns[i];
    return NULL;
}

bool ar_column_is_fact(const ar_kind_column *column)
{
    static const ar_str computed[] = { AR_LIT("first_seen"), AR_LIT("last_seen"), AR_LIT("source"),
                                       AR_LIT("source_count"), AR_LIT("owner_source") };

    if (!column->common) return true;
    for (size_t i = 0; i < AR_COUNT(computed); i++)
        if (ar_str_eq(column->name, computed[i])) return false;
    return true;
}

void ar_kind_facts(const ar_kind *kind, ar_arena *arena, const ar_kind_column ***out_facts,
                   size_t *out_n)
{
    static const ar_kind_column owners = { .name = AR_LIT(AR_KIND_OWNERS),
                                           .type = AR_TEXT,
                                           .meaning = AR_LIT("what speaks for its owners") };
    const ar_kind_column **facts = ar_make_n(arena, const ar_kind_column *, kind->n_columns + 1);
    size_t n = 0;

    for (size_t i = 0; i < kind->n_columns; i++)
        if (ar_column_is_fact(&kind->columns[i])) facts[n++] = &kind->columns[i];
    facts[n++] = &owners;
    *out_facts = facts;
    *out_n = n;
}
