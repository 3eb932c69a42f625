#include "op/query.h"

#include "engine/guard.h"
#include "form/cbor.h"
#include "op/core.h"
#include "op/wire.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    THREADS_MAX = 4,
    REQUEST_MAX = AR_GUARD_SQL_MAX + 64 * 1024,
    FLUSH_BYTES = 64 * 1024,
    READY_MS_MAX = 60 * 1000, /* until the child has opened the copy and may begin */
};

/* ---- what the child is asked ---- */

typedef struct question {
    ar_str path, sql;
    int64_t memory_bytes, threads, rows_max;
} question;

static void add_question(ar_buf *out, const question *q)
{
    ar_cbor_array(out, 5);
    ar_cbor_text(out, q->path);
    ar_cbor_text(out, q->sql);
    ar_cbor_int(out, q->memory_bytes);
    ar_cbor_int(out, q->threads);
    ar_cbor_int(out, q->rows_max);
}

static ar_err read_question(ar_str text, question *out)
{
    size_t n;

    AR_TRY(ar_cbor_read_array(&text, &n));
    if (n != 5) return ar_fail(AR_INVALID, "a question of %zu parts", n);
    AR_TRY(ar_cbor_read_text(&text, &out->path));
    AR_TRY(ar_cbor_read_text(&text, &out->sql));
    AR_TRY(ar_cbor_read_int(&text, &out->memory_bytes));
    AR_TRY(ar_cbor_read_int(&text, &out->threads));
    return ar_cbor_read_int(&text, &out->rows_max);
}

/* ---- the copy ---- */

