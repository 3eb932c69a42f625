#include "govern/measure.h"
#include "kinds.h"
#include "standard/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What only some forms have, these have and no others. */
static void check_form(const ar_metric *m)
{
    bool bound = m->form == AR_METRIC_CAP || m->form == AR_METRIC_FLOOR;

    assert(m->form <= AR_METRIC_SUM && m->rule.pass != NULL);
    assert((m->part == NULL) == (m->whole == NULL));
    assert(m->part == NULL || m->form == AR_METRIC_RATIO || m->form == AR_METRIC_SUM);
    assert((m->per >= 1) == (m->form == AR_METRIC_SUM));
    assert((m->value != NULL) == bound && (m->since == NULL || bound));
    assert(!bound || m->target.type != AR_NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_metric m = { .n_tests = 77 };
    ar_err err = ar_metric_parse(AR_LIT("file"), (ar_str){ 0 },
                                 (ar_str){ (const char *)data, size }, kinds(), &arena, &m);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && m.n_tests == 77);
        return 0;
    }
    assert(m.id.len > 0 && m.id.len <= AR_FIELD_ID_MAX);
    assert(m.n_tests >= 1 && m.n_tests <= AR_METRIC_TESTS_MAX);
    assert(m.rule.n_params >= 1 && ar_str_eq(m.rule.params[0].name, AR_LIT("asof")));
    check_form(&m);
    ar_measure_sql(&m, AR_SQL_DUCKDB, 0, true, &arena, &sql);
    assert(sql.len > 0);
    return 0;
}
