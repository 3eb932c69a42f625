#include "form/cbor.h"
#include "op/wire.h"
#include "op_home.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static ar_err nothing(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)ctx, (void)args, (void)reply;
    return ar_ok();
}

static const ar_param params[] = {
    { "text", AR_PARAM_TEXT, AR_REQUIRED, "t", NULL },
    { "file", AR_PARAM_FILE, 0, "f", NULL },
    { "path", AR_PARAM_PATH, 0, "p", NULL },
    { "many", AR_PARAM_INT, AR_REPEATED, "m", NULL },
    { 0 },
};
static const ar_op ops[] = {
    { .name = "thing.do", .grant = "thing.do", .params = params, .run = nothing },
    { .name = "thing.here", .grant = "thing.do", .runs_in = AR_IN_DOOR, .run = nothing },
    { 0 },
};
static const ar_op *const all_ops[] = { ops, NULL };
static const ar_tables tables = { .version = "1.2.3", .ops = all_ops };

static ar_err add(ar_args *args, const char *name, const char *text, int fd)
{
    return ar_args_add(args, ar_param_find(args->op, ar_str_of(name)), ar_str_of(text), fd,
                       home_now);
}

TEST(a_request_arrives_as_it_was_sent)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) bytes = { 0 };
    ar_args args = { .op = &ops[0], .arena = &arena }, got;
    const ar_str token = AR_LIT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    ar_request request = {
        .args = &args, .now = home_now, .asof = home_now - AR_DAY, .token = token
    };
    ar_request arrived = { .now = home_now };
    const int file = 17;
    ar_str rest, frame;
    const ar_str *many;

    T_OK(add(&args, "text", "ünï \x01 code", -1));
    T_OK(add(&args, "file", "facts.json", 5));
    T_OK(add(&args, "path", "/srv", -1));
    T_OK(add(&args, "many", "1", -1));
    T_OK(add(&args, "many", "-2", -1));
    ar_wire_request(&bytes, &tables, &request);
    rest = ar_buf_str(&bytes);
    T_OK(ar_frame_next(&rest, AR_WIRE_REQUEST_MAX, &frame));
    T_INT(rest.len, 0);
    T_OK(ar_wire_request_read(frame, &tables, &file, 1, &arena, &got, &arrived));
    T_TRUE(got.op == &ops[0]);
    T_INT(arrived.asof, home_now - AR_DAY);
    T_TRUE(ar_str_eq(arrived.token, token));
    T_STR(ar_arg_text(&got, "text"), "ünï \x01 code");
    T_STR(ar_arg_text(&got, "file"), "facts.json");
    T_INT(ar_arg_fd(&got, "file"), 17);
    T_INT(ar_arg_texts(&got, "many", &many), 2);
    T_STR(many[1], "-2");
}

TEST(a_frame_in_pieces_is_taken_when_it_is_whole)
{
    ar_auto(ar_buf) bytes = { 0 };
    ar_str frame;

    ar_wire_end(&bytes, ar_ok());
    for (size_t n = 0; n < bytes.len; n++) {
        ar_str part = ar_str_cut(ar_buf_str(&bytes), 0, n);

        T_OK(ar_frame_next(&part, 100, &frame));
        T_TRUE(frame.ptr == NULL && part.len == n);
    }
    T_FAILS(ar_frame_next(&(ar_str){ "\x7f\xff\xff\xff", 4 }, 100, &frame), AR_LIMIT, "100");
}

/* A request made by hand: words, in the form of the frame; NULL is null, "-" is false. */
static ar_err read_words(const char *const *words, size_t n, const int *files, size_t n_files)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) bytes = { 0 };
    ar_request request = { .now = home_now };
    ar_args args;

    ar_cbor_array(&bytes, n);
    for (size_t i = 0; i < n; i++) {
        if (words[i] == NULL)
            ar_cbor_value(&bytes, ar_null());
        else if (strcmp(words[i], "-") == 0)
            ar_cbor_value(&bytes, ar_bool(false));
        else
            ar_cbor_text(&bytes, ar_str_of(words[i]));
    }
    return ar_wire_request_read(ar_buf_str(&bytes), &tables, files, n_files, &arena, &args,
                                &request);
}

