#include "home.h"

#define DAY(n) ((1000 + (n)) * AR_DAY)

static const char box[] = "kind: box\ntitle: Box\nmeaning: A computer.\n"
                          "match: [machine, serial, [host, domain]]\ncolumns:\n"
                          "  machine: {type: text, meaning: Its machine id.}\n"
                          "  serial: {type: text, meaning: Its serial number.}\n"
                          "  host: {type: text, meaning: Its name.}\n"
                          "  domain: {type: text, meaning: Where the name holds.}\n"
                          "  rack: {type: int, meaning: Where it stands.}\n";

static void box_home(home *h)
{
    home_open(h, NULL);
    put_file(h, "kinds", "box.yaml", box);
    reopen(h);
}

static ar_import_result import(home *h, const char *source, int day, bool delta, const char *text)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_result r = { 0 };

    h->ctx.now = DAY(day);
    T_OK(ar_engine_begin(h->ctx.engine));
    T_OK(import_with(h, &generic, "box", source, delta, false, ar_str_of(text), &r));
    T_OK(ar_engine_commit(h->ctx.engine));
    return r;
}

/* Each asset with the rows that it has: "asset=source.row+source.row;" */
static ar_str assets(home *h)
{
    return text_of(h, "SELECT t.id || '=' || string_agg(p.source || '.' || t._id, '+' ORDER BY"
                      " p.source, t._id) FROM ar.said_box t JOIN ar.source p"
                      " ON p.number = t._source GROUP BY t.id ORDER BY t.id");
}

static ar_str conflicts(home *h)
{
    return text_of(h, "SELECT p.source, c.id, c.sort, c.key, c.assets FROM ar.conflict c"
                      " JOIN ar.source p ON p.number = c.source ORDER BY p.source, c.id");
}

TEST(a_row_joins_the_asset_that_the_strongest_key_finds_and_the_asset_keeps_its_id)
{
    home h;
    box_home(&h);

    import(&h, "cmdb", 1, false,
           "id,serial,host,domain,rack\nc1,S1,web,a.org,1\nc2,,db,a.org,2\nc3,S3,,,3\n");
    import(&h, "agent", 2, false,
           "id,machine,serial,host,domain,name\n"
           "a1,m1, s1 ,other,a.org,one\n" /* by serial, though the host differs */
           "a2,m2,S2,DB,A.org,two\n"      /* by host and domain */
           "a3,m3,S9,db,b.org,three\n");  /* the domain is another */
    T_STR(assets(&h), "a3=agent.a3;c1=agent.a1+cmdb.c1;c2=agent.a2+cmdb.c2;c3=cmdb.c3;");
    T_STR(text_of(&h, "SELECT id, name, machine, serial, rack, source, source_count FROM box"
                      " ORDER BY id"),
          "a3|three|m3|S9||agent|1;c1|one|m1|S1|1|agent,cmdb|2;c2|two|m2|S2|2|agent,cmdb|2;"
          "c3|||S3|3|cmdb|1;");
    /* a third finds them by what the second knows */
    import(&h, "scan", 3, false, "id,machine\nx,M1\ny,m3\nz,m7\n");
    T_STR(assets(&h), "a3=agent.a3+scan.y;c1=agent.a1+cmdb.c1+scan.x;c2=agent.a2+cmdb.c2;"
                      "c3=cmdb.c3;z=scan.z;");
    T_STR(conflicts(&h), "");
    home_done(&h);
}

static void import_slots(home *h, const char *source, int day, const char *text)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_result r;

    h->ctx.now = DAY(day);
    T_OK(import_with(h, &generic, "slot", source, false, false, ar_str_of(text), &r));
}

