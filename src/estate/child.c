#include "estate/child.h"

#include "form/json.h"
#include "form/utf.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Frames: a tag, the length of the body as 4 bytes of this machine's order, the body. Both ends
 * are the same program on the same machine.
 *   B  batch: rows (4), then per column a mask (1) and its data
 *   T  the tail, last: one byte of `given` per column, then as JSON what the feed says at its end
 *   E  a failure, last: its code (1), then its sentence */
enum {
    HEAD_BYTES = 5,
    FRAME_MAX = AR_FEED_BYTES + AR_FEED_ROW_MAX + 8 * 1024 * 1024,
    SENTENCE_MAX = 4096,
    PIPE_BYTES = 1 << 20,
    CPU_SECONDS = 15 * 60, /* a hundred million rows */
    PLAN_PIECE = 64 * 1024,
    PLAN_MAX = 1024 * 1024,
};

enum mask { MASK_NONE, MASK_ALL, MASK_SOME };

static size_t width_of(enum ar_type type)
{
    return type == AR_BOOL ? sizeof(bool) : type == AR_TEXT ? sizeof(uint32_t) : sizeof(int64_t);
}

/* ---- writing ---- */

static void add_u32(ar_buf *out, size_t n)
{
    uint32_t u = (uint32_t)n;

    ar_buf_add(out, (ar_str){ .ptr = (const char *)&u, .len = sizeof u });
}

static enum mask mask_of(const ar_vector *column, size_t n_rows)
{
    size_t have = 0;

    for (size_t i = 0; i < n_rows; i++) have += ar_vector_has(column, i);
    return have == 0 ? MASK_NONE : have == n_rows ? MASK_ALL : MASK_SOME;
}

static void add_text_column(ar_buf *out, const ar_vector *column, size_t n_rows)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n_rows; i++) {
        size_t len = ar_vector_has(column, i) ? column->s[i].len : 0;
        add_u32(out, len);
        bytes += len;
    }
    char *at = ar_buf_room(out, bytes);
    for (size_t i = 0; i < n_rows; i++) {
        if (!ar_vector_has(column, i)) continue;
        memcpy(at, column->s[i].ptr, column->s[i].len);
        at += column->s[i].len;
    }
    out->len += bytes;
}

static void add_column(ar_buf *out, const ar_vector *column, size_t n_rows)
{
    enum mask mask = mask_of(column, n_rows);

    ar_buf_addc(out, (char)mask);
    if (mask == MASK_NONE) return;
    if (mask == MASK_SOME)
        ar_buf_add(out, (ar_str){ .ptr = (const char *)column->valid,
                                  .len = (n_rows + 63) / 64 * sizeof(uint64_t) });
    if (column->type == AR_TEXT)
        add_text_column(out, column, n_rows);
    else
        ar_buf_add(out, (ar_str){ .ptr = column->data, .len = n_rows * width_of(column->type) });
}

static void begin_frame(ar_buf *out, char tag)
{
    ar_buf_clear(out);
    ar_buf_addc(out, tag);
    add_u32(out, 0);
}

static ar_err send_frame(ar_buf *out, int fd)
{
    uint32_t len = (uint32_t)(out->len - HEAD_BYTES);

    memcpy(out->ptr + 1, &len, sizeof len);
    return ar_fd_write_all(fd, ar_buf_str(out));
}

static ar_err write_batches(const ar_feed *feed, ar_buf *frame, int fd)
{
    for (;;) {
        const ar_vector *columns;
        size_t n_rows;
        AR_TRY(feed->next(feed->self, &columns, &n_rows));
        if (n_rows == 0) return ar_ok();
        begin_frame(frame, 'B');
        add_u32(frame, n_rows);
        for (size_t i = 0; i < feed->n_columns; i++) add_column(frame, &columns[i], n_rows);
        AR_TRY(send_frame(frame, fd));
    }
}

static ar_err write_failure(ar_err failure, ar_buf *frame, int fd)
{
    ar_str text = ar_err_text(failure);

    begin_frame(frame, 'E');
    ar_buf_addc(frame, (char)failure.code);
    ar_buf_add(frame, ar_str_cut(text, 0, text.len < SENTENCE_MAX ? text.len : SENTENCE_MAX));
    return send_frame(frame, fd);
}

