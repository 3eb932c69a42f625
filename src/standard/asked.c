#include "standard/asked.h"

static const ar_str nobody = AR_LIT("-");

void ar_asked_done(ar_asked *asked)
{
    ar_buf_done(&asked->sql);
    *asked = (ar_asked){ 0 };
}

size_t ar_asked_value(ar_asked *asked, ar_value value)
{
    assert(asked->n < AR_ASKED_MAX);
    asked->values[asked->n++] = value;
    return asked->n;
}

void ar_asked_add(ar_asked *asked, const char *column, ar_str value)
{
    if (value.len > 0)
        ar_buf_addf(&asked->sql, " AND %s = $%zu", column, ar_asked_value(asked, ar_text(value)));
}

void ar_asked_add_or_none(ar_asked *asked, const char *column, ar_str value)
{
    if (ar_str_eq(value, nobody))
        ar_buf_addf(&asked->sql, " AND %s IS NULL", column);
    else
        ar_asked_add(asked, column, value);
}

static const char below_sql[] =
    "WITH RECURSIVE below AS (SELECT o.id FROM ar.owner o WHERE o.parent = $1"
    " UNION ALL SELECT o.id FROM ar.owner o JOIN below b ON b.id = o.parent) SELECT id FROM below";

/* The first of those below one: *out_n is AR_ASKED_OWNERS_MAX + 1 when there are more than fit. */
static ar_err read_owners(ar_engine *engine, ar_str owner, ar_arena *arena,
                          ar_value out[static AR_ASKED_OWNERS_MAX], size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_text(owner);
    size_t n = 0;

    AR_TRY(ar_engine_query(engine, ar_str_of(below_sql), &arg, 1, &rows));
    while (n <= AR_ASKED_OWNERS_MAX && ar_rows_next(rows)) {
        if (n < AR_ASKED_OWNERS_MAX) out[n] = ar_text(ar_arena_copy(arena, ar_rows_get(rows, 0).s));
        n++;
    }
    *out_n = n;
    return ar_ok();
}

/* False when they are too many to be named. */
static ar_err add_named(ar_asked *asked, ar_engine *engine, const char *column, ar_str owner,
                        ar_arena *arena, bool *out_named)
{
    ar_value owners[AR_ASKED_OWNERS_MAX];
    size_t n;

    AR_TRY(read_owners(engine, owner, arena, owners, &n));
    *out_named = n <= AR_ASKED_OWNERS_MAX;
    if (!*out_named) return ar_ok();
    if (n == 0) return ar_asked_add(asked, column, owner), ar_ok();
    ar_buf_addf(&asked->sql, " AND %s IN ($%zu", column, ar_asked_value(asked, ar_text(owner)));
    for (size_t i = 0; i < n; i++)
        ar_buf_addf(&asked->sql, ", $%zu", ar_asked_value(asked, owners[i]));
    ar_buf_addz(&asked->sql, ")");
    return ar_ok();
}

ar_err ar_asked_add_owner(ar_asked *asked, ar_engine *engine, const char *column, ar_str owner,
                          ar_arena *arena)
{
    bool named;

    if (owner.len == 0 || ar_str_eq(owner, nobody))
        return ar_asked_add_or_none(asked, column, owner), ar_ok();
    AR_TRY(add_named(asked, engine, column, owner, arena, &named));
    if (named) return ar_ok();

    ar_buf_addf(&asked->sql,
                " AND %s IN (WITH RECURSIVE below AS (SELECT $%zu::VARCHAR AS id UNION ALL"
                " SELECT o.id FROM ar.owner o JOIN below b ON b.id = o.parent) SELECT id FROM"
                " below)",
                column, ar_asked_value(asked, ar_text(owner)));
    return ar_ok();
}
