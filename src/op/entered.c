#include "op/logged.h"

#include "form/cbor.h"
#include "op/answers.h"
#include "op/core.h"

#include <sys/stat.h>

/* What a transaction takes at once: facts are to be seen soon. */
static const struct {
    size_t records, bytes;
    int64_t number; /* where ar.logged has it */
} logs[AR_LOGS] = {
    [AR_LOG_GATE] = { 10000, 16 << 20, 0 },
    [AR_LOG_FACTS] = { 10000, 4 << 20, 1 },
};

/* ---- a record ---- */

static ar_err read_event(ar_str *rest, ar_event *out)
{
    ar_value at;

    AR_TRY(ar_cbor_read_value(rest, &at));
    if (at.type != AR_TIME) return ar_fail(AR_INVALID, "it has no time");
    out->at = at.i;
    AR_TRY(ar_cbor_read_text(rest, &out->who));
    AR_TRY(ar_cbor_read_int(rest, &out->uid));
    AR_TRY(ar_cbor_read_text(rest, &out->op));
    AR_TRY(ar_cbor_read_text(rest, &out->event));
    AR_TRY(ar_cbor_read_text(rest, &out->outcome));
    return ar_cbor_read_text(rest, &out->detail);
}

/* `bytes` live as long as the arena. */
static ar_err read_record(ar_str bytes, ar_arena *arena, ar_record *out)
{
    ar_value *values;
    size_t n;

    AR_TRY(ar_cbor_read_array(&bytes, &n));
    if (n < AR_RECORD_EVENT) return ar_fail(AR_INVALID, "it has %zu parts", n);
    AR_TRY(read_event(&bytes, &out->event));
    out->n = n - AR_RECORD_EVENT;
    out->values = values = ar_make_n(arena, ar_value, out->n + 1);
    for (size_t i = 0; i < out->n; i++) AR_TRY(ar_cbor_read_value(&bytes, &values[i]));
    return bytes.len == 0 ? ar_ok() : ar_fail(AR_INVALID, "%zu bytes too many", bytes.len);
}

/* ---- a batch of them ---- */

typedef struct batch {
    ar_arena arena;
    ar_record *list;
    size_t n, cap;
} batch;

static void batch_done(batch *b)
{
    ar_arena_done(&b->arena);
}

static ar_err read_batch(ar_seglog_reader *reader, enum ar_log which, batch *b)
{
    size_t bytes = 0;

    while (b->n < logs[which].records && bytes < logs[which].bytes) {
        ar_record r = { 0 };
        ar_str text;

        AR_TRY(ar_seglog_read(reader, &r.number, &text));
        if (text.ptr == NULL) break;
        bytes += text.len;
        AR_TRY_WITH(read_record(ar_arena_copy(&b->arena, text), &b->arena, &r), "record %lld",
                    (long long)r.number);
        ar_grow(&b->arena, b->list, b->n, b->cap);
        b->list[b->n++] = r;
    }
    /* what the estate has, the log must not lose */
    return b->n > 0 ? ar_seglog_reader_sync(reader) : ar_ok();
}

/* Whether `enter` tells of it together with others. */
static bool is_summed(const ar_core *core, const ar_record *r)
{
    const ar_op *op = ar_tables_find(core->tables, r->event.op);

    return r->n > 0 && op != NULL && op->sums;
}

static ar_err enter_events(ar_core *core, batch *b)
{
    ar_event *events = ar_make_n(&b->arena, ar_event, b->n);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (!is_summed(core, &b->list[i])) events[n++] = b->list[i].event;
    return ar_outbox_add_all(&core->outbox, events, n);
}