TEST(what_refers_to_a_row_that_joined_refers_to_its_asset)
{
    static const char slots[] = "SELECT id, box_id, owner_id FROM slot ORDER BY id";
    home h;

    home_open(&h, NULL);
    put_file(&h, "kinds", "slot.yaml",
             "kind: slot\ntitle: Slot\nmeaning: A part.\npart_of: {kind: box, by: box_id}\n"
             "columns:\n  box_id: {type: text, meaning: Its box.}\n");
    put_file(&h, "kinds", "box.yaml", box);
    reopen(&h);
    import(&h, "agent", 1, false, "id,serial\na1,S1\na2,S2\n");
    import_slots(&h, "agent", 1, "id,box_id\nx,a1\ny,a2\n");
    import(&h, "cmdb", 2, false, "id,serial,owner_id\na1,S2,team:two\nc9,S1,team:one\n");
    T_STR(assets(&h), "a1=agent.a1+cmdb.c9;a2=agent.a2+cmdb.a1;");

    /* each source calls the boxes by ids of its own */
    import_slots(&h, "cmdb", 3, "id,box_id\nu,a1\nv,c9\nw,none\n");
    T_STR(text_of(&h, slots), "u|a2|team:two;v|a1|team:one;w|none|;x|a1|team:one;y|a2|team:two;");
    /* of what both show, the word that is sure */
    import_slots(&h, "agent", 4, "id,box_id\nx,a1\ny,a2\nv,c9\n");
    T_STR(text_of(&h, slots), "u|a2|team:two;v|a1|team:one;w|none|;x|a1|team:one;y|a2|team:two;");
    /* and when the rows part, so do those that refer to them */
    import(&h, "cmdb", 5, false, "id,serial,owner_id\na1,S2,team:two\nc9,S9,team:one\n");
    T_STR(text_of(&h, slots), "u|a2|team:two;v|c9|team:one;w|none|;x|a1|;y|a2|team:two;");
    home_done(&h);
}

TEST(a_value_that_says_nothing_joins_nothing)
{
    static const char *const nothing[] = { "",
                                           "0",
                                           "  ",
                                           "None",
                                           "n/a",
                                           "UNKNOWN",
                                           "To Be Filled By O.E.M.",
                                           "00000000-0000-0000-0000-000000000000",
                                           "00:00:00:00:00:00",
                                           "Default string",
                                           "0.0.0.0" };
    home h;
    box_home(&h);

    for (size_t i = 0; i < AR_COUNT(nothing); i++) {
        import(&h, "one", 1, true,
               ar_arena_printf(&h.arena, "{\"id\":\"a%zu\",\"serial\":\"%s\"}", i, nothing[i]).ptr);
        import(&h, "two", 2, true,
               ar_arena_printf(&h.arena, "{\"id\":\"b%zu\",\"serial\":\"%s\"}", i, nothing[i]).ptr);
    }
    T_STR(text_of(&h, "SELECT count(DISTINCT id) = count(*), count(*) FROM ar.said_box"),
          "true|22;");
    T_STR(conflicts(&h), "");
    home_done(&h);
}

TEST(what_fits_two_or_is_two_joins_nothing_and_is_told_until_it_is_put_right)
{
    home h;
    box_home(&h);

    import(&h, "cmdb", 1, false,
           "id,serial,host,domain\nc1,S1,web,a.org\nc2,S1,db,a.org\n"
           "c3,S3,x,a.org\n");
    import(&h, "agent", 2, false, "id,serial\na1,S1\na2,S3\na3,S3\n");
    T_STR(assets(&h), "a1=agent.a1;a2=agent.a2;a3=agent.a3;c1=cmdb.c1;c2=cmdb.c2;c3=cmdb.c3;");
    T_STR(conflicts(&h), "agent|a1|several|serial|c1,c2;agent|a2|twice|serial|c3;"
                         "agent|a3|twice|serial|c3;");
    /* the date is that of the first time; who is gone stands in nobody's way */
    import(&h, "agent", 3, false, "id,serial\na1,S1\na2,S3\n");
    T_STR(assets(&h), "a1=agent.a1;c1=cmdb.c1;c2=cmdb.c2;c3=agent.a2+agent.a3+cmdb.c3;");
    T_STR(text_of(&h, "SELECT id, since FROM ar.conflict"), "a1|1972-09-29T00:00:00Z;");
    /* the other source's correction puts this one's row right */
    import(&h, "cmdb", 4, false,
           "id,serial,host,domain\nc1,S1,web,a.org\nc2,S2,db,a.org\n"
           "c3,S3,x,a.org\n");
    T_STR(assets(&h), "c1=agent.a1+cmdb.c1;c2=cmdb.c2;c3=agent.a2+agent.a3+cmdb.c3;");
    T_STR(conflicts(&h), "");
    home_done(&h);
}