static ar_err remove_copies(const char *folder, ar_arena *arena)
{
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(folder, arena, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (ar_str_starts(names[i], AR_LIT("query-")) &&
            unlink(ar_path_join(arena, folder, names[i].ptr)) != 0)
            return ar_fail_errno("%s/%s", folder, names[i].ptr);
    return ar_ok();
}

/* A copy of the estate as it is now. It serves until the estate's file changes. */
static ar_err copy_estate(ar_ctx *ctx, const char **out_copy)
{
    const char *database = ar_home_database(ctx->place, ctx->arena);
    const char *folder = ar_path_join(ctx->arena, ctx->place->home, "run");
    struct stat st;

    AR_TRY(ar_engine_checkpoint(ctx->engine));
    if (fstat(ar_fd_n(ctx->core->database), &st) != 0) return ar_fail_errno("%s", database);

    ar_str name =
        ar_arena_printf(ctx->arena, "query-%llx-%llx-%llx-%lx.duckdb",
                        (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
                        (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec);

    *out_copy = ar_path_join(ctx->arena, folder, name.ptr);
    if (ar_file_exists(*out_copy)) return ar_ok();

    const char *partial = ar_path_join(ctx->arena, folder, "query-partial");

    AR_TRY(remove_copies(folder, ctx->arena));
    AR_TRY(ar_fd_copy(ar_fd_n(ctx->core->database), database, partial, 0600));
    return rename(partial, *out_copy) == 0 ? ar_ok() : ar_fail_errno("%s", *out_copy);
}

/* ---- the parent ---- */

typedef struct relay {
    ar_ctx *ctx;
    ar_reply *reply;
    int64_t patience_ms;
    bool begun; /* the statement runs */
} relay;

static ar_err on_columns(void *self, const ar_column *columns, size_t n)
{
    const relay *r = self;
    ar_column *kept = ar_make_n(r->ctx->arena, ar_column, n);

    for (size_t i = 0; i < n; i++) {
        kept[i] = columns[i];
        kept[i].name = ar_arena_cstr(r->ctx->arena, ar_str_of(columns[i].name));
    }
    return ar_reply_columns(r->reply, kept, n);
}

static ar_err on_row(void *self, const ar_value *values, size_t n)
{
    return ar_reply_row(((const relay *)self)->reply, values, n);
}

static void on_note(void *self, ar_str text)
{
    ar_reply_note(((const relay *)self)->reply, "%.*s", AR_FMT(text));
}

/* Only now does what the person asked for take its time. */
static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    relay *r = self;

    (void)what, (void)done, (void)total;
    if (r->begun) return; /* once */
    r->begun = true;
    r->patience_ms = r->ctx->place->config.query_seconds * 1000;
}

/* Starts the child with the question as its input, all of it: a child that hangs cannot hold us up
 * before its deadline. */
static ar_err ask(const ar_place *place, const question *q, ar_child *out_child)
{
    const char *const argv[] = { place->program, "--process", "query", NULL };
    ar_auto(ar_buf) text = { 0 };
    ar_auto(ar_fd) in = { 0 };

    add_question(&text, q);
    AR_TRY(ar_fd_holding(ar_buf_str(&text), &in));

    ar_spawn spawn = {
        .argv = argv,
        .in_fd = in,
        .no_network = true,
        .memory_bytes = ar_self_space((uint64_t)q->memory_bytes, (int)q->threads),
    };

    return ar_child_start(&spawn, out_child);
}

static ar_err relay_answer(ar_ctx *ctx, ar_reply *reply, ar_child *child, const question *q)
{
    relay r = { .ctx = ctx, .reply = reply, .patience_ms = READY_MS_MAX };
    const ar_sink sink = {
        .columns = on_columns, .row = on_row, .note = on_note, .progress = on_progress, .self = &r
    };
    ar_err err = ar_wire_relay(ar_fd_n(child->out), &r.patience_ms, &sink);
    bool late = err.code == AR_UNAVAILABLE && r.patience_ms <= 0;

    if (late && !r.begun)
        return ar_fail(AR_UNAVAILABLE,
                       "the query could not begin: its process was not ready after %d s; try again "
                       "when the machine has less to do",
                       READY_MS_MAX / 1000);
    if (late)
        return ar_fail(AR_LIMIT, "the query ran longer than %lld s (query_seconds)",
                       (long long)ctx->place->config.query_seconds);
    if (err.code == AR_UNAVAILABLE || (err.code == AR_IO && reply->rows == 0))
        return ar_fail(AR_LIMIT, "the query ended early: it needs more than its %llu MiB of memory",
                       (unsigned long long)q->memory_bytes >> 20);
    return err;
}

ar_err ar_query_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_config *config = &ctx->place->config;
    const char *copy = NULL;
    ar_auto(ar_child) child = { 0 };

    AR_TRY(copy_estate(ctx, &copy));

    question q = {
        .path = ar_str_of(copy),
        .sql = ar_arg_text(args, "sql"),
        .memory_bytes = (int64_t)ar_config_memory(config, AR_SHARE_CHILD),
        .threads =
            config->threads > 0 && config->threads < THREADS_MAX ? config->threads : THREADS_MAX,
        .rows_max = config->query_rows,
    };
    AR_TRY(ask(ctx->place, &q, &child));
    return relay_answer(ctx, reply, &child, &q);
}

/* ---- the child ---- */

static ar_err flush(void *self, bool urgent)
{
    ar_buf *out = self;

    if (!urgent && out->len < FLUSH_BYTES) return ar_ok();
    AR_TRY(ar_fd_write_all(STDOUT_FILENO, ar_buf_str(out)));
    return ar_buf_clear(out), ar_ok();
}

static ar_err send_columns(const ar_sink *sink, ar_arena *arena, ar_rows *rows)
{
    size_t n = ar_rows_width(rows);
    ar_column *columns = ar_make_n(arena, ar_column, n);

    if (n > AR_COLUMNS_MAX)
        return ar_fail(AR_LIMIT, "%zu columns, %d is the most", n, (int)AR_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++)
        columns[i] = (ar_column){ .name = ar_arena_cstr(arena, ar_rows_name(rows, i)),
                                  .type = ar_rows_type(rows, i) };
    return sink->columns(sink->self, columns, n);
}

static ar_err send_rows(const ar_sink *sink, ar_rows *rows, int64_t rows_max)
{
    ar_value values[AR_COLUMNS_MAX];
    size_t n = ar_rows_width(rows);

    for (int64_t sent = 0; ar_rows_next(rows); sent++) {
        if (sent == rows_max)
            return ar_fail(AR_LIMIT, "more than %lld rows (query_rows); add a LIMIT",
                           (long long)rows_max);
        for (size_t i = 0; i < n; i++) values[i] = ar_rows_get(rows, i);
        AR_TRY(sink->row(sink->self, values, n));
    }
    return ar_ok();
}

/* Before the engine starts its threads: after this nothing but the copy can be opened. */
static ar_err give_up_rights(const char *copy)
{
    const char *const reads[] = { copy, NULL };
    const ar_sandbox box = { .read_paths = reads };
    ar_sandbox_state state;

    AR_TRY(ar_engine_load());
    return ar_sandbox_enter(&box, &state);
}

static ar_err answer(const ar_sink *sink, ar_arena *arena, ar_engine **out_engine)
{
    ar_own(ar_rows) rows = NULL;
    ar_str text;
    question q;

    AR_TRY(ar_fd_read_all(STDIN_FILENO, AR_LIT("the query"), REQUEST_MAX, arena, &text));
    AR_TRY(read_question(text, &q));

    ar_engine_options options = {
        .path = ar_arena_cstr(arena, q.path),
        .read_only = true,
        .memory_bytes = (uint64_t)q.memory_bytes,
        .threads = (int)q.threads,
    };

    AR_TRY(give_up_rights(options.path));
    AR_TRY(ar_engine_open(&options, out_engine));
    /* the clock starts: to check a statement may take longer than to run it */
    sink->progress(sink->self, AR_LIT("query"), 0, 0);
    AR_TRY(ar_engine_guard(*out_engine, q.sql));
    AR_TRY(ar_engine_query(*out_engine, q.sql, NULL, 0, &rows));
    AR_TRY(send_columns(sink, arena, rows));
    return send_rows(sink, rows, q.rows_max);
}

int ar_query_child(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_wire_out wire = { .out = &out, .flush = flush, .self = &out };
    ar_sink sink = ar_wire_sink(&wire);
    ar_engine *engine = NULL;

    (void)tables, (void)argc, (void)argv;
    (void)signal(SIGPIPE, SIG_IGN);

    ar_err err = answer(&sink, &arena, &engine);

    ar_wire_end(&out, err);
    err = flush(&out, true);
    _exit(ar_code_exit(err.code)); /* taking the engine down in order would only cost time */
}
