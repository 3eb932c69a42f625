#include "work/project.h"

#include "t.h"

static ar_project parse(ar_arena *arena, const char *name, const char *lines)
{
    ar_project p = { 0 };

    T_OK(ar_project_parse(AR_LIT("p.yaml"), ar_str_of(name),
                          ar_arena_printf(arena, "project: %s\ntracker: github\n%s", name, lines),
                          arena, &p));
    return p;
}

static const char *served_by(const ar_projects *all, const char *owner, const char *domain)
{
    static const struct {
        ar_str below, above;
    } tree[] = { { AR_LIT("person:kim"), AR_LIT("team:web") },
                 { AR_LIT("team:web"), AR_LIT("division:x") },
                 { AR_LIT("team:a"), AR_LIT("team:b") },
                 { AR_LIT("team:b"), AR_LIT("team:a") } };
    static ar_arena names;
    ar_auto(ar_arena) arena = { 0 };
    ar_map parents = { 0 };
    const ar_project *p;
    bool is_new;

    for (size_t i = 0; i < AR_COUNT(tree); i++)
        ar_map_put(&parents, &arena, tree[i].below, &is_new)->cptr = &tree[i].above;
    p = ar_projects_serve(all, &parents, ar_str_of(owner), ar_str_of(domain));
    return p == NULL ? "nobody" : ar_arena_cstr(&names, p->name);
}

TEST(an_item_goes_to_the_nearest_who_serves_its_owner_then_its_domain_then_the_rest)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_project list[] = {
        parse(&arena, "all", ""),
        parse(&arena, "division", "owners: ['division:x']"),
        parse(&arena, "shop", "domains: [shop]"),
        parse(&arena, "web", "owners: ['team:web']"),
    };
    ar_projects all = { list, AR_COUNT(list) }, few = { list + 1, AR_COUNT(list) - 1 };

    T_STR(ar_str_of(served_by(&all, "person:kim", "shop")), "web");
    T_STR(ar_str_of(served_by(&all, "division:x", "")), "division");
    T_STR(ar_str_of(served_by(&all, "team:other", "shop")), "shop");
    T_STR(ar_str_of(served_by(&all, "", "shop")), "shop");
    T_STR(ar_str_of(served_by(&all, "team:a", "")), "all"); /* a tree in a circle ends too */
    T_STR(ar_str_of(served_by(&few, "team:other", "")), "nobody");
}
