#include "op/wire.h"

#include "form/cbor.h"
#include "form/utf.h"
#include "op/session.h"
#include "sys/ticks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum {
    HEAD = 4,
    HEAD_PARTS = 5, /* of a request, before its arguments */
    READ_BYTES = 64 * 1024,
};

static size_t begin(ar_buf *out, size_t n, const char *name)
{
    size_t at = out->len;

    ar_buf_add(out, (ar_str){ "\0\0\0\0", HEAD });
    ar_cbor_array(out, n + 1);
    ar_cbor_text(out, ar_str_of(name));
    return at;
}

static void end(ar_buf *out, size_t at)
{
    uint32_t len = htonl((uint32_t)(out->len - at - HEAD));

    memcpy(out->ptr + at, &len, HEAD);
}

ar_err ar_frame_next(ar_str *rest, size_t max, ar_str *out_frame)
{
    uint32_t len;

    *out_frame = (ar_str){ 0 };
    if (rest->len < HEAD) return ar_ok();
    memcpy(&len, rest->ptr, HEAD);
    len = ntohl(len);
    if (len > max) return ar_fail(AR_LIMIT, "a frame of %u bytes, %zu is the most", len, max);
    if (rest->len - HEAD < len) return ar_ok();
    *out_frame = ar_str_cut(*rest, HEAD, HEAD + len);
    *rest = ar_str_cut(*rest, HEAD + len, rest->len);
    return ar_ok();
}

/* ---- requests ---- */

void ar_wire_request(ar_buf *out, const ar_tables *tables, const ar_request *request)
{
    const ar_args *args = request->args;
    size_t at = begin(out, HEAD_PARTS + 2 * args->n, "run");

    ar_cbor_text(out, ar_str_of(tables->version));
    ar_cbor_value(out, request->asof == request->now ? ar_null() : ar_at(request->asof));
    ar_cbor_text(out, request->token);
    ar_cbor_value(out, ar_bool(request->kept));
    ar_cbor_text(out, ar_str_of(args->op->name));
    for (size_t i = 0; i < args->n; i++) {
        ar_cbor_text(out, ar_str_of(args->list[i].param->name));
        ar_cbor_text(out, args->list[i].text);
    }
    end(out, at);
}

static ar_err read_head(ar_str *rest, const char *name, size_t *out_n)
{
    ar_str word;
    size_t n;

    AR_TRY(ar_cbor_read_array(rest, &n));
    if (n == 0) return ar_fail(AR_INVALID, "an empty frame");
    AR_TRY(ar_cbor_read_text(rest, &word));
    if (!ar_str_eq(word, ar_str_of(name))) return ar_fail(AR_INVALID, "not a '%s' frame", name);
    *out_n = n - 1;
    return ar_ok();
}

