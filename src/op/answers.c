#include "op/answers.h"

#include "form/encoding.h"

#include <stdlib.h>

typedef struct ar_answer_kept {
    ar_buf question; /* a frame, as the socket brings it */
    ar_buf frames;   /* of the reply */
    int64_t changes; /* as of which it was made */
    ar_time made_at, asked_at;
} ar_answer_kept;

struct ar_answers {
    ar_answer_kept **list;
    size_t n, cap;
    int64_t changes; /* of the estate, so far */
    int64_t slow_ms;
};

ar_answers *ar_answers_new(int64_t slow_ms)
{
    ar_answers *answers = calloc(1, sizeof *answers);

    if (answers == NULL) abort();
    answers->slow_ms = slow_ms;
    return answers;
}

static void free_kept(ar_answer_kept *kept)
{
    ar_buf_done(&kept->question);
    ar_buf_done(&kept->frames);
    free(kept);
}

void ar_answers_free(ar_answers **answers)
{
    if (*answers == NULL) return;
    for (size_t i = 0; i < (*answers)->n; i++) free_kept((*answers)->list[i]);
    free((*answers)->list);
    free(*answers);
    *answers = NULL;
}

void ar_answers_changed(ar_answers *answers)
{
    answers->changes++;
}

/* The same question at another time, by another person, is the same. */
static void write_question(const ar_tables *tables, const ar_request *request, ar_buf *out)
{
    ar_request alike = { .args = request->args };

    ar_wire_request(out, tables, &alike);
}

static ar_answer_kept *find(const ar_answers *answers, const ar_tables *tables,
                            const ar_request *request)
{
    ar_auto(ar_buf) question = { 0 };

    write_question(tables, request, &question);
    for (size_t i = 0; i < answers->n; i++)
        if (ar_str_eq(ar_buf_str(&answers->list[i]->question), ar_buf_str(&question)))
            return answers->list[i];
    return NULL;
}

/* ---- told ---- */

static ar_err replay(ar_str frames, const ar_sink *sink)
{
    ar_wire_in in = { 0 };
    ar_str frame;

    for (;;) {
        AR_TRY(ar_frame_next(&frames, AR_WIRE_FRAME_MAX, &frame));
        if (frame.ptr == NULL) return ar_ok();
        AR_TRY(ar_wire_reply_read(&in, frame, sink));
    }
}

bool ar_answers_tell(ar_answers *answers, const ar_tables *tables, const ar_request *request,
                     const ar_sink *sink, ar_err *out_err)
{
    ar_answer_kept *kept = find(answers, tables, request);
    bool same = kept != NULL && kept->changes == answers->changes &&
                request->now - kept->made_at < AR_ANSWERS_MINUTES_MAX * AR_MINUTE;

    if (kept == NULL) return false;
    kept->asked_at = request->now;
    if (!same && !request->args->op->surveyed) return false;
    *out_err = replay(ar_buf_str(&kept->frames), sink);
    if (out_err->code == AR_OK && sink->about != NULL)
        sink->about(sink->self, AR_LIT("as_of"), ar_at(kept->made_at));
    return true;
}

/* ---- taken ---- */

static ar_err on_columns(void *self, const ar_column *columns, size_t n)
{
    ar_answer_taker *t = self;

    AR_TRY(t->down.columns(t->down.self, columns, n));
    return t->to == NULL ? ar_ok() : t->to->columns(t->to->self, columns, n);
}

static ar_err on_row(void *self, const ar_value *values, size_t n)
{
    ar_answer_taker *t = self;

    if (t->frames.len <= AR_ANSWERS_BYTES_MAX) AR_TRY(t->down.row(t->down.self, values, n));
    return t->to == NULL ? ar_ok() : t->to->row(t->to->self, values, n);
}

static void on_note(void *self, ar_str text)
{
    ar_answer_taker *t = self;

    t->down.note(t->down.self, text);
    if (t->to != NULL) t->to->note(t->to->self, text);
}

static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    ar_answer_taker *t = self;

    if (t->to != NULL) t->to->progress(t->to->self, what, done, total);
}

static void on_about(void *self, ar_str name, ar_value value)
{
    ar_answer_taker *t = self;

    t->down.about(t->down.self, name, value);
    if (t->to != NULL && t->to->about != NULL) t->to->about(t->to->self, name, value);
}

static ar_err stay(void *self, bool urgent)
{
    (void)self, (void)urgent;
    return ar_ok();
}

ar_sink ar_answer_taker_sink(ar_answer_taker *taker, const ar_sink *to)
{
    taker->to = to;
    taker->wire = (ar_wire_out){ .out = &taker->frames, .flush = stay };
    taker->down = ar_wire_sink(&taker->wire);
    return (ar_sink){ .columns = on_columns,
                      .row = on_row,
                      .note = on_note,
                      .progress = on_progress,
                      .about = on_about,
                      .self = taker };
}

void ar_answer_taker_done(ar_answer_taker *taker)
{
    ar_buf_done(&taker->frames);
}

