#include "form/encoding.h"

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

bool ar_base64(ar_str text, ar_arena *arena, ar_str *out_bytes)
{
    size_t len = text.len;
    while (len > 0 && text.len - len < 2 && text.ptr[len - 1] == '=') len--;
    if (len % 4 == 1) return false;

    char *bytes = ar_arena_take(arena, len / 4 * 3 + 3);
    size_t n = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = base64_digit(text.ptr[i]);

        if (digit < 0) return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 != 0) bytes[n++] = (char)(bits >> (6 - i % 4 * 2) & 0xff);
    }
    *out_bytes = (ar_str){ .ptr = bytes, .len = n };
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (ar_lower(c) >= 'a' && ar_lower(c) <= 'f') return ar_lower(c) - 'a' + 10;
    return -1;
}

void ar_base64_add(ar_buf *out, ar_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < bytes.len; at += 3) {
        unsigned char b[3] = { 0 };
        size_t n = bytes.len - at < 3 ? bytes.len - at : 3;

        memcpy(b, bytes.ptr + at, n);
        ar_buf_addc(out, digits[b[0] >> 2]);
        ar_buf_addc(out, digits[(b[0] & 3) << 4 | b[1] >> 4]);
        ar_buf_addc(out, n > 1 ? digits[(b[1] & 15) << 2 | b[2] >> 6] : '=');
        ar_buf_addc(out, n > 2 ? digits[b[2] & 63] : '=');
    }
}

bool ar_percent(ar_str text, ar_arena *arena, ar_str *out_bytes)
{
    char *bytes = ar_arena_take(arena, text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '%') {
            bytes[n++] = text.ptr[i];
            continue;
        }

        int high = text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;

        if (low < 0) return false;
        bytes[n++] = (char)(high * 16 + low);
        i += 2;
    }
    *out_bytes = (ar_str){ .ptr = bytes, .len = n };
    return true;
}
