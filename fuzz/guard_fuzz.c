#include "engine/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One engine for all inputs: what passes the guard only reads, so nothing of one reaches the next.
 */
static ar_engine *estate(void)
{
    static ar_engine *engine;

    if (engine != NULL) return engine;
    ar_err err = ar_engine_open(&(ar_engine_options){ .threads = 1 }, &engine);
    assert(err.code == AR_OK);
    err = ar_engine_exec(engine, "CREATE SCHEMA hidden; CREATE TABLE hidden.secret (s VARCHAR); "
                                 "CREATE TABLE app (id VARCHAR, n BIGINT, at_ TIMESTAMP)");
    assert(err.code == AR_OK);
    return engine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str sql = { (const char *)data, size };
    ar_err err = ar_engine_guard(estate(), sql);

    assert(err.code == AR_OK || err.code == AR_INVALID || err.code == AR_DENIED ||
           err.code == AR_LIMIT || err.code == AR_NOT_FOUND);
    if (err.code != AR_OK) return 0;

    /* What passed can be planned as one statement that reads, or names what is not there. */
    ar_auto(ar_buf) plan = { 0 };
    ar_buf_addz(&plan, "EXPLAIN ");
    ar_buf_add(&plan, sql);
    err = ar_engine_run(estate(), ar_buf_str(&plan), NULL, 0, NULL);
    assert(err.code == AR_OK || err.code == AR_INVALID || err.code == AR_NOT_FOUND ||
           err.code == AR_LIMIT);
    return 0;
}
