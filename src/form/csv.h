/* csv: comma-separated text to fields and back. RFC 4180, and what programs really write: LF or
 * CRLF, a byte order mark, any one-byte separator, quotes in the middle of a bare field. */
#pragma once

#include "base/base.h"

enum {
    AR_CSV_FIELD_MAX = 1 << 20, /* bytes of one field */
    AR_CSV_FIELDS_MAX = 4096,   /* fields of one row */
};

typedef struct ar_csv {
    ar_str file;
    ar_str rest;   /* what is not read yet */
    uint32_t line; /* of the next row, from 1 */
    char separator;
} ar_csv;

/* `text` in UTF-8 (form/utf.h), which the reader views. */
void ar_csv_init(ar_csv *csv, ar_str file, ar_str text, char separator);
/* The next row; *out_n is 0 at the end. An empty line is a row of one empty field. Fields view the
 * text, or `arena` where quotes had to be undone; the array lies in `arena`. AR_INVALID with
 * file:line: an open quote, text behind a closing quote. AR_LIMIT. */
ar_err ar_csv_row(ar_csv *csv, ar_arena *arena, ar_str **out_fields, size_t *out_n);
/* One field for a text separated by commas, quoted where it must be. A field that begins with
 * TAB, CR or LF, or with = + - @ behind any blanks, is a formula to a spreadsheet: it is quoted,
 * and gets a leading apostrophe when `guard` is set. */
void ar_csv_field(ar_buf *out, ar_str field, bool guard);
