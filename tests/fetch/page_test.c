#include "fetch/page.h"
#include "form/json.h"
#include "t.h"

static ar_node *parse(ar_arena *arena, const char *json)
{
    ar_node *root = NULL;

    T_OK(ar_json_parse(AR_LIT("page"), ar_str_of(json), NULL, arena, &root));
    return root;
}

TEST(a_link_header_gives_the_url_of_its_relation)
{
    static const struct {
        const char *header, *relation, *want;
    } rows[] = {
        { "<https://a/?page=2>; rel=\"next\", <https://a/?page=9>; rel=\"last\"", "next",
          "https://a/?page=2" },
        { "<https://a/?page=2>; rel=\"next\", <https://a/?page=9>; rel=\"last\"", "last",
          "https://a/?page=9" },
        { "<https://a/?page=1>; rel=\"prev\"", "next", "" },
        { "<https://a/x,y>; title=\"a, <b>; rel=next\"; rel=next", "next", "https://a/x,y" },
        { "<u>; REL = Next", "next", "u" },
        { "<u>;rel=\"prev next\"", "next", "u" },
        { "<u>; rel=nextish", "next", "" },
        { "u; rel=next", "next", "" },
        { "<u; rel=next", "next", "" },
        { ">u<; rel=next", "next", "" },
        { "<u>", "next", "" },
        { "", "next", "" },
    };

    for (size_t i = 0; i < AR_COUNT(rows); i++)
        T_STR(ar_page_link(ar_str_of(rows[i].header), ar_str_of(rows[i].relation)), rows[i].want);
}

TEST(a_page_becomes_one_line_that_says_the_same)
{
    static const char page[] =
        "{ \"a b\" : [ 1 ,\n\t2.50 ], \"q\" : \"x \\\" \\\\\" ,\r\n\"z\": \" \" }\n";
    ar_auto(ar_buf) line = { 0 };

    ar_page_line(&line, ar_str_of(page));
    T_STR(ar_buf_str(&line), "{\"a b\":[1,2.50],\"q\":\"x \\\" \\\\\",\"z\":\" \"}");
}

TEST(a_text_is_put_where_a_path_leads)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_node *body = parse(&arena, "{\"query\":\"q\",\"options\":{\"$top\":2}}");

    T_OK(ar_page_put(body, AR_LIT("options.$skipToken"), AR_LIT("t"), &arena));
    T_OK(ar_page_put(body, AR_LIT("options.$skipToken"), AR_LIT("u"), &arena));
    T_OK(ar_page_put(body, AR_LIT("new.deep"), AR_LIT("v"), &arena));
    ar_json_node(&text, body);
    T_STR(ar_buf_str(&text), "{\"query\":\"q\",\"options\":{\"$top\":2,\"$skipToken\":\"u\"},"
                             "\"new\":{\"deep\":\"v\"}}");
    T_FAILS(ar_page_put(body, AR_LIT("query.x"), AR_LIT("t"), &arena), AR_INVALID,
            "'q' is in the way of 'query.x'");
}

TEST(items_are_counted_where_they_are)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_node *graph =
        parse(&arena, "{\"@odata.x\":{\"y\":1},\"value\":[{},{\"@removed\":{}}]}");

    T_INT(ar_page_count(graph, AR_LIT("value")), 2);
    T_INT(ar_page_count(graph, (ar_str){ 0 }), 2);
    T_INT(ar_page_count(graph, AR_LIT("items")), -1);
    T_INT(ar_page_count(parse(&arena, "[]"), (ar_str){ 0 }), 0);
    T_INT(ar_page_count(parse(&arena, "{\"a\":1}"), (ar_str){ 0 }), -1);
    T_TRUE(ar_page_removes(graph, AR_LIT("value"), AR_LIT("@removed")));
    T_TRUE(!ar_page_removes(graph, AR_LIT("value"), AR_LIT("@deleted")));
    T_TRUE(!ar_page_removes(graph, AR_LIT("value"), (ar_str){ 0 }));
    T_TRUE(ar_page_at(graph, AR_LIT("@odata.x")) != NULL);
    T_TRUE(ar_page_at(graph, AR_LIT("value.1.@removed")) != NULL);
}

TEST(the_wait_before_another_try_is_random_below_a_bound_that_doubles_to_a_minute)
{
    static const int64_t bounds[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

    for (size_t i = 0; i < AR_COUNT(bounds); i++) {
        T_INT(ar_page_backoff_ms((int64_t)i + 1, (uint64_t)bounds[i]), bounds[i]);
        T_INT(ar_page_backoff_ms((int64_t)i + 1, (uint64_t)bounds[i] + 1), 0);
        T_TRUE(ar_page_backoff_ms((int64_t)i + 1, UINT64_MAX) <= bounds[i]);
    }
    T_TRUE(ar_page_backoff_ms(INT64_MAX, UINT64_MAX) <= 60000);
}
