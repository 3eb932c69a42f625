#include "http/api.h"

#include "daemon/tables.h"
#include "form/json.h"
#include "http/openapi.h"
#include "t.h"

static const ar_param params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which", NULL },
    { "limit", AR_PARAM_INT, 0, "how many", NULL },
    { "all", AR_PARAM_FLAG, 0, "all of them", NULL },
    { "who", AR_PARAM_TEXT, AR_REPEATED, "whom", NULL },
    { 0 },
};
static const ar_op op = { .name = "thing.do", .params = params };

static ar_err read_body(ar_arena *arena, const char *body, ar_args *out)
{
    *out = (ar_args){ .op = &op, .arena = arena };
    return ar_api_add_body(out, ar_str_of(body), 0);
}

TEST(a_body_is_read_as_arguments)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_str *who;
    ar_args args;

    T_OK(read_body(&arena, "{\"id\":\"a\",\"limit\":7,\"all\":true,\"who\":[\"x\",\"y\"]}", &args));
    T_STR(ar_arg_text(&args, "id"), "a");
    T_INT(ar_arg_int(&args, "limit", 0), 7);
    T_TRUE(ar_arg_flag(&args, "all"));
    T_INT(ar_arg_texts(&args, "who", &who), 2);
    T_STR(who[1], "y");
    T_OK(read_body(&arena, "{\"id\":null,\"all\":false}", &args));
    T_INT(args.n, 0);
    T_OK(read_body(&arena, "", &args));
}

TEST(a_body_that_does_not_fit_is_refused)
{
    static const struct {
        const char *body, *says;
    } bad[] = {
        { "[]", "an object" },
        { "{\"id\":{\"a\":1}}", "a text, a number" },
        { "{\"idd\":\"a\"}", "no parameter 'idd'" },
        { "{\"limit\":\"many\"}", "no number" },
        { "{\"all\":\"yes\"}", "true or false" },
        { "{\"id\":[\"a\",\"b\"]}", "given twice" },
        { "{\"id\":\"a\"", "body:1" },
        { "{\"id\":\"a\\u0000b\"}", "NUL" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_args args;

        T_FAILS(read_body(&arena, bad[i].body, &args), AR_INVALID, bad[i].says);
    }
}

TEST(a_body_has_no_depth)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args args;

    T_FAILS(read_body(&arena, "{\"who\":[[\"a\"]]}", &args), AR_LIMIT, "nested");
}

TEST(operations_are_found_by_their_paths_and_those_of_the_door_are_not_there)
{
    static const char *const none[] = { "",           "serve",     "restore",    "web/enter",
                                        "import",     "work.list", "work//list", "new",
                                        "work/list/", "../status" };

    T_TRUE(ar_api_find(&ar_all_tables, AR_LIT("work/list")) ==
           ar_tables_find(&ar_all_tables, AR_LIT("work.list")));
    T_TRUE(ar_api_find(&ar_all_tables, AR_LIT("status")) != NULL);
    for (size_t i = 0; i < AR_COUNT(none); i++)
        T_TRUE(ar_api_find(&ar_all_tables, ar_str_of(none[i])) == NULL);
}

/* Each operation that is offered is in the document, with the method that it is asked with. */
TEST(the_document_is_json_and_names_every_operation)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };
    const ar_node *paths;
    ar_node *root;
    size_t n, offered = 0;
    const ar_op **all = ar_tables_all(&ar_all_tables, &arena, &n);

    ar_openapi(&ar_all_tables, &text);
    T_OK(ar_json_parse(AR_LIT("openapi"), ar_buf_str(&text), NULL, &arena, &root));
    paths = ar_node_get(root, AR_LIT("paths"));
    for (size_t i = 0; i < n; i++) {
        ar_str path = ar_api_path(all[i], &arena);
        ar_str at = ar_arena_printf(&arena, "/api/v1/%.*s", AR_FMT(path));
        const ar_node *entry = ar_node_get(paths, at);

        T_TRUE((entry != NULL) == ar_api_offers(all[i]));
        if (entry == NULL) continue;
        offered++;
        T_TRUE(ar_node_get(entry, all[i]->effect == AR_CHANGES ? AR_LIT("post") : AR_LIT("get")) !=
               NULL);
    }
    T_INT(paths->n, offered);
    T_TRUE(offered > 40);
}
