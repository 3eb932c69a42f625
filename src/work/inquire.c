#include "work/inquire.h"

#include "op/args.h"
#include "op/core.h"

#include <unistd.h>

static ar_err take_row(void *self, const ar_value *row, size_t n)
{
    const ar_inquiry *q = self;

    return q->row == NULL ? ar_ok() : q->row(q->self, row, n);
}

ar_err ar_inquire(ar_ctx *ctx, const ar_inquiry *inquiry)
{
    const ar_op *op = ar_tables_find(ctx->tables, ar_str_of(inquiry->op));
    ar_args args = { .op = op, .arena = ctx->arena };
    ar_inquiry copy = *inquiry;
    ar_receiver receiver = { .row = take_row, .self = &copy };
    ar_sink sink = ar_receiver_sink(&receiver);

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
