#include "estate/items.h"

#include "form/utf.h"

#include <stdlib.h>

enum { COMPLAINT_MAX = 200 };

/* The items that one step found in one item of the step before it. */
typedef struct level {
    const ar_mapping *step;
    ar_arena arena;
    ar_node *const *list;
    ar_node *one; /* the list, where a step found no list */
    size_t n, at;
    ar_scope scope; /* of the item at hand */
} level;

typedef struct lookup {
    const ar_mapping *steps[AR_ITEMS_STEPS_MAX];
    const ar_mapping *where, *key, *value;
    ar_map table;
} lookup;

struct ar_items {
    ar_arena arena;    /* of the mappings */
    ar_arena document; /* what lives as long as the document: lookups */
    ar_arena item;     /* what was made to decide about one item */
    ar_str file;
    const ar_items_text *text;
    const ar_mapping **where;
    const ar_mapping **refuse;
    const ar_mapping *partial_when;
    lookup *lookups;
    ar_map by_name;
    level levels[AR_ITEMS_STEPS_MAX];
    size_t n_levels;
    size_t depth; /* of the level at hand */
    ar_scope root;
    bool partial;
};

/* ---- making ---- */

static ar_err parse_one(ar_items *it, ar_str text, const char *what, const ar_mapping **out)
{
    AR_TRY_WITH(ar_mapping_parse(text, &it->arena, out), "%s", what);
    return ar_ok();
}

static ar_err parse_lookup(ar_items *it, const ar_lookup_text *text, lookup *out)
{
    for (size_t i = 0; i < text->n_steps; i++)
        AR_TRY(parse_one(it, text->steps[i], "items of a lookup", &out->steps[i]));
    if (text->where.len > 0) AR_TRY(parse_one(it, text->where, "'where' of a lookup", &out->where));
    AR_TRY(parse_one(it, text->key, "'key' of a lookup", &out->key));
    return parse_one(it, text->value, "'value' of a lookup", &out->value);
}

static ar_err parse_all(ar_items *it)
{
    const ar_items_text *text = it->text;

    it->where = ar_make_n(&it->arena, const ar_mapping *, text->n_where);
    it->refuse = ar_make_n(&it->arena, const ar_mapping *, text->n_refuse);
    it->lookups = ar_make_n(&it->arena, lookup, text->n_lookups);
    for (size_t i = 0; i < text->n_steps; i++)
        AR_TRY(parse_one(it, text->steps[i], "'items'", &it->levels[i].step));
    for (size_t i = 0; i < text->n_where; i++)
        AR_TRY(parse_one(it, text->where[i], "'where'", &it->where[i]));
    for (size_t i = 0; i < text->n_refuse; i++)
        AR_TRY(parse_one(it, text->refuse[i].when, "'refuse'", &it->refuse[i]));
    for (size_t i = 0; i < text->n_lookups; i++)
        AR_TRY(parse_lookup(it, &text->lookups[i], &it->lookups[i]));
    if (text->partial.len > 0) AR_TRY(parse_one(it, text->partial, "'partial'", &it->partial_when));
    return ar_ok();
}

ar_err ar_items_new(const ar_items_text *text, ar_str file, ar_items **out_items)
{
    ar_own(ar_items) it = calloc(1, sizeof *it);

    if (it == NULL) abort();
    if (text->n_steps > AR_ITEMS_STEPS_MAX)
        return ar_fail(AR_LIMIT, "'items' may have %d steps, here are %zu", AR_ITEMS_STEPS_MAX,
                       text->n_steps);
    it->text = text;
    it->file = file;
    it->n_levels = text->n_steps == 0 ? 1 : text->n_steps;
    AR_TRY(parse_all(it));
    *out_items = ar_move(it);
    return ar_ok();
}

void ar_items_free(ar_items **items)
{
    ar_items *it = *items;

    if (it == NULL) return;
    for (size_t i = 0; i < AR_ITEMS_STEPS_MAX; i++) ar_arena_done(&it->levels[i].arena);
    ar_arena_done(&it->item);
    ar_arena_done(&it->document);
    ar_arena_done(&it->arena);
    free(it);
    *items = NULL;
}

/* ---- walking ---- */

/* A list is its items, anything else the one item. */
static void fill(level *l, const ar_node *found)
{
    l->one = (ar_node *)(uintptr_t)found; /* read only */
    l->list = found != NULL && found->kind == AR_NODE_LIST ? found->items : &l->one;
    l->n = found == NULL ? 0 : found->kind == AR_NODE_LIST ? found->n : 1;
    l->at = 0;
    l->scope = (ar_scope){ 0 }; /* what it showed is of a document that is gone */
}

