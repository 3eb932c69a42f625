/* value: one typed fact, and columns of them. The types are those of a kind's columns. */
#pragma once

#include "base/time.h"

enum ar_type {
    AR_NULL, /* the type of the NULL literal; never a column's */
    AR_BOOL,
    AR_INT,
    AR_DOUBLE,
    AR_TEXT,
    AR_TIME,
};

typedef struct ar_value {
    enum ar_type type; /* AR_NULL: no value */
    union {
        bool b;
        int64_t i; /* AR_INT, and AR_TIME in microseconds */
        double d;
        ar_str s;
    };
} ar_value;

const char *ar_type_name(enum ar_type type); /* "bool", "int", "double", "text", "time", "null" */
bool ar_type_parse(ar_str name, enum ar_type *out_type);

static inline ar_value ar_null(void)
{
    return (ar_value){ .type = AR_NULL };
}
static inline ar_value ar_bool(bool b)
{
    return (ar_value){ .type = AR_BOOL, .b = b };
}
static inline ar_value ar_int(int64_t i)
{
    return (ar_value){ .type = AR_INT, .i = i };
}
static inline ar_value ar_double(double d)
{
    return (ar_value){ .type = AR_DOUBLE, .d = d };
}
static inline ar_value ar_text(ar_str s)
{
    return (ar_value){ .type = AR_TEXT, .s = s };
}
static inline ar_value ar_textz(const char *s)
{
    return ar_text(ar_str_of(s));
}
/* NULL when it is empty */
static inline ar_value ar_text_or_null(ar_str s)
{
    return s.len == 0 ? ar_null() : ar_text(s);
}
static inline ar_value ar_at(ar_time t)
{
    return (ar_value){ .type = AR_TIME, .i = t };
}

bool ar_value_eq(ar_value a, ar_value b); /* NULL equals NULL; doubles by value, NaN equals NaN */
ar_value ar_value_copy(ar_arena *arena, ar_value value);
/* As people read it: true, 42, 0.5 (shortest that reads back), RFC 3339, text as is; NULL adds
 * nothing. */
void ar_value_print(ar_buf *out, ar_value value);
/* Reads text as `type`. "" is NULL. AR_INVALID names the text and the type. */
ar_err ar_value_parse(ar_str text, enum ar_type type, ar_value *out_value);

/* A column of a batch, as the engine hands it over and the evaluator reads it. Bit i of `valid`
 * says whether row i has a value; NULL means all have. Data of a row without value is undefined. */
typedef struct ar_vector {
    enum ar_type type;
    const uint64_t *valid;
    union {
        const void *data;
        const bool *b;
        const int64_t *i; /* AR_INT, AR_TIME */
        const double *d;
        const ar_str *s;
    };
} ar_vector;

static inline bool ar_vector_has(const ar_vector *v, size_t row)
{
    return v->valid == NULL || (v->valid[row / 64] >> (row % 64) & 1) != 0;
}

/* What a row of it holds; a text is a view. */
ar_value ar_vector_value(const ar_vector *v, size_t row);

/* A column being written: `rows` elements of data and (rows + 63) / 64 words of valid, all set on
 * entry. Text written must outlive the call that fills the column. */
typedef struct ar_vector_out {
    enum ar_type type;
    uint64_t *valid;
    union {
        void *data;
        bool *b;
        int64_t *i;
        double *d;
        ar_str *s;
    };
} ar_vector_out;

static inline void ar_vector_clear(ar_vector_out *v, size_t row)
{
    v->valid[row / 64] &= ~(UINT64_C(1) << (row % 64));
}
