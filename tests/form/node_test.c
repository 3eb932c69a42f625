#include "form/node.h"
#include "form/yaml.h"
#include "t.h"

static const ar_node *tree(ar_arena *arena, const char *yaml)
{
    ar_node *root = NULL;

    T_OK(ar_yaml_parse(AR_LIT("k.yaml"), ar_str_of(yaml), NULL, arena, &root));
    return root;
}

TEST(values_are_taken_by_key_and_kind)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_node *map = tree(&arena, "t: x\ni: 7\nb: true\nl: [1, 2]\nm: {k: v}\n"), *node = NULL;
    ar_str file = AR_LIT("k.yaml"), text = { 0 };
    int64_t i = 0;
    bool b = false;

    T_OK(ar_node_text(file, map, "t", true, &text));
    T_STR(text, "x");
    T_OK(ar_node_int(file, map, "i", true, &i));
    T_INT(i, 7);
    T_OK(ar_node_bool(file, map, "b", true, &b));
    T_TRUE(b);
    T_OK(ar_node_list(file, map, "l", true, &node));
    T_INT(node->n, 2);
    T_OK(ar_node_map(file, map, "m", true, &node));
    T_STR(ar_node_get(node, AR_LIT("k"))->text, "v");
}

TEST(what_is_absent_leaves_the_default)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_node *map = tree(&arena, "a: 1\n"), *node = NULL;
    ar_str file = AR_LIT("k.yaml"), text = AR_LIT("default");
    int64_t i = 9;
    bool b = true;

    T_OK(ar_node_text(file, map, "x", false, &text));
    T_OK(ar_node_int(file, map, "x", false, &i));
    T_OK(ar_node_bool(file, map, "x", false, &b));
    T_OK(ar_node_list(file, map, "x", false, &node));
    T_OK(ar_node_map(file, map, "x", false, &node));
    T_STR(text, "default");
    T_TRUE(i == 9 && b && node == NULL);
    T_FAILS(ar_node_text(file, map, "x", true, &text), AR_INVALID, "k.yaml:1:1: 'x' is missing");
}

TEST(the_wrong_kind_is_refused_with_its_place)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_node *map = tree(&arena, "t: x\nn:\nl: [1]\n"), *node = NULL;
    ar_str file = AR_LIT("k.yaml"), text = { 0 };
    int64_t i = 9;
    bool b = false;

    T_FAILS(ar_node_int(file, map, "t", true, &i), AR_INVALID,
            "k.yaml:1:4: 't' must be an integer, found a text");
    T_FAILS(ar_node_bool(file, map, "t", false, &b), AR_INVALID, "must be true or false");
    T_FAILS(ar_node_text(file, map, "n", false, &text), AR_INVALID, "found nothing");
    T_FAILS(ar_node_text(file, map, "l", true, &text), AR_INVALID,
            "k.yaml:3:4: 'l' must be a text, found a list");
    T_FAILS(ar_node_map(file, map, "l", true, &node), AR_INVALID, "must be a map");
    T_FAILS(ar_node_list(file, map, "t", true, &node), AR_INVALID, "must be a list");
    T_FAILS(ar_node_text(file, ar_node_get(map, AR_LIT("l")), "x", false, &text), AR_INVALID,
            "k.yaml:3:4: want a map here, found a list");
}

TEST(an_unknown_key_names_the_nearest_or_all)
{
    static const ar_str names[] = { AR_LIT("title"), AR_LIT("owner"), AR_LIT("risk") };
    ar_auto(ar_arena) arena = { 0 };
    ar_str file = AR_LIT("k.yaml");

    T_OK(ar_node_only(file, tree(&arena, "{risk: 1, title: x}"), names, 3));
    T_OK(ar_node_only(file, tree(&arena, "{}"), names, 3));
    T_FAILS(ar_node_only(file, tree(&arena, "risk: 1\n  \ntitel: x\n"), names, 3), AR_INVALID,
            "k.yaml:3:1: unknown key 'titel' (did you mean 'title'?)");
    T_FAILS(ar_node_only(file, tree(&arena, "colour: x\n"), names, 3), AR_INVALID,
            "unknown key 'colour' (want one of: title, owner, risk)");
    T_FAILS(ar_node_only(file, tree(&arena, "- x\n"), names, 3), AR_INVALID,
            "k.yaml:1:1: want a map here, found a list");
}

TEST(a_path_goes_through_maps_lists_and_dotted_keys)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_node *root = tree(&arena, "a.b: 1\na: {b: [x, {c: 2}]}\n'': 3\nz\\: 4\n");

    T_INT(ar_node_at(root, AR_LIT("a\\.b"))->i, 1);
    T_STR(ar_node_at(root, AR_LIT("a.b.0"))->text, "x");
    T_INT(ar_node_at(root, AR_LIT("a.b.1.c"))->i, 2);
    T_INT(ar_node_at(root, AR_LIT(""))->i, 3);
    T_INT(ar_node_at(root, AR_LIT("z\\\\"))->i, 4);
    T_TRUE(ar_node_at(root, AR_LIT("a.b.2")) == NULL);
    T_TRUE(ar_node_at(root, AR_LIT("a.b.x")) == NULL);
    T_TRUE(ar_node_at(root, AR_LIT("a.x.y")) == NULL);
    T_TRUE(ar_node_at(NULL, AR_LIT("a")) == NULL);
}
