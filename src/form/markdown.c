#include "form/markdown.h"

void ar_markdown_text(ar_buf *out, ar_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c != '\0' && strchr("\\|`*_<>[]", c) != NULL) ar_buf_addc(out, '\\');
        ar_buf_addc(out, (unsigned char)c < ' ' ? ' ' : c);
    }
}
