#include "life/word.h"

#include "estate/owner.h"
#include "life/batch.h"
#include "life/entry.h"
#include "standard/waiver.h"
#include "start/register.h"

enum { BECAUSE_MIN = 10, BECAUSE_MAX = 400 };

const ar_column ar_life_word_columns[] = {
    { "about", AR_TEXT, 0, "the asset, KIND:ID, or the batch" },
    { "word", AR_TEXT, 0, "what was said" },
    { "receipt", AR_TEXT, 0, "what proves it; of a batch there is one for each asset later" },
    { "who", AR_TEXT, 0, "who said it" },
    { "until", AR_TIME, 0, "how long it may live now" },
    { "extensions", AR_INT, 0, "how often its life was made longer" },
    { 0 },
};

/* An asset, and where it is in its life. */
typedef struct subject {
    ar_life_shelf shelf;
    const ar_cycle *cycle;
    ar_str text; /* as it was named */
    ar_life_item item;
    ar_time at;
} subject;

static ar_err find(ar_ctx *ctx, ar_str text, subject *s)
{
    ar_str id;

    s->text = text;
    AR_TRY(ar_life_shelf_open(ctx, &s->shelf));
    AR_TRY(ar_life_shelf_asset(&s->shelf, text, &s->cycle, &id));
    AR_TRY(ar_life_time(ctx, &s->at));
    return ar_life_read(ctx, s->cycle, &id, 1, s->at, &s->item);
}

static ar_err take_because(const ar_args *args, ar_str *out_text)
{
    ar_str text = ar_str_trim(ar_arg_text(args, "because"));

    if (text.len < BECAUSE_MIN)
        return ar_fail(AR_INVALID, "want --because in at least %d characters", (int)BECAUSE_MIN);
    if (text.len > BECAUSE_MAX)
        return ar_fail(AR_LIMIT, "--because has %zu bytes, %d is the most", text.len,
                       (int)BECAUSE_MAX);
    *out_text = text;
    return ar_ok();
}

