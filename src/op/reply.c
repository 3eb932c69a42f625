#include "op/reply.h"

static size_t count_columns(const ar_column *columns)
{
    size_t n = 0;

    while (columns != NULL && columns[n].name != NULL) n++;
    return n;
}

void ar_reply_init(ar_reply *reply, const ar_op *op, const ar_sink *sink)
{
    *reply = (ar_reply){ .op = op, .sink = sink };
}

static ar_err begin(ar_reply *reply, const ar_column *columns, size_t n)
{
    if (n > AR_COLUMNS_MAX)
        return ar_fail(AR_LIMIT, "%zu columns, %d is the most", n, (int)AR_COLUMNS_MAX);
    reply->columns = columns;
    reply->width = n;
    return reply->sink->columns(reply->sink->self, columns, n);
}

ar_err ar_reply_columns(ar_reply *reply, const ar_column *columns, size_t n)
{
    assert(reply->op->columns == NULL);
    assert(reply->columns == NULL);
    return begin(reply, columns, n);
}

static ar_err begin_own(ar_reply *reply)
{
    if (reply->columns != NULL || reply->op->columns == NULL) return ar_ok();
    return begin(reply, reply->op->columns, count_columns(reply->op->columns));
}

ar_err ar_reply_finish(ar_reply *reply)
{
    AR_TRY(begin_own(reply));
    if (reply->rows == 0 && !reply->noted && reply->op->none != NULL)
        ar_reply_note(reply, "%s", reply->op->none);
    return ar_ok();
}

ar_err ar_reply_row(ar_reply *reply, const ar_value *values, size_t n)
{
    AR_TRY(begin_own(reply));
    assert(reply->columns != NULL);
    assert(n == reply->width);
    reply->rows++;
    return reply->sink->row(reply->sink->self, values, n);
}

ar_err ar_reply_rows(ar_reply *reply, ar_rows *rows)
{
    ar_value values[AR_COLUMNS_MAX];
    size_t n = ar_rows_width(rows);

    assert(n <= AR_COLUMNS_MAX);
    while (ar_rows_next(rows)) {
        for (size_t i = 0; i < n; i++) values[i] = ar_rows_get(rows, i);
        AR_TRY(ar_reply_row(reply, values, n));
    }
    return ar_ok();
}

ar_err ar_reply_counted(ar_reply *reply, ar_rows *rows, int64_t skip)
{
    ar_value values[AR_COLUMNS_MAX + 1];
    size_t n = ar_rows_width(rows) - 1;
    int64_t total = skip;

    assert(n <= AR_COLUMNS_MAX);
    while (ar_rows_next(rows)) {
        for (size_t i = 0; i <= n; i++) values[i] = ar_rows_get(rows, i);
        total = values[n].i;
        AR_TRY(ar_reply_row(reply, values, n));
    }
    ar_reply_total(reply, total, skip);
    return ar_ok();
}

void ar_reply_total(ar_reply *reply, int64_t total, int64_t skip)
{
    ar_reply_about(reply, "total", ar_int(total));
    if (reply->rows == 0 && skip > 0) ar_reply_note(reply, "There are no more.");
    if (reply->rows == 0 || skip + reply->rows >= total) return;
    ar_reply_about(reply, "skip", ar_int(skip + reply->rows));
}

ar_err ar_reply_document(ar_reply *reply, ar_str text)
{
    static const ar_column document[] = { { "document", AR_TEXT, AR_COLUMN_DOCUMENT, "the text" } };
    ar_value row[] = { ar_text(text) };

    assert(reply->columns == NULL);
    AR_TRY(begin(reply, document, 1));
    return ar_reply_row(reply, row, 1);
}

void ar_reply_note(ar_reply *reply, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    reply->noted = true;
    reply->sink->note(reply->sink->self, ar_buf_str(&text));
}

void ar_reply_about(ar_reply *reply, const char *name, ar_value value)
{
    if (reply->sink->about != NULL) reply->sink->about(reply->sink->self, ar_str_of(name), value);
}

void ar_reply_answer(ar_reply *reply, ar_err answer)
{
    reply->answer = answer;
}

void ar_reply_progress(ar_reply *reply, const char *what, int64_t done, int64_t total)
{
    reply->sink->progress(reply->sink->self, ar_str_of(what), done, total);
}

/* ---- receiving ---- */

static ar_err pass_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self, (void)columns, (void)n;
    return ar_ok();
}

static ar_err pass_row(void *self, const ar_value *values, size_t n)
{
    const ar_receiver *receiver = self;

    return receiver->row == NULL ? ar_ok() : receiver->row(receiver->self, values, n);
}

static void pass_note(void *self, ar_str text)
{
    const ar_receiver *receiver = self;

    if (receiver->reply != NULL) ar_reply_note(receiver->reply, "%.*s", AR_FMT(text));
}

static void pass_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    const ar_receiver *receiver = self;

    if (receiver->reply != NULL)
        receiver->reply->sink->progress(receiver->reply->sink->self, what, done, total);
}

ar_sink ar_receiver_sink(ar_receiver *receiver)
{
    return (ar_sink){ .columns = pass_columns,
                      .row = pass_row,
                      .note = pass_note,
                      .progress = pass_progress,
                      .self = receiver };
}
