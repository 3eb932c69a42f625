#include "base/base.h"
#include "t.h"

#include <time.h>

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

/* Of each pair either part leads FNV-1a, the hash that maps had before, to the same place. */
static const char made[][2][9] = {
    { "txydk0xh", "muo5nead" }, { "tuofuro3", "hwhectnl" }, { "v5arvwjl", "mqegosj3" },
    { "lsaqfor2", "2pzgqmir" }, { "t5hckxkf", "0kohfssf" }, { "p0wsq4mb", "hflpxif5" },
    { "jnkoh1uo", "15iynuoe" }, { "hrpw23yg", "dx34m4kk" }, { "1mewtzyw", "ystmvcdh" },
    { "hrpw23yg", "dx34m4kk" }, { "1mewtzyw", "ystmvcdh" }, { "hrpw23yg", "dx34m4kk" },
    { "1mewtzyw", "ystmvcdh" }, { "hrpw23yg", "dx34m4kk" }, { "1mewtzyw", "ystmvcdh" },
};

static double seconds_of_keys(bool hostile)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_map map = { 0 };
    clock_t begin = clock();

    for (size_t i = 0; i < (size_t)1 << AR_COUNT(made); i++) {
        ar_auto(ar_buf) key = { 0 };

        for (size_t k = 0; k < AR_COUNT(made); k++) ar_buf_addz(&key, made[k][i >> k & 1]);
        if (!hostile) ar_buf_addf(&key, "%zu", i);
        ar_map_put(&map, &arena, ar_arena_copy(&arena, ar_buf_str(&key)), NULL);
    }
    T_INT(map.n, 1 << AR_COUNT(made));
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

TEST(keys_that_were_made_to_fall_into_one_place_do_not)
{
    T_TRUE(seconds_of_keys(true) < 0.02 + 3 * seconds_of_keys(false));
}
