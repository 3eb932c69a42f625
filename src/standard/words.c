#include "standard/words.h"

static ar_value copied(ar_value value, ar_arena *arena)
{
    return value.type == AR_TEXT ? ar_text(ar_arena_copy(arena, value.s)) : value;
}

ar_err ar_words_of(ar_engine *engine, int64_t verdict, ar_arena *arena, ar_words *out_words)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    /* a literal: by it whole row groups are passed over */
    ar_buf_addf(&sql, "SELECT kind, asset_id, name FROM ar.verdict WHERE number = %lld",
                (long long)verdict);
    AR_TRY(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no verdict %lld", (long long)verdict);
    out_words->kind = copied(ar_rows_get(rows, 0), arena);
    out_words->asset = copied(ar_rows_get(rows, 1), arena);
    out_words->name = copied(ar_rows_get(rows, 2), arena);
    return ar_ok();
}
