#include "op/audit.h"

#include "form/json.h"

enum { DETAIL_TEXT_MAX = 1024, DETAIL_ARGS_MAX = 64 };

static ar_value brief(ar_value value)
{
    if (value.type == AR_TEXT && value.s.len > DETAIL_TEXT_MAX) value.s.len = DETAIL_TEXT_MAX;
    return value;
}

static void add_fact(ar_buf *out, ar_str name, ar_value value)
{
    ar_buf_addc(out, ',');
    ar_json_text(out, name);
    ar_buf_addc(out, ':');
    ar_json_value(out, brief(value));
}

void ar_audit_done(struct ar_audit *audit)
{
    ar_buf_done(&audit->facts);
}

void ar_audit_fact(struct ar_audit *audit, ar_str name, ar_value value)
{
    add_fact(&audit->facts, name, value);
}

void ar_audit_add(ar_ctx *ctx, const char *name, ar_value value)
{
    if (ctx->audit != NULL) ar_audit_fact(ctx->audit, ar_str_of(name), value);
}

static void add_args(ar_buf *out, const ar_args *args)
{
    size_t n = args->n < DETAIL_ARGS_MAX ? args->n : DETAIL_ARGS_MAX;

    ar_buf_addz(out, "{\"args\":[");
    for (size_t i = 0; i < n; i++) {
        ar_buf_addz(out, i > 0 ? ",[" : "[");
        ar_json_text(out, ar_str_of(args->list[i].param->name));
        ar_buf_addc(out, ',');
        ar_json_value(out, brief(ar_text(args->list[i].text)));
        ar_buf_addc(out, ']');
    }
    ar_buf_addc(out, ']');
    if (n < args->n) add_fact(out, AR_LIT("args_left_out"), ar_int((int64_t)(args->n - n)));
}

void ar_audit_detail(const struct ar_audit *audit, const ar_args *args, ar_str problem, ar_buf *out)
{
    add_args(out, args);
    ar_buf_add(out, ar_buf_str(&audit->facts));
    if (problem.len > 0) add_fact(out, AR_LIT("problem"), ar_text(problem));
    ar_buf_addc(out, '}');
}
