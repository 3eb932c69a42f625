/* str: text as a view (ar_str) and text that grows (ar_buf). */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view, never an owner; not NUL-terminated; compares by bytes. */
typedef struct ar_str {
    const char *ptr;
    size_t len;
} ar_str;

#define AR_LIT(s) ((ar_str){ .ptr = (s), .len = sizeof(s) - 1 })
/* For "%.*s". Evaluates `s` twice: give it a value or a view, not what is made in an arena. */
#define AR_FMT(s) (int)(s).len, (s).ptr

static inline ar_str ar_str_of(const char *c_string)
{
    return (ar_str){ .ptr = c_string, .len = c_string == NULL ? 0 : strlen(c_string) };
}

static inline bool ar_str_eq(ar_str a, ar_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline char ar_lower(char c) /* ASCII letters only */
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal but for the case of ASCII letters. */
static inline bool ar_str_same(ar_str a, ar_str b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (ar_lower(a.ptr[i]) != ar_lower(b.ptr[i])) return false;
    return true;
}

/* Byte order, shorter first: less than, equal to, greater than 0. */
static inline int ar_str_cmp(ar_str a, ar_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline ar_str ar_str_cut(ar_str text, size_t from, size_t to)
{
    return (ar_str){ .ptr = text.ptr + from, .len = to - from };
}

void ar_str_sort(ar_str *list, size_t n); /* by ar_str_cmp */
/* Two lower-case digits a byte, and a NUL. */
void ar_hex(const unsigned char *bytes, size_t n, char *out_text);

bool ar_str_starts(ar_str text, ar_str prefix);
bool ar_str_ends(ar_str text, ar_str suffix);
/* Index of the first `byte`, or text.len. */
size_t ar_str_find(ar_str text, char byte);
bool ar_str_contains(ar_str text, ar_str part);
/* Without the blanks (space, tab, CR, LF) at both ends. */
ar_str ar_str_trim(ar_str text);
/* The part before the next `byte`; *rest moves past it. False when *rest.ptr is NULL (all taken).
 * "a,,b" gives "a", "", "b"; "" gives one empty part. */
bool ar_str_split(ar_str *rest, char byte, ar_str *out_part);
/* Whole text as a decimal integer; false when it is not one or does not fit. */
bool ar_str_int(ar_str text, int64_t *out_n);
/* Whole text as a finite decimal number; independent of the locale. */
bool ar_str_double(ar_str text, double *out_d);

/* The name nearest to `text` by edit distance, or empty when none is near enough to suggest. */
ar_str ar_str_nearest(ar_str text, const ar_str *names, size_t n);

/* Text that grows. `ptr` is never NULL after the first add and always NUL-terminated. */
typedef struct ar_buf {
    char *ptr;
    size_t len;
    size_t cap;
} ar_buf;

void ar_buf_add(ar_buf *buf, ar_str text);
void ar_buf_addc(ar_buf *buf, char byte);
void ar_buf_addz(ar_buf *buf, const char *c_string);
void ar_buf_addf(ar_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ar_buf_vaddf(ar_buf *buf, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for `len` more bytes; returns where they begin. The caller raises buf->len afterwards. */
char *ar_buf_room(ar_buf *buf, size_t len);
void ar_buf_clear(ar_buf *buf);
void ar_buf_done(ar_buf *buf);

static inline ar_str ar_buf_str(const ar_buf *buf)
{
    return (ar_str){ .ptr = buf->ptr, .len = buf->len };
}