TEST(one_id_for_two_things_makes_two_assets)
{
    home h;
    box_home(&h);

    import(&h, "cmdb", 1, false, "id,serial\n1,S1\n2,S2\n3,\n");
    import(&h, "netbox", 2, false, "id,serial\n1,S9\n2,S2\n3,S3\n4,S1\n");
    T_STR(assets(&h), "1=cmdb.1+netbox.4;1@netbox=netbox.1;2=cmdb.2+netbox.2;3=cmdb.3+netbox.3;");
    T_STR(conflicts(&h), "netbox|1|same id|id|1;");
    T_STR(text_of(&h, "SELECT id, serial FROM box ORDER BY id"), "1|S1;1@netbox|S9;2|S2;3|S3;");
    home_done(&h);
}

TEST(a_corrected_key_moves_its_row_and_the_history_tells)
{
    home h;
    box_home(&h);

    import(&h, "cmdb", 1, false, "id,serial\nc1,S1\nc2,S2\n");
    import(&h, "agent", 2, false, "id,serial,rack\na1,S1,1\n");
    T_STR(assets(&h), "c1=agent.a1+cmdb.c1;c2=cmdb.c2;");
    import(&h, "agent", 3, false, "id,serial,rack\na1,S2,1\n");
    T_STR(assets(&h), "c1=cmdb.c1;c2=agent.a1+cmdb.c2;");
    import(&h, "agent", 4, false, "id,serial,rack\na1,S7,1\n");
    T_STR(assets(&h), "a1=agent.a1;c1=cmdb.c1;c2=cmdb.c2;");
    T_STR(text_of(&h, "SELECT id, source, old, new, run FROM ar.history WHERE col = 'asset'"
                      " ORDER BY run"),
          "a1|agent|c1|c2|3;a1|agent|c2|a1|4;");

    /* when the row leaves after which the asset is named, the others part from it too */
    import(&h, "agent", 5, false, "id,serial,rack\na1,S1,1\n");
    T_STR(assets(&h), "c1=agent.a1+cmdb.c1;c2=cmdb.c2;");
    import(&h, "cmdb", 6, false, "id,serial\nc1,S5\nc2,S2\n");
    T_STR(assets(&h), "a1=agent.a1;c1=cmdb.c1;c2=cmdb.c2;");
    /* and stay when a key changes by which they are not told apart */
    import(&h, "cmdb", 7, false, "id,serial,host,domain\nc1,S1,h,d\nc2,S2,h2,d\n");
    import(&h, "agent", 8, false, "id,serial,rack\na1,S1,1\n");
    T_STR(conflicts(&h), "");
    T_STR(assets(&h), "a1=agent.a1+cmdb.c1;c2=cmdb.c2;");
    import(&h, "cmdb", 9, false, "id,serial,host,domain\nc1,S1,hh,d\nc2,S2,h2,d\n");
    T_STR(assets(&h), "a1=agent.a1+cmdb.c1;c2=cmdb.c2;");
    home_done(&h);
}

TEST(a_thing_that_gets_a_new_id_in_its_source_stays_the_same_asset)
{
    home h;
    box_home(&h);

    import(&h, "agent", 1, false, "id,serial,rack\nold,S1,1\nb,S2,1\n");
    import(&h, "agent", 2, false, "id,serial,rack\nnew,S1,2\nb,S2,1\n");
    T_STR(assets(&h), "b=agent.b;old=agent.new+agent.old;");
    T_STR(text_of(&h, "SELECT id, rack, gone, source_count, source FROM box ORDER BY id"),
          "b|1|false|1|agent;old|2|false|1|agent;");
    /* both at once are two */
    import(&h, "agent", 3, false, "id,serial,rack\nnew,S1,2\nb,S2,1\nold,S1,1\n");
    T_STR(assets(&h), "b=agent.b;new=agent.new;old=agent.old;");
    T_STR(conflicts(&h), "agent|new|twice|serial|old;");
    home_done(&h);
}

