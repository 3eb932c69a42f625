#include "op/migrate.h"

/* The table of what was applied. Made on the first run, so it is no migration itself. */
static const char table_sql[] =
    "CREATE SCHEMA IF NOT EXISTS ar;"
    "CREATE TABLE IF NOT EXISTS ar.migrations("
    "  number BIGINT NOT NULL, name VARCHAR NOT NULL, \"at\" TIMESTAMP NOT NULL)";

static ar_err has_table(ar_engine *engine, ar_arena *arena, bool *out_has)
{
    ar_value n;

    AR_TRY(ar_engine_value(engine,
                           AR_LIT("SELECT count(*) FROM information_schema.tables "
                                  "WHERE table_schema = 'ar' AND table_name = 'migrations'"),
                           NULL, 0, arena, &n));
    *out_has = n.i > 0;
    return ar_ok();
}

typedef struct applied {
    ar_value *numbers;
    size_t n, cap;
} applied;

static ar_err read_applied(ar_engine *engine, ar_arena *arena, applied *out)
{
    ar_own(ar_rows) rows = NULL;
    bool has;

    AR_TRY(has_table(engine, arena, &has));
    if (!has) return ar_ok();
    AR_TRY(ar_engine_query(engine, AR_LIT("SELECT number FROM ar.migrations ORDER BY number"), NULL,
                           0, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(arena, out->numbers, out->n, out->cap);
        out->numbers[out->n++] = ar_rows_get(rows, 0);
    }
    return ar_ok();
}

static const ar_migration *find(const ar_migration *const *lists, int64_t number)
{
    for (; *lists != NULL; lists++)
        for (const ar_migration *m = *lists; m->number != 0; m++)
            if (m->number == number) return m;
    return NULL;
}

static bool is_applied(const applied *done, int64_t number)
{
    for (size_t i = 0; i < done->n; i++)
        if (done->numbers[i].i == number) return true;
    return false;
}

/* The missing migration with the lowest number above `after`, or NULL. */
static const ar_migration *next_missing(const ar_migration *const *lists, const applied *done,
                                        int after)
{
    const ar_migration *next = NULL;

    for (; *lists != NULL; lists++)
        for (const ar_migration *m = *lists; m->number != 0; m++)
            if (m->number > after && !is_applied(done, m->number) &&
                (next == NULL || m->number < next->number))
                next = m;
    return next;
}

static ar_err check_not_newer(const ar_migration *const *lists, const applied *done)
{
    for (size_t i = 0; i < done->n; i++)
        if (find(lists, done->numbers[i].i) == NULL)
            return ar_fail(AR_CONFLICT,
                           "this home was made by a newer aright (it has step %lld, unknown here); "
                           "use that aright, or restore an older backup",
                           (long long)done->numbers[i].i);
    return ar_ok();
}

static ar_err apply(ar_engine *engine, const ar_migration *m, ar_time now)
{
    ar_value row[] = { ar_int(m->number), ar_textz(m->name), ar_at(now) };

    AR_TRY(ar_engine_begin(engine));

    ar_err err = ar_engine_exec(engine, m->sql);

    if (err.code == AR_OK)
        err = ar_engine_run(engine, AR_LIT("INSERT INTO ar.migrations VALUES ($1, $2, $3)"), row,
                            AR_COUNT(row), NULL);
    if (err.code == AR_OK) err = ar_engine_commit(engine);
    ar_engine_rollback(engine);
    if (err.code != AR_OK) return ar_context(err, "step %d (%s)", m->number, m->name);
    return ar_ok();
}

ar_err ar_migrate_check(ar_engine *engine, const ar_migration *const *lists)
{
    ar_auto(ar_arena) arena = { 0 };
    applied done = { 0 };

    AR_TRY(read_applied(engine, &arena, &done));
    return check_not_newer(lists, &done);
}

ar_err ar_migrate(ar_engine *engine, const ar_migration *const *lists, ar_time now,
                  ar_err (*backup)(void *self), void *self, int *out_applied)
{
    ar_auto(ar_arena) arena = { 0 };
    applied done = { 0 };
    int count = 0;

    AR_TRY(read_applied(engine, &arena, &done));
    AR_TRY(check_not_newer(lists, &done));

    const ar_migration *m = next_missing(lists, &done, 0);

    if (m != NULL && done.n > 0 && backup != NULL)
        AR_TRY_WITH(backup(self), "backup before bringing the home up to date");
    if (m != NULL) AR_TRY(ar_engine_exec(engine, table_sql));
    for (; m != NULL; m = next_missing(lists, &done, m->number), count++)
        AR_TRY(apply(engine, m, now));
    if (out_applied != NULL) *out_applied = count;
    return ar_ok();
}
