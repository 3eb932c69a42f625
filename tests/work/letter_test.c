#include "work/letter.h"

#include "fetch/mail.h"
#include "t.h"

TEST(a_letter_is_plain_text_with_the_same_id_for_the_same_owner_and_day)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_letter_parts parts = { .from = AR_LIT("aright@example.org"),
                              .to = AR_LIT("kim@example.org"),
                              .owner = AR_LIT("person:kim"),
                              .day = AR_LIT("2026-11-22"),
                              .items = 2,
                              .text = AR_LIT("# Zoë\n"),
                              .now = INT64_C(1795365187) * AR_SECOND };
    ar_str text = ar_letter_write(&parts, &arena);

    T_STR(text, "From: aright <aright@example.org>\r\nTo: <kim@example.org>\r\n"
                "Subject: What is to be done, 2026-11-22: 2 items\r\n"
                "Date: Sun, 22 Nov 2026 16:33:07 +0000\r\n"
                "Message-ID: <8a21e0a00c84191c2f7005ea308be974.digest@example.org>\r\n"
                "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=UTF-8\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nIyBab8OrCg==\r\n");
    parts.now += AR_HOUR;
    T_TRUE(!ar_str_eq(text, ar_letter_write(&parts, &arena))); /* but for its date */
}

TEST(an_address_ends_no_line_and_no_other_address)
{
    static const char *const bad[] = { "",      "kim",         "@host",        "kim@",
                                       "a@b@c", "a b@host",    "a@host\r\nX:", "a@host>,<b@host",
                                       "a,b@c", "k\xc3\xa9@x", "\"a\"@host" };

    T_TRUE(ar_mail_is_address(AR_LIT("kim.lee+x@mail.example.org")));
    for (size_t i = 0; i < AR_COUNT(bad); i++) T_TRUE(!ar_mail_is_address(ar_str_of(bad[i])));
}