TEST(the_file_of_a_kind_says_whom_to_believe_also_of_what_is_there)
{
    home h;
    box_home(&h);

    import(&h, "agent", 1, false, "id,serial,rack,host\na,S1,1,\n");
    import(&h, "scan", 2, false, "id,serial,rack,host\nb,S1,2,seen\n");
    T_STR(text_of(&h, "SELECT id, rack, host FROM box"), "a|1|seen;");
    put_file(&h, "kinds", "box.yaml",
             ar_arena_printf(&h.arena, "%sprecedence: [cmdb, scan]\n", box).ptr);
    reopen(&h);
    T_STR(text_of(&h, "SELECT id, rack, host FROM box"), "a|2|seen;");
    import(&h, "cmdb", 3, false, "id,serial,rack,host\nc,S1,3,\n");
    T_STR(text_of(&h, "SELECT id, rack, host FROM box"), "a|3|seen;");
    T_STR(text_of(&h, "SELECT source FROM ar.source ORDER BY precedence"), "cmdb;scan;agent;");
    home_done(&h);
}

TEST(rows_are_matched_anew_when_the_keys_of_their_kind_are_others)
{
    static const char box_by[] = "kind: box\ntitle: Box\nmeaning: A computer.\n%scolumns:\n"
                                 "  serial: {type: text, meaning: Its serial number.}\n"
                                 "  host: {type: text, meaning: Its name.}\n";
    static const char *const apart = "a=agent.a;b=agent.b;x=scan.x;y=scan.y;";
    static const struct {
        const char *match, *assets;
    } turns[] = {
        { "match: [serial]\n", "a=agent.a+scan.x;b=agent.b;y=scan.y;" },
        { "match: [host]\n", "a=agent.a;b=agent.b+scan.x;y=scan.y;" },
        { "", "a=agent.a;b=agent.b;x=scan.x;y=scan.y;" },
        { "match: [host, serial]\n", "a=agent.a;b=agent.b+scan.x;y=scan.y;" },
        { "match: [serial, host]\n", "a=agent.a+scan.x;b=agent.b;y=scan.y;" },
    };
    static const char *const agent = "id,serial,host\na,S1,one\nb,S2,two\n";
    static const char *const scan = "id,serial,host\nx,S1,two\ny,S3,three\n";
    home h;

    home_open(&h, NULL);
    put_file(&h, "kinds", "box.yaml", ar_arena_printf(&h.arena, box_by, "").ptr);
    reopen(&h);
    import(&h, "agent", 0, false, agent);
    import(&h, "scan", 0, false, scan);
    T_STR(assets(&h), apart);
    for (size_t i = 0; i < AR_COUNT(turns); i++) {
        put_file(&h, "kinds", "box.yaml", ar_arena_printf(&h.arena, box_by, turns[i].match).ptr);
        reopen(&h);
        bool by_first = i % 2 == 0; /* whichever source it is that comes next */
        import(&h, by_first ? "agent" : "scan", (int)i + 1, false, by_first ? agent : scan);
        T_STR(assets(&h), turns[i].assets);
        T_STR(conflicts(&h), "");
    }
    home_done(&h);
}

static void import_role(home *h, const char *source, enum ar_role role, int day, const char *text)
{
    ar_connector generic = { .name = AR_LIT("generic"), .role = role };
    ar_import_result r = { 0 };

    h->ctx.now = DAY(day);
    T_OK(import_with(h, &generic, "port", source, false, false, ar_str_of(text), &r));
}

