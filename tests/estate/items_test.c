#include "home.h"

/* A connector and a payload go in, rows "id|name|users|used_at;" come out, or a sentence. */
typedef struct way {
    const char *connector, *payload, *want;
} way;

static ar_err bring(home *h, const char *connector, const char *payload, bool dry,
                    ar_import_result *out)
{
    ar_str text = ar_arena_printf(&h->arena, "connector: c\ntitle: T\nkind: app\n%s", connector);
    ar_connector c;

    AR_TRY(ar_connector_parse(AR_LIT("c.yaml"), text, &h->arena, &c));
    AR_TRY(ar_connector_check(&c, &h->kinds));
    return import_with(h, &c, "app", "s", !c.snapshot, dry, ar_str_of(payload), out);
}

static ar_str rows(home *h)
{
    return text_of(h, "SELECT id, name, users, used_at FROM app WHERE NOT gone ORDER BY id");
}

static void check_ways(const way *ways, size_t n)
{
    ar_import_result r;
    home h;

    home_open(&h, NULL);
    for (size_t i = 0; i < n; i++) {
        ar_err err = bring(&h, ways[i].connector, ways[i].payload, false, &r);
        T_OK(err);
        if (err.code != AR_OK) continue;
        ar_str got = rows(&h);
        T_STR(got, ways[i].want);
        T_OK(ar_engine_exec(h.ctx.engine, "DELETE FROM ar.src_app; DELETE FROM ar.source"));
    }
    home_done(&h);
}

