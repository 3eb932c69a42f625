#include "base/base.h"
#include "t.h"

TEST(splitting_keeps_empty_parts_and_ends)
{
    ar_str rest = AR_LIT("a,,b"), part;
    const char *want[] = { "a", "", "b" };

    for (size_t i = 0; i < AR_COUNT(want); i++) {
        T_TRUE(ar_str_split(&rest, ',', &part));
        T_STR(part, want[i]);
    }
    T_TRUE(!ar_str_split(&rest, ',', &part));
}

TEST(texts_are_sorted_by_bytes_and_bytes_are_printed_as_digits)
{
    ar_str list[] = { AR_LIT("b"), AR_LIT("\xc3\xa9"), AR_LIT(""), AR_LIT("ab"), AR_LIT("B") };
    const char *want[] = { "", "B", "ab", "b", "\xc3\xa9" };
    char text[7] = "??????";

    ar_str_sort(list, AR_COUNT(list));
    for (size_t i = 0; i < AR_COUNT(want); i++) T_STR(list[i], want[i]);
    ar_str_sort(NULL, 0);
    ar_hex((const unsigned char[]){ 0x00, 0xa7, 0xff }, 3, text);
    T_STR(ar_str_of(text), "00a7ff");
}

TEST(integers_are_read_to_their_last_value_and_not_beyond)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t n;
    } cases[] = {
        { "0", true, 0 },
        { "-1", true, -1 },
        { "+7", true, 7 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "-9223372036854775809", false, 0 },
        { "", false, 0 },
        { "-", false, 0 },
        { "1 ", false, 0 },
        { "0x1", false, 0 },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        int64_t n = 42;

        T_TRUE(ar_str_int(ar_str_of(cases[i].text), &n) == cases[i].fits);
        T_INT(n, cases[i].fits ? cases[i].n : 42);
    }
}

TEST(doubles_are_finite_decimal_numbers)
{
    double d = 0;

    T_TRUE(ar_str_double(AR_LIT("-1.5e3"), &d) && d == -1500);
    T_TRUE(!ar_str_double(AR_LIT("nan"), &d));
    T_TRUE(!ar_str_double(AR_LIT("inf"), &d));
    T_TRUE(!ar_str_double(AR_LIT("1e999"), &d));
    T_TRUE(!ar_str_double(AR_LIT("1.5x"), &d));
    T_TRUE(!ar_str_double(AR_LIT(""), &d));
}

TEST(the_case_of_ascii_letters_and_of_no_others_can_be_passed_over)
{
    ar_auto(ar_arena) arena = { 0 };

    T_TRUE(ar_str_same(AR_LIT("PermitRootLogin"), AR_LIT("permitrootlogin")));
    T_TRUE(!ar_str_same(AR_LIT("a"), AR_LIT("ab")));
    T_TRUE(!ar_str_same(AR_LIT("@"), AR_LIT("`"))); /* 32 apart as A and a are */
    T_TRUE(!ar_str_same(AR_LIT("["), AR_LIT("{")));
    T_TRUE(!ar_str_same(AR_LIT("\xc3\x84"), AR_LIT("\xc3\xa4")));
    T_STR(ar_arena_lower(&arena, AR_LIT("@AZ[\xc3\x84")), "@az[\xc3\x84");
}

TEST(the_nearest_name_is_suggested_only_when_it_is_near)
{
    const ar_str names[] = { AR_LIT("owner_id"), AR_LIT("env"), AR_LIT("last_sign_in_at") };

    T_STR(ar_str_nearest(AR_LIT("ownr_id"), names, 3), "owner_id");
    T_STR(ar_str_nearest(AR_LIT("last_signin_at"), names, 3), "last_sign_in_at");
    T_STR(ar_str_nearest(AR_LIT("colour"), names, 3), "");
    T_STR(ar_str_nearest(AR_LIT("owner"), names, 3), "owner_id"); /* a word of the name */
    T_STR(ar_str_nearest(AR_LIT("own"), names, 3), "");
    T_STR(ar_str_nearest(AR_LIT("x"), names, 3), "");
}

TEST(a_buffer_is_always_terminated)
{
    ar_auto(ar_buf) buf = { 0 };

    ar_buf_addf(&buf, "%d-%s", 7, "seven");
    ar_buf_addc(&buf, '!');
    T_STR(ar_buf_str(&buf), "7-seven!");
    T_TRUE(buf.ptr[buf.len] == '\0');
    ar_buf_clear(&buf);
    T_STR(ar_buf_str(&buf), "");
}

TEST(a_format_of_any_length_is_added_whole)
{
    char text[300];

    memset(text, 'x', sizeof text);
    for (int n = 0; n < (int)sizeof text; n++) {
        ar_auto(ar_buf) buf = { 0 };

        ar_buf_addf(&buf, "a%.*s", n, text);
        ar_buf_addf(&buf, "%.*sb", n, text);
        T_TRUE(buf.len == 2 * (size_t)n + 2 && strlen(buf.ptr) == buf.len);
        T_TRUE(buf.ptr[0] == 'a' && buf.ptr[buf.len - 1] == 'b');
    }
}
