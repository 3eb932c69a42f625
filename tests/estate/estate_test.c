#include "home.h"

#define DAY(n) ((1000 + (n)) * AR_DAY)

static ar_import_result import(home *h, const char *source, int day, bool delta, const char *text)
{
    ar_import_result r = { 0 };

    h->ctx.now = DAY(day);
    T_OK(import_text(h, source, delta, text, &r));
    return r;
}

#define T_COUNTS(result, new_, changed_, gone_) \
    do {                                        \
        ar_import_result r_ = (result);         \
        T_INT(r_.added, new_);                  \
        T_INT(r_.changed, changed_);            \
        T_INT(r_.gone, gone_);                  \
    } while (0)

TEST(every_shipped_kind_and_connector_loads_and_every_kind_can_be_asked_for)
{
    home h;
    home_open(&h, NULL);
    ar_place shipped = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    ar_connectors connectors;

    T_OK(ar_dir_remove(ar_path_join(&h.arena, h.place.home, "kinds")));
    T_TRUE(shipped.data != NULL);
    h.ctx.place = &shipped;
    reopen(&h);
    T_TRUE(h.kinds.n >= 30);
    for (size_t i = 0; i < h.kinds.n; i++) {
        const ar_kind *kind = &h.kinds.list[i];
        ar_auto(ar_buf) sql = { 0 };
        ar_buf_addz(&sql, "SELECT count(*) FROM (SELECT gone");
        for (size_t k = 0; k < kind->n_columns; k++) {
            ar_buf_addz(&sql, ", ");
            ar_sql_name(&sql, kind->columns[k].name);
        }
        ar_buf_addz(&sql, " FROM main.");
        ar_sql_name(&sql, kind->name);
        ar_buf_addz(&sql, ")");
        T_STR(text_of(&h, sql.ptr), "0;");
    }
    T_OK(ar_connectors_load(&shipped, &h.arena, &connectors));
    T_TRUE(connectors.n > 0);
    for (size_t i = 0; i < connectors.n; i++)
        T_OK(ar_connector_check(&connectors.list[i], &h.kinds));
    home_done(&h);
}

TEST(a_snapshot_is_new_then_unchanged_then_changed_then_gone_then_back)
{
    home h;
    home_open(&h, NULL);
    const char *two = "{\"id\":\"a\",\"users\":1}\n{\"id\":\"b\",\"users\":2}\n";
    const char *other = "{\"id\":\"a\",\"users\":7}\n{\"id\":\"c\",\"users\":3}\n";

    T_COUNTS(import(&h, "crm", 1, false, two), 2, 0, 0);
    T_COUNTS(import(&h, "crm", 2, false, two), 0, 0, 0);
    T_STR(text_of(&h, "SELECT id, users, first_seen, last_seen, gone, source, source_count"
                      " FROM app ORDER BY id"),
          "a|1|1972-09-28T00:00:00Z|1972-09-29T00:00:00Z|false|crm|1;"
          "b|2|1972-09-28T00:00:00Z|1972-09-29T00:00:00Z|false|crm|1;");
    T_COUNTS(import(&h, "crm", 3, false, other), 1, 1, 1);
    T_STR(text_of(&h, "SELECT id, users, last_seen, gone, source_count FROM app ORDER BY id"),
          "a|7|1972-09-30T00:00:00Z|false|1;b|2|1972-09-29T00:00:00Z|true|0;"
          "c|3|1972-09-30T00:00:00Z|false|1;");
    T_COUNTS(import(&h, "crm", 4, false, two), 0, 2, 1);
    T_STR(text_of(&h, "SELECT id, col, old, new, run FROM ar.history ORDER BY run, id"),
          "a|users|1|7|3;b|gone|false|true|3;a|users|7|1|4;b|gone|true|false|4;"
          "c|gone|false|true|4;");
    T_STR(text_of(&h, "SELECT id, gone, first_seen FROM app ORDER BY id"),
          "a|false|1972-09-28T00:00:00Z;b|false|1972-09-28T00:00:00Z;"
          "c|true|1972-09-30T00:00:00Z;");
    home_done(&h);
}

