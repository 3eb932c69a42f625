#include "form/json.h"
#include "form/ndjson.h"
#include "form/utf.h"
#include "sys/proc.h"
#include "t.h"

#include <stdlib.h>

static ar_ndjson *reader_for(const char *const *paths, size_t n)
{
    ar_str views[16];
    ar_ndjson *r = NULL;

    for (size_t i = 0; i < n; i++) views[i] = ar_str_of(paths[i]);
    T_OK(ar_ndjson_new(views, n, &r));
    return r;
}

static void show_field(ar_buf *out, const ar_field *f)
{
    if (!f->found) return ar_buf_addz(out, "-");
    if (f->json) return ar_buf_addf(out, "%.*s", AR_FMT(f->value.s));
    ar_json_value(out, f->value);
}

/* All records as text: "line: value value | …". */
static ar_err show(ar_ndjson *r, size_t n, ar_buf *out)
{
    for (;;) {
        const ar_field *fields;

        AR_TRY(ar_ndjson_next(r, &fields));
        if (fields == NULL) return ar_ok();
        ar_buf_addf(out, "%u:", ar_ndjson_line(r));
        for (size_t i = 0; i < n; i++) {
            ar_buf_addc(out, ' ');
            show_field(out, &fields[i]);
        }
        ar_buf_addc(out, '|');
    }
}

static const char *const common[] = { "id", "owner.id", "owner", "tags.1", "n" };

TEST(wanted_values_come_in_the_order_of_the_paths)
{
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    ar_auto(ar_buf) out = { 0 };

    ar_ndjson_lines(
        r, AR_LIT("x"),
        AR_LIT("\xef\xbb\xbf{\"id\":\"a\",\"n\":1,\"owner\":{\"id\":7, \"x\" : [ ]}}\r\n"
               "\n  \n"
               "{\"tags\":[\"p\",\"q\",\"r\"],\"id\":null,\"other\":{\"id\":1}}\n"
               "  {}\n"
               "{\"n\":18446744073709551615,\"owner\":-1.5e2,\"id\":\"\\u00e9\"}"));
    T_OK(show(r, AR_COUNT(common), &out));
    T_STR(ar_buf_str(&out), "1: \"a\" 7 {\"id\":7,\"x\":[]} - 1|"
                            "4: null - - \"q\" -|"
                            "5: - - - - -|"
                            "6: \"\xc3\xa9\" - -150.0 - 1.8446744073709552e+19|");
}

TEST(numbers_beyond_64_bits_are_doubles)
{
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    ar_auto(ar_buf) out = { 0 };

    ar_ndjson_lines(r, AR_LIT("x"),
                    AR_LIT("{\"id\":123456789012345678901234567890,\"n\":[1e2,\"\\n\"]}\n"
                           "{\"id\":9223372036854775807}\n{\"id\":9223372036854775808}\n"));
    T_OK(show(r, AR_COUNT(common), &out));
    T_STR(ar_buf_str(&out), "1: 1.2345678901234568e+29 - - - [100.0,\"\\n\"]|"
                            "2: 9223372036854775807 - - - -|"
                            "3: 9.223372036854776e+18 - - - -|");
}