ar_err ar_feed_write(const ar_feed *feed, int fd)
{
    ar_auto(ar_buf) frame = { 0 };
    ar_err err = write_batches(feed, &frame, fd);

    if (err.code != AR_OK) return write_failure(err, &frame, fd);
    begin_frame(&frame, 'T');
    for (size_t i = 0; i < feed->n_columns; i++) ar_buf_addc(&frame, feed->given[i] ? 1 : 0);
    ar_buf_addf(&frame, "{\"bad\":%lld,\"partial\":%s,\"ignored\":", (long long)feed->bad,
                feed->partial ? "true" : "false");
    ar_json_text(&frame, feed->ignored);
    ar_buf_addz(&frame, ",\"bad_rows\":");
    ar_json_text(&frame, feed->bad_rows);
    ar_buf_addc(&frame, '}');
    return send_frame(&frame, fd);
}

/* Only Parquet needs to open anything: the engine's library, which is loaded before, and the
 * payload once more by its name. The engine's threads come after. */
static ar_err give_up_rights(void)
{
    static const char *const payload[] = { "/proc/self/fd/0", NULL };
    ar_sandbox_state state;
    ar_sandbox box = { 0 };
    char head[4] = { 0 };

    if (pread(0, head, sizeof head, 0) == sizeof head && memcmp(head, "PAR1", 4) == 0) {
        AR_TRY(ar_engine_load());
        box.read_paths = payload;
    }
    return ar_sandbox_enter(&box, &state);
}

static ar_err serve(ar_str text, ar_buf *frame)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_intake) intake = NULL;
    ar_plan plan;

    AR_TRY(give_up_rights());
    AR_TRY(ar_plan_parse(text, &arena, &plan));
    ar_err err = ar_intake_open(&plan, 0, &intake);
    if (err.code != AR_OK) return write_failure(err, frame, 1);
    return ar_feed_write(ar_intake_feed(intake), 1);
}

int ar_connector_main(const ar_tables *tables, int argc, char **argv)
{
    ar_buf frame = { 0 }, text = { 0 };

    (void)tables;
    for (int i = 0; i < argc; i++) ar_buf_addz(&text, argv[i]);
    ar_err err = serve(ar_buf_str(&text), &frame);
    if (err.code != AR_OK)
        (void)fprintf(stderr, "aright connector: %.*s\n", AR_FMT(ar_err_text(err)));
    _exit(ar_code_exit(err.code)); /* what cleans up at exit may want what was given up */
}

/* ---- reading ---- */

struct ar_intake_child {
    ar_arena arena;
    ar_child process;
    int fd;
    ar_feed feed;
    bool *given;
    ar_buf frame;
    ar_vector *columns;
    ar_vector_out *storage;
    bool ended;
};

static ar_err nonsense(const char *what)
{
    return ar_fail(AR_UNAVAILABLE, "the reader of the payload sent %s", what);
}

static ar_err cut_short(ar_intake_child *c)
{
    if (c->process.pid != 0) AR_TRY(ar_child_wait(&c->process, "the reader of the payload"));
    return nonsense("less than it began");
}

