#include "base/base.h"
#include "t.h"

TEST(every_key_keeps_its_own_value)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_map map = { 0 };
    bool fresh;

    for (int64_t i = 0; i < 5000; i++) {
        ar_map_put(&map, &arena, ar_arena_printf(&arena, "key %lld", (long long)i), &fresh)->n = i;
        T_TRUE(fresh);
    }
    for (int64_t i = 0; i < 5000; i++) {
        ar_map_value *v = ar_map_get(&map, ar_arena_printf(&arena, "key %lld", (long long)i));

        T_TRUE(v != NULL && v->n == i);
    }
    T_TRUE(ar_map_get(&map, AR_LIT("key 5000")) == NULL);
    ar_map_put(&map, &arena, AR_LIT("key 7"), &fresh)->n = -7;
    T_TRUE(!fresh && map.n == 5000);
}

TEST(the_empty_key_is_a_key)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_map map = { 0 };

    T_TRUE(ar_map_get(&map, AR_LIT("")) == NULL);
    ar_map_put(&map, &arena, (ar_str){ 0 }, NULL)->n = 3;
    T_TRUE(ar_map_get(&map, AR_LIT(""))->n == 3);
}
