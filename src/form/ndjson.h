/* ndjson: many JSON records, one after the other, each as the values of a few wanted paths. No tree
 * is built: simdjson reads a record into buffers that are used again for the next. */
#pragma once

#include "base/base.h"

enum {
    AR_RECORD_MAX = 16 << 20, /* bytes of one record */
    AR_RECORD_DEPTH_MAX = 64,
    AR_RECORD_PATHS_MAX = 1000,
};

/* What a record has at a path. */
typedef struct ar_field {
    bool found;     /* false: nothing is there, and the value is NULL */
    bool json;      /* a list or a map: the value is its compact JSON text */
    ar_value value; /* AR_NULL, AR_BOOL, AR_INT, AR_DOUBLE or AR_TEXT */
} ar_field;

typedef struct ar_ndjson ar_ndjson;

/* Paths as in ar_node_at; one may lead to what lies on another's way ("owner" and "owner.id").
 * AR_INVALID: an empty path, one that is there twice. AR_LIMIT. */
ar_err ar_ndjson_new(const ar_str *paths, size_t n, ar_ndjson **out_reader);
void ar_ndjson_free(ar_ndjson **reader);

/* From here on the records of `text`, one a line; empty lines are passed over. `file` is the name
 * for errors. Both must live until the last record is read. */
void ar_ndjson_lines(ar_ndjson *reader, ar_str file, ar_str text);
/* The next record, a field for each path in their order; *out_fields is NULL at the end. Fields and
 * their texts live until the next call. Values are those of ar_json_parse, which also words the
 * errors: AR_INVALID with file:line:column where a record is not well formed, is no object, or has
 * a wanted key twice (others are not looked at); AR_LIMIT. After an error the next call goes on
 * with the line behind it. */
ar_err ar_ndjson_next(ar_ndjson *reader, const ar_field **out_fields);
/* The line that the last record began in, from 1. */
uint32_t ar_ndjson_line(const ar_ndjson *reader);
