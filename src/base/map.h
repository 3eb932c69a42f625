/* map: a hash map from text to a number or a pointer, in an arena. Nothing is ever removed. */
#pragma once

#include "base/arena.h"

typedef struct ar_map {
    struct ar_map_slot *slots;
    size_t n;
    size_t cap;
} ar_map;

typedef union ar_map_value {
    void *ptr;
    const void *cptr;
    int64_t n;
} ar_map_value;

/* The value of `key`, or NULL. Valid until the next put. */
ar_map_value *ar_map_get(const ar_map *map, ar_str key);
/* The place of `key`, made zero when it is new. Keys are viewed, not copied: they must live as long
 * as the map. */
ar_map_value *ar_map_put(ar_map *map, ar_arena *arena, ar_str key, bool *out_new);
