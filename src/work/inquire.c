#include "work/inquire.h"

#include "op/args.h"
#include "op/core.h"

#include <unistd.h>

static ar_err no_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self, (void)columns, (void)n;
    return ar_ok();
}

static ar_err take_row(void *self, const ar_value *row, size_t n)
{
    const ar_inquiry *q = self;

    return q->row == NULL ? ar_ok() : q->row(q->self, row, n);
}

static void no_note(void *self, ar_str text)
{
    (void)self, (void)text;
}

static void no_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)self, (void)what, (void)done, (void)total;
}

ar_err ar_inquire(ar_ctx *ctx, const ar_inquiry *inquiry)
{
    const ar_op *op = ar_tables_find(ctx->tables, ar_str_of(inquiry->op));
    ar_args args = { .op = op, .arena = ctx->arena };
    ar_inquiry copy = *inquiry;
    ar_sink sink = { .columns = no_columns,
                     .row = take_row,
                     .note = no_note,
                     .progress = no_progress,
                     .self = &copy };

    for (size_t i = 0; i < inquiry->n; i++)
        AR_TRY(ar_args_add(&args, ar_param_find(op, inquiry->names[i]), inquiry->values[i], -1,
                           ctx->now));
    return ctx->hooks->ask(ctx, &args, &sink);
}

ar_err ar_inquire_ready(const ar_ctx *ctx, const char *does, const char *whose)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str owner = ar_uid_name(ar_home_owner(ctx->place), &arena);

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    if (ar_home_owner(ctx->place) == (int64_t)geteuid()) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%s belongs to %.*s, and only its owner %s: the secrets of its %s are for "
                   "nobody else",
                   ctx->place->home, AR_FMT(owner), does, whose);
}
