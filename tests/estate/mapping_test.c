#include "estate/mapping.h"

#include "form/json.h"
#include "t.h"

static const char item_text[] =
    "{\"id\":\"7\",\"Name\":\"  Pay Roll \",\"n\":3,\"share\":0.5,\"on\":true,\"nothing\":null,"
    "\"a\":{\"b\":{\"c\":\"deep\"}},\"list\":[{\"k\":\"x\"},{\"k\":\"y\"},{}],"
    "\"tags\":[\"red\",\"blue\"],\"odd name\":\"odd\",\"mfa-active\":\"TRUE\",\"at\":\"N/A\","
    "\"ms\":\"/Date(1700000000000)/\",\"zone\":\"/Date(1700000000000+0200)/\",\"s\":1700000000,"
    "\"inner\":\"{\\\"x\\\":[1,2]}\",\"empty\":\"\",\"kind\":\"eligible\"}";

static ar_str eval(ar_arena *arena, const char *text, ar_err *out_err)
{
    const ar_mapping *mapping;
    const ar_node *node = NULL;
    ar_node *item;
    ar_auto(ar_buf) out = { 0 };

    T_OK(ar_json_parse(AR_LIT("item"), ar_str_of(item_text), NULL, arena, &item));
    *out_err = ar_mapping_parse(ar_str_of(text), arena, &mapping);
    if (out_err->code == AR_OK)
        *out_err = ar_mapping_eval(mapping, &(ar_scope){ .item = item }, arena, &node);
    if (out_err->code != AR_OK) return (ar_str){ 0 };
    if (node == NULL) return AR_LIT("-");
    ar_json_node(&out, node);
    return ar_arena_copy(arena, ar_buf_str(&out));
}

TEST(a_mapping_finds_and_reshapes)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "id", "\"7\"" },
        { "a.b.c", "\"deep\"" },
        { "a.b.none", "-" },
        { "id.x", "-" },
        { "list.1.k", "\"y\"" },
        { "list.9.k", "-" },
        { "nothing", "-" },
        { "`odd name`", "\"odd\"" },
        { "'it''s'", "\"it's\"" },
        { "42", "42" },
        { "-1", "-1" },
        { "0.25", "0.25" },
        { "true", "true" },
        { "null", "-" },
        { "\"app:\" + id", "\"app:7\"" },
        { "id + ':' + n", "\"7:3\"" },
        { "id + none", "-" },
        { "none ?? id", "\"7\"" },
        { "nothing ?? none ?? 'x'", "\"x\"" },
        { "none + 'y' ?? id + 'z'", "\"7z\"" },
        { "(none ?? Name) | trim | lower", "\"pay roll\"" },
        { "Name | trim | upper", "\"PAY ROLL\"" },
        { "list | count", "3" },
        { "a | count", "1" },
        { "none | count", "-" },
        { "id | int", "7" },
        { "empty | int", "-" },
        { "n | text", "\"3\"" },
        { "tags | text", "\"[\\\"red\\\",\\\"blue\\\"]\"" },
        { "`mfa-active` | bool", "true" },
        { "mfa-active | bool | not", "false" },
        { "at | null_if('N/A', 'not_supported')", "-" },
        { "id | null_if('N/A')", "\"7\"" },
        { "kind | map(eligible: false, assigned: true)", "false" },
        { "kind | map('assigned': 1)", "-" },
        { "ms | date_ms", "\"2023-11-14T22:13:20Z\"" },
        { "zone | date_ms", "\"2023-11-14T22:13:20Z\"" },
        { "s | epoch_s", "\"2023-11-14T22:13:20Z\"" },
        { "s | epoch_ms", "\"1970-01-20T16:13:20Z\"" },
        { "'2026-11-21' | time", "\"2026-11-21T00:00:00Z\"" },
        { "inner | json | get(x.1)", "2" },
        { "tags | has(red)", "true" },
        { "a | has(c)", "false" },
        { "id | is(7)", "true" },
        { "list | each(k) | join('+')", "\"x+y\"" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_err err;
        ar_str got = eval(&arena, cases[i].text, &err);
        T_OK(err);
        if (!ar_str_eq(got, ar_str_of(cases[i].want))) {
            printf("# %s\n", cases[i].text);
            T_STR(got, cases[i].want);
        }
    }
}

TEST(what_a_mapping_cannot_do_is_refused_with_its_place_or_its_value)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "character 1: it ends too early" },
        { "a.", "character 3: it ends too early" },
        { "a b", "character 3: 'b' is not expected" },
        { "App Name", "character 5: 'N' is not expected here (want '|', '+', '?\?' or the end; a "
                      "name with blanks or signs in backquotes: `a b`)" },
        { "a )", "character 3: ')' is not expected here (want '|', '+', '?\?' or the end)" },
        { "a |", "character 4: it ends too early (want the name of a function)" },
        { "a | 'b'", "character 5: ''' is not expected here (want the name of a function)" },
        { "a | cuont", "character 5: no function is named 'cuont'; 'count' is" },
        { "a | count(1)", "count has 1 arguments" },
        { "a | map(x: 1, y)", "character" },
        { "a | null_if('x'", "character 16" },
        { "(a", "character 3: it ends too early (want ')')" },
        { "'open", "closing quote" },
        { "a ? b", "character 3" },
        { "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "deep" },
        { "id | count", "'7' cannot be given to count" },
        { "tags | lower", "a list cannot be given to lower" },
        { "Name | int", "'  Pay Roll ' cannot be given to int" },
        { "id | bool", "'7' cannot be given to bool" },
        { "at | date_ms", "'N/A' cannot be given to date_ms" },
        { "at | time", "'N/A' cannot be given to time" },
        { "at | json", "the text given to json" },
        { "tags + id", "a list cannot be joined" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err;
        (void)eval(&arena, bad[i].text, &err);
        T_FAILS(err, err.code == AR_LIMIT ? AR_LIMIT : AR_INVALID, bad[i].says);
    }
}

TEST(only_a_plain_path_is_a_path)
{
    static const char *const plain[] = { "id", "a.b.c", "list.0.k", "mfa-active" };
    static const char *const other[] = { "id | lower", "'id'", "id + id", "`odd name`", "7" };
    ar_auto(ar_arena) arena = { 0 };
    const ar_mapping *mapping;

    for (size_t i = 0; i < AR_COUNT(plain); i++) {
        T_OK(ar_mapping_parse(ar_str_of(plain[i]), &arena, &mapping));
        T_STR(ar_mapping_path(mapping), plain[i]);
    }
    for (size_t i = 0; i < AR_COUNT(other); i++) {
        T_OK(ar_mapping_parse(ar_str_of(other[i]), &arena, &mapping));
        T_INT(ar_mapping_path(mapping).len, 0);
    }
}
