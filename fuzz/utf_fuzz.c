/* What comes out is valid UTF-8 without a mark at its front, and what was valid stays as it was. */
#include "form/json.h"
#include "form/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) json = { 0 }, again = { 0 };
    ar_str text = { (const char *)data, size }, out = { 0 };
    size_t valid = ar_utf8_valid(text);
    ar_node *node = NULL;

    assert(valid <= size && ar_utf8_valid(ar_str_cut(text, 0, valid)) == valid);
    assert(ar_utf8_width(text) <= 2 * size);
    if (ar_utf8_from(AR_LIT("x"), text, &arena, &out).code == AR_OK)
        assert(ar_utf8_valid(out) == out.len || valid < size);
    assert((ar_utf8_check(AR_LIT("x"), text).code == AR_OK) == (valid == size));

    for (size_t at = 0; at < valid;) {
        uint32_t c = 0;
        size_t len = ar_utf8_next(ar_str_cut(text, at, valid), &c);

        assert(len > 0);
        ar_utf8_add(&again, c);
        at += len;
    }
    assert(ar_str_eq(ar_buf_str(&again), ar_str_cut(text, 0, valid)));

    /* as a JSON text: whatever the bytes are */
    ar_json_text(&json, text);
    assert(ar_json_parse(AR_LIT("x"), ar_buf_str(&json), NULL, &arena, &node).code == AR_OK);
    assert(node->kind == AR_NODE_TEXT && ar_str_starts(node->text, ar_str_cut(text, 0, valid)));
    return 0;
}