static ar_err read_argument(ar_str *rest, ar_args *args, const int *files, size_t n_files,
                            size_t *used, ar_time now)
{
    ar_str name, text;
    int fd = -1;

    AR_TRY(ar_cbor_read_text(rest, &name));
    AR_TRY(ar_cbor_read_text(rest, &text));

    const ar_param *param = ar_param_find(args->op, name);

    if (param == NULL)
        return ar_fail(AR_INVALID, "%s has no parameter '%.*s'", args->op->name,
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    if (param->type == AR_PARAM_FILE) {
        if (*used == n_files) return ar_fail(AR_INVALID, "%s comes without its file", param->name);
        fd = files[(*used)++];
    }
    if (param->type == AR_PARAM_PATH && (text.len == 0 || text.ptr[0] != '/'))
        return ar_fail(AR_INVALID, "%s is not an absolute path", param->name);
    return ar_args_add(args, param, text, fd, now);
}

static ar_err read_op(ar_str *rest, const ar_tables *tables, ar_request *request,
                      const ar_op **out_op)
{
    ar_str version, token, name;
    ar_value asof, kept;

    AR_TRY(ar_cbor_read_text(rest, &version));
    if (!ar_str_eq(version, ar_str_of(tables->version)))
        return ar_fail(AR_CONFLICT,
                       "the running core is aright %s, this is another version; restart the core",
                       tables->version);
    AR_TRY(ar_cbor_read_value(rest, &asof));
    if (asof.type != AR_NULL && asof.type != AR_TIME) return ar_fail(AR_INVALID, "asof is no time");
    if (asof.type == AR_TIME && (asof.i < AR_TIME_MIN || asof.i > AR_TIME_MAX))
        return ar_fail(AR_INVALID, "asof is beyond the years that there are");
    AR_TRY(ar_cbor_read_text(rest, &token));
    if (token.len != 0 && token.len != AR_TOKEN_LEN)
        return ar_fail(AR_INVALID, "a token of %zu bytes", token.len);
    AR_TRY(ar_cbor_read_value(rest, &kept));
    if (kept.type != AR_BOOL) return ar_fail(AR_INVALID, "kept is neither true nor false");
    AR_TRY(ar_cbor_read_text(rest, &name));
    *out_op = ar_tables_find(tables, name);
    if (*out_op == NULL || (*out_op)->runs_in == AR_IN_DOOR)
        return ar_fail(AR_INVALID, "the core has no operation '%.*s'",
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    request->token = token;
    request->kept = kept.b;
    request->asof = asof.type == AR_TIME ? asof.i : request->now;
    return ar_ok();
}

ar_err ar_wire_request_read(ar_str frame, const ar_tables *tables, const int *files, size_t n_files,
                            ar_arena *arena, ar_args *out_args, ar_request *request)
{
    ar_args args = { .arena = arena };
    size_t n = 0, used = 0;

    AR_TRY(read_head(&frame, "run", &n));
    if (n < HEAD_PARTS || (n - HEAD_PARTS) % 2 != 0)
        return ar_fail(AR_INVALID, "a request of %zu parts", n);
    AR_TRY(read_op(&frame, tables, request, &args.op));
    for (size_t i = HEAD_PARTS; i < n; i += 2)
        AR_TRY(read_argument(&frame, &args, files, n_files, &used, request->now));
    if (frame.len > 0) return ar_fail(AR_INVALID, "%zu bytes behind the request", frame.len);
    if (used < n_files) return ar_fail(AR_INVALID, "%zu files too many", n_files - used);
    AR_TRY(ar_args_complete(&args));
    *out_args = args;
    request->args = out_args;
    return ar_ok();
}

/* ---- replies, out ---- */

static ar_err out_columns(void *self, const ar_column *columns, size_t n)
{
    ar_wire_out *wire = self;
    size_t at = begin(wire->out, 3 * n, "columns");

    for (size_t i = 0; i < n; i++) {
        ar_cbor_text(wire->out, ar_str_of(columns[i].name));
        ar_cbor_int(wire->out, columns[i].type);
        ar_cbor_int(wire->out, columns[i].flags);
    }
    end(wire->out, at);
    return wire->flush(wire->self, false);
}

static ar_err out_row(void *self, const ar_value *values, size_t n)
{
    ar_wire_out *wire = self;
    size_t at = begin(wire->out, n, "row");

    for (size_t i = 0; i < n; i++) ar_cbor_value(wire->out, values[i]);
    end(wire->out, at);
    if (wire->out->len - at > AR_WIRE_FRAME_MAX) {
        wire->out->len = at;
        return ar_fail(AR_LIMIT, "a row of more than %d bytes", (int)AR_WIRE_FRAME_MAX);
    }
    return wire->flush(wire->self, false);
}

/* A note or progress that cannot be sent is told by the next row. */
static void flush_soft(ar_wire_out *wire, bool urgent)
{
    ar_err err = wire->flush(wire->self, urgent);

    (void)err;
}

/* A sentence may quote the name of a file, or have been cut: it comes through all the same. */
static void add_words(ar_buf *out, ar_str text)
{
    ar_auto(ar_buf) words = { 0 };

    ar_utf8_put(&words, text);
    ar_cbor_text(out, ar_buf_str(&words));
}

static void out_note(void *self, ar_str text)
{
    ar_wire_out *wire = self;
    size_t at = begin(wire->out, 1, "note");

    add_words(wire->out, text);
    end(wire->out, at);
    flush_soft(wire, false);
}

static void out_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    ar_wire_out *wire = self;
    size_t at = begin(wire->out, 3, "progress");

    ar_cbor_text(wire->out, what);
    ar_cbor_int(wire->out, done);
    ar_cbor_int(wire->out, total);
    end(wire->out, at);
    flush_soft(wire, true);
}

static void out_about(void *self, ar_str name, ar_value value)
{
    ar_wire_out *wire = self;
    size_t at = begin(wire->out, 2, "about");

    ar_cbor_text(wire->out, name);
    ar_cbor_value(wire->out, value);
    end(wire->out, at);
    flush_soft(wire, false);
}

static bool out_waiting(void *self)
{
    ar_wire_out *wire = self;

    return wire->waiting == NULL || wire->waiting(wire->self);
}

ar_sink ar_wire_sink(ar_wire_out *wire)
{
    return (ar_sink){
        .columns = out_columns,
        .row = out_row,
        .note = out_note,
        .progress = out_progress,
        .about = out_about,
        .waiting = out_waiting,
        .self = wire,
    };
}

void ar_wire_end(ar_buf *out, ar_err err)
{
    if (err.code == AR_OK) return end(out, begin(out, 0, "done"));

    size_t at = begin(out, 2, "error");

    ar_cbor_int(out, err.code);
    add_words(out, ar_err_text(err));
    end(out, at);
}

/* ---- replies, in ---- */

static ar_err in_columns(ar_wire_in *in, ar_str rest, size_t n, const ar_sink *sink)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_column *columns;
    int64_t type, flags;
    ar_str name;

    if (in->has_columns || n % 3 != 0 || n / 3 > AR_COLUMNS_MAX)
        return ar_fail(AR_INVALID, "columns out of order, or %zu of them", n / 3);
    columns = ar_make_n(&arena, ar_column, n / 3 + 1);
    for (size_t i = 0; i < n / 3; i++) {
        AR_TRY(ar_cbor_read_text(&rest, &name));
        AR_TRY(ar_cbor_read_int(&rest, &type));
        AR_TRY(ar_cbor_read_int(&rest, &flags));
        if (type < AR_NULL || type > AR_TIME) return ar_fail(AR_INVALID, "a column of no type");
        columns[i].name = ar_arena_cstr(&arena, name);
        columns[i].type = (enum ar_type)type;
        columns[i].flags = (unsigned)flags;
    }
    in->has_columns = true;
    in->n_columns = n / 3;
    return sink->columns(sink->self, columns, n / 3);
}

