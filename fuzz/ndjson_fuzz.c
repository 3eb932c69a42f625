/* What simdjson takes the tree reader takes, with the same values, and what the tree reader refuses
 * no record comes out of. */
#include "form/json.h"
#include "form/ndjson.h"
#include "form/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ar_str paths[] = { AR_LIT("a"), AR_LIT("b.0"), AR_LIT("b"), AR_LIT("a.a") };

static void check_field(const ar_field *f, const ar_node *n)
{
    ar_auto(ar_buf) json = { 0 };

    assert(f->found == (n != NULL));
    if (n == NULL) return;
    assert(f->json == (n->kind == AR_NODE_LIST || n->kind == AR_NODE_MAP));
    assert(f->value.type != AR_TEXT || ar_utf8_valid(f->value.s) == f->value.s.len);
    ar_json_node(&json, n);
    if (f->json) {
        assert(ar_str_eq(f->value.s, ar_buf_str(&json)));
    } else {
        ar_auto(ar_buf) value = { 0 };

        ar_json_value(&value, f->value);
        assert(ar_str_eq(ar_buf_str(&value), ar_buf_str(&json)));
    }
}

/* A record that came out, against its text. Keys that are not wanted may be there twice, which the
 * tree reader refuses. */
static void check_record(ar_str text, const ar_field *fields)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_node *root = NULL;
    ar_err err = ar_json_parse(AR_LIT("x"), text, NULL, &arena, &root);

    if (err.code != AR_OK) {
        assert(ar_str_contains(ar_err_text(err), AR_LIT("is already at")) ||
               ar_str_contains(ar_err_text(err), AR_LIT("half of a surrogate pair")));
        return;
    }
    for (size_t i = 0; i < AR_COUNT(paths); i++)
        check_field(&fields[i], ar_node_at(root, paths[i]));
}

static void read_lines(ar_ndjson *r, ar_str text)
{
    ar_str rest = text, line;
    const ar_field *fields;
    uint32_t at = 0;

    if (ar_str_starts(text, AR_LIT("\xef\xbb\xbf"))) rest = ar_str_cut(text, 3, text.len);
    ar_ndjson_lines(r, AR_LIT("x"), text);
    for (;;) {
        bool sound = ar_ndjson_next(r, &fields).code == AR_OK;
        if (sound && fields == NULL) return;
        assert(ar_ndjson_line(r) > at);
        for (; at < ar_ndjson_line(r); at++) assert(ar_str_split(&rest, '\n', &line));
        if (sound) check_record(line, fields);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_own(ar_ndjson) r = NULL;
    ar_str text = { (const char *)data, size };
    ar_err err = ar_ndjson_new(paths, AR_COUNT(paths), &r);

    assert(err.code == AR_OK);
    read_lines(r, text);
    return 0;
}
