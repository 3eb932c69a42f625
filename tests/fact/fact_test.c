#include "fact/fact.h"

#include "form/json.h"
#include "sys/file.h"
#include "t.h"

#include <stdlib.h>

#define NOW INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

static ar_arena arena;
static ar_kinds kinds;

static ar_fact_reader *reader_of_kinds(void)
{
    static ar_fact_reader *reader;
    const char *source = getenv("ARIGHT_SOURCE");
    ar_place place = { .data = source, .home = "/nonexistent" };

    if (reader != NULL) return reader;
    T_OK(ar_kinds_load(&place, &arena, &kinds));
    ar_fact_reader_new(&kinds, &reader);
    return reader;
}

static ar_err read_fact(const char *text, ar_fact *out)
{
    ar_node *row = NULL;

    AR_TRY(ar_json_parse(AR_LIT("f"), ar_str_of(text), NULL, &arena, &row));
    return ar_fact_read(reader_of_kinds(), AR_LIT("f"), 7, row, NOW, &arena, out);
}

TEST(a_fact_is_an_asset_a_time_and_columns_of_their_types)
{
    ar_fact f = { 0 };

    T_OK(read_fact(
        "{\"kind\": \"app\", \"id\": \"pay\", \"observed\": \"2025-12-31T23:00:00Z\","
        " \"facts\": {\"name\": \"Pay\", \"secret_count\": \"3\", \"baseline_ok\": null}}",
        &f));
    T_STR(f.kind, "app");
    T_STR(f.told.id, "pay");
    T_INT(f.told.observed, NOW - AR_HOUR);
    T_INT(f.told.n, 3);
    for (size_t i = 0; i < f.told.n; i++) {
        const ar_told_value *v = &f.told.values[i];

        if (ar_str_eq(v->column, AR_LIT("secret_count"))) T_INT(v->value.i, 3);
        if (ar_str_eq(v->column, AR_LIT("baseline_ok"))) T_INT(v->value.type, AR_NULL);
        if (ar_str_eq(v->column, AR_LIT("name"))) T_STR(v->value.s, "Pay");
    }
}

TEST(who_does_not_say_when_saw_it_now_and_nothing_of_the_last_row_stays)
{
    ar_fact f = { 0 };

    T_OK(read_fact("{\"kind\": \"app\", \"id\": \"pay\", \"facts\": {\"name\": \"Pay\"}}", &f));
    T_OK(read_fact("{\"kind\": \"app\", \"id\": \"crm\", \"facts\": {}}", &f));
    T_STR(f.told.id, "crm");
    T_INT(f.told.n, 0);
    T_INT(f.told.observed, NOW);
}

TEST(a_kind_may_have_columns_of_the_names_that_a_row_has)
{
    ar_fact f = { 0 };

    T_OK(read_fact("{\"kind\": \"credential\", \"id\": \"k\", \"facts\": {\"kind\": \"secret\"}}",
                   &f));
    T_STR(f.kind, "credential");
    T_STR(f.told.values[0].value.s, "secret");
}

TEST(what_cannot_be_kept_is_refused_with_what_would_be_right)
{
    static const struct {
        const char *row, *says;
        enum ar_code code;
    } rows[] = {
        { "[]", "want a map", AR_INVALID },
        { "{\"id\": \"a\", \"facts\": {}}", "kind", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\"}", "facts", AR_INVALID },
        { "{\"kind\": \"app\", \"facts\": {}}", "f:7: column 'id': it is empty", AR_INVALID },
        { "{\"kind\": \"ap\", \"id\": \"a\", \"facts\": {}}", "did you mean 'app'", AR_NOT_FOUND },
        { "{\"kind\": \"waiver\", \"id\": \"a\", \"facts\": {}}", "aright itself", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"facts\": {\"x\": 1}}",
          "f:7: kind app has no column 'x'", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"facts\": {\"last_seen\": \"2025-01-01\"}}",
          "no fact that can be told", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"facts\": {\"_owners\": \"x\"}}",
          "no column '_owners'", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"facts\": {\"secret_count\": \"many\"}}",
          "f:7: column 'secret_count': 'many' is not an int", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"facts\": {\"secret_count\": [1]}}", "a list",
          AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"observed\": \"yesterday\", \"facts\": {}}",
          "observed", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"observed\": \"2026-01-01T00:06:00Z\", \"facts\": "
          "{}}",
          "is yet to come", AR_INVALID },
        { "{\"kind\": \"app\", \"id\": \"a\", \"fact\": {}, \"facts\": {}}", "fact", AR_INVALID },
    };
    ar_fact f;

    for (size_t i = 0; i < AR_COUNT(rows); i++)
        T_FAILS(read_fact(rows[i].row, &f), rows[i].code, rows[i].says);
}

TEST(a_fact_comes_out_of_a_record_as_it_went_in)
{
    ar_fact in = { 0 }, out = { 0 };
    ar_value values[16];
    size_t at = 0;

    T_OK(read_fact("{\"kind\": \"app\", \"id\": \"pay\", \"facts\": {\"name\": \"Pay\","
                   " \"secret_count\": null}}",
                   &in));
    T_INT(ar_fact_width(&in), 8);
    ar_fact_values(&in, values);
    T_OK(ar_fact_take(values, 8, &at, &arena, &out));
    T_INT(at, 8);
    T_STR(out.kind, "app");
    T_INT(out.told.observed, NOW);
    T_STR(out.told.values[0].value.s, "Pay");
    T_INT(out.told.values[1].value.type, AR_NULL);
    for (size_t n = 0; n < 8; n++) {
        at = 0;
        T_FAILS(ar_fact_take(values, n, &at, &arena, &out), AR_INVALID, "as it was written");
    }
}