TEST(a_bad_line_is_refused_with_its_place_and_the_next_one_is_read)
{
    static const struct {
        const char *text;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "{\"id\":1}\n {\"id\":tru}\n{}", AR_INVALID, "x:2:8: found 't', want a value" },
        { "{}\n{\"id\":1", AR_INVALID, "x:2:8: the text ends, want ',' or '}'" },
        { "{\"id\":1}{\"id\":2}", AR_INVALID, "x:1:9: found '{', want nothing behind" },
        { "[1]\n", AR_INVALID, "x:1:1: a record must be an object, found a list" },
        { "7\n", AR_INVALID, "x:1:1: a record must be an object, found an integer" },
        { "{\"id\":1,\"z\":0,\"id\":2}", AR_INVALID, "x:1:15: the key 'id' is already at 1:2" },
        { "{\"owner\":{\"id\":1,\"id\":2}}", AR_INVALID, "x:1:18: the key 'id' is already" },
        { "{\"id\":\"\xff\"}", AR_INVALID, "x:1:8: the text is not valid UTF-8" },
        { "{\"id\":\"\\udc00\"}", AR_INVALID, "x:1:10: half of a surrogate pair" },
        { "{\"owner\":{\"a\":\"\\ud800\"}}", AR_INVALID, "half of a surrogate pair" },
        { "{\"id\":1e999}", AR_INVALID, "x:1:7: the number is too large" },
        { "{\"other\":01}", AR_INVALID, "x:1:11: found '1', want" },
        { "{\"id\":\"a\tb\"}", AR_INVALID, "x:1:9: want a closing quote" },
        { "{\"id\":1,}", AR_INVALID, "x:1:9: found '}', want a key" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
        ar_auto(ar_buf) out = { 0 };
        ar_str text = ar_arena_printf(&arena, "%s\n{\"id\":99}\n", bad[i].text);
        const ar_field *fields = NULL;

        ar_ndjson_lines(r, AR_LIT("x"), text);
        T_FAILS(show(r, AR_COUNT(common), &out), bad[i].code, bad[i].says);
        bool found = false;
        do {
            T_OK(ar_ndjson_next(r, &fields));
            found |= fields != NULL && fields[0].found && fields[0].value.i == 99;
        } while (fields != NULL);
        T_TRUE(found);
    }
}

TEST(a_nul_is_no_end)
{
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    ar_auto(ar_buf) out = { 0 };

    ar_ndjson_lines(r, AR_LIT("x"), AR_LIT("{\"id\":1}\0{\"id\":2}\n"));
    T_FAILS(show(r, 5, &out), AR_INVALID, "x:1:9: want nothing behind the value");
}

TEST(records_have_a_largest_depth_and_size)
{
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    ar_auto(ar_buf) text = { 0 }, out = { 0 };

    for (int depth = 62; depth <= 65; depth++) {
        ar_buf_clear(&text);
        ar_buf_clear(&out);
        ar_buf_addz(&text, "{\"z\":");
        for (int i = 0; i < depth; i++) ar_buf_addc(&text, '[');
        for (int i = 0; i < depth; i++) ar_buf_addc(&text, ']');
        ar_buf_addz(&text, "}\n");
        ar_ndjson_lines(r, AR_LIT("x"), ar_buf_str(&text));
        if (depth < 64)
            T_OK(show(r, 5, &out));
        else
            T_FAILS(show(r, 5, &out), AR_LIMIT, "x:1:69: nested more than 64 deep");
    }
    ar_buf_clear(&text);
    ar_buf_addz(&text, "{}\n{\"id\":\"");
    memset(ar_buf_room(&text, AR_RECORD_MAX), 'x', AR_RECORD_MAX);
    text.len += AR_RECORD_MAX;
    ar_buf_addz(&text, "\"}\n");
    ar_ndjson_lines(r, AR_LIT("x"), ar_buf_str(&text));
    T_FAILS(show(r, 5, &out), AR_LIMIT, "x:2:1: a record of 16777225 bytes, 16777216 are the most");
}

TEST(paths_are_checked)
{
    ar_ndjson *r = NULL;
    ar_str twice[] = { AR_LIT("a.b"), AR_LIT("a"), AR_LIT("a.b") }, empty[] = { AR_LIT("") };
    static ar_str many[AR_RECORD_PATHS_MAX + 1];

    T_FAILS(ar_ndjson_new(twice, 3, &r), AR_INVALID, "the path 'a.b' is there twice");
    T_FAILS(ar_ndjson_new(empty, 1, &r), AR_INVALID, "a path to a field is empty");
    T_FAILS(ar_ndjson_new(many, AR_COUNT(many), &r), AR_LIMIT, "1000 are the most");
    T_TRUE(r == NULL);
}

