#include "base/map.h"

#include "base/siphash.h"

#include <stdlib.h>
#include <sys/random.h>

struct ar_map_slot {
    ar_str key; /* ptr NULL: free */
    uint64_t hash;
    ar_map_value value;
};

/* SipHash-1-3 (Aumasson and Bernstein, 2012) with a key of this process: keys come from payloads
 * too, and under a hash that is known millions of them can be made to fall into one place. */
static uint64_t secret[2];

__attribute__((constructor)) static void draw_secret(void)
{
    if (getrandom(secret, sizeof secret, 0) != sizeof secret) abort();
}

static void mix_in(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    ar_siphash_round(v);
    v[0] ^= word;
}

static uint64_t hash_of(ar_str key)
{
    uint64_t v[] = { secret[0] ^ UINT64_C(0x736f6d6570736575),
                     secret[1] ^ UINT64_C(0x646f72616e646f6d),
                     secret[0] ^ UINT64_C(0x6c7967656e657261),
                     secret[1] ^ UINT64_C(0x7465646279746573) };
    uint64_t word, last = (uint64_t)key.len << 56;
    size_t at = 0;

    for (; key.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, key.ptr + at, sizeof word);
        mix_in(v, word);
    }
    for (int shift = 0; at < key.len; at++, shift += 8)
        last |= (uint64_t)(unsigned char)key.ptr[at] << shift;
    mix_in(v, last);
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) ar_siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
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
