/* markdown: text from outside in a Markdown document, where it is one line and marks up nothing. */
#pragma once

#include "base/base.h"

void ar_markdown_text(ar_buf *out, ar_str text);