TEST(a_dot_in_a_key_is_written_with_a_backslash)
{
    static const char *const paths[] = { "@odata\\.type", "@odata.type" };
    ar_own(ar_ndjson) r = reader_for(paths, 2);
    ar_auto(ar_buf) out = { 0 };

    ar_ndjson_lines(r, AR_LIT("x"), AR_LIT("{\"@odata.type\":\"t\",\"@odata\":{\"type\":\"u\"}}"));
    T_OK(show(r, 2, &out));
    T_STR(ar_buf_str(&out), "1: \"t\" \"u\"|");
}

/* ---- the two readers agree ---- */

static void random_text(t_random *r, ar_buf *out)
{
    static const char *const pieces[] = {
        "a", "B", " ", "\\n", "\\\"", "\\u00e9", "\xe2\x82\xac", "\\ud83d\\ude00",
        "/", "{", "]", ","
    };

    ar_buf_addc(out, '"');
    for (size_t i = t_below(r, 6); i > 0; i--) ar_buf_addz(out, pieces[t_below(r, 12)]);
    ar_buf_addc(out, '"');
}

static void random_value(t_random *r, int depth, ar_buf *out)
{
    static const char *const keys[] = { "id", "owner", "tags", "n", "x" };
    size_t n = t_below(r, 4);

    switch (t_below(r, depth > 3 ? 6 : 8)) {
    case 0: return ar_buf_addz(out, "null");
    case 1: return ar_buf_addz(out, t_below(r, 2) ? "true" : "false");
    case 2: return ar_buf_addf(out, "%lld", (long long)(t_next(r) >> t_below(r, 64)));
    case 3: return ar_buf_addf(out, "-%llu", (unsigned long long)(t_next(r) >> t_below(r, 64)));
    case 4:
        return ar_buf_addf(out, "%.*g", (int)t_below(r, 18),
                           (double)t_next(r) * (t_below(r, 2) ? 1e-25 : 1e15));
    case 5: return random_text(r, out);
    case 6:
        ar_buf_addc(out, '[');
        for (size_t i = 0; i < n; i++) {
            if (i > 0) ar_buf_addz(out, ", ");
            random_value(r, depth + 1, out);
        }
        return ar_buf_addc(out, ']');
    default:
        ar_buf_addc(out, '{');
        for (size_t i = 0, first = t_below(r, 5); i < n; i++)
            ar_buf_addf(out, "%s\"%s\":", i > 0 ? "," : "", keys[(first + i) % 5]),
                random_value(r, depth + 1, out);
        ar_buf_addc(out, '}');
    }
}

static ar_field field_of_tree(const ar_node *n, ar_buf *json)
{
    if (n == NULL) return (ar_field){ 0 };
    switch (n->kind) {
    case AR_NODE_NULL: return (ar_field){ .found = true };
    case AR_NODE_BOOL: return (ar_field){ .found = true, .value = ar_bool(n->b) };
    case AR_NODE_INT: return (ar_field){ .found = true, .value = ar_int(n->i) };
    case AR_NODE_DOUBLE: return (ar_field){ .found = true, .value = ar_double(n->d) };
    case AR_NODE_TEXT: return (ar_field){ .found = true, .value = ar_text(n->text) };
    case AR_NODE_LIST:
    case AR_NODE_MAP: ar_buf_clear(json); ar_json_node(json, n);
    }
    return (ar_field){ .found = true, .json = true, .value = ar_text(ar_buf_str(json)) };
}

