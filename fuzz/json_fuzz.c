/* Any text is a tree within its limits or an error with a place; what the tree prints reads back as
 * the same tree. */
#include "form/json.h"
#include "form/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const ar_node *a, const ar_node *b, size_t depth)
{
    assert(depth <= 64 && a->kind == b->kind && a->n == b->n);
    assert(a->line > 0 && a->column > 0 && ar_utf8_valid(a->text) == a->text.len);
    switch (a->kind) {
    case AR_NODE_NULL: return;
    case AR_NODE_BOOL: assert(a->b == b->b); return;
    case AR_NODE_INT: assert(a->i == b->i); return;
    case AR_NODE_DOUBLE: assert(a->d == b->d); return;
    case AR_NODE_TEXT: assert(ar_str_eq(a->text, b->text)); return;
    case AR_NODE_LIST:
        for (size_t i = 0; i < a->n; i++) check_same(a->items[i], b->items[i], depth + 1);
        return;
    case AR_NODE_MAP:
        for (size_t i = 0; i < a->n; i++) {
            assert(ar_str_eq(a->pairs[i].key, b->pairs[i].key));
            assert(ar_node_get(a, a->pairs[i].key) == a->pairs[i].value);
            check_same(a->pairs[i].value, b->pairs[i].value, depth + 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_str file = AR_LIT("x");
    ar_node *root = NULL, *again = NULL;
    ar_err err = ar_json_parse(file, (ar_str){ (const char *)data, size }, NULL, &arena, &root);

    if (err.code != AR_OK) {
        assert(err.code == AR_INVALID || err.code == AR_LIMIT);
        assert(root == NULL && ar_str_starts(ar_err_text(err), AR_LIT("x:")));
        return 0;
    }
    ar_json_node(&out, root);
    assert(ar_json_parse(file, ar_buf_str(&out), NULL, &arena, &again).code == AR_OK);
    check_same(root, again, 1);
    return 0;
}
