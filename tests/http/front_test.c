#include "http/front.h"

#include "t.h"

TEST(addresses_of_this_machine_are_listened_on)
{
    static const char *const good[] = { "127.0.0.1:8640", "127.8.8.8:1", "[::1]:65535" };

    for (size_t i = 0; i < AR_COUNT(good); i++) T_OK(ar_front_check(ar_str_of(good[i])));
}

TEST(what_others_reach_is_refused_with_what_helps)
{
    static const char *const open[] = {
        "0.0.0.0:8640",     "192.0.2.1:80", "[::]:80",
        "[2001:db8::1]:80", "128.0.0.1:80", "[::ffff:127.0.0.1]:80"
    };

    for (size_t i = 0; i < AR_COUNT(open); i++)
        T_FAILS(ar_front_check(ar_str_of(open[i])), AR_DENIED, "ssh -L");
}

TEST(what_is_no_address_is_named)
{
    static const char *const bad[] = { "",
                                       "localhost:80",
                                       "127.0.0.1",
                                       "127.0.0.1:",
                                       "127.0.0.1:0",
                                       "127.0.0.1:65536",
                                       "127.0.0.1:80x",
                                       ":80",
                                       "[::1]",
                                       "[::1:80",
                                       "[]:80",
                                       "::1:80",
                                       "127.0.0.1:-1",
                                       "1.2.3:80" };

    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(ar_front_check(ar_str_of(bad[i])), AR_INVALID, "127.0.0.1:8640");
}
