#include "op/folders.h"
#include "op_home.h"

#include <sys/stat.h>

static const ar_tables tables;

static unsigned mode_of(home *h, const char *name)
{
    struct stat st = { 0 };

    T_INT(stat(home_path(h, name), &st), 0);
    return st.st_mode & 07777;
}

TEST(a_home_is_closed_or_passable_and_anything_else_is_refused)
{
    static const struct {
        const char *folder;
        unsigned mode;
        bool taken;
    } rows[] = {
        { ".", 0700, true },    { ".", 0711, true },    { ".", 0500, true },
        { ".", 0755, false },   { ".", 0710, false },   { ".", 0701, false },
        { ".", 0715, false },   { ".", 0777, false },   { "run", 0700, true },
        { "run", 0711, true },  { "run", 0733, false }, { "run", 0755, false },
        { "log", 0711, false }, { "tmp", 0711, false }, { "backup", 0711, false },
    };

    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        home h;

        home_init(&h, &tables);
        T_OK(ar_home_make(&h.place));
        T_INT(chmod(home_path(&h, rows[i].folder), rows[i].mode), 0);
        if (rows[i].taken)
            T_OK(ar_home_make(&h.place));
        else
            T_FAILS(ar_home_make(&h.place), AR_CONFLICT, "is open to others");
        T_INT(chmod(h.root, 0700), 0);
        home_done(&h);
    }
}

TEST(letting_others_in_closes_what_lies_open_and_shows_the_way_to_the_socket_only)
{
    home h;
    const char **loose;
    size_t n;

    home_init(&h, &tables);
    T_OK(ar_home_make(&h.place));
    home_write(&h, "people.yaml", "");
    home_write(&h, "run/copy", "");
    T_INT(chmod(home_path(&h, "people.yaml"), 0644), 0);
    T_INT(chmod(home_path(&h, "run/copy"), 0666), 0);
    T_INT(mkdir(home_path(&h, "kinds"), 0700), 0);
    T_INT(chmod(home_path(&h, "kinds"), 0775), 0);
    T_TRUE(!ar_home_is_passable(&h.place));
    T_OK(ar_home_loose(&h.place, &h.arena, &loose, &n));
    T_INT(n, 2);

    T_OK(ar_home_let_in(&h.place, true));
    T_TRUE(ar_home_is_passable(&h.place));
    T_INT(mode_of(&h, "."), 0711);
    T_INT(mode_of(&h, "run"), 0711);
    T_INT(mode_of(&h, "people.yaml"), 0600);
    T_INT(mode_of(&h, "run/copy"), 0600);
    T_INT(mode_of(&h, "kinds"), 0700);
    T_INT(mode_of(&h, "log"), 0700);
    T_OK(ar_home_loose(&h.place, &h.arena, &loose, &n));
    T_INT(n, 0);

    T_OK(ar_home_let_in(&h.place, false));
    T_TRUE(!ar_home_is_passable(&h.place));
    T_INT(mode_of(&h, "."), 0700);
    T_INT(mode_of(&h, "run"), 0700);
    home_done(&h);
}

TEST(a_link_in_the_home_leads_to_no_change_of_what_it_points_to)
{
    home h, other;

    home_init(&h, &tables);
    home_init(&other, &tables);
    home_write(&other, "shared", "");
    T_INT(chmod(home_path(&other, "shared"), 0644), 0);
    T_OK(ar_home_make(&h.place));
    T_INT(symlink(home_path(&other, "shared"), home_path(&h, "link")), 0);
    T_OK(ar_home_let_in(&h.place, true));
    T_INT(mode_of(&other, "shared"), 0644);
    home_done(&h);
    home_done(&other);
}

TEST(others_are_those_with_a_uid_that_is_neither_the_owners_nor_roots)
{
    static const ar_person list[] = { { .uid = 0 }, { .uid = -1 }, { .uid = 7 }, { .uid = 8 } };
    const ar_people people = { .list = list, .n = AR_COUNT(list) };

    T_INT(ar_people_others(&people, 0), 2);
    T_INT(ar_people_others(&people, 7), 1);
    T_INT(ar_people_others(&(ar_people){ 0 }, 0), 0);
}
