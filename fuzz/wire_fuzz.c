/* What comes over the socket, or from a child: a request, a reply, frames. */
#include "daemon/tables.h"
#include "op/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t width;

static ar_err on_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self;
    assert(n <= AR_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++) assert(columns[i].name != NULL && columns[i].type <= AR_TIME);
    width = n;
    return ar_ok();
}

static ar_err on_row(void *self, const ar_value *values, size_t n)
{
    ar_buf *text = self;

    assert(n == width); /* columns came first, and as many */
    for (size_t i = 0; i < n; i++) ar_value_print(text, values[i]);
    return ar_ok();
}

static void on_note(void *self, ar_str text)
{
    ar_buf_add(self, text);
}

static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)done, (void)total;
    ar_buf_add(self, what);
}

static void on_about(void *self, ar_str name, ar_value value)
{
    ar_buf_add(self, name);
    ar_value_print(self, value);
}

static void read_request(ar_str frame)
{
    ar_auto(ar_arena) arena = { 0 };
    const int file = 0;
    ar_request request = { 0 };
    ar_args args;

    if (ar_wire_request_read(frame, &ar_all_tables, &file, 1, &arena, &args, &request).code !=
        AR_OK)
        return;
    /* what was accepted is a request as the command line makes it */
    assert(args.op->runs_in != AR_IN_DOOR);
    for (size_t i = 0; i < args.n; i++) {
        assert(ar_param_find(args.op, ar_str_of(args.list[i].param->name)) != NULL);
        assert(args.list[i].param->type != AR_PARAM_PATH || args.list[i].text.ptr[0] == '/');
        assert(args.list[i].param->type != AR_PARAM_FILE || args.list[i].fd == file);
    }
}

static void read_reply(ar_str rest)
{
    ar_auto(ar_buf) text = { 0 };
    const ar_sink sink = { on_columns, on_row, on_note, on_progress, on_about, NULL, &text };
    ar_wire_in in = { 0 };
    ar_str frame;

    width = 0;
    while (ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame).code == AR_OK && frame.ptr != NULL) {
        ar_err err = ar_wire_reply_read(&in, frame, &sink);

        if (err.code != AR_OK) return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str bytes = { (const char *)data, size };

    read_request(bytes);
    read_reply(bytes);
    return 0;
}