TEST(items_are_found_wherever_they_are)
{
    static const way ways[] = {
        /* a list, a path, the one list of maps, the document itself */
        { "id: a\n", "[{\"a\":\"x\"},{\"a\":\"y\"}]", "x|||;y|||;" },
        { "items: d.l\nid: a\n", "{\"d\":{\"l\":[{\"a\":\"x\"}]}}", "x|||;" },
        { "id: a\n", "{\"n\":1,\"l\":[{\"a\":\"x\"}]}", "x|||;" },
        { "id: a\n", "{\"a\":\"x\"}", "x|||;" },
        /* lists in lists, with facts of what holds them */
        { "items: [l, m]\nid: ^.n + '/' + a\ncolumns: {name: ^^.top}\n",
          "{\"top\":\"t\",\"l\":[{\"n\":1,\"m\":[{\"a\":\"x\"},{\"a\":\"y\"}]},{\"n\":2},"
          "{\"n\":3,\"m\":[{\"a\":\"z\"}]}]}",
          "1/x|t||;1/y|t||;3/z|t||;" },
        /* a list of texts; keys that are facts */
        { "items: ['. | entries', value.roles]\nid: ^.key + '/' + .\ncolumns: {name: ^.value.n}\n",
          "{\"u1\":{\"n\":\"Ann\",\"roles\":[\"a\",\"b\"]},\"u2\":{\"n\":\"Bob\",\"roles\":[]}}",
          "u1/a|Ann||;u1/b|Ann||;" },
        /* one where most have many, as PowerShell writes it */
        { "items: '[k] | flat'\nid: a\n", "{\"k\":{\"a\":\"x\"}}", "x|||;" },
        { "items: '[k] | flat'\nid: a\n", "{\"k\":[{\"a\":\"x\"},{\"a\":\"y\"}]}", "x|||;y|||;" },
        { "items: '[k] | flat'\nid: a\n", "{\"k\":null}", "" },
        /* items under items */
        { "items: s | deep(s)\nid: n\n",
          "{\"s\":[{\"n\":\"a\",\"s\":[{\"n\":\"b\",\"s\":[{\"n\":\"c\"}]}]},{\"n\":\"d\"}]}",
          "a|||;b|||;c|||;d|||;" },
        /* JSON, base64 and CSV inside a text */
        { "items: [log, 'body.s | json | get(value)']\nid: a\n",
          "{\"log\":[{\"body\":{\"s\":\"{\\\"value\\\":[{\\\"a\\\":\\\"x\\\"}]}\"}},"
          "{\"body\":{\"s\":\"\"}}]}",
          "x|||;" },
        { "items: 'C | base64 | csv'\nid: user\ncolumns: {users: n}\n",
          "{\"C\":\"dXNlcixuCmFubiwxCmJvYiwK\"}", "ann||1|;bob|||;" },
        /* each line, each row is a document */
        { "items: snap ?? .\nid: ^.host + ':' + pid\n",
          "{\"host\":\"h\",\"snap\":[{\"pid\":\"1\"},{\"pid\":\"2\"}]}\n"
          "{\"host\":\"g\",\"snap\":[{\"pid\":\"1\"}]}\n",
          "g:1|||;h:1|||;h:2|||;" },
        { "items: tags | split(';')\nid: ^.id + '/' + .\n", "id,tags\na,x;y\nb,z\n",
          "a/x|||;a/y|||;b/z|||;" },
        /* what counts */
        { "items: .\nwhere: model | is('m.a')\nid: pk | text\n",
          "[{\"model\":\"m.a\",\"pk\":1},{\"model\":\"m.b\",\"pk\":1},{\"model\":\"m.a\",\"pk\":2}"
          "]",
          "1|||;2|||;" },
        { "where: [on, name | has(a)]\nid: name\n",
          "[{\"on\":true,\"name\":\"ab\"},{\"on\":true,\"name\":\"b\"},{\"on\":false,\"name\":"
          "\"a\"},"
          "{\"name\":\"a\"}]",
          "ab|||;" },
        /* looked up elsewhere in the document */
        { "lookups:\n  site: {items: ., where: m | is(site), key: pk, value: f.name}\n"
          "items: .\nwhere: m | is(dev)\nid: f.name\ncolumns: {name: f.site | lookup(site)}\n",
          "[{\"m\":\"dev\",\"pk\":1,\"f\":{\"name\":\"r1\",\"site\":7}},"
          "{\"m\":\"dev\",\"pk\":2,\"f\":{\"name\":\"r2\",\"site\":8}},"
          "{\"m\":\"dev\",\"pk\":7,\"f\":{\"name\":\"r3\"}},"
          "{\"m\":\"site\",\"pk\":7,\"f\":{\"name\":\"Oslo\"}}]",
          "r1|Oslo||;r2|||;r3|||;" },
        { "lookups:\n  a: {items: [t, p], key: id, value: ^.n}\n"
          "  b: {items: l, key: k, value: v | lookup(a)}\nitems: i\nid: id\n"
          "columns: {name: id | lookup(b)}\n",
          "{\"t\":[{\"n\":\"one\",\"p\":[{\"id\":\"q\"}]}],\"l\":[{\"k\":\"x\",\"v\":\"q\"}],"
          "\"i\":[{\"id\":\"x\"}]}",
          "x|one||;" },
        /* YAML, known by its first line; a mark of UTF-8 before it */
        { "items: items\nid: metadata.name\n",
          "\xef\xbb\xbf"
          "apiVersion: v1\nitems:\n- metadata: {name: x}\n- metadata: {name: y}\n",
          "x|||;y|||;" },
        /* of rows of one id the latest, wherever it stands */
        { "snapshot: false\nlatest: used_at\nid: a\ncolumns: {used_at: t, users: n}\n",
          "[{\"a\":\"x\",\"t\":\"2026-01-02T00:00:00Z\",\"n\":2},{\"a\":\"y\",\"n\":9},"
          "{\"a\":\"x\",\"t\":\"2026-01-03T00:00:00Z\",\"n\":3},{\"a\":\"x\",\"n\":1}]",
          "x||3|2026-01-03T00:00:00Z;y||9|;" },
        /* what programs write for a time */
        { "id: a\ncolumns: {used_at: t | time}\n",
          "[{\"a\":\"p\",\"t\":{\"year\":2016,\"month\":7,\"day\":24,\"hour\":10,\"minute\":38,"
          "\"second\":12}},{\"a\":\"s\",\"t\":\"2012-02-18 08:14:42\"},{\"a\":\"v\",\"t\":\"\"}]",
          "p|||2016-07-24T10:38:12Z;s|||2012-02-18T08:14:42Z;v|||;" },
        { "id: a\ncolumns: {used_at: t | date_ms}\n",
          "[{\"a\":\"x\",\"t\":\"\\\\/Date(1700000000000)\\\\/\"}]", "x|||2023-11-14T22:13:20Z;" },
        { "id: a\ncolumns: {used_at: '[b | time, c | time] | newest'}\n",
          "[{\"a\":\"x\",\"b\":\"2026-01-02T01:00:00+02:00\",\"c\":\"2026-01-01T23:30:00Z\"}]",
          "x|||2026-01-01T23:30:00Z;" },
        /* lists of a column */
        { "id: a\ncolumns: {users: '[p, q] | flat | only(type | is(cert)) | count'}\n",
          "[{\"a\":\"x\",\"p\":[{\"type\":\"cert\"},{\"type\":\"pw\"}],\"q\":{\"type\":\"cert\"}}]",
          "x||2|;" },
        { "id: a\ncolumns: {name: \"r | each(v) | flat | each('<' + . + ^.a + '>') | "
          "join(',')\"}\n",
          "[{\"a\":\"x\",\"r\":[{\"v\":[\"get\"]},{},{\"v\":[\"put\"]}]}]", "x|<getx>,<putx>||;" },
        { "id: a\ncolumns: {name: 'n | split(\"/\") | get(1)', users: 'k | only(^.a | is(x)) ?? "
          "7'}\n",
          "[{\"a\":\"x\",\"n\":\"p/q\",\"k\":1},{\"a\":\"y\",\"n\":\"p\",\"k\":1}]",
          "x|q|1|;y||7|;" },
        { "items: [., r | unique]\nid: ^.a + .\n", "[{\"a\":\"x\",\"r\":[\"1\",\"2\",\"1\"]}]",
          "x1|||;x2|||;" },
        { "id: a\ncolumns: {name: 'd | percent | json | get(s.0.k)'}\n",
          "[{\"a\":\"x\",\"d\":\"%7B%22s%22%3A%5B%7B%22k%22%3A%22v%22%7D%5D%7D\"}]", "x|v||;" },
    };

    check_ways(ways, AR_COUNT(ways));
}

