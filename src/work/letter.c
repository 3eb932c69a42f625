#include "work/letter.h"

#include "form/encoding.h"
#include "form/hash.h"

enum { LINE_BYTES = 57, ID_DIGITS = 32 }; /* 57 bytes are a line of 76 (RFC 2045, section 6.8) */

/* "Sun, 22 Nov 2026 16:33:07 +0000" */
static void add_date(ar_buf *out, ar_time now)
{
    static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char text[AR_TIME_LEN];
    int64_t day = now / AR_DAY - (now % AR_DAY < 0), month = 1;

    (void)ar_time_print(ar_time_to_second(now), text);
    (void)ar_str_int((ar_str){ .ptr = text + 5, .len = 2 }, &month);
    ar_buf_addf(out, "%s, %.2s %s %.4s %.8s +0000", days[(day % 7 + 7) % 7], text + 8,
                months[(month - 1) % 12], text, text + 11);
}

static void add_id(ar_buf *out, const ar_letter_parts *p, ar_arena *arena)
{
    ar_str hash =
        ar_sha256(ar_arena_printf(arena, "%.*s\n%.*s", AR_FMT(p->owner), AR_FMT(p->day)), arena);
    size_t at = ar_str_find(p->from, '@');

    ar_buf_addf(out, "<%.*s.digest@%.*s>", ID_DIGITS, hash.ptr,
                AR_FMT(ar_str_cut(p->from, at + 1, p->from.len)));
}

static void add_text(ar_buf *out, ar_str text)
{
    for (size_t at = 0; at < text.len; at += LINE_BYTES) {
        size_t end = at + LINE_BYTES < text.len ? at + LINE_BYTES : text.len;

        ar_base64_add(out, ar_str_cut(text, at, end));
        ar_buf_addz(out, "\r\n");
    }
}

ar_str ar_letter_write(const ar_letter_parts *p, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    ar_buf_addf(&out, "From: aright <%.*s>\r\nTo: <%.*s>\r\n", AR_FMT(p->from), AR_FMT(p->to));
    ar_buf_addf(&out, "Subject: What is to be done, %.*s: %lld item%s\r\nDate: ", AR_FMT(p->day),
                (long long)p->items, p->items == 1 ? "" : "s");
    add_date(&out, p->now);
    ar_buf_addz(&out, "\r\nMessage-ID: ");
    add_id(&out, p, arena);
    ar_buf_addz(&out, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=UTF-8\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\n");
    add_text(&out, p->text);
    return ar_arena_copy(arena, ar_buf_str(&out));
}
