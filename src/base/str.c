#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static int by_bytes(const void *a, const void *b)
{
    return ar_str_cmp(*(const ar_str *)a, *(const ar_str *)b);
}

void ar_str_sort(ar_str *list, size_t n)
{
    if (n > 1) qsort(list, n, sizeof *list, by_bytes);
}

void ar_hex(const unsigned char *bytes, size_t n, char *out_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out_text[2 * i] = digits[bytes[i] >> 4];
        out_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    out_text[2 * n] = '\0';
}

bool ar_str_starts(ar_str text, ar_str prefix)
{
    return text.len >= prefix.len && ar_str_eq(ar_str_cut(text, 0, prefix.len), prefix);
}

bool ar_str_ends(ar_str text, ar_str suffix)
{
    return text.len >= suffix.len &&
           ar_str_eq(ar_str_cut(text, text.len - suffix.len, text.len), suffix);
}

size_t ar_str_find(ar_str text, char byte)
{
    const char *at = text.len == 0 ? NULL : memchr(text.ptr, byte, text.len);

    return at == NULL ? text.len : (size_t)(at - text.ptr);
}

bool ar_str_contains(ar_str text, ar_str part)
{
    return part.len == 0 ||
           (text.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

ar_str ar_str_trim(ar_str text)
{
    size_t from = 0, to = text.len;

    while (from < to && is_blank(text.ptr[from])) from++;
    while (to > from && is_blank(text.ptr[to - 1])) to--;
    return ar_str_cut(text, from, to);
}

bool ar_str_split(ar_str *rest, char byte, ar_str *out_part)
{
    if (rest->ptr == NULL) return false;

    size_t end = ar_str_find(*rest, byte);

    *out_part = ar_str_cut(*rest, 0, end);
    *rest = end == rest->len ? (ar_str){ 0 } : ar_str_cut(*rest, end + 1, rest->len);
    return true;
}

bool ar_str_int(ar_str text, int64_t *out_n)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t i = negative || (text.len > 0 && text.ptr[0] == '+');
    int64_t n = 0;

    if (i == text.len) return false;
    for (; i < text.len; i++) {
        int digit = text.ptr[i] - '0';

        if (digit < 0 || digit > 9) return false;
        /* built downwards: the smallest number has no positive twin */
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, digit, &n)) return false;
    }
    if (!negative && __builtin_sub_overflow(0, n, &n)) return false;
    *out_n = n;
    return true;
}

static locale_t c_locale(void)
{
    static locale_t kept;
    locale_t seen = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);

    if (seen != NULL) return seen;

    locale_t fresh = newlocale(LC_ALL_MASK, "C", NULL), none = NULL;

    if (__atomic_compare_exchange_n(&kept, &none, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return fresh;
    freelocale(fresh);
    return none;
}

bool ar_str_double(ar_str text, double *out_d)
{
    char copy[512];
    char *end;

    if (text.len == 0 || text.len >= sizeof copy) return false;
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789+-.eE", text.ptr[i]) == NULL || text.ptr[i] == '\0') return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';

    double d = strtod_l(copy, &end, c_locale());

    if (*end != '\0' || d - d != 0) return false;
    *out_d = d;
    return true;
}

enum { NEAR_MAX = 64 };

static size_t least3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

static size_t edit_distance(ar_str a, ar_str b)
{
    size_t row[NEAR_MAX + 1];

    for (size_t j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            size_t swap = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);

            row[j] = least3(above + 1, row[j - 1] + 1, swap);
            diagonal = above;
        }
    }
    return row[b.len];
}

ar_str ar_str_nearest(ar_str text, const ar_str *names, size_t n)
{
    ar_str best = { 0 };
    size_t least = text.len / 3 + 2; /* one wrong letter in three is still a typing mistake */

    if (text.len == 0 || text.len > NEAR_MAX) return best;
    for (size_t i = 0; i < n; i++) {
        if (names[i].len > NEAR_MAX) continue;

        /* a word of a name is short for it: 'owner' for 'owner_id' */
        bool is_short = ar_str_starts(names[i], text) && names[i].len > text.len &&
                        names[i].ptr[text.len] == '_';
        size_t distance = is_short ? 1 : edit_distance(text, names[i]);

        if (distance < least && distance < names[i].len) {
            least = distance;
            best = names[i];
        }
    }
    return best;
}

char *ar_buf_room(ar_buf *buf, size_t len)
{
    size_t need;

    if (__builtin_add_overflow(buf->len, len, &need) || __builtin_add_overflow(need, 1, &need))
        abort();
    if (need > buf->cap) {
        size_t cap = buf->cap * 2 > need ? buf->cap * 2 : need + 63;

        buf->ptr = realloc(buf->ptr, cap);
        if (buf->ptr == NULL) abort();
        buf->cap = cap;
    }
    buf->ptr[buf->len] = '\0';
    return buf->ptr + buf->len;
}

void ar_buf_add(ar_buf *buf, ar_str text)
{
    char *at = ar_buf_room(buf, text.len);

    if (text.len > 0) memcpy(at, text.ptr, text.len);
    buf->len += text.len;
    buf->ptr[buf->len] = '\0';
}

void ar_buf_addc(ar_buf *buf, char byte)
{
    ar_buf_add(buf, (ar_str){ .ptr = &byte, .len = 1 });
}

void ar_buf_addz(ar_buf *buf, const char *c_string)
{
    ar_buf_add(buf, ar_str_of(c_string));
}

void ar_buf_vaddf(ar_buf *buf, const char *fmt, va_list ap)
{
    va_list again;
    char *at = ar_buf_room(buf, 0);
    size_t room = buf->cap - buf->len;

    va_copy(again, ap);
    int len = vsnprintf(at, room, fmt, again);
    va_end(again);
    if (len < 0) abort();
    if ((size_t)len >= room)
        (void)vsnprintf(ar_buf_room(buf, (size_t)len), (size_t)len + 1, fmt, ap);
    buf->len += (size_t)len;
}

void ar_buf_addf(ar_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(buf, fmt, ap);
    va_end(ap);
}

void ar_buf_clear(ar_buf *buf)
{
    buf->len = 0;
    if (buf->ptr != NULL) buf->ptr[0] = '\0';
}

void ar_buf_done(ar_buf *buf)
{
    free(buf->ptr);
    *buf = (ar_buf){ 0 };
}