TEST(what_is_no_payload_is_refused_in_its_own_words)
{
    static const struct {
        const char *connector, *payload;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "items: value\nid: a\n",
          "{\"error\":{\"code\":\"Expired\",\"message\":\"Sign in again.\"}}", AR_INVALID,
          "payload: no list at 'value'; it says: Expired: Sign in again." },
        { "items: value\nid: a\n", "{\"message\":\"Not Found\",\"documentation_url\":\"u\"}",
          AR_INVALID, "no list at 'value'; it says: Not Found" },
        { "items: value\nid: a\n", "{\"value\":7}", AR_INVALID, "no list at 'value'" },
        { "id: a\n",
          "{\"error\":{\"message\":\"No rights\",\"detail\":\"x\"},\"status\":\"failure\"}",
          AR_INVALID, "payload: it is an error and no list of items; it says: No rights: x" },
        { "id: a\n", "{\"error\":\"busy\"}", AR_INVALID, "it says: busy" },
        { "format: pages\nid: a\n", "[{\"a\":\"x\"}]\n{\"error\":\"busy\"}\n", AR_INVALID,
          "it says: busy" },
        { "id: a\n", "<!DOCTYPE html>\n<html><head><title>Sign in </title>", AR_INVALID,
          "payload: it is an HTML page 'Sign in', perhaps one to sign in on" },
        { "format: json\nid: a\n", "\n <HTML lang=en><body>", AR_INVALID, "it is an HTML page," },
        { "id: a\n", "<?xml version=\"1.0\"?><a/>", AR_INVALID, "it is XML (want JSON" },
        { "id: a\n", "[{\"a\":\"x\"},{\"a\":", AR_INVALID, "payload:1:17: the text ends" },
        { "id: a\n", "[{\"a\":\"x\\u0000\"}]", AR_INVALID, "a NUL byte cannot be kept" },
        { "refuse:\n- {when: kind | is(Review), because: a review is no list}\nid: a\n",
          "{\"kind\":\"Review\",\"a\":\"x\"}", AR_INVALID, "payload: a review is no list" },
        { "items: [l, m | json]\nid: a\n", "{\"l\":[{\"m\":\"[{}]\"},\n{\"m\":\"{\"}]}", AR_INVALID,
          "payload:1: column 'id': it is empty" },
        { "items: [l, m | json]\nid: a\n", "{\"l\":[{\"m\":\"[]\"},\n{\"m\":\"{\"}]}", AR_INVALID,
          "payload:2: the text given to json:1:2:" },
        { "where: on\nid: a\n", "[{\"a\":\"x\",\"on\":\"yes\"}]", AR_INVALID,
          "payload:1: 'where' is a text (want true or false" },
        { "items: l | deep(^.l)\nid: a\n", "{\"l\":[{}]}", AR_LIMIT, "32 items inside each other" },
        { "id: a | lookup(b)\n", "[]", AR_INVALID,
          "looks up in 'b', which 'lookups' does not name" },
        { "id: a | each('b')\n", "[]", AR_INVALID, "each takes what it looks for without quotes" },
        { "lookups: {l: {items: .}}\nid: a\n", "[]", AR_INVALID, "wants 'items' and 'key'" },
        { "refuse: [{because: x}]\nid: a\n", "[]", AR_INVALID, "'when' is missing" },
        { "bad_rows: maybe\nid: a\n", "[]", AR_INVALID, "'bad_rows' is refuse, skip" },
        { "latest: used_at\nid: a\n", "[]", AR_INVALID, "which is none of the columns here" },
        { "items: []\nid: a\n", "[]", AR_INVALID, "'items' has 0 mappings (want 1 to 8)" },
        { "where: {a: b}\nid: a\n", "[]", AR_INVALID, "c.yaml:4:8: 'where' is a map" },
    };
    ar_import_result r;
    home h;

    home_open(&h, NULL);
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(bring(&h, bad[i].connector, bad[i].payload, true, &r), bad[i].code, bad[i].says);
    home_done(&h);
}