/* `keep`: where what the step makes lives; NULL: until the level is filled again. */
static ar_err take_step(level *l, const ar_scope *outer, ar_arena *keep)
{
    const ar_node *found;

    ar_arena_done(&l->arena);
    fill(l, NULL);
    AR_TRY(ar_mapping_eval(l->step, outer, keep != NULL ? keep : &l->arena, &found));
    fill(l, found);
    return ar_ok();
}

/* The next item of the last of n levels; *out is NULL when all are taken. */
static ar_err next_of(level *levels, size_t n, size_t *depth, const ar_scope *root, ar_arena *keep,
                      const ar_scope **out)
{
    *out = NULL;
    for (;;) {
        level *l = &levels[*depth];
        if (l->at == l->n && *depth == 0) return ar_ok();
        if (l->at == l->n) {
            --*depth;
            continue;
        }
        const ar_node *item = l->list[l->at++];
        if (item->kind == AR_NODE_NULL) continue;
        l->scope = (ar_scope){ .item = item,
                               .outer = *depth == 0 ? root : &levels[*depth - 1].scope,
                               .lookups = root->lookups };
        if (*depth + 1 == n) {
            *out = &l->scope;
            return ar_ok();
        }
        ++*depth;
        AR_TRY(take_step(&levels[*depth], &l->scope, keep));
    }
}

static ar_err holds(ar_items *it, const ar_mapping *rule, const ar_scope *scope, const char *what,
                    bool *out_yes)
{
    const ar_node *node;

    *out_yes = false;
    AR_TRY_WITH(ar_mapping_eval(rule, scope, &it->item, &node), "%s", what);
    if (node != NULL && node->kind != AR_NODE_BOOL)
        return ar_fail(AR_INVALID, "%s is %s (want true or false: | is(…), | has(…), | bool)", what,
                       ar_node_kind_name(node->kind));
    *out_yes = node != NULL && node->b;
    return ar_ok();
}

static ar_err counts(ar_items *it, const ar_scope *scope, bool *out_yes)
{
    *out_yes = true;
    for (size_t i = 0; *out_yes && i < it->text->n_where; i++)
        AR_TRY(holds(it, it->where[i], scope, "'where'", out_yes));
    return ar_ok();
}

ar_err ar_items_next(ar_items *it, const ar_scope **out_scope)
{
    bool yes = false;

    do {
        AR_TRY(next_of(it->levels, it->n_levels, &it->depth, &it->root, NULL, out_scope));
        if (*out_scope == NULL) return ar_ok();
        AR_TRY(counts(it, *out_scope, &yes));
        ar_arena_done(&it->item);
    } while (!yes);
    return ar_ok();
}

uint32_t ar_items_line(const ar_items *it)
{
    for (size_t i = it->depth + 1; i-- > 0;)
        if (it->levels[i].scope.item != NULL && it->levels[i].scope.item->line > 0)
            return it->levels[i].scope.item->line;
    return 0;
}

bool ar_items_partial(const ar_items *it)
{
    return it->partial;
}

/* ---- lookups ---- */

static ar_err add_key(ar_items *it, lookup *l, const ar_scope *scope)
{
    const ar_node *key, *value;
    bool yes = true;

    if (l->where != NULL) AR_TRY(holds(it, l->where, scope, "'where' of a lookup", &yes));
    if (!yes) return ar_ok();
    AR_TRY(ar_mapping_eval(l->key, scope, &it->document, &key));
    AR_TRY(ar_mapping_eval(l->value, scope, &it->document, &value));
    if (key == NULL || value == NULL) return ar_ok();
    if (key->kind == AR_NODE_LIST || key->kind == AR_NODE_MAP)
        return ar_fail(AR_INVALID, "the key of a lookup is %s (want a text or a number)",
                       ar_node_kind_name(key->kind));
    ar_map_put(&l->table, &it->document, key->text, NULL)->cptr = value;
    return ar_ok();
}

static ar_err fill_lookup(ar_items *it, const ar_lookup_text *text, lookup *l)
{
    level levels[AR_ITEMS_STEPS_MAX] = { 0 };
    const ar_scope *scope;
    size_t depth = 0;

    for (size_t i = 0; i < text->n_steps; i++) levels[i].step = l->steps[i];
    AR_TRY(take_step(&levels[0], &it->root, &it->document));
    for (;;) {
        AR_TRY(next_of(levels, text->n_steps, &depth, &it->root, &it->document, &scope));
        if (scope == NULL) return ar_ok();
        AR_TRY(add_key(it, l, scope));
    }
}

static ar_err fill_lookups(ar_items *it)
{
    it->by_name = (ar_map){ 0 };
    it->root.lookups = it->text->n_lookups > 0 ? &it->by_name : NULL;
    for (size_t i = 0; i < it->text->n_lookups; i++) {
        const ar_lookup_text *text = &it->text->lookups[i];
        it->lookups[i].table = (ar_map){ 0 };
        ar_map_put(&it->by_name, &it->document, text->name, NULL)->ptr = &it->lookups[i].table;
        AR_TRY_WITH(fill_lookup(it, text, &it->lookups[i]), "%.*s: lookup '%.*s'", AR_FMT(it->file),
                    AR_FMT(text->name));
    }
    return ar_ok();
}

