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

/* ---- whatever is told, an import of the same leaves the same ---- */

static const char box[] = "kind: box\ntitle: Box\nmeaning: A computer.\nmatch: [serial, host]\n"
                          "columns:\n  serial: {type: text, meaning: Its serial number.}\n"
                          "  host: {type: text, meaning: Its name.}\n"
                          "  rack: {type: int, meaning: Where it stands.}\n"
                          "  share: {type: double, meaning: A share.}\n"
                          "  used_at: {type: time, meaning: When it was used.}\n";
static const char owners[] = "owners:\n  - {id: 'team:a'}\n  - {id: 'team:b', left: 1972-01-01}\n"
                             "  - {id: 'person:kim', in: 'team:a'}\ndomains:\n"
                             "  - {id: rest, owner: 'team:a', default: true}\n";

static uint64_t dice;

static int roll(int sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((dice >> 33) % (uint64_t)sides);
}

static void import_boxes(home *h, const char *source, bool delta, ar_str text)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_result r;

    T_OK(ar_engine_begin(h->ctx.engine));
    T_OK(import_with(h, &generic, "box", source, delta, false, text, &r));
    T_OK(ar_engine_commit(h->ctx.engine));
}

enum { ROWS = 12, COLUMNS = 6 };

/* Of all rows these columns, as a payload and as facts; each is NULL now and then. */
typedef struct saying {
    ar_buf payload;
    ar_told facts[ROWS];
    size_t n;
} saying;

static ar_value random_value(home *h, int column)
{
    if (roll(5) == 0) return ar_null();
    if (column == 0) return ar_text(ar_arena_printf(&h->arena, "S%d", roll(6)));
    if (column == 1) return ar_text(ar_arena_printf(&h->arena, "h%d", roll(8)));
    if (column == 2) return ar_int(roll(4));
    if (column == 3) return (ar_value){ .type = AR_DOUBLE, .d = roll(9) / 8.0 };
    if (column == 4) return ar_at((900 + roll(3)) * AR_DAY + roll(2) * 1500000);
    return ar_text(ar_arena_printf(&h->arena, "team:%c", "abc"[roll(3)]));
}

static void say(home *h, const char *source, unsigned columns, saying *out)
{
    static const char *const names[COLUMNS] = { "serial", "host",    "rack",
                                                "share",  "used_at", "owner_id" };

    *out = (saying){ 0 };
    ar_buf_addz(&out->payload, "id");
    for (int c = 0; c < COLUMNS; c++)
        if ((columns >> c & 1) != 0) ar_buf_addf(&out->payload, ",%s", names[c]);
    for (int i = 0; i < ROWS; i++) {
        ar_str id = ar_arena_printf(&h->arena, "%s%d", i < 3 ? "x" : source, i);
        ar_told_value *values = ar_make_n(&h->arena, ar_told_value, COLUMNS);
        size_t n = 0;

        if (roll(2) == 0) continue;
        ar_buf_addf(&out->payload, "\n%.*s", AR_FMT(id));
        for (int c = 0; c < COLUMNS; c++) {
            if ((columns >> c & 1) == 0) continue;
            values[n++] = (ar_told_value){ ar_str_of(names[c]), random_value(h, c) };
            ar_buf_addc(&out->payload, ',');
            if (values[n - 1].value.type != AR_NULL)
                ar_value_print(&out->payload, values[n - 1].value);
        }
        out->facts[out->n++] = (ar_told){ ar_str_of(source), id, h->ctx.now, values, n };
    }
    ar_buf_addc(&out->payload, '\n');
}

static void tell_boxes(home *h, const char *source, const saying *s)
{
    ar_told_sum sum = { 0 };
    const ar_kind *kind;

    T_OK(ar_kinds_find(&h->kinds, AR_LIT("box"), &kind));
    T_OK(ar_engine_begin(h->ctx.engine));
    T_OK(ar_told_room(&h->ctx, kind, s->facts, s->n));
    T_OK(ar_told_begin(h->ctx.engine));
    T_OK(ar_told_enter(&h->ctx, &h->kinds, kind, ar_str_of(source), s->facts, s->n, &sum));
    T_OK(ar_engine_commit(h->ctx.engine));
    T_INT(sum.late + sum.dropped, 0);
}

TEST(whatever_is_told_leaves_what_an_import_of_it_leaves)
{
    static const char *const all[] = {
        "SELECT * FROM box ORDER BY id",
        "SELECT _source, _id, id, _shared, _gone_at, _seen_at FROM ar.said_box ORDER BY ALL",
        "SELECT kind, id, source, col, old, new, changed_at FROM ar.history ORDER BY ALL",
        "SELECT * FROM ar.merged_box ORDER BY id",
        "SELECT * FROM ar.conflict ORDER BY ALL",
        "SELECT * FROM ar.ownership ORDER BY ALL",
        "SELECT source, size FROM ar.source ORDER BY ALL",
    };
    static const char *const sources[] = { "a", "b", "c" };
    bool met[AR_COUNT(all)] = { 0 };
    home told, imported;
    home *homes[] = { &told, &imported };

    for (int h = 0; h < 2; h++) {
        home_open(homes[h], NULL);
        put_file(homes[h], "kinds", "box.yaml", box);
        T_OK(ar_file_write(ar_path_join(&homes[h]->arena, homes[h]->place.home, "owners.yaml"),
                           AR_LIT(owners), 0600));
        reopen(homes[h]);
    }
    for (int turn = 0; turn < 20; turn++) {
        const char *source = sources[turn % 3];
        bool whole = turn < 3 || turn % 7 == 5;
        unsigned columns = whole ? 63 : 1 + (unsigned)roll(63);
        uint64_t seed = dice;

        for (int h = 0; h < 2; h++) {
            saying s;

            dice = seed;
            say(homes[h], source, columns, &s);
            if (h == 0 && !whole)
                tell_boxes(homes[h], source, &s);
            else
                import_boxes(homes[h], source, !whole, ar_buf_str(&s.payload));
            homes[h]->ctx.now += AR_HOUR;
            ar_buf_done(&s.payload);
        }
        for (size_t i = 0; i < AR_COUNT(all); i++) {
            ar_str left = text_of(&told, all[i]);

            T_STR(left, text_of(&imported, all[i]).ptr);
            met[i] |= left.len > 0;
        }
    }
    for (size_t i = 0; i < AR_COUNT(all); i++) T_TRUE(met[i]);
    T_TRUE(text_of(&told, "SELECT 1 FROM ar.history WHERE col = 'gone' AND new = 'false'").len > 0);
    T_TRUE(text_of(&told, "SELECT 1 FROM ar.history WHERE col = 'asset'").len > 0);
    home_done(&told);
    home_done(&imported);
}
