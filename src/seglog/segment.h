/* segment: one file of a seglog, as bytes. Of this folder alone. */
#pragma once

#include "base/base.h"

enum {
    AR_SEGMENT_HEAD = 32,        /* bytes of a file's head */
    AR_SEGMENT_RECORD_HEAD = 24, /* of a record's */
    AR_SEGMENT_NAME_LEN = 20 + 4,
};

typedef struct ar_segment_head {
    int64_t first; /* number of its first record */
    int64_t after; /* of the last file's last record plus one; 0: there was none */
} ar_segment_head;

typedef struct ar_segment_record {
    int64_t number;
    int64_t durable; /* all bytes of the file before this were, when the record was written */
    ar_str bytes;
    size_t size; /* in the file, with head and padding */
} ar_segment_record;

void ar_segment_head_add(ar_buf *out, ar_segment_head head);
bool ar_segment_head_read(ar_str file, ar_segment_head *out_head);
/* Bytes that a record of that length takes. */
size_t ar_segment_record_size(size_t len);
void ar_segment_record_add(ar_buf *out, int64_t number, int64_t durable, ar_str bytes);
/* The record at the front of `text`, which it views; false: none is whole there. */
bool ar_segment_record_read(ar_str text, ar_segment_record *out_record);

/* "00000000000000000012.log" */
ar_str ar_segment_name(int64_t first, ar_arena *arena);
/* The names of the folder's segments, in order. A folder that is missing has none. */
ar_err ar_segment_list(const char *folder, ar_arena *arena, ar_str **out_names, size_t *out_n);
int64_t ar_segment_first(ar_str name);
