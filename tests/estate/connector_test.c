#include "home.h"
#include "sys/proc.h"

#include <fcntl.h>

static ar_err parse(home *h, const char *text, ar_connector *out)
{
    AR_TRY(ar_connector_parse(AR_LIT("c.yaml"), ar_str_of(text), &h->arena, out));
    return ar_connector_check(out, &h->kinds);
}

TEST(a_connector_that_is_wrong_is_refused_with_its_place)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "connector: c\n", "title" },
        { "connector: c\ntitle: T\nformat: xml\n", "c.yaml:3:9: 'xml' is not a format" },
        { "connector: c\ntitle: T\nitem: value\n", "items" },
        { "connector: c\ntitle: T\nkind: app\n", "'id' is missing" },
        { "connector: c\ntitle: T\nid: x\n", "without 'kind'" },
        { "connector: c\ntitle: T\nkind: ap\nid: x\n", "did you mean 'app'?" },
        { "connector: c\ntitle: T\nkind: asset\nid: x\n", "view of aright's own" },
        { "connector: c\ntitle: T\nkind: app\nid: x |\n", "c.yaml:4:5: column 'id': character 4" },
        { "connector: c\ntitle: T\nkind: app\nid: x\ncolumns:\n  user: n\n",
          "c.yaml:6:9: the kind has no column 'user'; it has 'users'" },
        { "connector: c\ntitle: T\nkind: app\nid: x\ncolumns:\n  last_seen: n\n",
          "aright itself fills column 'last_seen'" },
        { "connector: c\ntitle: T\nkind: app\nid: x\ncolumns:\n  id: n\n", "beside 'columns'" },
        { "connector: c\ntitle: T\nkind: app\nid: x\ncolumns:\n  users: [n]\n", "a list" },
    };
    home h;
    home_open(&h, NULL);

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_connector c = { .n_columns = 77 };
        ar_err err = parse(&h, bad[i].text, &c);
        T_FAILS(err, err.code == AR_NOT_FOUND ? AR_NOT_FOUND : AR_INVALID, bad[i].says);
    }
    home_done(&h);
}

static const char graph[] =
    "connector: graph\ntitle: Applications\nformat: json\nitems: value\nkind: app\nid: appId\n"
    "columns:\n"
    "  name: displayName | trim\n"
    "  multi: 'signInAudience | map(AzureADMyOrg: false, AzureADMultipleOrgs: true)'\n"
    "  users: (passwordCredentials ?? keyCredentials) | count\n"
    "  used_at: seen | null_if('N/A') | date_ms\n"
    "  owner_id: '\"person:\" + owners.0.mail ?? \"team:\" + team'\n";

TEST(columns_are_what_the_connector_says_they_are)
{
    static const char payload[] =
        "{\"value\":[{\"appId\":\"a\",\"displayName\":\" A \",\"signInAudience\":\"AzureADMyOrg\","
        "\"passwordCredentials\":[{},{}],\"seen\":\"/Date(1700000000000)/\","
        "\"owners\":[{\"mail\":\"kim\"}]},\n"
        "{\"appId\":\"b\",\"signInAudience\":\"PersonalOnly\",\"keyCredentials\":[{}],"
        "\"seen\":\"N/A\",\"team\":\"web\"}]}";
    ar_connector c;
    ar_import_result r;
    home h;
    home_open(&h, NULL);

    T_OK(parse(&h, graph, &c));
    T_OK(import_with(&h, &c, "app", "graph", false, false, AR_LIT(payload), &r));
    T_STR(text_of(&h, "SELECT id, name, multi, users, used_at, owner_id FROM app ORDER BY id"),
          "a|A|false|2|2023-11-14T22:13:20Z|person:kim;b|||1||team:web;");
    T_FAILS(import_with(&h, &c, "app", "graph", false, true,
                        AR_LIT("{\"value\":[{\"appId\":\"a\",\n\"seen\":\"soon\"}]}"), &r),
            AR_INVALID, "column 'used_at': 'soon' cannot be given to date_ms");
    T_FAILS(import_with(&h, &c, "app", "graph", false, true, AR_LIT("{\"items\":[]}"), &r),
            AR_INVALID, "no list at 'value'");
    home_done(&h);
}

