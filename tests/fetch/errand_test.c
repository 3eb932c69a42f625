#include "fetch/errand.h"
#include "form/yaml.h"
#include "t.h"

static ar_err read(ar_arena *arena, const char *text, ar_errand *out)
{
    ar_node *root;

    AR_TRY(ar_yaml_parse(AR_LIT("c.yaml"), ar_str_of(text), NULL, arena, &root));
    return ar_errand_read(AR_LIT("c.yaml"), root, arena, out);
}

TEST(what_is_no_way_to_fetch_is_refused_with_its_place)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "urls: x\n", "url" },
        { "body: {}\n", "'url' is missing" },
        { "url: ftp://a/\n", "c.yaml:1:6: 'ftp://a/': want a url that begins with https://" },
        { "url: https://a/\nheaders: {'A B': c}\n", "'A B' is no header" },
        { "url: https://a/\nheaders: {A: \"b\\nC: d\"}\n", "'A' is no header" },
        { "url: https://a/\nauth: {}\n", "want one of 'oauth', 'header' and 'basic'" },
        { "url: https://a/\nauth: {basic: true, header: A}\n", "want one of" },
        { "url: https://a/\nauth: {oauth: a}\n", "'a': want a url" },
        { "url: https://a/\npages: {}\n", "want one of 'next', 'link'" },
        { "url: https://a/\npages: {next: a, link: b}\n", "want one of 'next', 'link'" },
        { "url: https://a/\npages: {token: a}\n", "'into' is missing" },
        { "url: https://a/\npages: {offset: a, by: -1}\n", "numbers from 0" },
        { "url: https://a/\npages: {offset: a, by: 9223372036854775807}\n", "to 1000000000" },
        { "url: https://a/\nauth: {header: A, prefix: \"b\\nC: \"}\n", "more than one line" },
        { "url: https://a/\npages: {link: next}\ndelta: {link: d}\n", "'delta' goes with pages" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_errand e;

    for (size_t i = 0; i < AR_COUNT(rows); i++)
        T_FAILS(read(&arena, rows[i].text, &e), AR_INVALID, rows[i].says);
}

TEST(settings_take_the_place_of_their_names)
{
    static const ar_setting list[] = {
        { AR_LIT("base"), AR_LIT("https://h:8/x") },
        { AR_LIT("org"), AR_LIT("a/b?c=ü") },
        { AR_LIT("idle"), AR_LIT("0") },
    };
    ar_auto(ar_arena) arena = { 0 };
    bool used[AR_COUNT(list)] = { 0 };
    const ar_settings settings = { list, AR_COUNT(list), used, 20778 * AR_DAY + AR_HOUR };
    ar_errand e;

    T_OK(read(&arena,
              "url: '{base}/orgs/{org}/repos'\nheaders: {X-Org: '{org}'}\n"
              "body: {q: 'of {org}', n: [1, '{org}']}\n"
              "auth: {oauth: 'https://login/{org}/token', scope: s}\n",
              &e));
    T_OK(ar_errand_fill(&e, &settings, &arena));
    T_STR(e.url, "https://h:8/x/orgs/a%2Fb%3Fc%3D%C3%BC/repos");
    T_STR(e.token_url, "https://login/a%2Fb%3Fc%3D%C3%BC/token");
    T_STR(e.headers, "X-Org: a/b?c=ü\n");
    T_STR(e.body, "{\"q\":\"of a/b?c=ü\",\"n\":[1,\"a/b?c=ü\"]}");
    T_TRUE(used[0] && used[1] && !used[2]);

    T_OK(read(&arena, "url: 'https://h/?since={today-7d}'\n", &e));
    T_OK(ar_errand_fill(&e, &settings, &arena));
    T_STR(e.url, "https://h/?since=2026-11-14T00%3A00%3A00Z");
    T_OK(read(&arena, "url: 'https://h/?since={today-soon}'\n", &e));
    T_FAILS(ar_errand_fill(&e, &settings, &arena), AR_INVALID, "soon");
    T_OK(read(&arena, "url: 'https://h/{org}/{tenant}'\n", &e));
    T_FAILS(ar_errand_fill(&e, &settings, &arena), AR_INVALID, "the setting 'tenant' is missing");
    T_OK(read(&arena, "url: 'https://h/{org'\n", &e));
    T_FAILS(ar_errand_fill(&e, &settings, &arena), AR_INVALID, "a brace is not closed");
    T_OK(read(&arena, "url: '{org}/x'\n", &e));
    T_FAILS(ar_errand_fill(&e, &settings, &arena), AR_INVALID,
            "is no url (want https://HOST/PATH)");
    const ar_setting lines = { AR_LIT("org"), AR_LIT("a\r\nHost: b") };
    const ar_settings two_lines = { &lines, 1, used, 0 };
    T_OK(read(&arena, "url: 'https://h/'\nheaders: {X-Org: '{org}'}\n", &e));
    T_FAILS(ar_errand_fill(&e, &two_lines, &arena), AR_INVALID,
            "the setting 'org' is more than one line of text");
}

TEST(an_errand_arrives_as_it_was_sent)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_errand e, back;

    T_OK(read(&arena,
              "url: https://a/\nheaders: {A: 'b'}\npages: {offset: o, by: 7, total: T}\n"
              "auth: {header: Authorization, prefix: 'Token '}\n",
              &e));
    e.cursor = AR_LIT("\"\\\n");
    e.bytes_max = INT64_MAX;
    ar_errand_print(&e, &text);
    T_OK(ar_errand_parse(ar_buf_str(&text), &arena, &back));
#define X(name) T_TRUE(ar_str_eq(e.name, back.name));
    AR_ERRAND_TEXTS(X)
#undef X
#define X(name) T_INT(back.name, e.name);
    AR_ERRAND_NUMBERS(X)
#undef X
    T_INT(back.paging, AR_PAGING_OFFSET);
    T_INT(back.by, 7);
    T_FAILS(ar_errand_parse(AR_LIT("{}"), &arena, &back), AR_INVALID, "is missing");
}
