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