TEST(random_records_have_the_values_of_the_tree)
{
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    t_random random = { 11 };

    for (int round = 0; round < 20000; round++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) text = { 0 }, json = { 0 };
        const ar_field *fields = NULL;
        ar_node *root = NULL;

        do {
            ar_buf_clear(&text);
            random_value(&random, 0, &text);
        } while (text.ptr[0] != '{');
        ar_ndjson_lines(r, AR_LIT("x"), ar_buf_str(&text));
        T_OK(ar_json_parse(AR_LIT("x"), ar_buf_str(&text), NULL, &arena, &root));
        T_OK(ar_ndjson_next(r, &fields));
        if (fields == NULL || root == NULL) return T_TRUE(false);
        for (size_t i = 0; i < AR_COUNT(common); i++) {
            ar_field want = field_of_tree(ar_node_at(root, ar_str_of(common[i])), &json);

            if (fields[i].found == want.found && fields[i].json == want.json &&
                ar_value_eq(fields[i].value, want.value))
                continue;
            t_bad++, printf("# '%s' of %s\n", common[i], text.ptr);
        }
    }
}

/* ---- files of real systems, where they are at hand ---- */

static void check_file(const char *path)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) once = { 0 }, twice = { 0 }, rows = { 0 }, lines = { 0 };
    ar_own(ar_ndjson) r = reader_for(common, AR_COUNT(common));
    ar_str file = ar_str_of(path), text = { 0 };
    ar_node *root = NULL, *again = NULL;
    const ar_field *fields = NULL;
    size_t n = 0;

    T_OK(ar_file_read(path, 64 << 20, &arena, &text));
    T_OK(ar_utf8_from(file, text, &arena, &text)); /* some are UTF-16 */
    T_OK(ar_json_parse(file, text, NULL, &arena, &root));
    if (root == NULL) return;
    ar_json_node(&once, root);
    T_OK(ar_json_parse(file, ar_buf_str(&once), NULL, &arena, &again));
    ar_json_node(&twice, again);
    T_TRUE(ar_str_eq(ar_buf_str(&once), ar_buf_str(&twice)));

    bool list = root->kind == AR_NODE_LIST;

    if (list && (root->n == 0 || root->items[0]->kind != AR_NODE_MAP)) return;
    for (size_t i = 0; i < (list ? root->n : 1); i++)
        ar_json_node(&lines, list ? root->items[i] : root), ar_buf_addc(&lines, '\n');
    ar_ndjson_lines(r, file, ar_buf_str(&lines));
    for (; ar_ndjson_next(r, &fields).code == AR_OK && fields != NULL; n++)
        for (size_t i = 0; i < AR_COUNT(common); i++) {
            const ar_node *record = list ? root->items[n] : root;

            ar_buf_clear(&rows);
            ar_field want = field_of_tree(ar_node_at(record, ar_str_of(common[i])), &rows);

            T_TRUE(fields[i].found == want.found && ar_value_eq(fields[i].value, want.value));
        }
    T_INT(n, list ? root->n : 1);
}

static size_t check_folder(const char *folder)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names = NULL;
    size_t n = 0, files = 0;

    if (ar_dir_list(folder, &arena, &names, &n).code != AR_OK) return 0;
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(&arena, folder, names[i].ptr);

        if (ar_str_ends(names[i], AR_LIT(".json"))) {
            check_file(path);
            files++;
        } else {
            files += check_folder(path);
        }
    }
    return files;
}

TEST(files_of_real_systems_read_the_same_both_ways)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *source = getenv("ARIGHT_SOURCE");
    const char *unpack =
        ar_path_join(&arena, source == NULL ? "." : source, "../shared/data/unpack");
    const char *const argv[] = { ar_path_absolute(&arena, unpack), "estate", NULL };
    ar_spawn spawn = { .argv = argv };
    ar_str folder = { 0 };
    int status = -1;

    if (!ar_file_exists(unpack)) return (void)printf("# skipped: no data set\n");
    T_OK(ar_run(&spawn, 4096, 120, &arena, &folder, &status));
    T_INT(status, 0);
    T_TRUE(check_folder(ar_arena_cstr(&arena, ar_str_trim(folder))) > 0);
}
