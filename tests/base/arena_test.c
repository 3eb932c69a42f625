#include "base/base.h"
#include "t.h"

TEST(what_is_taken_is_zero_aligned_and_apart)
{
    ar_auto(ar_arena) arena = { 0 };
    t_random r = { 1 };
    struct {
        unsigned char *ptr;
        size_t len;
    } taken[500];

    for (size_t i = 0; i < AR_COUNT(taken); i++) {
        size_t len = t_below(&r, 10) == 0 ? t_below(&r, 100000) : t_below(&r, 200);

        taken[i].ptr = ar_arena_take(&arena, len);
        taken[i].len = len;
        T_TRUE((uintptr_t)taken[i].ptr % _Alignof(max_align_t) == 0);
        for (size_t k = 0; k < len; k++) T_TRUE(taken[i].ptr[k] == 0);
        memset(taken[i].ptr, (int)(i % 251 + 1), len);
    }
    for (size_t i = 0; i < AR_COUNT(taken); i++)
        for (size_t k = 0; k < taken[i].len; k++) T_TRUE(taken[i].ptr[k] == i % 251 + 1);
}

TEST(an_array_grows_and_keeps_what_it_had)
{
    ar_auto(ar_arena) arena = { 0 };
    int *numbers = NULL;
    size_t n = 0, cap = 0;

    for (int i = 0; i < 1000; i++) {
        ar_grow(&arena, numbers, n, cap);
        numbers[n++] = i;
    }
    for (int i = 0; i < 1000; i++) T_INT(numbers[i], i);
}
