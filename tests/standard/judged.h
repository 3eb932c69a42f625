/* judged: a made estate whose findings are known, and the words in which tests say what an
 * operation answers about it. */
#pragma once

#include "standard/waiver.h"
#include "world.h"

[[maybe_unused]] static ar_time day(int64_t n)
{
    return DAY0 + n * AR_DAY;
}

/* Four things of two owners under two standards, judged on day 0. T-2 weighs more. */
[[maybe_unused]] static world judged(void)
{
    world w = { 0 };

    world_files(&w);
    world_standard(&w, "T-1", "pass: ok AND n > 1\nstale_after: 7d");
    world_standard(&w, "T-2",
                   "where: m > 0\npass: ok OR used_at > :asof - INTERVAL :days DAY\n"
                   "params: {days: 30}");
    world_standard(&w, "T-3", "where: m < 0\npass: ok");
    world_load(&w);
    world_engine(&w, NULL);
    world_sql(
        &w,
        "INSERT INTO thing (id, name, owner_id, owner_source, domain_id, criticality, n, m, ok,"
        " used_at, last_seen, source) VALUES"
        " ('a', 'Ant', 'person:kim', 'register', 'east', 5, 3, 1, TRUE, NULL, $$2026-01-01$$, 's'),"
        " ('b', 'Bee', 'person:kim', 'register', 'east', NULL, 0, 1, FALSE,"
        "  $$2025-11-01$$, $$2026-01-01$$, 's'),"
        " ('c', 'Cat', 'person:lee', 'history', 'west', 5, 9, 0, NULL, NULL, $$2026-01-01$$, 's'),"
        " ('d', 'Dog', NULL, NULL, NULL, 1, 9, 2, FALSE, $$2025-12-31$$, $$2025-12-01$$, 's')");
    (void)world_evaluate(&w, day(0));
    return w;
}

[[maybe_unused]] static void grant(world *w, const char *finding, int64_t until)
{
    ar_waiver_request request = { ar_str_of(finding),
                                  day(until),
                                  AR_LIT("a reason of some length"),
                                  { 0 },
                                  AR_LIT("person:officer") };
    ar_waiver_granted granted;

    T_OK(ar_waiver_grant(w->engine, &request, day(0), &w->arena, &granted));
}

/* The text of one column of a record. */
[[maybe_unused]] static ar_str field(answer *a, const char *name)
{
    ar_str heads = ar_buf_str(&a->head), rest = ar_str_trim(ar_buf_str(&a->rows)), head,
           value = { 0 };

    while (ar_str_split(&heads, '|', &head) && ar_str_split(&rest, '|', &value))
        if (ar_str_eq(head, ar_str_of(name))) return value;
    return AR_LIT("no such column");
}

#define ANSWERS(call, want_rows)                  \
    do {                                          \
        ar_auto(answer) a_ = (call);              \
        T_OK(a_.err);                             \
        T_STR(ar_buf_str(&a_.rows), (want_rows)); \
    } while (0)

#define NOTES(call, says)                                             \
    do {                                                              \
        ar_auto(answer) a_ = (call);                                  \
        T_OK(a_.err);                                                 \
        T_TRUE(ar_str_contains(ar_buf_str(&a_.notes), AR_LIT(says))); \
    } while (0)

#define REFUSES(call, code, says)        \
    do {                                 \
        ar_auto(answer) a_ = (call);     \
        T_FAILS(a_.err, (code), (says)); \
        T_STR(ar_buf_str(&a_.rows), ""); \
    } while (0)

[[maybe_unused]] static ar_str ids(answer *a, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str rest = ar_buf_str(&a->rows), line, id;

    while (ar_str_split(&rest, '\n', &line) && line.len > 0) {
        T_TRUE(ar_str_split(&line, '|', &id));
        if (out.len > 0) ar_buf_addc(&out, ' ');
        ar_buf_add(&out, id);
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}

#define LISTS(w, want, ...)                                         \
    do {                                                            \
        ar_auto(answer) a_ = ASK((w), "finding.list", __VA_ARGS__); \
        T_OK(a_.err);                                               \
        T_STR(ids(&a_, &(w)->arena), (want));                       \
    } while (0)
