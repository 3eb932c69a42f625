#include "estate/feed.h"

void ar_batch_init(ar_batch *batch, const ar_feed_column *columns, size_t n_columns,
                   ar_arena *arena)
{
    *batch = (ar_batch){ .columns = ar_make_n(arena, ar_vector_out, n_columns),
                         .views = ar_make_n(arena, ar_vector, n_columns),
                         .room = ar_arena_take(arena, AR_FEED_BYTES),
                         .n_columns = n_columns };
    for (size_t i = 0; i < n_columns; i++) {
        ar_vector_out *column = &batch->columns[i];
        column->type = columns[i].type;
        column->valid = ar_make_n(arena, uint64_t, AR_FEED_ROWS / 64);
        column->data = ar_arena_take_n(arena, AR_FEED_ROWS, ar_feed_width(column->type));
        batch->views[i] =
            (ar_vector){ .type = column->type, .valid = column->valid, .data = column->data };
    }
}

void ar_batch_clear(ar_batch *batch)
{
    for (size_t i = 0; i < batch->n_columns; i++)
        memset(batch->columns[i].valid, 0, AR_FEED_ROWS / 8);
    batch->n_rows = 0;
    batch->bytes = 0;
    ar_arena_done(&batch->texts);
}

static ar_str keep_text(ar_batch *batch, ar_str text)
{
    size_t at = batch->bytes;

    batch->bytes += text.len;
    if (batch->bytes > AR_FEED_BYTES) return ar_arena_copy(&batch->texts, text);
    if (text.len > 0) memcpy(batch->room + at, text.ptr, text.len);
    return (ar_str){ .ptr = batch->room + at, .len = text.len };
}

void ar_batch_set(ar_batch *batch, size_t column, ar_value value)
{
    ar_vector_out *out = &batch->columns[column];
    size_t row = batch->n_rows;

    if (value.type == AR_NULL) {
        ar_vector_clear(out, row);
        return;
    }
    assert(value.type == out->type);
    out->valid[row / 64] |= UINT64_C(1) << (row % 64);
    switch (value.type) {
    case AR_BOOL: out->b[row] = value.b; break;
    case AR_INT:
    case AR_TIME: out->i[row] = value.i; break;
    case AR_DOUBLE: out->d[row] = value.d; break;
    case AR_TEXT: out->s[row] = keep_text(batch, value.s); break;
    case AR_NULL: break;
    }
}

void ar_batch_done(ar_batch *batch)
{
    ar_arena_done(&batch->texts);
    *batch = (ar_batch){ 0 };
}
