#include "form/yaml.h"
#include "t.h"

#include <stdlib.h>

static ar_err parse(ar_arena *arena, const char *text, ar_node **out)
{
    return ar_yaml_parse(AR_LIT("x.yaml"), ar_str_of(text), NULL, arena, out);
}

TEST(a_document_becomes_a_tree_with_places)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_OK(parse(&arena,
               "id: TN-3\n"
               "pass: a\n"
               "      AND b\n"
               "tests:\n"
               "  pass: [{on: true, n: -3}]\n",
               &root));
    T_INT(root->kind, AR_NODE_MAP);
    T_INT(root->n, 3);
    T_STR(ar_node_get(root, AR_LIT("pass"))->text, "a AND b");

    const ar_node *n = ar_node_at(root, AR_LIT("tests.pass.0.n"));

    T_INT(n->kind, AR_NODE_INT);
    T_INT(n->i, -3);
    T_STR(n->text, "-3");
    T_INT(n->line, 5);
    T_INT(n->column, 24);
    T_INT(ar_node_at(root, AR_LIT("tests"))->line, 5);
    T_INT(root->pairs[2].line, 4);
    T_INT(root->pairs[2].column, 1);
}

TEST(columns_count_bytes_behind_a_mark_and_beyond_ascii)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_OK(parse(&arena, "\xef\xbb\xbf{\xc3\xa4\xe2\x82\xac: 1, b: 2}", &root));
    T_INT(root->pairs[1].column, 12);
    T_INT(root->pairs[1].value->column, 15);
}

TEST(plain_scalars_follow_the_core_schema)
{
    static const struct {
        const char *text;
        enum ar_node_kind kind;
        double number;
    } cases[] = {
        { "~", AR_NODE_NULL, 0 },
        { "", AR_NODE_NULL, 0 },
        { "Null", AR_NODE_NULL, 0 },
        { "nUll", AR_NODE_TEXT, 0 },
        { "True", AR_NODE_BOOL, 1 },
        { "FALSE", AR_NODE_BOOL, 0 },
        { "yes", AR_NODE_TEXT, 0 },
        { "off", AR_NODE_TEXT, 0 },
        { "42", AR_NODE_INT, 42 },
        { "+7", AR_NODE_INT, 7 },
        { "007", AR_NODE_INT, 7 },
        { "0x1F", AR_NODE_INT, 31 },
        { "0o17", AR_NODE_INT, 15 },
        { "0o18", AR_NODE_TEXT, 0 },
        { "0x", AR_NODE_TEXT, 0 },
        { "-0x1", AR_NODE_TEXT, 0 },
        { "1_000", AR_NODE_TEXT, 0 },
        { "1.5", AR_NODE_DOUBLE, 1.5 },
        { ".5", AR_NODE_DOUBLE, 0.5 },
        { "5.", AR_NODE_DOUBLE, 5 },
        { "-1e3", AR_NODE_DOUBLE, -1000 },
        { "1e", AR_NODE_TEXT, 0 },
        { ".", AR_NODE_TEXT, 0 },
        { ".inf", AR_NODE_TEXT, 0 },
        { ".nan", AR_NODE_TEXT, 0 },
        { "2026-11-21", AR_NODE_TEXT, 0 },
        { "'42'", AR_NODE_TEXT, 0 },
        { "\"true\"", AR_NODE_TEXT, 0 },
        { "-9223372036854775808", AR_NODE_INT, -9223372036854775808.0 },
        { "0x7fffffffffffffff", AR_NODE_INT, 9223372036854775807.0 },
        { "12:30:45", AR_NODE_TEXT, 0 },
        { "-3d", AR_NODE_TEXT, 0 },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_node *root = NULL;
        ar_str text = ar_arena_printf(&arena, "v: %s\n", cases[i].text);

        T_OK(ar_yaml_parse(AR_LIT("x"), text, NULL, &arena, &root));

        const ar_node *v = ar_node_get(root, AR_LIT("v"));

        if (v->kind != cases[i].kind) printf("# case '%s'\n", cases[i].text);
        T_INT(v->kind, cases[i].kind);
        if (v->kind == AR_NODE_BOOL) T_TRUE(v->b == (cases[i].number != 0));
        if (v->kind == AR_NODE_INT) T_TRUE((double)v->i == cases[i].number);
        if (v->kind == AR_NODE_DOUBLE) T_TRUE(v->d == cases[i].number);
    }
}

