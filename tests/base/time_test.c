#include "t.h"
#include "base/base.h"

TEST(what_is_printed_reads_back)
{
    t_random r = { 7 };

    for (int i = 0; i < 20000; i++) {
        uint64_t range = (uint64_t)(AR_TIME_MAX - AR_TIME_MIN);
        ar_time time = AR_TIME_MIN + (ar_time)(t_next(&r) % range), again = 0;
        char text[AR_TIME_LEN];

        T_OK(ar_time_parse(ar_str_of(ar_time_print(time, text)), &again));
        T_INT(again, time);
    }
}

TEST(people_read_the_second_that_has_begun)
{
    T_INT(ar_time_to_second(3 * AR_SECOND), 3 * AR_SECOND);
    T_INT(ar_time_to_second(4 * AR_SECOND - 1), 3 * AR_SECOND);
    T_INT(ar_time_to_second(-1), -AR_SECOND);
    T_INT(ar_time_to_second(-AR_SECOND), -AR_SECOND);
}

TEST(instants_in_every_accepted_form)
{
    static const struct {
        const char *text, *utc;
    } cases[] = {
        { "2026-11-21", "2026-11-21T00:00:00Z" },
        { "2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500000Z" },
        { "2026-11-21 09:30", "2026-11-21T09:30:00Z" },
        { "2026-11-21T09:30:00+02:00", "2026-11-21T07:30:00Z" },
        { "2026-11-21T09:30:00.123456789-0530", "2026-11-21T15:00:00.123456Z" },
        { "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
        { "0001-01-01", "0001-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        char text[AR_TIME_LEN];
        ar_time time = 0;

        T_OK(ar_time_parse(ar_str_of(cases[i].text), &time));
        T_STR(ar_str_of(ar_time_print(time, text)), cases[i].utc);
    }
}

TEST(what_is_no_instant_is_refused)
{
    static const char *const bad[] = { "",
                                       "yesterday",
                                       "2026-13-01",
                                       "2026-02-29",
                                       "0000-01-01",
                                       "2026-11-21T",
                                       "2026-11-21T24:00:00Z",
                                       "2026-11-21T09:30:00+",
                                       "10000-01-01",
                                       "2026-11-21x" };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_time time = 7;

        T_FAILS(ar_time_parse(ar_str_of(bad[i]), &time), AR_INVALID, "is not a time (want");
        T_INT(time, 7);
    }
}

TEST(lengths_count_from_now)
{
    ar_time now = 0, then = 0;

    T_OK(ar_time_parse(AR_LIT("2026-03-01"), &now));
    T_OK(ar_time_parse_from(AR_LIT("-1d"), now, &then));
    T_INT(now - then, AR_DAY);
    T_OK(ar_time_parse_from(AR_LIT("+90m"), now, &then));
    T_INT(then - now, 90 * AR_MINUTE);
    T_FAILS(ar_time_parse_from(AR_LIT("-9999999999d"), now, &then), AR_INVALID, "");
    T_FAILS(ar_time_parse_from(AR_LIT("soon"), now, &then), AR_INVALID, "length from now");
}
