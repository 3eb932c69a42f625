#include "form/utf.h"
#include "t.h"

TEST(valid_utf8_ends_where_it_breaks)
{
    static const struct {
        ar_str text;
        size_t valid;
    } cases[] = {
        { { "", 0 }, 0 },
        { { "plain ascii text", 16 }, 16 },
        { { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9 }, 9 },
        { { "12345678\xff", 9 }, 8 },
        { { "a\xc3", 2 }, 1 },             /* cut */
        { { "a\xc0\xaf", 3 }, 1 },         /* overlong */
        { { "a\xe0\x80\xaf", 4 }, 1 },     /* overlong */
        { { "a\xf0\x80\x80\xaf", 5 }, 1 }, /* overlong */
        { { "a\xed\xa0\x80", 4 }, 1 },     /* surrogate */
        { { "a\xf4\x90\x80\x80", 5 }, 1 }, /* beyond U+10FFFF */
        { { "\xf4\x8f\xbf\xbf", 4 }, 4 },  /* U+10FFFF */
        { { "a\x80", 2 }, 1 },
        { { "\xee\x80\x80\xed\x9f\xbf", 6 }, 6 }, /* around the surrogates */
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++)
        T_INT(ar_utf8_valid(cases[i].text), cases[i].valid);
}

TEST(every_character_is_written_and_read)
{
    for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
        ar_auto(ar_buf) out = { 0 };
        uint32_t again = 0;

        if (c >= 0xd800 && c <= 0xdfff) continue;
        ar_utf8_add(&out, c);
        T_INT(ar_utf8_next(ar_buf_str(&out), &again), out.len);
        T_INT(again, c);
    }
}

TEST(text_comes_to_utf8_from_where_it_is)
{
    static const struct {
        ar_str text;
        const char *utf8;
    } cases[] = {
        { { "caf\xc3\xa9", 5 }, "caf\xc3\xa9" },
        { { "\xef\xbb\xbfx", 4 }, "x" },
        { { "\xff\xfe"
            "a\0\xac\x20",
            6 },
          "a\xe2\x82\xac" },
        { { "\xfe\xff\0a\x20\xac", 6 }, "a\xe2\x82\xac" },
        { { "\xff\xfe\x3d\xd8\0\xde", 6 }, "\xf0\x9f\x98\x80" },
        { { "i\0d\0,\0", 6 }, "id," },
        { { "\xff\xfe", 2 }, "" },
        { { "", 0 }, "" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_str out = { 0 };

        T_OK(ar_utf8_from(AR_LIT("x"), cases[i].text, &arena, &out));
        T_STR(out, cases[i].utf8);
    }
}

TEST(broken_text_is_refused_with_its_place)
{
    static const struct {
        ar_str text;
        const char *says;
    } bad[] = {
        { { "caf\xe9", 4 }, "x: invalid UTF-8 at byte 3" },
        { { "\xff\xfe"
            "a",
            3 },
          "x: UTF-16 with half a character at its end (byte 2)" },
        { { "\xff\xfe\x3d\xd8"
            "a\0",
            6 },
          "x: half of a UTF-16 pair at byte 2" },
        { { "\xff\xfe\0\xde", 4 }, "x: half of a UTF-16 pair at byte 2" },
        { { "\xff\xfe\x3d\xd8", 4 }, "x: half of a UTF-16 pair at byte 2" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_str out = AR_LIT("old");

        ar_err err = ar_utf8_from(AR_LIT("x"), bad[i].text, &arena, &out);
        if (err.code == AR_OK)
            err = ar_utf8_check(AR_LIT("x"), out);
        else
            T_STR(out, "old");
        T_FAILS(err, AR_INVALID, bad[i].says);
    }
}

TEST(any_bytes_are_put_as_utf8)
{
    static const struct {
        ar_str text;
        const char *put;
    } cases[] = {
        { { "", 0 }, "" },
        { { "caf\xc3\xa9", 5 }, "café" },
        { { "'caf\xc3' is none", 14 }, "'caf\ufffd' is none" }, /* cut */
        { { "\xff\xfe.csv", 6 }, "\ufffd\ufffd.csv" },          /* the name of a file */
        { { "a\xe2\x82", 3 }, "a\ufffd\ufffd" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };

        ar_utf8_put(&out, cases[i].text);
        T_STR(ar_buf_str(&out), cases[i].put);
    }
}

TEST(a_text_is_cut_between_characters)
{
    T_STR(ar_utf8_cut(AR_LIT("café"), 5), "café");
    T_STR(ar_utf8_cut(AR_LIT("café"), 4), "caf");
    T_STR(ar_utf8_cut(AR_LIT("café"), 3), "caf");
    T_STR(ar_utf8_cut(AR_LIT("€"), 2), "");
    T_STR(ar_utf8_cut((ar_str){ 0 }, 2), "");
}

TEST(width_is_in_columns_of_a_terminal)
{
    T_INT(ar_utf8_width(AR_LIT("caf\xc3\xa9")), 4);
    T_INT(ar_utf8_width(AR_LIT("cafe\xcc\x81")), 4);             /* combining acute */
    T_INT(ar_utf8_width(AR_LIT("\xe6\x97\xa5\xe6\x9c\xac")), 4); /* two kanji */
    T_INT(ar_utf8_width(AR_LIT("\xf0\x9f\x98\x80")), 2);         /* an emoji */
    T_INT(ar_utf8_width(AR_LIT("a\xe2\x80\x8d"
                               "b")),
          2); /* zero width joiner */
    T_INT(ar_utf8_width(AR_LIT("a\xff"
                               "b")),
          3);
    T_INT(ar_utf8_width((ar_str){ 0 }), 0);
}
