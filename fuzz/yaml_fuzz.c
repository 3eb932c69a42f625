/* Any text is a tree within its limits or an error with a place; the tree prints as JSON that reads
 * back the same. */
#include "form/json.h"
#include "form/utf.h"
#include "form/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t check(const ar_node *node, size_t depth)
{
    size_t n = 1;

    assert(depth <= 20 && node->line > 0 && node->column > 0);
    assert(ar_utf8_valid(node->text) == node->text.len);
    assert(ar_str_find(node->text, '\0') == node->text.len);
    for (size_t i = 0; i < node->n && node->kind == AR_NODE_LIST; i++)
        n += check(node->items[i], depth + 1);
    for (size_t i = 0; i < node->n && node->kind == AR_NODE_MAP; i++) {
        const ar_pair *pair = &node->pairs[i];

        assert(pair->line > 0 && pair->column > 0);
        assert(ar_node_get(node, pair->key) == pair->value); /* no key is there twice */
        n += check(pair->value, depth + 1);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ar_form_limits limits = { .nodes_max = 500, .depth_max = 20 };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) once = { 0 }, twice = { 0 };
    ar_str file = AR_LIT("x");
    ar_node *root = NULL, *again = NULL;
    ar_err err = ar_yaml_parse(file, (ar_str){ (const char *)data, size }, &limits, &arena, &root);

    if (err.code != AR_OK) {
        assert(err.code == AR_INVALID || err.code == AR_LIMIT);
        assert(root == NULL && ar_str_starts(ar_err_text(err), AR_LIT("x:")));
        return 0;
    }
    assert(check(root, 1) <= 500);
    ar_json_node(&once, root);
    assert(ar_json_parse(file, ar_buf_str(&once), NULL, &arena, &again).code == AR_OK);
    ar_json_node(&twice, again);
    assert(ar_str_eq(ar_buf_str(&once), ar_buf_str(&twice)));
    return 0;
}
