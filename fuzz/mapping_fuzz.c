#include "estate/mapping.h"
#include "form/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seen(void *self, ar_str name)
{
    size_t *n = self;

    *n += name.len;
}

/* A mapping, a line break, an item, which is also what holds it and what is looked up in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str all = { (const char *)data, size }, text;
    const ar_mapping *mapping = NULL;
    const ar_mapping_visit visit = { .field = seen, .lookup = seen };
    ar_map table = { 0 }, lookups = { 0 };
    const ar_node *node = NULL;
    size_t named = 0;
    ar_node *item;

    (void)ar_str_split(&all, '\n', &text);
    if (ar_mapping_parse(text, &arena, &mapping).code != AR_OK) {
        assert(mapping == NULL);
        return 0;
    }
    /* A plain path is found in the text itself. */
    assert(ar_str_contains(text, ar_mapping_path(mapping)));
    ar_mapping_walk(mapping, &visit, &named);
    assert(named >= ar_str_find(ar_mapping_path(mapping), '.'));
    if (all.ptr == NULL || ar_json_parse(AR_LIT("item"), all, NULL, &arena, &item).code != AR_OK)
        return 0;
    ar_map_put(&table, &arena, AR_LIT("a"), NULL)->cptr = item;
    ar_map_put(&lookups, &arena, AR_LIT("t"), NULL)->ptr = &table;
    ar_scope outer = { .item = item, .lookups = &lookups };
    ar_scope scope = { .item = item, .outer = &outer, .lookups = &lookups };
    if (ar_mapping_eval(mapping, &scope, &arena, &node).code != AR_OK)
        assert(node == NULL);
    else
        assert(node == NULL || node->kind != AR_NODE_NULL);
    return 0;
}
