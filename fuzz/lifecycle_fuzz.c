#include "life/cycle.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The shipped kinds, read once. */
static const ar_kinds *shipped(void)
{
    static ar_arena arena;
    static ar_kinds kinds;
    const char *source = getenv("ARIGHT_SOURCE");
    ar_place place = { .home = "/nonexistent", .data = source == NULL ? "." : source };

    if (kinds.n == 0 && ar_kinds_load(&place, &arena, &kinds).code != AR_OK) abort();
    return &kinds;
}

/* A life cycle that is taken has guards that can hold and can bind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_definitions actions = { 0 };
    ar_cycle c = { .batch = -77 };
    ar_err err = ar_cycle_parse(AR_LIT("file"), (ar_str){ 0 }, (ar_str){ (const char *)data, size },
                                shipped(), &actions, &arena, &c);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && c.batch == -77);
        return 0;
    }
    assert(c.batch >= 1 && c.two_persons_above >= 0 && c.two_persons_above < c.batch);
    assert(c.sources >= 1 && c.notices >= 1 && c.idle >= c.fresh && c.restores < 1);
    assert(c.notice.lasts > 0 && c.quarantine.lasts > 0 && c.soft_delete.lasts > 0);
    for (size_t i = 0; i < c.n_classes; i++) assert(c.classes[i].life >= 0);
    return 0;
}
