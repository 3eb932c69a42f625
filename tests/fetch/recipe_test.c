#include "fetch/recipe.h"

#include "form/json.h"
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

static ar_err fill_with(ar_arena *arena, const char *yaml, ar_str value, ar_call *out_call)
{
    const ar_field field = { AR_LIT("v"), value, false };
    ar_recipe recipe;
    ar_node *root;

    AR_TRY(ar_yaml_parse(AR_LIT("r.yaml"), ar_str_of(yaml), NULL, arena, &root));
    AR_TRY(ar_recipe_read(AR_LIT("r.yaml"), root, arena, &recipe));
    return ar_recipe_fill(&recipe, &(ar_fields){ &field, 1 }, arena, out_call);
}

TEST(a_value_between_quotes_of_a_key_stays_between_them)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_call call;

    T_OK(fill_with(&arena, "get: \"apps(appId='{v}')/x/{v}\"", AR_LIT("a')/b"), &call));
    T_STR(call.url, "apps(appId='a%27%27%29%2Fb')/x/a%27%29%2Fb");
}

TEST(a_value_is_no_step_of_a_path)
{
    static const char *const steps[] = { ".", ".." };
    ar_auto(ar_arena) arena = { 0 };
    ar_call call;

    for (size_t i = 0; i < AR_COUNT(steps); i++) {
        T_FAILS(fill_with(&arena, "delete: 'items/{v}/x'", ar_str_of(steps[i]), &call), AR_INVALID,
                "leads elsewhere");
        T_FAILS(fill_with(&arena, "delete: 'items/{v}'", ar_str_of(steps[i]), &call), AR_INVALID,
                "leads elsewhere");
        T_OK(fill_with(&arena, "delete: 'items/a{v}'", ar_str_of(steps[i]), &call));
    }
    T_FAILS(fill_with(&arena, "delete: 'items/{v}{v}'", AR_LIT("."), &call), AR_INVALID,
            "leads elsewhere");
}

/* Any bytes of a value, in every place that takes one: the request has the shape that it had with
 * a plain one. */
TEST(no_value_changes_the_shape_of_a_request)
{
    static const char yaml[] = "patch: \"a/{v}/b(c='{v}')?d={v}&e=1\"\n"
                               "body: {plain: '{v}', part: 'x {v} y', list: ['{v}']}";
    t_random random = { 77 };

    for (int i = 0; i < 3000; i++) {
        ar_auto(ar_arena) arena = { 0 };
        char bytes[12];
        size_t n = 1 + t_below(&random, sizeof bytes);
        ar_call call = { 0 };
        ar_node *body = NULL;
        ar_str value = { bytes, n }, rest;
        size_t count[128] = { 0 };

        for (size_t k = 0; k < n; k++)
            bytes[k] = "\"\\'{}/?&=#%.:;\r\n\t az09()[]<>"[t_below(&random, 29)];
        ar_err err = fill_with(&arena, yaml, value, &call);

        if (err.code != AR_OK) {
            T_TRUE(err.code == AR_INVALID && ar_str_contains(ar_err_text(err), AR_LIT("leads")));
            continue;
        }
        for (size_t k = 0; k < call.url.len; k++) count[(unsigned char)call.url.ptr[k] & 127]++;
        T_TRUE(count['/'] == 2 && count['?'] == 1 && count['&'] == 1 && count['='] == 3 &&
               count['\''] == 2 && count['('] == 1 && count['#'] == 0 && count['\n'] == 0 &&
               count[' '] == 0);
        T_OK(ar_json_parse(AR_LIT("b"), call.body, NULL, &arena, &body));
        T_INT(body->n, 3);
        T_TRUE(ar_str_eq(ar_node_get(body, AR_LIT("plain"))->text, value));
        rest = ar_node_get(body, AR_LIT("part"))->text;
        T_TRUE(ar_str_eq(ar_str_cut(rest, 2, rest.len - 2), value));
        T_TRUE(ar_str_eq(ar_node_get(body, AR_LIT("list"))->items[0]->text, value));
    }
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
