#include "fact/fact.h"
#include "form/json.h"
#include "kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1767225600000000)

/* What was taken names a kind that has sources, an id, and facts of their columns' types, and comes
 * out of a record as it went in. */
static void check(const ar_fact *fact, ar_arena *arena)
{
    size_t n = ar_fact_width(fact), at = 0;
    ar_value *values = ar_make_n(arena, ar_value, n);
    const ar_kind *kind;
    ar_fact again;

    ar_err err = ar_kinds_find(kinds(), fact->kind, &kind);

    assert(err.code == AR_OK && !kind->view);
    assert(fact->told.id.len > 0 && fact->told.observed <= NOW + AR_FACT_AHEAD_S * AR_SECOND);
    for (size_t i = 0; i < fact->told.n; i++) {
        const ar_told_value *v = &fact->told.values[i];
        const ar_kind_column *column = ar_kind_column_find(kind, v->column);

        assert(column != NULL && ar_column_is_fact(column));
        assert(v->value.type == AR_NULL || v->value.type == column->type);
    }
    ar_fact_values(fact, values);
    err = ar_fact_take(values, n, &at, arena, &again);
    assert(err.code == AR_OK && at == n && again.told.n == fact->told.n);
    assert(ar_str_eq(again.told.id, fact->told.id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ar_fact_reader *reader;
    ar_auto(ar_arena) arena = { 0 };
    ar_fact fact = { 0 };
    ar_node *row;

    if (reader == NULL) ar_fact_reader_new(kinds(), &reader);
    if (ar_json_parse(AR_LIT("f"), (ar_str){ (const char *)data, size }, NULL, &arena, &row).code !=
        AR_OK)
        return 0;

    ar_err err = ar_fact_read(reader, AR_LIT("f"), 1, row, NOW, &arena, &fact);

    assert(err.code == AR_OK || err.code == AR_INVALID || err.code == AR_NOT_FOUND ||
           err.code == AR_LIMIT);
    if (err.code == AR_OK) check(&fact, &arena);
    return 0;
}