static ar_str last_run(home *h)
{
    return text_of(h, "SELECT delta, rows, gone, skipped, problem FROM ar.run"
                      " ORDER BY run DESC LIMIT 1");
}

TEST(a_bad_row_is_left_out_where_the_connector_says_so_and_then_nothing_is_gone)
{
    static const char skip[] = "bad_rows: 2\nid: a\ncolumns: {users: n, name: m}\n";
    ar_import_result r;
    home h;

    home_open(&h, NULL);
    T_OK(bring(&h, skip, "{\"a\":\"x\",\"n\":1}\n{\"a\":\"y\",\"n\":2}\n{\"a\":\"z\",\"n\":3}\n",
               false, &r));
    T_STR(last_run(&h), "false|3|0|0|;");
    /* a wrong value, a broken line: as plain paths, and through a tree */
    T_OK(bring(&h, skip, "{\"a\":\"x\",\"n\":\"many\"}\n{\"a\":\n{\"a\":\"y\",\"n\":4}\n", false,
               &r));
    T_INT(r.skipped, 2);
    T_STR(rows(&h), "x||1|;y||4|;z||3|;");
    T_STR(last_run(&h), "true|1|0|2|payload:1: column 'users': 'many' is not an int\n"
                        "payload:2:6: the text ends, want a value;");
    T_OK(bring(&h, "bad_rows: skip\nid: a | lower\ncolumns: {users: n}\n",
               "{\"a\":\"x\",\"n\":\"many\"}\n{\"a\":\n{\"a\":\"Y\",\"n\":5}\n", false, &r));
    T_STR(last_run(&h), "true|1|0|2|payload:1: column 'users': 'many' is not an int\n"
                        "payload:2:6: the text ends, want a value;");
    /* what was read before of a row that turns out bad is no part of the next */
    T_OK(bring(&h, skip, "[{\"a\":\"x\",\"m\":\"old\",\"n\":\"?\"},{\"a\":\"y\"}]", true, &r));
    T_OK(bring(&h, skip, "a,m,n\nx,q\ny,w,7\n,v,8\n", false, &r));
    T_STR(rows(&h), "x||1|;y|w|7|;z||3|;");
    T_STR(last_run(&h), "true|1|0|2|payload:2: 2 fields, but the header has 3\n"
                        "payload:4: column 'id': it is empty, but it is what the row is known by;");
    /* and without bad rows it is a snapshot again */
    T_OK(bring(&h, skip, "a,m,n\nx,q,1\ny,w,7\n", false, &r));
    T_STR(last_run(&h), "false|2|1|0|;");
    T_FAILS(bring(&h, skip, "[{\"n\":1},{\"n\":2},{\"n\":3},{\"a\":\"x\"}]", false, &r), AR_LIMIT,
            "payload: more than 2 rows cannot be read; the first: payload:1: column 'id'");
    /* a document that is no JSON has no next row */
    T_FAILS(bring(&h, skip, "[{\"a\":\"x\"},{]", false, &r), AR_INVALID, "payload:1:13");
    T_FAILS(bring(&h, "format: ndjson\nid: a\n", "{\"a\":\n{\"a\":\"y\"}\n", false, &r), AR_INVALID,
            "payload:1:6");
    home_done(&h);
}

TEST(of_a_payload_that_is_only_a_part_nothing_is_gone)
{
    static const char part[] =
        "items: value\npartial: '`@odata.nextLink` ?? (cut | bool)'\nid: a\n";
    ar_import_result r;
    home h;

    home_open(&h, NULL);
    T_OK(bring(&h, part, "{\"value\":[{\"a\":\"x\"},{\"a\":\"y\"}],\"cut\":\"false\"}", false, &r));
    T_TRUE(!r.partial);
    T_OK(bring(&h, part, "{\"value\":[{\"a\":\"x\"}],\"@odata.nextLink\":\"https://n\"}", false,
               &r));
    T_TRUE(r.partial);
    T_STR(rows(&h), "x|||;y|||;");
    /* of several documents the last one says it */
    T_OK(bring(&h, part,
               "{\"value\":[{\"a\":\"x\"}],\"@odata.nextLink\":\"https://n\"}\n"
               "{\"value\":[{\"a\":\"z\"}],\"cut\":\"false\"}\n",
               false, &r));
    T_TRUE(!r.partial);
    T_STR(rows(&h), "x|||;z|||;");
    home_done(&h);
}
