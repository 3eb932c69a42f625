/* vector: our columns out of DuckDB's vectors and into them. What goes in is checked here: the
 * engine takes any bytes as text and fails much later. */
#include "engine/duck.h"

#include "form/utf.h"

#include <pthread.h>
#include <stdlib.h>

enum { INLINE_LEN = 12, WORDS = AR_ENGINE_BATCH / 64 };

/* ---- types ---- */

enum ar_type ar_duck_type(duckdb_type id)
{
    switch ((int)id) {
    case DUCKDB_TYPE_BOOLEAN: return AR_BOOL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT: return AR_INT;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return AR_DOUBLE;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_DATE: return AR_TIME;
    default: return AR_TEXT;
    }
}

duckdb_logical_type ar_duck_logical(enum ar_type type)
{
    static const duckdb_type ids[] = {
        [AR_BOOL] = DUCKDB_TYPE_BOOLEAN,   [AR_INT] = DUCKDB_TYPE_BIGINT,
        [AR_DOUBLE] = DUCKDB_TYPE_DOUBLE,  [AR_TEXT] = DUCKDB_TYPE_VARCHAR,
        [AR_TIME] = DUCKDB_TYPE_TIMESTAMP,
    };

    assert(type > AR_NULL && type < AR_COUNT(ids));
    return ar_duck.create_logical_type(ids[type]);
}

static size_t width_of(enum ar_type type)
{
    return type == AR_BOOL ? sizeof(bool) : type == AR_TEXT ? sizeof(ar_str) : sizeof(int64_t);
}

/* ---- scratch: one block for each thread that calls us, kept for its next call ---- */

struct ar_duck_scratch {
    char *block;
    size_t used, cap;
};

/* What one column may take of it. */
enum { COLUMN_BYTES = AR_ENGINE_BATCH * (int)sizeof(ar_str) + WORDS * 8 + (int)sizeof(ar_vector) };

static pthread_key_t scratch_key;

static void scratch_free(void *p)
{
    ar_duck_scratch *s = p;

    free(s->block);
    free(s);
}

static void scratch_make_key(void)
{
    if (pthread_key_create(&scratch_key, scratch_free) != 0) abort();
}

ar_duck_scratch *ar_duck_scratch_start(size_t n_columns)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t size = n_columns * (COLUMN_BYTES + 64) + 64; /* 64: each take is rounded up */

    (void)pthread_once(&once, scratch_make_key);
    ar_duck_scratch *s = pthread_getspecific(scratch_key);
    if (s == NULL) {
        s = calloc(1, sizeof *s);
        if (s == NULL || pthread_setspecific(scratch_key, s) != 0) abort();
    }
    if (s->cap < size) {
        free(s->block);
        s->block = malloc(size);
        if (s->block == NULL) abort();
        s->cap = size;
    }
    s->used = 0;
    return s;
}

static void *take(ar_duck_scratch *s, size_t size)
{
    void *p = s->block + s->used;

    s->used += (size + 15) & ~(size_t)15;
    assert(s->used <= s->cap);
    return p;
}

/* ---- out of the engine ---- */

ar_str ar_duck_text(const duckdb_string_t *stored)
{
    uint32_t len = stored->value.inlined.length;
    const char *ptr = len <= INLINE_LEN ? stored->value.inlined.inlined : stored->value.pointer.ptr;

    return (ar_str){ ptr, len };
}

static const ar_str *views(const duckdb_string_t *stored, size_t n, ar_duck_scratch *s)
{
    ar_str *texts = take(s, AR_ENGINE_BATCH * sizeof *texts);

    for (size_t i = 0; i < n; i++) texts[i] = ar_duck_text(&stored[i]);
    return texts;
}

static bool out_of_years(int64_t time)
{
    return time < AR_TIME_MIN || time > AR_TIME_MAX;
}

/* Times out of our years are unknown; such a column, which is rare, gets a mask of its own. */
static const uint64_t *valid_times(const int64_t *times, const uint64_t *valid, size_t n,
                                   ar_duck_scratch *s)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) any |= out_of_years(times[i]);
    if (!any) return valid;

    uint64_t *mask = take(s, WORDS * sizeof *mask);
    if (valid == NULL)
        memset(mask, 0xff, WORDS * sizeof *mask);
    else
        memcpy(mask, valid, (n + 63) / 64 * sizeof *mask);
    for (size_t i = 0; i < n; i++)
        if (out_of_years(times[i])) mask[i / 64] &= ~(UINT64_C(1) << (i % 64));
    return mask;
}

const ar_vector *ar_duck_columns(ar_duck_scratch *s, duckdb_data_chunk chunk,
                                 const enum ar_type *types, size_t n_columns)
{
    ar_vector *columns = take(s, n_columns * sizeof *columns);
    size_t n = ar_duck.data_chunk_get_size(chunk);

    assert(n <= AR_ENGINE_BATCH);
    for (size_t i = 0; i < n_columns; i++) {
        duckdb_vector vector = ar_duck.data_chunk_get_vector(chunk, i);
        ar_vector *column = &columns[i];

        *column = (ar_vector){ .type = types[i],
                               .valid = ar_duck.vector_get_validity(vector),
                               .data = ar_duck.vector_get_data(vector) };
        if (types[i] == AR_TEXT) column->s = views(column->data, n, s);
        if (types[i] == AR_TIME) column->valid = valid_times(column->i, column->valid, n, s);
    }
    return columns;
}

