#include "form/json.h"
#include "t.h"

static ar_err parse(ar_arena *arena, const char *text, ar_node **out)
{
    return ar_json_parse(AR_LIT("x.json"), ar_str_of(text), NULL, arena, out);
}

TEST(a_document_becomes_a_tree_with_places)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_OK(parse(&arena,
               "\xef\xbb\xbf{\n"
               "  \"value\": [ {\"id\": 7, \"@odata.type\": \"t\"},\r\n"
               "\t{\"id\": -0.5} ]\n"
               "}\n",
               &root));

    const ar_node *n = ar_node_at(root, AR_LIT("value.1.id"));

    T_INT(n->kind, AR_NODE_DOUBLE);
    T_TRUE(n->d == -0.5);
    T_INT(n->line, 3);
    T_INT(n->column, 9);
    T_INT(root->pairs[0].line, 2);
    T_INT(root->pairs[0].column, 3);
    T_STR(ar_node_at(root, AR_LIT("value.0.@odata\\.type"))->text, "t");
    T_TRUE(ar_node_at(root, AR_LIT("value.2")) == NULL);
    T_TRUE(ar_node_at(root, AR_LIT("value.-1")) == NULL);
    T_TRUE(ar_node_at(root, AR_LIT("value.0.id.x")) == NULL);
}

TEST(numbers_are_integers_where_they_fit_and_doubles_where_not)
{
    static const struct {
        const char *text;
        enum ar_node_kind kind;
        double d;
        int64_t i;
    } cases[] = {
        { "0", AR_NODE_INT, 0, 0 },
        { "-0", AR_NODE_INT, 0, 0 },
        { "9223372036854775807", AR_NODE_INT, 0, INT64_MAX },
        { "-9223372036854775808", AR_NODE_INT, 0, INT64_MIN },
        { "9223372036854775808", AR_NODE_DOUBLE, 9223372036854775808.0, 0 },
        { "18446744073709551616", AR_NODE_DOUBLE, 18446744073709551616.0, 0 },
        { "1.0", AR_NODE_DOUBLE, 1, 0 },
        { "1E+2", AR_NODE_DOUBLE, 100, 0 },
        { "1e-999", AR_NODE_DOUBLE, 0, 0 },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_node *n = NULL;

        T_OK(parse(&arena, cases[i].text, &n));
        T_INT(n->kind, cases[i].kind);
        T_STR(n->text, cases[i].text);
        if (n->kind == AR_NODE_INT) T_INT(n->i, cases[i].i);
        if (n->kind == AR_NODE_DOUBLE) T_TRUE(n->d == cases[i].d);
    }
}

TEST(escapes_become_characters)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *n = NULL;

    T_OK(parse(&arena, "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00z\"", &n));
    T_STR(n->text, "a\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    T_OK(parse(&arena, "\"a\\u0000b\"", &n));
    T_INT(n->text.len, 3);
}

TEST(what_is_refused_says_where_and_why)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "x.json:1:1: the text ends, want a value" },
        { "{\n \"a\": 1,\n \"a\": 2}", "x.json:3:2: the key 'a' is already at 2:2" },
        { "{\"a\": 1,}", "x.json:1:9: found '}', want a key in quotes" },
        { "{a: 1}", "x.json:1:2: found 'a', want a key in quotes" },
        { "{\"a\" 1}", "x.json:1:6: found '1', want ':'" },
        { "{\"a\": 1", "x.json:1:8: the text ends, want ',' or '}'" },
        { "[1 2]", "x.json:1:4: found '2', want ',' or ']'" },
        { "[1,]", "x.json:1:4: found ']', want a value" },
        { "[1] x", "x.json:1:5: found 'x', want nothing behind the value" },
        { "01", "x.json:1:2: found '1', want nothing" },
        { "+1", "x.json:1:1: found '+', want a value" },
        { "-", "x.json:1:2: the text ends, want a digit" },
        { "1.", "x.json:1:3: the text ends, want a digit" },
        { "1e+", "x.json:1:4: the text ends, want a digit" },
        { "NaN", "x.json:1:1: found 'N', want a value" },
        { "nul", "x.json:1:1: found 'n', want a value" },
        { "1e400", "x.json:1:1: the number is too large" },
        { "\"a\nb\"", "x.json:1:3: want a closing quote" },
        { "\"abc", "x.json:1:5: the text ends, want a closing quote" },
        { "\"\\x41\"", "x.json:1:3: found 'x', want one of" },
        { "\"\\u12g4\"", "x.json:1:6: found 'g', want four hexadecimal digits" },
        { "\"\\ud800\"", "x.json:1:4: half of a surrogate pair (\\ud800)" },
        { "\"\\udc00\"", "x.json:1:4: half of a surrogate pair (\\udc00)" },
        { "\"\\ud800\\u0041\"", "x.json:1:4: half of a surrogate pair" },
        { "[\n\"\xc0\xaf\"]", "x.json:2:2: the text is not valid UTF-8" },
        { "// c\n1", "x.json:1:1: found '/', want a value" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_node untouched = { 0 }, *root = &untouched;

        T_FAILS(parse(&arena, bad[i].text, &root), AR_INVALID, bad[i].says);
        T_TRUE(root == &untouched);
    }
}