/* The records of each operation that has something to enter. */
static ar_err enter_values(ar_core *core, batch *b)
{
    size_t n_ops, n;
    const ar_op **ops = ar_tables_all(core->tables, &b->arena, &n_ops);
    ar_record *own = ar_make_n(&b->arena, ar_record, b->n);
    ar_time now = b->list[b->n - 1].event.at;
    ar_ctx ctx = { .now = now,
                   .asof = now,
                   .place = &core->place,
                   .engine = core->engine,
                   .arena = &b->arena,
                   .hooks = &core->tables->hooks,
                   .tables = core->tables,
                   .keep = &core->keep,
                   .core = core };

    for (size_t i = 0; i < n_ops; i++) {
        if (ops[i]->enter == NULL) continue;
        n = 0;
        for (size_t k = 0; k < b->n; k++)
            if (b->list[k].n > 0 && ar_str_eq(b->list[k].event.op, ar_str_of(ops[i]->name)))
                own[n++] = b->list[k];
        if (n > 0) AR_TRY(ops[i]->enter(&ctx, own, n));
    }
    return ar_ok();
}

static ar_err enter_batch(ar_core *core, enum ar_log which, batch *b)
{
    ar_value last[] = { ar_int(b->list[b->n - 1].number), ar_int(logs[which].number) };

    AR_TRY(ar_engine_begin(core->engine));

    ar_err err = enter_events(core, b);

    if (err.code == AR_OK) err = enter_values(core, b);
    if (err.code == AR_OK)
        err = ar_engine_run(core->engine, AR_LIT("UPDATE ar.logged SET number = $1 WHERE log = $2"),
                            last, 2, NULL);
    if (err.code == AR_OK) err = ar_engine_commit(core->engine);
    ar_engine_rollback(core->engine);
    return err;
}

static ar_err entered(ar_core *core, enum ar_log which, int64_t *out_number)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_value log = ar_int(logs[which].number), number;

    AR_TRY(ar_engine_value(core->engine, AR_LIT("SELECT number FROM ar.logged WHERE log = $1"),
                           &log, 1, &scratch, &number));
    *out_number = number.i;
    return ar_ok();
}

static ar_err read_and_enter(ar_core *core, enum ar_log which, size_t *out_n)
{
    __attribute__((cleanup(batch_done))) batch b = { 0 };
    ar_auto(ar_arena) scratch = { 0 };

    AR_TRY(read_batch(core->records[which], which, &b));
    *out_n = b.n;
    if (b.n == 0) return ar_ok();
    AR_TRY(enter_batch(core, which, &b));
    ar_answers_changed(core->answers);
    AR_TRY(ar_outbox_drain(&core->outbox));
    AR_TRY(ar_seglog_forget(ar_logged_folder(&core->place, which, &scratch),
                            b.list[b.n - 1].number + 1));
    return ar_core_publish(core);
}

ar_err ar_logged_enter_some(ar_core *core, enum ar_log which, size_t *out_n)
{
    ar_auto(ar_arena) scratch = { 0 };
    int64_t number;

    if (core->records[which] == NULL) {
        AR_TRY(entered(core, which, &number));
        AR_TRY(ar_seglog_reader_open(ar_logged_folder(&core->place, which, &scratch), number + 1,
                                     &core->records[which]));
    }

    ar_err err = read_and_enter(core, which, out_n);

    /* what was read and not entered is read again */
    if (err.code != AR_OK) ar_seglog_reader_free(&core->records[which]);
    return err;
}

ar_err ar_logged_enter(ar_core *core, enum ar_log which)
{
    for (size_t n = 1; n > 0;) AR_TRY(ar_logged_enter_some(core, which, &n));
    return ar_ok();
}

ar_err ar_logged_of(ar_core *core, enum ar_log which, ar_logged *out_logged)
{
    int64_t number;

    AR_TRY(entered(core, which, &number));
    return ar_logged_open(&core->place, core->tables, which, number + 1, &core->keep, out_logged);
}

ar_err ar_logged_prepare(const ar_core *core, enum ar_log which)
{
    ar_auto(ar_arena) scratch = { 0 };

    return ar_seglog_prepare(ar_logged_folder(&core->place, which, &scratch));
}
