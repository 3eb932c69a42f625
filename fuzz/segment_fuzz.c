#include "seglog/seglog.h"
#include "seglog/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read was written so. */
static void check_again(ar_str text, const ar_segment_record *r)
{
    ar_auto(ar_buf) out = { 0 };
    size_t sealed = AR_SEGMENT_RECORD_HEAD + r->bytes.len;

    ar_segment_record_add(&out, r->number, r->durable, r->bytes);
    assert(out.len == r->size && memcmp(out.ptr, text.ptr, sealed) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str text = { (const char *)data, size };
    ar_segment_head head;
    ar_segment_record r;

    if (ar_segment_head_read(text, &head)) assert(size >= AR_SEGMENT_HEAD);
    while (ar_segment_record_read(text, &r)) {
        assert(r.number > 0 && r.bytes.len <= AR_SEGLOG_RECORD_MAX && r.size <= text.len);
        check_again(text, &r);
        text = ar_str_cut(text, r.size, text.len);
    }
    return 0;
}
