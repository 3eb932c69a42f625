#include "base/crc.h"

#include "t.h"

TEST(the_sum_is_that_of_rfc_3720)
{
    char zeros[32] = { 0 }, rising[32];

    for (size_t i = 0; i < sizeof rising; i++) rising[i] = (char)i;
    T_INT(ar_crc32c(AR_LIT("123456789")), 0xe3069283);
    T_INT(ar_crc32c((ar_str){ zeros, 32 }), 0x8a9136aa);
    T_INT(ar_crc32c((ar_str){ rising, 32 }), 0x46dd794e);
    T_INT(ar_crc32c((ar_str){ rising, 0 }), 0);
}
