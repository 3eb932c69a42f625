/* sql: names, literals and types as the engine writes them. */
#include "engine/engine.h"

static void quoted(ar_buf *sql, ar_str text, char quote)
{
    ar_buf_addc(sql, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) ar_buf_addc(sql, quote);
        ar_buf_addc(sql, text.ptr[i]);
    }
    ar_buf_addc(sql, quote);
}

void ar_sql_name(ar_buf *sql, ar_str name)
{
    quoted(sql, name, '"');
}

void ar_sql_text(ar_buf *sql, ar_str text)
{
    quoted(sql, text, '\'');
}

const char *ar_sql_type(enum ar_type type)
{
    static const char *const names[] = {
        [AR_BOOL] = "BOOLEAN", [AR_INT] = "BIGINT",     [AR_DOUBLE] = "DOUBLE",
        [AR_TEXT] = "VARCHAR", [AR_TIME] = "TIMESTAMP",
    };

    assert(type > AR_NULL && type < AR_COUNT(names));
    return names[type];
}
