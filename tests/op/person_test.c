#include "op/person.h"
#include "op_home.h"

static const ar_tables tables;

TEST(a_grant_covers_itself_its_area_or_all)
{
    static const struct {
        const char *held, *wanted;
        bool may;
    } rows[] = {
        { "estate.read", "estate.read", true },
        { "estate.read", "estate.write", false },
        { "estate.*", "estate.write", true },
        { "estate.*", "estates.write", false },
        { "all", "home.restore", true },
        { "estate.read", "estate.read_all", false },
        { "estate.read_all", "estate.read", false },
    };

    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        ar_str held = ar_str_of(rows[i].held);
        ar_person person = { .grants = &held, .n_grants = 1 };

        T_TRUE(ar_person_may(&person, ar_str_of(rows[i].wanted)) == rows[i].may);
    }
    T_TRUE(!ar_person_may(&(ar_person){ 0 }, AR_LIT("estate.read")));
}

TEST(without_a_file_the_owner_of_the_home_may_all_and_nobody_else_anything)
{
    home h;
    ar_people people;
    const ar_person *who;

    home_init(&h, &tables);
    T_OK(ar_people_load(h.root, &h.arena, &people));
    T_OK(ar_people_by_uid(&people, (int64_t)getuid(), &who));
    T_TRUE(ar_person_may(who, AR_LIT("home.restore")));
    T_FAILS(ar_people_by_uid(&people, 54321, &who), AR_DENIED, "uid 54321 is nobody here");
    home_done(&h);
}

TEST(with_a_file_only_those_in_it_are_someone)
{
    home h;
    ar_people people;
    const ar_person *who;

    home_init(&h, &tables);
    home_write(&h, "people.yaml",
               "people:\n"
               "  - {person: \"person:sam\", uid: 4711, grants: [estate.read, \"standard.*\"]}\n"
               "  - {person: \"person:key-only\", grants: []}\n");
    T_OK(ar_people_load(h.root, &h.arena, &people));
    T_OK(ar_people_by_uid(&people, 4711, &who));
    T_STR(who->name, "person:sam");
    T_TRUE(ar_person_may(who, AR_LIT("standard.check")));
    T_TRUE(!ar_person_may(who, AR_LIT("home.read")));
    T_FAILS(ar_people_by_uid(&people, (int64_t)getuid(), &who), AR_DENIED, "people.yaml");
    T_FAILS(ar_people_by_uid(&people, -1, &who), AR_DENIED, "uid -1"); /* no uid is not a uid */
    home_done(&h);
}

TEST(people_that_are_refused_say_where_and_why)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "people:\n  - {person: sam, uid: 1, grants: []}\n", ":2:14: 'sam' is no person" },
        { "people:\n  - {person: \"person:a\", uid: -1, grants: []}\n", "a uid is 0 to" },
        { "people:\n  - {person: \"person:a\", uid: 4294967296, grants: []}\n", "a uid is 0 to" },
        { "people:\n  - {person: \"person:a\", uid: 1}\n", "grants" },
        { "people:\n  - {person: \"person:a\", grants: [root]}\n", "'root' is no grant" },
        { "people:\n  - {person: \"person:a\", grants: [\"estate.\"]}\n", "is no grant" },
        { "people:\n  - {person: \"person:a\", grants: [\"*\"]}\n", "is no grant" },
        { "people:\n  - {person: \"person:a\", grant: [all]}\n", "grants" },
        { "people:\n  - {person: \"person:a\", grants: []}\n  - {person: \"person:a\", grants: "
          "[]}\n",
          ":3:5: person:a is listed twice" },
        { "people:\n  - {person: \"person:a\", uid: 1, grants: []}\n"
          "  - {person: \"person:b\", uid: 1, grants: []}\n",
          "uid 1 is already person:a's" },
        { "persons: []\n", "people" },
        { "", "people.yaml" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        home h;
        ar_people people = { .n = 77 };

        home_init(&h, &tables);
        home_write(&h, "people.yaml", bad[i].text);
        T_FAILS(ar_people_load(h.root, &h.arena, &people), AR_INVALID, bad[i].says);
        T_INT(people.n, 77);
        home_done(&h);
    }
}
