#include "act/receipt.h"

#include "form/hash.h"

const ar_migration ar_act_migrations[] = {
    { 490, "receipts of what was done to assets",
      "CREATE TABLE ar.receipt (number BIGINT, area VARCHAR, kind VARCHAR, asset_id VARCHAR,"
      " step VARCHAR, happened_at TIMESTAMP, who VARCHAR, state VARCHAR, note VARCHAR, evidence "
      "VARCHAR,"
      " evidence_hash VARCHAR, deed VARCHAR, undoes BIGINT, sources BIGINT, batch BIGINT)" },
    { 0 },
};

ar_err ar_receipt_now(ar_ctx *ctx, ar_time *out_now)
{
    ar_value now = ar_at(ctx->now), latest;

    AR_TRY(ar_engine_value(
        ctx->engine, AR_LIT("SELECT greatest($1::TIMESTAMP, max(happened_at)) FROM ar.receipt"),
        &now, 1, ctx->arena, &latest));
    *out_now = latest.i;
    return ar_ok();
}

static ar_value int_or_null(int64_t n)
{
    return n == 0 ? ar_null() : ar_int(n);
}

static ar_err insert(ar_ctx *ctx, const ar_receipt *r)
{
    ar_value row[] = { ar_int(r->number),      ar_text(r->area),        ar_text(r->kind),
                       ar_text(r->asset),      ar_text(r->step),        ar_at(r->at),
                       ar_text(r->who),        ar_text(r->state),       ar_text_or_null(r->note),
                       ar_text(r->evidence),   ar_text(r->hash),        ar_text_or_null(r->deed),
                       int_or_null(r->undoes), int_or_null(r->sources), int_or_null(r->batch) };

    return ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.receipt VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                                " $10, $11, $12, $13, $14, $15)"),
                         row, AR_COUNT(row), NULL);
}

static ar_err enter(ar_ctx *ctx, ar_receipt *r, ar_str state)
{
    ar_value next;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT 1 + coalesce(max(number), 0) FROM ar.receipt"), NULL, 0,
                           ctx->arena, &next));
    r->number = next.i;
    r->who = ctx->who->name;
    r->state = state;
    r->hash = ar_sha256(r->evidence, ctx->arena);
    AR_TRY(ar_receipt_now(ctx, &r->at));
    return insert(ctx, r);
}

ar_err ar_receipt_begin(ar_ctx *ctx, ar_receipt *receipt)
{
    return enter(ctx, receipt, AR_LIT("begun"));
}

ar_err ar_receipt_word(ar_ctx *ctx, ar_receipt *receipt)
{
    return enter(ctx, receipt, AR_LIT("done"));
}

ar_err ar_receipt_end(ar_ctx *ctx, int64_t number, ar_str state, ar_str note)
{
    ar_value args[] = { ar_int(number), ar_text(state), ar_text_or_null(note) };
    int64_t n;

    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.receipt SET state = $2, note = coalesce($3, note)"
                                " WHERE number = $1 AND state = 'begun'"),
                         args, AR_COUNT(args), &n));
    if (n == 1) return ar_ok();
    return ar_fail(AR_CONFLICT, "RC-%lld was not begun, or has ended", (long long)number);
}

ar_err ar_receipt_number(ar_str text, int64_t *out_number)
{
    if (ar_str_starts(text, AR_LIT("RC-")) &&
        ar_str_int(ar_str_cut(text, 3, text.len), out_number) && *out_number > 0)
        return ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no receipt; they look like RC-12", AR_FMT(text));
}

static ar_str text_of(ar_ctx *ctx, ar_rows *rows, size_t i)
{
    ar_value value = ar_rows_get(rows, i);

    return value.type == AR_TEXT ? ar_arena_copy(ctx->arena, value.s) : (ar_str){ 0 };
}

static int64_t int_of(ar_rows *rows, size_t i)
{
    ar_value value = ar_rows_get(rows, i);

    return value.type == AR_NULL ? 0 : value.i;
}

ar_err ar_receipt_read(ar_ctx *ctx, int64_t number, ar_receipt *out_receipt)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_int(number);

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT r.happened_at, r.undoes, r.sources, r.batch, (SELECT max(b.number) FROM "
               "ar.receipt b"
               "  WHERE b.undoes = r.number AND b.state = 'done'),"
               " r.area, r.kind, r.asset_id, r.step, r.who, r.state, r.note, r.evidence,"
               " r.evidence_hash, r.deed FROM ar.receipt r WHERE r.number = $1"),
        &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no receipt RC-%lld", (long long)number);
    *out_receipt = (ar_receipt){
        .number = number,
        .at = ar_rows_get(rows, 0).i,
        .undoes = int_of(rows, 1),
        .sources = int_of(rows, 2),
        .batch = int_of(rows, 3),
        .undone = int_of(rows, 4),
        .area = text_of(ctx, rows, 5),
        .kind = text_of(ctx, rows, 6),
        .asset = text_of(ctx, rows, 7),
        .step = text_of(ctx, rows, 8),
        .who = text_of(ctx, rows, 9),
        .state = text_of(ctx, rows, 10),
        .note = text_of(ctx, rows, 11),
        .evidence = text_of(ctx, rows, 12),
        .hash = text_of(ctx, rows, 13),
        .deed = text_of(ctx, rows, 14),
    };
    return ar_ok();
}