static ar_err in_row(const ar_wire_in *in, ar_str rest, size_t n, const ar_sink *sink)
{
    ar_value values[AR_COLUMNS_MAX];

    if (!in->has_columns || n != in->n_columns)
        return ar_fail(AR_INVALID, "a row of %zu values for %zu columns", n, in->n_columns);
    for (size_t i = 0; i < n; i++) AR_TRY(ar_cbor_read_value(&rest, &values[i]));
    return sink->row(sink->self, values, n);
}

static ar_err in_note(ar_str rest, size_t n, const ar_sink *sink)
{
    ar_str text;

    if (n != 1) return ar_fail(AR_INVALID, "a note of %zu parts", n);
    AR_TRY(ar_cbor_read_text(&rest, &text));
    return sink->note(sink->self, text), ar_ok();
}

static ar_err in_progress(ar_str rest, size_t n, const ar_sink *sink)
{
    ar_str what;
    int64_t done, total;

    if (n != 3) return ar_fail(AR_INVALID, "progress of %zu parts", n);
    AR_TRY(ar_cbor_read_text(&rest, &what));
    AR_TRY(ar_cbor_read_int(&rest, &done));
    AR_TRY(ar_cbor_read_int(&rest, &total));
    return sink->progress(sink->self, what, done, total), ar_ok();
}

static ar_err in_about(ar_str rest, size_t n, const ar_sink *sink)
{
    ar_str name;
    ar_value value;

    if (n != 2) return ar_fail(AR_INVALID, "something about an answer in %zu parts", n);
    AR_TRY(ar_cbor_read_text(&rest, &name));
    AR_TRY(ar_cbor_read_value(&rest, &value));
    if (sink->about != NULL) sink->about(sink->self, name, value);
    return ar_ok();
}

