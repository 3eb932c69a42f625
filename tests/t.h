/* t: a test is a function; writing it registers it; the program speaks TAP.
 *   prog            run all           prog day  run those whose name contains "day" */
#pragma once

#include "base/base.h"
#include "base/sanitize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct t_case {
    const char *name;
    void (*run)(void);
} t_case;

extern const t_case __start_t_cases[], __stop_t_cases[];
static int t_bad;

#define TEST(id)                                                                          \
    static void id(void);                                                                 \
    static const t_case id##_case                                                         \
        __attribute__((used, section("t_cases"), aligned(sizeof(void *)))) = { #id, id }; \
    static void id(void)

#define T_TRUE(cond) \
    ((cond) ? (void)0 : (void)(t_bad++, printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond)))

#define T_INT(got, want)                                                                           \
    do {                                                                                           \
        long long got_ = (long long)(got), want_ = (long long)(want);                              \
        if (got_ != want_)                                                                         \
            t_bad++,                                                                               \
                printf("# %s:%d: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, got_, want_); \
    } while (0)

#define T_STR(got, want)                                                                          \
    do {                                                                                          \
        ar_str got_ = (got), want_ = ar_str_of(want);                                             \
        if (!ar_str_eq(got_, want_))                                                              \
            t_bad++, printf("# %s:%d: %s is\n#   '%.*s', want\n#   '%.*s'\n", __FILE__, __LINE__, \
                            #got, AR_FMT(got_), AR_FMT(want_));                                   \
    } while (0)

#define T_OK(call)                                                                           \
    do {                                                                                     \
        ar_err t_ = (call);                                                                  \
        if (t_.code != AR_OK)                                                                \
            t_bad++, printf("# %s:%d: %.*s\n", __FILE__, __LINE__, AR_FMT(ar_err_text(t_))); \
    } while (0)

#define T_FAILS(call, want, says)                                                            \
    do {                                                                                     \
        ar_err t_ = (call);                                                                  \
        ar_str tx_ = ar_err_text(t_);                                                        \
        if (t_.code != (want) || !ar_str_contains(tx_, ar_str_of(says)))                     \
            t_bad++, printf("# %s:%d: got %s '%.*s', want %s '%s'\n", __FILE__, __LINE__,    \
                            ar_code_name(t_.code), AR_FMT(tx_), ar_code_name(want), (says)); \
    } while (0)

/* A small seeded generator, for property tests: the same seed gives the same run everywhere. */
typedef struct t_random {
    uint64_t state;
} t_random;

[[maybe_unused]] static uint64_t t_next(t_random *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

[[maybe_unused]] static size_t t_below(t_random *r, size_t n)
{
    return (size_t)(t_next(r) % n);
}

/* How often to repeat what is random: more with ARIGHT_TEST_LONG; once where every allocation is
 * watched, which takes ten times as long. */
[[maybe_unused]] static int t_rounds(int usual, int with_long)
{
    if (getenv("ARIGHT_TEST_LONG") != NULL) return with_long;
    return AR_SANITIZED ? (usual + 1) / 2 : usual;
}

int main(int argc, char **argv)
{
    int n = 0, failed = 0;

    for (const t_case *c = __start_t_cases; c < __stop_t_cases; c++) {
        if (argc > 1 && strstr(c->name, argv[1]) == NULL) continue;
        t_bad = 0;
        c->run();
        printf("%s %d - %s\n", t_bad ? "not ok" : "ok", ++n, c->name);
        (void)fflush(stdout);
        failed += t_bad != 0;
    }
    printf("1..%d\n", n);
    return failed != 0;
}