TEST(a_delta_changes_only_what_it_speaks_of_and_nothing_is_gone)
{
    home h;
    home_open(&h, NULL);

    import(&h, "crm", 1, false, "id,users,multi\na,1,true\nb,2,false\n");
    T_COUNTS(import(&h, "crm", 2, true, "id,users\na,5\nc,9\n"), 1, 1, 0);
    T_STR(text_of(&h, "SELECT id, users, multi, last_seen, gone FROM app ORDER BY id"),
          "a|5|true|1972-09-29T00:00:00Z|false;b|2|false|1972-09-28T00:00:00Z|false;"
          "c|9||1972-09-29T00:00:00Z|false;");
    /* the next snapshot speaks for all again */
    T_COUNTS(import(&h, "crm", 3, false, "id,users,multi\na,5,true\nb,2,false\nc,9,\n"), 0, 0, 0);
    T_STR(text_of(&h, "SELECT DISTINCT last_seen FROM app"), "1972-09-30T00:00:00Z;");
    home_done(&h);
}

TEST(two_sources_merge_column_by_column_in_their_order_and_what_is_gone_has_no_say)
{
    home h;
    home_open(&h, NULL);

    import(&h, "first", 1, false, "id,users,name\na,1,\nb,1,bee\n");
    import(&h, "second", 2, false, "id,users,name,multi\na,2,ay,true\nc,2,sea,false\n");
    T_STR(text_of(&h, "SELECT id, users, name, multi, source, source_count, first_seen, last_seen"
                      " FROM app ORDER BY id"),
          "a|1|ay|true|first,second|2|1972-09-28T00:00:00Z|1972-09-29T00:00:00Z;"
          "b|1|bee||first|1|1972-09-28T00:00:00Z|1972-09-28T00:00:00Z;"
          "c|2|sea|false|second|1|1972-09-29T00:00:00Z|1972-09-29T00:00:00Z;");
    import(&h, "first", 3, false, "id,users,name\nb,1,bee\n");
    T_STR(text_of(&h, "SELECT id, users, name, source, source_count, gone FROM app ORDER BY id"),
          "a|2|ay|second|1|false;b|1|bee|first|1|false;c|2|sea|second|1|false;");
    T_STR(text_of(&h, "SELECT count(*) FROM asset WHERE kind = 'app'"), "3;");
    home_done(&h);
}

TEST(sources_that_share_no_id_keep_the_plain_view)
{
    home h;
    home_open(&h, NULL);

    import(&h, "host:a", 1, false, "id,users\na1,1\na2,2\n");
    import(&h, "host:b", 2, false, "id,users\nb1,3\n");
    T_STR(text_of(&h, "SELECT id, users, source, last_seen FROM app ORDER BY id"),
          "a1|1|host:a|1972-09-28T00:00:00Z;a2|2|host:a|1972-09-28T00:00:00Z;"
          "b1|3|host:b|1972-09-29T00:00:00Z;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.merged_app"), "0;");
    home_done(&h);
}

TEST(a_source_that_comes_back_implausibly_small_is_held_until_it_is_confirmed)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_import_spec spec;

    import(&h, "crm", 1, false, "id,users\na,1\nb,2\nc,3\n");
    r = import(&h, "crm", 2, false, "id,users\na,9\n");
    T_INT(r.state, AR_IMPORT_HELD);
    T_STR(text_of(&h, "SELECT id, users, gone FROM app ORDER BY id"),
          "a|1|false;b|2|false;c|3|false;");
    T_STR(text_of(&h, "SELECT run, state, rows FROM ar.run ORDER BY run"), "1|ok|3;2|held|1;");
    T_FAILS(ar_import_confirm(&h.ctx, &h.kinds, 1, &spec, &r), AR_NOT_FOUND, "numbered 1 is held");
    h.ctx.now = DAY(3);
    T_OK(ar_import_confirm(&h.ctx, &h.kinds, 2, &spec, &r));
    T_COUNTS(r, 0, 1, 2);
    T_STR(text_of(&h, "SELECT id, users, gone FROM app ORDER BY id"),
          "a|9|false;b|2|true;c|3|true;");
    T_STR(text_of(&h, "SELECT run, state FROM ar.run ORDER BY run"), "1|ok;2|dropped;3|ok;");
    T_FAILS(ar_import_confirm(&h.ctx, &h.kinds, 2, &spec, &r), AR_NOT_FOUND, "numbered 2 is held");
    home_done(&h);
}

