#include "estate/mapping.h"
#include "form/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A mapping, a line break, an item. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str all = { (const char *)data, size }, text;
    const ar_mapping *mapping = NULL;
    const ar_node *node = NULL;
    ar_node *item;

    (void)ar_str_split(&all, '\n', &text);
    if (ar_mapping_parse(text, &arena, &mapping).code != AR_OK) {
        assert(mapping == NULL);
        return 0;
    }
    /* A plain path is found in the text itself. */
    assert(ar_str_contains(text, ar_mapping_path(mapping)));
    if (all.ptr == NULL || ar_json_parse(AR_LIT("item"), all, NULL, &arena, &item).code != AR_OK)
        return 0;
    if (ar_mapping_eval(mapping, item, &arena, &node).code != AR_OK)
        assert(node == NULL);
    else
        assert(node == NULL || node->kind != AR_NODE_NULL);
    return 0;
}
