/* simdjson: the part of that library which ndjson.c needs, as C. Nobody else includes it; it is
 * read by C++ too and therefore knows none of our types. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is wanted from a record, as a tree of steps: those below a step lie side by side. */
typedef struct ar_simd_step {
    const char *name;
    size_t name_len;
    int64_t index;      /* the name as the number of a list item; -1 when it is none */
    uint32_t first, n;  /* the steps below */
    int32_t slot;       /* where the value goes; -1: nowhere, it is only on the way */
    uint64_t last_seen; /* record in which it was met last */
} ar_simd_step;

enum ar_simd_kind {
    AR_SIMD_ABSENT,
    AR_SIMD_NULL,
    AR_SIMD_BOOL,
    AR_SIMD_INT,
    AR_SIMD_DOUBLE,
    AR_SIMD_TEXT,
    AR_SIMD_JSON, /* text.ptr is NULL; from..to is its piece of what was put */
};

typedef struct ar_simd_value {
    enum ar_simd_kind kind;
    union {
        bool b;
        int64_t i;
        double d;
        struct {
            const char *ptr;
            size_t len;
        } text;
        struct {
            size_t from, to;
        } json;
    };
} ar_simd_value;

typedef struct ar_simd ar_simd;

ar_simd *ar_simd_new(size_t depth_max);
void ar_simd_free(ar_simd *simd);
/* Bytes that must be readable behind a text; their values do not matter. */
size_t ar_simd_padding(void);
/* Reads a record into `values`, which are all absent on entry. steps[0] is the record itself. False
 * when simdjson refuses it, when it is no object, or when a wanted key is there twice: the tree
 * reader will find out. Texts live until the next call. Lists and maps are put to `out`. */
bool ar_simd_read(ar_simd *simd, const char *text, size_t len, ar_simd_step *steps,
                  ar_simd_value *values, void *out);

/* ndjson.c writes what was met below a wanted list or map. */
size_t ar_simd_put(void *out, const char *text, size_t len); /* returns the length so far */
void ar_simd_put_text(void *out, const char *text, size_t len);
void ar_simd_put_int(void *out, int64_t i);
void ar_simd_put_double(void *out, double d);

#ifdef __cplusplus
}
#endif
