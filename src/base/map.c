#include "base/map.h"

struct ar_map_slot {
    ar_str key; /* ptr NULL: free */
    uint64_t hash;
    ar_map_value value;
};

/* FNV-1a, mixed: keys are names from files with a bound on their number, not an open door. */
static uint64_t hash_of(ar_str key)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.ptr[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static struct ar_map_slot *place_of(const ar_map *map, ar_str key, uint64_t hash)
{
    size_t i = hash & (map->cap - 1);

    while (map->slots[i].key.ptr != NULL &&
           !(map->slots[i].hash == hash && ar_str_eq(map->slots[i].key, key)))
        i = (i + 1) & (map->cap - 1);
    return &map->slots[i];
}

ar_map_value *ar_map_get(const ar_map *map, ar_str key)
{
    if (map->n == 0) return NULL;

    struct ar_map_slot *slot = place_of(map, key, hash_of(key));

    return slot->key.ptr == NULL ? NULL : &slot->value;
}

static void grow(ar_map *map, ar_arena *arena)
{
    ar_map old = *map;

    map->cap = old.cap == 0 ? 16 : old.cap * 2;
    map->slots = ar_make_n(arena, struct ar_map_slot, map->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key.ptr != NULL)
            *place_of(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
}

ar_map_value *ar_map_put(ar_map *map, ar_arena *arena, ar_str key, bool *out_new)
{
    if (map->n * 2 >= map->cap) grow(map, arena);

    uint64_t hash = hash_of(key);
    struct ar_map_slot *slot = place_of(map, key, hash);
    bool fresh = slot->key.ptr == NULL;

    if (fresh) {
        *slot = (struct ar_map_slot){ .key = key, .hash = hash };
        if (key.ptr == NULL) slot->key.ptr = "";
        map->n++;
    }
    if (out_new != NULL) *out_new = fresh;
    return &slot->value;
}
