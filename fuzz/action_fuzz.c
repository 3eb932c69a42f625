#include "act/action.h"

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

/* Whatever the file says, a fact is an argument of its own, and never the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_action a = { .seconds = 77 };
    ar_err err = ar_action_parse(AR_LIT("file"), (ar_str){ 0 },
                                 (ar_str){ (const char *)data, size }, shipped(), &arena, &a);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && a.seconds == 77);
        return 0;
    }
    assert(a.seconds >= 1 && a.seconds <= AR_ACTION_SECONDS_MAX && ar_action_has(&a, AR_ACT_DO));
    for (int p = 0; p < AR_ACT_PARTS; p++) {
        const ar_command *command = &a.parts[p].command;
        const char *method = a.parts[p].request.recipe.method;

        assert(method == NULL ? true : a.system.len > 0 && command->n == 0);
        for (size_t i = 0; i < command->n; i++) {
            ar_str column = ar_action_column(command->args[i]);

            assert(column.len == 0 || (i > 0 && ar_kind_column_find(a.kind, column) != NULL));
        }
    }
    return 0;
}