/* ---- documents ---- */

static ar_err check_refusals(ar_items *it)
{
    for (size_t i = 0; i < it->text->n_refuse; i++) {
        bool yes;
        AR_TRY(holds(it, it->refuse[i], &it->root, "'refuse'", &yes));
        if (yes)
            return ar_fail(AR_INVALID, "%.*s: %.*s", AR_FMT(it->file),
                           AR_FMT(it->text->refuse[i].because));
    }
    return ar_ok();
}

/* There and neither false nor without content: "@odata.nextLink", IsTruncated. */
static ar_err check_partial(ar_items *it)
{
    const ar_node *node = NULL;

    if (it->partial_when == NULL) return ar_ok();
    AR_TRY_WITH(ar_mapping_eval(it->partial_when, &it->root, &it->item, &node), "%.*s: 'partial'",
                AR_FMT(it->file));
    it->partial = node != NULL && !(node->kind == AR_NODE_BOOL && !node->b) &&
                  !(node->kind == AR_NODE_TEXT && node->text.len == 0);
    return ar_ok();
}

/* What the document says instead of showing items, in its own words; empty when it says nothing. */
static ar_str complaint(const ar_node *root, ar_arena *arena)
{
    static const char *const places[] = { "error.code",        "error.message", "error.detail",
                                          "error_description", "error",         "message",
                                          "errorMessage" };
    ar_auto(ar_buf) words = { 0 };

    for (size_t i = 0; i < AR_COUNT(places); i++) {
        const ar_node *node = ar_node_at(root, ar_str_of(places[i]));
        if (node == NULL || node->kind != AR_NODE_TEXT || node->text.len == 0) continue;
        ar_buf_addf(&words, "%s%.*s", words.len > 0 ? ": " : "",
                    AR_FMT(ar_utf8_cut(node->text, COMPLAINT_MAX)));
    }
    return ar_arena_copy(arena, ar_buf_str(&words));
}

static bool is_complaint(const ar_node *root)
{
    const ar_node *error = ar_node_get(root, AR_LIT("error"));

    return error != NULL && (error->kind == AR_NODE_MAP || error->kind == AR_NODE_TEXT) &&
           ar_node_get(root, AR_LIT("id")) == NULL;
}

static ar_err no_items(ar_items *it, const char *what, ar_str where)
{
    ar_str words = complaint(it->root.item, &it->item);

    return ar_fail(AR_INVALID, "%.*s: %s%.*s%s%s%.*s", AR_FMT(it->file), what, AR_FMT(where),
                   where.len > 0 ? "'" : "", words.len > 0 ? "; it says: " : "", AR_FMT(words));
}

/* Without steps: the document when it is a list, or the one list of maps in it, or it is itself
 * the one item. */
static ar_err guess_items(ar_items *it, const ar_node *root)
{
    const ar_node *found = root;
    size_t n = 0;

    if (root->kind == AR_NODE_MAP) {
        for (size_t i = 0; i < root->n; i++) {
            const ar_node *value = root->pairs[i].value;
            bool items = value->kind == AR_NODE_LIST &&
                         (value->n == 0 || value->items[0]->kind == AR_NODE_MAP);
            if (items) n++, found = value;
        }
        if (n > 1 || (n == 1 && ar_node_get(root, AR_LIT("id")) != NULL)) found = root;
        if (found == root && is_complaint(root))
            return no_items(it, "it is an error and no list of items", (ar_str){ 0 });
    } else if (root->kind != AR_NODE_LIST) {
        return ar_fail(AR_INVALID, "%.*s: the document is %s (want a list of items)",
                       AR_FMT(it->file), ar_node_kind_name(root->kind));
    }
    fill(&it->levels[0], found);
    return ar_ok();
}

static ar_err first_step(ar_items *it)
{
    level *l = &it->levels[0];

    AR_TRY_WITH(take_step(l, &it->root, NULL), "%.*s: 'items'", AR_FMT(it->file));
    if (l->one == NULL || (l->one->kind != AR_NODE_LIST && l->one->kind != AR_NODE_MAP))
        return no_items(it, "no list at '", it->text->steps[0]);
    return ar_ok();
}

ar_err ar_items_begin(ar_items *it, const ar_node *document, bool guess)
{
    it->root = (ar_scope){ .item = document };
    it->depth = 0;
    ar_arena_done(&it->document);
    AR_TRY(check_refusals(it));
    AR_TRY(check_partial(it));
    AR_TRY(fill_lookups(it));
    if (it->text->n_steps > 0) return first_step(it);
    if (guess) return guess_items(it, document);
    fill(&it->levels[0], document);
    return ar_ok();
}