TEST(what_is_refused_says_where_and_why)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "a: 1\nb: 2\na: 3\n", "x.yaml:3:1: the key 'a' is already at 1:1" },
        { "a: &x 1\n", "x.yaml:1:4: anchors" },
        { "a: &x [1]\nb: *x\n", "x.yaml:1:4: anchors" },
        { "b: *x\n", "x.yaml:1:4: aliases" },
        { "*x : 1\n", "x.yaml:1:1: aliases" },
        { "a: !!str 1\n", "x.yaml:1:4: tags" },
        { "&a k: 1\n", "x.yaml:1:1: anchors" },
        { "? [1]\n: 2\n", "x.yaml:1:3: a key must be a text" },
        { "a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document" },
        { "a: [1, 2\n", "x.yaml:2:1: did not find expected ',' or ']'" },
        { "a: \xff\n", "x.yaml:1:4: the text is not valid UTF-8" },
        { "a: \"\\0\"\n", "x.yaml:1:4: a NUL" },
        { "a: \x01\n", "x.yaml:1:4: control characters are not allowed (U+0001)" },
        { "\ta: 1\n", "x.yaml:1:1: a tab cannot indent (want blanks)" },
        { "a: `b`\n", "x.yaml:1:4: a text cannot begin so (want quotes around it)" },
        { "a: \n- %b\n", "x.yaml:2:3: found character that cannot start any token" },
        { "a: b | map(c: d)\n", "x.yaml:1:13: a ':' with a blank behind it cannot stand here" },
        { "x:\n a: 1\n  b: 2\n", "x.yaml:3:4: a ':' with a blank behind it cannot stand here" },
        { "n: 9223372036854775808\n", "x.yaml:1:4: the number is too large" },
        { "n: 0x8000000000000000\n", "x.yaml:1:4: the number is too large" },
        { "n: 1e999\n", "x.yaml:1:4: the number is too large" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_node untouched = { 0 }, *root = &untouched;

        T_FAILS(parse(&arena, bad[i].text, &root), AR_INVALID, bad[i].says);
        T_TRUE(root == &untouched);
    }
}

TEST(a_nul_in_the_text_is_no_end_of_it)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_FAILS(ar_yaml_parse(AR_LIT("x.yaml"), AR_LIT("a: 1\n\0b: 2\n"), NULL, &arena, &root),
            AR_INVALID, "x.yaml:2:1: a NUL");
}

TEST(an_empty_document_is_null)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_OK(parse(&arena, "", &root));
    T_INT(root->kind, AR_NODE_NULL);
    T_OK(parse(&arena, "# nothing yet\n", &root));
    T_INT(root->kind, AR_NODE_NULL);
}

TEST(limits_hold_with_their_number_and_place)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_form_limits small = { .bytes_max = 40, .nodes_max = 4, .depth_max = 3 };
    ar_node *root = NULL;
    ar_str file = AR_LIT("x");

    T_OK(ar_yaml_parse(file, AR_LIT("[[1, 2]]"), &small, &arena, &root));
    T_FAILS(ar_yaml_parse(file, AR_LIT("[[[1]]]"), &small, &arena, &root), AR_LIMIT,
            "x:1:4: nested more than 3 deep");
    T_FAILS(ar_yaml_parse(file, AR_LIT("[1, 2, 3, 4]"), &small, &arena, &root), AR_LIMIT,
            "x:1:11: more than 4 values");
    T_FAILS(ar_yaml_parse(file, AR_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &small,
                          &arena, &root),
            AR_LIMIT, "40 are the most");
}

TEST(ten_thousand_open_brackets_end_at_the_depth_limit)
{
    ar_auto(ar_arena) arena = { 0 };
    char brackets[10001];
    ar_node *root = NULL;

    memset(brackets, '[', 10000);
    brackets[10000] = '\0';
    T_FAILS(parse(&arena, brackets, &root), AR_LIMIT, "nested more than 64 deep");
}

TEST(a_duplicate_is_found_among_many_keys)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    ar_node *root = NULL;

    for (int i = 1; i <= 3000; i++) ar_buf_addf(&text, "k%d: %d\n", i, i);
    T_OK(parse(&arena, text.ptr, &root));
    T_INT(root->n, 3000);
    T_INT(ar_node_get(root, AR_LIT("k2999"))->i, 2999);
    ar_buf_addz(&text, "k5: x\n");
    T_FAILS(parse(&arena, text.ptr, &root), AR_INVALID,
            "x.yaml:3001:1: the key 'k5' is already at 5:1");
}

TEST(the_shipped_kinds_all_parse)
{
    static const char *const kinds[] = { "app", "asset", "log_source", "repo" };

    for (size_t i = 0; i < AR_COUNT(kinds); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) text = { 0 };
        const char *source = getenv("ARIGHT_SOURCE");
        ar_str path =
            ar_arena_printf(&arena, "%s/kinds/%s.yaml", source == NULL ? "." : source, kinds[i]);
        FILE *f = fopen(path.ptr, "re");
        ar_node *root = NULL;

        T_TRUE(f != NULL);
        if (f == NULL) continue;
        text.len = fread(ar_buf_room(&text, 1 << 20), 1, 1 << 20, f);
        (void)fclose(f);
        T_OK(ar_yaml_parse(path, ar_buf_str(&text), NULL, &arena, &root));
        T_STR(ar_node_get(root, AR_LIT("kind"))->text, kinds[i]);
    }
}

TEST(no_text_at_all_is_an_empty_document)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;

    T_OK(ar_yaml_parse(AR_LIT("x.yaml"), (ar_str){ 0 }, NULL, &arena, &root));
    T_INT(root->kind, AR_NODE_NULL);
}
