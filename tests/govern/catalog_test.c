#include "govern/catalog.h"

#include "standard/standard.h"
#include "t.h"

static ar_err parse(ar_arena *arena, const char *items, ar_catalog *out)
{
    ar_str text = ar_arena_printf(
        arena, "catalog: act\ntitle: An act\nowner: team:law\nobligations:\n%s\n", items);

    return ar_catalog_parse(AR_LIT("act.yaml"), AR_LIT("act"), text, arena, out);
}

TEST(a_catalog_says_what_is_owed_by_whom_and_what_was_declared)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_catalog c = { 0 };

    T_OK(parse(&arena,
               "  - {id: 6, group: Logs, text: Keep logs., declared: complete, at: 2026-01-02}\n"
               "  - {id: ac-2.3, text: Disable accounts., owner: 'team:web', note: soon}\n",
               &c));
    T_INT(c.n, 2);
    T_STR(c.items[0].ref, "6");
    T_STR(c.items[0].owner, "team:law");
    T_STR(c.items[0].declared, "complete");
    T_TRUE(c.items[0].at.type == AR_TIME);
    T_STR(c.items[1].ref, "ac-2.3");
    T_STR(c.items[1].owner, "team:web");
    T_TRUE(c.items[1].declared.len == 0 && c.items[1].at.type == AR_NULL);
}

TEST(what_is_wrong_with_a_catalog_is_said_with_its_place)
{
    static const struct {
        const char *items, *says;
    } wrong[] = {
        { "  - {id: 6}", "act.yaml:5" },
        { "  - {text: Keep logs.}", "'id' is missing" },
        { "  - {id: A/6, text: Keep logs.}", "want one like 6 or ac-2" },
        { "  - {id: 6, text: Keep., declared: done, at: 2026-01-02}",
          "want complete, in_progress" },
        { "  - {id: 6, text: Keep., declared: complete}", "at" },
        { "  - {id: 6, text: Keep., declared: complete, at: soon}", "act.yaml:5:50: at:" },
        { "  - {id: 6, text: Keep.}\n  - {id: 6, text: Keep.}", "'6' is there twice" },
        { "  - {id: 6, txt: Keep.}", "did you mean 'text'?" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_catalog c;

    for (size_t i = 0; i < AR_COUNT(wrong); i++)
        T_FAILS(parse(&arena, wrong[i].items, &c), AR_INVALID, wrong[i].says);
}

static bool has(const ar_catalog *catalogs, size_t n, const ar_standard_map *map)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; ar_str_eq(catalogs[i].name, map->catalog) && k < catalogs[i].n; k++)
            if (ar_str_eq(catalogs[i].items[k].ref, map->ref)) return true;
    return false;
}

TEST(whatever_a_shipped_standard_answers_is_in_a_shipped_catalog)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_place place = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    const ar_catalog *catalogs;
    ar_standards standards;
    ar_kinds kinds;
    size_t n, maps = 0;

    T_OK(ar_kinds_load(&place, &arena, &kinds));
    T_OK(ar_standards_load(&place, &kinds, &arena, &standards));
    T_OK(ar_catalogs_load(&place, &arena, &catalogs, &n));
    for (size_t i = 0; i < standards.n; i++)
        for (size_t k = 0; k < standards.list[i].n_maps; k++, maps++)
            if (!has(catalogs, n, &standards.list[i].maps[k]))
                T_STR(standards.list[i].maps[k].ref, "a number that a catalog has");
    T_TRUE(maps > standards.n);
}