TEST(what_was_only_seen_is_not_recorded_once_there_is_a_register)
{
    static const char *const shown = "SELECT id, discovered, inventoried FROM port ORDER BY id";
    home h;
    home_open(&h, NULL);

    put_file(&h, "kinds", "port.yaml",
             "kind: port\ntitle: Port\nmeaning: A socket in a wall.\ncolumns:\n"
             "  speed: {type: int, meaning: Bits a second.}\n");
    reopen(&h);
    import_role(&h, "list", AR_ROLE_NONE, 0, "id\na\n");
    T_STR(text_of(&h, shown), "a||;"); /* that it is shown says neither */
    import_role(&h, "wire", AR_ROLE_OBSERVATION, 1, "id,inventoried\na,false\nb,\n");
    T_STR(text_of(&h, shown), "a|true|false;b|true|;");
    import_role(&h, "cmdb", AR_ROLE_REGISTER, 2, "id,inventoried\na,\nc,\nd,false\n");
    T_STR(text_of(&h, shown), "a|true|true;b|true|false;c|false|true;d|false|false;");
    /* who takes back what it is, takes it back of all */
    import_role(&h, "wire", AR_ROLE_REGISTER, 3, "id,inventoried\na,false\nb,\n");
    T_STR(text_of(&h, shown), "a||false;b||true;c||true;d||false;");
    home_done(&h);
}

TEST(a_clock_that_steps_back_makes_nothing_older_than_it_is)
{
    home h;
    box_home(&h);

    import(&h, "agent", 9, false, "id,rack\na,1\n");
    ar_import_result r = import(&h, "agent", 4, false, "id,rack\na,2\n");
    T_INT(r.at, DAY(9));
    T_STR(text_of(&h, "SELECT date_diff('day', TIMESTAMP '1972-09-27', last_seen) FROM box"), "9;");
    T_STR(
        text_of(&h, "SELECT date_diff('day', TIMESTAMP '1972-09-27', changed_at) FROM ar.history"),
        "9;");
    T_INT(import(&h, "agent", 10, false, "id,rack\na,2\n").at, DAY(10));
    home_done(&h);
}

TEST(a_source_that_is_removed_leaves_what_others_show_and_nothing_of_its_own)
{
    ar_import_spec spec = { .source = AR_LIT("wrong"), .connector = AR_LIT("-"), .dry_run = true };
    ar_import_result r;
    home h;
    box_home(&h);

    T_OK(ar_kinds_find(&h.kinds, AR_LIT("box"), &spec.kind));
    import(&h, "wrong", 1, false, "id,serial,rack\na,S1,1\nb,S2,1\n");
    import(&h, "right", 2, false, "id,serial,rack\nx,S1,2\n");
    T_STR(assets(&h), "a=right.x+wrong.a;b=wrong.b;");
    T_OK(ar_import_remove(&h.ctx, &h.kinds, &spec, &r));
    T_INT(r.rows, 2);
    T_STR(assets(&h), "a=right.x+wrong.a;b=wrong.b;");
    spec.dry_run = false;
    T_OK(ar_engine_begin(h.ctx.engine));
    T_OK(ar_import_remove(&h.ctx, &h.kinds, &spec, &r));
    T_OK(ar_engine_commit(h.ctx.engine));
    T_STR(text_of(&h, "SELECT id, rack, source, source_count FROM box"), "a|2|right|1;");
    T_STR(text_of(&h, "SELECT state FROM ar.run ORDER BY run"), "ok;ok;removed;");
    T_FAILS(ar_import_remove(&h.ctx, &h.kinds, &spec, &r), AR_NOT_FOUND,
            "says nothing of kind box");
    import(&h, "again", 3, false, "id,serial,rack\na,S2,5\n");
    T_STR(assets(&h), "a=right.x;a@again=again.a;");
    home_done(&h);
}

/* ---- any sequence of imports ---- */

enum { SOURCES = 3, ROWS = 6, STEPS = AR_SANITIZED ? 12 : 25 };

