#include "govern/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_catalog c = { .n = 77 };
    ar_err err = ar_catalog_parse(AR_LIT("file"), (ar_str){ 0 },
                                  (ar_str){ (const char *)data, size }, &arena, &c);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && c.n == 77);
        return 0;
    }
    assert(c.name.len > 0 && c.title.ptr != NULL && c.n <= AR_CATALOG_ITEMS_MAX);
    for (size_t i = 0; i < c.n; i++) {
        const ar_catalog_item *item = &c.items[i];

        assert(item->ref.len > 0 && item->text.len <= AR_CATALOG_TEXT_MAX);
        assert((item->declared.len > 0) == (item->at.type == AR_TIME));
    }
    return 0;
}
