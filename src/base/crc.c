#include "base/crc.h"

static uint32_t crc_plain(uint32_t crc, const char *bytes, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };

    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc_fast(uint32_t crc, const char *bytes,
                                                           size_t len)
{
    uint64_t wide = crc, eight;

    for (; len >= 8; bytes += 8, len -= 8) {
        memcpy(&eight, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, eight);
    }
    return crc_plain((uint32_t)wide, bytes, len);
}
#endif

uint32_t ar_crc32c(ar_str text)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2")) return ~crc_fast(UINT32_MAX, text.ptr, text.len);
#endif
    return ~crc_plain(UINT32_MAX, text.ptr, text.len);
}