TEST(of_imports_that_failed_the_latest_are_kept_with_what_was_wrong)
{
    home h;
    home_open(&h, NULL);
    ar_import_spec spec = { .connector = AR_LIT("generic"), .source = AR_LIT("s") };
    ar_auto(ar_buf) much = { 0 };
    ar_import_result r;

    T_OK(ar_kinds_find(&h.kinds, AR_LIT("app"), &spec.kind));
    T_OK(import_text(&h, "s", false, "id\na\n", &r));
    T_OK(ar_engine_exec(h.ctx.engine, "INSERT INTO ar.run SELECT r.* REPLACE (i AS run, 'failed' AS"
                                      " state) FROM ar.run r, range(2, 1002) t(i)"));
    T_OK(ar_import_failed(&h.ctx, &spec, AR_LIT("s.csv:2: what was wrong")));
    ar_buf_addc(&much, 'x');
    for (int i = 0; i < AR_IMPORT_PROBLEM_MAX; i++) ar_buf_addz(&much, "é");
    T_OK(ar_import_failed(&h.ctx, &spec, ar_buf_str(&much)));
    T_STR(text_of(&h, "SELECT count(*), min(run), max(run) FROM ar.run WHERE state = 'failed'"),
          "1000|4|1003;");
    T_STR(text_of(&h, "SELECT source, kind, rows, problem FROM ar.run WHERE run = 1002"),
          "s|app|0|s.csv:2: what was wrong;");
    T_STR(text_of(&h, "SELECT strlen(problem) FROM ar.run WHERE run = 1003"), "999;");
    T_OK(ar_import_failed(&h.ctx, &spec, AR_LIT("\xff.csv: what was wrong"))); /* a file's name */
    T_STR(text_of(&h, "SELECT problem FROM ar.run WHERE run = 1004"),
          "\ufffd.csv: what was wrong;");
    T_STR(text_of(&h, "SELECT run, state FROM ar.run WHERE state = 'ok'"), "1|ok;");
    home_done(&h);
}

TEST(a_dry_run_counts_and_stores_nothing)
{
    home h;
    home_open(&h, NULL);
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_result r;

    import(&h, "crm", 1, false, "id,users\na,1\nb,2\n");
    T_OK(import_with(&h, &generic, "app", "crm", false, true, AR_LIT("id,users\na,2\nc,2\n"), &r));
    T_INT(r.state, AR_IMPORT_DRY);
    T_COUNTS(r, 1, 1, 1);
    T_OK(import_with(&h, &generic, "app", "new", false, true, AR_LIT("id\nx\n"), &r));
    T_COUNTS(r, 1, 0, 0);
    T_STR(text_of(&h, "SELECT id, users, gone FROM app ORDER BY id"), "a|1|false;b|2|false;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.source"), "1;");
    home_done(&h);
}

/* Everything that is stored, as one text. */
static ar_str dump(home *h)
{
    return text_of(h, "SELECT * FROM ar.said_app ORDER BY _source, id");
}