static ar_err in_error(ar_wire_in *in, ar_str rest, size_t n)
{
    int64_t code;
    ar_str text;

    if (n != 2) return ar_fail(AR_INVALID, "an error of %zu parts", n);
    AR_TRY(ar_cbor_read_int(&rest, &code));
    AR_TRY(ar_cbor_read_text(&rest, &text));
    if (code <= AR_OK || code > AR_IO) return ar_fail(AR_INVALID, "an error of no code");
    in->done = true;
    return ar_fail((enum ar_code)code, "%.*s", AR_FMT(text));
}

ar_err ar_wire_reply_read(ar_wire_in *in, ar_str frame, const ar_sink *sink)
{
    size_t n;
    ar_str name;

    AR_TRY(ar_cbor_read_array(&frame, &n));
    if (n == 0 || in->done) return ar_fail(AR_INVALID, "a frame out of order");
    AR_TRY(ar_cbor_read_text(&frame, &name));
    if (ar_str_eq(name, AR_LIT("row"))) return in_row(in, frame, n - 1, sink);
    if (ar_str_eq(name, AR_LIT("columns"))) return in_columns(in, frame, n - 1, sink);
    if (ar_str_eq(name, AR_LIT("note"))) return in_note(frame, n - 1, sink);
    if (ar_str_eq(name, AR_LIT("progress"))) return in_progress(frame, n - 1, sink);
    if (ar_str_eq(name, AR_LIT("about"))) return in_about(frame, n - 1, sink);
    if (ar_str_eq(name, AR_LIT("error"))) return in_error(in, frame, n - 1);
    if (ar_str_eq(name, AR_LIT("done"))) return in->done = true, ar_ok();
    return ar_fail(AR_INVALID, "a frame of an unknown name");
}

static ar_err read_more(int fd, ar_buf *buf)
{
    ssize_t n = read(fd, ar_buf_room(buf, READ_BYTES), READ_BYTES);

    if (n < 0 && errno == EINTR) return ar_ok();
    if (n < 0) return ar_fail_errno("reading the answer");
    if (n == 0)
        return ar_fail(AR_UNAVAILABLE, "the answer broke off: the process that gave it has ended; "
                                       "what was asked is done in whole or not at all");
    buf->len += (size_t)n;
    return ar_ok();
}

static ar_err read_frames(ar_wire_in *in, ar_buf *buf, const ar_sink *sink)
{
    ar_str rest = ar_buf_str(buf), frame;

    for (;;) {
        AR_TRY(ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame));
        if (frame.ptr == NULL || in->done) break;
        AR_TRY(ar_wire_reply_read(in, frame, sink));
    }
    if (rest.len > 0) memmove(buf->ptr, rest.ptr, rest.len);
    buf->len = rest.len;
    return ar_ok();
}

static ar_err await_more(int fd, int64_t *patience_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int n = 0;

    if (patience_ms == NULL) return ar_ok();
    while (n == 0 && *patience_ms > 0) {
        int64_t before = ar_ticks_ms();

        n = poll(&p, 1, *patience_ms < INT_MAX ? (int)*patience_ms : INT_MAX);
        *patience_ms -= ar_ticks_ms() - before;
        if (n < 0 && errno != EINTR) return ar_fail_errno("waiting for the answer");
        if (n < 0) n = 0;
    }
    return n > 0 ? ar_ok() : ar_fail(AR_UNAVAILABLE, "the answer did not come in time");
}

ar_err ar_wire_relay(int fd, int64_t *patience_ms, const ar_sink *sink)
{
    ar_auto(ar_buf) buf = { 0 };
    ar_wire_in in = { 0 };

    while (!in.done) {
        AR_TRY(await_more(fd, patience_ms));
        AR_TRY(read_more(fd, &buf));
        AR_TRY(read_frames(&in, &buf, sink));
    }
    return ar_ok();
}

ar_err ar_relay_some(ar_relay *relay, int fd, const ar_sink *sink, bool *out_done)
{
    AR_TRY(read_more(fd, &relay->buf));
    AR_TRY(read_frames(&relay->in, &relay->buf, sink));
    *out_done = relay->in.done;
    return ar_ok();
}

void ar_relay_done(ar_relay *relay)
{
    ar_buf_done(&relay->buf);
}