TEST(requests_that_are_refused_say_why)
{
    static const struct {
        const char *words[10];
        size_t n;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { { "run", "1.2.3", NULL, "", "true", "thing.do" },
          6,
          AR_INVALID,
          "neither true nor false" },
        { { "walk" }, 1, AR_INVALID, "not a 'run' frame" },
        { { "run" }, 1, AR_INVALID, "0 parts" },
        { { "run", "1.2.4", NULL, "", "-", "thing.do" }, 6, AR_CONFLICT, "restart the core" },
        { { "run", "1.2.3", "now", "", "-", "thing.do" }, 6, AR_INVALID, "asof is no time" },
        { { "run", "1.2.3", NULL, "short", "-", "thing.do" }, 6, AR_INVALID, "token of 5 bytes" },
        { { "run", "1.2.3", NULL, "", "-", "thing.dont" },
          6,
          AR_INVALID,
          "no operation 'thing.dont'" },
        { { "run", "1.2.3", NULL, "", "-", "thing.here" },
          6,
          AR_INVALID,
          "no operation 'thing.here'" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do" }, 6, AR_INVALID, "wants --text" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do", "text" }, 7, AR_INVALID, "parts" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do", "txt", "x" },
          8,
          AR_INVALID,
          "no parameter 'txt'" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do", "file", "x" },
          8,
          AR_INVALID,
          "without its file" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do", "path", "x" },
          8,
          AR_INVALID,
          "absolute path" },
        { { "run", "1.2.3", NULL, "", "-", "thing.do", "many", "x" },
          8,
          AR_INVALID,
          "is no number" },
    };
    static const char *const good[] = { "run", "1.2.3", NULL, "", "-", "thing.do", "text", "x" };
    const int file = 17;

    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(read_words(bad[i].words, bad[i].n, NULL, 0), bad[i].code, bad[i].says);
    T_OK(read_words(good, AR_COUNT(good), NULL, 0));
    T_FAILS(read_words(good, AR_COUNT(good), &file, 1), AR_INVALID, "1 files too many");
}

static ar_err keep_in_buffer(void *self, bool urgent)
{
    (void)self, (void)urgent;
    return ar_ok();
}

TEST(a_reply_arrives_as_it_was_given)
{
    static const ar_column columns[] = {
        { "name", AR_TEXT, AR_COLUMN_BRIEF, NULL },
        { "n", AR_INT, 0, NULL },
        { "share", AR_DOUBLE, AR_COLUMN_SHARE, NULL },
        { "at", AR_TIME, 0, NULL },
        { "ok", AR_BOOL, 0, NULL },
    };
    const ar_value row[] = { ar_textz("a\nb"), ar_int(INT64_MIN), ar_double(0.1), ar_at(home_now),
                             ar_null() };
    ar_auto(ar_buf) bytes = { 0 };
    ar_wire_out wire = { .out = &bytes, .flush = keep_in_buffer };
    ar_sink out = ar_wire_sink(&wire);
    kept k = { 0 };
    ar_sink in = kept_sink(&k);
    ar_wire_in state = { 0 };
    ar_str rest, frame;

    T_OK(out.columns(out.self, columns, AR_COUNT(columns)));
    T_OK(out.row(out.self, row, AR_COUNT(row)));
    out.note(out.self, AR_LIT("that is all"));
    out.progress(out.self, AR_LIT("rows"), 1, 0);
    ar_wire_end(&bytes, ar_fail(AR_LIMIT, "no more"));
    rest = ar_buf_str(&bytes);
    for (int i = 0; i < 4; i++) {
        T_OK(ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame));
        T_OK(ar_wire_reply_read(&state, frame, &in));
        T_TRUE(!state.done);
    }
    T_OK(ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame));
    T_FAILS(ar_wire_reply_read(&state, frame, &in), AR_LIMIT, "no more");
    T_TRUE(state.done && rest.len == 0);
    T_STR(ar_buf_str(&k.text),
          "name|n|share|at|ok\na\nb|-9223372036854775808|0.1|2026-11-21T12:00:00Z|\n");
    T_INT(k.notes, 1);
    kept_done(&k);
}

TEST(a_sentence_that_quotes_any_bytes_comes_through)
{
    ar_auto(ar_buf) bytes = { 0 };
    kept k = { 0 };
    ar_wire_out wire = { .out = &bytes, .flush = keep_in_buffer };
    ar_sink out = ar_wire_sink(&wire), in = kept_sink(&k);
    ar_wire_in state = { 0 };
    ar_str rest, frame;

    out.note(out.self, AR_LIT("caf\xc3 was left out"));
    ar_wire_end(&bytes, ar_fail(AR_INVALID, "\xff.csv: no field is named 'id'"));
    rest = ar_buf_str(&bytes);
    T_OK(ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame));
    T_OK(ar_wire_reply_read(&state, frame, &in));
    T_INT(k.notes, 1);
    T_OK(ar_frame_next(&rest, AR_WIRE_FRAME_MAX, &frame));
    T_FAILS(ar_wire_reply_read(&state, frame, &in), AR_INVALID,
            "\ufffd.csv: no field is named 'id'");
    kept_done(&k);
}