static ar_err say(ar_ctx *ctx, const subject *s, ar_str word, ar_str note, ar_value until,
                  ar_reply *reply)
{
    bool longer = until.type != AR_NULL;
    ar_receipt receipt = { .area = AR_LIT(AR_LIFE_AREA),
                           .kind = s->cycle->name,
                           .asset = s->item.id,
                           .step = word,
                           .note = note,
                           .evidence = s->item.evidence };

    AR_TRY(ar_receipt_word(ctx, &receipt));
    if (longer)
        AR_TRY(ar_life_enter_end(ctx, &s->shelf, s->cycle, s->item.id, until.i, receipt.at));
    ar_audit_add(ctx, "asset", ar_text(s->text));
    ar_audit_add(ctx, "word", ar_text(word));
    ar_audit_add(ctx, "receipt", ar_int(receipt.number));

    ar_str id = ar_arena_printf(ctx->arena, "RC-%lld", (long long)receipt.number);
    ar_value row[] = { ar_text(s->text),
                       ar_text(word),
                       ar_text(id),
                       ar_text(ctx->who->name),
                       longer ? until : s->item.ends_at,
                       ar_int(s->item.extensions + longer) };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* ---- life approve ---- */

const ar_param ar_life_approve_params[] = {
    { "about", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL,
      "B-3, a batch that waits, or KIND:ID, an asset that was asked for", NULL },
    { 0 },
};

static ar_err approve_batch(ar_ctx *ctx, ar_str text, ar_reply *reply)
{
    ar_life_batch batch;

    AR_TRY(ar_life_batch_read(ctx, text, &batch));
    AR_TRY(ar_life_batch_approve(ctx, &batch));
    ar_audit_add(ctx, "batch", ar_int(batch.number));
    ar_reply_note(reply,
                  "Now `aright life step %.*s --batch %.*s --confirm` does it, for those of which "
                  "it still holds.",
                  AR_FMT(batch.step), AR_FMT(text));
    ar_value row[] = { ar_text(text), ar_text(AR_LIT("approve")),
                       ar_null(),     ar_text(ctx->who->name),
                       ar_null(),     ar_null() };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* Who asked for it, when it was made from a template here. */
static ar_err check_another(ar_ctx *ctx, const subject *s)
{
    ar_started started;
    bool same;

    AR_TRY(ar_started_find(ctx, s->cycle->kind, s->item.id, &started));
    if (!started.is_there) return ar_ok();
    AR_TRY(ar_owner_same(ctx->engine, started.who, ctx->who->name, &same));
    if (!same) return ar_ok();
    return ar_fail(AR_DENIED, "%.*s asked for %.*s; want the approval of somebody else",
                   AR_FMT(started.who), AR_FMT(s->text));
}

ar_err ar_life_run_approve(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str about = ar_arg_text(args, "about");
    subject s;

    if (ar_str_starts(about, AR_LIT("B-"))) return approve_batch(ctx, about, reply);
    AR_TRY(find(ctx, about, &s));
    AR_TRY(ar_life_check(&s.item, s.cycle->name, AR_LIT("approve"), s.at));
    AR_TRY(check_another(ctx, &s));
    return say(ctx, &s, AR_LIT("approve"), (ar_str){ 0 }, ar_null(), reply);
}

/* ---- life answer ---- */

const ar_param ar_life_answer_params[] = {
    { "asset", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "KIND:ID", NULL },
    { "answer", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its owner's word", "keep remove" },
    { "because", AR_PARAM_TEXT, AR_REQUIRED, "why", NULL },
    { 0 },
};

static ar_err is_in_owner(ar_ctx *ctx, ar_str owner, bool *out_is)
{
    ar_str who, unit;
    ar_value is;
    bool known;

    AR_TRY(ar_owner_known(ctx->engine, ctx->who->name, ctx->arena, &who, &known));
    AR_TRY(ar_owner_known(ctx->engine, owner, ctx->arena, &unit, &known));
    ar_value args[] = { ar_text(who), ar_text(unit) };
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT lower($1) = lower($2) OR EXISTS (SELECT 1 FROM"
                                  " ar.owner_up WHERE lower(id) = lower($1)"
                                  " AND lower(up) = lower($2))"),
                           args, AR_COUNT(args), ctx->arena, &is));
    *out_is = is.b;
    return ar_ok();
}

/* Its owner answers; for nobody's, who is accountable for its domain. */
static ar_err check_owner(ar_ctx *ctx, const subject *s)
{
    ar_waiver_subject asset = { .name = s->text, .domain = s->item.domain };
    bool is;

    if (s->item.owner.len == 0)
        return ar_waiver_check_approver(ctx->engine, ctx->who->name, &asset, s->at, ctx->arena);
    AR_TRY(is_in_owner(ctx, s->item.owner, &is));
    if (is) return ar_ok();
    return ar_fail(AR_DENIED, "%.*s belongs to %.*s, who answers for it; %.*s is not in that",
                   AR_FMT(s->text), AR_FMT(s->item.owner), AR_FMT(ctx->who->name));
}

ar_err ar_life_run_answer(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str because;
    subject s;

    AR_TRY(take_because(args, &because));
    AR_TRY(find(ctx, ar_arg_text(args, "asset"), &s));
    AR_TRY(check_owner(ctx, &s));
    if (ar_str_eq(s.item.state, AR_LIT("purged")) || ar_str_eq(s.item.state, AR_LIT("deleted")) ||
        ar_str_eq(s.item.state, AR_LIT("soft-deleted")) ||
        ar_str_eq(s.item.state, AR_LIT("quarantined")))
        return ar_fail(AR_CONFLICT, "%.*s is %.*s; who wants it back says `aright life undo`",
                       AR_FMT(s.text), AR_FMT(s.item.state));
    return say(ctx, &s, ar_arg_text(args, "answer"), because, ar_null(), reply);
}

/* ---- life extend ---- */

const ar_param ar_life_extend_params[] = {
    { "asset", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "KIND:ID", NULL },
    { "until", AR_PARAM_TIME, AR_REQUIRED, "when it will end", NULL },
    { "because", AR_PARAM_TEXT, AR_REQUIRED, "why", NULL },
    { 0 },
};

static ar_err check_end(ar_ctx *ctx, const subject *s, ar_time until)
{
    int64_t life = ar_cycle_life(s->cycle, s->item.class);
    char most[AR_TIME_LEN];

    if (s->item.ends_at.type == AR_NULL || life == 0)
        return ar_fail(AR_CONFLICT, "the life of %.*s has no end that could be made later",
                       AR_FMT(s->text));
    if (ar_kind_column_find(s->cycle->kind, AR_LIT("extended_at")) == NULL)
        return ar_fail(AR_CONFLICT, "kind %.*s has no column extended_at, where that would stand",
                       AR_FMT(s->cycle->name));
    if (until <= s->item.ends_at.i || until <= s->at)
        return ar_fail(AR_INVALID, "it ends on %s; want a later time, which is to come",
                       ar_time_print(ar_time_to_second(s->item.ends_at.i), most));
    if (until - s->at <= life) return ar_ok();

    ar_str span = ar_span_print(life, ctx->arena);
    return ar_fail(AR_LIMIT, "class %.*s allows %.*s at a time, which is until %s",
                   AR_FMT(s->item.class), AR_FMT(span),
                   ar_time_print(ar_time_to_second(s->at + life), most));
}

ar_err ar_life_run_extend(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_time until = ar_arg_time(args, "until", 0);
    ar_str because;
    subject s;

    AR_TRY(take_because(args, &because));
    AR_TRY(find(ctx, ar_arg_text(args, "asset"), &s));
    ar_waiver_subject asset = { s.text, s.item.owner, s.item.domain };
    AR_TRY(ar_waiver_check_approver(ctx->engine, ctx->who->name, &asset, s.at, ctx->arena));
    AR_TRY(check_end(ctx, &s, until));
    return say(ctx, &s, AR_LIT("extend"), because, ar_at(until), reply);
}