/* Where the next one goes: behind the others, or in place of that asked longest ago. */
static ar_answer_kept *make_room(ar_answers *answers)
{
    ar_answer_kept *kept = calloc(1, sizeof *kept);
    size_t oldest = 0;

    if (kept == NULL) abort();
    if (answers->n == answers->cap) {
        answers->cap = answers->cap == 0 ? 16 : answers->cap * 2;
        answers->list = reallocarray(answers->list, answers->cap, sizeof *answers->list);
        if (answers->list == NULL) abort();
    }
    if (answers->n < AR_ANSWERS_MAX) return answers->list[answers->n++] = kept;
    for (size_t i = 1; i < answers->n; i++)
        if (answers->list[i]->asked_at < answers->list[oldest]->asked_at) oldest = i;
    free_kept(answers->list[oldest]);
    return answers->list[oldest] = kept;
}

void ar_answers_keep(ar_answers *answers, const ar_tables *tables, const ar_request *request,
                     ar_answer_taker *taker, int64_t took_ms)
{
    ar_answer_kept *kept = find(answers, tables, request);

    if (taker->frames.len > AR_ANSWERS_BYTES_MAX) return;
    if (kept == NULL && took_ms < answers->slow_ms) return;
    if (kept == NULL) {
        kept = make_room(answers);
        write_question(tables, request, &kept->question);
        kept->asked_at = request->now;
    }
    ar_buf_done(&kept->frames);
    kept->frames = ar_move(taker->frames);
    kept->changes = answers->changes;
    kept->made_at = request->now;
}

/* ---- ahead ---- */

/* False when it is of another program. */
static bool read_question(const ar_answer_kept *kept, const ar_tables *tables, ar_arena *arena,
                          ar_request *out)
{
    ar_str rest = ar_arena_copy(arena, ar_buf_str(&kept->question)), frame;
    ar_args *args = ar_make(arena, ar_args);

    return ar_frame_next(&rest, AR_WIRE_REQUEST_MAX, &frame).code == AR_OK && frame.ptr != NULL &&
           ar_wire_request_read(frame, tables, NULL, 0, arena, args, out).code == AR_OK;
}

static bool needs_parameters(const ar_op *op)
{
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++)
        if ((p->flags & AR_REQUIRED) != 0) return true;
    return false;
}

/* Those that nobody asked for yet. */
static size_t add_surveys(const ar_answers *answers, const ar_tables *tables, ar_time now,
                          const ar_op **ops, size_t n_ops, ar_arena *arena, ar_request *out)
{
    size_t n = 0;

    for (size_t i = 0; i < n_ops; i++) {
        ar_args *args = ar_make(arena, ar_args);

        if (!ops[i]->surveyed || needs_parameters(ops[i])) continue;
        *args = (ar_args){ .op = ops[i], .arena = arena };
        out[n] = (ar_request){ .args = args, .now = now, .asof = now };
        n += find(answers, tables, &out[n]) == NULL;
    }
    return n;
}

size_t ar_answers_lately(const ar_answers *answers, const ar_tables *tables, ar_time now,
                         bool surveys, ar_arena *arena, ar_request **out_requests)
{
    size_t n = 0, n_ops;
    const ar_op **ops = ar_tables_all(tables, arena, &n_ops);

    *out_requests = ar_make_n(arena, ar_request, answers->n + n_ops);
    for (size_t i = 0; i < answers->n; i++) {
        const ar_answer_kept *kept = answers->list[i];
        ar_request *request = &(*out_requests)[n];

        if (now - kept->asked_at > AR_ANSWERS_DAYS_MAX * AR_DAY) continue;
        *request = (ar_request){ .now = now };
        n += read_question(kept, tables, arena, request);
    }
    if (surveys) n += add_surveys(answers, tables, now, ops, n_ops, arena, &(*out_requests)[n]);
    return n;
}

/* ---- surveys in the estate ---- */

static ar_value encoded(const ar_buf *bytes, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    ar_base64_add(&text, ar_buf_str(bytes));
    return ar_text(ar_arena_copy(arena, ar_buf_str(&text)));
}

ar_err ar_answers_save(const ar_answers *answers, const ar_tables *tables, ar_engine *engine)
{
    AR_TRY(ar_engine_exec(engine, "DELETE FROM ar.survey"));
    for (size_t i = 0; i < answers->n; i++) {
        ar_auto(ar_arena) arena = { 0 };
        const ar_answer_kept *kept = answers->list[i];
        ar_request request = { 0 };

        if (!read_question(kept, tables, &arena, &request) || !request.args->op->surveyed) continue;

        ar_value row[] = { encoded(&kept->question, &arena), encoded(&kept->frames, &arena),
                           ar_at(kept->made_at), ar_at(kept->asked_at) };
        AR_TRY(ar_engine_run(engine, AR_LIT("INSERT INTO ar.survey VALUES ($1, $2, $3, $4)"), row,
                             AR_COUNT(row), NULL));
    }
    return ar_ok();
}

ar_err ar_answers_load(ar_answers *answers, ar_engine *engine)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(engine,
                           AR_LIT("SELECT question, frames, made_at, asked_at FROM ar.survey"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_auto(ar_arena) arena = { 0 };
        ar_answer_kept *kept;
        ar_str question, frames;

        if (!ar_base64(ar_rows_get(rows, 0).s, &arena, &question) ||
            !ar_base64(ar_rows_get(rows, 1).s, &arena, &frames))
            continue;
        kept = make_room(answers);
        ar_buf_add(&kept->question, question);
        ar_buf_add(&kept->frames, frames);
        kept->changes = -1; /* who knows what has changed since */
        kept->made_at = ar_rows_get(rows, 2).i;
        kept->asked_at = ar_rows_get(rows, 3).i;
    }
    return ar_ok();
}
