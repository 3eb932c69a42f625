#include "estate/documents.h"

#include "estate/sheet.h"
#include "form/json.h"
#include "form/ndjson.h"
#include "form/yaml.h"

#include <stdlib.h>

enum { NODES_MAX = 20000000 }; /* of a document in JSON or YAML */

struct ar_documents {
    ar_arena arena; /* of the document at hand */
    const ar_plan *plan;
    ar_err (*read)(ar_documents *documents, const ar_node **out_document);
    const ar_node *whole; /* JSON, YAML: the one that is left to be read */
    ar_str rest;          /* NDJSON, pages: the lines that are */
    ar_sheet *sheet;      /* CSV, Parquet */
    int64_t line;
    bool guess;
    bool recovers;
};

static ar_documents *new_documents(const ar_plan *plan,
                                   ar_err (*read)(ar_documents *, const ar_node **))
{
    ar_documents *documents = calloc(1, sizeof *documents);

    if (documents == NULL) abort();
    documents->plan = plan;
    documents->read = read;
    return documents;
}

/* ---- JSON and YAML ---- */

static ar_err read_whole(ar_documents *documents, const ar_node **out_document)
{
    *out_document = ar_move(documents->whole);
    return ar_ok();
}

static ar_err open_whole(const ar_plan *plan, enum ar_payload format, ar_str text,
                         ar_documents **out_documents)
{
    static const ar_form_limits limits = { .bytes_max = AR_DOCUMENT_MAX, .nodes_max = NODES_MAX };
    ar_own(ar_documents) documents = new_documents(plan, read_whole);
    ar_node *whole;

    AR_TRY((format == AR_PAYLOAD_YAML ? ar_yaml_parse : ar_json_parse)(plan->payload, text, &limits,
                                                                       &documents->arena, &whole));
    documents->whole = whole;
    documents->guess = true;
    *out_documents = ar_move(documents);
    return ar_ok();
}

ar_documents *ar_documents_of(const ar_node *document)
{
    ar_documents *documents = new_documents(NULL, read_whole);

    documents->whole = document;
    documents->guess = true;
    return documents;
}

/* ---- NDJSON and pages ---- */

static bool next_line(ar_documents *documents, ar_str *out_line)
{
    while (ar_str_split(&documents->rest, '\n', out_line)) {
        documents->line++;
        *out_line = ar_str_trim(*out_line);
        if (out_line->len > 0) return true;
    }
    return false;
}

/* A page that cannot be read would be a hole in what the source shows. */
static ar_err read_line(ar_documents *documents, const ar_node **out_document)
{
    static const ar_form_limits limits = { .bytes_max = AR_RECORD_MAX };
    ar_node *root = NULL;
    ar_str line;

    ar_arena_done(&documents->arena);
    if (next_line(documents, &line)) {
        documents->recovers = !documents->guess;
        AR_TRY(ar_json_parse_at(documents->plan->payload, (uint32_t)documents->line, 1, line,
                                &limits, &documents->arena, &root));
    }
    *out_document = root;
    return ar_ok();
}

static ar_documents *open_lines(const ar_plan *plan, enum ar_payload format, ar_str text)
{
    ar_documents *documents = new_documents(plan, read_line);

    documents->rest = text;
    documents->guess = format == AR_PAYLOAD_PAGES;
    return documents;
}

/* ---- CSV and Parquet ---- */

static ar_err read_row(ar_documents *documents, const ar_node **out_document)
{
    ar_err err = ar_sheet_next(documents->sheet, out_document);

    documents->line = ar_sheet_line(documents->sheet);
    documents->recovers = ar_sheet_recovers(documents->sheet);
    return err;
}

static ar_documents *open_rows(const ar_plan *plan, ar_sheet *sheet)
{
    ar_documents *documents = new_documents(plan, read_row);

    documents->sheet = sheet;
    return documents;
}

/* ---- any of them ---- */

ar_err ar_documents_open(const ar_plan *plan, enum ar_payload format, ar_str text, int fd,
                         ar_documents **out_documents)
{
    ar_sheet *sheet;

    switch (format) {
    case AR_PAYLOAD_AUTO: break;
    case AR_PAYLOAD_JSON:
    case AR_PAYLOAD_YAML: return open_whole(plan, format, text, out_documents);
    case AR_PAYLOAD_NDJSON:
    case AR_PAYLOAD_PAGES: *out_documents = open_lines(plan, format, text); return ar_ok();
    case AR_PAYLOAD_CSV:
        AR_TRY(ar_sheet_csv(plan, text, &sheet));
        *out_documents = open_rows(plan, sheet);
        return ar_ok();
    case AR_PAYLOAD_PARQUET:
        AR_TRY(ar_sheet_parquet(plan, fd, &sheet));
        *out_documents = open_rows(plan, sheet);
        return ar_ok();
    }
    abort();
}

ar_err ar_documents_next(ar_documents *documents, const ar_node **out_document)
{
    documents->recovers = false;
    return documents->read(documents, out_document);
}

int64_t ar_documents_line(const ar_documents *documents)
{
    return documents->line;
}

bool ar_documents_guess(const ar_documents *documents)
{
    return documents->guess;
}

bool ar_documents_recovers(const ar_documents *documents)
{
    return documents->recovers;
}

void ar_documents_free(ar_documents **documents)
{
    ar_documents *d = *documents;

    if (d == NULL) return;
    ar_sheet_free(&d->sheet);
    ar_arena_done(&d->arena);
    free(d);
    *documents = NULL;
}