TEST(pages_of_an_api_are_one_payload)
{
    static const char pages[] = "connector: c\ntitle: T\nformat: pages\nitems: value\nkind: app\n"
                                "id: id\ncolumns:\n  users: n\n";
    static const char lists[] = "connector: c\ntitle: T\nformat: pages\nkind: app\nid: id\n";
    ar_import_result r;
    ar_connector c;
    home h;
    home_open(&h, NULL);

    T_OK(parse(&h, pages, &c));
    T_OK(import_with(
        &h, &c, "app", "s", false, false,
        AR_LIT("{\"value\":[{\"id\":\"a\",\"n\":1},{\"id\":\"b\",\"n\":2}],\"next\":\"x\"}\n"
               "{\"value\":[]}\n{\"value\":[{\"id\":\"c\",\"n\":3}]}\n"),
        &r));
    T_STR(text_of(&h, "SELECT id, users FROM app ORDER BY id"), "a|1;b|2;c|3;");
    T_FAILS(import_with(
                &h, &c, "app", "s", false, true,
                AR_LIT("{\"value\":[{\"id\":\"a\"}]}\n{\"value\":[{\"id\":\"b\",\"n\":\"x\"}]}"),
                &r),
            AR_INVALID, "payload:2: column 'users': 'x' is not an int");
    T_FAILS(import_with(&h, &c, "app", "s", false, true,
                        AR_LIT("{\"value\":[{\"id\":\"a\"}]}\n{\"error\":\"busy\"}"), &r),
            AR_INVALID, "no list at 'value'");
    T_OK(parse(&h, lists, &c));
    T_OK(import_with(&h, &c, "app", "s", false, false,
                     AR_LIT("[{\"id\":\"a\"}]\n[]\n[{\"id\":\"d\"}]"), &r));
    T_STR(text_of(&h, "SELECT id FROM app WHERE NOT gone ORDER BY id"), "a;d;");
    home_done(&h);
}

/* ---- payloads as real systems write them, when they are at hand ---- */

static void try_real(home *h, const char *folder, const char *file, const char *connector,
                     const char *want)
{
    const char *path = ar_path_join(&h->arena, folder, file);
    ar_import_result r;
    ar_connector c;
    ar_str payload;

    T_OK(parse(h, connector, &c));
    T_OK(ar_file_read(path, 1 << 24, &h->arena, &payload));
    T_OK(import_with(h, &c, "app", file, false, false, payload, &r));
    T_STR(text_of(h, "SELECT id, name, multi, used_at FROM app WHERE NOT gone ORDER BY id LIMIT 1"),
          want);
    T_OK(ar_engine_exec(h->ctx.engine, "DELETE FROM ar.src_app"));
}

TEST(payloads_of_real_systems_are_read)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *unpack = ar_path_join(&arena, getenv("ARIGHT_SOURCE"), "../shared/data/unpack");
    const char *const argv[] = { unpack, "estate", NULL };
    ar_spawn spawn = { .argv = argv };
    ar_str folder;
    int status;
    home h;

    if (!ar_file_exists(unpack)) return; /* they are not part of the project */
    home_open(&h, NULL);
    T_OK(ar_run(&spawn, 4096, 60, &arena, &folder, &status));
    const char *dir = ar_arena_cstr(&arena, ar_str_trim(folder));
    try_real(&h, dir, "entra/graph_applications_list.json",
             "connector: c\ntitle: T\nitems: value\nkind: app\nid: appId\ncolumns:\n"
             "  name: displayName\n  multi: 'signInAudience | map(AzureADMyOrg: false)'\n",
             "00000000-0000-0000-0000-000000000000|My app|false|;");
    try_real(&h, dir, "entra/scubagear_MockApplications.json", /* UTF-16 with CRLF */
             "connector: c\ntitle: T\nkind: app\nid: Id\ncolumns:\n  name: DisplayName\n",
             "00000000-0000-0000-0000-000000000001|Test App 1||;");
    try_real(
        &h, dir, "aws/iam_credential_report.csv",
        "connector: c\ntitle: T\nkind: app\nid: arn + user_creation_time + "
        "password_last_changed\ncolumns:\n  name: user\n"
        "  multi: mfa_active | bool\n"
        "  used_at: \"password_last_used | null_if('N/A', 'no_information') | time\"\n",
        "arn:aws:iam::644160558196:root2016-05-16T18:13:11+00:00not_supported|<root_account>|true|"
        "2016-10-06T15:47:11Z;");
    home_done(&h);
}
