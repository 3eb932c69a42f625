#include "http/answer.h"

#include "form/json.h"

/* What a column means does not come with the rows. */
static const char *help_of(const ar_op *op, const char *name)
{
    for (const ar_column *c = op->columns; c != NULL && c->name != NULL; c++)
        if (strcmp(c->name, name) == 0) return c->help;
    return NULL;
}

static void add_column(ar_buf *out, const ar_op *op, const ar_column *column)
{
    const char *help = op == NULL ? NULL : help_of(op, column->name);

    ar_buf_addz(out, "{\"name\":");
    ar_json_text(out, ar_str_of(column->name));
    ar_buf_addf(out, ",\"type\":\"%s\"", ar_type_name(column->type));
    if (column->flags & AR_COLUMN_SHARE) ar_buf_addz(out, ",\"share\":true");
    if (column->flags & AR_COLUMN_QUIET) ar_buf_addz(out, ",\"quiet\":true");
    if (help != NULL) {
        ar_buf_addz(out, ",\"help\":");
        ar_json_text(out, ar_str_of(help));
    }
    ar_buf_addc(out, '}');
}

static ar_err on_columns(void *self, const ar_column *columns, size_t n)
{
    ar_answer *a = self;

    ar_buf_addz(&a->body, "{\"columns\":[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(&a->body, ',');
        add_column(&a->body, a->op, &columns[i]);
    }
    ar_buf_addz(&a->body, "],\"rows\":[");
    a->has_columns = true;
    return ar_ok();
}

static ar_err on_row(void *self, const ar_value *values, size_t n)
{
    ar_answer *a = self;

    ar_buf_addz(&a->body, a->rows++ > 0 ? ",\n[" : "\n[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(&a->body, ',');
        ar_json_value(&a->body, values[i]);
    }
    ar_buf_addc(&a->body, ']');
    if (a->body.len <= AR_ANSWER_MAX) return ar_ok();
    return ar_fail(AR_LIMIT, "an answer of more than %d MiB; ask for less of it",
                   (int)AR_ANSWER_MAX >> 20);
}

static void on_note(void *self, ar_str text)
{
    ar_answer *a = self;

    if (a->notes.len > 0) ar_buf_addc(&a->notes, ',');
    ar_json_text(&a->notes, text);
}

static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)self, (void)what, (void)done, (void)total;
}

static void on_about(void *self, ar_str name, ar_value value)
{
    ar_answer *a = self;

    if (a->about.len > 0) ar_buf_addc(&a->about, ',');
    ar_json_text(&a->about, name);
    ar_buf_addc(&a->about, ':');
    ar_json_value(&a->about, value);
}

ar_sink ar_answer_sink(ar_answer *answer)
{
    return (ar_sink){ .columns = on_columns,
                      .row = on_row,
                      .note = on_note,
                      .progress = on_progress,
                      .about = on_about,
                      .self = answer };
}

/* "AR_NOT_FOUND" as "not_found". */
static void add_code(ar_buf *out, enum ar_code code)
{
    const char *name = ar_code_name(code) + strlen("AR_");

    ar_buf_addc(out, '"');
    for (; *name != '\0'; name++) ar_buf_addc(out, ar_lower(*name));
    ar_buf_addc(out, '"');
}

void ar_answer_end(ar_answer *answer, ar_err err)
{
    ar_buf *out = &answer->body;

    if (!answer->has_columns) ar_buf_addz(out, "{\"columns\":[],\"rows\":[");
    ar_buf_addf(out, "],\"notes\":[%.*s]", AR_FMT(ar_buf_str(&answer->notes)));
    if (answer->about.len > 0)
        ar_buf_addf(out, ",\"about\":{%.*s}", AR_FMT(ar_buf_str(&answer->about)));
    if (err.code != AR_OK) {
        ar_buf_addz(out, ",\"error\":{\"code\":");
        add_code(out, err.code);
        ar_buf_addz(out, ",\"message\":");
        ar_json_text(out, ar_err_text(err));
        ar_buf_addc(out, '}');
    }
    ar_buf_addz(out, "}\n");
}

void ar_answer_done(ar_answer *answer)
{
    ar_buf_done(&answer->body);
    ar_buf_done(&answer->notes);
    ar_buf_done(&answer->about);
}
