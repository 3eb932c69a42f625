#include "life/step.h"

#include "act/deed.h"
#include "act/door.h"
#include "life/batch.h"
#include "life/shelf.h"

const ar_param ar_life_step_params[] = {
    { "step", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which one", AR_LIFE_STEPS },
    { "asset", AR_PARAM_TEXT, AR_POSITIONAL | AR_REPEATED,
      "KIND:ID; all of --kind for which it is time when none is named", NULL },
    { "kind", AR_PARAM_TEXT, 0, "the kind, when no asset is named", NULL },
    { "batch", AR_PARAM_TEXT, 0, "B-3: the assets of a batch that a second person approved", NULL },
    { "confirm", AR_PARAM_FLAG, 0, "do it; else only what would be done is shown", NULL },
    { 0 },
};

/* What a step is to be taken by. */
typedef struct march {
    ar_ctx *ctx;
    const ar_cycle *cycle;
    ar_str step;
    bool confirm;
    ar_time at;
    ar_life_batch batch; /* number 0: none */
    ar_str *ids;
    size_t n;
    bool more; /* are due than one batch takes */
} march;

static const ar_cycle_step *step_of(const ar_cycle *cycle, ar_str step)
{
    if (ar_str_eq(step, AR_LIT("warn"))) return &cycle->notice;
    if (ar_str_eq(step, AR_LIT("quarantine"))) return &cycle->quarantine;
    if (ar_str_eq(step, AR_LIT("soft_delete"))) return &cycle->soft_delete;
    return &cycle->purge;
}

/* ---- of which assets ---- */

static ar_err take_named(march *m, const ar_life_shelf *shelf, const ar_str *assets, size_t n)
{
    m->ids = ar_make_n(m->ctx->arena, ar_str, n);
    for (size_t i = 0; i < n; i++) {
        const ar_cycle *cycle;

        AR_TRY(ar_life_shelf_asset(shelf, assets[i], &cycle, &m->ids[i]));
        if (m->cycle != NULL && cycle != m->cycle)
            return ar_fail(AR_INVALID, "%.*s is of another kind than %.*s; want one kind at a time",
                           AR_FMT(assets[i]), AR_FMT(m->cycle->name));
        for (size_t k = 0; k < i; k++)
            if (ar_str_eq(m->ids[k], m->ids[i]))
                return ar_fail(AR_INVALID, "%.*s is named twice", AR_FMT(assets[i]));
        m->cycle = cycle;
    }
    m->n = n;
    return ar_ok();
}

static ar_err take_due(march *m)
{
    ar_value args[] = { ar_at(m->at), ar_text(m->step), ar_int(m->cycle->batch + 1) };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT id FROM ");
    ar_life_items(m->cycle, &sql);
    ar_buf_addz(&sql, " i WHERE next = $2 AND hold IS NULL AND unsure IS NULL"
                      " AND coalesce(next_at <= $1, true)"
                      " ORDER BY coalesce(next_at, used_at, ends_at), id LIMIT $3");
    AR_TRY(ar_engine_query(m->ctx->engine, ar_buf_str(&sql), args, AR_COUNT(args), &rows));
    m->ids = ar_make_n(m->ctx->arena, ar_str, (size_t)m->cycle->batch);
    while (ar_rows_next(rows)) {
        m->more = m->n == (size_t)m->cycle->batch;
        if (!m->more) m->ids[m->n++] = ar_arena_copy(m->ctx->arena, ar_rows_get(rows, 0).s);
    }
    return ar_ok();
}

static ar_err take_batch(march *m, const ar_life_shelf *shelf, ar_str text)
{
    AR_TRY(ar_life_batch_read(m->ctx, text, &m->batch));
    if (!ar_str_eq(m->batch.step, m->step))
        return ar_fail(AR_CONFLICT, "%.*s is for %.*s, not for %.*s", AR_FMT(text),
                       AR_FMT(m->batch.step), AR_FMT(m->step));
    if (m->batch.approved_by.len == 0)
        return ar_fail(
            AR_CONFLICT,
            "%.*s waits for a second person; `aright life approve %.*s` is theirs to say",
            AR_FMT(text), AR_FMT(text));
    AR_TRY(ar_cycles_find(&shelf->cycles, m->batch.kind, &m->cycle));
    AR_TRY(ar_life_batch_members(m->ctx, &m->batch, &m->ids, &m->n));
    if (m->n > 0) return ar_ok();
    return ar_fail(AR_CONFLICT, "%.*s is done, for all its assets", AR_FMT(text));
}

static ar_err choose(march *m, const ar_args *args, const ar_life_shelf *shelf)
{
    ar_str kind = ar_arg_text(args, "kind"), batch = ar_arg_text(args, "batch");
    const ar_str *assets;
    size_t n = ar_arg_texts(args, "asset", &assets);

    if ((kind.len > 0) + (batch.len > 0) + (n > 0) != 1)
        return ar_fail(AR_INVALID, "want one of: assets, --kind, --batch");
    if (n > 0) return take_named(m, shelf, assets, n);
    if (batch.len > 0) return take_batch(m, shelf, batch);
    AR_TRY(ar_cycles_find(&shelf->cycles, kind, &m->cycle));
    return take_due(m);
}

/* ---- whether they may ---- */

static ar_err check_size(const march *m)
{
    if (m->n <= (size_t)m->cycle->batch) return ar_ok();
    return ar_fail(AR_LIMIT, "%zu assets at once; %lld are the most of kind %.*s", m->n,
                   (long long)m->cycle->batch, AR_FMT(m->cycle->name));
}

static bool needs_two(const march *m)
{
    return ar_life_batch_is_grave(m->step) && m->batch.number == 0 &&
           m->n > (size_t)m->cycle->two_persons_above;
}

/* Every one of them is looked at before anything is begun. */
static ar_err read_all(march *m, ar_life_item **out_items)
{
    *out_items = ar_make_n(m->ctx->arena, ar_life_item, m->n);
    AR_TRY(ar_life_read(m->ctx, m->cycle, m->ids, m->n, m->at, *out_items));
    for (size_t i = 0; i < m->n; i++)
        AR_TRY(ar_life_check(&(*out_items)[i], m->cycle->name, m->step, m->at));
    return ar_ok();
}

/* ---- beginning ---- */

static ar_str why_of(march *m, const ar_life_item *item)
{
    return ar_arena_printf(m->ctx->arena, "%.*s; sources that say idle: %lld, notices: %lld",
                           AR_FMT(item->state), (long long)item->idle_sources,
                           (long long)item->notices);
}

/* One that was begun before and not heard of again is gone on with. */
static ar_err keep_receipt(march *m, const ar_life_item *item, ar_str deed, int64_t *out_number)
{
    ar_receipt before = { 0 }, receipt = { .area = AR_LIT(AR_LIFE_AREA),
                                           .kind = m->cycle->name,
                                           .asset = item->id,
                                           .step = m->step,
                                           .evidence = item->evidence,
                                           .deed = deed,
                                           .sources = item->idle_sources,
                                           .batch = m->batch.number };

    if (item->unsure > 0) AR_TRY(ar_receipt_read(m->ctx, item->unsure, &before));
    if (ar_str_eq(before.state, AR_LIT("begun"))) return *out_number = before.number, ar_ok();
    AR_TRY(ar_receipt_begin(m->ctx, &receipt));
    *out_number = receipt.number;
    return ar_ok();
}

static ar_err begin_one(march *m, const ar_life_item *item, ar_reply *reply)
{
    const ar_action *action = step_of(m->cycle, m->step)->action;
    ar_auto(ar_buf) text = { 0 };
    int64_t receipt = 0;
    bool on = false;
    ar_deed deed;

    if (action != NULL) AR_TRY(ar_deed_is_on(m->ctx, action, &on));
    if (on) {
        AR_TRY(ar_deed_fill(m->ctx, action, item->id, &deed));
        ar_deed_print(&deed, &text);
    }
    if (m->confirm) AR_TRY(keep_receipt(m, item, ar_buf_str(&text), &receipt));
    return ar_door_reply(
        reply,
        ar_arena_printf(m->ctx->arena, "%.*s:%.*s", AR_FMT(m->cycle->name), AR_FMT(item->id)),
        m->step, receipt, why_of(m, item), ar_buf_str(&text));
}

static ar_err propose(march *m, ar_reply *reply)
{
    int64_t number;

    AR_TRY(ar_life_batch_propose(m->ctx, m->cycle, m->step, m->ids, m->n, &number));
    ar_audit_add(m->ctx, "batch", ar_int(number));
    ar_reply_answer(reply,
                    ar_fail(AR_CONFLICT,
                            "%zu assets at once want two persons: batch B-%lld waits for `aright "
                            "life approve B-%lld` by another one; then --batch B-%lld",
                            m->n, (long long)number, (long long)number, (long long)number));
    return ar_ok();
}

static void note_rest(const march *m, ar_reply *reply)
{
    if (m->n == 0) ar_reply_note(reply, "There is none for which it is time.");
    if (m->more)
        ar_reply_note(reply, "More are due; %lld are the most at once.",
                      (long long)m->cycle->batch);
    if (!m->confirm && m->n > 0)
        ar_reply_note(reply, "Nothing was done; the same command with --confirm does it%s.",
                      needs_two(m) ? ", once a second person approves" : "");
}

ar_err ar_life_run_begin(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    march m = { .ctx = ctx,
                .step = ar_arg_text(args, "step"),
                .confirm = ar_arg_flag(args, "confirm") };
    ar_life_shelf shelf;
    ar_life_item *items;

    AR_TRY(ar_life_shelf_open(ctx, &shelf));
    AR_TRY(ar_life_time(ctx, &m.at));
    AR_TRY(choose(&m, args, &shelf));
    AR_TRY(check_size(&m));
    if (ar_life_batch_is_grave(m.step)) AR_TRY(ar_life_batch_check_stop(ctx, m.cycle));
    AR_TRY(read_all(&m, &items));
    ar_audit_add(ctx, "kind", ar_text(m.cycle->name));
    ar_audit_add(ctx, "assets", ar_int((int64_t)m.n));
    if (m.confirm && needs_two(&m)) return propose(&m, reply);
    for (size_t i = 0; i < m.n; i++) AR_TRY(begin_one(&m, &items[i], reply));
    note_rest(&m, reply);
    return ar_ok();
}

ar_err ar_life_run_step(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    return ar_door_act(ctx, args, reply, "life.begin", "life.record");
}
