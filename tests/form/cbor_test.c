#include "form/cbor.h"
#include "t.h"

static void add_hex(ar_buf *out, const ar_buf *bytes)
{
    for (size_t i = 0; i < bytes->len; i++) ar_buf_addf(out, "%02x", (unsigned char)bytes->ptr[i]);
}

/* RFC 8949, appendix A. */
TEST(values_have_the_bytes_of_the_standard)
{
    static const struct {
        ar_value value;
        const char *hex;
    } cases[] = {
        { { .type = AR_INT, .i = 0 }, "00" },
        { { .type = AR_INT, .i = 23 }, "17" },
        { { .type = AR_INT, .i = 24 }, "1818" },
        { { .type = AR_INT, .i = 1000 }, "1903e8" },
        { { .type = AR_INT, .i = 1000000 }, "1a000f4240" },
        { { .type = AR_INT, .i = 1000000000000 }, "1b000000e8d4a51000" },
        { { .type = AR_INT, .i = -1 }, "20" },
        { { .type = AR_INT, .i = -1000 }, "3903e7" },
        { { .type = AR_INT, .i = INT64_MIN }, "3b7fffffffffffffff" },
        { { .type = AR_DOUBLE, .d = 1.1 }, "fb3ff199999999999a" },
        { { .type = AR_BOOL, .b = false }, "f4" },
        { { .type = AR_BOOL, .b = true }, "f5" },
        { { .type = AR_NULL }, "f6" },
        { { .type = AR_TEXT, .s = { "\xe6\xb0\xb4", 3 } }, "63e6b0b4" },
        { { .type = AR_TEXT, .s = { NULL, 0 } }, "60" },
        { { .type = AR_TIME, .i = 1 }, "d903ea01" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 }, hex = { 0 };

        ar_cbor_value(&out, cases[i].value);
        add_hex(&hex, &out);
        T_STR(ar_buf_str(&hex), cases[i].hex);

        ar_str rest = ar_buf_str(&out);
        ar_value again = { 0 };

        T_OK(ar_cbor_read_value(&rest, &again));
        T_TRUE(ar_value_eq(again, cases[i].value));
        T_INT(rest.len, 0);
    }
}

TEST(an_array_reads_back)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str rest;
    size_t n = 0;
    int64_t i = 0;

    ar_cbor_array(&out, 300);
    for (int k = 0; k < 300; k++) ar_cbor_int(&out, k);

    rest = ar_buf_str(&out);
    T_OK(ar_cbor_read_array(&rest, &n));
    T_INT(n, 300);
    for (int k = 0; k < 300; k++) {
        T_OK(ar_cbor_read_int(&rest, &i));
        T_INT(i, k);
    }
    T_INT(rest.len, 0);
}

TEST(what_is_refused_leaves_the_rest_where_it_was)
{
    static const struct {
        ar_str bytes;
        const char *says;
    } bad[] = {
        { { "", 0 }, "want a value" },
        { { "\x19\x03", 2 }, "the bytes end inside of a number" },
        { { "\x1b\x80\0\0\0\0\0\0\0", 9 }, "does not fit 64 bits" },
        { { "\x3b\x80\0\0\0\0\0\0\0", 9 }, "does not fit 64 bits" },
        { { "\x63xy", 3 }, "a text is longer than the bytes there are" },
        { { "\x7b\xff\xff\xff\xff\xff\xff\xff\xff", 9 }, "a text is longer" },
        { { "\x62\xc0\xaf", 3 }, "not valid UTF-8" },
        { { "\x7f\x61x\xff", 4 }, "want a definite length" },
        { { "\x1c", 1 }, "want a definite length" },
        { { "\xf9\x3c\0", 3 }, "want a value" },
        { { "\x41x", 2 }, "want a value" },
        { { "\xc0\x61x", 3 }, "want a value" },
        { { "\xd9\x03\xea\x61x", 5 }, "want an integer" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_str rest = bad[i].bytes;
        ar_value v = ar_int(7);

        T_FAILS(ar_cbor_read_value(&rest, &v), AR_INVALID, bad[i].says);
        T_TRUE(rest.ptr == bad[i].bytes.ptr && rest.len == bad[i].bytes.len && v.i == 7);
    }
}

TEST(a_length_never_promises_more_than_there_is)
{
    ar_str list = AR_LIT("\x9b\x00\x00\x00\x00\xff\xff\xff\xff");
    size_t n = 7;

    T_FAILS(ar_cbor_read_array(&list, &n), AR_INVALID, "an array is longer");
    T_INT(n, 7);
}
