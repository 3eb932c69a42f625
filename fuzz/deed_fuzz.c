#include "act/deed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for a deed is the same when it is printed and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) once = { 0 }, twice = { 0 }, shown = { 0 };
    ar_deed deed = { .seconds = -77 };
    ar_err err = ar_deed_parse((ar_str){ (const char *)data, size }, &arena, &deed);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && deed.seconds == -77);
        return 0;
    }
    assert(deed.seconds >= 1 && deed.seconds <= AR_ACTION_SECONDS_MAX);
    ar_deed_print(&deed, &once);
    assert(ar_deed_parse(ar_buf_str(&once), &arena, &deed).code == AR_OK);
    ar_deed_print(&deed, &twice);
    assert(ar_str_eq(ar_buf_str(&once), ar_buf_str(&twice)));
    for (int p = 0; p < AR_ACT_PARTS; p++) ar_deed_show(&deed, (enum ar_act_part)p, &shown);
    return 0;
}
