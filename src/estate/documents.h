/* documents: a payload of any format as the trees in it, one after the other: what JSON and YAML
 * are as a whole, each line of NDJSON and of pages, each row of CSV and Parquet. */
#pragma once

#include "estate/plan.h"

enum {
    AR_DOCUMENT_MAX = 1 << 28, /* bytes of one in JSON or YAML, or of a text in UTF-16 */
};

typedef struct ar_documents ar_documents;

/* `format` is not AR_PAYLOAD_AUTO; `text` is the payload in UTF-8, or `fd` the file for Parquet.
 * All must live as long as the documents.
 *   AR_INVALID  not the format (JSON, YAML), no header to go by (estate/sheet.h); AR_LIMIT */
ar_err ar_documents_open(const ar_plan *plan, enum ar_payload format, ar_str text, int fd,
                         ar_documents **out_documents);
/* The one document that is in memory already. */
ar_documents *ar_documents_of(const ar_node *document);
void ar_documents_free(ar_documents **documents);

/* The next document, NULL at the end; it lives until the next call. */
ar_err ar_documents_next(ar_documents *documents, const ar_node **out_document);
/* The line that the last one stands in; 0 where it has many, and its nodes know theirs. */
int64_t ar_documents_line(const ar_documents *documents);
/* Whether items are to be looked for in each (ar_items_begin). */
bool ar_documents_guess(const ar_documents *documents);
/* After an error of ar_documents_next: whether the next call goes on behind that document. */
bool ar_documents_recovers(const ar_documents *documents);
