#include "form/markdown.h"

static bool is_of_word(char c)
{
    char low = ar_lower(c);

    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

/* Trackers tell whoever is named behind an '@', unless that stands in a word, as in an address; no
 * escape keeps them from it, but a space that has no width. */
static bool calls_somebody(ar_str text, size_t at)
{
    return text.ptr[at] == '@' && (at == 0 || !is_of_word(text.ptr[at - 1]));
}

void ar_markdown_text(ar_buf *out, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c != '\0' && strchr("\\|`*_<>[]", c) != NULL) ar_buf_addc(out, '\\');
        ar_buf_addc(out, (unsigned char)c < ' ' ? ' ' : c);
        if (calls_somebody(text, i)) ar_buf_addz(out, "\u200b");
    }
}
