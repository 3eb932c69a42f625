/* print: rows as people and programs read them: table, json, ndjson, csv. */
#pragma once

#include "op/reply.h"

enum ar_format { AR_FORMAT_TABLE, AR_FORMAT_JSON, AR_FORMAT_NDJSON, AR_FORMAT_CSV };

enum {
    AR_TABLE_KEPT = 1000, /* rows that decide how wide columns are; later ones follow them */
};

/* AR_INVALID names the formats. */
ar_err ar_format_parse(ar_str text, enum ar_format *out_format);

typedef struct ar_printer {
    enum ar_format format;
    enum ar_shape shape;
    int out;      /* rows */
    int side;     /* notes of the formats for programs, and progress */
    size_t width; /* of the terminal that `out` is; 0: none, nothing is cut */
    bool progress;
    bool document; /* what comes is AR_COLUMN_DOCUMENT */

    bool gone; /* nobody reads any more */
    ar_arena arena;
    ar_column *columns;
    size_t n_columns;
    ar_value **kept; /* the first rows of a table */
    size_t n_kept, cap_kept;
    size_t *widths; /* NULL until they are decided */
    size_t *times;  /* NULL, or how much of the times of each column is shown: lines were wide */
    int64_t rows;
    int64_t total, skip; /* of what is said about the answer; total 0: nobody counted; skip 0,
                            after empty: it is all */
    ar_str after;
    bool progress_shown;
    ar_buf text, notes;
} ar_printer;

void ar_printer_init(ar_printer *printer, enum ar_format format, enum ar_shape shape, int out,
                     int side);
ar_sink ar_printer_sink(ar_printer *printer);
/* Writes what is still held back; also after a failure, so that an array is closed. */
ar_err ar_printer_finish(ar_printer *printer);
void ar_printer_done(ar_printer *printer);

/* Text as it may go to a terminal: control characters, invalid bytes and characters that turn the
 * direction of writing are shown as \n, \x1b, \u202e; with `lines`, newlines and tabs stay. */
void ar_print_safe(ar_buf *out, ar_str text, bool lines);
