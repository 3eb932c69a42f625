#include "form/cbor.h"
#include "form/utf.h"

/* RFC 8949, section 3.1: the major type is the upper three bits of the first byte. */
enum major { UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

enum {
    SMALL_MAX = 23, /* numbers that stand in the first byte */
    ONE_BYTE = 24,  /* first of four codes: 1, 2, 4, 8 bytes follow */
    EIGHT_BYTES = 27,
    IS_FALSE = 20,
    IS_TRUE = 21,
    IS_NULL = 22,
    TIME_TAG = 1002,
};

static void add_big_endian(ar_buf *out, uint64_t n, int bytes)
{
    for (int shift = bytes * 8 - 8; shift >= 0; shift -= 8) ar_buf_addc(out, (char)(n >> shift));
}

/* The shortest form: section 4.2.1. */
static void add_head(ar_buf *out, enum major major, uint64_t n)
{
    int code = ONE_BYTE, bytes = 1;

    while (bytes < 8 && n >> (8 * bytes) != 0) {
        code++;
        bytes *= 2;
    }
    if (n <= SMALL_MAX) {
        ar_buf_addc(out, (char)((unsigned)major << 5 | (unsigned)n));
    } else {
        ar_buf_addc(out, (char)((unsigned)major << 5 | (unsigned)code));
        add_big_endian(out, n, bytes);
    }
}

void ar_cbor_array(ar_buf *out, size_t n)
{
    add_head(out, ARRAY, n);
}

void ar_cbor_text(ar_buf *out, ar_str text)
{
    add_head(out, TEXT, text.len);
    ar_buf_add(out, text);
}

void ar_cbor_int(ar_buf *out, int64_t n)
{
    if (n >= 0)
        add_head(out, UINT, (uint64_t)n);
    else
        add_head(out, NEGATIVE, ~(uint64_t)n); /* -1 - n */
}

static void add_double(ar_buf *out, double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof bits);
    ar_buf_addc(out, (char)(SIMPLE << 5 | EIGHT_BYTES));
    add_big_endian(out, bits, 8);
}

void ar_cbor_value(ar_buf *out, ar_value value)
{
    switch (value.type) {
    case AR_NULL: return add_head(out, SIMPLE, IS_NULL);
    case AR_BOOL: return add_head(out, SIMPLE, value.b ? IS_TRUE : IS_FALSE);
    case AR_INT: return ar_cbor_int(out, value.i);
    case AR_DOUBLE: return add_double(out, value.d);
    case AR_TEXT: return ar_cbor_text(out, value.s);
    case AR_TIME: add_head(out, TAG, TIME_TAG); return ar_cbor_int(out, value.i);
    }
}

/* ---- reading ---- */

typedef struct head {
    enum major major;
    unsigned code; /* the lower five bits */
    uint64_t n;
} head;

static ar_err fail_want(const char *want)
{
    return ar_fail(AR_INVALID, "CBOR: want %s", want);
}

static ar_err read_head(ar_str *rest, head *out)
{
    ar_str text = *rest;

    if (text.len == 0) return ar_fail(AR_INVALID, "CBOR: the bytes end where an item should begin");

    unsigned first = (unsigned char)text.ptr[0];
    head h = { .major = (enum major)(first >> 5), .code = first & 31, .n = first & 31 };
    size_t bytes = h.code < ONE_BYTE ? 0 : (size_t)1 << (h.code - ONE_BYTE);

    if (h.code > EIGHT_BYTES) return ar_fail(AR_INVALID, "CBOR: want a definite length");
    if (bytes > text.len - 1) return ar_fail(AR_INVALID, "CBOR: the bytes end inside of a number");
    if (bytes > 0) h.n = 0;
    for (size_t i = 1; i <= bytes; i++) h.n = h.n << 8 | (unsigned char)text.ptr[i];
    *rest = ar_str_cut(text, 1 + bytes, text.len);
    *out = h;
    return ar_ok();
}

static ar_err read_length(ar_str *rest, enum major major, const char *want, size_t *out_n)
{
    ar_str at = *rest;
    head h;

    AR_TRY(read_head(&at, &h));
    if (h.major != major) return fail_want(want);
    if (h.n > at.len)
        return ar_fail(AR_INVALID, "CBOR: %s is longer than the bytes there are", want);
    *rest = at;
    *out_n = (size_t)h.n;
    return ar_ok();
}

ar_err ar_cbor_read_array(ar_str *rest, size_t *out_n)
{
    return read_length(rest, ARRAY, "an array", out_n);
}

ar_err ar_cbor_read_text(ar_str *rest, ar_str *out_text)
{
    ar_str at = *rest;
    size_t n = 0;

    AR_TRY(read_length(&at, TEXT, "a text", &n));

    ar_str text = ar_str_cut(at, 0, n);

    if (ar_utf8_valid(text) < n) return ar_fail(AR_INVALID, "CBOR: a text is not valid UTF-8");
    *rest = ar_str_cut(at, n, at.len);
    *out_text = text;
    return ar_ok();
}

ar_err ar_cbor_read_int(ar_str *rest, int64_t *out_n)
{
    ar_str at = *rest;
    head h;

    AR_TRY(read_head(&at, &h));
    if (h.major > NEGATIVE) return fail_want("an integer");
    if (h.n > INT64_MAX) return ar_fail(AR_INVALID, "CBOR: an integer does not fit 64 bits");
    *rest = at;
    *out_n = h.major == UINT ? (int64_t)h.n : -1 - (int64_t)h.n;
    return ar_ok();
}

static ar_err read_simple(ar_str *rest, ar_value *out_value)
{
    ar_str at = *rest;
    double d;
    head h;

    AR_TRY(read_head(&at, &h));
    memcpy(&d, &h.n, sizeof d);
    if (h.code == EIGHT_BYTES)
        *out_value = ar_double(d);
    else if (h.code == IS_FALSE || h.code == IS_TRUE)
        *out_value = ar_bool(h.code == IS_TRUE);
    else if (h.code == IS_NULL)
        *out_value = ar_null();
    else
        return fail_want("a value");
    *rest = at;
    return ar_ok();
}

static ar_err read_time(ar_str *rest, ar_value *out_value)
{
    ar_str at = *rest;
    head h;
    int64_t time;

    AR_TRY(read_head(&at, &h));
    if (h.n != TIME_TAG) return fail_want("a value");
    AR_TRY(ar_cbor_read_int(&at, &time));
    *rest = at;
    *out_value = ar_at(time);
    return ar_ok();
}

ar_err ar_cbor_read_value(ar_str *rest, ar_value *out_value)
{
    int64_t n;
    ar_str text;

    if (rest->len == 0) return fail_want("a value");
    switch ((enum major)((unsigned char)rest->ptr[0] >> 5)) {
    case UINT:
    case NEGATIVE: AR_TRY(ar_cbor_read_int(rest, &n)); return *out_value = ar_int(n), ar_ok();
    case TEXT: AR_TRY(ar_cbor_read_text(rest, &text)); return *out_value = ar_text(text), ar_ok();
    case TAG: return read_time(rest, out_value);
    case SIMPLE: return read_simple(rest, out_value);
    case BYTES:
    case ARRAY:
    case MAP: break;
    }
    return fail_want("a value");
}
