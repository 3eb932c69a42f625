#include "estate/intake.h"

#include "estate/documents.h"
#include "estate/row.h"
#include "estate/sniff.h"
#include "form/ndjson.h"
#include "form/utf.h"
#include "sys/file.h"

#include <stdlib.h>

enum {
    BAD_ROWS_SHOWN = 10,
    BAD_ROW_SHOWN = 300, /* bytes of its sentence */
};

struct ar_intake {
    ar_arena arena;
    const ar_plan *plan;
    ar_feed feed;
    bool *given;
    ar_batch batch;
    ar_row *row;
    ar_buf bad_rows;
    ar_mapped mapped;
    ar_str text;  /* the payload in UTF-8 */
    int64_t line; /* of the item being read */

    /* Puts the next item into the batch, or says that there is none. What is wrong with one row
     * alone is left behind when it `recovers`: the next call goes on behind it. */
    ar_err (*read)(ar_intake *in, bool *out_more);
    bool recovers;
    ar_ndjson *records; /* NDJSON, when every column is a path */
    ar_documents *documents;
    bool open; /* a document is, and its items are being read */
    ar_items *items;
};

/* ---- items of documents ---- */

static ar_err next_item(ar_intake *in, const ar_scope **out_scope)
{
    ar_err err = ar_items_next(in->items, out_scope);
    int64_t line = ar_documents_line(in->documents);

    if (line == 0) line = ar_items_line(in->items);
    if (line > 0) in->line = line;
    if (err.code == AR_OK || ar_str_starts(ar_err_text(err), in->plan->payload)) return err;
    return ar_context(err, "%.*s:%lld", AR_FMT(in->plan->payload), (long long)in->line);
}

static ar_err next_document(ar_intake *in, bool *out_more)
{
    const ar_node *document;

    in->open = false;
    ar_err err = ar_documents_next(in->documents, &document);
    in->recovers = ar_documents_recovers(in->documents);
    AR_TRY(err);
    in->recovers = false;
    *out_more = document != NULL;
    if (document == NULL) return ar_ok();
    AR_TRY(ar_items_begin(in->items, document, ar_documents_guess(in->documents)));
    in->open = true;
    return ar_ok();
}

/* The next item of the document at hand, or of those behind it. */
static ar_err read_item(ar_intake *in, bool *out_more)
{
    const ar_scope *scope;

    for (*out_more = true; *out_more;) {
        in->recovers = true;
        if (in->open) AR_TRY(next_item(in, &scope));
        if (in->open && scope != NULL) return ar_row_add(in->row, in->line, scope);
        AR_TRY(next_document(in, out_more));
    }
    return ar_ok();
}

/* ---- records without a tree ---- */

static ar_err read_record(ar_intake *in, bool *out_more)
{
    const ar_field *fields;

    *out_more = true;
    in->recovers = true;
    AR_TRY(ar_ndjson_next(in->records, &fields));
    *out_more = fields != NULL;
    if (fields == NULL) return ar_ok();
    in->line = ar_ndjson_line(in->records);
    return ar_row_add_fields(in->row, in->line, fields);
}

/* Which fields are no columns is learned from the first; a look at each would cost a tree. */
static void look_at_first(ar_intake *in)
{
    const ar_node *first;

    if (ar_documents_next(in->documents, &first).code == AR_OK && first != NULL)
        ar_row_look(in->row, first);
}

static bool has_items(const ar_plan *plan)
{
    const ar_items_text *items = &plan->items;

    return items->n_steps + items->n_where + items->n_lookups + items->n_refuse > 0 ||
           items->partial.len > 0;
}

/* ---- opening ---- */

static ar_err open_documents(ar_intake *in, enum ar_payload format, int fd)
{
    const ar_str *paths;
    size_t n_paths;

    if (format == AR_PAYLOAD_AUTO) format = ar_sniff_format(in->text);
    in->read = read_item;
    AR_TRY(ar_documents_open(in->plan, format, in->text, fd, &in->documents));
    if (format != AR_PAYLOAD_NDJSON || has_items(in->plan)) return ar_ok();
    if (!ar_row_paths(in->row, &paths, &n_paths)) return ar_ok();

    look_at_first(in);
    in->read = read_record;
    AR_TRY(ar_ndjson_new(paths, n_paths, &in->records));
    ar_ndjson_lines(in->records, in->plan->payload, in->text);
    return ar_ok();
}

static ar_err open_payload(ar_intake *in, int fd)
{
    ar_str raw;

    AR_TRY(ar_file_map(fd, in->plan->payload, &in->mapped));
    raw = in->mapped.text;
    if (ar_str_starts(raw, AR_LIT("PAR1")) &&
        (in->plan->format == AR_PAYLOAD_AUTO || in->plan->format == AR_PAYLOAD_PARQUET))
        return open_documents(in, AR_PAYLOAD_PARQUET, fd);
    if (in->plan->format == AR_PAYLOAD_PARQUET)
        return ar_fail(AR_INVALID, "%.*s: it is no Parquet file", AR_FMT(in->plan->payload));
    AR_TRY(ar_sniff_check(in->plan->payload, in->plan->format, raw));
    AR_TRY(ar_utf8_from(in->plan->payload, raw, &in->arena, &in->text));
    AR_TRY(ar_sniff_refuse_page(in->plan->payload, in->text));
    return open_documents(in, in->plan->format, fd);
}

