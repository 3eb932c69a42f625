#include "estate/told.h"

#include "home.h"

/* How an app's columns are told: users as an int, or -1 for NULL. */
static ar_told users(home *h, const char *source, const char *id, ar_time observed, int n)
{
    ar_told_value *value = ar_make(&h->arena, ar_told_value);

    *value = (ar_told_value){ AR_LIT("users"), n < 0 ? ar_null() : ar_int(n) };
    return (ar_told){ ar_str_of(source), ar_str_of(id), observed, value, 1 };
}

static ar_told multi(home *h, const char *source, const char *id, ar_time observed, bool yes)
{
    ar_told_value *value = ar_make(&h->arena, ar_told_value);

    *value = (ar_told_value){ AR_LIT("multi"), ar_bool(yes) };
    return (ar_told){ ar_str_of(source), ar_str_of(id), observed, value, 1 };
}

static ar_told_sum tell(home *h, const char *source, const ar_told *facts, size_t n)
{
    ar_told_sum sum = { 0 };
    const ar_kind *app;

    T_OK(ar_kinds_find(&h->kinds, AR_LIT("app"), &app));
    T_OK(ar_engine_begin(h->ctx.engine));
    T_OK(ar_told_room(&h->ctx, app, facts, n));
    T_OK(ar_told_begin(h->ctx.engine));
    T_OK(ar_told_enter(&h->ctx, &h->kinds, app, ar_str_of(source), facts, n, &sum));
    T_OK(ar_engine_commit(h->ctx.engine));
    return sum;
}

static void import_apps(home *h, const char *source, const char *text)
{
    ar_import_result result;

    T_OK(import_text(h, source, false, text, &result));
    h->ctx.now += AR_HOUR;
}

#define APPS "SELECT id, users, multi, epoch_us(last_seen) // 3600000000 FROM app ORDER BY id"

TEST(a_fact_changes_its_column_and_leaves_the_others)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users,multi\nx,1,true\ny,2,false\n");
    const ar_told facts[] = { users(&h, "a", "x", h.ctx.now, 5) };
    ar_told_sum sum = tell(&h, "a", facts, 1);

    T_INT(sum.facts, 1);
    T_INT(sum.changed, 1);
    T_STR(text_of(&h, APPS), "x|5|true|24001;y|2|false|24000;");
    T_STR(text_of(&h, "SELECT id, col, old, new FROM ar.history"), "x|users|1|5;");
    T_STR(text_of(&h, "SELECT state, rows, new, changed FROM ar.run ORDER BY run"),
          "ok|2|2|0;told|1|0|1;");
    T_STR(text_of(&h, "SELECT kind, id FROM told_asset"), "app|x;");
    home_done(&h);
}

TEST(each_column_keeps_the_newest_of_what_its_source_said)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users,multi\nx,1,true\n");
    const ar_time now = h.ctx.now;
    const ar_told first[] = { users(&h, "a", "x", now + 10, 5) };
    const ar_told second[] = { users(&h, "a", "x", now + 9, 6),
                               multi(&h, "a", "x", now + 9, false) };
    const ar_told third[] = { users(&h, "a", "x", now - 2 * AR_HOUR, 7),
                              users(&h, "a", "x", now + 10, 8) };

    T_INT(tell(&h, "a", first, 1).late, 0);
    ar_told_sum sum = tell(&h, "a", second, 2);
    T_INT(sum.late, 1);
    T_TRUE(ar_str_starts(sum.problem, AR_LIT("app:x: users is known as of 1972-09-27T01:00:00")));
    T_INT(tell(&h, "a", third, 2).late, 1);
    T_STR(text_of(&h, "SELECT users, multi FROM app"), "8|false;");
    T_STR(text_of(&h, "SELECT col, old, new FROM ar.history"),
          "users|1|5;multi|true|false;users|5|8;");
    home_done(&h);
}

TEST(an_import_knows_all_columns_anew)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users,multi\nx,1,true\n");
    const ar_told early[] = { users(&h, "a", "x", h.ctx.now + 10, 5) };

    T_INT(tell(&h, "a", early, 1).late, 0);
    h.ctx.now += AR_HOUR;
    import_apps(&h, "a", "id,users,multi\nx,3,true\n");
    const ar_told late[] = { multi(&h, "a", "x", h.ctx.now - 2 * AR_HOUR, false) };
    T_INT(tell(&h, "a", late, 1).late, 1);
    T_STR(text_of(&h, "SELECT users, multi FROM app"), "3|true;");
    home_done(&h);
}

