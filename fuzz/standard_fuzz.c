#include "kinds.h"
#include "standard/conjuncts.h"
#include "standard/field.h"
#include "standard/standard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each part of the condition is a condition. */
static void check_parts(const ar_standard *s, ar_arena *arena)
{
    ar_expr_place place = { s->file, 1, 1 };
    size_t n;
    ar_str *parts = ar_conjuncts(ar_standard_expr_text(s->pass, arena), arena, &n);

    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        const ar_expr *expr;
        ar_err err = ar_expr_parse_as(AR_BOOL, &s->kind->scope, s->params, s->n_params, place,
                                      parts[i], arena, &expr);

        assert(err.code == AR_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_standard s = { .risk = 77 };
    ar_err err = ar_standard_parse(AR_LIT("file"), (ar_str){ 0 },
                                   (ar_str){ (const char *)data, size }, kinds(), &arena, &s);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && s.risk == 77);
        return 0;
    }
    assert(s.id.len > 0 && s.id.len <= AR_FIELD_ID_MAX && s.hash.len == 64);
    assert(s.risk >= 1 && s.risk <= AR_STANDARD_RISK_MAX && s.n_tests >= 3);
    assert(s.n_params >= 1 && ar_str_eq(s.params[0].name, AR_LIT("asof")));
    ar_standard_sql(&s, AR_SQL_DUCKDB, 0, true, &arena, &sql);
    assert(sql.len > 0);
    check_parts(&s, &arena);
    return 0;
}