/* ---- the feed ---- */

/* Leaves a row behind that cannot be read, and says so of the first few. */
static ar_err pass_over(ar_intake *in, ar_err err)
{
    if (!in->recovers || in->plan->bad_rows_max == 0) return err;
    in->feed.bad++;
    if (in->feed.bad > in->plan->bad_rows_max)
        return ar_fail(AR_LIMIT, "%.*s: more than %lld rows cannot be read; the first: %.*s",
                       AR_FMT(in->plan->payload), (long long)in->plan->bad_rows_max,
                       AR_FMT(ar_str_cut(ar_buf_str(&in->bad_rows), 0,
                                         ar_str_find(ar_buf_str(&in->bad_rows), '\n'))));
    if (in->feed.bad <= BAD_ROWS_SHOWN)
        ar_buf_addf(&in->bad_rows, "%s%.*s", in->bad_rows.len > 0 ? "\n" : "",
                    AR_FMT(ar_utf8_cut(ar_err_text(err), BAD_ROW_SHOWN)));
    ar_row_drop(in->row);
    return ar_ok();
}

static ar_err next(void *self, const ar_vector **out_columns, size_t *out_rows)
{
    ar_intake *in = self;
    bool more = true;

    ar_batch_clear(&in->batch);
    while (more && !ar_batch_full(&in->batch)) {
        size_t before = in->batch.bytes;
        ar_err err = in->read(in, &more);
        if (err.code != AR_OK) AR_TRY(pass_over(in, err));
        if (in->batch.bytes - before > AR_FEED_ROW_MAX)
            return ar_fail(AR_LIMIT, "%.*s:%lld: a row may hold %d bytes of text",
                           AR_FMT(in->plan->payload), (long long)in->line, AR_FEED_ROW_MAX);
    }
    in->feed.ignored = ar_row_ignored(in->row);
    in->feed.bad_rows = ar_buf_str(&in->bad_rows);
    in->feed.partial = ar_items_partial(in->items);
    *out_columns = in->batch.views;
    *out_rows = in->batch.n_rows;
    return ar_ok();
}

static ar_err make_intake(const ar_plan *plan, ar_intake **out_intake)
{
    ar_own(ar_intake) in = calloc(1, sizeof *in);

    if (in == NULL) abort();
    ar_feed_column *columns = ar_make_n(&in->arena, ar_feed_column, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++)
        columns[i] =
            (ar_feed_column){ .name = plan->columns[i].name, .type = plan->columns[i].type };
    in->plan = plan;
    in->given = ar_make_n(&in->arena, bool, plan->n_columns);
    in->feed = (ar_feed){ .next = next,
                          .self = in,
                          .columns = columns,
                          .n_columns = plan->n_columns,
                          .given = in->given };
    ar_batch_init(&in->batch, columns, plan->n_columns, &in->arena);
    AR_TRY(ar_row_new(plan, &in->batch, in->given, &in->row));
    AR_TRY(ar_items_new(&plan->items, plan->payload, &in->items));
    *out_intake = ar_move(in);
    return ar_ok();
}

ar_err ar_intake_open(const ar_plan *plan, int fd, ar_intake **out_intake)
{
    ar_own(ar_intake) in = NULL;

    AR_TRY(make_intake(plan, &in));
    AR_TRY(open_payload(in, fd));
    *out_intake = ar_move(in);
    return ar_ok();
}

static void read_document(ar_intake *in, const ar_node *document)
{
    in->documents = ar_documents_of(document);
    in->read = read_item;
}

ar_err ar_intake_of(const ar_plan *plan, const ar_node *document, ar_intake **out_intake)
{
    ar_own(ar_intake) in = NULL;

    AR_TRY(make_intake(plan, &in));
    read_document(in, document);
    *out_intake = ar_move(in);
    return ar_ok();
}

ar_err ar_intake_over(const ar_plan *plan, ar_node **items, size_t n_items, ar_intake **out_intake)
{
    ar_own(ar_intake) in = NULL;

    AR_TRY(make_intake(plan, &in));
    ar_node *list = ar_make(&in->arena, ar_node);
    *list = (ar_node){ .kind = AR_NODE_LIST, .items = items, .n = n_items };
    read_document(in, list);
    *out_intake = ar_move(in);
    return ar_ok();
}

const ar_feed *ar_intake_feed(ar_intake *intake)
{
    return &intake->feed;
}

void ar_intake_free(ar_intake **intake)
{
    ar_intake *in = *intake;

    if (in == NULL) return;
    ar_ndjson_free(&in->records);
    ar_items_free(&in->items);
    ar_documents_free(&in->documents);
    ar_row_free(&in->row);
    ar_batch_done(&in->batch);
    ar_buf_done(&in->bad_rows);
    ar_mapped_done(&in->mapped);
    ar_arena_done(&in->arena);
    free(in);
    *intake = NULL;
}