TEST(a_payload_that_is_refused_says_where_and_changes_nothing)
{
    static const struct {
        const char *text;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "id,users\na,1\nb,many\n", AR_INVALID, "payload:3: column 'users': 'many'" },
        { "id,users\na,1\na,2\n", AR_INVALID, "id 'a' is there twice" },
        { "id,users\n,1\n", AR_INVALID, "payload:2: column 'id'" },
        { "users\n1\n", AR_INVALID, "payload:1: no field is named 'id'" },
        { "42", AR_INVALID, "payload:1: no field is named 'id'" },
        { "id,users\na\n", AR_INVALID, "payload:2: 1 fields, but the header has 2" },
        { "id,id\na,b\n", AR_INVALID, "the header names 'id' twice" },
        { "id,users\n\"a,1\n", AR_INVALID, "payload:2" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"users\":\"x\"}\n", AR_INVALID,
          "payload:2: column 'users': 'x'" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"multi\":7}\n", AR_INVALID, "payload:2: column 'multi'" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"used_at\":17}\n", AR_INVALID, "RFC 3339" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"users\":[1]}\n", AR_INVALID, "a list" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\n", AR_INVALID, "payload:2" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"id\":\"c\"}\n", AR_INVALID, "payload:2" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"name\":\"\\u0000\"}\n", AR_INVALID, "NUL" },
        { "{\"id\":\"a\"}\n{\"id\":\"b\",\"name\":\"\xff\"}\n", AR_INVALID, "UTF-8" },
        { "[{\"id\":\"a\"}, 7]", AR_INVALID, "payload:1" },
        { "[{\"id\":\"a\"}", AR_INVALID, "payload:1" },
        { "{\"id\":\"a\"}\n{\"users\":99999999999999999999}\n", AR_INVALID, "payload:2" },
    };
    home h;
    home_open(&h, NULL);

    import(&h, "crm", 1, false, "id,users\na,1\n");
    ar_str before = dump(&h);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_import_result r = { .run = 77 };
        T_FAILS(import_text(&h, i % 2 ? "crm" : "other", false, bad[i].text, &r), bad[i].code,
                bad[i].says);
        T_INT(r.run, 77);
        T_TRUE(ar_str_eq(dump(&h), before));
    }
    T_STR(text_of(&h, "SELECT count(*) FROM ar.run"), "1;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.source"), "1;");
    home_done(&h);
}

TEST(one_and_the_same_estate_comes_from_every_format)
{
    static const char want[] = "a|1|0.5|true|2026-11-21T09:30:00Z;b||||;";
    static const char *const texts[] = {
        "id,users,share,multi,used_at\r\na,1,0.5,true,2026-11-21T09:30:00Z\r\nb,,,,\r\n",
        "id;users;share;multi;used_at\na;1;0.5;true;2026-11-21T10:30:00+01:00\nb;;;;\n",
        "{\"id\":\"a\",\"users\":1,\"share\":0.5,\"multi\":true,\"used_at\":\"2026-11-21T09:30:"
        "00Z\"}\n"
        "\n{\"id\":\"b\",\"users\":null}\n",
        "[{\"id\":\"a\",\"users\":\"1\",\"share\":0.5,\"multi\":true,"
        "\"used_at\":\"2026-11-21 09:30:00\"},{\"id\":\"b\"}]",
        "{\"next\":null,\"value\":[{\"id\":\"a\",\"users\":1,\"share\":0.5,\"multi\":true,"
        "\"used_at\":\"2026-11-21T09:30:00Z\"},\n{\"id\":\"b\"}]}",
    };

    for (size_t i = 0; i < AR_COUNT(texts); i++) {
        home h;
        home_open(&h, NULL);
        T_INT(import(&h, "s", 1, false, texts[i]).rows, 2);
        T_STR(text_of(&h, "SELECT id, users, share, multi, used_at FROM app ORDER BY id"), want);
        home_done(&h);
    }
}

