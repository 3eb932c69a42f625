#include "base/siphash.h"

#include "t.h"

/* The key and texts of appendix A of the paper: bytes that rise from 0. What they come to is what
 * `openssl mac -macopt size:16 SIPHASH` says. */
static ar_siphash rising(size_t len)
{
    static const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    char bytes[64];

    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)i;
    return ar_siphash_text(key, (ar_str){ bytes, len });
}

TEST(it_is_the_hash_of_the_paper)
{
    static const struct {
        size_t len;
        uint64_t high, low;
    } known[] = {
        { 0, UINT64_C(0x930255c71472f66d), UINT64_C(0xe6a825ba047f81a3) },
        { 1, UINT64_C(0x45fc229b11597634), UINT64_C(0x44af996bd8c187da) },
        { 7, UINT64_C(0x3982f01fa64ab8c0), UINT64_C(0x53c1dbd8beebf1a1) },
        { 8, UINT64_C(0xb49714f364e2830f), UINT64_C(0x61f55862baa9623b) },
        { 15, UINT64_C(0xd9c3cf970fec087e), UINT64_C(0x11a8b03399e99354) },
        { 16, UINT64_C(0x77052385bf1533fd), UINT64_C(0xbb54b067caa4e26e) },
        { 31, UINT64_C(0x353dc4524fde2317), UINT64_C(0xfcfa233218b03929) },
    };

    for (size_t i = 0; i < AR_COUNT(known); i++) {
        T_TRUE(rising(known[i].len).high == known[i].high);
        T_TRUE(rising(known[i].len).low == known[i].low);
    }
}

TEST(where_a_text_ends_counts)
{
    static const uint64_t key[2] = { 1, 2 };
    const ar_str one[] = { AR_LIT("ab"), AR_LIT("c") }, other[] = { AR_LIT("a"), AR_LIT("bc") };

    T_TRUE(ar_siphash_of(key, one, 2).low != ar_siphash_of(key, other, 2).low);
    T_TRUE(ar_siphash_of(key, one, 2).low == ar_siphash_text(key, (ar_str){ "ab\0c", 5 }).low);
}