static ar_err read_exactly(ar_intake_child *c, char *to, size_t len)
{
    while (len > 0) {
        AR_TRY(ar_child_ready(&c->process, "the reader of the payload"));

        ssize_t n = read(c->fd, to, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ar_fail_errno("the reader of the payload cannot be heard");
        if (n == 0) return cut_short(c);
        to += n;
        len -= (size_t)n;
    }
    return ar_ok();
}

static ar_err read_frame(ar_intake_child *c, char *out_tag, ar_buf *body)
{
    char head[HEAD_BYTES];
    uint32_t len;

    AR_TRY(read_exactly(c, head, sizeof head));
    memcpy(&len, head + 1, sizeof len);
    if (len > FRAME_MAX) return nonsense("more at once than it may");
    ar_buf_clear(body);
    AR_TRY(read_exactly(c, ar_buf_room(body, len + 1), len));
    body->len = len;
    *out_tag = head[0];
    return ar_ok();
}

static bool take(ar_str *rest, size_t len, const char **out)
{
    if (rest->len < len) return false;
    *out = rest->ptr;
    *rest = ar_str_cut(*rest, len, rest->len);
    return true;
}

/* Texts are UTF-8 when all of them together are, and none begins inside a character. */
static ar_err read_texts(ar_str *rest, size_t n_rows, ar_vector_out *column)
{
    const char *lengths;
    bool inside = false;

    if (!take(rest, n_rows * sizeof(uint32_t), &lengths)) return nonsense("a short column");
    ar_str all = *rest;
    for (size_t i = 0; i < n_rows; i++) {
        const char *text;
        uint32_t len;
        memcpy(&len, lengths + i * sizeof len, sizeof len);
        if (!take(rest, len, &text)) return nonsense("a short text");
        column->s[i] = (ar_str){ .ptr = text, .len = len };
        inside |= len > 0 && ((unsigned char)*text & 0xc0) == 0x80;
    }
    all.len -= rest->len;
    if (inside || ar_utf8_valid(all) != all.len) return nonsense("a text that is not UTF-8");
    return ar_ok();
}

static ar_err read_flags(const bool *flags, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (((const unsigned char *)flags)[i] > 1) return nonsense("a bool that is none");
    return ar_ok();
}

static ar_err read_column(ar_str *rest, size_t n_rows, ar_vector_out *column)
{
    size_t words = (n_rows + 63) / 64 * sizeof(uint64_t);
    const char *mask, *bytes;

    if (!take(rest, 1, &mask)) return nonsense("a short batch");
    memset(column->valid, *mask == MASK_ALL ? 0xff : 0, AR_FEED_ROWS / 8);
    if (*mask == MASK_NONE) return ar_ok();
    if (*mask != MASK_ALL && *mask != MASK_SOME) return nonsense("an unknown mask");
    if (*mask == MASK_SOME) {
        if (!take(rest, words, &bytes)) return nonsense("a short mask");
        memcpy(column->valid, bytes, words);
    }
    if (column->type == AR_TEXT) return read_texts(rest, n_rows, column);
    if (!take(rest, n_rows * width_of(column->type), &bytes)) return nonsense("a short column");
    memcpy(column->data, bytes, n_rows * width_of(column->type));
    return column->type == AR_BOOL ? read_flags(column->b, n_rows) : ar_ok();
}

static ar_err read_batch(const void *self, ar_str body, ar_vector_out *columns, size_t *out_rows)
{
    const ar_intake_child *c = self;
    const char *bytes;
    uint32_t n_rows;

    if (!take(&body, sizeof n_rows, &bytes)) return nonsense("a short batch");
    memcpy(&n_rows, bytes, sizeof n_rows);
    if (n_rows == 0 || n_rows > AR_FEED_ROWS) return nonsense("a batch of an impossible size");
    for (size_t i = 0; i < c->feed.n_columns; i++) AR_TRY(read_column(&body, n_rows, &columns[i]));
    if (body.len > 0) return nonsense("more than a batch");
    for (size_t i = 0; i < n_rows; i++) {
        bool has = (columns[0].valid[i / 64] >> (i % 64) & 1) != 0;
        if (!has || columns[0].s[i].len == 0) return nonsense("a row without id");
    }
    *out_rows = n_rows;
    return ar_ok();
}

static ar_err read_words(ar_intake_child *c, ar_str text)
{
    ar_str file = AR_LIT("tail");
    ar_feed *feed = &c->feed;
    ar_node *root;

    if (ar_json_parse(file, text, NULL, &c->arena, &root).code != AR_OK ||
        ar_node_int(file, root, "bad", true, &feed->bad).code != AR_OK ||
        ar_node_bool(file, root, "partial", true, &feed->partial).code != AR_OK ||
        ar_node_text(file, root, "ignored", true, &feed->ignored).code != AR_OK ||
        ar_node_text(file, root, "bad_rows", true, &feed->bad_rows).code != AR_OK || feed->bad < 0)
        return nonsense("a tail that is none");
    return ar_ok();
}

static ar_err read_tail(ar_intake_child *c, ar_str body)
{
    if (body.len < c->feed.n_columns) return nonsense("a short tail");
    for (size_t i = 0; i < c->feed.n_columns; i++) c->given[i] = body.ptr[i] == 1;
    AR_TRY(read_words(c, ar_str_cut(body, c->feed.n_columns, body.len)));
    c->ended = true;
    if (c->process.pid == 0) return ar_ok();
    return ar_child_wait(&c->process, "the reader of the payload");
}

static ar_err read_failure(ar_str body)
{
    enum ar_code code = body.len > 0 ? (enum ar_code)body.ptr[0] : AR_OK;
    ar_auto(ar_buf) words = { 0 };

    if (code <= AR_OK || code > AR_IO || body.len > SENTENCE_MAX + 1)
        return nonsense("a failure without a cause");
    ar_utf8_put(&words, ar_str_cut(body, 1, body.len));
    return ar_fail(code, "%.*s", AR_FMT(ar_buf_str(&words)));
}

static ar_err read_message(ar_intake_child *c, ar_buf *packed)
{
    char tag = 0;

    AR_TRY(read_frame(c, &tag, packed));
    switch (tag) {
    case 'B': return packed->len > 0 ? ar_ok() : nonsense("a short batch");
    case 'T': return read_tail(c, ar_buf_str(packed));
    case 'E': return read_failure(ar_buf_str(packed));
    default: return nonsense("an unknown message");
    }
}

static ar_err take_batch(void *self, ar_buf *packed)
{
    ar_intake_child *c = self;

    if (!c->ended) {
        ar_err err = read_message(c, packed);
        if (err.code != AR_OK) c->ended = true; /* what follows is for nobody */
        if (!c->ended || err.code != AR_OK) return err;
    }
    ar_buf_clear(packed);
    return ar_ok();
}

static ar_err next(void *self, const ar_vector **out_columns, size_t *out_rows)
{
    ar_intake_child *c = self;

    *out_columns = c->columns;
    *out_rows = 0;
    AR_TRY(take_batch(c, &c->frame));
    if (c->frame.len == 0) return ar_ok();
    return read_batch(c, ar_buf_str(&c->frame), c->storage, out_rows);
}

ar_err ar_feed_read_open(const ar_plan *plan, int fd, ar_intake_child **out_child)
{
    ar_own(ar_intake_child) c = calloc(1, sizeof *c);
    ar_batch batch;

    if (c == NULL) abort();
    ar_feed_column *columns = ar_make_n(&c->arena, ar_feed_column, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++)
        columns[i] =
            (ar_feed_column){ .name = plan->columns[i].name, .type = plan->columns[i].type };
    ar_batch_init(&batch, columns, plan->n_columns, &c->arena);
    c->storage = batch.columns;
    c->columns = batch.views;
    c->fd = fd;
    c->given = ar_make_n(&c->arena, bool, plan->n_columns);
    c->feed = (ar_feed){ .next = next,
                         .take = take_batch,
                         .read = read_batch,
                         .self = c,
                         .columns = columns,
                         .n_columns = plan->n_columns,
                         .given = c->given };
    *out_child = ar_move(c);
    return ar_ok();
}

/* Its share of the memory, and room to map the payload. */
static uint64_t space_for(const ar_place *place, int fd)
{
    struct stat st;
    uint64_t mapped = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    uint64_t space = ar_self_space(ar_config_memory(&place->config, AR_SHARE_CHILD), 1);

    return space == 0 ? 0 : space + mapped;
}

/* The plan in pieces: the system takes no long argument (MAX_ARG_STRLEN), but many. */
static const char *const *arguments(const ar_place *place, ar_str plan, ar_arena *arena)
{
    size_t pieces = (plan.len + PLAN_PIECE - 1) / PLAN_PIECE;
    const char **argv = ar_make_n(arena, const char *, pieces + 4);

    argv[0] = place->program, argv[1] = "--process", argv[2] = "connector";
    for (size_t i = 0; i < pieces; i++) {
        size_t from = i * PLAN_PIECE, left = plan.len - from;
        size_t to = from + (left < PLAN_PIECE ? left : PLAN_PIECE);
        argv[3 + i] = ar_arena_cstr(arena, ar_str_cut(plan, from, to));
    }
    return argv;
}

/* Who only looks holds nobody up for longer than by a query. */
static int seconds_for(const ar_place *place, const ar_plan *plan)
{
    return plan->survey ? (int)place->config.query_seconds : 2 * CPU_SECONDS;
}

ar_err ar_intake_child_open(const ar_place *place, const ar_plan *plan, int fd,
                            ar_intake_child **out_child)
{
    ar_own(ar_intake_child) c = NULL;
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };

    AR_TRY(ar_feed_read_open(plan, -1, &c));
    ar_plan_print(plan, &text);
    if (text.len > PLAN_MAX)
        return ar_fail(AR_LIMIT, "connector and kind come to %zu kB (want %d at most)",
                       text.len / 1024, PLAN_MAX / 1024);
    ar_spawn spawn = { .argv = arguments(place, ar_buf_str(&text), &arena),
                       .in_fd = ar_fd_of(fd),
                       .no_network = true,
                       .memory_bytes = space_for(place, fd),
                       .cpu_seconds = CPU_SECONDS,
                       .seconds = seconds_for(place, plan) };
    AR_TRY(ar_child_start(&spawn, &c->process));
    c->fd = ar_fd_n(c->process.out);
    (void)fcntl(c->fd, F_SETPIPE_SZ, PIPE_BYTES); /* fewer turns; a refusal only costs time */
    *out_child = ar_move(c);
    return ar_ok();
}

const ar_feed *ar_intake_child_feed(ar_intake_child *child)
{
    return &child->feed;
}

void ar_intake_child_free(ar_intake_child **child)
{
    ar_intake_child *c = *child;

    if (c == NULL) return;
    ar_child_done(&c->process);
    ar_buf_done(&c->frame);
    ar_arena_done(&c->arena);
    free(c);
    *child = NULL;
}