TEST(a_time_beyond_the_years_is_refused)
{
    static const ar_time beyond[] = { INT64_MAX, INT64_MIN, AR_TIME_MAX + 1, AR_TIME_MIN - 1 };

    for (size_t i = 0; i < AR_COUNT(beyond); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) bytes = { 0 };
        ar_args args = { .op = &ops[0], .arena = &arena }, got;
        ar_request request = { .args = &args, .now = home_now, .asof = beyond[i] };
        ar_request arrived = { .now = home_now };
        ar_str rest, frame;

        T_OK(add(&args, "text", "x", -1));
        ar_wire_request(&bytes, &tables, &request);
        rest = ar_buf_str(&bytes);
        T_OK(ar_frame_next(&rest, AR_WIRE_REQUEST_MAX, &frame));
        T_FAILS(ar_wire_request_read(frame, &tables, NULL, 0, &arena, &got, &arrived), AR_INVALID,
                "asof");
    }
}

/* ---- waiting for a reply ---- */

enum { STEP_MS = 400, PATIENCE_MS = 2 * STEP_MS };

static void pause_ms(int64_t ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

static ar_err flush_to(void *self, bool urgent)
{
    ar_buf *out = self;
    ar_err err = ar_fd_write_all(STDOUT_FILENO, ar_buf_str(out));

    (void)urgent;
    ar_buf_clear(out);
    return err;
}

/* Three rows, each preceded by a step of silence and, when asked for, by a sign of progress. */
static _Noreturn void reply_slowly(bool shows_progress)
{
    static const ar_column column = { .name = "n", .type = AR_INT };
    ar_auto(ar_buf) out = { 0 };
    ar_wire_out wire = { .out = &out, .flush = flush_to, .self = &out };
    ar_sink sink = ar_wire_sink(&wire);
    ar_value n = ar_int(7);
    ar_err err = sink.columns(sink.self, &column, 1);

    for (int i = 0; i < 3; i++) {
        pause_ms(STEP_MS);
        if (shows_progress) sink.progress(sink.self, AR_LIT("step"), i, 3);
        if (err.code == AR_OK) err = sink.row(sink.self, &n, 1);
    }
    ar_wire_end(&out, err);
    _exit((int)flush_to(&out, true).code);
}

typedef struct reader {
    int64_t patience_ms, slow_ms;
    bool renews;
    int rows;
} reader;

static ar_err read_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self, (void)columns, (void)n;
    return ar_ok();
}

static ar_err read_row(void *self, const ar_value *values, size_t n)
{
    reader *r = self;

    (void)values, (void)n;
    r->rows++;
    pause_ms(r->slow_ms);
    return ar_ok();
}

static void read_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    reader *r = self;

    (void)what, (void)done, (void)total;
    if (r->renews) r->patience_ms = PATIENCE_MS;
}

static ar_err relay_from_child(reader *r, bool shows_progress)
{
    ar_sink sink = {
        .columns = read_columns, .row = read_row, .progress = read_progress, .self = r
    };
    int ends[2];

    T_INT(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        reply_slowly(shows_progress);
    }
    (void)close(ends[1]);
    ar_err err = ar_wire_relay(ends[0], r->patience_ms == 0 ? NULL : &r->patience_ms, &sink);
    (void)close(ends[0]);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return err;
}

TEST(patience_counts_what_is_waited_for_and_nothing_else)
{
    reader short_of_it = { .patience_ms = PATIENCE_MS };
    reader renewed = { .patience_ms = PATIENCE_MS, .renews = true };
    reader slow = { .patience_ms = 4 * STEP_MS, .slow_ms = 2 * STEP_MS };
    reader endless = { .patience_ms = 0 };

    T_FAILS(relay_from_child(&short_of_it, true), AR_UNAVAILABLE, "did not come in time");
    T_TRUE(short_of_it.patience_ms <= 0 && short_of_it.rows < 3);
    T_OK(relay_from_child(&renewed, true));
    T_OK(relay_from_child(&slow, false)); /* which takes longer than all its patience */
    T_TRUE(slow.patience_ms > 0);
    T_OK(relay_from_child(&endless, false));
    T_INT(endless.rows + slow.rows + renewed.rows, 9);
}