TEST(a_piece_of_a_file_keeps_its_place)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;
    ar_str file = AR_LIT("big.json");

    T_OK(ar_json_parse_at(file, 12, 5, AR_LIT("{\"a\":\n1}"), NULL, &arena, &root));
    T_INT(root->line, 12);
    T_INT(root->column, 5);
    T_INT(root->pairs[0].column, 6);
    T_INT(root->pairs[0].value->line, 13);
    T_INT(root->pairs[0].value->column, 1);
    T_FAILS(ar_json_parse_at(file, 12, 5, AR_LIT("[\xff]"), NULL, &arena, &root), AR_INVALID,
            "big.json:12:6: the text is not valid UTF-8");
}

TEST(depth_and_size_have_limits)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_form_limits small = { .nodes_max = 3, .bytes_max = 20 };
    char brackets[100001];
    ar_node *root = NULL;

    memset(brackets, '[', 100000);
    brackets[100000] = '\0';
    T_FAILS(parse(&arena, brackets, &root), AR_LIMIT, "x.json:1:65: nested more than 64 deep");
    T_FAILS(ar_json_parse(AR_LIT("x"), AR_LIT("[1,2,3]"), &small, &arena, &root), AR_LIMIT,
            "x:1:6: more than 3 values");
    T_FAILS(ar_json_parse(AR_LIT("x"), AR_LIT("                     1"), &small, &arena, &root),
            AR_LIMIT, "22 bytes, 20 are the most");
}

TEST(values_print_as_json)
{
    static const struct {
        ar_value value;
        const char *text;
    } cases[] = {
        { { .type = AR_NULL }, "null" },
        { { .type = AR_BOOL, .b = true }, "true" },
        { { .type = AR_INT, .i = INT64_MIN }, "-9223372036854775808" },
        { { .type = AR_DOUBLE, .d = 0.1 }, "0.1" },
        { { .type = AR_DOUBLE, .d = 1.0 / 0.0 }, "null" },
        { { .type = AR_TIME, .i = 0 }, "\"1970-01-01T00:00:00Z\"" },
        { { .type = AR_TEXT, .s = { "a\"\\\n\x01\x7f\xe2\x82\xac\xff\xe2\x82", 12 } },
          "\"a\\\"\\\\\\n\\u0001\\u007f\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        /* CSI as one character, a right-to-left override, a line separator; a blank that stays */
        { { .type = AR_TEXT, .s = AR_LIT("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xc2\xa0") },
          "\"\\u009b\\u202e\\u2028\xc2\xa0\"" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };

        ar_json_value(&out, cases[i].value);
        T_STR(ar_buf_str(&out), cases[i].text);
    }
}

TEST(a_tree_prints_and_reads_back)
{
    const char *text = "{\"a\":[1,-2.5,\"x\\ty\",null,true,{}],\"b\":{\"c\":[]},\"d\":1e+30}";
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_node *root = NULL;

    T_OK(parse(&arena, text, &root));
    ar_json_node(&out, root);
    T_STR(ar_buf_str(&out), text);
}