/* ---- into the engine ---- */

static void put_null(duckdb_vector vector, size_t row)
{
    ar_duck.vector_ensure_validity_writable(vector);
    ar_duck.vector_get_validity(vector)[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

ar_err ar_duck_check_text(ar_str text)
{
    size_t valid = ar_utf8_valid(text);

    if (valid != text.len) return ar_fail(AR_INVALID, "text is not UTF-8 at byte %zu", valid);
    if (text.len > UINT32_MAX) return ar_fail(AR_LIMIT, "a text is larger than 4 GiB");
    return ar_ok();
}

/* A text as an element that points to it; a short one lies in the element itself, its rest zero. */
static duckdb_string_t element_of(ar_str text)
{
    duckdb_string_t element = { .value.inlined.length = (uint32_t)text.len };

    if (text.len <= INLINE_LEN) {
        if (text.len > 0) memcpy(element.value.inlined.inlined, text.ptr, text.len);
        return element;
    }
    memcpy(element.value.pointer.prefix, text.ptr, sizeof element.value.pointer.prefix);
    element.value.pointer.ptr = (char *)(uintptr_t)text.ptr; /* which the engine only reads */
    return element;
}

static void put_text(duckdb_vector vector, size_t row, ar_str text)
{
    if (text.len <= INLINE_LEN)
        ((duckdb_string_t *)ar_duck.vector_get_data(vector))[row] = element_of(text);
    else
        ar_duck.vector_assign_string_element_len(vector, row, text.ptr, text.len);
}

void ar_duck_put(duckdb_vector vector, size_t row, ar_value value)
{
    void *data = ar_duck.vector_get_data(vector);

    switch (value.type) {
    case AR_NULL: put_null(vector, row); break;
    case AR_BOOL: ((bool *)data)[row] = value.b; break;
    case AR_INT: ((int64_t *)data)[row] = value.i; break;
    case AR_DOUBLE: ((double *)data)[row] = value.d; break;
    case AR_TEXT: put_text(vector, row, value.s); break;
    case AR_TIME:
        ((int64_t *)data)[row] = value.i;
        if (out_of_years(value.i)) put_null(vector, row);
        break;
    }
}

/* Rows without value, a word of the mask at a time; `from` begins a word. */
static void put_nulls(duckdb_vector vector, const uint64_t *valid, size_t from, size_t n)
{
    const uint64_t *words = valid == NULL ? NULL : valid + from / 64;
    size_t n_words = (n + 63) / 64;
    bool any = false;

    assert(from % 64 == 0);
    for (size_t i = 0; words != NULL && i < n_words; i++) any |= words[i] != UINT64_MAX;
    if (!any) return;
    ar_duck.vector_ensure_validity_writable(vector);
    memcpy(ar_duck.vector_get_validity(vector), words, n_words * sizeof *words);
}

/* Their texts are copied, or pointed to. */
static ar_err put_texts(duckdb_vector vector, const ar_vector *column, size_t from, size_t n,
                        bool lent)
{
    duckdb_string_t *elements = ar_duck.vector_get_data(vector);

    for (size_t i = 0; i < n; i++) {
        if (!ar_vector_has(column, from + i)) continue;
        AR_TRY(ar_duck_check_text(column->s[from + i]));
        if (lent)
            elements[i] = element_of(column->s[from + i]);
        else
            put_text(vector, i, column->s[from + i]);
    }
    return ar_ok();
}

static ar_err put_column(duckdb_vector vector, const ar_vector *column, size_t from, size_t n,
                         bool lent)
{
    size_t width = width_of(column->type);

    put_nulls(vector, column->valid, from, n);
    if (column->type == AR_TEXT) return put_texts(vector, column, from, n, lent);
    memcpy(ar_duck.vector_get_data(vector), (const char *)column->data + from * width, n * width);
    for (size_t i = 0; column->type == AR_TIME && i < n; i++)
        if (out_of_years(column->i[from + i])) put_null(vector, i);
    return ar_ok();
}

ar_err ar_duck_put_column(duckdb_vector vector, const ar_vector *column, size_t from, size_t n)
{
    return put_column(vector, column, from, n, false);
}

ar_vector_out ar_duck_out(ar_duck_scratch *s, enum ar_type type)
{
    ar_vector_out out = { .type = type,
                          .valid = take(s, WORDS * sizeof *out.valid),
                          .data = take(s, AR_ENGINE_BATCH * width_of(type)) };

    memset(out.valid, 0xff, WORDS * sizeof *out.valid);
    return out;
}

ar_err ar_duck_put_out(duckdb_vector vector, const ar_vector_out *out, size_t n)
{
    ar_vector column = { .type = out->type, .valid = out->valid, .data = out->data };

    return put_column(vector, &column, 0, n, false);
}

ar_err ar_duck_lend_out(duckdb_vector vector, const ar_vector_out *out, size_t n)
{
    ar_vector column = { .type = out->type, .valid = out->valid, .data = out->data };

    return put_column(vector, &column, 0, n, true);
}

ar_vector_out *ar_duck_outs(ar_duck_scratch *s, const enum ar_type *types, size_t n)
{
    ar_vector_out *outs = take(s, n * sizeof *outs);

    for (size_t i = 0; i < n; i++) outs[i] = ar_duck_out(s, types[i]);
    return outs;
}
