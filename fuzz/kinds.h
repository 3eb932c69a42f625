/* kinds: the shipped kinds, read once, for targets whose files are about them. */
#pragma once

#include "estate/kind.h"

#include <stdlib.h>

static const ar_kinds *kinds(void)
{
    static ar_arena arena;
    static ar_kinds all;
    const char *source = getenv("ARIGHT_SOURCE");
    ar_place place = { .home = "/nonexistent", .data = source == NULL ? "." : source };

    if (all.n == 0 && ar_kinds_load(&place, &arena, &all).code != AR_OK) abort();
    return &all;
}