TEST(utf_16_as_windows_writes_it_is_read)
{
    home h;
    home_open(&h, NULL);
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_result r = { 0 };
    const char *ascii = "id,name\r\na,\r\n";
    char text[64] = { (char)0xff, (char)0xfe };
    size_t len = 2;

    for (const char *c = ascii; *c != '\0'; c++) {
        text[len++] = *c;
        text[len++] = 0;
        if (c[0] == ',' && c[1] == '\r') text[len++] = (char)0xe9, text[len++] = 0; /* é */
    }
    T_OK(import_with(&h, &generic, "app", "s", false, false, (ar_str){ text, len }, &r));
    T_STR(text_of(&h, "SELECT id, name FROM app"), "a|é;");
    home_done(&h);
}

TEST(a_kind_that_gets_a_column_keeps_its_data_and_a_changed_type_is_refused)
{
    home h;
    home_open(&h, NULL);

    import(&h, "crm", 1, false, "id,users,multi\na,1,true\n");
    put_file(&h, "kinds", "app.yaml",
             "kind: app\ntitle: App\nmeaning: A program.\ncolumns:\n"
             "  region: {type: text, meaning: Where it runs.}\n"
             "  users: {type: int, meaning: How many use it.}\n");
    reopen(&h);
    T_STR(text_of(&h, "SELECT id, region, users FROM app"), "a||1;");
    T_COUNTS(import(&h, "crm", 2, false, "id,users,region\na,1,eu\n"), 0, 1, 0);
    T_COUNTS(import(&h, "new", 3, false, "id,users,region\nb,4,us\n"), 1, 0, 0);
    T_STR(text_of(&h, "SELECT id, region, users FROM app ORDER BY id"), "a|eu|1;b|us|4;");
    T_STR(text_of(&h, "SELECT version FROM ar.kind_version WHERE kind = 'app' ORDER BY version"),
          "1;2;");

    put_file(&h, "kinds", "app.yaml",
             "kind: app\ntitle: App\nmeaning: A program.\ncolumns:\n"
             "  users: {type: text, meaning: Who uses it.}\n");
    T_FAILS(ar_estate_open(&h.ctx, &h.kinds), AR_CONFLICT, "column 'users' is text now");
    home_done(&h);
}

TEST(a_kind_file_that_is_wrong_is_refused_with_its_place)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "kind: App\ntitle: A\nmeaning: A.\n", "app.yaml:1:7: 'App' is not a kind's name" },
        { "kind: b\ntitle: A\nmeaning: A.\n", "must be named b.yaml" },
        { "kind: app\ntitle: A\n", "meaning" },
        { "kind: app\ntitel: A\nmeaning: A.\n", "title" },
        { "kind: app\ntitle: A\nmeaning: A.\ncolumns:\n  x: {type: txt, meaning: X.}\n",
          "app.yaml:5:13: 'txt' is not a type" },
        { "kind: app\ntitle: A\nmeaning: A.\ncolumns:\n  owner_id: {type: text, meaning: X.}\n",
          "app.yaml:5:3: every kind has a column 'owner_id'" },
        { "kind: app\ntitle: A\nmeaning: A.\ncolumns:\n  gone: {type: bool, meaning: X.}\n",
          "aright's own column" },
        { "kind: app\ntitle: A\nmeaning: A.\nlinks:\n  x: {kind: persn, on: {id: id}}\n",
          "did you mean 'person'?" },
        { "kind: app\ntitle: A\nmeaning: A.\nlinks:\n  x: {kind: person, on: {ide: id}}\n",
          "kind person has no column 'ide'" },
        { "kind: app\ntitle: A\nmeaning: A.\nlinks:\n  x: {kind: person, on: {active: id}}\n",
          "cannot be equal" },
    };
    home h;
    home_open(&h, NULL);

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        put_file(&h, "kinds", "app.yaml", bad[i].text);
        ar_kinds kinds = { .n = 77 };
        ar_err err = ar_kinds_load(&h.place, &h.arena, &kinds);
        T_TRUE(err.code == AR_INVALID || err.code == AR_NOT_FOUND);
        T_FAILS(err, err.code, bad[i].says);
        T_INT(kinds.n, 77);
    }
    home_done(&h);
}
