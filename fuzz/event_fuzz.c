/* A line of the event log, whatever a damaged disk made of it: it is no event, or all that is said
 * of it is text in one line's arena, and it names whatever stands in it. */
#include "op/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) said = { 0 };
    ar_str line = { (const char *)data, size };
    ar_event_line l = { .seq = 7 };

    if (ar_event_read(line, &arena, &l).code != AR_OK) {
        assert(l.seq == 7);
        return 0;
    }
    assert(l.detail->kind == AR_NODE_MAP);
    assert(l.event.at >= AR_TIME_MIN && l.event.at <= AR_TIME_MAX);
    ar_event_say(&l, &said);
    assert(said.len <= 2 * size); /* each name and text once, and what parts them */
    for (size_t i = 0; i < l.detail->n; i++) {
        const ar_node *fact = l.detail->pairs[i].value;

        if (fact->kind == AR_NODE_TEXT) assert(ar_event_names(&l, fact->text));
    }
    return 0;
}
