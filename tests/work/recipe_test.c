#include "work/recipe.h"

#include "form/yaml.h"
#include "t.h"

static const ar_field fields[] = {
    { AR_LIT("title"), AR_LIT("a \"b\" {key} \\ \n c"), false },
    { AR_LIT("rank"), AR_LIT("15"), true },
    { AR_LIT("key"), AR_LIT("../7?x=1"), false },
    { AR_LIT("due"), { 0 }, false },
    { AR_LIT("body"), AR_LIT("{\"type\":\"doc\"}"), true },
};
static const ar_fields all = { fields, AR_COUNT(fields) };

static ar_err fill(ar_arena *arena, const char *yaml, ar_call *out_call)
{
    ar_recipe recipe;
    ar_node *root;

    AR_TRY(ar_yaml_parse(AR_LIT("r.yaml"), ar_str_of(yaml), NULL, arena, &root));
    AR_TRY(ar_recipe_read(AR_LIT("r.yaml"), root, arena, &recipe));
    return ar_recipe_fill(&recipe, &all, arena, out_call);
}

TEST(a_value_in_a_body_is_a_json_value_and_one_that_is_missing_is_left_out)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_call call;

    T_OK(fill(&arena,
              "post: items\nbody: {t: 'x {title}', r: '{rank}', d: '{due}', l: ['{due}', 1],"
              " b: '{body}', n: null, f: true, s: 'due {due}.'}",
              &call));
    T_STR(call.body, "{\"t\":\"x a \\\"b\\\" {key} \\\\ \\n c\",\"r\":15,\"l\":[1],"
                     "\"b\":{\"type\":\"doc\"},\"n\":null,\"f\":true,\"s\":\"due .\"}");
    T_STR(ar_str_of(call.method), "POST");
}

TEST(a_value_in_a_path_leads_nowhere_else)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_call call;

    T_OK(fill(&arena, "get: 'items/{key}/x?q={title}'", &call));
    T_STR(call.url, "items/..%2F7%3Fx%3D1/x?q=a%20%22b%22%20%7Bkey%7D%20%5C%20%0A%20c");
    T_FAILS(fill(&arena, "get: 'items/{due}'", &call), AR_INVALID, "'{due}' has no value here");
}

TEST(a_recipe_that_is_none_is_refused)
{
    static const struct {
        const char *yaml, *says;
    } bad[] = {
        { "body: {a: 1}", "want one of 'get', 'post'" },
        { "{get: a, post: b}", "want one of 'get', 'post'" },
        { "{get: a, body: {b: 1}}", "what is got has no body" },
        { "{post: a, body: text}", "a body is a map or a list" },
        { "{post: a, headers: {X: \"b\\nY: c\"}}", "a header is one line" },
        { "{post: a, headers: {X: '{title}'}}", "a header is one line" },
        { "get: 'a/{nobody}'", "nothing is called '{nobody}' here" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_call call;

        T_FAILS(fill(&arena, bad[i].yaml, &call), AR_INVALID, bad[i].says);
    }
}
