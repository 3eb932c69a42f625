#include "work/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A project that is taken has a tracker, lists that are lists of texts, and patience with an end.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_project p = { .tracker = AR_LIT("untouched") };
    ar_err err = ar_project_parse(AR_LIT("file"), (ar_str){ 0 },
                                  (ar_str){ (const char *)data, size }, &arena, &p);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) &&
               ar_str_eq(p.tracker, AR_LIT("untouched")));
        return 0;
    }
    assert(p.tracker.len > 0 && p.reach.minutes_max >= 1 && p.reach.request_seconds >= 1 &&
           p.reach.attempts >= 1);

    const ar_node *lists[] = { p.owners, p.domains };

    for (size_t l = 0; l < AR_COUNT(lists); l++)
        for (size_t i = 0; lists[l] != NULL && i < lists[l]->n; i++)
            assert(lists[l]->items[i]->text.len > 0);
    (void)ar_project_person(&p, AR_LIT("person:kim"));
    return 0;
}
