#include "base/crc.h"
#include "lookup/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Behind a sum that is right, as who damages it on purpose would write it: what is taken is within
 * its limits, and printed again is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 }, again = { 0 }, last = { 0 };
    ar_str object = { (const char *)data, size };
    ar_lookup_manifest m = { .evaluation = -77 }, same;

    ar_buf_addf(&text, "ARVERD1 %08x\n", (unsigned)ar_crc32c(object));
    ar_buf_add(&text, object);
    if (ar_lookup_manifest_parse(ar_buf_str(&text), &arena, &m).code != AR_OK) {
        assert(m.evaluation == -77);
        return 0;
    }
    assert(m.n_parts <= AR_LOOKUP_SEGMENTS_MAX && m.n_standards <= AR_LOOKUP_STANDARDS_MAX);
    for (size_t i = 0; i < m.n_standards; i++)
        assert(m.standards[i].slot >= 0 && m.standards[i].slot < 31);
    ar_lookup_manifest_print(&m, &again);
    assert(ar_lookup_manifest_parse(ar_buf_str(&again), &arena, &same).code == AR_OK);
    ar_lookup_manifest_print(&same, &last);
    assert(ar_str_eq(ar_buf_str(&again), ar_buf_str(&last)));
    return 0;
}
