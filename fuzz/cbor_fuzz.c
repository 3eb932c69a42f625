/* What reads as a value is written as bytes that read as the same value, and no reader moves on
 * when it fails or goes beyond the end. */
#include "form/cbor.h"
#include "form/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool skip_head(ar_str *rest)
{
    size_t n;

    if (ar_cbor_read_array(rest, &n).code == AR_OK) return assert(n <= rest->len), true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str rest = { (const char *)data, size };
    const char *end = rest.ptr + size;

    for (;;) {
        ar_auto(ar_buf) out = { 0 };
        ar_str before = rest, again_rest;
        ar_value v, again;

        if (ar_cbor_read_value(&rest, &v).code != AR_OK) {
            assert(rest.ptr == before.ptr && rest.len == before.len);
            if (!skip_head(&rest)) return 0;
            continue;
        }
        assert(rest.len < before.len && rest.ptr + rest.len == end);
        assert(v.type != AR_TEXT || ar_utf8_valid(v.s) == v.s.len);
        ar_cbor_value(&out, v);
        assert(out.len <= before.len - rest.len); /* ours is the shortest form */
        again_rest = ar_buf_str(&out);
        assert(ar_cbor_read_value(&again_rest, &again).code == AR_OK);
        assert(ar_value_eq(v, again) && again_rest.len == 0);
    }
}