TEST(several_facts_of_one_column_leave_each_step_in_the_history)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users,multi\nx,1,true\ny,1,true\nz,1,true\n");
    const ar_time now = h.ctx.now;
    const ar_told facts[] = { users(&h, "a", "x", now + 3, 4),     users(&h, "a", "x", now + 1, 2),
                              users(&h, "a", "x", now + 2, 3),     users(&h, "a", "y", now + 1, 2),
                              multi(&h, "a", "y", now + 1, false), users(&h, "a", "y", now + 2, 1),
                              users(&h, "a", "z", now + 1, 2) };

    T_INT(tell(&h, "a", facts, AR_COUNT(facts)).changed, 3);
    T_STR(text_of(&h, APPS), "x|4|true|24001;y|1|false|24001;z|2|true|24001;");
    T_STR(text_of(&h, "SELECT id, col, old, new FROM ar.history ORDER BY id, col, new"),
          "x|users|1|2;x|users|2|3;x|users|3|4;y|multi|true|false;y|users|2|1;y|users|1|2;"
          "z|users|1|2;");
    home_done(&h);
}

TEST(a_fact_of_what_was_not_known_or_is_gone_brings_it)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users,multi\nx,1,true\ny,2,false\n");
    import_apps(&h, "a", "id,users,multi\nx,1,true\n");
    const ar_time now = h.ctx.now;
    const ar_told facts[] = { users(&h, "a", "new", now, 9), users(&h, "a", "y", now, 3) };
    const ar_told before[] = { users(&h, "a", "y", now - 3 * AR_HOUR / 2, 4) };

    T_INT(tell(&h, "a", before, 1).late, 1);
    T_STR(text_of(&h, "SELECT id FROM app WHERE gone"), "y;");
    ar_told_sum sum = tell(&h, "a", facts, 2);
    T_INT(sum.added, 1);
    T_INT(sum.changed, 1);
    T_STR(text_of(&h, "SELECT id, users, multi FROM app WHERE NOT gone ORDER BY id"),
          "new|9|;x|1|true;y|3|false;");
    T_STR(text_of(&h, "SELECT size FROM ar.source"), "3;");
    home_done(&h);
}

TEST(facts_and_an_import_of_the_same_leave_the_same)
{
    home h, other;
    ar_import_result result;

    home_open(&h, NULL);
    home_open(&other, NULL);
    for (home *one = &h;; one = &other) {
        import_apps(one, "a", "id,users,multi,owner_id\nx,1,true,team:a\ny,2,false,team:b\n");
        import_apps(one, "b", "id,users,owner_id\nx,7,team:c\nz,8,team:d\n");
        if (one == &other) break;
    }
    const ar_time now = h.ctx.now;
    ar_told_value of_x[] = { { AR_LIT("users"), ar_int(9) }, { AR_LIT("owner_id"), ar_null() } };
    ar_told_value of_z[] = { { AR_LIT("users"), ar_int(5) },
                             { AR_LIT("owner_id"), ar_text(AR_LIT("team:e")) } };
    const ar_told facts[] = { { AR_LIT("a"), AR_LIT("x"), now, of_x, 2 },
                              { AR_LIT("a"), AR_LIT("z"), now, of_z, 2 } };

    (void)tell(&h, "a", facts, 2);
    T_OK(import_text(&other, "a", true, "id,users,owner_id\nx,9,\nz,5,team:e\n", &result));
    static const char *const all[] = {
        "SELECT * FROM app ORDER BY id",
        "SELECT kind, id, source, col, old, new FROM ar.history ORDER BY ALL",
        "SELECT id, users, _sources, _count, _differ FROM ar.merged_app ORDER BY id",
    };
    for (size_t i = 0; i < AR_COUNT(all); i++) {
        ar_str told = text_of(&h, all[i]), imported = text_of(&other, all[i]);

        T_TRUE(told.len > 10);
        T_STR(told, imported.ptr);
    }
    home_done(&h);
    home_done(&other);
}

TEST(what_nobody_knows_any_more_is_counted)
{
    home h;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users\nx,1\n");
    ar_told_value odd[] = { { AR_LIT("nothing"), ar_int(1) } };
    ar_told_value mistyped[] = { { AR_LIT("users"), ar_bool(true) } };
    const ar_told facts[] = { { AR_LIT("a"), AR_LIT("x"), h.ctx.now, odd, 1 },
                              { AR_LIT("a"), AR_LIT("x"), h.ctx.now, mistyped, 1 },
                              users(&h, "gone", "x", h.ctx.now, 3) };

    T_INT(tell(&h, "a", facts, 3).dropped, 2);
    T_INT(tell(&h, "gone", facts, 3).dropped, 1);
    T_STR(text_of(&h, "SELECT users FROM app"), "1;");
    home_done(&h);
}

TEST(who_takes_facts_without_an_estate_is_told_of_the_sources)
{
    home h;
    ar_str text;

    home_open(&h, NULL);
    import_apps(&h, "a", "id,users\nx,1\n");
    T_OK(ar_dir_make(ar_path_join(&h.arena, h.place.home, "run"), 0700));
    T_OK(ar_told_publish(&h.ctx));
    T_OK(ar_file_read(ar_path_join(&h.arena, h.place.home, "run/sources"), 100, &h.arena, &text));
    T_STR(text, "a\tapp\n");
    home_done(&h);
}