/* What the view says, and what a plain GROUP BY of all rows does. */
static const char viewed[] =
    "SELECT id, rack, serial, host, source, source_count, first_seen, last_seen, gone FROM box"
    " ORDER BY id";
static const char grouped[] =
    "SELECT t.id, arg_min(t.rack, place), arg_min(t.serial, place), arg_min(t.host, place),"
    " string_agg(DISTINCT p.source, ',' ORDER BY p.source),"
    " count(*) FILTER (WHERE t._gone_at IS NULL),"
    " min(coalesce(t._first_seen, p.first_at)), max(coalesce(t._seen_at, p.snapshot_at)),"
    " bool_and(t._gone_at IS NOT NULL) FROM (SELECT *, row((SELECT precedence FROM ar.source"
    " WHERE number = _source), -coalesce(epoch(_gone_at), 0), _id) AS place FROM ar.said_box) t"
    " JOIN ar.source p ON p.number = t._source WHERE t._gone_at IS NULL OR NOT EXISTS"
    " (SELECT 1 FROM ar.said_box o WHERE o.id = t.id AND o._gone_at IS NULL)"
    " GROUP BY t.id ORDER BY t.id";

static void add_random_row(ar_buf *text, t_random *random, int i)
{
    uint64_t serial = t_below(random, 6), host = t_below(random, 4);

    ar_buf_addf(text, "{\"id\":\"%c%d\",\"rack\":%d", t_below(random, 12) == 0 ? 'y' : 'x', i,
                (int)t_below(random, 3));
    ar_buf_addf(text, serial > 0 ? ",\"serial\":\"S%d\"" : ",\"serial\":null", (int)serial);
    ar_buf_addf(text, host > 0 ? ",\"host\":\"h%d\",\"domain\":\"d\"}\n" : ",\"host\":\"\"}\n",
                (int)host);
}

TEST(after_any_imports_an_asset_has_one_living_row_of_a_source_and_is_what_they_say_together)
{
    for (int round = 0; round < t_rounds(3, 200); round++) {
        t_random random = { .state = 37 + (uint64_t)round }; /* which two rows met once in one */
        ar_import_result r;
        ar_import_spec spec;
        home h;

        box_home(&h);
        for (int i = 0; i < SOURCES; i++)
            import(&h, ar_arena_printf(&h.arena, "s%d", i).ptr, 0, false, "[]");
        for (int day = 1; day <= STEPS; day++) {
            ar_str source = ar_arena_printf(&h.arena, "s%d", (int)t_below(&random, SOURCES));
            ar_auto(ar_buf) text = { 0 };

            for (int i = 0; i < ROWS; i++)
                if (t_below(&random, 4) > 0) add_random_row(&text, &random, i);
            if (text.len == 0) continue;
            r = import(&h, source.ptr, day, t_below(&random, 3) == 0, text.ptr);
            if (r.state == AR_IMPORT_HELD)
                T_OK(ar_import_confirm(&h.ctx, &h.kinds, r.run, &spec, &r));

            T_STR(text_of(&h, "SELECT id, _source FROM ar.said_box WHERE _gone_at IS NULL"
                              " GROUP BY ALL HAVING count(*) > 1"),
                  "");
            T_STR(text_of(&h, "SELECT t._id FROM ar.conflict c JOIN ar.said_box t"
                              " ON t._source = c.source AND t._id = c.id"
                              " JOIN ar.source p ON p.number = c.source"
                              " WHERE t.id NOT IN (t._id, t._id || '@' || p.source)"),
                  "");
            T_STR(text_of(&h, "SELECT id FROM ar.said_box GROUP BY id HAVING (count(*) > 1)"
                              " <> (id IN (SELECT id FROM ar.merged_box))"
                              " OR bool_or(coalesce(_shared, false) <> (id IN"
                              " (SELECT id FROM ar.merged_box)))"),
                  "");
            T_STR(text_of(&h, viewed), ar_arena_cstr(&h.arena, text_of(&h, grouped)));
        }
        home_done(&h);
    }
}
